"""A function at a point: its value, and its derivative in three forms, all of them on plain coordinates."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autodiff import make_jvp, make_vjp
from autodiff.containers import flatten
from autodiff.errors import InputError
from autodiff_testing.coordinates import Coordinates, largest_in_leaf
from autodiff_testing.guard import Guard
from autodiff_testing.numerics import SAFETY, Line, Slope, central, one_sided

__tracebackhide__ = True  # in the tracebacks of pytest

_DOUBLE = 1e-12  # above every rounding error of double precision

#: A derivative that is smaller than the value by so many machine precisions, for a change of the arguments by their
#: own size, is as good as zero.
_ZERO = 64.0

#: An entry that is smaller than the largest of its array by this factor has no scale of its own.
_NEGLIGIBLE = 1e-17

#: Where to look for the grain of a function; not evenly, as rounding errors may be periodic.
_PLACES = np.array([-4.1, -2.9, -1.9, -0.7, 0.0, 1.1, 2.0, 3.3, 4.0])

#: The largest of some rounding errors, compared with the middle one.
_TAIL = 3.0

#: Steps so small that a smooth function is all but straight.
NEAR = (3e-5, 1e-6, 3e-8, 1e-9)


class ResultError(TypeError):
    """A function returned something that has no derivative."""


class Point:
    """A function of several arguments, all of which are differentiated, at one point.

    Attributes
    ----------
    inputs, outputs : Coordinates
        Of the tuple of arguments, and of the result.
    at, start : ndarray
        The coordinates of the arguments, and of the value there.
    finite : ndarray of bool
        Which entries of the value are finite; the others have no derivative.
    changes_arguments : bool
        Whether the function changes its arguments in place.
    sizes : ndarray
        The magnitudes of the value's entries; at least `size`, that of the numbers that cancelled in them.
    eps : float
        The precision in which the derivative can be expected.
    tiny : float
        The smallest number that is not rounded to zero, or to few digits.
    numeric_eps : float
        The precision of the values that finite differences are taken of.
    """

    def __init__(self, fun: Callable[..., Any], args: tuple[Any, ...], size: np.ndarray | float = 0.0) -> None:
        self.fun = fun
        self.args = args
        self.argnum = tuple(range(len(args)))
        self.inputs = Coordinates(args)
        self.at = self.inputs.of(args)
        guard = Guard(args)
        self.value = fun(*args)
        self.changes_arguments = guard.changed()
        try:
            self.outputs = Coordinates(self.value)
        except InputError as error:
            kinds = {type(leaf).__name__ for leaf in flatten(self.value)[0]}
            raise ResultError(f"something of type {', '.join(sorted(kinds))}") from error
        self.start = self.outputs.of(self.value)
        self.finite = np.isfinite(self.start)
        self.sizes = np.fmax(np.abs(np.where(self.finite, self.start, 0.0)), size)
        self.tiny = max((*self.inputs.least, *self.outputs.least), default=0.0) ** 2
        self._hidden = size
        self._size = largest_in_leaf(self.sizes, self.outputs)
        self.eps = max(self.inputs.eps, self.outputs.eps)
        self._double, self.numeric_eps = self._try_double()

    def _try_double(self) -> tuple[bool, float]:
        """Find out whether finite differences can be taken in double precision, and what precision they then have.

        They can unless the function does something else when its arguments have another type.
        """
        if self.eps < _DOUBLE:
            return False, self.eps
        try:
            value = self.fun(*self.inputs.tangent(self.at, double=True))
        except (ArithmeticError, ValueError):  # ValueError is also that of `numpy.linalg`
            return False, self.eps
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
        value, tangent = self._jvp(self.inputs.tangent(direction))
        return value, tangent

    @functools.cached_property
    def _jvp(self) -> Callable[[Any], tuple[Any, Any]]:
        jvp: Callable[[Any], tuple[Any, Any]] = make_jvp(self.fun, self.argnum)(*self.args)
        return jvp

    def pullback(self) -> tuple[Callable[[Any], Any], Any]:
        """Return the pullback and the value, by reverse mode."""
        vjp, value = make_vjp(self.fun, self.argnum)(*self.args)
        return vjp, value

    def push(self, direction: np.ndarray) -> np.ndarray:
        """Return the coordinates of the tangent, by forward mode."""
        return self.outputs.of(self.forward(direction)[1])

    def pull(self, cotangent: np.ndarray) -> np.ndarray:
        """Return the coordinates of the gradient, by reverse mode."""
        return self.inputs.of_cotangent(self.pullback()[0](self.outputs.cotangent(cotangent)))

    def size_of_tangent(self) -> np.ndarray:
        """Return the magnitude that a tangent has if the value changes as much, relatively, as the arguments."""
        return self._size

    def size_of_gradient(self, cotangent: np.ndarray) -> np.ndarray:
        """Return the same for the gradient that belongs to a cotangent."""
        sizes: np.ndarray = np.sum(np.abs(cotangent) * self.sizes) / typical(self.at, self.inputs)
        return sizes

    def zero(self, size: np.ndarray) -> np.ndarray:
        """Return what cannot be told from zero among derivatives of a certain size."""
        return _ZERO * self.eps * size + self.tiny

    def noise(self, derivative: Callable[[Point], np.ndarray], size: np.ndarray) -> np.ndarray:
        """Return how far rounding may put a derivative of about this size off."""
        direction = self.direction(random.Random(0))

        def curve(step: float) -> np.ndarray:
            try:
                return derivative(Point(self.fun, self.inputs.tangent(self.at + step * direction)))
            except Exception:  # noqa: BLE001  # out of the domain, or a wrong rule, about which enough is known
                return np.full(size.shape, np.nan)

        return SAFETY * _grain(curve, self.eps, size + np.abs(derivative(self)))

    def numeric(self, direction: np.ndarray) -> Slope:
        """Return the derivative along `direction` by central differences."""
        with np.errstate(all="ignore"):
            return central(self._line(direction))

    def one_sided(self, direction: np.ndarray) -> tuple[Slope, Slope]:
        """Return the derivatives from the left and from the right."""
        line = self._line(direction)
        with np.errstate(all="ignore"):
            return one_sided(line, -1.0), one_sided(line, 1.0)

    def _line(self, direction: np.ndarray) -> Line:
        return Line(self.along(direction), self._middle, self.numeric_eps, self._hidden, self._level)

    def has_slopes(self, direction: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return for which entries the values near the point lie on lines with these slopes to its left and right.

        A line may be off by a part of what the slopes differ by. Unlike the estimated errors of the slopes this cannot
        be so by chance.
        """
        slack = 0.1 * np.abs(right - left)
        straight = np.ones(left.shape, bool)
        with np.errstate(all="ignore"):
            for behind, ahead, rounding in self.slopes(direction, NEAR):
                straight &= np.maximum(np.abs(behind - left), np.abs(ahead - right)) <= slack + rounding
        return straight

    def slopes(
        self, direction: np.ndarray, steps: tuple[float, ...]
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield for each step the slopes behind and ahead of the point, and what rounding adds to them."""
        along, start = self.along(direction), self._middle
        for step in steps:
            rounding = 100 * self.numeric_eps * self._level(start) / step
            yield (start - along(-step)) / step, (along(step) - start) / step, rounding

    def grain(self, direction: np.ndarray) -> np.ndarray:
        """Return by how much rounding puts the function's values off."""
        return _grain(self.along(direction), self.numeric_eps, self._level(self.start))

    def _level(self, values: np.ndarray) -> np.ndarray:
        """Return what rounding errors are relative to: the largest number around, those that cancelled included."""
        level: np.ndarray = np.fmax(largest_in_leaf(values, self.outputs), self._size)
        return level

    def along(self, direction: np.ndarray) -> Callable[[float], np.ndarray]:
        """Return the function along a line through the point."""
        return lambda step: self.value_at(self.at + step * direction)

    @functools.cached_property
    def _middle(self) -> np.ndarray:
        """The value at the point itself, as precise as those around it."""
        return self.value_at(self.at) if self._double else self.start

    def value_at(self, at: np.ndarray) -> np.ndarray:
        """Return the value at another point, in double precision if that is possible; NaN outside of the domain."""
        try:
            value = self.fun(*self.inputs.tangent(at, double=self._double))
        except (ArithmeticError, ValueError):
            return np.full(self.outputs.size, np.nan)
        coordinates = self.outputs.of(value)
        return coordinates if coordinates.size == self.outputs.size else np.full(self.outputs.size, np.nan)


def _grain(curve: Callable[[float], np.ndarray], eps: float, size: np.ndarray) -> np.ndarray:
    """Return by how much rounding puts the values of a curve off, as seen at points very close to each other.

    Over a distance of a root of the machine precision a smooth curve is straight to within the precision itself. What
    is off by more than such a root, compared with `size`, is noise if it is so in most places, and else a jump, which
    does not count.
    """
    distance = float(np.sqrt(eps))
    with np.errstate(all="ignore"):
        values = np.stack([curve(place * distance) for place in _PLACES])
        before, after = np.diff(_PLACES)[:-1, None], np.diff(_PLACES)[1:, None]
        straight = (after * values[:-2] + before * values[2:]) / (before + after)
        off = np.sort(np.nan_to_num(np.abs(values[1:-1] - straight)), axis=0)
    grain: np.ndarray = np.where(off[-1] <= distance * size, off[-1], _TAIL * off[off.shape[0] // 2])
    return grain


def draw(rng: random.Random, size: int) -> np.ndarray:
    """Draw numbers between 0.25 and 1, of either sign: none near 0, so that every entry counts."""
    drawn = np.array([rng.random() for _ in range(size)]) - 0.5
    return np.copysign(0.25 + 1.5 * np.abs(drawn), drawn)


def times(weights: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Return the products of the entries; what has no weight does not count, were it NaN or infinite."""
    products: np.ndarray = np.multiply(weights, vector, out=np.zeros(weights.shape), where=weights != 0)
    return products


def typical(vector: np.ndarray, coordinates: Coordinates) -> np.ndarray:
    """Return the magnitude of each entry; for those next to zero, that of the largest in their leaf, or 1.

    The square of the magnitude is a number too: nothing has the scale of what NumPy rounds to zero when it is squared.
    """
    result: np.ndarray = np.abs(vector)
    for where, least in zip(coordinates.slices, coordinates.least, strict=True):
        part = result[where]
        finite = np.isfinite(part)
        largest = part.max(initial=0.0, where=finite)
        usable = finite & (part > max(_NEGLIGIBLE * largest, least))
        if not usable.all():
            result[where] = np.where(usable, part, largest if largest > least else 1.0)
    return result
