"""Whole derivative matrices, entry by entry, to find out what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autodiff_testing.coordinates import rounding
from autodiff_testing.numerics import SAFETY, Slope
from autodiff_testing.point import Point, typical


@dataclass
class Matrices:
    """The derivative at a point, ``[row, column]`` by coordinates of result and arguments: claimed and numerical."""

    point: Point
    rows: np.ndarray  # which coordinates of the result
    columns: np.ndarray  # which coordinates of the arguments
    analytic: np.ndarray
    numeric: np.ndarray
    tolerance: np.ndarray

    @property
    def wrong(self) -> np.ndarray:
        """Which entries are certainly wrong."""
        off: np.ndarray = ~(np.abs(self.analytic - self.numeric) <= self.tolerance)
        wrong: np.ndarray = off & np.isfinite(self.tolerance)
        return wrong

    def like(self, candidate: np.ndarray) -> bool:
        """Whether the claimed derivative is this matrix."""
        known = np.isfinite(self.tolerance)
        slack = self.tolerance + 1e-8 * np.abs(candidate)
        return bool(known.any() and np.all(np.abs(self.analytic - candidate)[known] <= slack[known]))

    @property
    def complete(self) -> bool:
        """Whether these are all entries that belong to the same parts of the arguments."""
        slices = self.point.inputs.slices
        leaves = np.unique(self.point.inputs.leaves_of(self.columns))
        columns = sum(slices[leaf].stop - slices[leaf].start for leaf in leaves)
        return self.rows.size == self.point.outputs.size and self.columns.size == columns

    def of_columns(self, chosen: np.ndarray) -> Matrices:
        """Return the part with the chosen columns."""
        return self._part(np.ones(self.rows.size, bool), chosen)

    def of_rows(self, chosen: np.ndarray) -> Matrices:
        """Return the part with the chosen rows."""
        return self._part(chosen, np.ones(self.columns.size, bool))

    def _part(self, rows: np.ndarray, columns: np.ndarray) -> Matrices:
        cut = np.ix_(rows, columns)
        return Matrices(
            self.point, self.rows[rows], self.columns[columns],
            self.analytic[cut], self.numeric[cut], self.tolerance[cut],
        )  # fmt: skip


def matrices(point: Point, mode: str, rows: np.ndarray, columns: np.ndarray, *, kinks: bool = False) -> Matrices:
    """Return some rows and columns of the derivative by `mode`, beside the numerical one.

    With `kinks`, any entry between the slopes on both sides is right.
    """
    steps = typical(point.at, point.inputs)
    numeric, error = np.zeros((2, rows.size, columns.size))
    for place, column in enumerate(columns):
        along = _unit(point.inputs.size, column) * steps[column]
        slope = _between(point, along) if kinks else point.numeric(along)
        numeric[:, place], error[:, place] = slope.value[rows] / steps[column], slope.error[rows] / steps[column]
    analytic = _forward(point, rows, columns) if mode == "fwd" else _reverse(point, rows, columns)
    if not point.finite.all():
        error[~np.isfinite(analytic)] = np.inf  # of the entries of the value that are not finite
    scale = np.max(np.abs(numeric), axis=1, keepdims=True, initial=0.0, where=np.isfinite(numeric))
    zero = point.zero(point.size_of_tangent())[rows][:, None] / steps[columns]
    return Matrices(point, rows, columns, analytic, numeric, SAFETY * error + rounding(point.eps) * scale + zero)


def _between(point: Point, along: np.ndarray) -> Slope:
    """Return the middle of the slopes on both sides, with half their distance as its error."""
    left, right = point.one_sided(along)
    half = np.abs(left.value - right.value) / 2
    error = half / SAFETY + left.error + right.error
    return Slope((left.value + right.value) / 2, error, np.fmax(left.size, right.size), left.step, half > 0)


def _unit(size: int, place: int) -> np.ndarray:
    vector = np.zeros(size)
    vector[place] = 1.0
    return vector


def _forward(point: Point, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    tangents = [point.outputs.of(point.forward(_unit(point.inputs.size, column))[1])[rows] for column in columns]
    return np.stack(tangents, axis=1) if tangents else np.zeros((rows.size, 0))


def _reverse(point: Point, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    pull, _ = point.pullback()
    gradients = [
        point.inputs.of_cotangent(pull(point.outputs.cotangent(_unit(point.outputs.size, row))))[columns]
        for row in rows
    ]
    return np.stack(gradients) if gradients else np.zeros((0, columns.size))
