"""Rules that are wrong in some entries, or put the right numbers in the wrong places."""

import numpy as np

from autodiff.extend import elementwise, linear, reduction
from wrong_rules import SQUARE, A, Row, V, both, form, row, vjp


def _assigned(g, shape, indices):
    """Put g where it came from, without adding what comes from the same place."""
    result = np.zeros(shape)
    result[indices] = g
    return result


def _swapped(g):
    return np.concatenate([g[1::-1], g[2:]])


def _softmax(x):
    e = np.exp(x)
    return e / e.sum()


ROWS: tuple[Row, ...] = (
    row("negative arguments", form(elementwise, np.abs, lambda y, x: 1.0), V, words="argument is negative"),
    row(
        "zero",
        form(elementwise, np.square, lambda y, x: np.where(x == 0, 1.0, 2 * x)),
        np.array([0.7, 0.0, -1.3]),
        words="argument is zero",
    ),
    row("above 1", form(elementwise, np.square, lambda y, x: 2 * np.clip(x, -1, 1)), V, words="above 1"),
    row(
        "negative values",
        form(elementwise, np.sin, lambda y, x: abs(np.cos(x))),
        np.array([0.5, 2.0, 2.5, 1.0]),
        words="sign",
    ),
    row(
        "no derivative in the kink",
        form(elementwise, np.abs, lambda y, x: np.where(x == 0, 2.0, np.sign(x))),
        np.array([0.7, 0.0, -1.3]),
        words="kink",
    ),
    row(
        "repeated indices",
        vjp(lambda x, indices: x[indices], lambda y, x, indices: lambda g: _assigned(g, x.shape, indices)),
        V,
        indices=np.array([2, 0, 2, 1]),
        modes=("rev",),
        words=("repeated", "add"),
    ),
    row(
        "shifted by one",
        form(linear, np.cumsum, lambda g, x: np.roll(np.cumsum(g[::-1])[::-1], 1)),
        V,
        words="shifted by 1",
    ),
    row(
        "rolled the wrong way", form(linear, lambda x: np.roll(x, 1), lambda g, x: np.roll(g, 1)), V, words="transposed"
    ),
    row(
        "two entries swapped", form(linear, lambda x: x * 3.0, lambda g, x: 3.0 * _swapped(g)), V, words="wrong places"
    ),
    row(
        "sorted back wrongly",
        vjp(np.sort, lambda y, x: lambda g: g[np.argsort(x)]),
        np.array([0.7, 2.1, 2.5, -0.4]),
        words="transposed",
    ),
    row(
        "parts of a concatenation swapped",
        vjp(
            lambda a, b: np.concatenate([a, b]),
            lambda y, a, b: lambda g: g[len(b) :],
            lambda y, a, b: lambda g: g[: len(a)],
        ),
        V,
        V + 0.1,
        words=("arguments 0 and 1", "mixed up"),
    ),
    row(
        "the mask inverted",
        vjp(lambda x, mask: np.where(mask, 2.0 * x, 0.0), lambda y, x, mask: lambda g: np.where(mask, 0.0, 2.0 * g)),
        V,
        mask=np.array([True, False, True, True]),
        words="inverted",
    ),
    row(
        "no mask",
        vjp(lambda x, mask: np.where(mask, x, 0.0), lambda y, x, mask: lambda g: g),
        V,
        mask=np.array([True, False, True, True]),
        words=("should be zero",),
    ),
    row(
        "the last entry forgotten",
        vjp(lambda x: np.sin(x), lambda y, x: lambda g: np.append((g * np.cos(x))[:-1], 0.0)),
        V,
        words=("index 3", "zero"),
    ),
    row(
        "the first row forgotten",
        form(elementwise, np.square, lambda y, x: 2 * x * np.array([[0.0], [1.0], [1.0]])),
        A,
        words=("index 0 of axis 0", "zero"),
    ),
    row("only the diagonal", vjp(_softmax, lambda y, x: lambda g: g * y * (1 - y)), V, words=("diagonal",)),
    row("a diagonal too many", form(linear, np.triu, lambda g, x: np.triu(g, 1)), SQUARE, words=("diagonal",)),
    row("not reversed", form(linear, np.cumsum, lambda g, x: np.cumsum(g)), V, words="transposed"),
    row(
        "a pair of modes",
        both(np.flip, lambda y, x: lambda g: g.copy(), lambda t, y, x: np.flip(t)),
        V,
        words=("reversed along axis 0", "forward mode is right"),
    ),
    row(
        "reversed",
        vjp(lambda x: 2 * np.flip(x, 0), lambda y, x: lambda g: 2 * np.flip(g)),
        A,
        words="reversed along axis 1",
    ),
    row(
        "ties that do not share",
        form(reduction, np.max, lambda y, x: np.where(x == y, 1.0, 0.0)),
        np.array([1.0, 2.0, 2.0, 0.5]),
        words=("kink", "tie"),
    ),
)
