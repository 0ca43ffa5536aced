"""Random expressions: first derivatives against the complex step, second ones against truncated Taylor arithmetic."""

import cmath
import dataclasses
import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autodiff import checkpoint, deriv, grad, hessian, hessian_vector_product, jacobian, make_jvp, make_vjp
from autodiff.extend import elementwise, primitive, register_rules

sin, cos, exp = map(primitive, (cmath.sin, cmath.cos, cmath.exp))
register_rules(
    [
        elementwise(sin, lambda y, x: cos(x)),
        elementwise(cos, lambda y, x: -sin(x)),
        elementwise(exp, lambda y, x: y),
    ]
)

# An expression is a tuple: an operation and its operands; or the name of a variable, or a number.
CONSTANTS = st.sampled_from([0, 1, 2, -1, 0.5, -1.5, 3.0])
LEAVES = st.sampled_from(["x", "y"]) | CONSTANTS
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: (
        st.tuples(st.sampled_from(["add", "sub", "mul", "div"]), inner, inner)
        | st.tuples(st.just("pow"), inner, st.sampled_from([0, 1, 2, 3, 2.0]))
        | st.tuples(st.sampled_from(["neg", "sin", "expsin", "again"]), inner)
    ),
    max_leaves=12,
)
POINTS = st.floats(-2.0, 2.0).map(lambda x: round(x, 3))


def evaluate(expression, variables, sine, exponential):
    """Compute an expression; every operand may be of any type with operators."""
    if isinstance(expression, str):
        return variables[expression]
    if not isinstance(expression, tuple):
        return expression
    operation, first, *rest = expression
    a = evaluate(first, variables, sine, exponential)
    match operation:
        case "neg":
            return -a
        case "sin":
            return sine(a)
        case "expsin":
            return exponential(sine(a))
        case "again":
            return a * a - a
        case "pow":
            return a ** rest[0]
    b = evaluate(rest[0], variables, sine, exponential)
    match operation:
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
    return a / (b * b + 1.5)  # far from a division by zero


@dataclasses.dataclass
class Jet:
    """A value with its first and second derivatives with respect to x and y: v, (dx, dy), (dxx, dxy, dyy)."""

    v: float
    d: tuple[float, float] = (0.0, 0.0)
    h: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def chain(self, f, df, ddf):
        (dx, dy), (xx, xy, yy) = self.d, self.h
        return Jet(f, (df * dx, df * dy), (df * xx + ddf * dx * dx, df * xy + ddf * dx * dy, df * yy + ddf * dy * dy))

    def __add__(self, other):
        o = lift(other)
        return Jet(
            self.v + o.v,
            tuple(a + b for a, b in zip(self.d, o.d, strict=True)),
            tuple(a + b for a, b in zip(self.h, o.h, strict=True)),
        )

    def __mul__(self, other):
        o = lift(other)
        (ax, ay), (bx, by) = self.d, o.d
        cross = (2 * ax * bx, ax * by + ay * bx, 2 * ay * by)
        return Jet(
            self.v * o.v,
            (ax * o.v + self.v * bx, ay * o.v + self.v * by),
            tuple(p * o.v + c + self.v * q for p, c, q in zip(self.h, cross, o.h, strict=True)),
        )

    def __pow__(self, n):
        def falling(k):  # n (n-1) ... v^(n-k)
            factor = math.prod(n - i for i in range(k))
            return factor * self.v ** (n - k) if factor else 0.0

        return self.chain(falling(0), falling(1), falling(2))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -lift(other)

    def __rsub__(self, other):
        return lift(other) - self

    def __truediv__(self, other):
        o = lift(other)
        return self * o.chain(1 / o.v, -1 / o.v**2, 2 / o.v**3)

    def __rtruediv__(self, other):
        return lift(other) / self

    __radd__, __rmul__ = __add__, __mul__


def lift(value):
    return value if isinstance(value, Jet) else Jet(value)


def jet_sin(x):
    x = lift(x)
    return x.chain(math.sin(x.v), math.cos(x.v), -math.sin(x.v))


def jet_exp(x):
    x = lift(x)
    return x.chain(math.exp(x.v), math.exp(x.v), math.exp(x.v))


def real(value):
    """The functions above are complex, so results are; of a real program the imaginary part is zero."""
    return value.real if hasattr(value, "real") else value


def program(expression):
    return lambda x, y: real(evaluate(expression, {"x": x, "y": y}, sin, exp))


def tame(expression, x, y):
    """Return the exact derivatives, or skip expressions whose numbers grow so large that rounding decides."""
    try:
        jet = lift(evaluate(expression, {"x": Jet(x, (1.0, 0.0)), "y": Jet(y, (0.0, 1.0))}, jet_sin, jet_exp))
    except OverflowError:
        assume(False)
    assume(all(abs(number) < 1e8 for number in (jet.v, *jet.d, *jet.h)))
    return jet


def close(value):
    return pytest.approx(value, rel=1e-7, abs=1e-7)


@given(EXPRESSIONS, POINTS, POINTS)
@settings(max_examples=150, deadline=None)
def test_first_derivatives(expression, x, y):
    jet = tame(expression, x, y)
    f = program(expression)
    h = 1e-30
    complex_step = (
        evaluate(expression, {"x": x + 1j * h, "y": complex(y)}, cmath.sin, cmath.exp),
        evaluate(expression, {"x": complex(x), "y": y + 1j * h}, cmath.sin, cmath.exp),
    )
    expected = tuple(close(complex(value).imag / h) for value in complex_step)
    assert jet.d == expected  # the two oracles agree
    assert grad(f, (0, 1))(x, y) == expected
    assert (deriv(f)(x, y), deriv(f, 1)(x, y)) == expected
    assert grad(checkpoint(f), (0, 1))(x, y) == expected
    assert jacobian(f, (0, 1), mode="forward")(x, y) == expected


@given(EXPRESSIONS, POINTS, POINTS)
@settings(max_examples=150, deadline=None)
def test_second_derivatives(expression, x, y):
    xx, xy, yy = tame(expression, x, y).h
    f = program(expression)
    expected = (close(xx), close(xy), close(yy))
    for outer in (grad, deriv):
        for inner in (grad, deriv):
            assert (
                outer(inner(f, 0), 0)(x, y),
                outer(inner(f, 0), 1)(x, y),
                outer(inner(f, 1), 1)(x, y),
            ) == expected
    (a, b), (c, d) = hessian(lambda p: f(*p))([x, y])
    assert (a, b, d) == expected
    assert c == close(xy)
    assert hessian_vector_product(f, (0, 1))(x, y, (2.0, 3.0)) == (close(2 * xx + 3 * xy), close(2 * xy + 3 * yy))


@given(EXPRESSIONS, EXPRESSIONS, POINTS, POINTS, st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2))
@settings(max_examples=100, deadline=None)
def test_the_two_modes_are_transposes_of_each_other(one, two, x, y, tx, ty, g1, g2):
    tame(one, x, y)
    tame(two, x, y)
    f = lambda p: {"one": program(one)(**p), "two": [program(two)(**p)]}
    _, tangent = make_jvp(f)({"x": x, "y": y})({"x": tx, "y": ty})
    gradient = make_vjp(f)({"x": x, "y": y})[0]({"one": g1, "two": [g2]})
    assert g1 * tangent["one"] + g2 * tangent["two"][0] == close(gradient["x"] * tx + gradient["y"] * ty)
