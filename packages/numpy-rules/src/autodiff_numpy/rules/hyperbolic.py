"""Hyperbolic functions.  https://numpy.org/doc/stable/reference/routines.math.html#hyperbolic-functions"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, times


def _arcsinh(g: Any, y: Any, x: Any) -> Any:
    """Divide by cosh(y), which has the branch that NumPy chose; of a complex root one would have to find it."""
    return g / np.cosh(y) if y.dtype.kind == "c" else g / np.hypot(x, 1)


def _arccosh(g: Any, y: Any, x: Any) -> Any:
    """Divide by sinh(y)."""
    return g / np.sinh(y) if y.dtype.kind == "c" else g / (np.sqrt(x - 1) * np.sqrt(x + 1))


# fmt: off
RULES = (
    elementwise(np.sinh,     lambda y, x: np.cosh(x)),
    elementwise(np.cosh,     lambda y, x: np.sinh(x)),
    elementwise(np.tanh,     lambda y, x: 1 - y * y),
    elementwise(np.arcsinh,  times(_arcsinh)),
    elementwise(np.arccosh,  times(_arccosh)),
    elementwise(np.arctanh,  times(lambda g, y, x: g / ((1 - x) * (1 + x)))),
)
# fmt: on
