"""Set routines.  https://numpy.org/doc/stable/reference/routines.set.html

They pick entries, and so the derivative is that of picking. Of entries that are equal the first one is picked; where
two sets are joined or intersected, one of the first set.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.extend import Rule
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array

_HAS_SORTED = "sorted" in inspect.signature(np.unique).parameters  # NumPy 2.3


def _flat(ar: Any) -> Any:
    return np.reshape(as_array(ar), -1)


def _first_positions(values: Any, plain: Any, axis: int | None = None, equal_nan: bool = True) -> Any:
    """Return where in `plain` each of the values, which `unique` found there in any order, stands first."""
    positions = np.unique(plain, return_index=True, axis=axis, equal_nan=equal_nan)[1]
    order = np.unique(values, return_inverse=True, axis=axis, equal_nan=equal_nan)[1]
    return positions[np.reshape(order, -1)]


def _unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: int | None = None, *, equal_nan: bool = True, sorted: bool = True,  # noqa: A002  # NumPy's name
) -> Any:  # fmt: skip
    ar, plain = as_array(ar), stop_gradient(as_array(ar))
    options: dict[str, Any] = {"axis": axis, "equal_nan": equal_nan, **({"sorted": sorted} if _HAS_SORTED else {})}
    find: Any = np.unique
    found = find(plain, return_index, return_inverse, return_counts, **options)
    values = found[0] if isinstance(found, tuple) else found
    picked = np.take(ar, _first_positions(values, plain, axis, equal_nan), axis)
    return (picked, *found[1:]) if isinstance(found, tuple) else picked


def _unique_values(x: Any) -> Any:
    plain = stop_gradient(as_array(x))
    return np.take(x, _first_positions(np.unique_values(plain), plain, equal_nan=False))


def _with_values(fun: Any) -> Any:
    """Make the definition of a function that returns the unique values and more, as a namedtuple."""

    def definition(x: Any) -> Any:
        plain = stop_gradient(as_array(x))
        found = fun(plain)
        return found._replace(values=np.take(x, _first_positions(found.values, plain, equal_nan=False)))

    return definition


def _union(ar1: Any, ar2: Any) -> Any:
    return _unique(np.concatenate((_flat(ar1), _flat(ar2))))


def _intersection(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    ar1 = _flat(ar1)
    _, first, second = np.intersect1d(stop_gradient(ar1), stop_gradient(ar2), assume_unique, return_indices=True)
    return (ar1[first], first, second) if return_indices else ar1[first]


def _difference(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    ar1 = _flat(ar1) if assume_unique else _unique(ar1)
    return ar1[np.isin(stop_gradient(ar1), stop_gradient(ar2), invert=True)]


def _exclusive(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    both = np.concatenate((_flat(ar1), _flat(ar2)))
    values = np.setxor1d(stop_gradient(ar1), stop_gradient(ar2), assume_unique)
    candidates, first = np.unique(stop_gradient(both), return_index=True)
    return both[first[np.isin(candidates, values)]]


# fmt: off
RULES: tuple[Rule, ...] = (
    composed(np.unique,         _unique),
    composed(np.unique_values,  _unique_values),
    composed(np.unique_all,     _with_values(np.unique_all)),
    composed(np.unique_counts,  _with_values(np.unique_counts)),
    composed(np.unique_inverse, _with_values(np.unique_inverse)),
    composed(np.union1d,        _union,        (0, 1)),
    composed(np.intersect1d,    _intersection, (0, 1)),
    composed(np.setdiff1d,      _difference,   (0, 1)),
    composed(np.setxor1d,       _exclusive,    (0, 1)),
)
# fmt: on
