"""Rules that ignore an argument, or are wrong for some types and containers."""

import numpy as np

from autodiff.extend import defvjp_argnums, elementwise, linear, reduction
from wrong_rules import A, Row, V, both, form, new, row, vjp

CUBE = np.linspace(-1.9, 2.8, 18).reshape(2, 3, 3)


def _scaled(x, scale=1.0):
    return scale * np.sin(x)


def _layer(p):
    return p["w"] * V + p["b"]


def _too_few():
    made = new(np.multiply)
    defvjp_argnums(made, lambda argnums, y, args, kwargs: lambda g: (g * args[1],))
    return made


def _raises(g):
    raise ZeroDivisionError("no way back")


ROWS: tuple[Row, ...] = (
    row(
        "scale ignored",
        vjp(_scaled, lambda y, x, scale=1.0: lambda g: g * np.cos(x)),
        A,
        scale=2.5,
        words=("`scale`", "ignored"),
    ),
    row(
        "where ignored",
        vjp(np.sum, lambda y, x, where=True: lambda g: g * np.ones(x.shape)),
        A,
        where=A > 0,
        words=("`where`", "ignored"),
    ),
    row(
        "ddof ignored",
        form(reduction, np.var, lambda y, x, ddof=0: 2 * (x - x.mean()) / x.size),
        A,
        ddof=1,
        words=("`ddof`", "ignored"),
    ),
    row(
        "ord ignored",
        vjp(np.linalg.norm, lambda y, x, ord=None: lambda g: g * x / np.linalg.norm(x)),  # noqa: A006
        V,
        ord=1,
        words=("`ord`", "ignored"),
    ),
    row(
        "keepdims ignored",
        vjp(np.sum, lambda y, x, axis=None, keepdims=False: lambda g: np.expand_dims(g, axis) * np.ones(x.shape)),
        A,
        axis=1,
        keepdims=True,
        words=("`keepdims`", "ignored"),
    ),
    row(
        "a position ignored",
        vjp(_scaled, lambda y, x, scale: lambda g: g * np.cos(x), lambda y, x, scale: lambda g: np.sum(g * y) / scale),
        A,
        2.5,
        words="2/5 times",
    ),
    row(
        "single precision",
        form(elementwise, np.sin, lambda y, x: np.cos(x) * (1 if x.dtype == float else 3)),
        A.astype(np.float32),
        words=("precision", "3 times"),
    ),
    row(
        "one leaf",
        vjp(_layer, lambda y, p: lambda g: {"w": g * V, "b": 2 * g}),
        {"w": 1.5 + V, "b": V},
        words=("2 times", "'b'"),
    ),
    row(
        "a leaf without derivative",
        vjp(_layer, lambda y, p: lambda g: {"w": 0 * g, "b": g}),
        {"w": 1.5 + V, "b": V},
        words=("zero", "'w'"),
    ),
    row(
        "a leaf that is missing",
        vjp(_layer, lambda y, p: lambda g: {"w": g * V}),
        {"w": 1.5 + V, "b": V},
        words="structure",
    ),
    row(
        "one result ignored",
        vjp(lambda x: (np.sin(x), np.cos(x)), lambda y, x: lambda g: g[0] * np.cos(x)),
        V,
        words=("result [1]", "zero"),
    ),
    row(
        "results mixed up",
        vjp(lambda x: (np.sin(x), 3 * x), lambda y, x: lambda g: 3 * g[0] + np.cos(x) * g[1]),
        V,
        words="wrong places",
    ),
    row("too few cotangents", _too_few, V, V + 0.1, words=("2 cotangents", "returned 1")),
    row("an exception", vjp(np.sin, lambda y, x: _raises), V, words="no way back"),
    row("nothing returned", vjp(np.sin, lambda y, x: lambda g: None), V, words=("None",)),
    row(
        "single precision returned",
        vjp(np.sin, lambda y, x: lambda g: (g * np.cos(x)).astype(np.float32)),
        V,
        words=("single precision",),
    ),
    row(
        "single precision pushed",
        both(np.sin, lambda y, x: lambda g: g * np.cos(x), lambda t, y, x: (t * np.cos(x)).astype(np.float32)),
        V,
        words=("single precision", "look at the rule for forward mode"),
    ),
    row(
        "integers returned",
        vjp(lambda x: 3 * x, lambda y, x: lambda g: np.full(x.shape, 3)),
        V,
        words=("not linear", "constant"),
    ),
    row("a list returned", vjp(lambda x: 3 * x, lambda y, x: lambda g: list(3 * g)), V, words="structure"),
    row(
        "partials mixed up",
        form(elementwise, np.arctan2, lambda y, a, b: -a / (a * a + b * b), lambda y, a, b: b / (a * a + b * b)),
        V,
        V + 0.3,
        words=("arguments 0 and 1", "mixed up"),
    ),
    row(
        "tuples of axes",
        vjp(np.mean, lambda y, x, axis: lambda g: np.broadcast_to(np.expand_dims(g, axis), x.shape) / x.shape[axis[0]]),
        CUBE,
        axis=(0, 2),
        words=("3 times", "length"),
    ),
    row(
        "negative shifts",
        form(linear, lambda x, shift: np.roll(x, shift), lambda g, x, shift: np.roll(g, -abs(shift))),
        V,
        shift=-1,
        words=("transposed", "forward mode is right"),
    ),
    row(
        "Python numbers",
        vjp(lambda x: x * x, lambda y, x: lambda g: g * x * (2 if isinstance(x, np.ndarray) else 1)),
        3.0,
        words=("1/2 times", "numbers"),
    ),
)
