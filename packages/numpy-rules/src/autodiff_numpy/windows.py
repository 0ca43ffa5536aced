"""Where the entries of a view lie in the array that it is a view of."""

from __future__ import annotations

from typing import Any

import numpy as np


def positions_in(base: Any, part: Any) -> tuple[tuple[Any, ...], bool]:
    """Return the index of the entries of `part`, a view of the array `base`, and whether they are imaginary parts.

    The index is that of single entries, a tuple of integers or of arrays of them. `base` must own its memory, without
    gaps; in which order its axes lie there does not matter.
    """
    offset: Any = _address(part) - _address(base)
    for axis, (length, stride) in enumerate(zip(part.shape, part.strides, strict=True)):
        steps = np.arange(length) * stride
        offset = offset + steps.reshape((length,) + (1,) * (part.ndim - axis - 1))
    index: list[Any] = [offset * 0] * base.ndim  # of the shape of `part`, also where all axes have length 1
    for axis in sorted(range(base.ndim), key=base.strides.__getitem__, reverse=True):
        if base.shape[axis] != 1:
            index[axis], offset = divmod(offset, base.strides[axis])
    return tuple(index), bool(np.any(offset))


def layout_in(base: Any, part: Any) -> Any:
    """Return where a view lies in the memory of another array; equal for views of the same entries."""
    return _address(part) - _address(base), part.dtype, part.shape, part.strides


def _address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def as_view(index: Any) -> tuple[Any, ...]:
    """Return an index that gives a view where `index`, without arrays in it, gives a view or a number."""
    parts = index if type(index) is tuple else (index,)
    return parts if any(part is Ellipsis for part in parts) else (*parts, Ellipsis)
