"""What is wrong with a derivative matrix: the simplest explanation that fits all its entries.

Each explanation is a function that gets the matrices of one argument and returns a sentence, or None when it does not
apply. They are tried in order.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from autodiff_testing.matrices import Matrices

Explanation = Callable[[Matrices], str | None]


def explain(found: Matrices) -> str:
    """Return the first explanation that fits."""
    for explanation in EXPLANATIONS:
        if (sentence := explanation(found)) is not None:
            return sentence
    return "no simple relation to the numerical derivative"


def not_finite(found: Matrices) -> str | None:
    """Look for NaN and infinity."""
    if np.isfinite(found.analytic).all():
        return None
    return "it is NaN or infinite where the function is smooth"


def zero(found: Matrices) -> str | None:
    """Look for a derivative that is missing."""
    return "it is zero: the derivative of this argument is missing" if not found.analytic.any() else None


def factor(found: Matrices) -> str | None:
    """Look for a constant factor."""
    constant = _ratio(found.analytic, found.numeric)
    if constant is None or not found.like(constant * found.numeric):
        return None
    if abs(constant + 1) < 1e-6:
        return "the sign is wrong"
    return f"a constant factor: it is {_number(constant)} times the right one"


def conjugate(found: Matrices) -> str | None:
    """Look for a missing or superfluous complex conjugate."""
    rows, columns = _signs(found, result=True), _signs(found, result=False)
    for by_row, by_column in ((rows, columns), (rows, np.ones_like(columns)), (np.ones_like(rows), columns)):
        flips = by_row[:, None] * by_column
        if (flips < 0).any() and (found.like(flips * found.numeric) or found.like(-flips * found.numeric)):
            return "a complex conjugate is missing, or one too many"
    return None


def transposed(found: Matrices) -> str | None:
    """Look for a derivative that belongs to the transposed argument or result."""
    for of_result in (False, True):
        order = _transposition(found, of_result=of_result)
        if order is not None and found.like(found.numeric[order] if of_result else found.numeric[:, order]):
            return f"it is transposed: right but for the order of the {'result' if of_result else 'argument'}'s axes"
    return None


def offset(found: Matrices) -> str | None:
    """Look for a constant that is added."""
    difference = (found.analytic - found.numeric)[np.isfinite(found.tolerance)]
    middle = float(np.median(difference)) if difference.size > 1 else 0.0
    if middle and found.like(found.numeric + middle):
        return f"a constant is added: {_number(middle)}"
    return None


def variable_factor(found: Matrices) -> str | None:
    """Look for a factor that is the argument or the value, or one of them that is missing."""
    x, y = found.point.at[found.columns][None, :], found.point.start[found.rows][:, None]
    with np.errstate(all="ignore"):
        for name, values in (("argument", x), ("value", y)):
            for candidate, what in ((values, "too many"), (1 / values, "missing")):
                constant = _ratio(found.analytic, candidate * found.numeric)
                if constant is not None and found.like(constant * candidate * found.numeric):
                    return f"a factor that is the {name} is {what}" + (
                        "" if abs(constant - 1) < 1e-6 else ", and another"
                    )
    return None


def some_entries(found: Matrices) -> str | None:
    """Look for what the wrong entries have in common, when others are right."""
    wrong = found.wrong
    relevant = np.abs(found.numeric) > found.tolerance
    if not (~wrong & relevant).any():
        return None
    where = _where(found, wrong, relevant)
    constant = _ratio(found.analytic[wrong], found.numeric[wrong])
    same = constant is not None and np.allclose(found.analytic[wrong], constant * found.numeric[wrong], rtol=1e-6)
    if same and constant is not None:
        kind = "zero" if constant == 0 else "of the wrong sign" if abs(constant + 1) < 1e-6 else None
        how = f"They are {kind or f'{_number(constant)} times the right ones'}."
    else:
        how = ""
    return f"only some entries are wrong, {int(wrong.sum())} of {wrong.size}{where}. {how}".rstrip()


def misplaced(found: Matrices) -> str | None:
    """Look for the right numbers in the wrong places."""
    analytic, numeric = np.sort(np.abs(found.analytic), axis=None), np.sort(np.abs(found.numeric), axis=None)
    if np.allclose(analytic, numeric, rtol=1e-6, atol=1e-9 * numeric[-1]):
        return "the right numbers stand in the wrong places: a wrong axis, a transposition or a misplaced index"
    return None


EXPLANATIONS: tuple[Explanation, ...] = (
    not_finite, zero, factor, conjugate, transposed, misplaced, offset, variable_factor, some_entries,
)  # fmt: skip


def _ratio(analytic: np.ndarray, numeric: np.ndarray) -> float | None:
    """Return the factor between two matrices that fits best."""
    norm = float(np.sum(numeric * numeric))
    ratio = float(np.sum(analytic * numeric)) / norm if norm else float("nan")
    return ratio if np.isfinite(ratio) else None


def _number(value: float) -> str:
    """Return a number as a person would say it: 2, -1/3, 1.00001."""
    fraction = Fraction(value).limit_denominator(1000)
    if abs(float(fraction) - value) < 1e-7 * abs(value):
        return str(fraction)
    return f"{value:.6g}"


def _signs(found: Matrices, *, result: bool) -> np.ndarray:
    """Return -1 for the coordinates that are imaginary parts, 1 for the others."""
    coordinates = found.point.outputs if result else found.point.inputs
    places = found.rows if result else found.columns
    return np.array([-1.0 if coordinates.leaf_of(int(place))[2] == "imag" else 1.0 for place in places])


def _transposition(found: Matrices, *, of_result: bool) -> np.ndarray | None:
    """Return how reversing the axes orders the coordinates, or None where that is not another order."""
    coordinates = found.point.outputs if of_result else found.point.inputs
    places = found.rows if of_result else found.columns
    leaf = coordinates.leaf_of(int(places[0]))[0] if places.size else 0
    shape = coordinates.spaces[leaf].shape if places.size else ()
    if len(shape) < 2 or places.size != np.prod(shape) or coordinates.spaces[leaf].iscomplex:
        return None
    order: np.ndarray = np.arange(places.size).reshape(shape).T.reshape(-1)
    return order


def _where(found: Matrices, wrong: np.ndarray, relevant: np.ndarray) -> str:
    """Say what the wrong entries have in common that the right ones have not."""
    x, y = found.point.at[found.columns], found.point.start[found.rows]
    bad_columns, good_columns = wrong.any(axis=0), (~wrong & relevant).any(axis=0)
    bad_rows, good_rows = wrong.any(axis=1), (~wrong & relevant).any(axis=1)
    for name, values, bad, good in (("argument", x, bad_columns, good_columns), ("value", y, bad_rows, good_rows)):
        for text, mask in (
            ("negative", values < 0), ("positive", values > 0), ("zero", values == 0),
            ("below 1 in magnitude", np.abs(values) < 1), ("above 1 in magnitude", np.abs(values) > 1),
            ("repeated", _repeated(values)),
        ):  # fmt: skip
            if mask[bad].all() and not mask[good].any() and bad.any() and good.any():
                return f": those where the {name} is {text}"
    return ""


def _repeated(values: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    repeated: np.ndarray = counts[inverse] > 1
    return repeated
