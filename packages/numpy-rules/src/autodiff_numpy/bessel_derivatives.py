"""The derivatives of the modified Bessel function I0, of every order.

    I0(x) = sum over k of (x/2)^(2k) / k!^2 = 1/π ∫ exp(x cos θ) dθ from 0 to π.

Differentiated n times, each term of the series loses n powers, and the integrand gains the factor cos(θ)^n. For small
x the series is summed, all of whose terms have the same sign; for larger ones the integral, by the trapezoidal rule,
which converges faster than any power of the step for a periodic integrand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import primitive

_NEAR = 16.0
_STEPS = 256  # enough up to the overflow at x = 713


@primitive
def i0_derivative(x: Any, n: int) -> Any:
    """Return the derivative of order `n` of ``numpy.i0`` at `x`."""
    values = np.asarray(x, dtype=np.result_type(x, np.float64))
    size = np.abs(values)
    near = size <= _NEAR
    derivative = np.where(near, _series(np.where(near, size, 0), n), _integral(np.where(near, 0, size), n))
    return (derivative * np.where(values < 0, (-1.0) ** n, 1.0)).astype(np.result_type(x))[()]


def _series(x: Any, n: int) -> Any:
    """Sum (2k)! / (2k - n)! / (2^k k!)^2 x^(2k - n)."""
    first = (n + 1) // 2
    total = np.zeros_like(x)
    for k in range(first, first + n + 40):
        power = 2 * k - n
        factor = math.factorial(2 * k) / (math.factorial(power) * math.factorial(k) ** 2 * 4**k)
        total = total + factor * x**power
    return total


def _integral(x: Any, n: int) -> Any:
    """Sum cos(θ)^n exp(x cos θ) at equal steps, with half the weight at both ends."""
    with np.errstate(over="ignore"):  # where I0 itself is infinite
        total = 0.5 * (np.exp(x) + (-1.0) ** n * np.exp(-x))
        for step in range(1, _STEPS):
            cosine = math.cos(math.pi * step / _STEPS)
            total = total + cosine**n * np.exp(x * cosine)
    return total / _STEPS
