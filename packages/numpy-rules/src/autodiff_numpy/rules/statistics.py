"""Averages and variances.  https://numpy.org/doc/stable/reference/routines.statistics.html"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import linear
from autodiff_numpy.checked import checked
from autodiff_numpy.composed import composed
from autodiff_numpy.masking import masked
from autodiff_numpy.operands import as_floating
from autodiff_numpy.vspace import normalised_axes
from autodiff_numpy.weighing import count, weighing

# Means


def _mean(
    g: Any, x: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False, *, where: Any = True
) -> Any:
    """Give each entry its part of `g`."""
    keepdims = keepdims is not np._NoValue and keepdims
    n = count(x, axis, where)
    if where is True:
        return x.project(x.unreduce(g * (1.0 / n) if n else g, axis, keepdims))
    return x.project(masked(x.unreduce(g, axis, keepdims), where) / n)


def _refuse_out(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, *_: Any, **__: Any) -> None:
    if out is not None:
        raise UnsupportedArgumentError("numpy.mean cannot write a traced value into a plain array (`out`).")


def _present(x: Any, where: Any) -> Any:
    return np.logical_and(where, np.logical_not(np.isnan(x)))


def _nanmean(v: Any, y: Any, x: Any, axis: Any, where: Any = True) -> Any:
    present = _present(x, where)
    return masked(v / np.maximum(count(x, axis, present), 1), present)


def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """Weigh and sum."""
    keepdims = keepdims is not np._NoValue and keepdims
    if weights is None:
        weights = np.ones(a.shape)
    elif np.shape(weights) != a.shape:
        weights = _spread(weights, axis, a.ndim)
    weights = weights + np.zeros(a.shape)
    total = np.sum(weights, axis=axis, keepdims=keepdims)
    mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (mean, total) if returned else mean


def _spread(weights: Any, axis: Any, ndim: int) -> Any:
    """Give weights along some axes the other axes, with length 1."""
    axes = normalised_axes(axis, ndim)
    ordered = np.transpose(weights, sorted(range(len(axes)), key=axes.__getitem__))
    lengths = dict(zip(sorted(axes), ordered.shape, strict=True))
    return np.reshape(ordered, [lengths.get(a, 1) for a in range(ndim)])


# Medians


def _median_by(name: str, quantile: Any) -> Any:
    """Return the product for a median; `quantile` finds the two entries of which it is the mean."""

    def product(v: Any, y: Any, a: Any, axis: Any) -> Any:
        if np.iscomplexobj(a):
            raise UnsupportedArgumentError(
                f"{name} cannot be differentiated with respect to complex numbers, which have no "
                "quantiles. Write what it does with the real and imaginary parts, or take the middle of `numpy.sort`."
            )
        plain = stop_gradient(a)
        parts = []
        for method in ("lower", "higher"):
            hit = plain == quantile(plain, 0.5, axis=axis, keepdims=True, method=method)
            share = 0.5 / np.maximum(np.sum(hit, axis=axis, keepdims=True), 1)
            parts.append(masked(v * share, hit))
        return parts[0] + parts[1]

    return product


# Variances


def _deviation(x: Any, axis: Any, where: Any, mean: Any) -> Any:
    """Return the conjugate of x minus its mean."""
    if mean is None:
        options = {} if where is True else {"where": where}  # arrays of other libraries may not know it
        mean = np.mean(x, axis=axis, keepdims=True, **options)
    return np.conjugate(x - mean) if np.iscomplexobj(x) else x - mean


def _freedom(n: Any, ddof: Any, correction: Any) -> Any:
    """Return the divisor, whose correction has two names; NaN instead of zero."""
    degrees = n - as_floating(ddof if correction is None else correction)
    return np.where(degrees == 0, math.nan, degrees) if isinstance(degrees, np.ndarray) else degrees or math.nan


def _var(
    v: Any, y: Any, x: Any, axis: Any, ddof: Any = 0, where: Any = True, mean: Any = None, correction: Any = None
) -> Any:
    scale = 2.0 / _freedom(count(x, axis, where), ddof, correction)
    v = v * scale if where is True else masked(v * scale, where)
    return v * _deviation(x, axis, where, mean)


def _std(
    v: Any, y: Any, x: Any, axis: Any, ddof: Any = 0, where: Any = True, mean: Any = None, correction: Any = None
) -> Any:
    """Differentiate the root of the variance; where that is zero, the derivative is 0."""
    still = y == 0
    return _var(np.where(still, 0, v) / np.where(still, 1, 2 * y), y, x, axis, ddof, where, mean, correction)


def _nanvar(v: Any, y: Any, x: Any, axis: Any, ddof: Any = 0, where: Any = True, correction: Any = None) -> Any:
    present = _present(x, where)
    return _var(v, y, np.where(present, x, 0), axis, ddof, present, None, correction)


def _nanstd(v: Any, y: Any, x: Any, axis: Any, ddof: Any = 0, where: Any = True, correction: Any = None) -> Any:
    present = _present(x, where)
    return _std(v, y, np.where(present, x, 0), axis, ddof, present, None, correction)


# fmt: off
RULES = (
    checked(linear(np.mean, _mean), _refuse_out),
    weighing(np.nanmean,    _nanmean),
    weighing(np.var,        _var),
    weighing(np.std,        _std),
    weighing(np.nanvar,     _nanvar),
    weighing(np.nanstd,     _nanstd),
    weighing(np.median,     _median_by("numpy.median", np.quantile)),
    weighing(np.nanmedian,  _median_by("numpy.nanmedian", np.nanquantile)),
    composed(np.average,    _average, argnums=(0, 2)),
)
# fmt: on
