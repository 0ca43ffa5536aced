"""Whether numbers are finite, and if not, which.

Steps are checked one by one, so the check has to be cheap: the sum of squares of an array is finite only if all its
entries are, and BLAS has it in less time than NumPy needs to look at each entry. Only if it isn't, which very large
numbers also bring about, is each entry looked at.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np


def is_finite(leaf: Any) -> bool:
    """Whether all entries of a number or array are finite."""
    if isinstance(leaf, float):
        return math.isfinite(leaf)
    if isinstance(leaf, np.ndarray) and leaf.dtype.kind in "fc":
        square = np.vdot(leaf, leaf)
        return math.isfinite(square.real) or bool(np.isfinite(leaf).all())
    return bool(np.isfinite(leaf).all())


def first_not_finite(leaves: Iterable[Any]) -> int | None:
    """Return the position of the first leaf that has an entry which is not finite."""
    for i, leaf in enumerate(leaves):
        if not is_finite(leaf):
            return i
    return None


def describe_not_finite(leaf: Any) -> str:
    """Say how many entries are not finite, and which is the first: ``is nan at [0, 2], and in 3 of 6 entries``."""
    array = np.asarray(leaf)
    bad = ~np.isfinite(array)
    if not array.shape:
        return f"is {array}"
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    return f"is {array[first]} at {list(first)}, and not finite in {int(bad.sum())} of {array.size} entries"
