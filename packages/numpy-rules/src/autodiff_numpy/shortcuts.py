"""The commonest functions of an array and a constant, without NumPy's dispatch, which costs as much as they do.

They are what the methods of a traced array apply, by `Trace.linear`. All take Python's numbers, too, which have no
methods of arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import Box, primitive_of


def reshape(x: Any, shape: Any) -> Any:
    """Return `x` in another shape, read in C order."""
    return np.asarray(x).reshape(shape) if type(x) in (float, complex) else x.reshape(shape)


def transpose(x: Any, axes: Any) -> Any:
    """Return `x` with its axes in the order `axes`, or in reverse where that is None."""
    if type(x) in (float, complex):
        return np.asarray(x)
    return x.transpose() if axes is None else x.transpose(axes)


def total(x: Any, axis: Any) -> Any:
    """Return the sum over `axis`."""
    if type(x) is np.ndarray:
        return np.add.reduce(x, axis)
    return x.owner.linear(TOTAL, x, axis) if isinstance(x, Box) else np.sum(x, axis)


def convert(x: Any, dtype: Any) -> Any:
    """Return `x` with entries of another type."""
    return np.asarray(x).astype(dtype)[()] if type(x) in (float, complex) else x.astype(dtype)


def as_kind(x: Any, kind: Any) -> Any:
    """Return a number, or an array without axes, as a value of the type `kind`: ndarray, NumPy's scalars, Python's."""
    return np.asarray(x) if kind is np.ndarray else kind(x)


RESHAPE, TRANSPOSE = primitive_of(reshape, dispatches=True), primitive_of(transpose, dispatches=True)
TOTAL, CONVERT = primitive_of(total, dispatches=True), primitive_of(convert, dispatches=True)
AS_KIND = primitive_of(as_kind)  # it does not hand on boxes by itself
