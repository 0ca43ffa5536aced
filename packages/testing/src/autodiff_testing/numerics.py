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

#: Returns for each entry of a vector the magnitude that the rounding errors in it may be relative to.
Level = Callable[[np.ndarray], np.ndarray]

#: How many times the estimated error of a finite difference is forgiven.
SAFETY = 10.0

#: The golden ratio, which is no ratio of small integers: steps whose lengths are one may all agree by accident, for
#: functions that jump at regular distances.
_SHRINK = 1.618033988749895
_FIRST_STEP = 0.05
_STEPS, _MOST = 14, 26

#: A bend, relative to the values, that may be put down to noise; more is a jump.
_NOISE = 1e-6

#: A relative error that is worth further steps.
_ROUGH = 1e-3


class Slope(NamedTuple):
    """A numerical derivative, entry by entry: `value` ± `error`. The error is infinite where nothing is known."""

    value: np.ndarray
    error: np.ndarray
    size: np.ndarray  # the largest finite magnitude of the function's values that were looked at
    step: np.ndarray  # the smallest step that went into the value
    bent: np.ndarray  # whether the slopes on the two sides seem to differ


class Line(NamedTuple):
    """A function along a line, and how precise its values are.

    `curve` returns the values at a distance from the point; `start` is the value at 0; `eps` is the relative precision.
    `hidden` is the magnitude of the numbers that cancelled in the values, which are rounded as those are; `level`
    returns the magnitude that a jump is compared with.
    """

    curve: Curve
    start: np.ndarray
    eps: float
    hidden: np.ndarray | float = 0.0
    level: Level = np.abs


def central(line: Line) -> Slope:
    """Return the derivative at 0, by values on both sides."""

    def difference(step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ahead, behind = line.curve(step), line.curve(-step)
        magnitude = np.maximum(np.abs(ahead), np.abs(behind))
        return (ahead - behind) / (2 * step), magnitude, np.abs(ahead + behind - 2 * line.start) / step

    return _extrapolate(difference, 2, line)


def one_sided(line: Line, side: float) -> Slope:
    """Return the derivative at 0 from the right (`side` 1) or from the left (-1)."""

    def difference(step: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value = line.curve(side * step)
        magnitude = np.maximum(np.abs(value), np.abs(line.start))
        return side * (value - line.start) / step, magnitude, np.zeros(value.shape)

    return _extrapolate(difference, 1, line)


def _extrapolate(
    difference: Callable[[float], tuple[np.ndarray, np.ndarray, np.ndarray]], power: int, line: Line
) -> Slope:
    """Extrapolate difference quotients, whose error is a series in ``step**power``, to step zero.

    `difference` returns the quotient, the magnitude of the values that were subtracted in it, and a bend: how far the
    values on both sides are from the one in the middle, by the step. The estimated error is the smallest change
    between neighbouring extrapolations, and what rounding makes of the difference quotient. A step out of the domain,
    where values are NaN, spoils only what is made of it.

    Near a smooth function's point the bend shrinks with the step; where it grows by more than rounding, there is noise,
    which adds to the error, or a jump, and the quotient means nothing. Where nothing else was found, ever smaller steps
    are tried.
    """
    step, previous, best = _FIRST_STEP, None, None
    for count in range(_MOST):
        quotient, magnitude, bend = difference(step)
        if best is None:
            best = _Best(quotient, step)
            size, bend_before, scale = np.zeros(quotient.shape), bend, line.level(magnitude)
        scale = np.where(np.isfinite(scale), scale, line.level(magnitude))  # a first step out of the domain has none
        bend_before = np.where(np.isfinite(bend_before), bend_before, np.inf)
        size = np.fmax(size, np.where(np.isfinite(magnitude), magnitude, 0.0))
        rounding = line.eps * np.fmax(magnitude, line.hidden) / step
        smooth = bend <= 1.05 * bend_before + 10 * line.eps * scale / step
        bent = (bend > 0.9 * bend_before) & (bend > _NOISE * scale) & (count > 0)
        noise = np.where(smooth, 0.0, bend)
        # What is extrapolated from a jump is no good either.
        row = _next_row(np.where(noise <= _NOISE * scale, quotient, np.nan), previous, _SHRINK**power)
        if previous is not None:
            best.improve(row, previous, rounding + noise, step)
        settled = (best.error <= 1e-12 * np.abs(best.value)) | (best.error <= rounding)  # rounding only grows
        rough = (best.error > np.maximum(_ROUGH * np.abs(best.value), _NOISE * scale)) & np.isfinite(bend)
        if (settled & np.isfinite(best.error)).all() or (count + 1 >= _STEPS and not rough.any()):
            break
        previous, bend_before = row, bend
        step /= _SHRINK
    assert best is not None  # there is at least one step
    return Slope(best.value, best.error, size, best.step, bent)


def _next_row(quotient: np.ndarray, previous: np.ndarray | None, factor: float) -> np.ndarray:
    """Return a difference quotient and its extrapolations with those of the longer steps, `previous`."""
    row = [quotient]
    power = factor
    for known in () if previous is None else previous:
        row.append((power * row[-1] - known) / (power - 1))
        power *= factor
    return np.stack(row)


class _Best:
    """The best extrapolation so far, entry by entry."""

    def __init__(self, value: np.ndarray, step: float) -> None:
        self.value = value
        self.error = np.full(value.shape, np.inf)
        self.step = np.full(value.shape, step)

    def improve(self, row: np.ndarray, previous: np.ndarray, rounding: np.ndarray, step: float) -> None:
        """Take what changes less from its neighbours than the best so far."""
        change = np.maximum(np.abs(row[1:] - row[:-1]), np.abs(row[1:] - previous))
        change[np.isnan(change)] = np.inf
        which = np.argmin(change, axis=0), np.arange(row.shape[1])
        error = change[which] + rounding
        better = error < self.error  # False for NaN
        self.value = np.where(better, row[1:][which], self.value)
        self.error = np.where(better, error, self.error)
        self.step = np.where(better, step, self.step)
