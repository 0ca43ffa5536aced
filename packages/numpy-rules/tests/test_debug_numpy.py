"""`autodiff.debug` looks into NumPy programs: arrays, loops, batches, containers, assignment, rules of users."""

import json
import re
import sys
import tracemalloc

import numpy as np
import pytest

import autodiff_numpy as anp
from autodiff import (
    checkpoint,
    deriv,
    elementwise_grad,
    errors,
    fixed_point,
    grad,
    hessian,
    hessian_vector_product,
    jacobian,
    jet,
    make_jvp,
    make_vjp,
    value_and_grad,
    vmap,
)
from autodiff.debug import debug_nans, draw_graph, profile, saved_residuals, trace_of
from autodiff.extend import defvjp, primitive

X = np.array([0.0, 1.0, 4.0])
MODEL = {"b": np.arange(3.0), "w": np.ones((4, 3)) / 8}
INPUTS = np.linspace(-1, 1, 8).reshape(2, 4)


def here(fun, offset=0):
    """Return the place of a line of a function of this file, as it is shown."""
    return f"test_debug_numpy.py:{fun.__code__.co_firstlineno + offset} in {fun.__name__}"


def loss(model, x):
    h = np.tanh(x @ model["w"] + model["b"])
    for _ in range(2):
        h = np.where(h > 0.1, h * h, 2.0)
    return np.sum(h[1:, 0]) + np.max(h)


def assigning(x):
    y = anp.zeros(4)
    y[1:] = np.exp(x)
    y[0] += y[1]
    return np.sum(y * y)


@primitive
def logsumexp(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


defvjp(logsumexp, lambda y, x: lambda g: g * np.exp(x - y))

matrix = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, 0.2], [0.1, 0.2, 1.0]])

PROGRAMS = {
    "loss": lambda: value_and_grad(loss)(MODEL, INPUTS),
    "assigning": lambda: grad(assigning)(X),
    "jacobian": lambda: jacobian(lambda x: np.cumsum(np.sin(x)) * x[0])(X),
    "jacobian forward": lambda: jacobian(lambda x: np.cumsum(np.sin(x)) * x[0], mode="forward")(X),
    "hessian": lambda: hessian(lambda x: np.prod(np.sin(x + 1)))(X),
    "hessian_vector_product": lambda: hessian_vector_product(lambda x: np.sum(x**3))(X, X),
    "third": lambda: elementwise_grad(elementwise_grad(elementwise_grad(np.tanh)))(X),
    "vmap": lambda: vmap(grad(lambda x: np.sum(x) * np.max(x)))(np.outer(X, X)),
    "grad of vmap": lambda: grad(lambda x: np.sum(vmap(np.sin)(x)))(X),
    "jvp": lambda: make_jvp(lambda x: np.linalg.solve(matrix, x))(X)(X),
    "jet": lambda: jet(lambda x: np.exp(x) * x, (X,), ([X, X],)),
    "eigh": lambda: grad(lambda m: np.sum(np.linalg.eigh(m)[0] ** 2) + np.linalg.eigh(m)[1][0, 0])(matrix),
    "checkpoint": lambda: grad(checkpoint(loss))(MODEL, INPUTS),
    "complex": lambda: grad(lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2))(X),
    "user": lambda: (grad(logsumexp)(X), make_jvp(logsumexp)(X)(X)),
    "entries": lambda: grad(lambda x: sum(x[i] * x[i + 1] for i in range(2)))(X),
    "fixed point": lambda: grad(lambda a: np.sum(fixed_point(lambda y, a: 0.5 * np.cos(y) + a, X, a)))(X),
    "list": lambda: grad(lambda x: np.sum(anp.array([x[0], x[1] * 2])))(X),
    "float32": lambda: grad(lambda x: np.sum(np.exp(x)))(X.astype(np.float32)),
    "empty": lambda: grad(lambda x: np.sum(np.exp(x)))(X[:0]),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_changes_when_somebody_looks(name):
    expected = PROGRAMS[name]()
    with debug_nans(infs=True), profile() as measured:
        found = PROGRAMS[name]()
    assert repr(found) == repr(expected)
    assert measured.costs()
    assert all(row.name.startswith("test_debug_numpy.py") for row in measured.costs(by="line"))
    trace_of(lambda x: PROGRAMS[name]())(X)  # a program that does not depend on the argument


# Listings and pictures -----------------------------------------------------------------------------------------------


def test_a_listing_shows_shapes_masks_and_lines():
    listing = trace_of(loss)(MODEL, INPUTS)
    assert [(name, kind) for _, name, kind in listing.inputs] == [
        ("model['b']", "float64(3,)"), ("model['w']", "float64(4, 3)"), ("x", "float64(2, 4)"),
    ]  # fmt: skip
    lines = [line.split("#")[0].rstrip() for line in str(listing).splitlines()[4:]]
    assert lines == [
        " 3: matmul %2, %1 -> float64(2, 3)",
        " 4: add %3, %0 -> float64(2, 3)",
        " 5: tanh %4 -> float64(2, 3)",
        " 6: gt %5, 0.1 -> bool(2, 3)",
        " 7: mul %5, %5 -> float64(2, 3)",
        " 8: where %6, %7, 2.0 -> float64(2, 3)",
        " 9: gt %8, 0.1 -> bool(2, 3)",
        "10: mul %8, %8 -> float64(2, 3)",
        "11: where %9, %10, 2.0 -> float64(2, 3)",
        "12: getitem %11, (1:, 0) -> float64(1,)",
        "13: sum %12 -> float64()",
        "14: max %11 -> float64()",
        "15: add %13, %14 -> float64()",
        "return %15",
    ]
    assert str(listing.equations[5].place) == here(loss, 3)
    assert listing.equations[5].sources == (6, 7)


def test_listings_of_several_results_keywords_and_constants():
    def program(x):
        values, vectors = np.linalg.eigh(x)
        return np.sum(vectors * np.arange(9.0).reshape(3, 3), axis=0, keepdims=True), np.stack([values, values])

    lines = [f"{e.name} {', '.join(e.operands)} -> {', '.join(e.types)}" for e in trace_of(program)(matrix).equations]
    assert lines == [
        "eigh %0 -> float64(3,), float64(3, 3)",
        "mul %2, float64(3, 3) -> float64(3, 3)",
        "sum %3, axis=0, keepdims=True -> float64(1, 3)",
        "stack [%1, %1] -> float64(2, 3)",
    ]
    listing = trace_of(assigning)(X)
    assert "assigned" in {e.name for e in listing.equations}
    assert here(assigning, 2) in {str(e.place) for e in listing.equations}


def test_the_listing_of_a_gradient_is_a_program_that_computes_it():
    listing = trace_of(grad(lambda x: np.sum(np.sin(x) * x)))(X)
    known = {"sin": np.sin, "cos": np.cos, "mul": np.multiply, "multiply": np.multiply, "sum": np.sum, "add": np.add}
    values = {0: X + 1}
    for e in listing.equations:
        operands = [values[int(text[1:])] if text.startswith("%") else np.ones(3) for text in e.operands]
        values[e.results[0]] = known[e.name](*operands)
    assert np.allclose(values[listing.returned[0]], np.cos(X + 1) * (X + 1) + np.sin(X + 1))


@pytest.mark.parametrize(
    "program",
    [
        lambda: trace_of(vmap(lambda x: np.sum(np.sin(x))))(matrix),
        lambda: trace_of(lambda x: vmap(lambda row: np.sum(np.sin(row) * x[0, 0]))(x))(matrix),
        lambda: trace_of(jacobian(np.sin))(X),
        lambda: trace_of(hessian(logsumexp))(X),
        lambda: trace_of(make_jvp(np.sin))(X),
        lambda: trace_of(grad(checkpoint(assigning)))(X),
        lambda: vmap(lambda x: trace_of(np.sin)(x).equations and x)(X),
        lambda: grad(lambda x: np.sum(x) * len(trace_of(np.sin)(x).equations))(X),
    ],
)
def test_listings_of_everything_else(program):
    assert str(program())


def test_pictures_by_matplotlib(tmp_path):
    pytest.importorskip("matplotlib")
    pyplot = sys.modules.get("matplotlib.pyplot")
    figure = draw_graph(grad(loss))(MODEL, INPUTS)
    assert sys.modules.get("matplotlib.pyplot") is pyplot  # no window, no state
    figure.savefig(tmp_path / "graph.png")
    assert (tmp_path / "graph.png").stat().st_size > 10_000
    texts = [text.get_text() for text in figure.axes[0].texts]
    listing = trace_of(grad(loss))(MODEL, INPUTS)
    assert len([text for text in texts if re.match(r"\d+(, \d+)*: ", text)]) == len(listing.equations) + 3
    assert "derivative of tanh" in texts
    figure.canvas.draw()
    inside = figure.axes[0].get_window_extent()
    for text in figure.axes[0].texts:
        box = text.get_window_extent()
        assert inside.x0 <= box.x0 < box.x1 <= inside.x1


# NaN -----------------------------------------------------------------------------------------------------------------


def norm(x):
    return np.sum(np.sqrt(x) * np.array([0.0, 1.0, 1.0]))


def guarded(x):
    return np.sum(np.where(x > 0, np.log(x), 0.0))


def message(fun, *args, infs=False):
    with np.errstate(all="ignore"), pytest.raises(errors.NonFiniteError) as caught, debug_nans(infs=infs):
        fun(*args)
    return str(caught.value)


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: grad(checkpoint(f))])
def test_nan_in_the_backward_pass(transform):
    text = message(transform(norm), X)
    assert text.startswith("the derivative of numpy.sqrt, in the backward pass, made NaN")
    assert here(norm, 1) in text
    assert "return np.sum(np.sqrt(x)" in text


def test_the_message_shows_shapes_and_ranges():
    text = message(grad(norm), X)
    assert "Operands: float64(3,)." in text
    assert "Cotangent: float64(3,) from 0 to 1." in text
    assert "Kept of operands and result: float64(3,) from 0 to 2." in text
    assert "with 1 NaN" in text
    text = message(grad(lambda x: np.sum(np.log(x - 1))), X)
    assert "numpy.log made NaN" in text
    assert "Operands: float64(3,) from -1 to 3." in text
    text = message(grad(lambda x: np.sum(np.abs(np.log(x - 1) + 1j * x))), X + 1, infs=True)
    assert "numpy.log made an infinity of finite numbers" in text


def test_a_branch_that_is_not_used():
    text = message(grad(guarded), X)
    assert "the derivative of numpy.log, in the backward pass" in text or "numpy.log made" in text
    assert here(guarded, 1) in text
    assert "not only after it" in text
    with debug_nans(infs=True):
        grad(lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1)), 0.0)))(X)


@pytest.mark.parametrize(
    "run",
    [
        lambda: deriv(lambda t: norm(t * X))(1.0),
        lambda: jacobian(norm, mode="forward")(X),
        lambda: hessian(norm)(X),
        lambda: hessian_vector_product(norm)(X, X),
        lambda: jet(norm, (X,), ([X + 1, X],)),
    ],
)
def test_nan_in_forward_mode(run):
    text = message(run, infs=True)
    assert text.startswith("the derivative of numpy.sqrt, in forward mode, made ")
    assert here(norm, 1) in text
    assert "Operands, tangents: float64" in text


def test_nan_in_a_batch_and_in_containers():
    text = message(vmap(lambda x: np.log(x - 1)), X)
    assert "numpy.log made NaN" in text
    text = message(vmap(grad(norm)), np.stack([X, X]))
    assert "in the derivative of numpy.sqrt, made NaN" in text
    assert here(norm, 1) in text
    text = message(jacobian(lambda x: np.sqrt(x) * np.array([0.0, 1.0, 1.0]) * x[1], mode="reverse"), X)
    assert "the derivative of numpy.sqrt, in the backward pass" in text
    text = message(grad(lambda p: np.sum(p["a"][0] / p["a"][0] * p["b"])), {"a": (X, 1.0), "b": 2.0})
    assert "operator.truediv made NaN" in text
    assert message(grad(lambda x: np.linalg.eigh(x)[1][0, 0]), np.eye(3)).startswith("the derivative of numpy.linalg")


def test_nan_of_entries_and_assignments():
    by_entry = lambda x: anp.sqrt(x[0]) * 0.0 + x[1]
    assert "numpy.sqrt, in the backward pass" in message(grad(by_entry), X)

    def filled(x):
        y = anp.zeros(3)
        y[:] = x
        return np.sum(np.sqrt(y) * np.array([0.0, 1.0, 1.0]))

    assert here(filled, 3) in message(grad(filled), X)


def test_messages_about_masks_and_choices():
    chosen = lambda x: np.sum(np.where(np.array([True, False, True]), np.log(x), np.take(x, np.array([0, 1, 2]))))
    assert "Operands: float64(3,) from -1 to 3." in message(lambda x: grad(chosen)(x - 1), X)
    scaled = lambda x: np.sum(x * np.array([1, 0, 1]) / np.array([1, 0, 1]))
    text = message(grad(scaled), X)
    assert "operator.truediv made NaN" in text


def test_gaps_in_the_data_are_no_error():
    data = np.array([1.0, np.nan, 3.0])
    with debug_nans(infs=True):
        assert np.isnan(grad(lambda a: np.nansum(a * data))(2.0))
        assert np.isnan(grad(lambda x: np.nanmean(x * data))(X)[1])
        with np.errstate(all="ignore"), pytest.raises(errors.NonFiniteError):
            grad(lambda a: np.nansum(a * data) + np.log(a - 2.0))(2.0)


def test_integers_texts_and_objects_have_no_nan():
    with debug_nans(infs=True):
        grad(lambda x: np.sum(np.where(np.array([True, False, True]), x, 0) * np.array(["a"], object).size))(X)
        assert grad(lambda x, how: np.sum(np.take(x, np.array([2, 0]))) if how == "some" else x)(X, "some")[2] == 1.0


@debug_nans()
def decorated(x):
    return np.log(x)


def test_the_decorator_follows_arrays():
    assert np.all(decorated(X + 1) == np.log(X + 1))
    with np.errstate(all="ignore"), pytest.raises(errors.NonFiniteError, match=here(decorated.__wrapped__, 2)):
        decorated(-1 - X)


# Residuals -----------------------------------------------------------------------------------------------------------


def layers(weights, x):
    for w in weights:
        x = np.tanh(x @ w)
    return np.mean((x - 0.5) ** 2)


def test_saved_residuals_are_what_memory_says():
    weights, x = [np.full((120, 120), 0.01)] * 4, np.ones((90, 120))
    saved = saved_residuals(layers)(weights, x)
    kept = {(str(line.place), line.name): (line.count, line.types, line.bytes) for line in saved.lines}
    array = 90 * 120 * 8
    assert kept[here(layers, 2), "tanh"] == (4, ["float64(90, 120)"] * 4, 4 * array)
    assert saved.arguments == weights[0].nbytes + x.nbytes
    make_vjp(layers)(weights, x)
    tracemalloc.start()
    try:
        vjp, _ = make_vjp(layers)(weights, x)
        measured = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    del vjp  # it had to live until here, and the tape with it
    assert 0.9 * saved.total < measured < 1.1 * saved.total + 40_000
    text = str(saved)
    assert "4 x float64(90, 120)" in text
    assert f"besides {(weights[0].nbytes + x.nbytes) / 1000:.3g} kB of arguments" in text


def test_saved_residuals_of_views_closures_and_rules_of_users():
    saved = saved_residuals(lambda x: np.sum(np.exp(x)[:2] ** 2))(np.ones(1000))
    assert saved.total == 8000  # the square keeps a view of what the exponential keeps
    saved = saved_residuals(logsumexp)(np.ones(1000))
    assert saved.arguments == 8000
    assert saved.total in (0, 8)  # the result, a number

    @primitive
    def scaled(x):
        return x * 3.0

    def with_an_array(y, x):
        big = np.full(5000, 3.0)
        return lambda g: g * np.mean(big)

    defvjp(scaled, with_an_array)
    assert saved_residuals(scaled)(2.0).total >= 40_000
    less = saved_residuals(checkpoint(lambda x: np.sum(np.exp(np.exp(x)))))(np.ones(100_000))
    assert less.total < 100
    assert less.arguments == 800_000


# Profiles ------------------------------------------------------------------------------------------------------------


def test_a_profile_of_a_network(tmp_path):
    weights, x = [np.full((120, 120), 0.01)] * 4, np.ones((90, 120))
    with profile() as measured:
        grad(layers)(weights, x)
    rows = {row.name: row for row in measured.costs()}
    assert {name: (row.calls, row.pulls) for name, row in rows.items()} == {
        "numpy.matmul": (4, 4), "numpy.tanh": (4, 4), "operator.sub": (1, 1), "numpy.mean": (1, 1),
        next(name for name in rows if "power" in name): (1, 1),
    }  # fmt: skip
    assert rows["numpy.tanh"].bytes == 4 * 90 * 120 * 8
    lines = {row.name: row for row in measured.costs(by="line")}
    assert lines[here(layers, 2)].calls == 8
    assert "346 kB" in measured.table()
    measured.export_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    assert sum(event["cat"] == "backward" for event in events) == 11
    assert next(event for event in events if event["name"] == "numpy.tanh")["args"]["result"] == "float64(90, 120)"


def test_a_profile_of_nested_differentiations():
    with profile() as measured:
        hessian(lambda x: np.sum(np.sin(x) ** 2))(X)
        grad(lambda x: np.sum(grad(lambda y: np.sum(np.sin(y)))(x)))(X)
    calls = {row.name: row.calls for row in measured.costs()}
    assert calls["numpy.sin"] >= 2
    assert sum(row.total for row in measured.costs()) <= measured.seconds
    assert all(row.forward >= 0 <= row.backward for row in measured.costs())


def test_a_vjp_of_before_in_a_profile():
    vjp, _ = make_vjp(np.sin)(X)
    with profile() as measured:
        vjp(X)
        vjp(X)
    assert [(row.calls, row.pulls) for row in measured.costs()] == [(0, 2)]
