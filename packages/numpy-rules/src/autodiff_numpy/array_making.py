"""Making arrays of traced values: `array` and its relatives, which NumPy's protocols do not reach.

``numpy.array([x, y])`` cannot ask the traced values in the list what they are; the functions here can. Lists without
traced values go straight to NumPy.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import Box, bind, primitive, primitive_of, unbox
from autodiff_numpy.coercion import repack


@primitive
def from_entries(entries: Any, dtype: Any = None) -> Any:
    """Return the array of nested lists, the leaves of which may be traced."""
    return np.array(entries, dtype)


def holds_box(value: Any) -> bool:
    """Whether there is a traced value in `value`, a nested list or tuple."""
    if isinstance(value, Box):
        return True
    if isinstance(value, (list, tuple)):
        # The types first, which takes no time for long lists of numbers.
        kinds = set(map(type, value))
        if any(issubclass(kind, Box) for kind in kinds):
            return True
        if any(issubclass(kind, (list, tuple, np.ndarray)) for kind in kinds):
            return any(map(holds_box, value))
        return False
    return isinstance(value, np.ndarray) and value.dtype.hasobject and any(isinstance(x, Box) for x in value.flat)


def _repacked(value: Any) -> Any:
    """Turn object arrays in a nested list, which hold traced values, into traced arrays."""
    return [_repacked(part) for part in value] if isinstance(value, (list, tuple)) else repack(value)


def _traced(value: Any, dtype: Any, ndmin: int = 0) -> Any:
    """Return the traced array of `value`, which holds traced values. Converted to integers, it is a constant."""
    if dtype is not None and np.dtype(dtype).hasobject:
        return np.array(value, dtype, ndmin=ndmin)  # an array of traced values, one by one
    value = _repacked(value)
    if dtype is not None and np.dtype(dtype).kind not in "fc":
        result: Any = np.array(_plain(value), dtype)
    elif isinstance(value, Box):
        result = value if dtype is None else value.astype(dtype)  # type: ignore[attr-defined]  # an ArrayBox
        if np.shape(result) == () and not isinstance(unbox(result), np.ndarray):
            result = np.reshape(result, ())  # a number becomes an array
    else:
        result = from_entries(value, dtype)
    missing = ndmin - np.ndim(result)
    return np.reshape(result, (1,) * missing + np.shape(result)) if missing > 0 else result


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, list) else unbox(value)


def as_operand(value: Any) -> Any:
    """Return what rules can work with, like `repack`, and a traced array for a list that holds traced values."""
    return _traced(value, None) if isinstance(value, (list, tuple)) and holds_box(value) else repack(value)


# Functions of lists of arrays, which need not fit in one array. Their rules see the lists.
_OF_LISTS = frozenset({
    np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.block, np.select, np.choose,
    np.piecewise, np.histogramdd, np.linalg.multi_dot,
})  # fmt: skip


@functools.cache
def packing(fun: Any) -> Callable[[Any], Any]:
    """Return the function to apply to each argument of `fun`, a function that NumPy's protocols hand to us."""
    is_numpys = str(fun.__module__).partition(".")[0] == "numpy"  # what lists mean to others, they know best
    return as_operand if is_numpys and fun not in _OF_LISTS else repack


def array(
    object: Any,  # noqa: A002  # NumPy's name
    dtype: Any = None,
    *,
    copy: bool | None = True,
    order: Any = "K",
    subok: bool = False,
    ndmin: int = 0,
    **options: Any,
) -> Any:
    """Make an array, as ``numpy.array`` does; entries of nested lists may be traced values.

    Parameters
    ----------
    object : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype : data type, optional
        Conversion to an integer type gives a constant, as its derivative is zero wherever it exists.
    copy, order, subok, **options
        As for ``numpy.array``; they do not matter for traced values.
    ndmin : int
        Axes of length 1 are put in front until there are this many.

    Returns
    -------
    array

    Examples
    --------
    >>> from autodiff import grad
    >>> import autodiff_numpy as np
    >>> grad(lambda x: np.sum(np.array([x, 2 * x, 1.0]) ** 2))(3.0)
    30.0
    """
    if not holds_box(object):
        return np.array(object, dtype, copy=copy, order=order, subok=subok, ndmin=ndmin, **options)
    result = _traced(object, dtype, ndmin)
    return result.copy() if copy and result is object else result


def asarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """Make an array, as ``numpy.asarray`` does; entries of nested lists may be traced values.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, order, **options
        As for ``numpy.asarray``.

    Returns
    -------
    array
    """
    return _traced(a, dtype) if holds_box(a) else np.asarray(a, dtype, order, **options)


def asanyarray(a: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
    """Make an array, as ``numpy.asanyarray`` does; entries of nested lists may be traced values.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, order, **options
        As for ``numpy.asanyarray``.

    Returns
    -------
    array
    """
    return _traced(a, dtype) if holds_box(a) else np.asanyarray(a, dtype, order, **options)


def ascontiguousarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """Make an array with at least one axis, as ``numpy.ascontiguousarray`` does, also of traced values.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, **options
        As for ``numpy.ascontiguousarray``.

    Returns
    -------
    array
    """
    if not holds_box(a):
        return np.ascontiguousarray(a, dtype, **options)
    result = _traced(a, dtype, 1)
    return result if unbox(result).flags.c_contiguous else result.copy()


def asfortranarray(a: Any, dtype: Any = None, **options: Any) -> Any:
    """Make an array with at least one axis, as ``numpy.asfortranarray`` does, also of traced values.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, **options
        As for ``numpy.asfortranarray``.

    Returns
    -------
    array
    """
    if not holds_box(a):
        return np.asfortranarray(a, dtype, **options)
    result = _traced(a, dtype, 1)
    return result if unbox(result).flags.f_contiguous else result.copy()


def asarray_chkfinite(a: Any, dtype: Any = None, order: Any = None) -> Any:
    """Make an array, as ``numpy.asarray_chkfinite`` does, also of traced values; NaN and infinities are an error.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, order
        As for ``numpy.asarray_chkfinite``.

    Returns
    -------
    array
    """
    if not holds_box(a):
        return np.asarray_chkfinite(a, dtype, order)
    result = _traced(a, dtype)
    np.asarray_chkfinite(unbox(result))
    return result


def require(a: Any, dtype: Any = None, requirements: Any = None, **options: Any) -> Any:
    """Make an array that meets requirements, as ``numpy.require`` does; those on memory do not matter for traced ones.

    Parameters
    ----------
    a : array_like
        Arrays, numbers and nested lists of them, traced or not.
    dtype, requirements, **options
        As for ``numpy.require``.

    Returns
    -------
    array
    """
    if not holds_box(a):
        return np.require(a, dtype, requirements, **options)
    np.require(0.0, None, requirements)  # refuses what are no requirements
    return _traced(a, dtype)


def full(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **options: Any) -> Any:
    """Make an array filled with one value, as ``numpy.full`` does; the value may be traced.

    Parameters
    ----------
    shape : int or tuple of int
        The shape of the array.
    fill_value : number or array_like
        What to fill it with, by broadcasting.
    dtype, order, **options
        As for ``numpy.full``.

    Returns
    -------
    array
    """
    if not holds_box(fill_value):
        return np.full(shape, fill_value, dtype, order, **options)
    return np.copy(np.broadcast_to(_traced(fill_value, dtype), shape))


def full_like(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", **options: Any) -> Any:
    """Make an array filled with one value, as ``numpy.full_like`` does; the value may be traced.

    Parameters
    ----------
    a : array_like
        Its shape and type are those of the result.
    fill_value : number or array_like
        What to fill it with, by broadcasting.
    dtype, order, **options
        As for ``numpy.full_like``.

    Returns
    -------
    array
    """
    if not holds_box(fill_value):
        return np.full_like(a, fill_value, dtype, order, **options)
    return bind(primitive_of(np.full_like), (a, _traced(fill_value, None)), {"dtype": dtype, **options})
