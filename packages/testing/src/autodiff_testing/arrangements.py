"""Explanations by the right numbers in wrong places, or in too few."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from autodiff_testing.coordinates import Coordinates
from autodiff_testing.matrices import Matrices

_MOST_AXES = 4


def permuted_axes(found: Matrices) -> str | None:
    """Look for a derivative that belongs to the transposed argument or result."""
    for what, coordinates, places, axis in _sides(found):
        shape = _shape(coordinates, places)
        if not 2 <= len(shape) <= _MOST_AXES:
            continue
        for order in itertools.permutations(range(len(shape))):
            places_of = np.arange(places.size).reshape(shape).transpose(order).reshape(-1)
            if order != tuple(range(len(shape))) and found.like(np.take(found.numeric, places_of, axis)):
                by = "" if len(shape) == 2 else f", as by transpose{order}"
                return f"it is transposed: right but for the order of the {what}'s axes{by}"
    return None


def transposed_matrix(found: Matrices) -> str | None:
    """Look for a linear map where its transpose is due."""
    if found.numeric.shape[0] == found.numeric.shape[1] and found.like(found.numeric.T):
        return "it is transposed: the derivative is applied as in the other mode, where its transpose is due"
    return None


def shifted(found: Matrices) -> str | None:
    """Look for entries that are off by a few places."""
    for what, coordinates, places, axis in _sides(found):
        shape = _shape(coordinates, places)
        if not shape:
            continue
        numbers = np.arange(places.size).reshape(shape)
        for along, length in enumerate(shape):
            for steps in sorted(range(-(length // 2), length // 2 + 1), key=lambda k: (abs(k), -k)):
                order = np.roll(numbers, steps, along).reshape(-1)
                if steps and found.like(np.take(found.numeric, order, axis)):
                    return f"it is shifted by {steps} along axis {along} of the {what}"
    return None


def reversed_axis(found: Matrices) -> str | None:
    """Look for entries in the opposite order along one axis."""
    for what, coordinates, places, axis in _sides(found):
        shape = _shape(coordinates, places)
        for along in range(len(shape)):
            order = np.flip(np.arange(places.size).reshape(shape), along).reshape(-1)
            if found.like(np.take(found.numeric, order, axis)):
                return f"it is reversed along axis {along} of the {what}"
    return None


def swapped_arguments(whole: Matrices, columns: list[np.ndarray]) -> str | None:
    """Look for two arguments each of which has the derivative of the other; `columns` are masks, one per argument."""
    for (i, ours), (j, theirs) in itertools.combinations(enumerate(columns), 2):
        a, b = whole.of_columns(ours), whole.of_columns(theirs)
        if a.numeric.shape == b.numeric.shape and a.wrong.any() and a.like(b.numeric) and b.like(a.numeric):
            return f"arguments {i} and {j} are mixed up: each has the derivative of the other"
    return None


def diagonal_only(found: Matrices) -> str | None:
    """Look for a derivative that leaves out how entries depend on the other entries."""
    rows, columns = found.numeric.shape
    if rows != columns or rows < 2 or not np.diag(found.analytic).all():
        return None
    if not found.like(np.diag(np.diag(found.numeric))):
        return None
    return (
        "only the diagonal is there: each entry of the result depends on all entries of the argument, not just its own"
    )


def lost(found: Matrices) -> str | None:
    """Look for sums of which one term is kept: where several entries of the result depend on one of the argument."""
    relevant = np.abs(found.numeric) > found.tolerance
    wrong = found.wrong
    if not wrong.any() or found.analytic[wrong].any() or not relevant[wrong].all():
        return None
    bad = wrong.any(axis=0)
    if not np.all((relevant & ~wrong)[:, bad].sum(axis=0) == 1):
        return None
    terms = "only one of the terms that belong to an entry of the argument is kept"
    if bad.all():
        return f"{terms}: it is not unbroadcast. Sum over the axes along which the argument was repeated"
    return f"{terms}, where it is used repeatedly: repeated indices. Add them up, as by np.add.at"


def inverted(found: Matrices) -> str | None:
    """Look for a derivative that is zero just where it should not be."""
    there, due = found.analytic != 0, np.abs(found.numeric) > found.tolerance
    if not due.any() or np.array_equal(there, due) or (there & due).any() or not (there & ~due).any():
        return None
    return "it is zero where it should not be, and not where it should: an inverted condition, or another axis"


def misplaced(found: Matrices) -> str | None:
    """Look for the right numbers in other places, on a closer look than by magnitudes."""
    analytic, numeric = np.sort(np.abs(found.analytic), axis=None), np.sort(np.abs(found.numeric), axis=None)
    close = 1e-6 * numeric + found.tolerance.max(where=np.isfinite(found.tolerance), initial=0.0)
    if not np.all(np.abs(analytic - numeric) <= close):
        return None
    if np.all(np.abs(np.abs(found.analytic) - np.abs(found.numeric)) <= 1e-6 * np.abs(found.numeric) + found.tolerance):
        return None  # but for signs, they stand where they should
    return "the right numbers stand in the wrong places: a wrong axis, a transposition or a misplaced index"


def _sides(found: Matrices) -> Iterator[tuple[str, Coordinates, np.ndarray, int]]:
    yield "argument", found.point.inputs, found.columns, 1
    yield "result", found.point.outputs, found.rows, 0


def _shape(coordinates: Coordinates, places: np.ndarray) -> tuple[int, ...]:
    """Return the shape of the array whose entries these places are; the parts of complex numbers are an axis more.

    The shape is () where they are not all entries of one array.
    """
    leaf = coordinates.leaf_of(int(places[0]))[0] if places.size else 0
    if not places.size or np.any(coordinates.leaves_of(places) != leaf):
        return ()
    space = coordinates.spaces[leaf]
    shape = (*space.shape, 2) if space.iscomplex else tuple(space.shape)
    return shape if places.size == np.prod(shape) else ()
