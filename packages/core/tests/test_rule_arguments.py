"""Rules state the arguments that they understand, and refuse the others by name; what they say is checked."""

import functools
import inspect

import pytest

from autodiff import deriv, grad
from autodiff.errors import PluginError, UnsupportedArgumentError
from autodiff.extend import (
    bilinear,
    elementwise,
    general,
    linear,
    partials,
    primitive,
    primitive_of,
    reduction,
    register_rules,
    times,
    zero,
)

MODES = pytest.mark.parametrize("transform", [grad, deriv])


def power(x, n=2, *, scale=1.0, label=None):
    if n is None:
        n = 3
    return scale * x**n


def with_rule(make, fun=power):
    """Return a fresh primitive with the rule ``make(primitive)``."""
    fresh = primitive(functools.wraps(fun)(lambda *args, **kwargs: fun(*args, **kwargs)))
    register_rules([make(fresh)])
    return fresh


FORMS = {
    "elementwise": with_rule(lambda f: elementwise(f, lambda y, x: 2.0 * x)),
    "linear": with_rule(lambda f: linear(f, lambda g, x: g * 4.0), lambda x, n=2, *, scale=1.0, label=None: 4.0 * x),
    "vjp": with_rule(lambda f: general(f, vjp=lambda y, x: lambda g: 2.0 * x * g)),
    "jvp": with_rule(lambda f: general(f, jvp=lambda t, y, x: 2.0 * x * t)),
    "both": with_rule(lambda f: general(f, vjp=lambda y, x: lambda g: 2.0 * x * g, jvp=lambda t, y, x: 2.0 * x * t)),
}


@MODES
@pytest.mark.parametrize("name", FORMS)
def test_arguments_that_the_rule_does_not_know_are_refused_by_name(name, transform):
    function = FORMS[name]
    assert transform(function)(2.0) == 4.0
    assert transform(lambda x: function(x, label=None))(2.0) == 4.0
    for argument, call in {
        "n": lambda x: function(x, n=3),
        "scale": lambda x: function(x, scale=5.0),
        "label": lambda x: function(x, label="text"),
    }.items():
        with pytest.raises(UnsupportedArgumentError, match=rf"{function.__name__} .*`{argument}`"):
            transform(call)(2.0)
    with pytest.raises(UnsupportedArgumentError, match=r"`n`|number 1"):
        transform(lambda x: function(x, 3))(2.0)


@MODES
@pytest.mark.parametrize("name", FORMS)
def test_none_is_not_the_default_where_it_means_something_else(name, transform):
    function = FORMS[name]
    with pytest.raises(UnsupportedArgumentError, match="`n`"):
        transform(lambda x: function(x, n=None))(2.0)
    with pytest.raises(UnsupportedArgumentError, match=r"`n`|number 1"):
        transform(lambda x: function(x, None))(2.0)


@MODES
def test_traced_values_in_arguments_without_a_derivative_are_refused(transform):
    scaled = primitive(lambda x, factor: x * factor)
    register_rules([linear(scaled, lambda g, x, factor: g * factor)])
    assert transform(lambda x: scaled(x, 3.0))(2.0) == 3.0
    with pytest.raises(UnsupportedArgumentError, match=r"argument 1 \(`factor`\).*stop_gradient"):
        transform(lambda x: scaled(3.0, x))(2.0)
    product = primitive(lambda a, b, c: a * b * c)
    register_rules([bilinear(product, lambda g, a, b, c: g * b * c, lambda g, a, b, c: g * a * c)])
    assert transform(lambda x: product(x, x, 3.0))(2.0) == 12.0
    with pytest.raises(UnsupportedArgumentError, match=r"argument 2 \(`c`\)"):
        transform(lambda x: product(x, 1.0, x))(2.0)


@MODES
def test_traced_keywords(transform):
    def f(a, /, b, c=1.0, *, d=1.0):
        return a * b * c * d

    by_vjp = primitive(f)
    register_rules(
        [
            general(
                by_vjp,
                vjp=(
                    lambda y, a, b, c=1.0, d=1.0: lambda g: g * b * c * d,
                    lambda y, a, b, c=1.0, d=1.0: lambda g: g * a * c * d,
                    lambda y, a, b, c=1.0, d=1.0: lambda g: g * a * b * d,
                ),
            )
        ]
    )
    assert transform(lambda x: by_vjp(x, 3.0, d=2.0))(5.0) == 6.0
    assert transform(lambda x: by_vjp(2.0, b=x))(5.0) == 2.0
    assert transform(lambda x: by_vjp(2.0, c=x, b=3.0))(5.0) == 6.0
    assert transform(lambda x: by_vjp(x, c=x, b=x))(5.0) == 75.0
    assert transform(lambda x: by_vjp(2.0, 3.0, c=x, d=7.0))(5.0) == 42.0
    with pytest.raises(UnsupportedArgumentError, match=r"keyword `d`.*stop_gradient"):
        transform(lambda x: by_vjp(2.0, 3.0, d=x))(5.0)
    with pytest.raises(TypeError, match=r"missing a required argument: 'b'|missing 1 required"):
        transform(lambda x: by_vjp(2.0, c=x))(5.0)


class Partials:
    """Partials may be any callable, also a bound method."""

    factor = 2.0

    def bound(self, y, x):
        return self.factor * x

    @classmethod
    def of_class(cls, y, x):
        return cls.factor * x

    @staticmethod
    def static(y, x):
        return 2.0 * x

    def __call__(self, y, x):
        return self.factor * x


def decorated(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)

    return wrapper


def shadowing(y, x):
    x = 2.0 * x
    return x  # noqa: RET504


def nested(y, x):
    return sum([x for _ in range(2)]) * (lambda: 1.0)()  # noqa: PLC3002


def by_closure(y, x):
    def inner():
        return 2.0 * x

    return inner()


@MODES
@pytest.mark.parametrize(
    "partial",
    [
        lambda y, x: 2.0 * x,
        lambda y, x: 2.0 * y / x,
        lambda y, x: y / x + x,
        lambda *values: 2.0 * values[1],
        lambda y, *x: 2.0 * x[0],
        lambda y, x, unused=2.0: unused * x,
        lambda y, x: [2.0 * v for v in (x,)][0],  # noqa: RUF015
        lambda y, x: (lambda: 2.0 * x)(),  # noqa: PLC3002
        lambda y, x: eval("2.0 * x", {"x": x}),
        functools.partial(lambda factor, y, x: factor * x, 2.0),
        Partials().bound,
        Partials.of_class,
        Partials.static,
        Partials(),
        decorated(lambda y, x: 2.0 * x),
        shadowing,
        nested,
        by_closure,
    ],
)  # fmt: skip
def test_partials_of_all_kinds_get_what_they_use(partial, transform):
    square = primitive(lambda x: x * x)
    register_rules([elementwise(square, partial)])
    assert transform(square)(3.0) == 6.0
    assert transform(lambda x: square(2.0 * x) + square(x))(3.0) == 30.0
    assert transform(transform(square))(3.0) == 2.0


@MODES
@pytest.mark.parametrize("constant", [2.5, 1, -1, 0, 3])
def test_constant_partials(constant, transform):
    scaled = primitive(lambda x: constant * x)
    register_rules([elementwise(scaled, constant)])
    assert transform(scaled)(2.0) == constant
    assert transform(lambda x: scaled(x) * x)(2.0) == 4.0 * constant


@MODES
def test_partials_that_mention_none_of_their_arguments(transform):
    one = primitive(lambda x: 2.5 * x)
    two = primitive(lambda a, b: 2.5 * a + 3.5 * b)
    three = primitive(lambda a, b, c: 2.5 * a + 3.5 * b + c)
    register_rules(
        [
            elementwise(one, lambda y, x: 2.5),
            elementwise(two, lambda y, a, b: 2.5, lambda y, a, b: 3.5),
            elementwise(three, lambda *_: 2.5, lambda y, a, b, c: 3.5, times(lambda g, y, a, b, c: g)),
        ]
    )
    assert transform(one)(2.0) == 2.5
    assert [transform(two, i)(1.0, 1.0) for i in range(2)] == [2.5, 3.5]
    assert transform(lambda x: two(x, x))(1.0) == 6.0
    assert [transform(three, i)(1.0, 1.0, 1.0) for i in range(3)] == [2.5, 3.5, 1.0]
    assert transform(lambda x: three(x, x, x))(1.0) == 7.0
    assert transform(lambda x: x.real.conjugate().real * 2.0)(1.0) == 2.0


@MODES
def test_elementwise_rules_of_three_arguments_and_with_none(transform):
    fused = primitive(lambda a, b, c: a * b + c)
    register_rules([elementwise(fused, lambda y, a, b, c: b, lambda y, a, b, c: a, 1)])
    assert [transform(fused, i)(2.0, 3.0, 5.0) for i in range(3)] == [3.0, 2.0, 1.0]
    assert transform(lambda x: fused(x, x, x))(2.0) == 5.0
    assert transform(lambda x: fused(x, 3.0, c=x))(2.0) == 4.0
    first = primitive(lambda a, b: a * a)
    register_rules([elementwise(first, lambda y, a, b: 2.0 * a, None)])
    assert [transform(first, i)(3.0, 1.0) for i in range(2)] == [6.0, 0.0]
    assert transform(lambda x: first(x, x))(3.0) == 6.0


def test_partials_are_shared_between_rows():
    one, two = primitive(lambda x: x * x), primitive(lambda x: x * x)
    register_rules([elementwise(one, lambda y, x: 2.0 * x)])
    register_rules([elementwise(two, *partials(one))])
    assert grad(two)(3.0) == 6.0


def test_making_a_row_registers_nothing():
    f = primitive(lambda x: x)
    elementwise(f, 1)
    zero(f)
    assert primitive_of(f).rule is None


def test_two_rules_for_one_function_are_a_conflict_that_names_both_owners():
    f = primitive(lambda x: x)
    register_rules([elementwise(f, 1)], owner="first")
    with pytest.raises(PluginError, match=r"has a rule from first already; the one of second is left out.*DISABLE"):
        register_rules([elementwise(f, 2)], owner="second")
    assert grad(f)(1.0) == 1.0


def test_a_second_rule_of_the_same_owner_is_told_how_to_replace_the_first():
    f = primitive(lambda x: x)
    register_rules([elementwise(f, 1)])
    with pytest.raises(PluginError, match=r"has a rule from the user already.*`autodiff\.extend\.defvjp` and"):
        register_rules([elementwise(f, 2)])


def test_arguments_by_position_of_a_function_without_a_signature_are_not_ignored():
    with pytest.raises(ValueError, match="no signature"):
        inspect.signature(max)
    largest = primitive(max)
    register_rules([reduction(largest, 1.0)])
    with pytest.raises(UnsupportedArgumentError, match="number 1 by position"):
        grad(lambda x: largest(x, 5.0))(2.0)
