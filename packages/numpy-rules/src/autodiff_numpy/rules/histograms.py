"""Histograms.  https://numpy.org/doc/stable/reference/routines.statistics.html#histograms

Which bin an entry falls into is piecewise constant. So counts have derivative 0 with respect to the data, and sums of
weights are linear in the weights. Bins that span the data move with its minimum and maximum, and densities with the
bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.extend import vspace
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating
from autodiff_numpy.scatter import scatter


def _bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    """Add the weights in bins, in double precision."""
    x = as_array(x).astype(np.intp)  # booleans are numbers of bins here, and no mask
    return _added(as_array(weights).astype(np.float64), x, max(int(np.max(x, initial=-1)) + 1, minlength))


def _added(weights: Any, bins: Any, count: int) -> Any:
    return scatter(weights, vspace(np.zeros(count, weights.dtype)), bins)


# Edges


def _outer_edges(a: Any, limits: Any) -> tuple[Any, Any]:
    """Return where the first bin begins and the last one ends."""
    if limits is not None:
        first, last = limits
    elif a.size == 0:
        first, last = 0.0, 1.0
    else:
        first, last = np.min(a), np.max(a)
    return (first - 0.5, last + 0.5) if first == last else (first, last)


def _bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:  # noqa: A002
    """Space edges equally, as many as NumPy finds right."""
    if not isinstance(bins, str) and np.ndim(bins) == 1:
        return as_array(bins)
    a = as_floating(np.ravel(as_array(a)))
    plain = np.histogram_bin_edges(stop_gradient(a), bins, range)
    return np.linspace(*_outer_edges(a, range), len(plain))


# Histograms


def _places(a: Any, edges: Any) -> Any:
    """Return for each entry its bin, which is -1 or the number of bins outside; the last edge belongs to its bin."""
    place = np.searchsorted(edges, a, side="right") - 1
    return np.where(a == edges[-1], len(edges) - 2, place)


def _binned(columns: Sequence[Any], edges: Sequence[Any], weights: Any) -> Any:
    """Add weights, or ones, in the bins of one or more dimensions."""
    shape = [len(e) - 1 for e in edges]
    places = [_places(stop_gradient(c), stop_gradient(e)) for c, e in zip(columns, edges, strict=True)]
    inside = np.logical_and.reduce([(p >= 0) & (p < n) for p, n in zip(places, shape, strict=True)])
    cells = np.ravel_multi_index([p[inside] for p in places], shape)
    chosen = np.ones(len(cells)) if weights is None else weights[inside]
    return np.reshape(_added(chosen, cells, int(np.prod(shape))), shape)


def _as_density(sums: Any, edges: Sequence[Any]) -> Any:
    """Divide by the total and by the size of each cell."""
    density = sums / np.sum(sums)
    for axis, e in enumerate(edges):
        density = density / np.reshape(np.real(np.diff(e)), (-1,) + (1,) * (len(edges) - 1 - axis))
    return density


def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:  # noqa: A002
    """Count, or add weights."""
    a = np.ravel(as_array(a))
    edges = _bin_edges(a, bins, range)
    if weights is None and not density:
        return np.histogram(stop_gradient(a), stop_gradient(edges))[0], edges  # integers
    sums = _binned([a], [edges], None if weights is None else as_floating(np.ravel(as_array(weights))))
    return (_as_density(sums, [edges]) if density else sums), edges


def _histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:  # noqa: A002
    """Count, or add weights, in several dimensions."""
    if isinstance(sample, list | tuple):
        columns = [as_array(column) for column in sample]
    else:
        columns = [sample[:, i] for i in np.arange(sample.shape[1])] if np.ndim(sample) == 2 else [sample]
    return _joint([as_floating(column) for column in columns], bins, range, density, weights)


def _histogram2d(
    x: Any,
    y: Any,
    bins: Any = 10,
    range: Any = None,  # noqa: A002
    density: Any = None,
    weights: Any = None,
) -> Any:
    """Count, or add weights, in two dimensions."""
    if isinstance(bins, Sequence | np.ndarray) and len(bins) > 2:
        bins = [bins, bins]  # the same edges for both
    sums, (first, second) = _joint([as_floating(as_array(c)) for c in (x, y)], bins, range, density, weights)
    return sums, first, second


def _joint(columns: Sequence[Any], bins: Any, limits: Any, density: Any, weights: Any) -> Any:
    """Return sums, and the edges along each dimension."""
    bins = list(bins) if isinstance(bins, Sequence | np.ndarray) else [bins] * len(columns)
    limits = [None] * len(columns) if limits is None else limits
    edges = [
        np.asarray(b) if np.ndim(b) else np.linspace(*_outer_edges(c, r), int(b) + 1)
        for c, b, r in zip(columns, bins, limits, strict=True)
    ]
    sums = _binned(columns, edges, None if weights is None else as_floating(as_array(weights)))
    return (_as_density(sums, edges) if density else sums), edges


# fmt: off
RULES = (
    composed(np.bincount,             _bincount,    argnums=(1,)),
    composed(np.histogram_bin_edges,  _bin_edges,   argnums=(0, 1)),
    composed(np.histogram,            _histogram,   argnums=(0, 1, 4)),
    composed(np.histogram2d,          _histogram2d, argnums=(0, 1, 5)),
    composed(np.histogramdd,          _histogramdd, argnums=(0, 4)),
)
# fmt: on
