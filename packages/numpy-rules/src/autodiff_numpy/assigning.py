"""Assignment as a function: the array that is the same as another one, but for the entries at an index."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import primitive, primitive_of
from autodiff_numpy.scatter import picks_once


@primitive
def assigned(array: Any, value: Any, index: Any, in_place: bool) -> Any:
    """Return `array` with `value` at `index`, which must pick no entry twice.

    With `in_place` the memory of `array` is used for the result: nobody else may hold it.
    """
    result = array if in_place else np.array(array)  # in the same order in memory
    result[index] = value
    return result


ASSIGNED = primitive_of(assigned)


def without_repetitions(index: Any, value: Any, shape: tuple[int, ...]) -> tuple[Any, Any]:
    """Return an index of an array of this shape, and a value for it, where no entry is picked twice.

    Of several values for one entry the last one stays. NumPy decides that here, by writing numbers, and only once, so
    that values and derivatives agree.
    """
    if picks_once(index):
        return index, value
    order = np.empty(shape, np.intp)
    numbers = np.arange(math.prod(order[index].shape)).reshape(order[index].shape)
    order[index] = numbers
    last = order[index] == numbers
    if last.all():
        return index, value
    positions = np.arange(math.prod(shape)).reshape(shape)[index]
    return np.unravel_index(positions[last], shape), spread(value, last.shape)[last]


def spread(value: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast `value` to the shape of what it is assigned to; as NumPy does, leave out axes of length 1 in front."""
    value = value if hasattr(value, "shape") else np.asarray(value)
    extra = len(value.shape) - len(shape)
    if extra > 0 and value.shape[:extra] == (1,) * extra:
        value = np.reshape(value, value.shape[extra:])
    return np.broadcast_to(value, shape)
