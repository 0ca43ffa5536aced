"""The derivatives.

Bottleneck skips entries that are not a number: they count as absent, and have the derivative zero. A window with fewer
than `min_count` entries that count gives NaN, a constant.

Each derivative is written with functions that can be differentiated themselves, so there are second ones as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import general
from autodiff_bottleneck import move_mean, move_sum, nanmean, nansum, ss

# Sums along an axis


def _sum_vjp(y: Any, a: Any, axis: int | None = None) -> Callable[[Any], Any]:
    present = ~np.isnan(a)
    return lambda g: np.where(present, _spread(g, axis), 0.0)


def _sum_jvp(t: Any, y: Any, a: Any, axis: int | None = None) -> Any:
    return np.sum(np.where(np.isnan(a), 0.0, t), axis=axis)


def _mean_vjp(y: Any, a: Any, axis: int | None = None) -> Callable[[Any], Any]:
    present = ~np.isnan(a)
    return lambda g: np.where(present, _spread(g / np.sum(present, axis=axis), axis), 0.0)


def _mean_jvp(t: Any, y: Any, a: Any, axis: int | None = None) -> Any:
    return _sum_jvp(t, y, a, axis) / np.sum(~np.isnan(a), axis=axis)


def _ss_vjp(y: Any, a: Any, axis: int | None = None) -> Callable[[Any], Any]:
    return lambda g: 2.0 * a * _spread(g, axis)


def _ss_jvp(t: Any, y: Any, a: Any, axis: int | None = None) -> Any:
    return 2.0 * np.sum(a * t, axis=axis)


def _spread(g: Any, axis: int | None) -> Any:
    """Give a cotangent the axis back that was summed over."""
    return g if axis is None else np.expand_dims(g, axis)


# Sums in a moving window: the transpose is the same sum, run backwards


def _move_sum_vjp(y: Any, a: Any, window: int, min_count: int | None = None, axis: int = -1) -> Callable[[Any], Any]:
    present, defined = ~np.isnan(a), ~np.isnan(y)

    def pull(g: Any) -> Any:
        backwards = np.flip(np.where(defined, g, 0.0), axis)
        return np.where(present, np.flip(move_sum(backwards, window, 1, axis), axis), 0.0)

    return pull


def _move_sum_jvp(t: Any, y: Any, a: Any, window: int, min_count: int | None = None, axis: int = -1) -> Any:
    sums = move_sum(np.where(np.isnan(a), 0.0, t), window, 1, axis)
    return np.where(np.isnan(y), 0.0, sums)


def _counts(a: Any, window: int, axis: int) -> Any:
    """Return how many entries of each window count, at least 1."""
    return np.maximum(move_sum(np.where(np.isnan(a), 0.0, 1.0), window, 1, axis), 1.0)


def _move_mean_vjp(y: Any, a: Any, window: int, min_count: int | None = None, axis: int = -1) -> Callable[[Any], Any]:
    pull = _move_sum_vjp(y, a, window, min_count, axis)
    counts = _counts(a, window, axis)
    return lambda g: pull(g / counts)


def _move_mean_jvp(t: Any, y: Any, a: Any, window: int, min_count: int | None = None, axis: int = -1) -> Any:
    return _move_sum_jvp(t, y, a, window, min_count, axis) / _counts(a, window, axis)


# fmt: off
RULES = (
    general(move_mean, vjp=_move_mean_vjp, jvp=_move_mean_jvp),
    general(move_sum,  vjp=_move_sum_vjp,  jvp=_move_sum_jvp),
    general(nanmean,   vjp=_mean_vjp,      jvp=_mean_jvp),
    general(nansum,    vjp=_sum_vjp,       jvp=_sum_jvp),
    general(ss,        vjp=_ss_vjp,        jvp=_ss_jvp),
)
# fmt: on
