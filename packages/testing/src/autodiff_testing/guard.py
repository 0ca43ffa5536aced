"""Watching arrays: were they changed in place, and do they share memory?"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.containers import flatten


class Guard:
    """Remembers the entries of the arrays in a nested value."""

    def __init__(self, value: Any) -> None:
        self._arrays = [leaf for leaf in flatten(value)[0] if isinstance(leaf, np.ndarray)]
        self._before = [array.copy() for array in self._arrays]

    def changed(self) -> bool:
        """Whether one of them has other entries now."""
        return not all(map(_equal, self._arrays, self._before))


def same(a: Any, b: Any) -> bool:
    """Whether two nested values of the same structure have equal entries, to the last bit. NaN equals NaN."""
    return all(map(_equal, flatten(a)[0], flatten(b)[0]))


def _equal(a: Any, b: Any) -> bool:
    a, b = np.asarray(a), np.asarray(b)
    return np.array_equal(a, b, equal_nan=a.dtype.kind in "fc" and b.dtype.kind in "fc")


def shares_memory(a: Any, b: Any) -> bool:
    """Whether an array in `a` shares memory with one in `b`."""
    return any(
        np.may_share_memory(x, y)
        for x in flatten(a)[0]
        if isinstance(x, np.ndarray)
        for y in flatten(b)[0]
        if isinstance(y, np.ndarray)
    )


def shares_within(value: Any) -> bool:
    """Whether two arrays in `value` share memory."""
    arrays = [leaf for leaf in flatten(value)[0] if isinstance(leaf, np.ndarray)]
    return any(np.may_share_memory(x, y) for i, x in enumerate(arrays) for y in arrays[:i])
