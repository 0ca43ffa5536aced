"""Functions of NumPy that call functions of the user's, which may use traced values that were not passed to them.

So they are no primitives: they are written out, and what they call is traced.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from autodiff import stop_gradient
from autodiff.errors import LostDerivativeError
from autodiff.extend import Box
from autodiff_numpy.array_making import as_operand, asarray, holds_box

F = TypeVar("F", bound=Callable[..., Any])


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Apply a function to each of the sequences along an axis; the axes of its results come in place of it."""
    arr = as_operand(arr)
    axis = range(np.ndim(arr))[axis]
    rows = np.moveaxis(arr, axis, -1)
    if not rows[..., 0].size:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    lead = rows.shape[:-1]
    results = np.stack([asarray(func1d(rows[index], *args, **kwargs)) for index in np.ndindex(lead)])
    count = results.ndim - 1
    results = np.reshape(results, lead + results.shape[1:])
    return np.moveaxis(results, range(len(lead), len(lead) + count), range(axis, axis + count))


def apply_over_axes(func: Callable[..., Any], a: Any, axes: Any) -> Any:
    """Apply a function of an array and an axis for each of the axes, with the result of one to the next."""
    value: Any = asarray(as_operand(a))
    ndim = np.ndim(value)
    for axis in np.atleast_1d(axes):
        axis = int(axis) + ndim if axis < 0 else int(axis)
        result: Any = func(value, axis)
        if np.ndim(result) != ndim:
            result = np.expand_dims(result, axis)
        if np.ndim(result) != ndim:
            raise ValueError("function is not returning an array of the correct shape")
        value = result
    return value


def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Return at each entry of `x` what the function of the last condition that holds there gives."""
    x, functions = asarray(as_operand(x)), list(funclist)
    shape = np.shape(x)
    conditions = _conditions(condlist, shape)
    if len(conditions) == len(functions) - 1:
        conditions.append(~np.any(conditions, axis=0))
    elif len(conditions) != len(functions):
        count = len(conditions)
        raise ValueError(f"with {count} condition(s), either {count} or {count + 1} functions are expected")
    # All that the functions return stands in one sequence, after a zero for entries where no condition holds.
    found, source, length = [np.zeros(1)], np.zeros(shape, int), 1
    for condition, function in zip(conditions, functions, strict=True):
        size = int(np.count_nonzero(condition))
        if size:
            value = function(x[condition], *args, **kw) if callable(function) else function
            found.append(np.broadcast_to(asarray(value), (size,)))
            source[condition] = np.arange(length, length + size)
            length += size
    result = np.concatenate(found)[source]
    if isinstance(result, Box) and x.dtype.kind not in "fc":
        raise LostDerivativeError(
            f"numpy.piecewise was to write a traced value into an array of type {x.dtype}, the type of its argument "
            "`x`, which would drop the derivative. Pass `x.astype(float)`."
        )
    return result.astype(x.dtype)


def _conditions(condlist: Any, shape: tuple[int, ...]) -> list[Any]:
    """Return the conditions as masks; one mask may stand for a list of one."""
    condlist = stop_gradient(condlist)
    if np.isscalar(condlist) or (shape and not isinstance(condlist[0], (list, np.ndarray))):
        condlist = [condlist]
    return [np.broadcast_to(np.asarray(condition, bool), shape) for condition in condlist]


def everywhere_defined(fun: F, definition: Callable[..., Any]) -> F:
    """Make the form of a function that looks into all its arguments for traced values."""

    @functools.wraps(fun, updated=())
    def traced(*args: Any, **kwargs: Any) -> Any:
        call = definition if any(map(holds_box, (*args, *kwargs.values()))) else fun
        return call(*args, **kwargs)

    return traced  # type: ignore[return-value]  # the same signature


DEFINITIONS: dict[Any, Callable[..., Any]] = {
    np.apply_along_axis: apply_along_axis, np.apply_over_axes: apply_over_axes, np.piecewise: piecewise,
}  # fmt: skip
