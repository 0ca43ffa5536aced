"""The primitives behind what `ArrayBox` does by itself: operators, indexing, and what it makes of calls by NumPy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from operator import getitem
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
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


def primitive_of_ufunc(ufunc: Any) -> Primitive:
    """Return the primitive of a ufunc. That of `ndarray.clip` has no name in NumPy; it is called as `numpy.clip` is."""
    return _known(np.clip if ufunc.__name__ == "clip" and ufunc.nin == 3 else ufunc)


# The place of `out` in functions whose signature NumPy does not tell before version 2.4.
_PLACES_OF_OUT: dict[Any, int] = {np.concatenate: 2, np.dot: 2}


@functools.cache
def _names_from_out(fun: Any) -> tuple[int, list[str]]:
    """Return the place of the parameter `out` of a function, and the names of the parameters from there on."""
    parameters = _known(fun).parameters()
    if parameters is None:
        return (_PLACES_OF_OUT[fun], ["out"]) if fun in _PLACES_OF_OUT else (0, [])
    names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    place = names.index("out") if "out" in names else len(names)
    return place, names[place:]


def arranged(fun: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """Return the arguments of a function with `out` as a keyword.

    Moved to their place are `min` and `max` of `clip`, newer names of its second and third argument, and `weights` of
    `bincount`, whose signature older versions of NumPy do not tell.
    """
    place, names = _names_from_out(fun)
    if names and len(args) > place and args[place] is not None:
        args, kwargs = args[:place], {**kwargs, **dict(zip(names, args[place:], strict=False))}
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
