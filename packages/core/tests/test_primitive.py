"""Primitives: functions that traces do not look inside of."""

import dataclasses
import functools
import math
import threading

import pytest

from autodiff import deriv, grad, stop_gradient
from autodiff.errors import AutodiffError, EscapedBoxError, InputError, MissingRuleError
from autodiff.extend import Box, defvjp, nondifferentiable, notrace_primitive, primitive, primitive_of

MODES = pytest.mark.parametrize("transform", [grad, deriv])
seen = []


@primitive
def square(x, times=1):
    """Return times * x².

    The rule counts twice what it should, to tell it from a look inside.
    """
    seen.append(x)
    return times * x * x


defvjp(square, lambda y, x, times=1: lambda g: 200.0 * times * x * g)


@MODES
def test_the_rule_is_used_and_the_function_sees_plain_values(transform):
    seen.clear()
    assert transform(square)(3.0) == 600.0
    assert seen
    assert not any(isinstance(x, Box) for x in seen)
    assert transform(lambda x: square(x, times=2))(3.0) == 1200.0
    assert square(3.0) == 9.0


def test_it_keeps_name_signature_and_documentation():
    assert square.__name__ == "square"
    assert square.__doc__.startswith("Return times")
    assert square.__wrapped__(3.0) == 9.0
    assert primitive_of(square).name == f"{__name__}.square"
    assert [p.name for p in primitive_of(square).parameters()] == ["x", "times"]


def test_each_primitive_has_rules_of_its_own_though_it_may_share_the_function():
    def plain(x):
        return x

    one, two = primitive(plain), primitive(plain)
    defvjp(one, lambda y, x: lambda g: 1.0 * g)
    defvjp(two, lambda y, x: lambda g: 2.0 * g)
    assert (grad(one)(3.0), grad(two)(3.0)) == (1.0, 2.0)


def test_wrapping_twice_is_the_same_as_once():
    twice = primitive(square)
    assert grad(twice)(3.0) == 600.0


@dataclasses.dataclass
class Scale:
    """A callable that compares by value, and so cannot be hashed."""

    factor: float

    def __call__(self, x):
        return self.factor * x

    def method(self, x):
        return self.factor * x


CALLABLES = {
    "builtin": (math.sqrt, 2.0),
    "lambda": (lambda x: math.sqrt(x), 2.0),
    "partial": (functools.partial(pow, exp=2), 16.0),
    "callable object": (Scale(5.0), 20.0),
    "bound method": (Scale(5.0).method, 20.0),
    "class": (float, 4.0),
}


@MODES
@pytest.mark.parametrize("name", CALLABLES)
def test_any_callable_can_be_a_primitive(name, transform):
    function, value = CALLABLES[name]
    known = primitive(function)
    assert known(4.0) == value
    defvjp(known, lambda y, x: lambda g: 10.0 * g)
    assert transform(known)(4.0) == 10.0


def test_primitives_made_inside_of_functions_are_freed():
    import gc
    import weakref

    class Token:
        pass

    token = Token()
    alive = weakref.ref(token)
    known = primitive(lambda x, token=token: x)
    defvjp(known, lambda y, x: lambda g: g)
    assert grad(known)(1.0) == 1.0
    del token, known
    gc.collect()
    assert alive() is None


@MODES
def test_without_a_rule_there_is_an_error(transform):
    unknown = primitive(lambda x: x)
    assert unknown(2.0) == 2.0
    with pytest.raises(MissingRuleError, match=r"test_primitive.*lambda.*no rule.*defvjp.*stop_gradient"):
        transform(unknown)(2.0)


@MODES
def test_a_traced_value_from_the_closure_of_a_primitive_is_an_error(transform):
    def function(x):
        hidden = primitive(lambda y: x * y)
        defvjp(hidden, lambda ans, y: lambda g: g)
        return hidden(x)

    with pytest.raises(EscapedBoxError, match=r"was not passed to it as an argument.*Pass every traced value"):
        transform(function)(2.0)


@MODES
def test_a_closure_over_an_outer_trace_is_right(transform):
    def outer(x):
        hidden = primitive(lambda y: x * y)
        defvjp(hidden, lambda ans, y: lambda g: g * x)
        return transform(lambda y: hidden(y) * y)(3.0)  # 6 x

    assert grad(outer)(2.0) == deriv(outer)(2.0) == 6.0


@MODES
def test_nondifferentiable_functions_have_zero_derivatives(transform):
    floor = nondifferentiable(math.floor)
    seen_types = []
    note = notrace_primitive(lambda x, label="": seen_types.append(type(x)))

    def function(x):
        note(x, label=x)
        return x * floor(x)

    assert transform(function)(2.5) == 2.0
    assert transform(lambda x: transform(function)(x) * x)(2.5) == 2.0
    assert seen_types
    assert not any(issubclass(kind, Box) for kind in seen_types)


def test_a_function_with_a_rule_cannot_be_declared_nondifferentiable():
    with pytest.raises(InputError, match="has a derivative rule already"):
        nondifferentiable(square)


@MODES
def test_stop_gradient_makes_a_constant_at_all_levels(transform):
    assert transform(lambda x: x * stop_gradient(x))(3.0) == 3.0
    assert transform(lambda x: transform(lambda y: x * y * stop_gradient(x * y))(5.0))(3.0) == 15.0
    stopped = stop_gradient({"a": [1.0, None], "b": "text"})
    assert stopped == {"a": [1.0, None], "b": "text"}
    assert transform(lambda x: stop_gradient([x, x])[0] + 2.0 * x)(3.0) == 2.0


def test_one_primitive_for_one_function_even_in_threads():
    def fresh(x):
        return x

    found = []
    barrier = threading.Barrier(8)

    def look():
        barrier.wait()
        found.append(primitive_of(fresh))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(known) for known in found}) == 1


def test_errors_of_autodiff_are_caught_together():
    with pytest.raises(AutodiffError):
        grad(primitive(lambda x: x))(2.0)
