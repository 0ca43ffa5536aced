"""Small arrays end to end: many small operations cost as much as their calls, one large operation as its arithmetic.

Only for functions that are elementwise, so that each entry comes out the same, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, chain, pairwise
from typing import Any

import numpy as np

Columns = list[list[Any]]
#: Arrays of more entries than this are worth a call of their own, and would rather not be copied.
SMALL = 1024


def one_by_one(function: Callable[..., tuple[Any, ...]], columns: Columns, results: int) -> Columns:
    """Apply a function with some number of results to each row of the columns; return the columns of results."""
    rows = [function(*row) for row in zip(*columns, strict=True)]
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(results)]


def small_together(function: Callable[..., tuple[Any, ...]], columns: Columns, results: int) -> Columns:
    """Do the same, for a function that is elementwise: with small arrays laid end to end."""
    small = [] if _mixed(columns) else [i for i, leaf in enumerate(columns[0]) if leaf.size <= SMALL]
    if len(small) < 2:
        return one_by_one(function, columns, results)
    shapes = [columns[0][i].shape for i in small]
    ends = accumulate([columns[0][i].size for i in small], initial=0)
    places = [slice(*ends) for ends in pairwise(ends)]
    bundle = [np.concatenate([column[i] for i in small], axis=None) for column in columns]
    pieces = [
        iter([vector[place].reshape(shape) for place, shape in zip(places, shapes, strict=True)])
        for vector in function(*bundle)
    ]
    large = [i for i, leaf in enumerate(columns[0]) if leaf.size > SMALL]
    others = map(iter, one_by_one(function, [[column[i] for i in large] for column in columns], results))
    return [
        [next(piece if leaf.size <= SMALL else other) for leaf in columns[0]]
        for piece, other in zip(pieces, others, strict=True)
    ]


def _mixed(columns: Columns) -> bool:
    """Whether there are other leaves than plain arrays of one type: traced values, numbers, float32 and float64."""
    if set(map(type, chain.from_iterable(columns))) != {np.ndarray}:
        return True
    return len({leaf.dtype for leaf in chain.from_iterable(columns)}) > 1
