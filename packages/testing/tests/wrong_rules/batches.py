"""Rules that are wrong for batches, for empty arrays, or for large ones."""

import numpy as np

from autodiff.extend import linear
from wrong_rules import SQUARE, A, Row, V, form, row, vjp

STACK = np.stack([SQUARE, SQUARE[::-1] + 0.3])


def _transposed(x):
    return np.swapaxes(x, -1, -2)


ROWS: tuple[Row, ...] = (
    row(
        "a product that is not summed over the batch",
        vjp(np.matmul, lambda y, a, b: lambda g: g @ _transposed(b), lambda y, a, b: lambda g: _transposed(a) @ g),
        STACK,
        SQUARE,
        words=("batch dimensions", "unbroadcast"),
    ),
    row(
        "all axes transposed",
        vjp(np.matmul, lambda y, a, b: lambda g: g @ _transposed(b), lambda y, a, b: lambda g: a.T @ g),
        STACK,
        STACK + 0.2,
        words=("batch dimensions",),
    ),
    row(
        "summed over the batch where it must not be",
        vjp(np.linalg.det, lambda y, x: lambda g: np.sum(g * y) * _transposed(np.linalg.inv(x))),
        STACK,
        words=("batch dimension", "different entries of axis 0"),
    ),
    row(
        "the first of the batch for all",
        vjp(np.linalg.inv, lambda y, x: lambda g: -_transposed(y) @ g @ _transposed(y[:1])),
        STACK,
        words=("index 1 of axis 0",),
    ),
    row(
        "one cotangent for the whole batch",
        vjp(
            lambda x: np.trace(x, axis1=-2, axis2=-1),
            lambda y, x: lambda g: np.broadcast_to(np.eye(3), x.shape) * g[0],
        ),
        STACK,
        words="wrong places",
    ),
    row(
        "an exception for empty arrays",
        vjp(lambda x: 2 * np.sum(x), lambda y, x: lambda g: g * np.full(x.shape, 2.0 * len(x) / x.shape[0])),
        np.zeros((0, 3)),
        words="empty arrays only",
    ),
    row(
        "another shape for empty arrays",
        vjp(lambda x: np.sum(x, axis=0), lambda y, x: lambda g: np.stack([g for _ in x] or [g])),
        np.zeros((0, 3)),
        words=("empty arrays only", "shape (1, 3)"),
    ),
    row(
        "the order of the memory",
        form(linear, lambda x: x.reshape(-1), lambda g, x: g.reshape(x.shape, order="F")),
        A,
        words=("wrong places",),
    ),
    row(
        "only if not contiguous",
        vjp(np.sin, lambda y, x: lambda g: g * np.cos(x) if x.flags.c_contiguous else g * np.cos(x.T).reshape(x.shape)),
        A.T,
        words="not contiguous",
    ),
    row(
        "the rest of a large array",
        vjp(lambda x: 2 * x, lambda y, x: lambda g: np.concatenate([2 * g[:1000], g[1000:]])),
        np.linspace(1, 2, 1500),
        words=("1/2 times", "from index"),
    ),
    row(
        "one entry of a large array",
        vjp(lambda x: 2 * x, lambda y, x: lambda g: 2 * g * (np.arange(x.size) != 777)),
        np.linspace(1, 2, 1500),
        words=("1 of", "index 777", "zero"),
    ),
    row(
        "a number that is no array",
        vjp(np.square, lambda y, x: lambda g: 2 * g * x * np.shape(x)[0]),
        0.7,
        words="(1,)",
    ),
    row("padding not added", vjp(lambda x: np.append(x, x[-1:]), lambda y, x: lambda g: g[:-1]), V, words="repeated"),
)
