"""Functions that change the shape of an array, or join several."""

from __future__ import annotations

from typing import Any

import numpy

from autodiff.extend import primitive_of
from autodiff_numpy import shortcuts
from autodiff_numpy.array_making import from_entries
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, shifted_axes, with_axes

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def _reshape(s: Stacked) -> Any:
    given = s.named()
    if not s.first_only() or not given.keys() <= {"shape", "order"} or given.get("order", "C") != "C":
        return NotImplemented
    shape = given["shape"]
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return s.call(s.args[0], (s.size, *shape))


def _ravel(s: Stacked) -> Any:
    if not s.first_only() or s.named().get("order", "C") != "C":
        return NotImplemented
    return np.reshape(s.args[0], (s.size, -1))


def _transpose(s: Stacked) -> Any:
    axes, ndim = s.named().get("axes"), s.ndim(0)
    if not s.first_only():
        return NotImplemented
    if isinstance(axes, (int, np.integer)):
        axes = (axes,)
    shifted = tuple(range(ndim, 0, -1)) if axes is None else shifted_axes(tuple(axes), ndim)
    return NotImplemented if shifted is None else s.call(s.args[0], (0, *shifted))


def _two_axes(s: Stacked) -> Any:
    """Shift the second and third argument."""
    if not s.first_only() or s.kwargs or len(s.args) != 3:
        return NotImplemented
    x, *axes = s.args
    first, second = (shifted_axes(axis, s.ndim(0)) for axis in axes)
    return NotImplemented if first is None or second is None else s.call(x, first, second)


def _expand_dims(s: Stacked) -> Any:
    axis = s.named()["axis"]
    if not s.first_only():
        return NotImplemented
    shifted = shifted_axes(axis, s.ndim(0) + (len(axis) if isinstance(axis, (tuple, list)) else 1))
    return NotImplemented if shifted is None else s.call(s.args[0], shifted)


def _squeeze(s: Stacked) -> Any:
    axis = s.named().get("axis")
    if not s.first_only():
        return NotImplemented
    ones = tuple(i for i, length in enumerate(s.args[0].shape) if i and length == 1)
    shifted = ones if axis is None else shifted_axes(axis, s.ndim(0))
    return NotImplemented if shifted is None else s.call(s.args[0], shifted)


def _broadcast_to(s: Stacked) -> Any:
    if not s.first_only() or len(s.args) != 2:
        return NotImplemented
    x, shape = s.args
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    missing = len(shape) - s.ndim(0)
    return NotImplemented if missing < 0 else s.call(with_axes(x, missing), (s.size, *shape))


def _windows(s: Stacked) -> Any:
    given, ndim = s.named(), s.ndim(0)
    axis, shape = given.get("axis"), given.get("window_shape")
    shifted = tuple(range(1, ndim + 1)) if axis is None else shifted_axes(axis, ndim)
    if not s.first_only() or shifted is None or not given.keys() <= {"axis", "window_shape"}:
        return NotImplemented
    return s.call(s.args[0], shape, shifted)


def _split(s: Stacked) -> Any:
    given = s.named()
    shifted = shifted_axes(given.pop("axis", 0), s.ndim(0))
    return s.call(s.args[0], axis=shifted, **given) if s.first_only() and shifted is not None else NotImplemented


# Joining


def _rows(s: Stacked) -> list[Any] | None:
    """Return the operands of a function of a list of arrays, all stacked; None where there is no such list."""
    arrays, parts = s.args[0], s.parts[0]
    if not isinstance(arrays, (tuple, list)) or any(s.batched[1:]):
        return None
    pairs = list(zip(arrays, parts, strict=True))
    if any(part.__class__ is not bool for _, part in pairs):
        return None
    size = next(array.shape[0] for array, part in pairs if part)
    return [array if part else np.broadcast_to(array, (size, *np.shape(array))) for array, part in pairs]


def _concatenate(s: Stacked) -> Any:
    rows, given = _rows(s), s.named()
    axis = given.pop("axis", 0)
    shifted = None if rows is None or axis is None else shifted_axes(axis, np.ndim(rows[0]) - 1)
    return NotImplemented if shifted is None else s.call(rows, shifted, **given)


def _stack(s: Stacked) -> Any:
    rows, given = _rows(s), s.named()
    shifted = None if rows is None else shifted_axes(given.pop("axis", 0), np.ndim(rows[0]))
    return NotImplemented if shifted is None else s.call(rows, shifted, **given)


def _from_entries(s: Stacked) -> Any:
    rows = _rows(s)
    if rows is None or s.named().get("dtype") is not None:
        return NotImplemented
    return primitive_of(numpy.stack).call(rows, 1) if len({np.shape(row) for row in rows}) == 1 else NotImplemented


def _hstack(s: Stacked) -> Any:
    rows = _rows(s)
    if rows is None or s.named() or np.ndim(rows[0]) < 2:
        return NotImplemented
    return primitive_of(numpy.concatenate).call(rows, 1 if np.ndim(rows[0]) == 2 else 2)


RULES: dict[Any, BatchingRule] = {
    **dict.fromkeys((numpy.reshape, shortcuts.reshape), _reshape),
    numpy.ravel: _ravel,
    **dict.fromkeys((numpy.split, numpy.array_split), _split),
    **dict.fromkeys((numpy.transpose, shortcuts.transpose), _transpose),
    **dict.fromkeys((numpy.swapaxes, numpy.moveaxis), _two_axes),
    numpy.expand_dims: _expand_dims,
    numpy.squeeze: _squeeze,
    numpy.broadcast_to: _broadcast_to,
    numpy.lib.stride_tricks.sliding_window_view: _windows,
    numpy.concatenate: _concatenate,
    numpy.stack: _stack,
    numpy.hstack: _hstack,
    primitive_of(from_entries).fun: _from_entries,
}
