"""Exponents and logarithms.  https://numpy.org/doc/stable/reference/routines.math.html#exponents-and-logarithms"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import elementwise, times

_LN2, _LN10 = math.log(2.0), math.log(10.0)


def _share(y: Any, a: Any, b: Any, half: float) -> Any:
    """Return the logarithm of the share that `a` has in the sum: a - y.

    An infinite sum belongs to the operands that are infinite in the same way, in equal parts: `half` is log(1/2).
    """
    if type(y) is np.ndarray and np.isfinite(y).all():
        return a - y
    infinite = np.isinf(y)
    limit = np.where(a == b, half, np.where(a > b, 0.0, -math.inf))
    return np.where(infinite, limit, np.where(infinite, 0, a) - np.where(infinite, 0, y))


def _logaddexp(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g * np.exp(_share(y, a, b, -_LN2))


def _logaddexp2(g: Any, y: Any, a: Any, b: Any) -> Any:
    return g * np.exp2(_share(y, a, b, -1.0))


# fmt: off
RULES = (
    elementwise(np.exp,         lambda y, x: y),
    elementwise(np.expm1,       lambda y, x: np.exp(x)),
    elementwise(np.exp2,        lambda y, x: y * _LN2),
    elementwise(np.log,         times(lambda g, y, x: g / x)),
    elementwise(np.log10,       times(lambda g, y, x: g / (x * _LN10))),
    elementwise(np.log2,        times(lambda g, y, x: g / (x * _LN2))),
    elementwise(np.log1p,       times(lambda g, y, x: g / (1 + x))),
    elementwise(np.logaddexp,   times(_logaddexp),   times(lambda g, y, a, b: _logaddexp(g, y, b, a))),
    elementwise(np.logaddexp2,  times(_logaddexp2),  times(lambda g, y, a, b: _logaddexp2(g, y, b, a))),
)
# fmt: on
