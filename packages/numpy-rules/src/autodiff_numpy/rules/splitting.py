"""Splitting, tiling and trimming.  https://numpy.org/doc/stable/reference/routines.array-manipulation.html#splitting-arrays"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import Rule, general, linear, vspace
from autodiff_numpy.nesting import fit, shape_of, spaces_of
from autodiff_numpy.rules.indexing import along, flat_space, scatter_flat
from autodiff_numpy.scatter import scatter
from autodiff_numpy.vspace import normalised_axes, single_axis

# Splitting


def _pieces(length: int, indices_or_sections: Any) -> list[slice]:
    """Return the slices that `array_split` takes, which overlap when the indices are not sorted."""
    if np.ndim(indices_or_sections):
        bounds = [0, *map(int, indices_or_sections), length]
    else:
        sections = int(indices_or_sections)
        each, more = divmod(length, sections)
        bounds = [i * each + min(i, more) for i in range(sections + 1)]
    return [slice(*slice(start, stop).indices(length)[:2]) for start, stop in itertools.pairwise(bounds)]


def _array_split(g: Any, ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    pieces = _pieces(ary.shape[axis], indices_or_sections)
    bounds = [0, *(piece.stop for piece in pieces)]
    if bounds[-1] == ary.shape[axis] and all(p.start == b <= p.stop for p, b in zip(pieces, bounds, strict=False)):
        return np.concatenate(g, axis)
    parts = [scatter(part, ary, along(axis, ary.ndim, piece)) for part, piece in zip(g, pieces, strict=True)]
    return sum(parts[1:], parts[0])


def _hsplit(g: Any, ary: Any, indices_or_sections: Any) -> Any:
    return _array_split(g, ary, indices_or_sections, 1 if ary.ndim > 1 else 0)


# Repetition


def _tile(g: Any, A: Any, reps: Any) -> Any:
    reps = tuple(reps) if np.ndim(reps) else (int(reps),)
    ndim = max(len(reps), len(A.shape))
    reps = (1,) * (ndim - len(reps)) + reps
    shape = (1,) * (ndim - len(A.shape)) + tuple(A.shape)
    copies = np.reshape(g, tuple(itertools.chain.from_iterable(zip(reps, shape, strict=True))))
    return np.reshape(np.sum(copies, axis=tuple(range(0, 2 * ndim, 2))), A.shape)


def _repeat(g: Any, a: Any, repeats: Any, axis: int | None = None) -> Any:
    axis = single_axis(axis, a.ndim)
    x, axis = (flat_space(a), 0) if axis is None else (a, axis)
    repeats = np.asarray(repeats)
    length = x.shape[axis]
    if repeats.size == 1:
        shape = (*x.shape[: axis + 1], int(repeats.reshape(())), *x.shape[axis + 1 :])
        return np.reshape(np.sum(np.reshape(g, shape), axis=axis + 1), a.shape)
    return np.reshape(scatter(g, x, along(axis, len(x.shape), np.repeat(np.arange(length), repeats))), a.shape)


# Adding and removing entries


def _delete(g: Any, arr: Any, obj: Any, axis: int | None = None) -> Any:
    if axis is None:
        return scatter_flat(g, arr, np.delete(np.arange(arr.size), obj))
    return scatter(g, arr, along(axis, arr.ndim, np.delete(np.arange(arr.shape[axis]), obj)))


def _insert_arr(y: Any, arr: Any, obj: Any, values: Any, axis: int | None = None) -> Callable[[Any], Any]:
    spaces = spaces_of(arr)
    shape = shape_of(spaces)
    kept = np.insert(np.ones(shape, bool), obj, np.zeros(shape_of(spaces_of(values)), bool), axis)
    return lambda g: fit(np.reshape(g[kept], shape), spaces)


def _insert_values(y: Any, arr: Any, obj: Any, values: Any, axis: int | None = None) -> Callable[[Any], Any]:
    spaces = spaces_of(values)
    shape = shape_of(spaces)
    size = math.prod(shape)
    # Insert the numbers of the values instead of themselves, to see where each of them goes.
    numbers = np.insert(np.full(shape_of(spaces_of(arr)), -1), obj, np.arange(size).reshape(shape), axis)
    inserted = numbers >= 0

    def pull(g: Any) -> Any:
        return fit(np.reshape(scatter(g[inserted], vspace(np.zeros(size, y.dtype)), numbers[inserted]), shape), spaces)

    return pull


def _trim_zeros(y: Any, filt: Any, trim: str = "fb", axis: Any = None) -> Callable[[Any], Any]:
    x: Any = vspace(filt)
    axes = normalised_axes(tuple(axis) if np.ndim(axis) else axis, x.ndim)
    index = [slice(None)] * x.ndim
    places = np.nonzero(filt) if axes else ()
    for a in axes:
        start = int(places[a].min(initial=x.shape[a])) if "f" in trim.lower() else 0
        index[a] = slice(start, start + y.shape[a])
    return lambda g: scatter(g, x, tuple(index))


# fmt: off
RULES: tuple[Rule, ...] = (
    linear(np.split,       _array_split),
    linear(np.array_split, _array_split),
    linear(np.hsplit,      _hsplit),
    linear(np.vsplit,      lambda g, ary, indices_or_sections: _array_split(g, ary, indices_or_sections, 0)),
    linear(np.dsplit,      lambda g, ary, indices_or_sections: _array_split(g, ary, indices_or_sections, 2)),
    linear(np.tile,        _tile),
    linear(np.repeat,      _repeat),
    linear(np.delete,      _delete),
    general(np.insert,     vjp=(_insert_arr, None, _insert_values)),
    general(np.trim_zeros, vjp=_trim_zeros),
)
if hasattr(np, "unstack"):  # NumPy 2.1
    RULES += (linear(np.unstack, lambda g, x, axis=0: np.stack(g, axis)),)
# fmt: on
