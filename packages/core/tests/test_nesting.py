"""Derivatives of derivatives: no trace takes another one's perturbation for its own."""

import contextlib
import itertools
import math

import pytest

from autodiff import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    stop_gradient,
    value_and_grad,
)
from autodiff.errors import AutodiffError, EscapedBoxError
from autodiff.extend import elementwise, primitive, register_rules

sin, cos, exp = map(primitive, (math.sin, math.cos, math.exp))
register_rules(
    [
        elementwise(sin, lambda y, x: cos(x)),
        elementwise(cos, lambda y, x: -sin(x)),
        elementwise(exp, lambda y, x: y),
    ]
)
MODES = {
    "reverse": grad,
    "forward": deriv,
    "pullback": lambda f, argnum=0: lambda *args: make_vjp(f, argnum)(*args)[0](1.0),
    "pushforward": lambda f, argnum=0: lambda *args: make_jvp(f, argnum)(*args)(1.0)[1],
}
PAIRS = pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES.values(), repeat=2)))
ANY = pytest.mark.parametrize("transform", list(MODES.values()), ids=list(MODES))


@pytest.mark.parametrize("modes", list(itertools.product([grad, deriv], repeat=6)), ids=lambda _: "")
def test_six_levels_in_all_combinations(modes):
    def nested(function):
        for mode in modes:
            function = mode(function)
        return function

    assert nested(lambda x: x**7)(2.0) == math.factorial(7) * 2.0
    assert nested(sin)(0.3) == pytest.approx(-math.sin(0.3), rel=1e-14)
    assert nested(lambda x: 1 / x)(2.0) == pytest.approx(math.factorial(6) / 2.0**7, rel=1e-14)


@pytest.mark.parametrize(
    "modes", [[grad] * 8, [deriv] * 8, [grad, deriv] * 4, [checkpoint, grad] * 4], ids=lambda _: ""
)
def test_products_of_functions_at_high_orders(modes):
    function = lambda x: exp(2.0 * x) * sin(x)
    order = sum(mode is not checkpoint for mode in modes)
    for mode in modes:
        function = mode(function)
    # exp(2x) sin(x) is the imaginary part of exp((2+i)x).
    expected = ((2 + 1j) ** order * (math.e ** ((2 + 1j) * 0.3))).imag
    assert function(0.3) == pytest.approx(expected, rel=1e-12)


@PAIRS
def test_perturbations_are_not_confused(outer, inner):
    assert outer(lambda x: x * inner(lambda y: x + y)(1.0))(1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y)(2.0))(3.0) == 6.0
    assert outer(lambda x: x * inner(lambda y: x)(2.0))(3.0) == 0.0
    assert outer(lambda x: inner(lambda y: x * y**2 + y * x**2)(5.0))(3.0) == 2 * 5.0 + 2 * 3.0
    assert outer(lambda x: inner(lambda y: x * y**2 + y * x**2)(x))(3.0) == 18.0
    assert outer(lambda x: inner(lambda x: x * x)(x) * inner(lambda y: y * x)(x))(3.0) == 4 * 3.0
    assert outer(lambda x: inner(lambda y: outer(lambda z: x * y * z)(y) * x)(2.0))(3.0) == 6.0


@PAIRS
def test_inner_derivatives_at_points_that_depend_on_the_outer_variable(outer, inner):
    # g(x) = f'(2x) for f = sin, so g' = -2 sin(2x)
    assert outer(lambda x: inner(sin)(2.0 * x))(0.3) == pytest.approx(-2 * math.sin(0.6))
    # Newton's step, differentiated: x - f/f' for f = x² - a, so d/da = 1/(2x)
    step = lambda a, x: x - (x * x - a) / inner(lambda y: y * y - a)(x)
    assert outer(step)(2.0, 1.5) == pytest.approx(1 / 3.0)
    # Twice: d²/da² of two steps, against the closed form of two steps s(s(x)).
    two = lambda a: step(a, step(a, 1.5))
    plain = lambda a: (lambda x: 0.5 * (x + a / x))(0.5 * (1.5 + a / 1.5))  # noqa: PLC3002
    assert outer(outer(two))(2.0) == pytest.approx(outer(outer(plain))(2.0))


@PAIRS
def test_constants_of_the_inner_trace_belong_to_the_outer_one(outer, inner):
    def function(x):
        captured = x * x
        first = inner(lambda y: captured * y**2)(1.0)  # 2 x²
        second = inner(lambda y: first * y + captured)(1.0)  # 2 x²
        return second  # noqa: RET504

    assert outer(function)(3.0) == 12.0


@ANY
def test_three_levels_share_one_closure(transform):
    f = lambda x, y, z: x**2 * y**3 * z**4
    found = transform(lambda x: transform(lambda y: transform(lambda z: f(x, y, z))(1.5))(2.0))(3.0)
    assert found == 2 * 3.0 * 3 * 2.0**2 * 4 * 1.5**3


def test_mixed_transforms():
    f = lambda x: x[0] ** 3 * x[1] ** 2
    assert jacobian(grad(f))([2.0, 3.0]) == [[108.0, 72.0], [72.0, 16.0]]
    assert grad(lambda x: jacobian(grad(f))([x, 3.0])[0][0])(2.0) == 54.0
    assert deriv(lambda t: make_hvp(f)([t, 3.0])[0]([1.0, 0.0])[0])(2.0) == 54.0
    assert deriv(lambda t: value_and_grad(lambda x: t * x**3)(2.0))(5.0) == (8.0, 12.0)
    assert grad(lambda t: elementwise_grad(lambda x: t * x**3)(2.0))(5.0) == 12.0


@PAIRS
def test_a_stopped_inner_derivative_is_a_constant(outer, inner):
    assert outer(lambda x: x * stop_gradient(inner(lambda y: y**2 * x)(x)))(3.0) == 18.0


# Exceptions


@PAIRS
def test_after_an_exception_in_an_inner_trace(outer, inner):
    def fails(y):
        y * y
        raise LookupError("on purpose")

    def function(x):
        for _ in range(3):
            with contextlib.suppress(LookupError):
                inner(lambda y: fails(x * y))(1.0)
        return x * inner(lambda y: x * y)(1.0)

    assert outer(function)(3.0) == 6.0
    with pytest.raises(LookupError):
        outer(fails)(3.0)
    assert outer(function)(3.0) == 6.0


@ANY
def test_a_value_that_leaves_by_an_exception_is_of_no_use(transform):
    class Carrier(Exception):  # noqa: N818
        pass

    def function(x):
        raise Carrier(x * x)

    with pytest.raises(Carrier) as caught:
        transform(function)(3.0)
    with pytest.raises(EscapedBoxError):
        caught.value.args[0] * 2.0


@ANY
def test_an_exception_may_carry_a_value_to_an_outer_level(transform):
    class Carrier(Exception):  # noqa: N818
        pass

    def inner(x):
        raise Carrier(x * x)

    def function(x):
        try:
            return inner(x)
        except Carrier as carrier:
            return carrier.args[0] * x

    assert transform(function)(3.0) == 27.0


# Escaped values


@PAIRS
def test_a_value_of_a_trace_that_has_ended_is_not_a_constant_for_the_outer_one(outer, inner):
    def function(x):
        kept = []
        inner(lambda y: kept.append(x * y) or y)(2.0)
        return kept[0]  # depends on x, but no trace can tell any more

    with pytest.raises(EscapedBoxError):
        outer(function)(3.0)
    with pytest.raises(EscapedBoxError):
        outer(lambda x: function(x) * 1.0)(3.0)


@ANY
def test_escaped_values_in_containers_and_auxiliary_results(transform):
    kept = []
    transform(lambda x: kept.append(x * 1.0) or x)(2.0)
    with pytest.raises(EscapedBoxError):
        jacobian(lambda x: {"a": x, "b": kept[0]})(3.0)
    with pytest.raises(EscapedBoxError):
        make_jvp(lambda x: [x, kept[0]])(3.0)(1.0)
    with pytest.raises(EscapedBoxError):
        transform(lambda x: x * kept[0])(3.0)
    with pytest.raises(EscapedBoxError):
        transform(lambda x: kept[0] + 1.0)(3.0)


def test_a_function_as_a_result_is_refused():
    shift = lambda t: lambda f: lambda x: f(x + t)
    with pytest.raises(AutodiffError):
        deriv(shift)(0.0)
    with pytest.raises(AutodiffError):
        jacobian(shift)(0.0)


# Generators


def powers(x):
    power = 1.0
    while True:
        power = power * x
        yield power


@PAIRS
def test_generators_inside_of_traced_functions(outer, inner):
    third = lambda x: next(itertools.islice(powers(x), 2, None))
    assert outer(third)(2.0) == 12.0
    assert outer(inner(third))(2.0) == 12.0


@PAIRS
def test_a_generator_suspended_at_one_level_goes_on_at_another(outer, inner):
    def function(x):
        outside = powers(x)
        next(outside)

        def inside(y):
            mixed = powers(x * y)
            return next(outside) * y * next(mixed) * next(outside)  # x² y (x y) x³

        first = inner(inside)(2.0)  # 2 y x⁶ = 4 x⁶
        return first * next(outside)  # 4 x¹⁰

    assert outer(function)(1.5) == pytest.approx(40 * 1.5**9)


@PAIRS
def test_interleaved_generators(outer, inner):
    def derivatives(x):
        for n in itertools.count(1):
            yield inner(lambda y, n=n: y**n * x)(2.0)  # n 2^(n-1) x

    def function(x):
        one, two = derivatives(x), derivatives(x * x)
        return sum(next(one) + next(two) for _ in range(3))  # (1 + 4 + 12) (x + x²)

    assert outer(function)(3.0) == 17.0 * 7.0


@ANY
def test_a_suspended_generator_that_outlives_its_trace_is_an_error(transform):
    kept = []

    def function(x):
        kept.append(powers(x))
        return next(kept[-1]) * next(kept[-1])

    assert transform(function)(2.0) == 12.0
    with pytest.raises(EscapedBoxError):
        next(kept[0])
    assert transform(function)(2.0) == 12.0


@ANY
def test_a_generator_that_differentiates_between_its_yields(transform):
    def descent(x):
        while True:
            yield x
            x = x - 0.25 * transform(lambda y: y * y)(x)  # halves x

    one, two = descent(8.0), descent(16.0)
    assert [next(g) for g in (one, two, two, one, two, one)] == [8.0, 16.0, 8.0, 4.0, 4.0, 2.0]
    assert transform(lambda x: next(itertools.islice(descent(x), 3, None)))(8.0) == 0.125
