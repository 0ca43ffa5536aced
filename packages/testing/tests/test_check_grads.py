"""`check_grads` accepts right derivatives and finds wrong ones, in either mode and of either order."""

import math

import numpy as np
import pytest

from autodiff.extend import defjvp, defvjp, elementwise, linear, primitive, register_rules
from autodiff_testing import CheckError, check_grads

RNG = np.random.default_rng(0)
A = RNG.normal(size=(3, 4))
Z = RNG.normal(size=3) + 1j * RNG.normal(size=3)

# function, its arguments
RIGHT = {
    "scalar": (lambda x: x**3, 2.0),
    "array": (lambda x: np.sin(x) * x, A),
    "sum": (lambda x: np.sum(np.exp(x)), A),
    "two arguments": (lambda x, y: np.tanh(x @ y), A, RNG.normal(size=4)),
    "number and array": (lambda x, y: x * np.cos(y), 3.0, A),
    "container": (lambda p: {"y": p["w"] @ p["x"] + p["b"]}, {"w": A, "x": np.ones(4), "b": np.zeros(3)}),
    "several results": (lambda x: (x**2, [np.sum(x), 3.0]), A),
    "complex": (lambda z: z * z + np.conj(z), Z),
    "complex to real": (lambda z: np.abs(z) ** 2, Z),
    "real to complex": (lambda x: np.exp(1j * x), A),
    "constant": (lambda x: np.ones(3), A),
    "linear": (lambda x: x[::2, 1:].T, A),
    "float32": (lambda x: np.sum(np.sin(x) * x), A.astype(np.float32)),
    "large": (lambda x: x**2, np.array([1e6, -1e6])),
    "small": (lambda x: np.sin(x), np.array([1e-3, -1e-3])),
}


@pytest.mark.parametrize("modes", [("fwd",), ("rev",), ("fwd", "rev")], ids=str)
@pytest.mark.parametrize("name", RIGHT)
def test_right_derivatives_pass(name, modes):
    function, *arguments = RIGHT[name]
    before = [np.copy(a) if isinstance(a, np.ndarray) else a for a in arguments]
    assert check_grads(function, modes=modes, order=2)(*arguments) is None
    for a, b in zip(arguments, before, strict=True):
        assert not isinstance(a, np.ndarray) or np.array_equal(a, b)


def test_keywords_are_passed_on_and_not_differentiated():
    check_grads(lambda x, axis, n=1: np.sum(x, axis=axis) ** n)(A, axis=1, n=2)


def wrong(vjp=None, jvp=None):
    """Return sin with the given factors in its derivatives."""
    sine = primitive(np.sin)
    cosine = lambda x: np.cos(x)
    fresh = primitive(lambda x: sine(x))
    if vjp is not None:
        defvjp(fresh, lambda y, x: lambda g: vjp(g * cosine(x)))
    if jvp is not None:
        defjvp(fresh, lambda t, y, x: jvp(t * cosine(x)))
    return fresh


MODES = {"fwd": "forward", "rev": "reverse"}

# a pullback or pushforward that is wrong
WRONG = {
    "factor": lambda g: 1.001 * g,
    "sign": lambda g: -g,
    "zero": lambda g: 0.0 * g,
    "offset": lambda g: g + 0.01,
    "not a number": lambda g: g * math.nan,
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_derivative_is_found_and_the_message_has_the_numbers(name):
    right = lambda g: g
    for function, mode in (
        (wrong(vjp=WRONG[name], jvp=right), "rev"),
        (wrong(vjp=right, jvp=WRONG[name]), "fwd"),
    ):
        with pytest.raises(CheckError, match=r"(?s)found +.*analytic +numerical +ratio") as info:
            check_grads(function)(A)
        assert (info.value.mode, info.value.order, info.value.argument) == (mode, 1, 0)
        with pytest.raises(CheckError, match=f"mode +{MODES[mode]} mode, order 1"):
            check_grads(function, modes=(mode,), order=1)(A)
        check_grads(function, modes=({"rev", "fwd"} - {mode}).pop().split(), order=1)(A)


def test_a_derivative_that_is_wrong_in_the_second_order_only_is_found():
    cube = primitive(lambda x: x**3)
    frozen = primitive(lambda x: 3.0 * x**2)
    register_rules([elementwise(cube, lambda y, x: frozen(x)), elementwise(frozen, 0)])
    check_grads(cube, order=1)(A)
    for modes in (["fwd"], ["rev"]):
        with pytest.raises(CheckError, match="first order is right, order 2 is wrong"):
            check_grads(cube, modes, order=2)(A)


def test_a_wrong_transpose_is_found():
    flipped = primitive(lambda x: x[::-1])
    register_rules([linear(flipped, lambda g, x: g)])
    check_grads(flipped, ["fwd"])(A)
    with pytest.raises(CheckError, match="look at the rule for reverse"):
        check_grads(flipped)(A)


def test_a_gradient_of_another_type_is_found():
    f = primitive(lambda x: x * 1.0)
    defvjp(f, lambda y, x: lambda g: g)
    check_grads(f)(A)
    truncated = lambda x: x.astype(np.float32).astype(np.float64)
    with pytest.raises(AssertionError):
        check_grads(truncated, order=1)(np.array([1.0, 1e-9]) + 1.0 / 3.0)


@pytest.mark.parametrize("modes", [("forward",), (), ("fwd", "both")])
def test_unknown_modes_are_refused(modes):
    with pytest.raises(ValueError, match="modes are"):
        check_grads(np.sin, modes=modes)


@pytest.mark.parametrize("order", [0, -1])
def test_unknown_orders_are_refused(order):
    with pytest.raises(ValueError, match="order must be at least 1"):
        check_grads(np.sin, order=order)


def test_the_seed_chooses_the_direction():
    """An error along one direction only can be missed by one seed, but not by all."""
    hidden = primitive(lambda x: x * 1.0)
    direction = np.array([1.0, -1.0])
    defvjp(hidden, lambda y, x: lambda g: g + 0.5 * direction * np.sum(g * direction))
    for seed in range(5):
        with pytest.raises(AssertionError):
            check_grads(hidden, ["rev"], order=1, seed=seed)(np.ones(2))
