"""Who else holds an array: by Python's counts of references.

An array that a box holds and nobody else can be written into. Views count, as they refer to what they are views of.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import BatchBox, Box
from autodiff_numpy.box import ArrayBox

# The slots of boxes, from which a value can be had without another reference to it.
VALUE: Any = Box.value  # type: ignore[misc]  # a descriptor
NODE: Any = Box.node  # type: ignore[misc]


def is_alone(box: Any) -> bool:
    """Whether nobody else holds the arrays in a box: its value and, in forward mode, its tangent.

    Those of a batch are never written into: all examples may share one array before they differ.
    """
    return not isinstance(box, BatchBox) and _is_alone(box, VALUE) and _is_alone(box, NODE)


def _is_alone(box: Any, slot: Any) -> bool:
    count = references(slot.__get__(box))
    part = slot.__get__(box)
    if isinstance(part, Box):
        return count <= ONE and is_alone(part)
    return type(part) is not np.ndarray or (count <= ONE and part.base is None)


def is_owned(array: Any) -> bool:
    """Whether nobody else can have the memory of an array that is alone: a result may be a view of a lost one."""
    if array.base is None:
        return True
    return type(array.base) is np.ndarray and array.flags.forc and references(array.base) <= ONE


def _one_reference() -> int:
    """Return what `references` counts for an array that is held by a slot and by nobody else."""
    if not _COUNTS:
        return 0
    box = ArrayBox()
    box.value = np.empty(1)
    return references(VALUE.__get__(box))


# Where there is no counting, everything may be held elsewhere.
_COUNTS = sys.implementation.name == "cpython"
references: Callable[[Any], int] = sys.getrefcount if _COUNTS else lambda _: sys.maxsize
ONE = _one_reference()
