"""Sorting and searching.  https://numpy.org/doc/stable/reference/routines.sort.html

Sorting is a permutation, which does not change while no two entries trade places; where some are equal, they keep their
order. What returns positions or counts is piecewise constant.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.extend import general, zero
from autodiff_numpy.composed import composed


def _inverse(permutation: Any, axis: int) -> Any:
    return np.argsort(permutation, axis)


def _sort_permutation(a: Any, axis: int | None) -> tuple[Any, int]:
    """Return positions with which `take_along_axis` sorts `a`, and the axis; None means that `a` is raveled."""
    if axis is None:
        return np.argsort(np.ravel(a), 0, kind="stable"), 0
    return np.argsort(a, axis, kind="stable"), axis


def _partition_permutation(y: Any, a: Any, axis: int | None) -> tuple[Any, int]:
    """Return the same for `partition`: `argpartition` may order the parts in another way, so compare both, sorted."""
    before, along = _sort_permutation(a, axis)
    after, _ = _sort_permutation(y, along)
    return np.take_along_axis(before, _inverse(after, along), along), along


def _pull(a: Any, permutation: Any, axis: int) -> Callable[[Any], Any]:
    inverse, shape = _inverse(permutation, axis), np.shape(a)
    return lambda g: np.reshape(np.take_along_axis(g, inverse, axis), shape)


def _push(t: Any, permutation: Any, axis: int) -> Any:
    return np.take_along_axis(np.reshape(t, np.shape(permutation)), permutation, axis)


def _sort_vjp(
    y: Any, a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Callable[[Any], Any]:
    return _pull(a, *_sort_permutation(a, axis))


def _sort_jvp(
    t: Any, y: Any, a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: Any = None
) -> Any:
    return _push(t, *_sort_permutation(a, axis))


def _partition_vjp(
    y: Any, a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Callable[[Any], Any]:
    return _pull(a, *_partition_permutation(y, a, axis))


def _partition_jvp(
    t: Any, y: Any, a: Any, kth: Any, axis: int | None = -1, kind: str = "introselect", order: Any = None
) -> Any:
    return _push(t, *_partition_permutation(y, a, axis))


def _sort_complex(a: Any) -> Any:
    return np.sort(a).astype(np.sort_complex(stop_gradient(a)).dtype)


# fmt: off
RULES = (
    general(np.sort,      vjp=_sort_vjp, jvp=_sort_jvp),
    general(np.partition, vjp=_partition_vjp, jvp=_partition_jvp),
    composed(np.sort_complex, _sort_complex),
    zero(np.argsort), zero(np.argpartition), zero(np.lexsort), zero(np.searchsorted),
    zero(np.argmax), zero(np.argmin), zero(np.nanargmax), zero(np.nanargmin),
    zero(np.nonzero), zero(np.flatnonzero), zero(np.argwhere), zero(np.count_nonzero),
)
# fmt: on
