"""The primitives behind what `ArrayBox` does by itself: operators, indexing, and what it makes of calls by NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import getitem
from typing import Any

import numpy as np

from autodiff.errors import LostDerivativeError, UnsupportedArgumentError
from autodiff.extend import Box, Primitive, bind, primitive_of


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


# Functions that write into their first argument. NumPy's own functions of Python code call them as well.
_WRITING = frozenset({np.copyto, np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal})


def primitive_of_ufunc(ufunc: Any) -> Primitive:
    """Return the primitive of a ufunc. That of `ndarray.clip` has no name in NumPy; it is called as `numpy.clip` is."""
    return _known(np.clip if ufunc.__name__ == "clip" and ufunc.nin == 3 else ufunc)


def primitive_of_function(fun: Any, args: tuple[Any, ...]) -> Primitive:
    """Return the primitive of a function that NumPy hands to boxes among its arguments; refuse it if it writes."""
    primitive = _known(fun)
    if primitive.rule is None and fun in _WRITING:
        if isinstance(args[0], Box):
            raise LostDerivativeError(
                f"a traced array cannot be changed in place by numpy.{fun.__name__}, because other names of it would "
                "keep the old values. Build a new array with `numpy.where`, `numpy.concatenate` or `numpy.stack`."
            )
        raise LostDerivativeError(
            f"numpy.{fun.__name__} was to write a traced value into a plain array, and the derivative would be lost. "
            "numpy.full_like, numpy.nan_to_num and numpy.unwrap do this, too, when nothing but their `fill_value`, "
            "`nan` or `period` is traced. Write `numpy.where(mask, x, a)`, or import autodiff_numpy as np, whose "
            "`full_like(a, x)` knows traced values."
        )
    return primitive


def by_position(
    fun: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Move keywords to their place.

    These are `min` and `max` of `clip`, newer names of its second and third argument, and `weights` of `bincount`,
    whose signature older versions of NumPy do not tell.
    """
    if fun is np.bincount and len(args) == 1 and "weights" in kwargs:
        kwargs = dict(kwargs)
        args = (*args, kwargs.pop("weights"))
    if fun is np.clip and len(args) == 1 and not kwargs.keys().isdisjoint(("min", "max")):
        kwargs = dict(kwargs)
        args = (*args, kwargs.pop("min", None), kwargs.pop("max", None))
    return args, kwargs


def _refuse_in_keywords(ufunc: Any, method: str, kwargs: dict[str, Any]) -> None:
    for name, value in kwargs.items():
        if any(isinstance(part, Box) for part in (value if isinstance(value, tuple) else (value,))):
            raise UnsupportedArgumentError(
                f"numpy.{ufunc.__name__}.{method}, which numpy functions such as `sum` call, cannot be differentiated "
                f"with respect to its argument `{name}`. Pass a constant there, for example `stop_gradient(x)`, or a "
                "comparison such as `x > 0` where a mask is meant."
            )


def ufunc_method(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply ``ufunc.reduce``, ``ufunc.outer`` and the like to traced values."""
    _refuse_in_keywords(ufunc, method, kwargs)
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
