"""Extrema.  https://numpy.org/doc/stable/reference/routines.math.html#extrema-finding

Entries that are equally large share the derivative equally.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, times
from autodiff_numpy.masking import masked
from autodiff_numpy.weighing import weighing

# Of two arrays


def larger(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Pass `g` on where a > b, half of it where they are equal."""
    return _shared(g, np.greater(a, b), np.equal(a, b))


def smaller(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Pass `g` on where a < b, half of it where they are equal."""
    return _shared(g, np.less(a, b), np.equal(a, b))


def _chosen(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Pass `g` on where a, and not b, is the result: b may be NaN, which `fmax` and `fmin` ignore."""
    ours, theirs = a == y, b == y
    return _shared(g, np.logical_and(ours, np.logical_not(theirs)), np.logical_and(ours, theirs))


def _shared(g: Any, won: Any, tied: Any) -> Any:
    """Pass `g` on where `won`, and half of it where `tied`, which is rare."""
    if type(tied) is np.ndarray and not tied.any():
        return masked(g, won)
    return masked(g, won) + masked(g * 0.5, tied)


def _both(product: Any) -> tuple[times, times]:
    """Return the partials of a symmetric function."""
    return times(product), times(lambda g, y, a, b: product(g, y, b, a))


# Over axes


def _extremum(v: Any, y: Any, x: Any, axis: Any, initial: Any = None, where: Any = True) -> Any:
    """Share `v` among the entries equal to the extremum; `initial` counts as one more entry."""
    hit = x == y if where is True else np.logical_and(x == y, where)
    count = np.sum(hit, axis=axis, keepdims=True)
    if initial is not None and initial is not np._NoValue:
        count = count + (y == initial)
    return masked(v / np.maximum(count, 1), hit)


def _ptp(v: Any, y: Any, a: Any, axis: Any) -> Any:
    """Peak to peak: the maximum minus the minimum."""
    high, low = np.max(a, axis=axis, keepdims=True), np.min(a, axis=axis, keepdims=True)
    return _extremum(v, high, a, axis) - _extremum(v, low, a, axis)


# fmt: off
RULES = (
    elementwise(np.maximum,  *_both(larger)),
    elementwise(np.minimum,  *_both(smaller)),
    elementwise(np.fmax,     *_both(_chosen)),
    elementwise(np.fmin,     *_both(_chosen)),
    weighing(np.max,         _extremum),
    weighing(np.min,         _extremum),
    weighing(np.amax,        _extremum),
    weighing(np.amin,        _extremum),
    weighing(np.nanmax,      _extremum),
    weighing(np.nanmin,      _extremum),
    weighing(np.ptp,         _ptp),
)
# fmt: on
