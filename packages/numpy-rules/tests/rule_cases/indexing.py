"""Cases for indexing: every kind of index, and functions that pick entries."""

from operator import getitem

import numpy as np

from autodiff.extend import vspace
from autodiff_numpy.scatter import scatter, scattered
from rule_cases import case, complex_normal, normal

_MASK = np.array([[True, False, True, True], [False, False, False, True], [True, True, False, False]])
_REPEATED = np.array([2, 0, 2, -1])
_GRID = np.array([[0, 1, 0], [2, 2, -3]])

_INDICES = (
    1,
    -1,
    np.int64(2),
    slice(None, None, 2),
    slice(2, None, -1),
    slice(5, 9),
    ...,
    None,
    (),
    (1, 2),
    (slice(1, 3), -2),
    (..., 0),
    (slice(None), None, 1),
    (None, ..., slice(0, 2), None),
    _MASK,
    (_MASK[:, 0],),
    (_MASK[:, 0], slice(1, 3)),
    (slice(None), _MASK[0]),
    (_MASK[:, 0], 2),
    (_MASK[:, 0], _MASK[1]),
    (_MASK[:, 0], [0, 0]),
    True,
    False,
    [True, False, True],
    [0, 2],
    [1],
    [],
    _REPEATED,
    _GRID,
    np.array(1),
    (_REPEATED, _REPEATED),
    (_REPEATED, 1),
    (_REPEATED, slice(1, None)),
    (slice(None), _REPEATED),
    (..., _REPEATED, None),
    (_REPEATED, None, _REPEATED),
    (_GRID[:, :1], _GRID[0]),
    (_MASK[:, 0], _REPEATED[:2]),
    (0, [1, 1, 3]),
)

_ROWS = np.argsort(np.array([[3, 1, 2, 0], [0, 2, 1, 3], [1, 0, 3, 2]]))
_CONDITION = np.array([True, False, True])


def _index(index):
    return lambda x: x[index]


def _scattering(index, shape):
    space = vspace(np.zeros(shape))
    return lambda g: scatter(g, space, index)


CASES = (
    *(case(getitem, _index(index), normal(3, 4)) for index in _INDICES),
    case(getitem, _index((slice(None), _REPEATED % 2, 1)), normal(3, 2, 3)),
    case(getitem, _index((_REPEATED, _REPEATED % 2)), normal(3, 2, 3)),
    case(getitem, _index((_REPEATED, slice(None), _REPEATED % 3)), normal(3, 2, 3)),
    case(getitem, _index(_REPEATED), complex_normal(3)),
    case(getitem, _index((slice(None), _REPEATED)), complex_normal(2, 3)),
    case(getitem, _index(slice(None, None, -2)), complex_normal(5)),
    case(getitem, _index((slice(None), [])), normal(3, 4)),
    case(getitem, lambda x: x[1] * x[0] + x[1:, 2:].sum() * x[_REPEATED, 1].sum(), normal(3, 4)),
    case(getitem, lambda x: sum(row * i for i, row in enumerate(x)), normal(3, 4)),
    case(scattered, _scattering((_REPEATED,), (3, 2)), normal(4, 2)),
    case(scattered, _scattering(slice(1, 3), (4,)), normal(2)),
    case(np.take, lambda x: np.take(x, [3, -1, 3, 11]), normal(3, 4)),
    case(np.take, lambda x: np.take(x, _GRID), normal(5)),
    case(np.take, lambda x: np.take(x, 1, axis=1), normal(3, 4)),
    case(np.take, lambda x: np.take(x, _GRID, -1), normal(2, 3)),
    case(np.take, lambda x: np.take(x, _GRID, axis=1), normal(2, 3, 2)),
    case(np.take, lambda x: x.take([0, 7, -9], axis=0, mode="wrap"), complex_normal(4)),
    case(np.take, lambda x: x.take([0, 7, -9], mode="clip"), normal(2, 3)),
    case(np.take, lambda x: np.take(x, np.array([], int), axis=0), normal(2, 3)),
    case(np.take_along_axis, lambda x: np.take_along_axis(x, _ROWS, 1), normal(3, 4)),
    case(np.take_along_axis, lambda x: np.take_along_axis(x, _ROWS[:, :2], axis=-1), complex_normal(3, 4)),
    case(np.take_along_axis, lambda x: np.take_along_axis(x, _ROWS[:1] % 3, axis=0), normal(3, 4)),
    case(np.take_along_axis, lambda x: np.take_along_axis(x, _ROWS[:, :1], axis=1), normal(1, 4)),
    case(np.take_along_axis, lambda x: np.take_along_axis(x, np.array([3, 3, 0]), axis=None), normal(2, 3)),
    case(np.compress, lambda x: np.compress(_CONDITION, x, axis=0), normal(3, 4)),
    case(np.compress, lambda x: np.compress([1, 0, 1], x, axis=-1), normal(2, 4)),
    case(np.compress, lambda x: x.compress(_CONDITION), complex_normal(3, 2)),
    case(np.extract, lambda x: np.extract(_MASK, x), normal(3, 4)),
    case(np.extract, lambda x: np.extract([1, 0, 1], x), complex_normal(5)),
    case(np.choose, lambda x, y: np.choose([0, 1, 1, 0], [x, y]), normal(4), normal(4)),
    case(np.choose, lambda x, y: np.choose([[0], [2], [1]], (x, 1.0, y)), normal(4), normal(3, 1)),
    case(np.choose, lambda x: np.choose([0, 3, -1], x, mode="wrap"), normal(3, 3)),
    case(np.choose, lambda x: np.choose([0, 3, -1], x, mode="clip"), complex_normal(2, 1)),
    case(np.diag, np.diag, normal(3)),
    case(np.diag, lambda x: np.diag(x, -2), complex_normal(3)),
    case(np.diag, np.diag, normal(3, 5)),
    case(np.diag, lambda x: np.diag(x, k=2), normal(3, 4)),
    case(np.diag, lambda x: np.diag(x, k=-1), normal(4, 2)),
    case(np.diag, lambda x: np.diag(x, k=7), normal(4, 2)),
    case(np.diagonal, np.diagonal, normal(3, 4)),
    case(np.diagonal, np.diagonal, normal(5, 2, 3)),
    case(np.diagonal, lambda x: np.diagonal(x, 1, 2, 0), normal(4, 2, 3)),
    case(np.diagonal, lambda x: np.diagonal(x, offset=-2, axis1=-2, axis2=-1), complex_normal(2, 5, 3)),
    case(np.diagonal, lambda x: x.diagonal(axis1=1, axis2=2), normal(2, 0, 3)),
    case(np.trace, np.trace, normal(3, 4)),
    case(np.trace, lambda x: np.trace(x, 1), complex_normal(3, 2)),
    case(np.trace, lambda x: np.trace(x, offset=-1, axis1=2, axis2=0), normal(2, 3, 4)),
    case(np.ix_, lambda x, y: np.ix_(x, y, [1, 2]), normal(3), normal(4)),
    case(np.ix_, lambda x: np.ix_([True, False], x)[1] * 2.0, complex_normal(3)),
    case(np.linalg.diagonal, np.linalg.diagonal, normal(2, 3, 4)),
    case(np.linalg.diagonal, lambda x: np.linalg.diagonal(x, offset=-1), complex_normal(3, 2)),
    case(np.linalg.trace, np.linalg.trace, normal(2, 3, 4)),
    case(np.linalg.trace, lambda x: np.linalg.trace(x, offset=2), complex_normal(2, 3, 4)),
    case(np.ix_, lambda x: x[np.ix_([0, 2, 0], [True, False, True, True])], normal(3, 4)),
)
