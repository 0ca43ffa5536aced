"""Comparison with finite differences, which know their error; and what to make of kinks and singular points."""

from __future__ import annotations

import numpy as np

from autodiff_testing.coordinates import largest_in_leaf, rounding
from autodiff_testing.numerics import Slope
from autodiff_testing.point import Point
from autodiff_testing.problem import Kind, Problem

#: How many times the estimated error of a finite difference is forgiven.
_SAFETY = 10.0

#: Finite differences that are worse than this, relative to the derivative, tell nothing.
_RESOLUTION = 0.02

#: A derivative that is smaller than the function's value by this factor may as well be zero.
_NEGLIGIBLE = 1e-6


class Numeric:
    """The derivative of a function along one direction, as finite differences see it: an interval for each entry.

    Where the function has a kink the interval reaches from the slope on the left to the one on the right.

    Attributes
    ----------
    low, high : ndarray
        The interval.
    tolerance : ndarray
        By how much a derivative may lie outside of it.
    kinks : ndarray of bool
        Which entries have a kink.
    """

    def __init__(self, point: Point, direction: np.ndarray, rtol: float) -> None:
        self.point = point
        self.along = direction
        slope = point.numeric(direction)
        self.low, self.high = slope.value.copy(), slope.value.copy()
        self.kinks = np.zeros(slope.value.shape, bool)
        self.slopes: tuple[Slope, Slope] | None = None
        self.rtol = rtol
        self.size = slope.size
        self.error = np.where(np.isfinite(point.start), slope.error, np.inf)
        self._round()

    def _round(self) -> None:
        ends = [largest_in_leaf(end, self.point.outputs) for end in (self.low, self.high)]
        self.scale = np.maximum(*ends)
        # Not the error estimate alone: among many steps, one always seems to be better than it is.
        self.tolerance = _SAFETY * self.error + (rounding(self.point.eps) + self.rtol) * self.scale

    @property
    def value(self) -> np.ndarray:
        """The middle of the interval."""
        return (self.low + self.high) / 2

    def describe(self, place: int) -> str:
        """Return one entry as a text."""
        if self.kinks[place]:
            return f"between {self.low[place]:.6g} and {self.high[place]:.6g}, at a kink,"
        return f"{self.low[place]:.12g} ± {self.error[place]:.1g}"

    def look_at_kinks(self) -> None:
        """Find out where the slopes on the two sides differ."""
        left, right = self.slopes = self.point.one_sided(self.along)
        apart = np.abs(left.value - right.value)
        sure = _SAFETY * (left.error + right.error) + 1e-6 * (np.abs(left.value) + np.abs(right.value))
        self.kinks = apart > sure
        self.low = np.where(self.kinks, np.minimum(left.value, right.value), self.low)
        self.high = np.where(self.kinks, np.maximum(left.value, right.value), self.high)
        self.error = np.where(self.kinks, left.error + right.error, self.error)
        self._round()

    def misses(self, tangent: np.ndarray) -> np.ndarray:
        """Return which entries of a tangent are certainly wrong."""
        outside = np.maximum(self.low - tangent, tangent - self.high)
        return ~(outside <= self.tolerance) & np.isfinite(self.error)

    def unclear(self) -> np.ndarray:
        """Return which entries the finite differences cannot judge, though the function has a value there."""
        floor = _NEGLIGIBLE * largest_in_leaf(self.size, self.point.outputs)
        rough = ~(self.tolerance <= np.maximum(_RESOLUTION * self.scale, floor))
        return rough & (self.error != 0) & np.isfinite(self.point.start)


def compare_forward(numeric: Numeric, tangent: np.ndarray) -> None:
    """Raise unless the tangent is the numerical derivative, entry by entry."""
    if (numeric.misses(tangent) | numeric.unclear()).any() and numeric.slopes is None:
        numeric.look_at_kinks()
    wrong = numeric.misses(tangent)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise Problem(Kind.WRONG, "fwd", f"J u is {tangent[place]:.12g}, but {numeric.describe(place)} numerically")
    _check_resolution(numeric, "fwd")


def compare_reverse(numeric: Numeric, direction: np.ndarray, cotangent: np.ndarray, gradient: np.ndarray) -> None:
    """Raise unless ⟨Jᵀ w, u⟩ is ⟨w, J u⟩ with the numerical J u."""
    text = _pairing(numeric, direction, cotangent, gradient)
    if (text is not None or numeric.unclear().any()) and numeric.slopes is None:
        numeric.look_at_kinks()
        text = _pairing(numeric, direction, cotangent, gradient)
    if text is not None:
        raise Problem(Kind.WRONG, "rev", text)
    _check_resolution(numeric, "rev")


def _pairing(numeric: Numeric, direction: np.ndarray, cotangent: np.ndarray, gradient: np.ndarray) -> str | None:
    """Return what is wrong with ⟨Jᵀ w, u⟩, if it is not the numerical ⟨w, J u⟩."""
    known = np.isfinite(numeric.error)
    if not known.all():
        return None  # a part of the sum is missing; that is said by `_check_resolution`
    ends = np.stack([cotangent * numeric.low, cotangent * numeric.high])
    low, high = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
    terms = gradient * direction
    tolerance = float(np.sum(np.abs(cotangent) * numeric.tolerance))
    tolerance += rounding(numeric.point.eps) * float(np.abs(terms).sum())
    found = float(terms.sum())
    if low - tolerance <= found <= high + tolerance:
        return None
    right = f"{low:.12g}" if low == high else f"between {low:.6g} and {high:.6g}, at a kink,"
    return f"⟨Jᵀ w, u⟩ is {found:.12g}, but {right} numerically (± {tolerance:.1g})"


def _check_resolution(numeric: Numeric, mode: str) -> None:
    """Raise where the finite differences are too rough to tell anything."""
    unclear = numeric.unclear() & ~numeric.kinks
    if unclear.any():
        place = int(np.argmax(unclear))
        raise Problem(Kind.UNDECIDED, mode, f"the slope is {numeric.describe(place)}, which is too rough to judge by")
