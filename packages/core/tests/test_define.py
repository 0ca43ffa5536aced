"""`defvjp`, `defjvp` and their variants: all ways to give one derivative, with the other mode derived."""

import math

import pytest

from autodiff import deriv, grad, jacobian, make_jvp, make_vjp
from autodiff.errors import MissingRuleError, RuleError, UnsupportedArgumentError
from autodiff.extend import (
    def_linear,
    defjvp,
    defjvp_argnum,
    defjvp_argnums,
    defvjp,
    defvjp_argnum,
    defvjp_argnums,
    general,
    primitive,
    primitive_of,
    register_rules,
)


def product(x, y, scale=1.0):
    """x² y scale, opaque."""
    return x * x * y * scale


def make(*definitions):
    """Return a fresh primitive of `product` with these definitions."""
    fresh = primitive(lambda x, y, scale=1.0: product(x, y, scale))
    for define, *arguments in definitions:
        keywords = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        define(fresh, *arguments, **keywords)
    return fresh


def vjp_x(ans, x, y, scale=1.0):
    return lambda g: g * 2.0 * x * y * scale


def vjp_y(ans, x, y, scale=1.0):
    return lambda g: g * x * x * scale


def vjp_scale(ans, x, y, scale=1.0):
    return lambda g: g * x * x * y


def jvp_x(t, ans, x, y, scale=1.0):
    return t * 2.0 * x * y * scale


def jvp_y(t, ans, x, y, scale=1.0):
    return t * x * x * scale


def jvp_scale(t, ans, x, y, scale=1.0):
    return t * x * x * y


VJPS, JVPS = (vjp_x, vjp_y, vjp_scale), (jvp_x, jvp_y, jvp_scale)


def vjp_argnums(argnums, ans, args, kwargs):
    pulls = [VJPS[i](ans, *args, **kwargs) for i in argnums]
    return lambda g: tuple(pull(g) for pull in pulls)


def jvp_argnums(argnums, tangents, ans, args, kwargs):
    return sum(JVPS[i](t, ans, *args, **kwargs) for i, t in zip(argnums, tangents, strict=True))


DEFINITIONS = {
    "defvjp": make((defvjp, *VJPS)),
    "defvjp argnums": make((defvjp, vjp_scale, vjp_x, vjp_y, {"argnums": (2, 0, 1)})),
    "defvjp_argnum": make((defvjp_argnum, lambda i, ans, args, kwargs: VJPS[i](ans, *args, **kwargs))),
    "defvjp_argnums": make((defvjp_argnums, vjp_argnums)),
    "defjvp": make((defjvp, *JVPS)),
    "defjvp same": make((defjvp, jvp_x, "same", "same")),
    "defjvp argnums": make((defjvp, "same", jvp_x, jvp_y, {"argnums": (2, 0, 1)})),
    "defjvp_argnum": make((defjvp_argnum, lambda i, t, ans, args, kwargs: JVPS[i](t, ans, *args, **kwargs))),
    "defjvp_argnums": make((defjvp_argnums, jvp_argnums)),
    "both": make((defvjp, *VJPS), (defjvp, *JVPS)),
    "both, other order": make((defjvp, *JVPS), (defvjp, *VJPS)),
    "redefined": make((defvjp, vjp_y, vjp_y, vjp_y), (defvjp, *VJPS)),
}
ALL = pytest.mark.parametrize("name", DEFINITIONS)
X, Y, S = 3.0, 5.0, 2.0
GRADIENT = (2 * X * Y * S, X * X * S, X * X * Y)


@ALL
def test_both_modes(name):
    function = DEFINITIONS[name]
    assert grad(function, (0, 1, 2))(X, Y, S) == GRADIENT
    assert make_jvp(function, (0, 1, 2))(X, Y, S)((1.0, 10.0, 100.0)) == (
        90.0,
        GRADIENT[0] + 10 * GRADIENT[1] + 100 * GRADIENT[2],
    )


@ALL
def test_one_argument_at_a_time_and_by_keyword(name):
    function = DEFINITIONS[name]
    for i in range(3):
        assert grad(function, i)(X, Y, S) == deriv(function, i)(X, Y, S) == GRADIENT[i]
    for transform in (grad, deriv):
        assert transform(lambda x: function(x, Y))(X) == GRADIENT[0] / S
        assert transform(lambda x: function(x, scale=S, y=Y))(X) == GRADIENT[0]
        assert transform(lambda y: function(X, scale=S, y=y))(Y) == GRADIENT[1]
        assert transform(lambda s: function(X, Y, scale=s))(S) == GRADIENT[2]
        assert transform(lambda s: function(y=s, scale=s, x=s))(X) == 4 * X**3


@ALL
def test_second_order_in_all_combinations_of_modes(name):
    function = DEFINITIONS[name]
    for outer in (grad, deriv):
        for inner in (grad, deriv):
            assert outer(inner(function, 0), 0)(X, Y, S) == 2 * Y * S
            assert outer(inner(function, 0), 1)(X, Y, S) == 2 * X * S
            assert outer(inner(function, 1), 2)(X, Y, S) == X * X


@pytest.mark.parametrize("transform", [grad, deriv])
def test_none_means_zero(transform):
    for function in (
        make((defvjp, None, vjp_y, None)),
        make((defjvp, None, jvp_y, None)),
        make((defvjp, vjp_y, None, None, {"argnums": (1, 0, 2)})),
    ):
        assert transform(function)(X, Y) == 0.0
        assert transform(function, 1)(X, Y) == X * X
        assert transform(lambda x, f=function: f(x, x))(X) == X * X


@pytest.mark.parametrize("transform", [grad, deriv])
def test_an_argument_without_a_derivative_is_refused_by_name(transform):
    for function in (make((defvjp, vjp_x)), make((defjvp, jvp_x))):
        assert transform(function)(X, Y) == 2 * X * Y
        with pytest.raises(UnsupportedArgumentError, match=r"argument 1 \(`y`\)"):
            transform(function, 1)(X, Y)


@pytest.mark.parametrize("transform", [grad, deriv])
def test_a_linear_function_needs_no_derivative(transform):
    @primitive
    def blend(x, y=0.0):
        return 3.0 * x + 5.0 * y

    @primitive
    def scaled(x, factor=1.0):
        return 7.0 * x * factor

    @primitive
    def bilinear(x, y):
        return 11.0 * x * y

    defjvp(blend, lambda t, ans, x, y=0.0: 3.0 * t, lambda t, ans, x, y=0.0: 5.0 * t)
    defjvp(scaled, "same")
    def_linear(bilinear)
    assert transform(blend)(2.0) == 3.0
    assert transform(blend, 1)(2.0, 1.0) == 5.0
    assert transform(scaled)(2.0) == 7.0
    assert transform(scaled)(2.0, factor=2.0) == 14.0
    assert transform(lambda x: bilinear(x, x))(2.0) == 44.0
    assert transform(transform(lambda x: bilinear(x, x)))(2.0) == 22.0


def test_what_is_defined_replaces_the_rule_of_a_table_in_both_modes():
    @primitive
    def f(x):
        return x

    row = general(f, vjp=lambda ans, x: lambda g: 2.0 * g, jvp=lambda t, ans, x: 2.0 * t)
    register_rules([row])
    assert (grad(f)(1.0), deriv(f)(1.0)) == (2.0, 2.0)
    defvjp(f, lambda ans, x: lambda g: 30.0 * g)
    assert (grad(f)(1.0), deriv(f)(1.0)) == (30.0, 30.0)
    assert primitive_of(f).rule is not row, "a row of a table must not be changed"


def test_the_outer_function_runs_in_the_forward_pass_and_the_inner_one_in_the_backward_pass():
    order = []

    @primitive
    def f(x):
        order.append("function")
        return x * x

    def maker(ans, x):
        order.append(("maker", ans, x))
        return lambda g: (order.append("pullback"), 2.0 * x * g)[1]

    defvjp(f, maker)
    vjp, _ = make_vjp(f)(3.0)
    assert order == ["function", ("maker", 9.0, 3.0)]
    assert vjp(1.0) == vjp(1.0) == 6.0
    assert order[2:] == ["pullback", "pullback"]


@pytest.mark.parametrize(
    "pullback",
    [
        lambda g: 3.0 * g if g else 0.0,
        lambda g: 0.0 if g == 0 else 3.0 * g,
        lambda g: sum(g for _ in range(3)),
        lambda g: -(-3.0 * g),
    ],
)
def test_forward_mode_is_derived_from_pullbacks_with_short_cuts_for_zero(pullback):
    @primitive
    def f(x):
        return 3.0 * x

    defvjp(f, lambda ans, x: pullback)
    assert grad(f)(2.0) == deriv(f)(2.0) == 3.0


def test_reverse_mode_is_derived_from_pushforwards_with_short_cuts_for_zero():
    @primitive
    def f(x, y):
        return 3.0 * x + 5.0 * y

    defjvp(f, lambda t, ans, x, y: 3.0 * t if t else 0.0, lambda t, ans, x, y: 0.0 if t == 0 else 5.0 * t)
    assert grad(f, (0, 1))(2.0, 2.0) == (3.0, 5.0)


# Containers as arguments and results


@primitive
def polar(p):
    """{"x": r cos, "y": [r sin], "n": 2} for p = (r, angle, unused)."""
    r, angle, _ = p
    return {"x": r * math.cos(angle), "y": [r * math.sin(angle)], "n": 2}


def polar_vjp(ans, p):
    r, _, _ = p
    cos, sin = ans["x"] / r, ans["y"][0] / r

    def pull(g):
        gx, gy = g["x"], g["y"][0]
        return (gx * cos + gy * sin, r * (gy * cos - gx * sin), 0.0)

    return pull


defvjp(polar, polar_vjp)


@primitive
def polar_forward(p):
    return polar(p)


def polar_jvp(t, ans, p):
    r, _, _ = p
    cos, sin = ans["x"] / r, ans["y"][0] / r
    dr, da, _ = t
    return {"x": dr * cos - r * sin * da, "y": [dr * sin + r * cos * da], "n": 0.0}


defjvp(polar_forward, polar_jvp)
C, SIN = math.cos(0.5), math.sin(0.5)


@pytest.mark.parametrize("function", [polar, polar_forward])
def test_containers_as_arguments_and_results(function):
    def cartesian(p):
        out = function(p)
        assert out["n"] == 2
        return out["x"], out["y"][0]

    for mode in ("forward", "reverse"):
        (xr, xa, x0), (yr, ya, y0) = jacobian(cartesian, mode=mode)((2.0, 0.5, 1.0))
        assert (xr, xa, yr, ya) == pytest.approx((C, -2 * SIN, SIN, 2 * C))
        assert (x0, y0) == (0.0, 0.0)
    # Only some of the leaves of an argument are traced, and only some of the results are used.
    for transform in (grad, deriv):
        assert transform(lambda a: function((2.0, a, 3))["y"][0])(0.5) == pytest.approx(2 * C)
        assert transform(lambda r: function((r, 0.5, r))["x"] * r)(2.0) == pytest.approx(4 * C)
        second = transform(transform(lambda a: function((2.0, a, 0.0))["x"]))
        assert second(0.5) == pytest.approx(-2 * C)


def test_several_containers_and_constants():
    @primitive
    def dot(a, b):
        return sum(x * y for x, y in zip(a, b, strict=True))

    defvjp(
        dot,
        lambda ans, a, b: lambda g: [g * y for y in b],
        lambda ans, a, b: lambda g: [g * x for x in a],
    )
    assert grad(dot, (0, 1))([1.0, 2.0], [3.0, 4.0]) == ([3.0, 4.0], [1.0, 2.0])
    for transform in (grad, deriv):
        assert transform(lambda x: dot([x, 2.0], [3.0, x]))(5.0) == 5.0
        assert transform(lambda x: dot(b=[x, x], a=[x, 1]))(5.0) == 11.0
        assert transform(transform(lambda x: dot([x, 1.0], [x, x])))(5.0) == 2.0
        # A box of an outer trace and one of an inner trace in one container.
        assert grad(lambda x: transform(lambda y: dot([x, y], [y, x * x]))(1.0))(3.0) == 1.0 + 6.0  # noqa: B023


@pytest.mark.parametrize("transform", [grad, deriv])
def test_a_result_may_have_parts_that_are_not_numbers(transform):
    @primitive
    def labelled(x):
        return x * x, "label"

    defvjp(labelled, lambda ans, x: lambda g: g[0] * 2.0 * x)
    assert transform(lambda x: labelled(x)[0])(3.0) == 6.0


# What a rule returns is checked


@pytest.mark.parametrize(
    ("pullback", "message"),
    [
        (lambda g: None, r"the result of the VJP of .*<lambda> for argument 0 must"),
        (lambda g: (g, g), r"VJP .* argument 0 must have the structure \*, but has tuple\(\*, \*\)"),
        (lambda g: "text", r"VJP .* argument 0 must be an element of .*, but is of type str"),
        (lambda g: [g], r"VJP .* structure"),
    ],
)
def test_a_vjp_that_returns_something_impossible_is_reported(pullback, message):
    wrong = primitive(lambda x: x)
    defvjp(wrong, lambda ans, x: pullback)
    with pytest.raises(RuleError, match=message):
        grad(wrong)(2.0)


def test_a_vjp_that_returns_the_wrong_number_of_cotangents_is_reported():
    wrong = primitive(lambda x, y: x)
    defvjp_argnums(wrong, lambda argnums, ans, args, kwargs: lambda g: (g,))
    with pytest.raises(RuleError, match=r"must return 2 cotangents.*\(0, 1\).*returned 1"):
        grad(wrong, (0, 1))(2.0, 3.0)


@pytest.mark.parametrize("tangent", [None, (1.0, 2.0), "text"])
def test_a_jvp_that_returns_something_impossible_is_reported(tangent):
    wrong = primitive(lambda x: x)
    defjvp(wrong, lambda t, ans, x: tangent)
    with pytest.raises(RuleError, match=r"the result of the JVP of .*<lambda>"):
        deriv(wrong)(2.0)


def test_integers_and_complex_cotangents_of_real_arguments_are_converted():
    f = primitive(lambda x: x)
    defvjp(f, lambda ans, x: lambda g: 2)
    assert grad(f)(1.0) == 2.0
    defvjp(f, lambda ans, x: lambda g: g * (3 + 4j))
    assert grad(f)(1.0) == 3.0


def test_no_rule_at_all():
    with pytest.raises(MissingRuleError):
        grad(primitive(product))(X, Y)
