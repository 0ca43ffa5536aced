"""What is special about a point where finite differences cannot decide, or where a function has few digits."""

from __future__ import annotations

import random

import numpy as np

from autodiff_testing.compare import Numeric
from autodiff_testing.coordinates import largest_in_leaf
from autodiff_testing.point import Point

#: Distances from the point: each a quarter of the one before, down to 1e-9.
_DISTANCES = 0.25 ** np.arange(4, 16)

#: A power of the distance, as the change of the value, from which on the slope is finite.
_LINEAR = 0.95

#: Differences that are below so many times the rounding errors are not looked at.
_CLEAR = 100.0

#: The precisions to which a function may round.
_COARSE = (("half precision", np.float16), ("single precision", np.float32))


def undecided(point: Point) -> str:
    """Say why finite differences cannot decide at this point, and what to do."""
    direction = point.direction(random.Random(0))
    numeric = Numeric(point, direction, 0.0)
    numeric.look_closer()
    unclear = numeric.unclear() & ~numeric.kinks
    place = int(np.argmax(unclear if unclear.any() else numeric.error))
    curve = point.along(direction)
    rounding = _CLEAR * point.eps * float(largest_in_leaf(point.start, point.outputs)[place])
    with np.errstate(all="ignore"):
        start = curve(0.0)[place]
        changes = [
            np.abs(np.array([curve(side * distance)[place] for distance in _DISTANCES]) - start) for side in (-1, 1)
        ]
    if not all(np.isfinite(change[-1]) for change in changes):
        return "the point is at the end of the function's domain: choose a point inside"
    if any(_is_jump(change, rounding) for change in changes):
        return "the function jumps here: choose a point beside the jump"
    for change in changes:
        if (power := _power(change, rounding)) is not None:
            return (
                f"a singular point: the value changes like the distance to the power {power:.2g}, so that the slope is "
                "infinite. Choose another point"
            )
    return (
        "the function has too much noise, or varies too quickly, for finite differences: choose another point, "
        "or compute in double precision"
    )


def _is_jump(change: np.ndarray, rounding: float) -> bool:
    """Whether the value changes by as much over a short distance as over a longer one."""
    near = change[-4:]
    return bool(near[-1] > rounding and np.ptp(near) <= 1e-3 * near[-1])


def _power(change: np.ndarray, rounding: float) -> float | None:
    """Return the power of the distance by which the value changes, if it is one that makes the slope infinite."""
    seen = change[change > rounding]
    if seen.size < 4:
        return None
    powers = np.log(seen[:-1] / seen[1:]) / np.log(4.0)
    last = powers[-4:]
    return float(last.mean()) if np.ptp(last) < 0.1 and last.mean() < _LINEAR else None


@np.errstate(all="ignore")
def rounds_inside(point: Point) -> str | None:
    """Say if the function rounds what it is given, in double precision, to a coarser one.

    Then it has the same value where its arguments are rounded beforehand, or its value needs no more digits.
    """
    if point.eps > 1e-12:
        return None
    direction = point.direction(random.Random(0))
    near = point.at + 0.1 * direction
    value = point.value_at(near)
    if not np.isfinite(value).all() or np.array_equal(value, point.value_at(point.at + 0.11 * direction)):
        return None  # nothing is known, or it is constant
    for name, kind in _COARSE:
        given, made = near.astype(kind).astype(float), value.astype(kind)
        if np.array_equal(point.value_at(given), value) or (np.array_equal(made, value) and np.any(value % 1.0)):
            return (
                f"the function rounds to {name} inside, so that its slopes have no more digits than that: "
                "pass arguments of that type, or compute in double precision"
            )
    return None
