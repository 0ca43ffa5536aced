"""The primitives behind what `ArrayBox` does by itself: operators, indexing, and methods of ufuncs."""

from __future__ import annotations

from collections.abc import Callable
from operator import getitem
from typing import Any

import numpy as np

from autodiff.extend import Primitive, bind, primitive_of


def power(a: Any, b: Any) -> Any:
    """Return ``a ** b``. Unlike ``numpy.power`` it leaves Python's numbers to Python."""
    return a**b


def absolute(x: Any) -> Any:
    """Return ``abs(x)``. Unlike ``numpy.absolute`` it leaves Python's numbers to Python."""
    return abs(x)


def _known(fun: Callable[..., Any]) -> Primitive:
    return primitive_of(fun, dispatches=True)


POWER, GETITEM = _known(power), _known(getitem)
MATMUL, ABSOLUTE = _known(np.matmul), _known(absolute)

# Methods of ufuncs that are functions of their own.
_REDUCTIONS: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
_ACCUMULATIONS: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


def ufunc_method(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply ``ufunc.reduce``, ``ufunc.outer`` and the like to traced values."""
    kwargs = {name: value for name, value in kwargs.items() if value is not None or name == "axis"}
    if method == "reduce" and ufunc in _REDUCTIONS:
        x, *rest = inputs
        axis = rest[0] if rest else kwargs.pop("axis", 0)
        return _REDUCTIONS[ufunc](x, axis=axis, **kwargs)
    if method == "accumulate" and ufunc in _ACCUMULATIONS:
        x, *rest = inputs
        axis = rest[0] if rest else kwargs.pop("axis", 0)
        return _ACCUMULATIONS[ufunc](x, axis=axis, **kwargs)
    if method == "outer" and not kwargs:
        a, b = inputs
        return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b)
    return bind(_known(getattr(ufunc, method)), inputs, kwargs)
