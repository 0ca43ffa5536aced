"""Explanations by a factor or a term: constant, or the argument, or the value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from autodiff_testing.matrices import Matrices

#: Numbers that get lost in derivatives, beside fractions.
_KNOWN = {"π": math.pi, "2π": 2 * math.pi, "√2": math.sqrt(2), "√π": math.sqrt(math.pi), "ln 2": math.log(2),
          "ln 10": math.log(10)}  # fmt: skip


def factor(found: Matrices) -> str | None:
    """Look for a constant factor."""
    constant = ratio(found.analytic, found.numeric)
    if constant is None or not found.like(constant * found.numeric):
        return None
    if abs(constant + 1) < 1e-6:
        return "the sign is wrong"
    return f"a constant factor: it is {number(constant)} times the right one{_origin(constant, found)}"


def variable_factor(found: Matrices) -> str | None:
    """Look for a factor that is an argument or the value, and one of them that is missing."""
    for name, values in _values(found):
        with np.errstate(all="ignore"):
            for candidate, what in ((values * found.numeric, "too many"), (found.numeric / values, "missing")):
                constant = ratio(found.analytic, candidate)
                if constant is not None and found.like(constant * candidate):
                    another = "" if abs(constant - 1) < 1e-6 else f", and a factor {number(constant)} is left"
                    return f"a factor that is {name} is {what}{another}"
    return None


def offset(found: Matrices) -> str | None:
    """Look for a constant that is added: everywhere, or where there is a derivative at all."""
    known = np.isfinite(found.tolerance)
    support = known & (np.abs(found.numeric) > found.tolerance)
    for where, mask in ((known, np.ones(known.shape)), (support, support)):
        difference = (found.analytic - found.numeric)[where]
        middle = float(np.median(difference)) if difference.size > 1 else 0.0
        if middle and found.like(found.numeric + middle * mask):
            return f"a constant is added: {number(middle)}"
    return None


def ratio(analytic: np.ndarray, numeric: np.ndarray) -> float | None:
    """Return the factor between two matrices that fits best."""
    norm = float(np.sum(numeric * numeric))
    best = float(np.sum(analytic * numeric)) / norm if norm else float("nan")
    return best if np.isfinite(best) else None


def number(value: float) -> str:
    """Return a number as a person would say it: 2, -1/3, 1.00001."""
    fraction = Fraction(value).limit_denominator(99)
    if abs(float(fraction) - value) < 1e-7 * abs(value) and (abs(fraction) < 10 or fraction.denominator == 1):
        return str(fraction)
    return f"{value:.6g}"


def _values(found: Matrices) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what may be a factor of the derivative, as columns or rows of numbers: arguments and the value."""
    point = found.point
    yield "the argument", point.at[found.columns][None, :]
    yield "the value", point.start[found.rows][:, None]
    for leaf, where in enumerate(point.inputs.slices):
        values = point.at[where]
        if found.columns.size == values.size and not np.array_equal(
            np.arange(values.size) + where.start, found.columns
        ):
            yield f"argument {point.inputs.names[leaf][1:].replace(']', '', 1)}", values[None, :]


def _origin(constant: float, found: Matrices) -> str:
    """Say where a factor may come from: lengths of axes, the value, a number that everybody knows."""
    lengths = {
        n for space in (*found.point.inputs.spaces, *found.point.outputs.spaces) for n in (*space.shape, space.size)
    }
    for n in sorted(lengths - {0, 1, 2}):
        for value, text in ((1 / n, "a mean instead of a sum?"), (n, "a sum instead of a mean?")):
            if _near(constant, value):
                return f" ({n} is the length of an axis, or the number of entries: {text})"
    for n in sorted(lengths - {0, 1}):
        for m in sorted(lengths - {0, 1, n}):
            if _near(constant, n / m):
                return f" ({n} and {m} are the lengths of axes: the wrong one was taken)"
    for name, value in _KNOWN.items():
        for sign, text in ((1, "too many"), (-1, "missing")):
            if _near(constant, value**sign):
                return f" (a factor {name} is {text})"
    values = found.point.start[found.rows]
    if values.size and values[0] and np.all(values == values[0]):
        for sign, text in ((1, "too many"), (-1, "missing")):
            if _near(constant, values[0] ** sign):
                return f" (a factor that is the value is {text})"
    return ""


def _near(a: float, b: float) -> bool:
    return bool(abs(a - b) < 1e-6 * abs(b))
