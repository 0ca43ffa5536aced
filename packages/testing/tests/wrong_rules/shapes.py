"""Rules that are wrong in axes: transposed, not unbroadcast, along another axis."""

import numpy as np

from autodiff.extend import bilinear, elementwise, linear
from wrong_rules import SQUARE, A, B, Row, V, form, row, vjp

_inverse = np.linalg.inv


def _reversed_cumsum(g, axis):
    return np.flip(np.cumsum(np.flip(g, axis), axis), axis)


ROWS: tuple[Row, ...] = (
    row("transposed, square", form(linear, lambda x: 2.0 * x.T, lambda g, x: 2.0 * g), SQUARE, words="transposed"),
    row(
        "transposed, not square",
        vjp(np.matmul, lambda y, a, b: lambda g: b @ g.T, lambda y, a, b: lambda g: a.T @ g),
        A,
        B,
        words=("transposed", "(4, 3)"),
    ),
    row(
        "transposed inside the rule",
        vjp(np.sin, lambda y, x: lambda g: g * np.cos(x).T),
        A,
        words=("transposed", "(3,4) and (4,3)"),
    ),
    row(
        "a product of square matrices",
        vjp(np.matmul, lambda y, a, b: lambda g: g @ b, lambda y, a, b: lambda g: a.T @ g),
        SQUARE,
        SQUARE[::-1] + 0.2,
        words="transposed",
    ),
    row(
        "transposed result of a product",
        form(bilinear, np.matmul, lambda g, a, b: g @ b.T, lambda g, a, b: (a.T @ g).T),
        SQUARE,
        SQUARE[::-1] + 0.2,
        words="transposed",
    ),
    row("determinant", vjp(np.linalg.det, lambda y, x: lambda g: g * y * _inverse(x)), SQUARE, words="transposed"),
    row("inverse", vjp(_inverse, lambda y, x: lambda g: -y @ g @ y), SQUARE, words="transposed"),
    row(
        "not unbroadcast",
        vjp(np.add, lambda y, a, b: lambda g: g, lambda y, a, b: lambda g: g),
        V,
        A,
        words=("unbroadcast", "Sum"),
    ),
    row(
        "not unbroadcast from a column",
        vjp(np.add, lambda y, a, b: lambda g: g, lambda y, a, b: lambda g: g),
        A,
        A[:, :1],
        words=("unbroadcast", "Sum"),
    ),
    row(
        "not unbroadcast from a number",
        vjp(np.multiply, lambda y, a, b: lambda g: g * b, lambda y, a, b: lambda g: g * a),
        3.0,
        V,
        words="unbroadcast",
    ),
    row(
        "the first row instead of the sum",
        vjp(np.add, lambda y, a, b: lambda g: g[0], lambda y, a, b: lambda g: g),
        V,
        A,
        words="unbroadcast",
    ),
    row(
        "the mean instead of the sum",
        vjp(np.add, lambda y, a, b: lambda g: g.mean(axis=0), lambda y, a, b: lambda g: g),
        V,
        A,
        words=("1/3 times", "mean"),
    ),
    row(
        "summed along the wrong axis",
        vjp(np.multiply, lambda y, a, b: lambda g: (g * b).sum(axis=1), lambda y, a, b: lambda g: g * a),
        V[:3],
        SQUARE,
        words="axis",
    ),
    row(
        "axis ignored",
        form(linear, np.cumsum, lambda g, x, axis=None: _reversed_cumsum(g, 0)),
        SQUARE,
        axis=1,
        words="axis",
    ),
    row(
        "negative axes",
        form(linear, np.cumsum, lambda g, x, axis=None: _reversed_cumsum(g, max(axis, 0))),
        SQUARE,
        axis=-1,
        words="negative axes",
    ),
    row(
        "expanded along the wrong axis",
        vjp(lambda x, axis: x.sum(axis=axis), lambda y, x, axis: lambda g: np.broadcast_to(g, x.shape).copy()),
        SQUARE,
        axis=1,
        words="axes",
    ),
    row(
        "a result of another shape",
        vjp(np.sin, lambda y, x: lambda g: (g * np.cos(x)).reshape(-1)),
        A,
        words=("shape (12,)", "(3, 4)"),
    ),
    row("a number for an array", vjp(np.sum, lambda y, x: lambda g: g), A, words=("shape ()", "(3, 4)")),
    row(
        "only if not square",
        vjp(lambda x: x.sum(axis=1), lambda y, x: lambda g: np.resize(g, x.shape[::-1]).T * x.shape[0] / x.shape[1]),
        A,
        words="3/4 times",
    ),
    row(
        "only without axes",
        form(elementwise, np.sin, lambda y, x: np.cos(x) * (1 if np.ndim(x) else 2)),
        np.array(0.7),
        words=("without axes", "2 times"),
    ),
    row(
        "swapped axes the wrong way",
        form(linear, lambda x: np.moveaxis(x, 0, 2), lambda g, x: np.moveaxis(g, 0, 2)),
        np.arange(27.0).reshape(3, 3, 3),
        words="axes",
    ),
)
