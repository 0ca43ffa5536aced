"""Taylor mode on numbers: `jet` and `derivatives` against closed forms and nested forward mode."""

import cmath
import math
from typing import NamedTuple

import pytest

from autodiff import deriv, derivatives, grad, jet, make_jvp, make_vjp, stop_gradient, vmap
from autodiff.errors import (
    EscapedBoxError,
    InputError,
    IntegerInputError,
    MissingRuleError,
    OutputError,
    StructureError,
)
from autodiff.extend import def_linear, defjvp, defvjp, elementwise, general, linear, primitive, register_rules

exp, sin, cos, log = (primitive(function) for function in (cmath.exp, math.sin, math.cos, math.log))
register_rules([
    elementwise(exp, lambda y, x: y),
    elementwise(sin, lambda y, x: cos(x)),
    elementwise(cos, lambda y, x: -sin(x)),
    elementwise(log, lambda y, x: 1 / x),
])  # fmt: skip

K = 8


class Point(NamedTuple):
    x: float
    y: float


def nested(fun, order):
    for _ in range(order):
        fun = deriv(fun)
    return fun


FUNCTIONS = {
    "polynomial": (lambda x: 3.0 * x**4 - x * x + 2.0 - x, 0.7),
    "quotient": (lambda x: (1.0 + x) / (2.0 + x * x), 0.7),
    "constant over x": (lambda x: 2.0 / x, 0.7),
    "x over a constant": (lambda x: x / 3.0, 0.7),
    "negative power": (lambda x: x**-2, 0.7),
    "real power": (lambda x: x**2.5, 0.7),
    "power of a constant": (lambda x: 2.0**x, 0.7),
    "x to the x": (lambda x: x**x, 0.7),
    "integer power at zero": (lambda x: x**3 + x**0, 0.0),
    "sine": (lambda x: sin(x), 0.7),
    "sine of a sine": (lambda x: sin(x * sin(x)), 0.7),
    "logarithm": (lambda x: log(x), 0.7),
    "absolute value": (lambda x: abs(x) * x, -0.7),
    "remainder": (lambda x: (x % 0.5) * x, 0.7),
    "signs": (lambda x: -x + +x * x, 0.7),
    "branch": (lambda x: x * x if x > 0 else -x, 0.7),
    "no dependence": (lambda x: 2.0, 0.7),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_are_those_of_nested_forward_mode(name):
    fun, x = FUNCTIONS[name]
    for k, found in enumerate(derivatives(fun, 6)(x)):
        assert found == pytest.approx(nested(fun, k)(x), rel=1e-9, abs=1e-12)


def test_closed_forms_to_order_eight():
    x = 0.3
    assert derivatives(sin, K)(x) == pytest.approx([math.sin(x + k * math.pi / 2) for k in range(K + 1)])
    assert derivatives(log, K)(x)[1:] == pytest.approx(
        [(-1) ** (k - 1) * math.factorial(k - 1) / x**k for k in range(1, K + 1)]
    )
    assert derivatives(lambda x: 1 / (1 - x), K)(x) == pytest.approx(
        [math.factorial(k) / (1 - x) ** (k + 1) for k in range(K + 1)]
    )
    assert derivatives(lambda x: x**0.5, 3)(x) == pytest.approx(
        [x**0.5, 0.5 * x**-0.5, -0.25 * x**-1.5, 0.375 * x**-2.5]
    )


def test_complex_numbers():
    z = 0.3 + 0.4j
    assert derivatives(exp, K)(z) == pytest.approx([cmath.exp(z)] * (K + 1))
    found = derivatives(lambda t: (t + 2j).real * abs(exp(1j * t)), 3)(0.5)
    assert found == pytest.approx([0.5, 1.0, 0.0, 0.0])
    assert all(type(entry) is float for entry in found)
    assert derivatives(lambda t: (exp(1j * t)).conjugate().imag, 2)(0.5) == pytest.approx(
        [-math.sin(0.5), -math.cos(0.5), math.sin(0.5)]
    )


def test_series_are_derivatives_not_taylor_coefficients():
    h = [0.125, 0.75, 3.0]  # z**3 and its derivatives at 0.5: the example of JAX's documentation
    value, (first, second) = jet(sin, (h[0],), (h[1:],))
    assert value == math.sin(h[0])
    assert first == pytest.approx(math.cos(h[0]) * h[1])
    assert second == pytest.approx(-math.sin(h[0]) * h[1] ** 2 + math.cos(h[0]) * h[2])


def test_the_first_order_is_that_of_make_jvp():
    fun = lambda x, y: x * sin(x * y) / y
    value, (tangent,) = jet(fun, (0.5, 2.0), ([3.0], [4.0]))
    assert (value, tangent) == pytest.approx(make_jvp(fun, (0, 1))(0.5, 2.0)((3.0, 4.0)))


def test_several_arguments_follow_leibniz():
    value, terms = jet(lambda x, y: x * y, [2.0, 3.0], [[1.0, 5.0, 7.0], [4.0, 6.0, 8.0]])
    assert value == 6.0
    assert terms == pytest.approx([2 * 4 + 3 * 1, 2 * 6 + 2 * 1 * 4 + 3 * 5, 2 * 8 + 3 * 1 * 6 + 3 * 5 * 4 + 3 * 7])


def test_no_derivatives_at_all():
    assert jet(lambda x: x * x, (3.0,), ([],)) == (9.0, [])
    assert derivatives(lambda x: x * x, 0)(3.0) == [9.0]


def test_containers():
    fun = lambda p, q: {"a": p.x * q[0], "b": (p.y, None, 2.0)}
    value, terms = jet(fun, (Point(2.0, 3.0), [5.0]), ([Point(1.0, 0.0), Point(0.0, 1.0)], [[1.0], [0.0]]))
    assert value == {"a": 10.0, "b": (3.0, None, 2.0)}
    assert terms == [{"a": 7.0, "b": (0.0, None, 0.0)}, {"a": 2.0, "b": (1.0, None, 0.0)}]


def test_a_curve_has_derivatives_of_its_structure():
    assert derivatives(lambda t: (t**2, 3 * t), 2)(2.0) == [(4.0, 6.0), (4.0, 3.0), (2.0, 0.0)]


def test_arguments_by_position_and_name():
    fun = lambda x, rate: x * rate**2
    assert derivatives(fun, 2, "rate")(3.0, rate=2.0) == [12.0, 12.0, 6.0]
    assert derivatives(fun, 2, 1)(3.0, 2.0) == [12.0, 12.0, 6.0]


def test_stopped_gradients_are_constants():
    assert derivatives(lambda x: x * stop_gradient(x), 2)(3.0) == [9.0, 3.0, 0.0]


# Nesting


def test_gradient_of_a_jet_and_jet_of_a_gradient():
    fun = lambda x: x * sin(x * x)
    third = lambda x: jet(fun, (x,), ([1.0, 0.0, 0.0],))[1][2]
    assert grad(third)(0.7) == pytest.approx(nested(fun, 4)(0.7))
    assert deriv(third)(0.7) == pytest.approx(nested(fun, 4)(0.7))
    assert derivatives(grad(fun), 3)(0.7)[3] == pytest.approx(nested(fun, 4)(0.7))
    assert derivatives(deriv(fun), 3)(0.7)[3] == pytest.approx(nested(fun, 4)(0.7))


def test_the_gradient_by_the_series():
    result = grad(lambda v: jet(sin, (0.5,), ([v, 0.0],))[1][1])(3.0)
    assert result == pytest.approx(-2 * 3.0 * math.sin(0.5))


def test_jets_within_jets():
    fun = lambda x: x**5
    assert derivatives(lambda x: derivatives(fun, 2)(x)[2], 2)(2.0) == pytest.approx([160.0, 240.0, 240.0])
    assert derivatives(lambda x: x * derivatives(lambda y: x * y**2, 1)(x)[1], 2)(3.0) == pytest.approx([54, 54, 36])


def test_vmap_of_derivatives():
    rows = vmap(derivatives(lambda x: x**3, 2))([1.0, 2.0])
    assert [list(map(float, row)) for row in rows] == [[1.0, 8.0], [3.0, 12.0], [6.0, 12.0]]


# Rules of users


def test_rules_with_one_mode_and_of_several_arguments():
    cube, product, same = primitive(lambda x: x**3), primitive(lambda x, y: x * y), primitive(lambda x, y: x * y)
    defvjp(cube, lambda y, x: lambda g: 3 * x**2 * g)
    defjvp(product, lambda t, z, x, y: t * y, "same")
    def_linear(same)
    assert derivatives(cube, 4)(2.0) == [8.0, 12.0, 12.0, 6.0, 0.0]
    for function in (product, same):
        assert derivatives(lambda x: function(x * x, x), 4)(2.0) == [8.0, 12.0, 12.0, 6.0, 0.0]  # noqa: B023


def test_rules_of_containers():
    total = primitive(sum)
    both = primitive(lambda x: (x * x, [x], "text"))
    register_rules([
        linear(total, lambda g, x: [g for _ in x]),
        general(both, jvp=lambda t, y, x: (2 * x * t, [t], 0.0)),
    ])  # fmt: skip
    assert derivatives(lambda x: total([x, 3.0, x * x]), 2)(2.0) == [9.0, 5.0, 2.0]
    assert derivatives(lambda x: both(x)[0] * both(x)[1][0], 3)(2.0) == [8.0, 12.0, 12.0, 6.0]


# The work, counted in applications of functions


def count_calls(order):
    """How often a chain of `order` applications of functions that define one another calls them."""
    calls = 0

    def counted(function):
        def apply(x):
            nonlocal calls
            calls += 1
            return function(x)

        return primitive(apply)

    p, q = counted(math.sin), counted(math.cos)
    register_rules([elementwise(p, lambda y, x: q(x)), elementwise(q, lambda y, x: -p(x))])
    derivatives(lambda x: p(p(x)), order)(0.7)
    return calls


def test_functions_that_define_one_another_are_applied_once():
    assert count_calls(4) == count_calls(12) <= 8


# Errors


def test_what_is_refused():
    f = lambda x: x * x
    with pytest.raises(InputError, match="takes a function"):
        jet(3.0, (1.0,), ([1.0],))
    with pytest.raises(InputError, match="in a tuple"):
        jet(f, 1.0, [1.0])
    with pytest.raises(StructureError, match="a series for each argument"):
        jet(f, (1.0,), ())
    with pytest.raises(StructureError, match="list of its derivatives"):
        jet(f, (1.0,), (1.0,))
    with pytest.raises(StructureError, match="equally many"):
        jet(f, (1.0, 2.0), ([1.0], [1.0, 2.0]))
    with pytest.raises(StructureError, match=r"each term in the series of argument 0 \(`x`\)"):
        jet(f, (1.0,), ([(1.0,)],))
    with pytest.raises(StructureError, match="a term of the series"):
        jet(f, (1.0,), ([1j],))
    with pytest.raises(IntegerInputError, match=r"argument 0 \(`x`\)"):
        jet(f, (1,), ([1.0],))
    with pytest.raises(IntegerInputError, match=r"write|Write"):
        derivatives(f, 2)(1)
    with pytest.raises(InputError, match="`jet`"):
        derivatives(lambda p: p[0], 2)([1.0])
    for order in (-1, 1.0, True):
        with pytest.raises(InputError, match="highest order"):
            derivatives(f, order)
    with pytest.raises(OutputError, match="str"):
        jet(lambda x: "text", (1.0,), ([1.0],))
    with pytest.raises(MissingRuleError):
        jet(primitive(lambda x: x), (1.0,), ([1.0],))


def test_values_that_outlive_a_jet():
    kept = []
    jet(lambda x: kept.append(x) or x, (1.0,), ([1.0],))
    with pytest.raises(EscapedBoxError, match="jet"):
        kept[0] * 2.0
    with pytest.raises(EscapedBoxError):
        jet(lambda x: kept[0], (1.0,), ([1.0],))


def test_a_pullback_made_in_a_jet():
    def fun(x):
        pull, value = make_vjp(lambda y: y**3 * x)(x)
        return pull(x) + value

    assert derivatives(fun, 3)(2.0) == pytest.approx([4 * 16.0, 16 * 8.0, 48 * 4.0, 96 * 2.0])
