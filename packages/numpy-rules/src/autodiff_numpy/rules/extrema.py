"""Extrema.  https://numpy.org/doc/stable/reference/routines.math.html#extrema-finding

Entries that are equally large share the derivative equally.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, times, vspace
from autodiff_numpy.weighing import weighing

# Of two arrays


def _larger(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Pass `g` on where a > b, half of it where they are equal."""
    return np.where(a > b, g, np.where(a == b, g * 0.5, 0))


def _smaller(g: Any, y: Any, a: Any, b: Any) -> Any:
    return np.where(a < b, g, np.where(a == b, g * 0.5, 0))


def _chosen(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Pass `g` on where a, and not b, is the result: b may be NaN, which `fmax` and `fmin` ignore."""
    return np.where(a == y, np.where(b == y, g * 0.5, g), 0)


def _both(product: Any) -> tuple[times, times]:
    """Return the partials of a symmetric function."""
    return times(product), times(lambda g, y, a, b: product(g, y, b, a))


# Over axes


def _extremum(v: Any, y: Any, x: Any, axis: Any, initial: Any = None, where: Any = True) -> Any:
    """Share `v` among the entries equal to the extremum; `initial` counts as one more entry."""
    hit = np.logical_and(x == y, where)
    count = np.sum(hit, axis=axis, keepdims=True)
    if initial is not None and initial is not np._NoValue:
        count = count + (y == initial)
    return np.where(hit, v / np.maximum(count, 1), 0)


def _ptp(v: Any, y: Any, a: Any, axis: Any) -> Any:
    high, low = np.max(a, axis=axis, keepdims=True), np.min(a, axis=axis, keepdims=True)
    return _extremum(v, high, a, axis) - _extremum(v, low, a, axis)


# Between bounds


def _bounds(a_min: Any, a_max: Any, minimum: Any, maximum: Any) -> tuple[Any, Any]:
    """Return both bounds, infinite where there is none."""
    low, high = (
        next((bound for bound in pair if bound is not None and bound is not np._NoValue), None)
        for pair in ((a_min, minimum), (a_max, maximum))
    )
    return low, high


def _clip(a: Any, low: Any, high: Any) -> tuple[Any, Any]:
    """Return ``max(a, low)`` and the clipped value: clip is this composition, also where low > high."""
    raised = a if low is None else np.maximum(a, low)
    return raised, raised if high is None else np.minimum(raised, high)


def _clip_vjps() -> tuple[Any, Any, Any]:
    def makers(which: int) -> Any:
        def vjp(y, a, a_min=None, a_max=None, out=None, *, min=None, max=None):
            low, high = _bounds(a_min, a_max, min, max)
        return vjp
    return tuple(map(makers, range(3)))
