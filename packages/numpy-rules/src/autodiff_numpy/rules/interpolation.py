"""Interpolation.  https://numpy.org/doc/stable/reference/generated/numpy.interp.html"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import primitive_of
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_floating


def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Interpolate. On a knot the derivative is that of the piece to its right; on the last one, to its left."""
    x, xp, fp = map(_array, (x, xp, fp))
    left, right, period = map(as_floating, (left, right, period))
    if period is not None:
        x, xp, fp = _unrolled(x, xp, fp, abs(period))
        left = right = None
    last = xp.shape[0] - 1
    if last == 0:
        y = fp[0] + 0 * x
    else:
        knot = np.clip(np.searchsorted(xp, x, side="right"), 1, last)
        slope = (fp[knot] - fp[knot - 1]) / (xp[knot] - xp[knot - 1])
        y = fp[knot - 1] + slope * (x - xp[knot - 1])
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[last], fp[last] if right is None else right, y)


def _unrolled(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """Bring everything into one period, and add a knot from the next one on either side."""
    x, xp = x % period, xp % period
    order = np.argsort(xp)
    xp, fp = xp[order], fp[order]
    return x, np.concatenate((xp[-1:] - period, xp, xp[:1] + period)), np.concatenate((fp[-1:], fp, fp[:1]))


def _array(value: Any) -> Any:
    return as_floating(np.asarray(value) if isinstance(value, list | tuple) else value)


# NumPy does not ask `left` and `right` whether they are traced, so `interp` is not left to find boxes of outer traces.
primitive_of(np.interp)

RULES = (composed(np.interp, _interp, argnums=(0, 1, 2, 3, 4)),)
