"""Numerical derivatives along a line, each with an estimate of its error.

Ridders' method: central differences with shrinking steps, extrapolated to step zero (C. J. F. Ridders, Advances in
Engineering Software 4 (1982) 75-76). All entries of a vector-valued function are treated at once, each with its own
best step, because they may differ in scale and smoothness.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

#: A function of the step along a line, with a vector of real numbers as its result.
Curve = Callable[[float], np.ndarray]

_SHRINK = 1.6
_FIRST_STEP = 0.05
_STEPS = 14


class Slope(NamedTuple):
    """A numerical derivative, entry by entry: `value` ± `error`. The error is infinite where nothing is known."""

    value: np.ndarray
    error: np.ndarray
    size: np.ndarray  # the largest finite magnitude of the function's values that were looked at


def central(curve: Curve, start: np.ndarray, eps: float) -> Slope:
    """Return the derivative of `curve` at 0, where its value is `start`; values are precise to `eps`, relatively."""

    def difference(step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ahead, behind = curve(step), curve(-step)
        magnitude = np.maximum(np.abs(ahead), np.abs(behind))
        return (ahead - behind) / (2 * step), magnitude, np.abs(ahead + behind - 2 * start) / step

    return _extrapolate(difference, 2, eps)


def one_sided(curve: Curve, start: np.ndarray, side: float, eps: float) -> Slope:
    """Return the derivative at 0 from the right (`side` 1) or from the left (-1); `start` is the value at 0."""

    def difference(step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value = curve(side * step)
        return side * (value - start) / step, np.maximum(np.abs(value), np.abs(start)), np.zeros(start.shape)

    return _extrapolate(difference, 1, eps)


def _extrapolate(
    difference: Callable[[float], tuple[np.ndarray, np.ndarray, np.ndarray]], power: int, eps: float
) -> Slope:
    """Extrapolate difference quotients, whose error is a series in ``step**power``, to step zero.

    `difference` returns the quotient, the magnitude of the values that were subtracted in it, and a bend: how far the
    values on both sides are from the one in the middle, by the step. The estimated error is the smallest change
    between neighbouring extrapolations, and what rounding makes of the difference quotient. A step out of the domain,
    where values are NaN, spoils only what is made of it. Near a smooth function's point the bend shrinks with the step;
    where it grows, the function jumps within the step, and the quotient means nothing.
    """
    best, error, size = np.zeros(0), np.zeros(0), np.zeros(0)
    bend_before = np.zeros(0)
    previous: list[np.ndarray] = []
    step = _FIRST_STEP
    for _ in range(_STEPS):
        quotient, magnitude, bend = difference(step)
        if not previous:
            best, error, size = quotient, np.full(quotient.shape, np.inf), np.zeros(quotient.shape)
            bend_before = bend
        rounding = eps * magnitude / step
        smooth = bend <= 1.05 * bend_before + 10 * rounding
        bend_before = bend
        size = np.fmax(size, np.where(np.isfinite(magnitude), magnitude, 0.0))
        row = [quotient]
        factor = _SHRINK**power
        for known in previous:
            row.append((factor * row[-1] - known) / (factor - 1))
            factor *= _SHRINK**power
            change = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - known)) + rounding
            better = smooth & (change < error)  # False for NaN
            best, error = np.where(better, row[-1], best), np.where(better, change, error)
        if _settled(best, error):
            break
        previous = row
        step /= _SHRINK
    return Slope(best, error, size)


def _settled(best: np.ndarray, error: np.ndarray) -> bool:
    """Whether more steps would be a waste."""
    return bool(np.all(error <= 1e-12 * np.abs(best)))
