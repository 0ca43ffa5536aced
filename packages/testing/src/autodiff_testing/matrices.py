"""Whole derivative matrices, entry by entry, to find out what is wrong with one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autodiff_testing.coordinates import rounding
from autodiff_testing.point import Point, typical

#: At most so many rows and columns are looked at; of more, a selection that is spread evenly.
LIMIT = 64


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
        return ~(np.abs(self.analytic - self.numeric) <= self.tolerance) & np.isfinite(self.tolerance)

    def like(self, candidate: np.ndarray) -> bool:
        """Whether the claimed derivative is this matrix."""
        known = np.isfinite(self.tolerance)
        slack = self.tolerance + 1e-8 * np.abs(candidate)
        return bool(known.any() and np.all(np.abs(self.analytic - candidate)[known] <= slack[known]))

    def of_columns(self, chosen: np.ndarray) -> Matrices:
        """Return the part with the chosen columns."""
        return Matrices(
            self.point, self.rows, self.columns[chosen],
            self.analytic[:, chosen], self.numeric[:, chosen], self.tolerance[:, chosen],
        )  # fmt: skip


def matrices(point: Point, mode: str, limit: int | None = LIMIT) -> Matrices:
    """Return the derivative by `mode` beside the numerical one, with at most `limit` rows and columns."""
    rows, columns = _spread(point.outputs.size, limit), _spread(point.inputs.size, limit)
    steps = typical(point.at, point.inputs)
    numeric, error = np.zeros((2, rows.size, columns.size))
    for place, column in enumerate(columns):
        slope = point.numeric(_unit(point.inputs.size, column) * steps[column])
        numeric[:, place], error[:, place] = slope.value[rows] / steps[column], slope.error[rows] / steps[column]
    analytic = _forward(point, rows, columns) if mode == "fwd" else _reverse(point, rows, columns)
    scale = np.max(np.abs(numeric), axis=1, keepdims=True, initial=0.0, where=np.isfinite(numeric))
    return Matrices(point, rows, columns, analytic, numeric, 10 * error + rounding(point.eps) * scale)


def _spread(size: int, limit: int | None) -> np.ndarray:
    count = size if limit is None else min(size, limit)
    return np.unique(np.linspace(0, size - 1, count).round().astype(int))


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
