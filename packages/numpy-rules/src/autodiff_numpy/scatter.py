"""Adding into the entries that an index picks: indexing, transposed.

An entry that the index picks several times gets the sum of its cotangents. Only arrays of integers can do that; for
all other indices ``buffer[index] += g`` is right, and much faster than ``numpy.add.at``. Where that is needed, it is
applied to positions in the flattened buffer, for which NumPy has a fast loop: often 5 times faster.
"""

from __future__ import annotations

import math
from types import EllipsisType, NoneType
from typing import Any, NamedTuple

import numpy as np

from autodiff.extend import Box, VSpace, primitive_of
from autodiff_numpy.foreign import ForeignSpace
from autodiff_numpy.vspace import ArraySpace

# Parts of an index that pick no entry twice, whatever their value.
_INTEGERS = {np.dtype(code).type for code in np.typecodes["AllInteger"]}
_ONCE = frozenset({int, slice, bool, NoneType, EllipsisType, np.bool_, *_INTEGERS})

# With fewer entries to add, finding positions takes longer than adding.
_SMALL = 500

# Find positions by indexing an array of all positions, when it is at most this much larger than what is added.
_POSITIONS_LIMIT = 16


def add_at(buffer: Any, g: Any, index: Any) -> None:
    """Add `g` at the entries `index` of the array `buffer`."""
    if picks_once(index):
        buffer[index] += g
    else:
        _add_repeated(buffer, np.asarray(g), index)


def picks_once(index: Any) -> bool:
    """Whether no entry can be picked twice: there is no array of integers in the index, except of a single one.

    Masks pick every entry once, also beside other masks and integers.
    """
    if type(index) in _ONCE:
        return True
    return all(map(_picks_once, index if type(index) is tuple else (index,)))


def _picks_once(part: Any) -> bool:
    if type(part) in _ONCE:
        return True
    part = np.asarray(part)
    return bool(part.dtype.kind == "b" or part.size <= 1)


def _add_repeated(buffer: Any, g: Any, index: Any) -> None:
    """Add at entries that may repeat."""
    if g.size < _SMALL or buffer.ndim == 1 or not buffer.flags.c_contiguous:
        np.add.at(buffer, index, g)
        return
    parts = index if type(index) is tuple else (index,)
    flat = buffer.reshape(-1)
    if all(map(_is_integer, parts)):
        _add_rows(flat, buffer.shape, g, parts)
    elif buffer.size <= _POSITIONS_LIMIT * g.size:
        positions = np.arange(buffer.size).reshape(buffer.shape)[index]
        np.add.at(flat, positions.reshape(-1), g.reshape(-1))
    else:
        np.add.at(buffer, index, g)


def _is_integer(part: Any) -> bool:
    return part is not None and np.asarray(part).dtype.kind in "iu"


def _add_rows(flat: Any, shape: tuple[int, ...], g: Any, parts: tuple[Any, ...]) -> None:
    """Add where integers choose along the first axes, and the other axes are taken whole."""
    chosen = np.ravel_multi_index(parts, shape[: len(parts)], mode="wrap").reshape(-1)
    width = math.prod(shape[len(parts) :])
    if width == 1:
        np.add.at(flat, chosen, g.reshape(-1))
        return
    rows = flat.reshape(-1, width)
    seen = np.zeros(len(rows), bool)
    seen[chosen] = True
    if np.count_nonzero(seen) == chosen.size:
        rows[chosen] += g.reshape(-1, width)
    else:
        positions = chosen[:, None] * width + np.arange(width)
        np.add.at(flat, positions.reshape(-1), g.reshape(-1))


class Target(NamedTuple):
    """Entries of an array: its space, and the index that picks them."""

    space: VSpace
    index: Any


def scatter(g: Any, space: VSpace, index: Any) -> Any:
    """Return the zero array of the space with `g` added at the entries `index`.

    It is the transpose of indexing, and a primitive of its own, so that it can be differentiated again.
    """
    return scattered(g, Target(space, index))


def scattered(g: Any, target: Target) -> Any:
    """Return the zero array with `g` added at the target."""
    if isinstance(g, Box):
        return g.owner.linear(SCATTERED, g, target)
    space, index = target
    if type(space) is not ArraySpace and isinstance(space, ForeignSpace):
        return space.scattered(g, index)
    out = np.zeros(space.shape, space.dtype)  # type: ignore[attr-defined]  # spaces of arrays have a type
    if picks_once(index):
        out[index] = g
    else:
        _add_repeated(out, np.asarray(g), index)
    return out


SCATTERED = primitive_of(scattered, dispatches=True)
