"""The Bessel function I0, and the window made with it.

https://numpy.org/doc/stable/reference/routines.math.html#other-special-functions
https://numpy.org/doc/stable/reference/routines.window.html
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, primitive_of
from autodiff_numpy.bessel_derivatives import i0_derivative
from autodiff_numpy.composed import composed


def _kaiser(M: Any, beta: Any) -> Any:
    """Return the Kaiser window of M points."""
    if M == 1:
        return np.ones(1)
    places = 2 * np.arange(0, M) / (M - 1) - 1
    return np.i0(beta * np.sqrt(1 - places**2)) / np.i0(beta)


# NumPy does not ask the arguments of `kaiser` whether they are traced, so it is not left to find boxes by itself.
primitive_of(np.kaiser)

RULES = (
    elementwise(np.i0, lambda y, x: i0_derivative(x, 1)),
    elementwise(i0_derivative, lambda y, x, n: i0_derivative(x, n + 1), None),
    composed(np.kaiser, _kaiser, argnums=(1,)),
)
