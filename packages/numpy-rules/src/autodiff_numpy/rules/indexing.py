"""Indexing.  https://numpy.org/doc/stable/reference/routines.indexing.html

The transpose of picking entries is adding into them: see `scatter.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import getitem
from typing import Any

import numpy as np

from autodiff.extend import Box, general, linear, vspace
from autodiff_numpy.nesting import fit, shape_of, spaces_of
from autodiff_numpy.scatter import add_at, scatter, scattered
from autodiff_numpy.vspace import ArraySpace, single_axis


def flat_space(x: Any) -> ArraySpace:
    """Return the space of a raveled array."""
    return ArraySpace((math.prod(x.shape),), x.dtype, np.ndarray)


def scatter_flat(g: Any, x: Any, positions: Any) -> Any:
    """Return zeros of the space `x` with `g` added at `positions`, counted in C order."""
    return np.reshape(scatter(g, flat_space(x), positions), x.shape)


def along(axis: int, ndim: int, positions: Any) -> tuple[Any, ...]:
    """Return the index that picks `positions` along `axis`, and everything along the others."""
    return (slice(None),) * (int(axis) % ndim if ndim else 0) + (positions,)


# Indexing, take


def _add_at(buffer: Any, g: Any, x: Any, index: Any) -> None:
    if type(index) in (int, slice):
        buffer[index] += g
    else:
        add_at(buffer, g, index)


def _getitem(g: Any, x: Any, index: Any) -> Any:
    return scatter(g, x, index)


def _join(gs: tuple[Any, ...], x: Any, indices: tuple[Any, ...]) -> tuple[Any, Any]:
    """Return one cotangent and one index for numbers that were picked one by one."""
    traced = any(issubclass(kind, Box) for kind in set(map(type, gs)))
    g = np.stack(gs) if traced else np.fromiter(gs, x.dtype, len(gs))
    if set(map(type, indices)) == {int}:
        return g, np.fromiter(indices, np.intp, len(indices))
    parts = zip(*(index if type(index) is tuple else (index,) for index in indices), strict=True)
    index = tuple(np.array(part, np.intp) for part in parts)
    return (g, index) if index else (np.sum(g), ())


def _wrapped(indices: Any, length: int, mode: str) -> Any:
    """Return indices that mean the same without a `mode`, in wide integers: narrow ones cannot hold the length."""
    indices = np.asarray(indices).astype(np.intp, copy=False)
    if mode == "wrap":
        return indices % length
    return np.clip(indices, 0, length - 1) if mode == "clip" else indices


def _take_index(x: Any, indices: Any, axis: int | None, mode: str) -> Any:
    """Return the index that picks what ``numpy.take`` does."""
    if axis is not None:
        return along(axis, x.ndim, _wrapped(indices, x.shape[axis] if x.shape else 1, mode))
    indices = _wrapped(indices, math.prod(x.shape), mode)
    if len(x.shape) == 1:
        return indices
    return np.unravel_index(indices % max(math.prod(x.shape), 1), x.shape)


def _take(g: Any, x: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    if not x.shape:
        return np.reshape(np.sum(g), ())
    return scatter(g, x, _take_index(x, indices, axis, mode))


def _take_along_axis(g: Any, x: Any, indices: Any, axis: int | None = -1) -> Any:
    indices = np.asarray(indices)
    if axis is None:
        return scatter_flat(g, x, indices)
    grid = list(np.ix_(*map(np.arange, x.shape)))
    grid[axis] = indices
    return scatter(g, x, tuple(grid))


def _compress(y: Any, condition: Any, a: Any, axis: int | None = None) -> Callable[[Any], Any]:
    chosen, x = np.nonzero(condition)[0], vspace(a)
    axis = single_axis(axis, len(x.shape))
    if axis is None:
        return lambda g: scatter_flat(g, x, chosen)
    return lambda g: scatter(g, x, along(axis, len(x.shape), chosen))


def _extract(y: Any, condition: Any, arr: Any) -> Callable[[Any], Any]:
    chosen, x = np.nonzero(np.ravel(condition))[0], vspace(arr)
    return lambda g: scatter_flat(g, x, chosen)


def _choose(y: Any, a: Any, choices: Any, *, mode: str = "raise") -> Callable[[Any], Any]:
    spaces = spaces_of(choices)
    count = shape_of(spaces)[0]
    chosen = _wrapped(a, count, mode)

    def pull(g: Any) -> Any:
        parts = [np.where(chosen == k, g, 0) for k in range(count)]
        if isinstance(spaces, (list, tuple)):
            return [fit(_summed(part, space), space) for part, space in zip(parts, spaces, strict=True)]
        row = ArraySpace(spaces.shape[1:], spaces.dtype, np.ndarray)
        return np.stack([row.project(part) for part in parts])

    def _summed(part: Any, space: Any) -> Any:
        return ArraySpace(shape_of(space), part.dtype, np.ndarray).project(part)

    return (lambda g: tuple(pull(g))) if isinstance(choices, tuple) else pull


# Diagonals


def _diagonal_slice(rows: int, columns: int, offset: int) -> slice:
    """Return the slice of a raveled matrix that holds its diagonal."""
    offset = int(offset)  # the arithmetic of narrow integers wraps around
    length = max(min(rows + min(offset, 0), columns - max(offset, 0)), 0)
    start = offset if offset >= 0 else -offset * columns
    return slice(start, start + length * (columns + 1), columns + 1) if length else slice(0, 0)


def _diagonal(g: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    rows, columns = x.shape[axis1], x.shape[axis2]
    others = g.shape[:-1]
    matrices = ArraySpace((*others, rows * columns), x.dtype, np.ndarray)
    spread = scatter(g, matrices, (Ellipsis, _diagonal_slice(rows, columns, offset)))
    return np.moveaxis(np.reshape(spread, (*others, rows, columns)), (-2, -1), (axis1, axis2))


def _trace(g: Any, x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    diagonal = _diagonal_slice(x.shape[axis1], x.shape[axis2], offset)
    length = len(range(*diagonal.indices(x.shape[axis1] * x.shape[axis2])))
    repeated = np.broadcast_to(np.expand_dims(g, -1), (*np.shape(g), length))
    return _diagonal(repeated, x, offset, axis1, axis2)


def _diag(g: Any, v: Any, k: int = 0) -> Any:
    return np.diagonal(g, k) if len(v.shape) == 1 else _diagonal(g, v, k)


# fmt: off
RULES = (
    linear(getitem,            _getitem, add_transpose=_add_at, join=_join, fresh=True),
    linear(scattered,          lambda h, g, target: h[target.index]),
    linear(np.take,            _take),
    linear(np.take_along_axis, _take_along_axis),
    general(np.compress,       vjp=(None, _compress),
                               jvp=(None, lambda t, y, condition, a, axis=None: np.compress(condition, t, axis))),
    general(np.extract,        vjp=(None, _extract), jvp=(None, lambda t, y, condition, arr: np.extract(condition, t))),
    general(np.choose,         vjp=(None, _choose),
                               jvp=(None, lambda t, y, a, choices, *, mode="raise": np.choose(a, t, mode=mode))),
    linear(np.diag,            _diag),
    linear(np.diagonal,        _diagonal),
    linear(np.trace,           _trace),
    linear(np.linalg.diagonal, lambda g, x, offset=0: _diagonal(g, x, offset, -2, -1)),
    linear(np.linalg.trace,    lambda g, x, offset=0: _trace(g, x, offset, -2, -1)),
)
# fmt: on
