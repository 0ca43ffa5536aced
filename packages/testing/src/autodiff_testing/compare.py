"""Comparison with finite differences, which know their error; and what to make of kinks and singular points."""

from __future__ import annotations

import numpy as np

from autodiff_testing.coordinates import crosstalk, largest_in_leaf, rounding
from autodiff_testing.numerics import SAFETY
from autodiff_testing.point import NEAR, Point, times, typical
from autodiff_testing.problem import Kind, Problem

__tracebackhide__ = True  # in the tracebacks of pytest

#: Finite differences that are worse than this, relative to the derivative, tell nothing.
_RESOLUTION = 0.02

#: A cotangent's entries are drawn so that none of them brings more than about this uncertainty into a sum of ones.
_SHARE = 1e-7

#: A step over which rounding hardly counts.
_FAR = (0.05,)

#: A derivative that is smaller than the function's value by this factor, or so many machine precisions, may as well be
#: zero.
_NEGLIGIBLE, _PRECISIONS = 1e-6, 1000.0


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
        self.slope = point.numeric(direction)
        self.low, self.high = self.slope.value.copy(), self.slope.value.copy()
        self.kinks = np.zeros(self.low.shape, bool)
        self.rtol = rtol
        self.size = self.slope.size
        self.error = np.where(point.finite, self.slope.error, np.inf)
        self._looked_closer = False
        self._round()
        if self.slope.bent.any():
            self.look_closer()

    def _round(self) -> None:
        ends = [largest_in_leaf(end, self.point.outputs) for end in (self.low, self.high)]
        self.scale = np.maximum(*ends)
        # Not the error estimate alone: among many steps, one always seems to be better than it is.
        self.tolerance = SAFETY * self.error + self.point.zero(self.point.size_of_tangent())
        self.tolerance += (rounding(self.point.eps) + self.rtol) * np.maximum(np.abs(self.low), np.abs(self.high))
        self.tolerance += crosstalk(self.point.eps) * self.scale

    @property
    def value(self) -> np.ndarray:
        """The middle of the interval."""
        middle: np.ndarray = (self.low + self.high) / 2
        return middle

    def sizes(self) -> np.ndarray:
        """Return by what to divide a cotangent's entries so that each counts in a sum, as far as it is known."""
        outputs = self.point.outputs
        known = np.where(np.abs(self.value) > self.tolerance, self.value, 0.0)
        sizes = np.where(
            largest_in_leaf(known, outputs) > 0, typical(known, outputs), typical(self.point.start, outputs)
        )
        sizes = np.fmax(sizes, np.where(np.isfinite(self.tolerance), self.tolerance / _SHARE, 0.0))
        return np.fmin(sizes, 1.0 / max(outputs.least, default=1.0))

    def describe(self, place: int) -> str:
        """Return one entry as a text."""
        if self.kinks[place]:
            return f"between {self.low[place]:.6g} and {self.high[place]:.6g}, at a kink,"
        return f"{self.low[place]:.12g} ± {self.error[place]:.1g}"

    def look_closer(self) -> None:
        """Find out how noisy the function is, and where the slopes on the two sides differ; once, when in doubt."""
        if self._looked_closer:
            return
        self._looked_closer = True
        grain = self.point.grain(self.along)
        self.error = self.error + grain / self.slope.step
        left, right = self.point.one_sided(self.along)
        errors = left.error + right.error + grain / left.step + grain / right.step
        with np.errstate(invalid="ignore"):
            apart = np.abs(left.value - right.value)
            self.kinks = apart > SAFETY * errors + 1e-6 * (np.abs(left.value) + np.abs(right.value))
            # At a smooth point where a higher derivative jumps, one side alone is smoother.
            sharper = ~self.kinks & (errors + apart < self.error) & (SAFETY * (errors + apart) <= self._limit())
        if self.kinks.any():
            self.kinks &= self.point.has_slopes(self.along, left.value, right.value)
        self.low = np.where(sharper, (left.value + right.value) / 2, self.low)
        self.high = np.where(sharper, self.low, self.high)
        self.error = np.where(sharper, errors + apart, self.error)
        self.low = np.where(self.kinks, np.minimum(left.value, right.value), self.low)
        self.high = np.where(self.kinks, np.maximum(left.value, right.value), self.high)
        self.error = np.where(self.kinks, errors, self.error)
        self._round()

    @np.errstate(all="ignore")
    def misses(self, tangent: np.ndarray, noise: np.ndarray | float = 0.0) -> np.ndarray:
        """Return which entries of a tangent, in which there may be noise, are certainly wrong."""
        outside = np.maximum(self.low - tangent, tangent - self.high)
        off = ~(outside <= self.tolerance + noise)
        missed: np.ndarray = off & np.isfinite(self.error)
        return missed

    @np.errstate(all="ignore")
    def doubtful(self, claimed: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Return which slopes are no better than what is claimed, by other values around the point.

        Over short distances the values are rounded, but if the function is smooth they are closer to the right slope.
        Where they do not change at all they may be rounded to steps; then the change over a longer distance decides.
        With `weights` the question is about the sum of the slopes.
        """
        magnitudes = weights if weights is None else np.abs(weights)
        value = _summed(self.value, weights)
        off = np.nan_to_num(np.abs(claimed - value), nan=np.inf)
        doubt, constant = np.zeros(value.shape, bool), value == 0
        for behind, ahead, uncertain in self.point.slopes(self.along, NEAR):
            near = _summed((behind + ahead) / 2, weights)
            doubt |= np.abs(near - value) > off / 2 + _summed(uncertain, magnitudes)
            constant &= near == 0
        for behind, ahead, _ in self.point.slopes(self.along, _FAR):
            far = _summed((behind + ahead) / 2, weights)
            doubt |= constant & (np.abs(far - claimed) < np.abs(far))
        return doubt

    def unclear(self) -> np.ndarray:
        """Return which entries the finite differences cannot judge, though the function has a value there."""
        rough = ~(SAFETY * self.error <= self._limit())
        unclear: np.ndarray = rough & (self.error != 0) & self.point.finite
        return unclear

    def _limit(self) -> np.ndarray:
        """Return what the tolerance may be at most."""
        size = np.fmax(largest_in_leaf(self.size, self.point.outputs), self.point.size_of_tangent())
        floor = max(_NEGLIGIBLE, _PRECISIONS * self.point.numeric_eps)
        limit: np.ndarray = np.maximum(_RESOLUTION * self.scale, floor * size)
        return limit


def compare_forward(numeric: Numeric, tangent: np.ndarray) -> None:
    """Raise unless the tangent is the numerical derivative, entry by entry."""
    if (numeric.misses(tangent) | numeric.unclear()).any():
        numeric.look_closer()
    check_resolution(numeric, "fwd")
    wrong = numeric.misses(tangent)
    if wrong.any():
        size = numeric.point.size_of_tangent()
        wrong = numeric.misses(tangent, numeric.point.noise(lambda near: near.push(numeric.along), size))
    if not wrong.any():
        return
    sure = wrong & (numeric.kinks | ~numeric.doubtful(tangent))
    place = int(np.argmax(sure if sure.any() else wrong))
    text = f"J u is {tangent[place]:.12g}, but {numeric.describe(place)} numerically"
    raise _disagreement("fwd", text, numeric, sure=bool(sure.any()))


def compare_reverse(numeric: Numeric, cotangent: np.ndarray, gradient: np.ndarray) -> None:
    """Raise unless ⟨Jᵀ w, u⟩ is ⟨w, J u⟩ with the numerical J u."""
    text = _pairing(numeric, cotangent, gradient)
    if text is not None or numeric.unclear().any():
        numeric.look_closer()
        check_resolution(numeric, "rev")
        text = _pairing(numeric, cotangent, gradient)
    if text is not None:
        point = numeric.point
        noise = point.noise(lambda near: near.pull(cotangent), point.size_of_gradient(cotangent))
        text = _pairing(numeric, cotangent, gradient, float(np.sum(np.abs(numeric.along) * noise)))
    if text is not None:
        found = np.sum(times(numeric.along, gradient))
        sure = bool(numeric.kinks.any() or not numeric.doubtful(found, cotangent))
        raise _disagreement("rev", text, numeric, sure=sure)


def _disagreement(mode: str, text: str, numeric: Numeric, *, sure: bool) -> Problem:
    if sure:
        return Problem(Kind.WRONG, mode, text, kink=bool(numeric.kinks.any()))
    return Problem(Kind.UNDECIDED, mode, f"{text}, which does not fit the values next to the point")


def _summed(vector: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    return vector if weights is None else np.asarray(np.sum(times(weights, vector)))


@np.errstate(all="ignore")
def _pairing(numeric: Numeric, cotangent: np.ndarray, gradient: np.ndarray, noise: float = 0.0) -> str | None:
    """Return what is wrong with ⟨Jᵀ w, u⟩, if it is not the numerical ⟨w, J u⟩."""
    counted = cotangent != 0
    if not np.isfinite(numeric.error[counted]).all():
        return None  # a part of the sum is missing; that is said by `check_resolution`
    ends = np.stack([times(cotangent, numeric.low), times(cotangent, numeric.high)])
    low, high = float(ends.min(axis=0).sum()), float(ends.max(axis=0).sum())
    terms = times(numeric.along, gradient)
    tolerance = float(np.sum(times(np.abs(cotangent), numeric.tolerance))) + noise
    tolerance += rounding(numeric.point.eps) * float(np.abs(terms).sum())
    tolerance += numeric.point.tiny * float(np.abs(numeric.along).sum())
    found = float(terms.sum())
    if low - tolerance <= found <= high + tolerance:
        return None
    right = f"{low:.12g}" if low == high else f"between {low:.6g} and {high:.6g}, at a kink,"
    return f"⟨Jᵀ w, u⟩ is {found:.12g}, but {right} numerically (± {tolerance:.1g})"


def check_resolution(numeric: Numeric, mode: str) -> None:
    """Raise where the finite differences are too rough to tell anything."""
    unclear = numeric.unclear() & ~numeric.kinks
    if unclear.any():
        place = int(np.argmax(unclear))
        raise Problem(Kind.UNDECIDED, mode, f"the slope is {numeric.describe(place)}, which is too rough to judge by")
