"""What is wrong with a derivative matrix: the simplest explanation that fits all its entries.

Each explanation is a function that gets the matrices of one argument and returns a sentence, or None when it does not
apply. They are tried in order, so those that say more stand before those that fit more often.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autodiff_testing.arrangements import (
    diagonal_only,
    inverted,
    lost,
    misplaced,
    permuted_axes,
    reversed_axis,
    shifted,
    transposed_matrix,
)
from autodiff_testing.factors import factor, offset, variable_factor
from autodiff_testing.imaginary import complex_factor, conjugate, dropped
from autodiff_testing.matrices import Matrices
from autodiff_testing.some_entries import some_entries, superfluous

Explanation = Callable[[Matrices], str | None]


def explain(found: Matrices) -> str:
    """Return the first explanation that fits."""
    for explanation in EXPLANATIONS:
        if (sentence := explanation(found)) is not None:
            return sentence
    return "no simple relation to the numerical derivative: it may be that of another function"


def not_finite(found: Matrices) -> str | None:
    """Look for NaN and infinity."""
    if np.isfinite(found.analytic).all():
        return None
    return "it is NaN or infinite where the function is smooth"


def zero(found: Matrices) -> str | None:
    """Look for a derivative that is missing."""
    return "it is zero: the derivative of this argument is missing" if not found.analytic.any() else None


def one_leaf(found: Matrices) -> str | None:
    """Look for wrong parts of a container beside right ones, and explain these parts alone."""
    for what, coordinates, places, wrong, part in (
        ("argument", found.point.inputs, found.columns, found.wrong.any(axis=0), found.of_columns),
        ("result", found.point.outputs, found.rows, found.wrong.any(axis=1), found.of_rows),
    ):
        leaves = coordinates.leaves_of(places)
        bad = np.unique(leaves[wrong])
        if 0 < bad.size < np.unique(leaves).size:
            # An argument's own position is told elsewhere; its leaves are named by what follows.
            names = " and ".join(coordinates.names[leaf].partition("]")[2] if what == "argument" else
                                 coordinates.names[leaf] for leaf in bad)  # fmt: skip
            return f"only {what} {names} is wrong: {explain(part(np.isin(leaves, bad)))}"
    return None


EXPLANATIONS: tuple[Explanation, ...] = (
    not_finite, zero, one_leaf, factor, variable_factor, conjugate, dropped, complex_factor, permuted_axes,
    transposed_matrix, shifted, reversed_axis, diagonal_only, lost, misplaced, inverted, offset, superfluous,
    some_entries,
)  # fmt: skip
