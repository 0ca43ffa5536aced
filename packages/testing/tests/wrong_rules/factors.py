"""Rules that are wrong by a factor or a term."""

import numpy as np

from autodiff.extend import elementwise, reduction
from wrong_rules import A, B, Row, V, both, form, row, vjp


def _one_entry(x):
    """Return ones but for an error of 1e-5."""
    mask = np.zeros(x.shape)
    mask[0, 1] = 1e-5
    return 1.0 + mask


def _logsumexp(x):
    return np.log(np.sum(np.exp(x)))


ROWS: tuple[Row, ...] = (
    row("sign", form(elementwise, np.cos, lambda y, x: np.sin(x)), A, words="sign"),
    row("factor 2", form(elementwise, np.sin, lambda y, x: 2 * np.cos(x)), A, words="2 times"),
    row("factor 1/2", form(elementwise, np.square, lambda y, x: x), A, words="1/2 times"),
    row("relative error 1e-5", form(elementwise, np.exp, lambda y, x: 1.00001 * y), A, words="1.00001 times"),
    row(
        "relative error 1e-5 in one entry",
        vjp(np.sin, lambda y, x: lambda g: g * np.cos(x) * _one_entry(x)),
        A,
        words=("1 of", "1.00001 times"),
    ),
    row("zero", form(elementwise, np.sin, 0), A, words="zero"),
    row("declared zero", form(elementwise, np.tanh, None), A, words="zero"),
    row(
        "second argument zero",
        form(elementwise, np.multiply, lambda y, a, b: b, lambda y, a, b: 0.0 * a),
        A,
        V,
        words=("zero",),
    ),
    row(
        "second argument by a factor",
        form(elementwise, np.divide, lambda y, a, b: 1 / b, lambda y, a, b: -3 * a / b**2),
        A,
        V,
        words="3 times",
    ),
    row("a constant is added", vjp(np.sin, lambda y, x: lambda g: g * np.cos(x) + 0.01 * g.sum()), A, words="constant"),
    row(
        "a constant is added to each partial", form(elementwise, np.sin, lambda y, x: np.cos(x) + 0.01), A, words="0.01"
    ),
    row(
        "the argument too many",
        form(elementwise, lambda x: x**3, lambda y, x: 3 * x**3),
        A,
        words=("argument", "too many"),
    ),
    row(
        "the argument missing", form(elementwise, lambda x: x**3, lambda y, x: 3 * x), A, words=("argument", "missing")
    ),
    row(
        "the value missing",
        form(elementwise, lambda x: np.exp(x**2), lambda y, x: 2 * x),
        V,
        words=("value", "missing"),
    ),
    row("the value too many", form(elementwise, np.exp, lambda y, x: y * y), V, words=("value", "too many")),
    row(
        "the other argument missing",
        form(elementwise, np.multiply, lambda y, a, b: 1.0, lambda y, a, b: a),
        V,
        V + 0.1,
        words=("argument 1", "missing"),
    ),
    row("of another function", form(elementwise, np.tan, lambda y, x: 1 / (1 + x**2)), V, words="no simple relation"),
    row(
        "not a number at a regular point",
        form(reduction, np.prod, lambda y, x: y / x),
        np.array([0.7, 0.0, 2.0]),
        words="NaN",
    ),
    row("of small values", form(elementwise, lambda x: 1e-8 * np.sin(x), 0), A, words="zero"),
    row(
        "of large values", form(elementwise, lambda x: 1e8 * np.sin(x), lambda y, x: -1e8 * np.cos(x)), A, words="sign"
    ),
    row("of small arguments", form(elementwise, np.square, lambda y, x: x), 1e-8 * V, words="1/2 times"),
    row("of large arguments", form(elementwise, np.square, lambda y, x: x), 1e8 * V, words="1/2 times"),
    row(
        "next to large entries",
        form(elementwise, np.square, lambda y, x: np.where(abs(x) < 1, x, 2 * x)),
        np.array([1e3, 0.03, -2e3]),
        words=("1/2 times", "below 1"),
    ),
    row(
        "only in reverse mode",
        both(np.sin, lambda y, x: lambda g: -g * np.cos(x), lambda t, y, x: t * np.cos(x)),
        A,
        words=("sign", "forward mode is right"),
    ),
    row(
        "only in forward mode",
        both(np.sin, lambda y, x: lambda g: g * np.cos(x), lambda t, y, x: 2 * t * np.cos(x)),
        A,
        words=("2 times", "reverse mode is right"),
    ),
    row(
        "divided by the wrong length",
        vjp(lambda x: x.mean(axis=0), lambda y, x: lambda g: np.ones(x.shape) * g / x.shape[1]),
        A,
        words=("3/4 times", "3", "4"),
    ),
    row(
        "a matrix product by a factor",
        vjp(np.matmul, lambda y, a, b: lambda g: g @ b.T, lambda y, a, b: lambda g: 2 * (a.T @ g)),
        A,
        B,
        words="2 times",
    ),
    row("a norm that is not divided", form(reduction, np.linalg.norm, lambda y, x: x), A, words=("value", "too many")),
    row(
        "near zero only",
        form(elementwise, np.expm1, lambda y, x: np.where(abs(x) < 1e-4, 1 + 2 * x, np.exp(x))),
        np.array([1e-5, 0.3]),
        words=("1 of", "smallest", "1.00001 times"),
    ),
    row("the base forgotten", form(elementwise, np.log10, lambda y, x: 1 / x), abs(V), words=("ln 10", "too many")),
    row("degrees", form(elementwise, np.deg2rad, lambda y, x: 180 / np.pi), V, words="constant factor"),
    row("the mean forgotten", form(reduction, np.var, lambda y, x: 2 * x / x.size), A, words="constant is added"),
    row(
        "an inner derivative forgotten",
        form(elementwise, lambda x: np.sin(3 * x), lambda y, x: np.cos(3 * x)),
        V,
        words="1/3 times",
    ),
    row("not normalized", vjp(_logsumexp, lambda y, x: lambda g: g * np.exp(x)), V, words="constant factor"),
)
