"""Ordinary Python programs have the right derivatives, in both modes and in the second order."""

import functools
import math
from collections.abc import Callable

import pytest

from autodiff import deriv, elementwise_grad, grad, jacobian, make_jvp, make_vjp, value_and_grad


def newton(a):
    """Square root by Newton's method."""
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return 0.5 * (x + a / x)


def power(x, n):
    """Power by recursion."""
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half * x if n % 2 else half * half


def taylor_sine(x):
    total = term = x
    for k in range(1, 12):
        term = -term * x * x / ((2 * k) * (2 * k + 1))
        total = total + term
    return total


def branch(x):
    if x < 0:
        return x * x
    return x * x * x if x > 1 else 5.0 * x


def mutated_list(x):
    powers = [1.0]
    for _ in range(4):
        powers.append(powers[-1] * x)
    powers[1] = 10.0 * x
    return sum(powers)


def augmented(x):
    y = x
    y += x
    y *= x
    y -= 1.0
    y /= 2.0
    y **= 2
    return y


class Account:
    def __init__(self, balance):
        self.balance = balance

    def grow(self, rate):
        self.balance *= 1.0 + rate


def attributes(x):
    account = Account(100.0)
    for _ in range(3):
        account.grow(x)
    return account.balance


def closure(x):
    def scaled(y):
        return x * y

    return scaled(scaled(scaled(1.0)))


def caught(x):
    try:
        [][x > 0]
    except IndexError:
        return 7.0 * x
    return x


def shadowed(x):
    x = x * 2.0
    x = x * x
    return x  # noqa: RET504  # the point is that names are reused


def argument_defaults(x, y=3.0, *rest, scale=2.0, **options):
    return x * x * y * scale


def ignores_its_argument(x):
    return 4.0


# name: function, point, first derivative, second derivative
PROGRAMS: dict[str, tuple[Callable[..., object], float, float, float]] = {
    "cube": (lambda x: x**3, 2.0, 12.0, 12.0),
    "identity": (lambda x: x, 2.0, 1.0, 0.0),
    "constant": (ignores_its_argument, 2.0, 0.0, 0.0),
    "used often": (lambda x: x + x + x * x + x, 3.0, 9.0, 2.0),
    "cancelled": (lambda x: x - x, 3.0, 0.0, 0.0),
    "quotient": (lambda x: (x + 1) / (x - 1), 3.0, -0.5, 0.5),
    "newton": (newton, 2.0, 0.5 / math.sqrt(2), -0.25 / 2**1.5),
    "recursion": (lambda x: power(x, 5), 1.5, 5 * 1.5**4, 20 * 1.5**3),
    "loop": (taylor_sine, 0.7, math.cos(0.7), -math.sin(0.7)),
    "first branch": (branch, -3.0, -6.0, 2.0),
    "second branch": (branch, 3.0, 27.0, 18.0),
    "third branch": (branch, 0.5, 5.0, 0.0),
    "mutated list": (mutated_list, 2.0, 10 + 4 + 12 + 32, 2 + 12 + 48),
    "augmented": (augmented, 2.0, 2 * 2 * (2 * 4 - 1), 12 * 4 - 2),  # (2x² - 1)²/4
    "attributes": (attributes, 0.1, 300 * 1.1**2, 600 * 1.1),
    "closure": (closure, 2.0, 12.0, 12.0),
    "caught exception": (caught, 2.0, 7.0, 0.0),
    "names reused": (shadowed, 3.0, 24.0, 8.0),
    "defaults": (argument_defaults, 3.0, 36.0, 12.0),
    "comprehension": (lambda x: sum([k * x**k for k in range(4)]), 2.0, 1 + 8 + 36, 4 + 36),
    "generator": (lambda x: sum(k * x**k for k in range(4)), 2.0, 1 + 8 + 36, 4 + 36),
    "dictionary": (lambda x: {"a": x, "b": x * x}["b"], 3.0, 6.0, 2.0),
    "reduce": (lambda x: functools.reduce(lambda a, b: a * b, [x, x, x]), 2.0, 12.0, 12.0),
    "math.prod": (lambda x: math.prod([x, 2.0, x]), 3.0, 12.0, 4.0),
    "max": (lambda x: max(x, 2.0 * x, x * x), 3.0, 6.0, 2.0),
    "sorted": (lambda x: sorted([x * x, x, 5.0])[2], 3.0, 6.0, 2.0),
    "map and zip": (lambda x: sum(a * b for a, b in zip(map(abs, [x, -x]), [x, 1.0], strict=True)), -3.0, 5.0, -2.0),
    "unpacking": (lambda x: (lambda a, *b: a * b[1])(*[x, 1.0, x]), 3.0, 6.0, 2.0),  # noqa: PLC3002
    "partial": (functools.partial(lambda a, x: a * x * x, 5.0), 2.0, 20.0, 10.0),
    "walrus": (lambda x: (y := x * x) * y, 2.0, 32.0, 48.0),
    "conditional": (lambda x: x * x if x else x, 3.0, 6.0, 2.0),
    "count from a comparison": (lambda x: [x * x for _ in range(int(x > 2))][0], 3.0, 6.0, 2.0),  # noqa: RUF015
    "integers": (lambda x: (3 * x - 1) ** 2 // 1 + x, 1.5, 1.0, 0.0),
    "formatted on the way": (lambda x: (f"{x:.3f} {x} {x!r}", x * x)[1], 3.0, 6.0, 2.0),
}

FIRST = {
    "grad": grad,
    "deriv": deriv,
    "elementwise_grad": elementwise_grad,
    "value_and_grad": lambda f: lambda x: value_and_grad(f)(x)[1],
    "make_vjp": lambda f: lambda x: make_vjp(f)(x)[0](1.0),
    "make_jvp": lambda f: lambda x: make_jvp(f)(x)(1.0)[1],
    "jacobian, forward": functools.partial(jacobian, mode="forward"),
    "jacobian, reverse": functools.partial(jacobian, mode="reverse"),
}
SECOND = {
    "reverse over reverse": lambda f: grad(grad(f)),
    "reverse over forward": lambda f: grad(deriv(f)),
    "forward over reverse": lambda f: deriv(grad(f)),
    "forward over forward": lambda f: deriv(deriv(f)),
}


@pytest.mark.parametrize("mode", FIRST)
@pytest.mark.parametrize("name", PROGRAMS)
def test_first_derivative(name, mode):
    function, x, first, _ = PROGRAMS[name]
    assert FIRST[mode](function)(x) == pytest.approx(first, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("mode", SECOND)
@pytest.mark.parametrize("name", PROGRAMS)
def test_second_derivative(name, mode):
    function, x, _, second = PROGRAMS[name]
    assert SECOND[mode](function)(x) == pytest.approx(second, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", PROGRAMS)
def test_tracing_does_not_change_the_value(name):
    function, x, _, _ = PROGRAMS[name]
    plain = function(x)
    assert value_and_grad(function)(x)[0] == plain
    assert make_jvp(function)(x)(1.0)[0] == plain


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 100])
def test_a_loop_that_runs_differently_each_time(n):
    def repeated(x):
        for _ in range(n):
            x = 2.0 * x
        return x

    assert grad(repeated)(1.0) == deriv(repeated)(1.0) == 2.0**n


def test_the_same_transformed_function_may_be_called_with_other_branches():
    gradient = grad(branch)
    assert [gradient(x) for x in (-3.0, 3.0, 0.5, -1.0)] == [-6.0, 27.0, 5.0, -2.0]
