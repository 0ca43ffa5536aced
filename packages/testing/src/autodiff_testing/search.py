"""Where in a derivative the error is: of a large one, a part that has it."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from autodiff_testing.compare import Numeric, compare_forward, compare_reverse
from autodiff_testing.matrices import Matrices, matrices
from autodiff_testing.point import Point, draw
from autodiff_testing.problem import Problem

#: At most so many rows and columns are looked at.
_LIMIT = 64


def wrong_part(point: Point, mode: str, *, kinks: bool) -> Matrices:
    """Return the whole derivative by `mode`, or of a large one a part, in which something is wrong if anywhere.

    That is first a selection that is spread evenly, because an error tends to be in many entries. If all is well
    there, halving leads to where it is not.
    """
    rows, columns = _spread(point.outputs.size), _spread(point.inputs.size)
    found = matrices(point, mode, rows, columns, kinks=kinks)
    if found.wrong.any() or (rows.size, columns.size) == (point.outputs.size, point.inputs.size):
        return found
    rng = random.Random(0)
    direction = point.direction(rng)
    numeric = Numeric(point, direction, 0.0)
    cotangent = draw(rng, point.outputs.size) / numeric.sizes()

    def wrong(some_rows: np.ndarray, some_columns: np.ndarray) -> bool:
        along = _only(direction, some_columns)
        return not _agree(point, mode, along, _only(cotangent, some_rows))

    every_row = np.arange(point.outputs.size)
    columns = _halved(np.arange(point.inputs.size), lambda part: wrong(every_row, part))
    rows = _halved(every_row, lambda part: wrong(part, columns))
    return matrices(point, mode, rows, columns, kinks=kinks)


def _spread(size: int) -> np.ndarray:
    return np.unique(np.linspace(0, size - 1, min(size, _LIMIT)).round().astype(int))


def _only(vector: np.ndarray, places: np.ndarray) -> np.ndarray:
    result = np.zeros(vector.shape)
    result[places] = vector[places]
    return result


def _halved(places: np.ndarray, wrong: Callable[[np.ndarray], bool]) -> np.ndarray:
    """Halve the places until they are few, and keep the half that is wrong."""
    while places.size > _LIMIT:
        first, second = places[: places.size // 2], places[places.size // 2 :]
        places = first if wrong(first) else second
    return places


def _agree(point: Point, mode: str, direction: np.ndarray, cotangent: np.ndarray) -> bool:
    numeric = Numeric(point, direction, 0.0)
    try:
        if mode == "fwd":
            compare_forward(numeric, np.where(cotangent != 0, point.push(direction), numeric.value))
        else:
            compare_reverse(numeric, cotangent, point.pull(cotangent))
    except Problem:
        return False
    return True
