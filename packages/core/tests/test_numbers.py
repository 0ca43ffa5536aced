"""Python's numbers: every operator in both positions, real and complex."""

import cmath
import enum
import math
import operator
from fractions import Fraction

import pytest

from autodiff import deriv, grad, holomorphic_grad, jacobian, make_jvp, make_vjp
from autodiff.errors import LostDerivativeError

LOG2, LOG3 = math.log(2), math.log(3)

# operator: function, its two operands, the two partial derivatives
BINARY = {
    "+": (operator.add, 2.0, 3.0, 1.0, 1.0),
    "-": (operator.sub, 2.0, 3.0, 1.0, -1.0),
    "*": (operator.mul, 2.0, 3.0, 3.0, 2.0),
    "/": (operator.truediv, 2.0, 3.0, 1 / 3, -2 / 9),
    "**": (operator.pow, 2.0, 3.0, 12.0, 8 * LOG2),
    "** of a fraction": (operator.pow, 2.0, -0.5, -0.5 * 2**-1.5, LOG2 / math.sqrt(2)),
    "%": (operator.mod, 7.5, 2.0, 1.0, -3.0),
    "% of a negative number": (operator.mod, -7.5, 2.0, 1.0, 4.0),
    "% by a negative number": (operator.mod, 7.5, -2.0, 1.0, 4.0),
    "//": (operator.floordiv, 7.5, 2.0, 0.0, 0.0),
    "divmod": (lambda a, b: divmod(a, b)[1], 7.5, 2.0, 1.0, -3.0),
    "floor of divmod": (lambda a, b: divmod(a, b)[0] + 0.0 * a, 7.5, 2.0, 0.0, 0.0),
    "min": (min, 2.0, 3.0, 1.0, 0.0),
    "+=": (operator.iadd, 2.0, 3.0, 1.0, 1.0),
    "-=": (operator.isub, 2.0, 3.0, 1.0, -1.0),
    "*=": (operator.imul, 2.0, 3.0, 3.0, 2.0),
    "/=": (operator.itruediv, 2.0, 3.0, 1 / 3, -2 / 9),
    "**=": (operator.ipow, 2.0, 3.0, 12.0, 8 * LOG2),
}


@pytest.mark.parametrize("name", BINARY)
def test_binary_operators(name):
    function, a, b, da, db = BINARY[name]
    exact = lambda value: pytest.approx(value, rel=1e-15, abs=1e-300)
    for transform in (grad, deriv):
        assert transform(lambda x: function(x, b))(a) == exact(da)
        assert transform(lambda x: function(a, x))(b) == exact(db)
        assert transform(lambda x, y: function(x, y), 1)(a, b) == exact(db)
    assert grad(lambda x, y: function(x, y), (0, 1))(a, b) == (exact(da), exact(db))
    # An operand of another level on either side.
    assert grad(lambda x: grad(lambda y: function(x, y) * 2.0)(b) + function(x, b))(a) == pytest.approx(
        da + 2.0 * grad(lambda x: grad(lambda y: function(x, y))(b))(a)
    )


@pytest.mark.parametrize("name", ["+", "-", "*", "/", "**", "%"])
@pytest.mark.parametrize("constant", [3, True, 3.0])
def test_constants_of_all_kinds_on_both_sides(name, constant):
    function = BINARY[name][0]
    step = 1e-6
    for place, f in enumerate((lambda x: function(x, constant), lambda x: function(constant, x))):
        difference = (f(2.5 + step) - f(2.5 - step)) / (2 * step)
        assert grad(f)(2.5) == deriv(f)(2.5) == pytest.approx(difference, rel=1e-8, abs=1e-8), place


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (operator.neg, 3.0, -1.0),
        (operator.pos, 3.0, 1.0),
        (abs, 3.0, 1.0),
        (abs, -3.0, -1.0),
        (abs, 0.0, 0.0),
        (abs, -0.0, 0.0),
        (lambda x: x.real, 3.0, 1.0),
        (lambda x: x.imag, 3.0, 0.0),
        (lambda x: x.conjugate(), 3.0, 1.0),
        (lambda x: round(x) * x, 2.7, 3.0),
        (lambda x: round(x, 1) * x, 2.71, 2.7),
        (lambda x: math.floor(x) * x, 2.7, 2.0),
        (lambda x: math.ceil(x) * x, 2.7, 3.0),
        (lambda x: math.trunc(x) * x, -2.7, -2.0),
    ],
)
def test_unary_operators(function, x, expected):
    assert grad(function)(x) == deriv(function)(x) == expected


# Edges of the power function, where a formula like b a**(b-1) or a**b log a would fail.
@pytest.mark.parametrize(
    ("a", "b", "da", "db"),
    [
        (0.0, 1.0, 1.0, 0.0),
        (0.0, 2.0, 0.0, 0.0),
        (0.0, 2.5, 0.0, 0.0),
        (2.0, 0.0, 0.0, LOG2),
        (-2.0, 0.0, 0.0, None),
        (-2.0, 3.0, 12.0, None),
        (0.0, 0.0, 0.0, None),
        (1.0, 100.0, 100.0, 0.0),
    ],
)
def test_edges_of_powers(a, b, da, db):
    for transform in (grad, deriv):
        assert transform(lambda x: x**b)(a) == da
        if b == int(b):
            assert transform(lambda x: x ** int(b))(a) == da
        if db is not None:
            assert transform(lambda y: a**y)(b) == pytest.approx(db)
            assert transform(lambda x, y: x**y, 0)(a, b) == da
            assert transform(lambda x, y: x**y, 1)(a, b) == pytest.approx(db)


# d²(a**b) = b (b-1) a**(b-2), a**(b-1) (1 + b log a), a**b log² a
@pytest.mark.parametrize("outer", [grad, deriv])
@pytest.mark.parametrize("inner", [grad, deriv])
@pytest.mark.parametrize(
    ("a", "b", "aa", "ab", "bb"),
    [
        (2.0, 3.0, 12.0, 4 * (1 + 3 * LOG2), 8 * LOG2**2),
        (2.0, 0.0, 0.0, 0.5, LOG2**2),
        (2.0, 1.0, 0.0, 1 + LOG2, 2 * LOG2**2),
        (3.0, 2.0, 2.0, 3 * (1 + 2 * LOG3), 9 * LOG3**2),
        (0.0, 2.0, 2.0, 0.0, 0.0),
        (0.0, 3.0, 0.0, 0.0, 0.0),
    ],
)
def test_second_derivatives_of_powers(a, b, aa, ab, bb, inner, outer):
    power = lambda x, y: x**y
    assert outer(inner(power, 0), 0)(a, b) == pytest.approx(aa)
    assert outer(inner(power, 0), 1)(a, b) == pytest.approx(ab)
    assert outer(inner(power, 1), 0)(a, b) == pytest.approx(ab)
    assert outer(inner(power, 1), 1)(a, b) == pytest.approx(bb)


@pytest.mark.parametrize("n", range(6))
def test_powers_of_integers_have_all_derivatives_at_zero(n):
    f = lambda x: x**n
    for order in range(7):
        assert f(0.0) == (math.factorial(n) if order == n else 0.0)
        f = (grad if order % 2 else deriv)(f)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x < 2, False),
        (lambda x: x <= 2, True),
        (lambda x: x > 2, False),
        (lambda x: x >= 2, True),
        (lambda x: x == 2, True),
        (lambda x: x != 2, False),
        (lambda x: 2 < x, False),  # noqa: SIM300
        (lambda x: 1.5 <= x, True),  # noqa: SIM300
        (lambda x: x == x * 1.0, True),
        (lambda x: x < x + 1.0, True),
        (lambda x: x is None, False),
        (lambda x: x == None, False),  # noqa: E711
        (lambda x: x != "text", True),
        (lambda x: bool(x), True),
        (lambda x: bool(x - 2.0), False),
        (lambda x: not x, False),
        (lambda x: x in [1.0, 2.0], True),
        (lambda x: [1.0, x].index(x), 1),
        (lambda x: f"{x:.2f}", "2.00"),
        (lambda x: f"{x}".endswith("2.0") or "2.0" in f"{x}", True),
    ],
)
def test_questions_have_the_answers_of_the_plain_value(function, expected):
    answers = []
    assert grad(lambda x: (answers.append(function(x)), x)[1])(2.0) == 1.0
    assert deriv(lambda x: (answers.append(function(x)), x)[1])(2.0) == 1.0
    assert grad(grad(lambda x: (answers.append(function(x)), x * x)[1]))(2.0) == 2.0
    assert all(bool(answer == expected) for answer in answers), answers
    assert len(answers) == 3


@pytest.mark.parametrize(
    "lose",
    [
        float,
        int,
        complex,
        math.sin,
        math.isfinite,
        cmath.exp,
        range,
        lambda x: [0, 1, 2, 3][x],
        lambda x: "a" * x,
        lambda x: "%.3f" % x,  # noqa: UP031
        lambda x: math.fsum([x]),
        lambda x: complex(1.0, x),
        lambda x: math.hypot(x, 1.0),
        lambda x: bytes([x]),
    ],
)
@pytest.mark.parametrize("transform", [grad, deriv])
def test_conversions_that_would_lose_the_derivative_are_refused(lose, transform):
    with pytest.raises(LostDerivativeError, match=r"cannot be converted by .*stop_gradient"):
        transform(lambda x: (lose(x), x)[1])(2.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + "text",
        lambda x: "text" + x,
        lambda x: x * None,
        lambda x: x < None,
        lambda x: x + Fraction(1, 2),
        lambda x: hash(x),
        lambda x: {x: 1},
        lambda x: x[0],
        lambda x: x(),
        lambda x: pow(x, 2, 5),
    ],
)
def test_what_python_refuses_stays_refused(function):
    with pytest.raises(TypeError):
        grad(function)(2.0)


@pytest.mark.parametrize("base", [object, float])
def test_classes_with_operators_of_their_own_get_their_chance(base):
    class Meters(base):
        def __rmul__(self, other):
            return ("meters", other)

        def __radd__(self, other):
            return NotImplemented

    kept = []
    grad(lambda x: (kept.append((x * Meters())[0]), x)[1])(2.0)
    assert kept == ["meters"]
    with pytest.raises(TypeError, match="unsupported operand"):
        grad(lambda x: x + Meters())(2.0)


def test_numbers_of_other_subclasses_count_as_what_they_are_derived_from():
    class Temperature(float):
        pass

    class Count(enum.IntEnum):
        TWO = 2

    for other, base in ((Temperature(1.5), 1.5), (Count.TWO, 2)):
        for function in (operator.add, operator.mul, operator.truediv, operator.pow, operator.mod):
            assert grad(function)(3.0, other) == grad(function)(3.0, base)
            assert deriv(function, 1)(other, 3.0) == deriv(function, 1)(base, 3.0)
        assert grad(lambda x: x if x < other else 2 * x)(3.0) == 2.0  # noqa: B023


# Complex numbers

Z = 0.6 - 0.8j
W = 1.5 + 2.0j

HOLOMORPHIC = {
    "+": (lambda z: z + W, 1.0),
    "reflected +": (lambda z: 2 + z, 1.0),
    "-": (lambda z: W - z, -1.0),
    "*": (lambda z: z * W, W),
    "square": (lambda z: z * z, 2 * Z),
    "/": (lambda z: z / W, 1 / W),
    "reflected /": (lambda z: 1 / z, -1 / Z**2),
    "** int": (lambda z: z**3, 3 * Z**2),
    "** complex": (lambda z: z**W, W * Z ** (W - 1)),
    "reflected **": (lambda z: W**z, W**Z * cmath.log(W)),
    "real **": (lambda z: 2.0**z, 2.0**Z * LOG2),
    "** itself": (lambda z: z**z, Z**Z * (cmath.log(Z) + 1)),
    "neg": (lambda z: -z, -1.0),
    "pos": (lambda z: +z, 1.0),
    "conjugated twice": (lambda z: z.conjugate().conjugate() * z, 2 * Z),
}


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_holomorphic_functions(name):
    function, expected = HOLOMORPHIC[name]
    assert holomorphic_grad(function)(Z) == pytest.approx(expected, rel=1e-14)
    assert deriv(function)(Z) == pytest.approx(expected, rel=1e-14)
    for mode in ("forward", "reverse"):
        assert complex(jacobian(function, mode=mode)(Z)) == pytest.approx(expected, rel=1e-14)
    # Cauchy and Riemann: the derivative along i is i times the derivative along 1.
    assert make_jvp(function)(Z)(1j)[1] == pytest.approx(1j * expected, rel=1e-14)


# Real functions u of z = x + iy: du/dx - i du/dy
REAL = {
    "abs": (abs, (0.6 + 0.8j)),
    "abs²": (lambda z: abs(z) ** 2, 2 * Z.conjugate()),
    "real": (lambda z: z.real, 1.0),
    "imag": (lambda z: z.imag, -1j),
    "real * imag": (lambda z: z.real * z.imag, Z.imag - 1j * Z.real),
    "z z*": (lambda z: (z * z.conjugate()).real, 2 * Z.conjugate()),
    "real of a product": (lambda z: (z * W).real, W),
    "imag of a product": (lambda z: (z * W).imag, -1j * W),
    "through a real number": (lambda z: (1j * (z.real * (3 + 1j))).real, -1.0),
    "real and imaginary part to complex": (lambda z: ((z.real + 1j * z.imag) * W).real, W),
}


@pytest.mark.parametrize("name", REAL)
def test_real_functions_of_complex_numbers(name):
    function, expected = REAL[name]
    gradient = grad(function)(Z)
    assert gradient == pytest.approx(expected, rel=1e-14)
    along_x, along_y = make_jvp(function)(Z)(1 + 0j)[1], make_jvp(function)(Z)(1j)[1]
    assert complex(along_x, -along_y) == pytest.approx(expected, rel=1e-14)
    # The same with traces around it.
    nested = make_jvp(grad(function))(Z)(1 + 0j)[0]
    assert nested == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (lambda x: (x * W).real, 2.0, W.real),
        (lambda x: (W / x).imag, 2.0, -W.imag / 4),
        (lambda x: abs(x * W), 2.0, abs(W)),
        (lambda x: abs(x + 1j * x * x), 2.0, (2 * 2 + 4 * 8) / (2 * math.sqrt(20))),
        (lambda x: ((1j * x) ** 2).real, 3.0, -6.0),
        (lambda x: (1j**x).real, 2.0, (cmath.log(1j) * 1j**2).real),
        (lambda x: (x + 0j).real * x.real, 3.0, 6.0),
        (lambda x: (x * 1j).conjugate().imag, 3.0, -1.0),
    ],
)
def test_gradients_of_real_numbers_are_real_whatever_happens_between(function, x, expected):
    for transform in (grad, deriv, lambda f: lambda x: make_vjp(f)(x)[0](1.0)):
        found = transform(function)(x)
        assert not isinstance(found, complex)
        assert found == pytest.approx(expected, rel=1e-14)


def test_a_complex_absolute_value_has_slope_zero_at_zero():
    assert grad(abs)(0j) == 0j
    assert make_jvp(abs)(0j)(1 + 1j)[1] == 0.0


# A power of a negative number is a complex one in Python. In a process without plugins, because NumPy's is NaN.
COMPLEX_POWERS = """
import cmath, math
from autodiff import grad, deriv, make_jvp, holomorphic_grad
close = lambda a, b: abs(a - b) <= 1e-14 * max(1, abs(b))
root = lambda x: (x**0.5).imag
assert close(root(-4.0), 2.0)
assert close(grad(root)(-4.0), -0.25) and close(deriv(root)(-4.0), -0.25)
assert close(grad(grad(root))(-4.0), -0.25 / 8), grad(grad(root))(-4.0)
both = lambda z: (lambda s: s.real + s.imag)(z.real**0.5)
assert close(grad(both)(-4 + 1j), -0.25), grad(both)(-4 + 1j)
value, tangent = make_jvp(grad(both))(-4 + 1j)(1 + 0j)
assert close(value, -0.25), value
assert close(tangent, -0.25 / 8), tangent
two = lambda a, b: (lambda s: s.real + s.imag)(a**b)
h = 1e-6
for a, b in ((-4.0, 0.5), (-2.0, 1.5)):
    for i in (0, 1):
        shift = lambda t: two(a + t * (i == 0), b + t * (i == 1))
        expected = (shift(h) - shift(-h)) / (2 * h)
        assert abs(grad(two, i)(a, b) - expected) < 1e-8
        assert abs(deriv(two, i)(a, b) - expected) < 1e-8
for x in (2.0, 3):
    assert type(grad(lambda y: y * x)(2.0)) is float
assert type(grad(abs)(3 + 4j)) is complex
"""


def test_powers_of_negative_numbers(python):
    done = python("-c", COMPLEX_POWERS, AUTODIFF_PLUGINS="")
    assert done.returncode == 0, done.stderr


# With whatever plugins there are, tracing must not change what a program of Python's numbers computes.
@pytest.mark.parametrize(
    "expression", ["x ** 0.5", "x ** -1", "x % 0.0", "x // 0.0", "1.0 / (x * 0.0)", "(x * 0.0) ** -1"]
)
def test_tracing_does_not_change_what_python_computes(expression, python):
    code = """if True:
        import sys
        from autodiff import value_and_grad
        def outcome(function):
            try:
                return function(-4.0)
            except ArithmeticError as error:
                return type(error)
        kept = []
        plain = eval("lambda x: " + sys.argv[1])
        traced = outcome(lambda x: value_and_grad(lambda x: ((y := plain(x)).real, y), has_aux=True)(x)[0][1])
        assert traced == outcome(plain), (traced, outcome(plain))
    """
    done = python("-c", code, expression)
    assert done.returncode == 0, done.stderr
