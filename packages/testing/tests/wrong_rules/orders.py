"""Rules that are right at first order, and wrong at second."""

import numpy as np

from autodiff.extend import defjvp, defvjp, elementwise, register_rules
from wrong_rules import A, Row, V, new, row


def _frozen():
    """Return the cube, whose partial has a derivative of zero."""
    made, partial = new(lambda x: x**3), new(lambda x: 3.0 * x**2)
    register_rules([elementwise(made, lambda y, x: partial(x)), elementwise(partial, 0)])
    return made


def _factor():
    made, cosine = new(np.sin), new(np.cos)
    register_rules([elementwise(made, lambda y, x: cosine(x)), elementwise(cosine, lambda y, x: -2 * np.sin(x))])
    return made


def _third():
    """Return the fourth power, whose second derivative has a wrong derivative."""
    made, first, second = new(lambda x: x**4), new(lambda x: 4 * x**3), new(lambda x: 12 * x**2)
    partials = ((made, lambda y, x: first(x)), (first, lambda y, x: second(x)), (second, lambda y, x: 12 * x))
    register_rules([elementwise(fun, partial) for fun, partial in partials])
    return made


def _factor_forwards():
    """Return the sine, whose cosine has a wrong factor in forward mode only."""
    made, cosine = new(np.sin), new(np.cos)
    register_rules([elementwise(made, lambda y, x: cosine(x))])
    defvjp(cosine, lambda y, x: lambda g: -g * np.sin(x))
    defjvp(cosine, lambda t, y, x: -t * np.sin(x) / 2)
    return made


def _sign_backwards():
    """Return the sine, whose cosine has a wrong sign in reverse mode only."""
    made, cosine = new(np.sin), new(np.cos)
    register_rules([elementwise(made, lambda y, x: cosine(x))])
    defvjp(cosine, lambda y, x: lambda g: g * np.sin(x))
    defjvp(cosine, lambda t, y, x: -t * np.sin(x))
    return made


def _constant_of_value():
    """Return the exponential, whose rule takes its value for a constant."""
    made = new(np.exp)
    defvjp(made, lambda y, x: lambda g: g * np.exp(np.asarray(_plain(x))))
    return made


def _plain(x):
    from autodiff.extend import unbox

    while x is not (x := unbox(x)):
        pass
    return x


ROWS: tuple[Row, ...] = (
    row("zero, forward", _frozen, A, modes=("fwd",), order=2, words=("first order is right", "order 2", "zero")),
    row("zero, reverse", _frozen, A, modes=("rev",), order=2, words=("first order is right", "order 2", "zero")),
    row("a factor", _factor, A, order=2, words=("first order is right", "2 times")),
    row(
        "a sign, in reverse over reverse",
        _sign_backwards,
        V,
        modes=("rev",),
        order=2,
        words=("first order is right", "sign"),
    ),
    row("a sign, in both", _sign_backwards, V, order=2, words=("first order is right", "sign")),
    row("a residual that is cut off", _constant_of_value, V, order=2, words=("first order is right", "zero")),
    row("third order", _third, A, order=3, words=("lower orders are right, order 3", "1/2 times")),
    row("forward over reverse", _factor_forwards, A, order=2, words=("first order is right", "1/2 times")),
)
