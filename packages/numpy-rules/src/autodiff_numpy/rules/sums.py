"""Sums and products over axes.  https://numpy.org/doc/stable/reference/routines.math.html#sums-products-differences

Those along an axis stand in `cumulative.py`, differences in `differences.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import reduction
from autodiff_numpy.masking import masked
from autodiff_numpy.vspace import normalised_axes
from autodiff_numpy.weighing import Mask, weighing


def _mask(y: Any, x: Any, where: Any = True, initial: Any = None) -> Any:
    """One for every entry that is summed; `initial` is a constant."""
    return 1 if where is True else Mask(where)


def _nansum(v: Any, y: Any, x: Any, axis: Any, initial: Any = None, where: Any = True) -> Any:
    return masked(v, np.logical_and(where, np.logical_not(np.isnan(x))))


def _prod(v: Any, y: Any, x: Any, axis: Any, initial: Any = None, where: Any = True) -> Any:
    """Multiply by the product of all other entries, of which `initial` is one.

    There is no division: entries may be zero, and near zero the second derivative would cancel.
    """
    if where is not True:
        v, x = masked(v, where), np.where(where, x, 1)
    return v * (_others(x, axis) * (1 if initial is None else initial))


def _nanprod(v: Any, y: Any, x: Any, axis: Any, initial: Any = None, where: Any = True) -> Any:
    return _prod(v, y, x, axis, initial, np.logical_and(where, np.logical_not(np.isnan(x))))


def _others(x: Any, axis: Any) -> Any:
    """Return for each entry the product of all others over `axis`: those before it times those after it."""
    shape = np.shape(x)
    axes = normalised_axes(axis, len(shape)) if shape else ()
    kept = [i for i in range(len(shape)) if i not in axes]
    order = (*kept, *axes)
    moved = np.transpose(x, order)
    rows = np.reshape(moved, (*(shape[i] for i in kept), math.prod(shape[i] for i in axes)))
    if rows.shape[-1] == 0:
        return np.ones(shape)
    one = np.ones((*rows.shape[:-1], 1), rows.dtype)
    before = np.concatenate((one, np.cumprod(rows[..., :-1], -1)), -1)
    after = np.concatenate((one, np.cumprod(rows[..., :0:-1], -1)), -1)[..., ::-1]
    return np.transpose(np.reshape(before * after, moved.shape), sorted(range(len(order)), key=order.__getitem__))


# fmt: off
RULES = (
    reduction(np.sum,     _mask),
    weighing(np.nansum,   _nansum),
    weighing(np.prod,     _prod),
    weighing(np.nanprod,  _nanprod),
)
# fmt: on
