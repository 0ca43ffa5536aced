"""Which entries of an input each entry of a value may depend on: index sets, as the rows of a sparse matrix.

A `Dependence` has a row for each entry of the value, in C order, and a column for each entry of the input. What is
true there may depend, what is not true does not. Everything here takes time in proportion to the sets it makes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from autodiff.errors import AutodiffError

#: A `scipy.sparse.csr_array` of booleans.
Dependence: TypeAlias = Any

#: Up to so many entries; beyond, the matrix of derivatives is as good as dense, and would need gigabytes.
LIMIT = 2 * 10**8


class SparsityError(AutodiffError, ValueError):
    """A sparsity pattern cannot be used: it is not that of the function here, or not sparse.

    A pattern that was given, or found at another point, must hold everything that is not zero at this one. Find it here
    with ``jacobian_sparsity(fun)(x)``. For derivatives without zeros take ``autodiff.jacobian``.
    """


def on_itself(size: int) -> Dependence:
    """Return the sets of the input: each entry depends on itself."""
    return sparse.csr_array(
        (np.ones(size, bool), np.arange(size, dtype=np.int32), np.arange(size + 1, dtype=np.int32)), (size, size)
    )


def nothing(count: int, size: int) -> Dependence:
    """Return the sets of `count` constants, for an input of `size` entries."""
    return sparse.csr_array((count, size), dtype=bool)


def picked(sets: Dependence, rows: Any) -> Dependence:
    """Return the sets of a value whose entries are the entries `rows` of another one; -1 stands for a constant."""
    rows = np.ravel(rows)
    known = rows >= 0
    starts, lengths = sets.indptr[:-1], np.diff(sets.indptr)
    if not known.all():
        rows = np.where(known, rows, 0)
        starts, lengths = np.append(starts, 0), np.append(lengths, 0)
        rows = np.where(known, rows, len(lengths) - 1)
    lengths = lengths[rows]
    ends = np.cumsum(lengths, dtype=np.int64)
    count = int(ends[-1]) if len(ends) else 0
    _check_count(count)
    places = np.repeat(starts[rows] - (ends - lengths), lengths) + np.arange(count)
    return sparse.csr_array(
        (np.ones(count, bool), sets.indices[places], np.append(0, ends)), (len(rows), sets.shape[1])
    )


def spread(sets: Dependence, shape: tuple[int, ...], target: tuple[int, ...]) -> Dependence | None:
    """Return the sets of a value that is broadcast; None where it cannot be."""
    if shape == target:
        return sets
    size = int(np.prod(shape))
    if size == 1 == int(np.prod(target)):
        return sets
    try:
        rows = np.broadcast_to(np.arange(size).reshape(shape), target)
    except ValueError:
        return None
    return picked(sets, rows)


def united(sets: Sequence[Dependence]) -> Dependence:
    """Return the sets of a value whose entries depend on the entries in the same place of several values."""
    result = sets[0]
    for other in sets[1:]:
        if other is not result:
            _check_count(result.nnz + other.nnz)
            result = result + other
    return result


def stacked(sets: Sequence[Dependence]) -> Dependence:
    """Return the sets of all entries of several values, one value after the other."""
    return sets[0] if len(sets) == 1 else sparse.vstack(sets, format="csr", dtype=bool)


def gathered(sets: Dependence, targets: Any, count: int) -> Dependence:
    """Return the sets of a value of `count` entries; its entry `targets[k]` depends on entry k of another one."""
    targets = np.ravel(targets)
    ones = np.ones(len(targets), bool)
    chosen = sparse.csr_array((ones, (targets, np.arange(len(targets)))), (count, len(targets)))
    return multiplied(chosen, sets)


def multiplied(matrix: Any, sets: Dependence) -> Dependence:
    """Return the sets of a matrix times a value."""
    return sparse.csr_array(matrix @ sets, dtype=bool)


def everything(sets: Sequence[Dependence], count: int) -> Dependence:
    """Return the sets of a value of `count` entries, each of which depends on all entries of several values."""
    columns = np.unique(np.concatenate([one.indices for one in sets]))
    _check_count(len(columns) * count)
    ends = np.arange(count + 1, dtype=np.int64) * len(columns)
    return sparse.csr_array(
        (np.ones(len(columns) * count, bool), np.tile(columns, count), ends), (count, sets[0].shape[1])
    )


def _check_count(count: int) -> None:
    if count > LIMIT:
        raise SparsityError(
            f"the sparsity pattern of a value that the function computes would have {count:,} entries, more than "
            f"{LIMIT:,}: each of its entries depends on many of the input, as far as is known. If what becomes of it "
            "is sparse all the same, pass the pattern as `sparsity=`. Otherwise take `jacobian_operator` or "
            "`hessian_operator`, which need no pattern and make no matrix."
        )
