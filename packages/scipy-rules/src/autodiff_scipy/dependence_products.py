"""What products of arrays depend on.

An entry of a product depends on those entries of an operand that stand in the same place along the axes that both have.
Where one operand is a plain matrix, its zeros count: they leave out what they are multiplied with.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from scipy import sparse

from autodiff_scipy.application import Application, Kind
from autodiff_scipy.dependence import Dependence, gathered, multiplied, picked, spread, united

#: The names of the axes of an array. Axes of operands that the result does not have are summed over.
Axes = list[Any]

#: Kernels of convolutions with up to so many entries are taken entry by entry.
_TAPS = 256


def by_axes(operand: Dependence, shape: tuple[int, ...], axes: Axes, result: Any, kept: Axes) -> Dependence | None:
    """Return the share of one operand in a result, by the names of their axes; None if that is not so simple."""
    if (
        len(axes) != len(shape)
        or len(kept) != np.ndim(result)
        or len(set(axes)) < len(axes)
        or len(set(kept)) < len(kept)
    ):
        return None
    lengths = tuple(length if axis in kept else 1 for length, axis in zip(shape, axes, strict=True))
    count = int(np.prod(lengths))
    groups = np.arange(count).reshape(lengths)
    sets = gathered(operand, np.broadcast_to(groups, shape), count)
    own = [axis for axis in axes if axis in kept]
    ordered = groups.reshape([length for length, axis in zip(shape, axes, strict=True) if axis in kept])
    ordered = ordered.transpose(sorted(range(len(own)), key=lambda i: kept.index(own[i])))
    places = iter(ordered.shape)
    aligned = ordered.reshape([next(places) if axis in own else 1 for axis in kept])
    return spread(sets, aligned.shape, np.shape(result)) if aligned.size == 1 else _picked(sets, aligned, result)


def _picked(sets: Dependence, places: Any, result: Any) -> Dependence | None:
    try:
        return picked(sets, np.broadcast_to(places, np.shape(result)))
    except ValueError:
        return None


def product(name_axes: Any, first: int = 0) -> Kind:
    """Make the kind of products, whose axes ``name_axes(call, *ndims)`` names: of each operand, and of the result.

    The operands are all arguments from the `first` on. `name_axes` may return None: not that simple.
    """

    def kind(call: Application) -> list[Dependence] | None:
        operands = range(first, len(call.args)) if first else range(2)
        if len(call.results) != 1 or not all(map(call.is_array, operands)):
            return None
        named = name_axes(call, *(len(call.shape(i)) for i in operands))
        if named is None:
            return None
        *axes, kept = named
        parts = []
        for i, names in zip(operands, axes, strict=True):
            if i in call.sets:
                parts.append(by_axes(call.sets[i][0], call.shape(i), names, call.results[0], kept))
        return _united(parts)

    return kind


def _united(parts: list[Dependence | None]) -> list[Dependence] | None:
    """Return the sets of a result with these shares of its operands; None if one of them is not known."""
    return None if any(part is None for part in parts) else [united(parts)]


def _batch(ndim: int) -> Axes:
    """Name axes that are broadcast, from the last one on."""
    return [("batch", i) for i in range(ndim, 0, -1)]


def _separate(a: int, b: int) -> tuple[Axes, Axes]:
    """Name all axes of two operands differently."""
    return [("a", i) for i in range(a)], [("b", i) for i in range(b)]


def _matmul(call: Application, a: int, b: int) -> Any:
    if not a or not b:
        return None
    left = ["sum"] if a == 1 else [*_batch(a - 2), "row", "sum"]
    right = ["sum"] if b == 1 else [*_batch(b - 2), "sum", "column"]
    return left, right, [*_batch(max(a, b, 2) - 2), *["row"] * (a > 1), *["column"] * (b > 1)]


def _dot(call: Application, a: int, b: int) -> Any:
    left, right = _separate(a, b)
    if a and b:
        left[-1] = right[-2 if b > 1 else -1] = "sum"
    return left, right, [axis for axis in left + right if axis != "sum"]


def _inner(call: Application, a: int, b: int) -> Any:
    left, right = _separate(a, b)
    if a and b:
        left[-1] = right[-1] = "sum"
    return left, right, [axis for axis in left + right if axis != "sum"]


def _vecdot(call: Application, a: int, b: int) -> Any:
    return None if call.kwargs else ([*_batch(a - 1), "sum"], [*_batch(b - 1), "sum"], _batch(max(a, b) - 1))


def _matvec(call: Application, a: int, b: int) -> Any:
    axes = [*_batch(a - 2), "row", "sum"], [*_batch(b - 1), "sum"], [*_batch(max(a - 2, b - 1)), "row"]
    return None if call.kwargs else axes


def _vecmat(call: Application, a: int, b: int) -> Any:
    axes = [*_batch(a - 1), "sum"], [*_batch(b - 2), "sum", "column"], [*_batch(max(a - 1, b - 2)), "column"]
    return None if call.kwargs else axes


def _solve(call: Application, a: int, b: int) -> Any:
    columns = ["row"] if b == 1 else [*_batch(b - 2), "row", "column"]
    kept = [*_batch(max(a - 2, len(columns) - 2)), *[("solution", name) for name in columns[-2:]]]
    if b > 1:
        kept[-1] = "column"
    return [*_batch(a - 2), "equation", "unknown"], columns, kept


def _tensordot(call: Application, a: int, b: int) -> Any:
    pairs = call.options().get("axes", 2)
    if isinstance(pairs, (int, np.integer)):
        pairs = range(a - operator.index(pairs), a), range(operator.index(pairs))
    lefts, rights = ([one] if isinstance(one, (int, np.integer)) else list(one) for one in pairs)
    left, right = _separate(a, b)
    for i, j in zip(lefts, rights, strict=True):
        left[i] = right[j] = ("sum", i)
    return left, right, [axis for axis in left + right if axis[0] != "sum"]


def _einsum(call: Application, *ndims: int) -> Any:
    subscripts = call.args[0]
    if not isinstance(subscripts, str) or "." in subscripts:
        return None
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    if not arrow:
        right = "".join(sorted(axis for axis in {*left} - {","} if left.count(axis) == 1))
    return *map(list, left.split(",")), list(right)


_contraction = product(_matmul)
_dotted = product(_dot)


def _with_matrix(kind: Kind) -> Kind:
    """Make the kind of products that look at the zeros of an operand that is a plain matrix."""

    def looking(call: Application) -> list[Dependence] | None:
        matrix = _factor(call)
        return kind(call) if matrix is None else [multiplied(matrix, call.known[0])]

    return looking


def _factor(call: Application) -> Any:
    """Return the matrix that takes the entries of the traced operand to those of the product; None if not simple."""
    ndims = len(call.shape(0)), len(call.shape(1))
    if len(call.args) == 2 and ndims[0] == 2 and 0 < ndims[1] < 3 and call.only(1) is not None:
        matrix = sparse.csr_array(np.asarray(call.args[0]) != 0)
        columns = call.shape(1)[1:]
        return sparse.kron(matrix, sparse.eye_array(*columns, dtype=bool), "csr") if columns else matrix
    if len(call.args) == 2 and ndims[1] == 2 and 0 < ndims[0] < 3 and call.only(0) is not None:
        matrix = sparse.csr_array(np.asarray(call.args[1]).T != 0)
        rows = call.shape(0)[:-1]
        return sparse.kron(sparse.eye_array(*rows, dtype=bool), matrix, "csr") if rows else matrix
    return None


def _outer(call: Application) -> list[Dependence] | None:
    """All axes of the operands are one each."""
    if len(call.args) != 2 or not all(map(call.is_array, (0, 1))):
        return None
    shapes = [(int(np.prod(call.shape(i))),) for i in (0, 1)]
    result = call.results[0]
    return _united([by_axes(found[0], shapes[i], [i], result, [0, 1]) for i, found in call.sets.items()])


def _convolution(call: Application) -> list[Dependence] | None:
    """Each entry of a plain kernel moves the entries of the other operand."""
    place = 0 if call.only(0) is not None else 1
    sets, kernel = call.only(place), np.asarray(call.args[1 - place])
    if sets is None or kernel.size > _TAPS:
        return None
    numbers = np.arange(1.0, sets.shape[0] + 1)
    parts = []
    for tap in np.eye(kernel.size)[np.ravel(kernel != 0)]:
        operands = (numbers, tap) if place == 0 else (tap, numbers)
        moved = call.primitive.fun(*operands, *call.args[2:], **call.kwargs)
        parts.append(picked(sets, np.rint(moved).astype(np.intp) - 1))
    return [united(parts)] if parts else None


KINDS: dict[Any, Kind] = {
    np.matmul: _with_matrix(_contraction),
    np.linalg.matmul: _with_matrix(_contraction),
    np.dot: _with_matrix(_dotted),
    np.inner: product(_inner),
    np.vecdot: product(_vecdot),
    np.linalg.vecdot: product(_vecdot),
    np.tensordot: product(_tensordot),
    np.linalg.tensordot: product(_tensordot),
    np.einsum: product(_einsum, first=1),
    np.linalg.solve: product(_solve),
    np.outer: _outer,
    np.linalg.outer: _outer,
    np.convolve: _convolution,
    np.correlate: _convolution,
    **{
        getattr(np, name): product(axes)
        for name, axes in (("matvec", _matvec), ("vecmat", _vecmat))
        if hasattr(np, name)
    },
}
if hasattr(np, "matvec"):  # NumPy 2.2
    KINDS |= {np.matvec: product(_matvec), np.vecmat: product(_vecmat)}
