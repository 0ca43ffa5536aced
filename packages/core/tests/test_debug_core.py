"""`autodiff.debug` looks into programs of Python's numbers; and nothing of it stays when nobody looks any more."""

import asyncio
import inspect
import json
import math
import re
import threading
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

import autodiff
from autodiff import checkpoint, deriv, derivatives, errors, grad, hessian, make_vjp, vmap
from autodiff.debug import debug_nans, draw_graph, print_trace, profile, saved_residuals, trace_of
from autodiff.debug.layout import lay_out
from autodiff.debug.watching import Watcher, is_watched, watching
from autodiff.extend import Box, Trace, defvjp, elementwise, load_plugins, primitive, register_rules
from autodiff.reverse import ReverseTrace

inverse = primitive(lambda x: 1 / x if x else math.inf)
register_rules([elementwise(inverse, lambda y, x: -y * y)])


@primitive
def cube(x):
    return x * x * x


defvjp(cube, lambda y, x: lambda g: 3.0 * x * x * g)


class Pair(NamedTuple):
    left: float
    right: float


def here(fun, offset=0):
    """Return the place of a line of a function of this file, as it is shown."""
    return f"test_debug_core.py:{fun.__code__.co_firstlineno + offset} in {fun.__name__}"


def methods():
    """Return what watching replaces, and everything else that an operation goes through."""
    kinds, found = [Trace], {}
    while kinds:
        kind = kinds.pop()
        kinds += [sub for sub in kind.__subclasses__() if not is_watched(sub)]
        found |= {(kind, name): value for name, value in vars(kind).items() if inspect.isfunction(value)}
    return found


# Nothing stays -------------------------------------------------------------------------------------------------------


def test_nothing_is_there_when_nobody_looks():
    load_plugins()
    before = methods()
    with debug_nans(), profile(), watching(Watcher()):
        assert methods() != before
        grad(lambda x: x * x)(1.0)
    with pytest.raises(ZeroDivisionError), profile():
        grad(lambda x: x / 0.0)(1.0)
    saved_residuals(cube)(1.0)
    trace_of(cube)(1.0)
    after = methods()
    assert after.keys() == before.keys()
    assert all(after[key] is before[key] for key in before)
    assert type(ReverseTrace()) is ReverseTrace
    assert type(ReverseTrace().tape) is list


def test_importing_autodiff_does_not_import_the_tools(python):
    done = python("-c", "import sys, autodiff, autodiff.extend; assert 'autodiff.debug' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_only_those_who_asked_are_watched():
    found = []

    def other():
        found.append(type(ReverseTrace()))
        found.append(grad(lambda x: x * inverse(x))(0.0))  # NaN

    with debug_nans(), profile() as measured:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found[0] is ReverseTrace
    assert math.isnan(found[1])
    assert measured.costs() == []


def test_threads_may_look_at_the_same_time():
    before, counts = methods(), []

    def look():
        for _ in range(20):
            with profile() as measured, debug_nans():
                grad(rosenbrock)(0.5, 2.0)
            counts.append(sum(row.calls for row in measured.costs()))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [7] * 80
    assert methods() == before


def test_tasks_do_not_see_one_another():
    async def looking(ready, go):
        with profile() as measured:
            ready.set()
            await go.wait()
            grad(cube)(2.0)
        return len(measured.costs())

    async def others(ready, go):
        await ready.wait()
        grad(lambda x: x + x)(2.0)
        go.set()

    async def both():
        ready, go = asyncio.Event(), asyncio.Event()
        return (await asyncio.gather(looking(ready, go), others(ready, go)))[0]

    assert asyncio.run(both()) == 1


def test_values_are_the_same_when_somebody_looks():
    def program(x, y):
        pair = Pair(x * y, cube(x) + y)
        return pair.left * pair.right + checkpoint(lambda a: a * cube(a))(y)

    transforms = [
        lambda f: grad(f, (0, 1)), grad, deriv, hessian, lambda f: grad(grad(f), 1), lambda f: deriv(grad(f)),
        lambda f: grad(deriv(f)), lambda f: derivatives(lambda x: f(x, 2.0), 3),
        lambda f: make_vjp(f)(1.5, 2.0)[0](3.0),
    ]  # fmt: skip
    for transform in transforms:
        run = transform(program)
        if callable(run):
            calls = len(inspect.signature(run).parameters)
            args = (1.5, 2.0)[:calls] if calls else (1.5, 2.0)
            expected = run(*args)
            with debug_nans(infs=True), profile():
                assert run(*args) == expected


class Counting(Trace):
    """A tracer of a user's: it has no slots."""

    def process(self, primitive, args, kwargs):
        self.count = getattr(self, "count", 0) + 1
        values = [arg.value if isinstance(arg, Box) and arg.owner is self else arg for arg in args]
        return self.box(primitive.call(*values, **kwargs), None)


def test_tracers_of_users_are_watched():
    with profile() as measured:
        trace = Counting()
        x = trace.box(2.0, None)
        x * x + 1.0
    assert trace.count == 2
    assert isinstance(trace, Counting)
    assert [row.calls for row in measured.costs()] == [1, 1]


# Listings ------------------------------------------------------------------------------------------------------------


def rosenbrock(x, y):
    a = 1.0 - x
    b = y - x * x
    return a * a + 100.0 * b * b


def test_a_listing():
    text = str(trace_of(rosenbrock)(0.5, 2.0))
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    assert lines == [
        "rosenbrock(%0, %1):",
        "0: x -> float",
        "1: y -> float",
        "2: sub 1.0, %0 -> float",
        "3: mul %0, %0 -> float",
        "4: sub %1, %3 -> float",
        "5: mul %2, %2 -> float",
        "6: mul 100.0, %4 -> float",
        "7: mul %6, %4 -> float",
        "8: add %5, %7 -> float",
        "return %8",
    ]
    assert text.splitlines()[4].endswith(f"# {here(rosenbrock, 2)}")


def test_print_trace_prints_and_returns(capsys):
    assert print_trace(rosenbrock)(0.5, 2.0) == rosenbrock(0.5, 2.0)
    assert capsys.readouterr().out == f"{trace_of(rosenbrock)(0.5, 2.0)}\n"
    assert grad(print_trace(lambda x: x * x))(3.0) == 6.0
    assert "mul %0, %0 -> float" in capsys.readouterr().out


def test_names_of_arguments_in_containers_and_of_outputs():
    def program(params, *rest, scale):
        return {"sum": params["b"] + params["a"][1] * scale, "kept": params["a"][0], "count": 3}, Pair(rest[1], 0.0)

    listing = trace_of(program)({"b": 1.0, "a": [2.0, 3.0]}, 4.0, 5.0, scale=6.0)
    names = [name for _, name, _ in listing.inputs]
    assert names == ["params['a'][0]", "params['a'][1]", "params['b']", "rest[0]", "rest[1]", "scale"]
    assert listing.outputs == "({'sum': %7, 'kept': %0, 'count': 3}, Pair(%4, 0.0))"
    assert listing.returned == (7, 0, 4) or sorted(listing.returned) == [0, 4, 7]


def test_what_is_no_number_is_not_followed():
    listing = trace_of(lambda x, n, name: x * n if name == "double" else x)(2.0, 2, "double")
    assert [e.operands for e in listing.equations] == [("%0", "2")]
    assert listing.inputs == ((0, "x", "float"),)
    assert trace_of(lambda: 3.0)().outputs == "3.0"
    assert trace_of(math.prod)([2.0, 3.0]).inputs[1][1].endswith("[1]")  # a builtin


def test_the_listing_of_a_gradient_names_the_operations_whose_derivatives_it_computes():
    listing = trace_of(grad(rosenbrock, (0, 1)))(0.5, 2.0)
    forward = [e for e in listing.equations if not e.stage]
    backward = [e for e in listing.equations if e.stage]
    assert len(forward) == 7
    assert {e.stage for e in backward} == {"derivative of mul", "derivative of sub", "sum of cotangents"}
    products = [e for e in backward if e.stage == "derivative of mul"]
    assert {str(e.place) for e in products} == {here(rosenbrock, 2), here(rosenbrock, 3)}
    assert "derivative of mul" in str(listing)
    twice = trace_of(grad(grad(cube)))(2.0)
    assert {e.stage for e in twice.equations} >= {
        "",
        "derivative of cube",
        "derivative of mul in the derivative of cube",
    }


def test_listings_nest_with_transforms():
    listings = []

    def looked(x):
        listings.append(trace_of(lambda y: y * x * y)(x))
        return x * x

    assert grad(looked)(3.0) == 6.0
    assert [e.name for e in listings[0].equations] == ["mul", "mul"]
    assert [e.name for e in trace_of(deriv(cube))(2.0).equations].count("cube") == 1
    assert "checkpoint(cube)" in str(trace_of(grad(checkpoint(cube)))(2.0))


def test_a_value_that_was_kept_cannot_be_used_later():
    kept = []
    trace_of(lambda x: kept.append(x) or x)(2.0)
    assert isinstance(kept[0], Box)
    with pytest.raises(errors.EscapedBoxError, match="looked into"):
        kept[0] * 2.0
    with pytest.raises(errors.InputError, match="takes a function"):
        trace_of(3.0)


def test_branches_are_those_that_were_taken():
    program = lambda x: x * 2.0 if x > 0 else x
    assert [e.name for e in trace_of(program)(1.0).equations] == ["gt", "mul"]
    assert [e.name for e in trace_of(program)(-1.0).equations] == ["gt"]


# Pictures ------------------------------------------------------------------------------------------------------------


def test_svg():
    text = draw_graph(grad(rosenbrock), format="svg")(0.5, 2.0)
    assert text._repr_svg_() == text
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    listing = trace_of(grad(rosenbrock))(0.5, 2.0)
    nodes = len(listing.inputs) + len(listing.equations) + 1
    assert len(root.findall(f".//{space}rect")) == nodes
    edges = sum(len(e.sources) for e in listing.equations) + len(listing.returned)
    assert len(root.findall(f"{space}path")) == 2 * edges  # each with its arrow
    assert "max-width: 100%" in root.attrib["style"]
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    for rect in root.iter(f"{space}rect"):
        x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        assert -10 <= x <= x + w <= width
        assert -10 <= y <= y + h <= height
    titles = [title.text for title in root.iter(f"{space}title")]
    assert any("b = y - x * x" in title for title in titles)


def test_letters_that_mean_something_in_a_format():
    def program(x, text):
        return x * {'<&>"\\': x}[text]

    ElementTree.fromstring(draw_graph(lambda p: p['<&>"\\'] * 2.0, format="svg")({'<&>"\\': 2.0}))
    dot = draw_graph(lambda p: p['"\\'] * 2.0, format="dot")({'"\\': 2.0})
    assert re.search(r'0 \[label="0: p\[\'\\"\\\\\\\\\'\]\\nfloat"', dot)


def test_what_draw_graph_refuses():
    def loop(x):
        for _ in range(500):
            x = x * x
        return x

    with pytest.raises(errors.InputError, match="502 operations and arguments"):
        draw_graph(loop, format="svg")(1.0)
    assert draw_graph(loop, format="dot")(1.0).count("->") == 1001
    with pytest.raises(errors.InputError, match="'matplotlib', 'svg', 'dot', not 'png'"):
        draw_graph(loop, format="png")


def test_layouts_have_no_overlaps_and_edges_point_down():
    edges = [(0, 3), (1, 3), (3, 4), (0, 4), (2, 5), (4, 5), (3, 6), (5, 6), (1, 6)]
    sizes = [(60.0 + 20 * i, 30.0) for i in range(7)]
    layout = lay_out(sizes, edges)
    boxes = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), (w, h) in zip(layout.centres, sizes, strict=True)]
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert -1e-9 <= left <= right <= layout.width + 1e-9
        assert -1e-9 <= top <= bottom <= layout.height + 1e-9
        for other_left, other_top, other_right, other_bottom in boxes[:i]:
            apart = right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top
            assert apart
    for route in layout.routes:
        heights = [y for _, y in route]
        assert heights == sorted(heights)
    assert lay_out([], []).width == 0.0


def test_crossings_are_avoided():
    # Two chains side by side, given in an order that crosses them.
    layout = lay_out([(10.0, 10.0)] * 6, [(0, 3), (1, 2), (2, 5), (3, 4)])
    x = [x for x, _ in layout.centres]
    assert (x[0] < x[1]) == (x[3] < x[2]) == (x[4] < x[5])


# NaN -----------------------------------------------------------------------------------------------------------------


def in_the_function(x):
    y = inverse(x)
    return y - y


def in_the_derivative(x):
    y = inverse(x)
    return 0.0 * x + (0.0 if y > 1e300 else y) * x + stopped(y) * 0.0


def stopped(y):
    return autodiff.stop_gradient(0.0 if y > 1e300 else y)


def power_rule(x):
    y = half_power(x)
    return y * 0.0


half_power = primitive(math.sqrt)
register_rules([elementwise(half_power, lambda y, x: 0.5 * inverse(y))])


def message(fun, *args, infs=False):
    with pytest.raises(errors.NonFiniteError) as caught, debug_nans(infs=infs):
        fun(*args)
    return str(caught.value)


@pytest.mark.parametrize("transform", [grad, deriv, lambda f: grad(grad(f))])
def test_nan_in_the_function(transform):
    text = message(transform(in_the_function), 0.0)
    assert text.startswith("operator.sub made NaN of numbers without NaN")
    assert f"at {here(in_the_function, 2)}: `return y - y`" in text
    assert "Operands: float inf, float inf." in text
    assert ("Operands, tangents: float -inf" in text) == (transform is deriv)
    text = message(transform(in_the_function), 0.0, infs=True)
    assert "made an infinity of finite numbers" in text
    assert here(in_the_function, 1) in text


def test_nan_in_the_backward_pass_is_at_the_line_of_the_function():
    text = message(grad(power_rule), 0.0)
    assert text.startswith("the derivative of math.sqrt, in the backward pass, made NaN of numbers without NaN")
    assert f"at {here(power_rule, 1)}: `y = half_power(x)`. Operands: float" in text
    assert "Cotangent: float 0." in text


def test_nan_in_forward_mode():
    text = message(deriv(lambda x: half_power(x) * 1.0), 0.0, infs=True)
    assert text.startswith("the derivative of math.sqrt, in forward mode, made an infinity of finite numbers")
    assert "test_debug_core.py" in text
    assert message(lambda: autodiff.derivatives(lambda x: inverse(x) * x, 2)(0.0)).startswith("operator.mul made NaN")


def test_nan_in_a_derivative_of_a_derivative():
    text = message(grad(grad(power_rule)), 0.0, infs=True)
    assert "in the derivative of math.sqrt" in text
    assert f", for {here(power_rule, 1)}" in text  # beside the line of the rule
    text = message(deriv(grad(power_rule)), 0.0, infs=True)
    assert here(power_rule, 1) in text


def test_nan_in_a_checkpoint_and_in_a_rule_of_the_user():
    assert here(power_rule, 1) in message(grad(checkpoint(power_rule)), 0.0)
    broken = primitive(lambda x: x)
    defvjp(broken, lambda y, x: lambda g: g * math.nan)
    assert "in the backward pass, made NaN" in message(grad(lambda x: broken(x) * 2.0), 1.0)


def test_cotangents_that_add_up_to_nan():
    twice = lambda x: half_power(x) - half_power(x)
    assert message(grad(twice), 0.0).startswith("the cotangents of an argument add up to NaN")
    between = lambda x: twice(x * 1.0)
    text = message(grad(between), 0.0)
    assert text.startswith("the cotangents of the result of operator.mul add up to NaN")
    assert "test_debug_core.py" in text
    assert "infs=True" in text


def test_nan_that_was_there_is_no_error():
    with debug_nans(infs=True):
        assert math.isnan(grad(lambda x: x * math.nan)(1.0))
        assert math.isnan(grad(lambda x: x * x)(math.nan))
        assert grad(lambda x: x * math.inf)(1.0) == math.inf
        assert math.isnan(make_vjp(lambda x: x * 2.0)(1.0)[0](math.nan))
    with debug_nans():
        assert grad(half_power)(0.0) == math.inf


def test_a_vjp_that_was_made_before_is_looked_at_too():
    vjp, _ = make_vjp(power_rule)(0.0)
    text = message(vjp, 1.0)
    assert "made NaN" in text
    assert "began before the block" in text
    assert math.isnan(vjp(1.0))
    with debug_nans():
        vjp, _ = make_vjp(power_rule)(0.0)
    assert math.isnan(vjp(1.0))  # the block is over
    assert here(power_rule, 1) in message(vjp, 1.0)  # another one; the line is known from the first


def test_the_decorator_looks_at_plain_calls():
    @debug_nans()
    def looked(x, *, scale=1.0):
        return in_the_function(x * scale)

    assert looked(2.0) == 0.0
    assert looked.__name__ == "debug_nans_of_looked"
    assert grad(looked)(2.0) == 0.0
    with pytest.raises(errors.NonFiniteError, match=re.escape(here(in_the_function, 2))):
        looked(0.0, scale=3.0)
    assert type(ReverseTrace()) is ReverseTrace


def test_blocks_nest_and_can_be_entered_again():
    looking = debug_nans()
    with looking:
        with looking:
            pass
        with pytest.raises(errors.NonFiniteError):
            grad(in_the_function)(0.0)
        with debug_nans(infs=True), pytest.raises(errors.NonFiniteError, match="an infinity"):
            grad(in_the_function)(0.0)
    assert math.isnan(grad(in_the_function)(0.0))


# Residuals -----------------------------------------------------------------------------------------------------------


def test_saved_residuals():
    saved = saved_residuals(rosenbrock, (0, 1))(0.5, 2.0)
    kept = {(str(line.place), line.name): line.bytes for line in saved.lines}
    assert kept == {
        (here(rosenbrock, 3), "mul"): 32,  # a, 100.0 and b, 100.0 * b
    }
    assert (saved.total, saved.arguments) == (32, 8)
    text = str(saved).splitlines()
    assert re.fullmatch(r"line +operation +times +kept +memory", text[0])
    assert text[-2].split() == ["in", "all", "3", "32", "B"]
    assert text[-1] == "besides 8 B of arguments"
    assert saved_residuals(lambda x: x + x)(1.0).total == 0


def test_saved_residuals_of_checkpoints_closures_and_gradients():
    def chain(x):
        for _ in range(10):
            x = cube(x)
        return x

    plain, less = saved_residuals(chain)(1.01), saved_residuals(checkpoint(chain))(1.01)
    assert plain.total == 72  # of ten arguments of `cube`, the first is that of `chain`
    assert less.total < plain.total
    assert saved_residuals(grad(chain))(1.01).total > plain.total


# Profiles ------------------------------------------------------------------------------------------------------------


def test_a_profile():
    with profile() as measured:
        grad(rosenbrock)(0.5, 2.0)
    rows = {row.name: row for row in measured.costs()}
    assert {name: (row.calls, row.pulls) for name, row in rows.items()} == {
        "operator.sub": (2, 2), "operator.mul": (4, 4), "operator.add": (1, 1),
    }  # fmt: skip
    assert rows["operator.mul"].bytes == 32
    assert all(row.forward > 0 < row.backward and row.total == row.forward + row.backward for row in rows.values())
    assert sum(row.total for row in rows.values()) < measured.seconds
    lines = {row.name: row.calls for row in measured.costs(by="line")}
    assert lines == {here(rosenbrock, 1): 1, here(rosenbrock, 2): 2, here(rosenbrock, 3): 4}


def test_the_table_of_a_profile():
    with profile() as measured:
        grad(rosenbrock)(0.5, 2.0)
    assert str(measured).splitlines()[0].split()[:2] == ["primitive", "calls"]
    by_name = [line.split()[0] for line in measured.table(sort="name").splitlines()[2:]]
    assert by_name == ["operator.add", "operator.mul", "operator.sub", "everything"]
    assert measured.table("line", sort="calls").splitlines()[2].startswith(here(rosenbrock, 3))
    for wrong in ({"by": "module"}, {"sort": "time"}):
        with pytest.raises(errors.InputError, match=next(iter(wrong.values()))):
            measured.table(**wrong)


def test_an_operation_counts_once_however_many_traces_see_it():
    for transform in (grad, deriv, lambda f: grad(grad(f)), lambda f: grad(deriv(f))):
        with profile() as measured:
            transform(lambda x: cube(x))(2.0)
        name = next(row.name for row in measured.costs() if row.name.endswith("cube"))
        assert {row.name: row.calls for row in measured.costs()}[name] == 1


def test_profiles_nest_and_outlive_exceptions():
    with profile() as outer:
        with pytest.raises(ZeroDivisionError), profile() as inner:
            grad(lambda x: (x * x) / 0.0)(1.0)
        grad(lambda x: x + 1.0)(1.0)
    assert [row.name for row in inner.costs()] == ["operator.mul", "operator.truediv"]
    assert [row.name for row in outer.costs()] == ["operator.mul", "operator.truediv", "operator.add"]
    assert inner.seconds > 0


def test_the_timeline_of_a_profile(tmp_path):
    with profile() as measured:
        grad(grad(rosenbrock))(0.5, 2.0)
    measured.export_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    assert {event["cat"] for event in events} == {"forward", "backward", "pass"}
    assert {event["ph"] for event in events} == {"X"}
    assert all(event["dur"] >= 0 <= event["ts"] for event in events)
    lines = {event["args"]["line"] for event in events if event["cat"] == "forward"}
    assert here(rosenbrock, 2) in lines
    # Events are within one another or apart, as the lanes of a timeline require.
    spans = sorted((event["ts"], -event["dur"]) for event in events)
    open_ends = []
    for start, minus in spans:
        while open_ends and open_ends[-1] <= start:
            open_ends.pop()
        assert not open_ends or start - minus <= open_ends[-1] + 1e-3
        open_ends.append(start - minus)


def test_vmap_without_arrays_is_refused_or_looked_at():
    with profile() as measured, pytest.raises(errors.AutodiffError):
        vmap(lambda x: x * x)("text")
    assert measured.costs() == []
