"""Rules of reductions by the product with their weights, and not by the weights themselves.

A mask must give zero even where the cotangent is infinite, and a real result of complex numbers has a real tangent:
``reduction(fun, weights)`` multiplies, so both need a product written by hand. What `axis` and `keepdims` do is the
same for all such functions, and is done here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Rule, general, vspace
from autodiff_numpy.masking import masked
from autodiff_numpy.vspace import normalised_axes

_SKIPPED = 3  # the parameters of a product that are not arguments of the function: vector, y, x


def weighing(fun: Callable[..., Any], product: Callable[..., Any]) -> Rule:
    """Make the rule of a function that reduces over axes.

    Parameters
    ----------
    fun : callable
        ``y = fun(x, axis=None, keepdims=False, ...)``: its result has the shape of `x` without the axes `axis`, or
        with length 1 along them.
    product : callable
        ``product(vector, y, x, axis, ...)``: a vector of the space of `x` times the derivative of `y` with respect to
        each entry. The vector may have length 1 along the axes, as `y` has here. Parameters after `axis` are further
        arguments of `fun` that the rule understands, by name.
    """
    options = list(inspect.signature(product).parameters)[_SKIPPED + 1 :]
    defaults = {name: parameter.default for name, parameter in inspect.signature(fun).parameters.items()}
    names = list(defaults)

    def named(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, bool, dict[str, Any]]:
        """Return axis, keepdims and the other arguments, however they were passed."""
        given = {**dict(zip(names[1:], args[1:], strict=False)), **kwargs}
        axis, keepdims = given.pop("axis", None), given.pop("keepdims", False)
        for name in [name for name in given if name not in options]:
            if (value := given.pop(name)) is not None and value is not defaults.get(name):
                raise UnsupportedArgumentError(
                    f"numpy.{fun.__name__} cannot be differentiated with the argument `{name}`. Leave it out, or do "
                    "what it does in a separate step."
                )
        return axis, keepdims is not np._NoValue and bool(keepdims), given

    def vjp(y: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        axis, keepdims, given = named(args, kwargs)
        x = args[0]
        space = vspace(x)
        restored = _restored(y, space, axis, keepdims)
        return lambda g: space.project(product(_restored(g, space, axis, keepdims), restored, x, axis, **given))

    def jvp(tangent: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        axis, keepdims, given = named(args, kwargs)
        x = args[0]
        space = vspace(x)
        vector = product(tangent, _restored(y, space, axis, keepdims), x, axis, **given)
        return vspace(y).expand(space.reduce(vector, axis, keepdims))

    signature = _signature(len(names), options)
    vjp.__signature__ = signature  # type: ignore[attr-defined]  # how `general` learns what the rule understands
    return general(fun, vjp=vjp, jvp=jvp)


def _restored(vector: Any, space: Any, axis: Any, keepdims: bool) -> Any:
    """Give a vector of the space of the result the axes that were reduced, with length 1."""
    return vector if keepdims else np.expand_dims(vector, normalised_axes(axis, len(space.shape)))


def _signature(positions: int, options: list[str]) -> inspect.Signature:
    """Return a signature of `positions` nameless arguments after the result, and of keywords."""
    by_position, by_name = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [inspect.Parameter(f"_{i}", by_position) for i in range(positions + 1)]
        + [inspect.Parameter(name, by_name) for name in ("axis", "keepdims", *options)]
    )


class Mask:
    """The weight of entries that are left out: times a vector it is 0 there, even where the vector is infinite."""

    __array_ufunc__ = None  # an array leaves the multiplication to `__rmul__`

    def __init__(self, where: Any) -> None:
        self.where = where

    def __rmul__(self, vector: Any) -> Any:
        return masked(vector, self.where)


def count(x: Any, axis: Any, where: Any = True) -> Any:
    """Return how many entries are reduced over: a number, or with a mask an array with axes of length 1."""
    if where is not True:
        return np.sum(np.broadcast_to(where, np.shape(x)), axis=axis, keepdims=True)
    shape = np.shape(x)
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    size = 1
    for one in axes:
        size *= shape[one]
    return size
