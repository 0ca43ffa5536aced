"""A new tracer is one subclass of `Trace` with one method. This one writes down what is computed, line by line."""

import operator

import pytest

from autodiff import deriv, grad, make_jvp
from autodiff.extend import Box, Trace, defvjp, load_plugins, primitive, unbox


class Recorder(Trace):
    """Record operations as numbered lines; a node is the name of a value."""

    lines: list[str]

    def process(self, primitive, args, kwargs):
        mine = lambda x: isinstance(x, Box) and x.owner is self
        values = [x.value if mine(x) else x for x in args]
        result = primitive.call(*values, **kwargs)
        names = [x.node if mine(x) else f"{unbox(x):g}" for x in args] + [f"{k}={v}" for k, v in kwargs.items()]
        name = f"v{len(self.lines) + 1}"
        self.lines.append(f"{name} = {primitive.name.rpartition('.')[2]}({', '.join(names)})")
        return result if isinstance(result, bool) else self.box(result, name)


def record(function, *values):
    """Return the lines that `function` computes, and its result in plain numbers."""
    load_plugins()
    trace = Recorder()
    trace.lines = []
    output = function(*(trace.box(value, f"x{i}") for i, value in enumerate(values)))
    if isinstance(output, Box) and output.owner is trace:
        trace.lines.append(f"return {output.node}")
        output = output.value
    return trace.lines, output


def test_a_program_with_a_loop_and_a_branch():
    def program(x, y):
        for _ in range(2):
            x = x * y
        return -x if x > 5 else x / 2.0

    assert record(program, 2.0, 3.0) == (
        ["v1 = mul(x0, x1)", "v2 = mul(v1, x1)", "v3 = gt(v2, 5)", "v4 = neg(v2)", "return v4"],
        -18.0,
    )
    assert record(program, 0.5, 3.0)[0][-2:] == ["v4 = truediv(v2, 2)", "return v4"]


@primitive
def power(x, n=2):
    return x**n


defvjp(power, lambda ans, x, n=2: lambda g: g * n * x ** (n - 1))


def test_primitives_of_users_and_constants_on_either_side():
    assert record(lambda x: 1.0 - power(2.0 * x, n=3), 1.0) == (
        ["v1 = mul(2, x0)", "v2 = power(v1, n=3)", "v3 = sub(1, v2)", "return v3"],
        -7.0,
    )


def test_inside_of_grad_it_records_the_function_and_the_gradient_flows():
    lines = []

    def recorded(x):
        found, output = record(lambda y: y * y * x, x)
        lines.extend(found)
        return output

    assert grad(recorded)(2.0) == 12.0
    assert lines == ["v1 = mul(x0, x0)", "v2 = mul(v1, 2)", "return v2"]
    assert grad(grad(recorded))(2.0) == deriv(grad(recorded))(2.0) == 12.0


@pytest.mark.parametrize("transform", [grad, deriv])
def test_around_a_differentiation_it_records_the_derivative(transform):
    lines, derivative = record(transform(lambda x: x * x * x), 2.0)
    assert derivative == 12.0
    # What it wrote down is a program. Run it at another point.
    assert run(lines, 5.0) == 75.0
    lines, derivative = record(transform(transform(lambda x: x * x * x)), 2.0)
    assert (derivative, run(lines, 5.0)) == (12.0, 30.0)


def test_between_two_differentiations():
    programs = []

    def middle(x):
        lines, output = record(lambda y: make_jvp(lambda z: z * z * x)(y)(1.0)[1], 3.0)  # 2 y x
        programs.append(lines)
        return output

    assert grad(middle)(2.0) == 6.0
    assert run(programs[0], 5.0) == 20.0


def run(lines, x):
    """Execute recorded lines."""
    values = {"x0": x}
    value = lambda name: values[name] if name in values else float(name)
    for line in lines:
        if line.startswith("return "):
            return values[line.removeprefix("return ")]
        name, _, call = line.partition(" = ")
        function, _, arguments = call.removesuffix(")").partition("(")
        known = operator.attrgetter("real") if "real" in function else getattr(operator, function)
        values[name] = known(*map(value, arguments.split(", ")))
    raise AssertionError("the program returns nothing")


def test_a_tracer_without_its_method_cannot_be_made():
    class Nothing(Trace):
        pass

    with pytest.raises(TypeError, match="process"):
        Nothing()


def test_levels_only_grow():
    first, second = Recorder(), Recorder()
    assert first.level < second.level
