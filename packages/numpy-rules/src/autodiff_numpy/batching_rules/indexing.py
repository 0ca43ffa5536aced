"""Indexing, and its transpose, and assignment."""

from __future__ import annotations

import operator
from typing import Any

import numpy

from autodiff.extend import primitive_of
from autodiff_numpy.assigning import assigned
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, shifted_axes, with_axes
from autodiff_numpy.scatter import scatter, scattered
from autodiff_numpy.vspace import ArraySpace

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def _stacked_index(index: Any) -> Any:
    """Return the index that takes the same from each example; None where the axes would come in another order."""
    parts = index if type(index) is tuple else (index,)
    arrays = [not _is_basic(part) for part in parts]
    if any(isinstance(part, (bool, np.bool_)) for part in parts):
        return None
    if any(arrays):
        advanced = [place for place, part in enumerate(parts) if arrays[place] or _is_integer(part)]
        if advanced != list(range(advanced[0], advanced[-1] + 1)):
            return None
    return (slice(None), *parts)


def _is_integer(part: Any) -> bool:
    return isinstance(part, (int, np.integer))


def _is_basic(part: Any) -> bool:
    return part is None or part is Ellipsis or isinstance(part, slice) or _is_integer(part)


def _getitem(s: Stacked) -> Any:
    index = _stacked_index(s.args[1]) if s.first_only() else None
    return NotImplemented if index is None else s.call(s.args[0], index)


def _scatter(s: Stacked) -> Any:
    g, (space, index) = s.args
    index = _stacked_index(index) if s.first_only() and type(space) is ArraySpace else None
    if index is None:
        return NotImplemented
    return scatter(g, ArraySpace((s.size, *space.shape), space.dtype, np.ndarray), index)


def _assigned(s: Stacked) -> Any:
    """Assign to all examples; never in place, as the array may be one that all examples share."""
    array, value, index, _ = s.args
    if s.batched[2]:
        return _assigned_one_by_one(s)
    parts = index if type(index) is tuple else (index,)
    stacked = _stacked_index(index) if all(map(_is_basic, parts)) else None
    if stacked is None:
        return _assigned_one_by_one(s)
    size = len(array) if s.batched[0] else len(value)
    if not s.batched[0]:
        array = np.broadcast_to(array, (size, *np.shape(array)))
    missing = np.ndim(np.empty(np.shape(array))[stacked]) - 1 - s.ndim(1)
    if missing < 0:
        return _assigned_one_by_one(s)
    if s.batched[1]:
        value = with_axes(value, missing)
    return s.call(array, value, stacked, False)


def _assigned_one_by_one(s: Stacked) -> Any:
    size = next(len(arg) for arg, part in zip(s.args, s.parts, strict=True) if part is True)
    if s.batched[2]:
        return NotImplemented
    pairs = [
        [arg[i] if part is True else arg for arg, part in zip(s.args[:2], s.parts[:2], strict=True)]
        for i in range(size)
    ]
    return primitive_of(numpy.stack).call([s.call(*pair, s.args[2], False) for pair in pairs])


def _take(s: Stacked) -> Any:
    given = s.named()
    axis, ndim = given.pop("axis", None), s.ndim(0)
    if axis is None and ndim == 1:
        axis = 0
    shifted = None if not s.first_only() or axis is None else shifted_axes(axis, ndim)
    return NotImplemented if shifted is None else s.call(s.args[0], given.pop("indices"), shifted, **given)


def _take_along_axis(s: Stacked) -> Any:
    given = s.named()
    if s.batched[:2] != (True, True) or s.ndim(0) != s.ndim(1) or given.get("axis") is None:
        return NotImplemented
    shifted = shifted_axes(given["axis"], s.ndim(0))
    return NotImplemented if shifted is None else s.call(s.args[0], s.args[1], shifted)


RULES: dict[Any, BatchingRule] = {
    operator.getitem: _getitem,
    scattered: _scatter,
    primitive_of(assigned).fun: _assigned,
    numpy.take: _take,
    numpy.take_along_axis: _take_along_axis,
}
