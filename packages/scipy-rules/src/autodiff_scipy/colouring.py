"""Colourings: which columns of a sparse matrix can be computed together.

Columns of a Jacobian that share no row can be added up and told apart afterwards; of a symmetric matrix also some that
do share one, because each entry stands in two places. Finding as few groups as possible is a colouring of a graph:
A. H. Gebremedhin, F. Manne, A. Pothen, "What color is your Jacobian? Graph coloring for computing derivatives", SIAM
Review 47 (2005) 629-705. Colourings here are greedy. Sets of colours are the bits of integers, so that a colouring
takes a few operations for each entry of the pattern.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Colouring:
    """A colour for each column, and how many there are."""

    colours: Any  # an array of integers
    count: int


def colour_columns(pattern: Any) -> Colouring:
    """Give columns that share a row different colours (section 3.4 of the paper: a distance-2 colouring).

    The columns are taken in their order, which is best for banded matrices, and, if more colours are used than a row
    has entries, again by falling number of entries.

    Parameters
    ----------
    pattern : scipy.sparse.csr_array
        What can be other than zero.

    Returns
    -------
    Colouring
        The better of the two.

    Examples
    --------
    >>> from scipy import sparse
    >>> tridiagonal = sparse.diags_array([1.0, 1.0, 1.0], offsets=[-1, 0, 1], shape=(6, 6), format="csr")
    >>> colour_columns(tridiagonal)
    Colouring(colours=array([0, 1, 2, 0, 1, 2]), count=3)
    """
    rows_of = pattern.tocsc()
    longest = int(np.diff(pattern.indptr).max(initial=0))
    first = _by_order(rows_of, range(pattern.shape[1]), pattern.shape[0])
    if first.count <= longest:
        return first
    order = np.argsort(-np.diff(rows_of.indptr), kind="stable").tolist()
    return min(first, _by_order(rows_of, order, pattern.shape[0]), key=lambda found: found.count)


def _by_order(rows_of: Any, order: Iterable[int], rows: int) -> Colouring:
    """Give each column, in this order, the first colour that no column has with which it shares a row."""
    starts, indices = rows_of.indptr.tolist(), rows_of.indices.tolist()
    taken = [0] * rows  # for each row, the colours of its columns
    colours = np.zeros(rows_of.shape[1], np.intp)
    for column in order:
        own = indices[starts[column] : starts[column + 1]]
        forbidden = 0
        for row in own:
            forbidden |= taken[row]
        colour = ~forbidden & (forbidden + 1)
        for row in own:
            taken[row] |= colour
        colours[column] = colour.bit_length() - 1
    return Colouring(colours, int(colours.max(initial=-1)) + 1)


def colour_symmetric(pattern: Any) -> Colouring:
    """Colour the columns of a symmetric matrix so that every entry can be read off in one of its two places.

    This is a star colouring: neighbours have different colours, and every path of four vertices has three (section 4.3
    of the paper; the algorithm is the greedy one there, with sets instead of searches). A colouring by
    `colour_columns` is one too; that with fewer colours is taken.

    Parameters
    ----------
    pattern : scipy.sparse.csr_array
        What can be other than zero, symmetric.

    Returns
    -------
    Colouring
        The one that was found.

    Examples
    --------
    >>> from scipy import sparse
    >>> arrow = sparse.eye_array(5, format="lil", dtype=bool)
    >>> arrow[0, :] = arrow[:, 0] = True
    >>> colour_symmetric(arrow.tocsr()).count, colour_columns(arrow.tocsr()).count
    (2, 5)
    """
    star = _star_colouring(pattern)
    if star.count <= int(np.diff(pattern.indptr).max(initial=0)):  # no colouring by columns has fewer
        return star
    return min(star, colour_columns(pattern), key=lambda found: found.count)


def _star_colouring(pattern: Any) -> Colouring:
    """Give each vertex the first colour that closes no path of four vertices with two colours.

    While a vertex has no colour, those of its neighbours are all different. So a path that would have two colours ends
    at the vertex v to be coloured: v, its neighbour w, and two more, x and y, where y has the colour of w. `closing` of
    w are the colours of such x.
    """
    size = pattern.shape[0]
    starts, indices = pattern.indptr.tolist(), pattern.indices.tolist()
    colour, around, closing = [0] * size, [0] * size, [0] * size  # as bits: own, of the neighbours, see above
    first: dict[tuple[int, int], int] = {}  # of the neighbours of a vertex with some colour
    for v in range(size):
        neighbours = [w for w in indices[starts[v] : starts[v + 1]] if w != v]
        forbidden = 0
        for w in neighbours:
            forbidden |= colour[w] | closing[w] if colour[w] else around[w]
        own = colour[v] = ~forbidden & (forbidden + 1)
        for x in neighbours:
            if around[x] & own:
                closing[first[x, own]] |= colour[x]
                closing[v] |= colour[x]
            else:
                first[x, own] = v
                around[x] |= own
    colours = np.array([bits.bit_length() - 1 for bits in colour], np.intp)
    return Colouring(colours, int(colours.max(initial=-1)) + 1)
