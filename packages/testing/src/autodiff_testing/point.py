"""A function at a point: its value, and its derivative in three forms, all of them on plain coordinates."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import make_jvp, make_vjp
from autodiff_testing.coordinates import Coordinates, largest_in_leaf
from autodiff_testing.numerics import Slope, central, one_sided

_DOUBLE = 1e-12  # above every rounding error of double precision


class Point:
    """A function of several arguments, all of which are differentiated, at one point.

    Attributes
    ----------
    inputs, outputs : Coordinates
        Of the tuple of arguments, and of the result.
    at, start : ndarray
        The coordinates of the arguments, and of the value there.
    eps : float
        The precision in which the derivative can be expected.
    """

    def __init__(self, fun: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.fun = fun
        self.args = args
        self.argnum = tuple(range(len(args)))
        self.inputs = Coordinates(args)
        self.at = self.inputs.of(args)
        self.value = fun(*args)
        self.outputs = Coordinates(self.value)
        self.start = self.outputs.of(self.value)
        self.eps = max(self.inputs.eps, self.outputs.eps)
        self._double, self._numeric_eps = self._try_double()

    def _try_double(self) -> tuple[bool, float]:
        """Find out whether finite differences can be taken in double precision, and what precision they then have.

        They can unless the function does something else when its arguments have another type.
        """
        if self.eps < _DOUBLE:
            return False, self.eps
        value = self.fun(*self.inputs.tangent(self.at, double=True))
        outputs = Coordinates(value)
        if outputs.size != self.outputs.size:
            return False, self.eps
        near = 1000 * self.eps * largest_in_leaf(self.start, self.outputs)
        if np.any(np.abs(outputs.of(value) - self.start) > near):
            return False, self.eps
        return True, outputs.eps

    def direction(self, rng: random.Random) -> np.ndarray:
        """Draw a direction in which each argument changes in proportion to its size."""
        drawn = draw(rng, self.inputs.size) * typical(self.at, self.inputs)
        return self.inputs.of(self.inputs.tangent(drawn))  # as the types of the arguments round it

    def forward(self, direction: np.ndarray) -> tuple[Any, Any]:
        """Return value and tangent, by forward mode."""
        value, tangent = make_jvp(self.fun, self.argnum)(*self.args)(self.inputs.tangent(direction))
        return value, tangent

    def pullback(self) -> tuple[Callable[[Any], Any], Any]:
        """Return the pullback and the value, by reverse mode."""
        vjp, value = make_vjp(self.fun, self.argnum)(*self.args)
        return vjp, value

    def numeric(self, direction: np.ndarray) -> Slope:
        """Return the derivative along `direction` by central differences."""
        along = self._along(direction)
        with np.errstate(all="ignore"):
            return central(along, along(0.0), self._numeric_eps)

    def one_sided(self, direction: np.ndarray) -> tuple[Slope, Slope]:
        """Return the derivatives from the left and from the right."""
        along = self._along(direction)
        with np.errstate(all="ignore"):
            start = along(0.0)
            left, right = (one_sided(along, start, side, self._numeric_eps) for side in (-1.0, 1.0))
        return left, right

    def _along(self, direction: np.ndarray) -> Callable[[float], np.ndarray]:
        """Return the function along a line through the point; NaN outside of its domain."""

        def curve(step: float) -> np.ndarray:
            try:
                value = self.fun(*self.inputs.tangent(self.at + step * direction, double=self._double))
            except (ArithmeticError, ValueError, np.linalg.LinAlgError):
                return np.full(self.outputs.size, np.nan)
            coordinates = self.outputs.of(value)
            return coordinates if coordinates.size == self.outputs.size else np.full(self.outputs.size, np.nan)

        return curve


def draw(rng: random.Random, size: int) -> np.ndarray:
    """Draw numbers between 0.25 and 1, of either sign: none near 0, so that every entry counts."""
    return np.array([rng.choice((-1, 1)) * rng.uniform(0.25, 1.0) for _ in range(size)])


def typical(vector: np.ndarray, coordinates: Coordinates) -> np.ndarray:
    """Return the magnitude of each entry; for entries next to zero, that of the largest one in their leaf, or 1."""
    result = np.abs(vector)
    for where in coordinates.slices():
        largest = np.max(result[where], initial=0.0, where=np.isfinite(result[where]))
        usable = np.isfinite(result[where]) & (result[where] > 1e-12 * largest)
        result[where] = np.where(usable, result[where], largest or 1.0)
    return result
