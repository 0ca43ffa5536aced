"""What NumPy functions are given instead of lists, object arrays with boxes, and arrays of subclasses."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Box
from autodiff_numpy.vspace import FLOATING, INTEGER

_NUMBERS = frozenset({float, complex, int, bool, *FLOATING, *INTEGER})

# Methods by which a subclass of arrays says that its operators are others than those of arrays.
_ARITHMETIC = ("__array_ufunc__", "__add__", "__sub__", "__mul__", "__matmul__", "__truediv__", "__pow__", "__eq__")


def repack(value: Any) -> Any:
    """Return what rules can work with.

    That is one traced array for an object array that holds boxes, and a plain array or number for one of a subclass;
    what is in lists as well. Anything else is left as it is.
    """
    kind = type(value)
    if kind is np.ndarray:
        if value.dtype.hasobject and any(isinstance(entry, Box) for entry in value.flat):
            return np.reshape(np.stack(list(value.flat)), value.shape)
        return value
    if kind in (list, tuple):
        return kind(repack(part) for part in value) if _holds_others(value) else value
    if isinstance(value, Box):
        return value
    if isinstance(value, np.ndarray):
        refuse_own_arithmetic("a function of NumPy", (kind,))
        return repack(np.asarray(value))
    if isinstance(value, (float, complex, int)) and kind not in _NUMBERS:
        base = value.dtype.type if isinstance(value, np.generic) else _python_type(value)
        return base(value)
    return value


def _python_type(number: Any) -> type:
    return next(base for base in (float, complex, int) if isinstance(number, base))


def _holds_others(value: Any) -> bool:
    """Whether there is something in a list, or in lists in it, that `repack` changes."""
    if _NUMBERS.issuperset(map(type, value)):
        return False
    return any(map(_is_other, value))


def _is_other(value: Any) -> bool:
    kind = type(value)
    if kind is np.ndarray:
        return bool(value.dtype.hasobject)
    if kind in (list, tuple):
        return _holds_others(value)
    return kind not in _NUMBERS and isinstance(value, (np.ndarray, float, complex, int)) and not isinstance(value, Box)


# Arrays of subclasses


def array_operand(array: Any) -> Any:
    """Return an array as operators take it beside a box; subclasses that deal with ufuncs by themselves may do so."""
    if type(array) is np.ndarray and not array.dtype.hasobject:
        return array
    return NotImplemented if overrides(type(array), "__array_ufunc__") else repack(array)


def overrides(kind: type, method: str) -> bool:
    """Whether arrays of this type have another method than plain ones."""
    return issubclass(kind, np.ndarray) and getattr(kind, method) is not getattr(np.ndarray, method)


@functools.lru_cache(maxsize=256)
def _has_own_arithmetic(kind: type) -> bool:
    return any(overrides(kind, method) for method in _ARITHMETIC)


def refuse_own_arithmetic(fun: str, kinds: Iterable[type]) -> None:
    """Raise if `fun` was given arrays that add and multiply in their own way, as masked arrays and matrices do."""
    for kind in kinds:
        if _has_own_arithmetic(kind):
            raise UnsupportedArgumentError(
                f"{fun} was applied to a traced value and an array of type {kind.__module__}.{kind.__qualname__}. Such "
                "arrays have arithmetic of their own, for which the rules of plain arrays could be wrong. Convert it "
                "first: by `numpy.asarray(a)`, or by `a.filled(0.0)` if it is a masked array."
            )
