"""The derivatives of ``sinc(x) = sin(πx) / (πx)``, of every order and exact near zero too.

The quotient rule cancels there: at x = 1e-8 it has no right digit left. So near zero each derivative is summed from the
power series, and further out the recurrence is used that follows from differentiating u f(u) = sin(u):

    u f⁽ⁿ⁾(u) = sin(u + nπ/2) - n f⁽ⁿ⁻¹⁾(u),

where rounding errors grow by a factor n/u at each order, so not for u > n.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import primitive


@primitive
def sinc_derivative(x: Any, n: int) -> Any:
    """Return the derivative of order `n` of ``numpy.sinc`` at `x`."""
    u = np.pi * np.asarray(x, dtype=np.result_type(x, np.float64))
    near = np.abs(u) < n + 1.0
    derivative = np.where(near, _series(np.where(near, u, 0), n), _recurrence(np.where(near, 1, u), n))
    return (np.pi**n * derivative).astype(np.result_type(x))[()]


def _series(u: Any, n: int) -> Any:
    """Sum the series of the derivative of order `n`, in powers of u with alternating signs, for |u| up to n + 1."""
    k = (n + 1) // 2  # of the first power that differentiating n times leaves
    term = (-1.0) ** k / (2 * k + 1) * u ** (2 * k - n)
    total = term
    while 2 * k - n < 3 * n + 24:
        k += 1
        power = 2 * k - n
        term = term * (-u * u * (2 * k - 1) / ((2 * k + 1) * power * (power - 1)))
        total = total + term
    return total


def _recurrence(u: Any, n: int) -> Any:
    derivative = np.sin(u) / u
    for order in range(1, n + 1):
        derivative = (np.sin(u + order * math.pi / 2) - order * derivative) / u
    return derivative
