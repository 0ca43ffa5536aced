"""Quantiles.  https://numpy.org/doc/stable/reference/routines.statistics.html#order-statistics

A quantile is a mean of two entries that are neighbours in size. Which ones, and in what proportion, NumPy says itself:
the quantile of the ranks 0, 1, 2, ... is the position of the quantile among the entries, by whatever method and with
whatever weights. It does not change with the entries or the weights, and in proportion to q, or not at all.

Equal entries share the derivative equally. With respect to q, it is that of the piece to the right where q hits an
entry, as for `interp`, and 0 outside of the first and last entry.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Box, Rule, vspace
from autodiff_numpy.checked import checked
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating
from autodiff_numpy.scatter import scatter
from autodiff_numpy.vspace import normalised_axes

# How far the position among n entries moves when q moves by 1: n plus this number. R. J. Hyndman and Y. Fan, "Sample
# quantiles in statistical packages", The American Statistician 50 (1996) 361-365. By other methods it jumps.
_SPEEDS = {
    "interpolated_inverted_cdf": 0.0,
    "hazen": 0.0,
    "weibull": 1.0,
    "linear": -1.0,
    "median_unbiased": 1 / 3,
    "normal_unbiased": 1 / 4,
}


def _quantiles(quantile: Callable[..., Any], whole: float) -> Rule:
    """Make the rule of a function like `numpy.quantile`, by which all entries are `whole`."""

    def definition(
        a: Any,
        q: Any,
        axis: Any = None,
        out: Any = None,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
        *,
        weights: Any = None,
    ) -> Any:
        a, q = as_floating(as_array(a)), as_floating(as_array(q))
        axes = normalised_axes(axis, a.ndim)
        kept = tuple(i for i in range(a.ndim) if i not in axes)
        entries, ranks = _sorted(a, kept, axes)
        # Positions are looked up for each q in the last axis, and for each of the kept indices in the others.
        plain = np.reshape(stop_gradient(q), -1)
        position = quantile(ranks, plain, axis=axis, method=method, weights=weights)
        position = np.moveaxis(np.asarray(position, np.float64), 0, -1)
        count = np.sum(~np.isnan(ranks), axis=axes)[..., None]
        speed: Any = 0.0
        if isinstance(q, Box) and method in _SPEEDS:
            speed = (count + _SPEEDS[method]) / whole
        found = _between(entries, position, count, speed, np.reshape(q, -1) - plain, is_open=method != "linear")
        found = np.reshape(np.moveaxis(found, -1, 0), (*q.shape, *(a.shape[i] for i in kept)))
        if keepdims is np._NoValue or not keepdims:
            return found
        return np.expand_dims(found, tuple(q.ndim + i for i in axes))

    def check(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: Any = False, *_: Any, **__: Any
    ) -> None:
        name = f"numpy.{quantile.__name__}"
        for argument, value in (("out", out is not None), ("overwrite_input", overwrite_input)):
            if value:
                raise UnsupportedArgumentError(
                    f"{name} cannot be differentiated with the argument `{argument}`, by which it writes into an "
                    "array. Leave it out, and use the result."
                )
        if quantile.__name__.startswith("nan") and np.ndim(q) > 1 and isinstance(axis, tuple) and len(axis) > 1:
            raise UnsupportedArgumentError(
                f"{name} gives its result axes in the wrong order if `q` has several axes and `axis` is a tuple. Pass "
                "`q` raveled, and reshape the result."
            )

    return checked(composed(quantile, definition, argnums=(0, 1)), check)


def _sorted(a: Any, kept: tuple[int, ...], axes: tuple[int, ...]) -> tuple[Any, Any]:
    """Return the entries sorted along a last axis in place of `axes`, and the rank of each, NaN for NaN, as in `a`."""
    order = (*kept, *axes)
    moved = np.transpose(a, order)
    rows = np.reshape(moved, (*(a.shape[i] for i in kept), math.prod(a.shape[i] for i in axes)))
    plain = stop_gradient(rows)
    permutation = np.argsort(plain, axis=-1, kind="stable")
    ranks = np.where(np.isnan(plain), np.nan, np.argsort(permutation, axis=-1))
    ranks = np.transpose(np.reshape(ranks, moved.shape), np.argsort(order) if order else None)
    entries = np.take_along_axis(rows, permutation, -1)
    return _shared(entries, np.take_along_axis(plain, permutation, -1)), ranks


def _shared(entries: Any, plain: Any) -> Any:
    """Replace equal entries, which are neighbours, by their mean: so they share the derivative."""
    is_first = np.ones(plain.shape, bool)
    is_first[..., 1:] = plain[..., 1:] != plain[..., :-1]
    if is_first.all():
        return entries
    group = np.cumsum(is_first.reshape(-1)) - 1
    sizes = np.bincount(group)
    total = scatter(np.reshape(entries, -1), vspace(np.zeros(sizes.shape, plain.dtype)), group)
    return np.reshape((total / sizes)[group], plain.shape)


def _between(entries: Any, position: Any, count: Any, speed: Any, step: Any, *, is_open: bool) -> Any:
    """Interpolate at positions, which are `speed` times `step` further; NaN is no position, and has derivative 0."""
    is_known = ~np.isnan(position)
    position = np.where(is_known, position, 0.0)
    knot = np.rint(position)
    position = np.where(np.abs(position - knot) <= 1e-14 * count, knot, position)
    if is_open:  # outside of the entries, it is the first or the last one
        speed = np.where((position <= 0) | (position >= count - 1), 0.0, speed)
    lower = np.clip(np.floor(position), 0, np.maximum(count - 2, 0)).astype(int)
    upper = np.minimum(lower + 1, np.maximum(count - 1, 0))
    share = position - lower + speed * step
    low, high = (np.take_along_axis(entries, index, -1) for index in (lower, upper))
    return np.where(is_known, low * (1 - share) + high * share, 0)


RULES = (
    _quantiles(np.quantile, 1),
    _quantiles(np.percentile, 100),
    _quantiles(np.nanquantile, 1),
    _quantiles(np.nanpercentile, 100),
)
