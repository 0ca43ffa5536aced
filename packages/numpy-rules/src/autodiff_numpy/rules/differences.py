"""Differences and integrals.  https://numpy.org/doc/stable/reference/routines.math.html#sums-products-differences"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import general, vspace
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_floating
from autodiff_numpy.vspace import normalised_axes


def _along(axis: int, part: slice) -> tuple[Any, ...]:
    """Return the index that takes a part of an axis, counted from the front."""
    return (slice(None),) * axis + (part,)


# diff


def _undiff(g: Any, n: int, axis: int) -> Any:
    """Transpose ``x[1:] - x[:-1]``, n times."""
    shape = list(g.shape)
    shape[axis] = 1
    edge = np.zeros(shape, g.dtype)
    for _ in range(n):
        g = np.concatenate((edge, g), axis) - np.concatenate((g, edge), axis)
    return g


def _place(a: Any, axis: int, prepend: Any) -> tuple[int, int]:
    """Return where `a` begins and ends after what is prepended; a number counts as one entry."""
    begin = 0 if prepend is np._NoValue else np.shape(prepend)[axis] if np.ndim(prepend) else 1
    return begin, begin + np.shape(a)[axis]


def _diff_vjp(which: int) -> Any:
    """Return the VJP for `a`, `prepend` or `append`: its part of the transposed difference."""

    def vjp(y: Any, a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
        axis = int(axis) % np.ndim(a)
        if n == 0:  # NumPy then returns `a`, whatever is prepended
            spaces = [None if part is np._NoValue else vspace(part) for part in (a, prepend, append)]
            return lambda g: g if which == 0 else spaces[which].zeros()  # type: ignore[union-attr]  # it is traced
        begin, end = _place(a, axis, prepend)
        part = _along(axis, (slice(begin, end), slice(0, begin), slice(end, None))[which])
        space = vspace((a, prepend, append)[which])
        return lambda g: space.project(_undiff(g, n, axis)[part])

    return vjp


# ediff1d


def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Take differences of the flattened array, between further entries."""
    flat = np.reshape(ary, -1)
    parts = [flat[1:] - flat[:-1]]
    if to_begin is not None:
        parts.insert(0, np.reshape(to_begin, -1))
    if to_end is not None:
        parts.append(np.reshape(to_end, -1))
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


# gradient


def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Take central differences, and one-sided ones at the edges."""
    axes = normalised_axes(axis, f.ndim)
    spacings = varargs * len(axes) if len(varargs) == 1 else varargs or (1.0,) * len(axes)
    results = [_gradient_along(f, a, spacing, edge_order) for a, spacing in zip(axes, spacings, strict=True)]
    return results[0] if len(results) == 1 else tuple(results)


def _gradient_along(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    f = np.moveaxis(f, axis, -1)
    spacing = as_floating(spacing)
    if np.ndim(spacing) == 0:
        inner = (f[..., 2:] - f[..., :-2]) / (2 * spacing)
        first = last = (spacing, spacing)  # the two outermost intervals
    else:
        steps = np.diff(spacing)
        h, k = steps[:-1], steps[1:]
        inner = (f[..., 2:] - f[..., 1:-1]) * (h / (k * (h + k))) + (f[..., 1:-1] - f[..., :-2]) * (k / (h * (h + k)))
        first, last = (steps[0], steps[1 % len(steps)]), (steps[-1], steps[-2 % len(steps)])
    left = _edge(f, (0, 1, 2), *first, edge_order)
    right = -_edge(f, (-1, -2, -3), *last, edge_order)
    return np.moveaxis(np.concatenate((left, inner, right), -1), -1, axis)


def _edge(f: Any, places: tuple[int, int, int], h: Any, k: Any, order: int) -> Any:
    """Return the derivative at an edge by the next one or two values, which are h and h + k away."""
    f0, f1, f2 = (f[..., [place % f.shape[-1]]] for place in places)
    slope = (f1 - f0) / h
    return slope if order == 1 else slope - ((f2 - f1) / k - slope) * (h / (h + k))


# trapezoid


def _trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Sum the areas of trapezoids. The points `x` may have more dimensions than `y`."""
    place = int(axis) % y.ndim
    means = (y[_along(place, slice(1, None))] + y[_along(place, slice(None, -1))]) * 0.5
    if x is None:
        widths = dx
    elif np.ndim(x) == 1:
        widths = np.reshape(np.diff(x), (-1,) + (1,) * (y.ndim - 1 - place))
    else:
        widths = np.diff(x, axis=axis)
    return np.sum(widths * means, axis)


RULES = (
    general(np.diff, vjp=(_diff_vjp(0), None, None, _diff_vjp(1), _diff_vjp(2))),
    composed(np.ediff1d, _ediff1d, argnums=(0, 1, 2)),
    composed(np.gradient, _gradient, argnums=(0, 1, 2, 3, 4)),
    composed(np.trapezoid, _trapezoid, argnums=(0, 1, 2)),
)
