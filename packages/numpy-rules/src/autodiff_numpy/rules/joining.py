"""Joining arrays.  https://numpy.org/doc/stable/reference/routines.array-manipulation.html#joining-arrays

All of these functions bring their operands to certain shapes and concatenate them along one axis. Transposed, the
cotangent is cut along that axis, and each operand gets its part, in its own shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import VSpace, general, linear, primitive_of
from autodiff_numpy.nesting import fit, shape_of, spaces_of
from autodiff_numpy.vspace import ArraySpace

Shape = tuple[int, ...]


def cut(g: Any, operands: Any, axis: int, lift: Callable[[Shape], Shape]) -> Any:
    """Cut `g` along `axis` into the cotangents of the operands, whose shapes were ``lift(shape)`` when joined."""
    if isinstance(operands, VSpace):  # one array, whose rows are the operands
        row = ArraySpace(operands.shape[1:], operands.dtype, np.ndarray)  # type: ignore[attr-defined]
        return np.reshape(np.stack(cut(g, [row] * operands.shape[0], axis, lift)), operands.shape)
    axis = int(axis) % len(g.shape)
    before = (slice(None),) * axis
    start = 0
    parts = []
    for operand in operands:
        shape = shape_of(operand)
        stop = start + lift(shape)[axis]
        part = g[(*before, slice(start, stop))]
        parts.append(fit(part if part.shape == shape else np.reshape(part, shape), operand))
        start = stop
    return parts if isinstance(operands, list) else tuple(parts)


def _as_they_are(shape: Shape) -> Shape:
    return shape


def _flat(shape: Shape) -> Shape:
    return (math.prod(shape),)


def _at_least_1d(shape: Shape) -> Shape:
    return shape or (1,)


def _at_least_2d(shape: Shape) -> Shape:
    return (1,) * (2 - len(shape)) + shape


def _at_least_3d(shape: Shape) -> Shape:
    return (*shape, 1) if len(shape) == 2 else (1, *_at_least_1d(shape), 1) if len(shape) < 2 else shape


def _columns(shape: Shape) -> Shape:
    return shape if len(shape) >= 2 else (*_at_least_1d(shape), 1)


def _concatenate(g: Any, arrays: Any, axis: int | None = 0) -> Any:
    return cut(g, arrays, 0, _flat) if axis is None else cut(g, arrays, axis, _as_they_are)


def _stack(g: Any, arrays: Any, axis: int = 0) -> Any:
    axis = int(axis) % len(g.shape)
    if isinstance(arrays, VSpace):
        return np.moveaxis(g, axis, 0)
    rows = np.moveaxis(g, axis, 0) if axis else g
    parts = [fit(part, space) for part, space in zip(rows, arrays, strict=True)]
    return parts if isinstance(arrays, list) else tuple(parts)


def _hstack(g: Any, tup: Any) -> Any:
    first = tup.shape[1:] if isinstance(tup, VSpace) else shape_of(tup[0])
    return cut(g, tup, 1 if len(first) > 1 else 0, _at_least_1d)


# append, insert


def _cut_appended(g: Any, arr: Any, values: Any, axis: int | None, which: int) -> Any:
    return cut(g, (arr, values), axis or 0, _flat if axis is None else _as_they_are)[which]


def _append_arr(y: Any, arr: Any, values: Any, axis: int | None = None) -> Callable[[Any], Any]:
    arr, values = spaces_of(arr), spaces_of(values)
    return lambda g: _cut_appended(g, arr, values, axis, 0)


def _append_values(y: Any, arr: Any, values: Any, axis: int | None = None) -> Callable[[Any], Any]:
    arr, values = spaces_of(arr), spaces_of(values)
    return lambda g: _cut_appended(g, arr, values, axis, 1)


# block


def _depth(spaces: Any) -> int:
    return 1 + _depth(spaces[0]) if isinstance(spaces, list) else 0


def _deepest(spaces: Any) -> int:
    """Return the largest number of axes of a leaf."""
    return max(map(_deepest, spaces)) if isinstance(spaces, list) else len(spaces.shape)


def _block_shape(spaces: Any, ndim: int) -> Shape:
    """Return the shape of a part of the block, which is joined along the last axis at the innermost level."""
    if not isinstance(spaces, list):
        return (1,) * (ndim - len(spaces.shape)) + tuple(spaces.shape)
    shapes = [list(_block_shape(part, ndim)) for part in spaces]
    axis = -_depth(spaces)
    shapes[0][axis] = sum(shape[axis] for shape in shapes)
    return tuple(shapes[0])


def _unblock(g: Any, spaces: Any, ndim: int) -> Any:
    if not isinstance(spaces, list):
        return fit(np.reshape(g, spaces.shape), spaces)
    axis, start, parts = ndim - _depth(spaces), 0, []
    for part in spaces:
        stop = start + _block_shape(part, ndim)[axis]
        parts.append(_unblock(g[(slice(None),) * axis + (slice(start, stop),)], part, ndim))
        start = stop
    return parts


def _block(g: Any, arrays: Any) -> Any:
    return _unblock(g, arrays, max(_depth(arrays), _deepest(arrays)))


# NumPy finds traced values among the operands, but not in a list that is one of them. So these functions are not left
# to find the traced values of outer differentiations by themselves.
for _fun in (np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.block, np.append):
    primitive_of(_fun)

# fmt: off
RULES = (
    linear(np.concatenate,  _concatenate),
    linear(np.stack,        _stack),
    linear(np.vstack,       lambda g, tup: cut(g, tup, 0, _at_least_2d)),
    linear(np.hstack,       _hstack),
    linear(np.dstack,       lambda g, tup: cut(g, tup, 2, _at_least_3d)),
    linear(np.column_stack, lambda g, tup: cut(g, tup, 1, _columns)),
    linear(np.block,        _block),
    general(np.append,      vjp=(_append_arr, _append_values)),
)
# fmt: on
