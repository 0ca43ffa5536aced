"""Explanations for complex numbers, of which each coordinate is a real or an imaginary part."""

from __future__ import annotations

import numpy as np

from autodiff_testing.coordinates import Coordinates
from autodiff_testing.factors import number
from autodiff_testing.matrices import Matrices


def conjugate(found: Matrices) -> str | None:
    """Look for a missing or superfluous complex conjugate."""
    rows, columns = _parts(found)
    for by_row, by_column in ((rows, columns), (rows, 0 * columns), (0 * rows, columns)):
        flips = (1 - 2 * by_row)[:, None] * (1 - 2 * by_column)
        if (flips < 0).any() and (found.like(flips * found.numeric) or found.like(-flips * found.numeric)):
            return "a complex conjugate is missing, or one too many"
    return None


def dropped(found: Matrices) -> str | None:
    """Look for an imaginary part that was lost: of the cotangent, of the gradient, or of the partial."""
    rows, columns = _parts(found)
    across = (rows[:, None] != columns) & (rows.any() and columns.any())
    for lost in (np.broadcast_to(rows[:, None] > 0, across.shape), np.broadcast_to(columns > 0, across.shape), across):
        if lost.any() and found.numeric[lost].any() and found.like(np.where(lost, 0.0, found.numeric)):
            return "an imaginary part is dropped"
    return None


def complex_factor(found: Matrices) -> str | None:
    """Look for a factor that is not real."""
    for coordinates, places, analytic, numeric, transpose in (
        (found.point.outputs, found.rows, found.analytic, found.numeric, False),
        (found.point.inputs, found.columns, found.analytic.T, found.numeric.T, True),
    ):
        if not _pairs(coordinates, places):
            continue
        a, n = (matrix[0::2] + 1j * matrix[1::2] for matrix in (analytic, numeric))
        norm = np.sum(np.abs(n) ** 2)
        constant = complex(np.sum(a * n.conj()) / norm) if norm else 0j
        right = np.stack([(constant * n).real, (constant * n).imag], axis=1).reshape(numeric.shape)
        if abs(constant.imag) > 1e-9 and found.like(right.T if transpose else right):
            constant = constant.conjugate() if transpose else constant
            return f"a complex factor: it is {_spoken(constant)} times the right one"
    return None


def _spoken(value: complex) -> str:
    if abs(value.real) > 1e-9:
        return f"({number(value.real)} + {number(value.imag)}i)"
    return {1.0: "i", -1.0: "-i"}.get(round(value.imag, 6), f"{number(value.imag)}i")


def _parts(found: Matrices) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 for the rows, and for the columns, that are imaginary parts, and 0 for the others."""
    return found.point.outputs.imaginary(found.rows), found.point.inputs.imaginary(found.columns)


def _pairs(coordinates: Coordinates, places: np.ndarray) -> bool:
    """Whether the places are real and imaginary parts in turn, without gaps."""
    imaginary = coordinates.imaginary(places)
    return bool(
        places.size
        and places.size % 2 == 0
        and np.all(imaginary[1::2] == 1)
        and np.all(places[1::2] - places[0::2] == 1)
    )
