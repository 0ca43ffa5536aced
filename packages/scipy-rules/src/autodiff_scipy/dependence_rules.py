"""What the results of NumPy's functions depend on, by the kind of function.

Functions with an elementwise rule, and universal functions, need no entry in the table at the end. What is not in it
counts as depending on everything: sets may be too large, but never too small.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autodiff.containers import flatten, unflatten
from autodiff.elementwise import Elementwise
from autodiff.extend import primitive_of
from autodiff_numpy import shortcuts
from autodiff_numpy.array_making import from_entries
from autodiff_numpy.assigning import assigned
from autodiff_numpy.rules.linalg import cofactors
from autodiff_numpy.scatter import scattered
from autodiff_scipy import dependence as index_sets
from autodiff_scipy import dependence_products as products
from autodiff_scipy.application import Application, Kind, UnknownNames
from autodiff_scipy.dependence import Dependence


def sets_of_results(call: Application) -> list[Dependence]:
    """Return the sets of each leaf of a result."""
    kind = KINDS.get(call.primitive.fun)
    if kind is None and _is_entrywise(call):
        kind = entrywise
    try:
        found = None if kind is None else kind(call)
    except UnknownNames:
        found = None
    if found is None:
        return [index_sets.everything(call.known, int(np.size(leaf))) for leaf in call.results]
    return found


def _is_entrywise(call: Application) -> bool:
    fun = call.primitive.fun
    return isinstance(call.rule, Elementwise) or (isinstance(fun, np.ufunc) and fun.signature is None)


# Entry by entry


def entrywise(call: Application) -> list[Dependence] | None:
    """Unite the sets of all operands, which are broadcast against each other."""
    shapes = {np.shape(leaf) for leaf in call.results}
    if len(shapes) != 1:
        return None
    (target,) = shapes
    parts = []
    for argnum, found in call.sets.items():
        leaves = flatten(call.args[argnum])[0]
        for leaf, sets in zip(leaves, found, strict=True):
            if sets is not None:
                parts.append(index_sets.spread(sets, np.shape(leaf), target))
    if any(part is None for part in parts):
        return None
    return [index_sets.united(parts)] * len(call.results)


def entrywise_in(argnum: int) -> Kind:
    """Make the kind of functions that are elementwise in one argument, and use the others as a whole."""

    def kind(call: Application) -> list[Dependence] | None:
        (result,) = call.results
        if np.shape(result) != call.shape(argnum):
            return None
        parts = [sets for i, found in call.sets.items() if i == argnum for sets in found if sets is not None]
        whole = [sets for i, found in call.sets.items() if i != argnum for sets in found if sets is not None]
        if whole:
            parts.append(index_sets.everything(whole, int(np.size(result))))
        return [index_sets.united(parts)]

    return kind


# Moving entries


def moving(*places: int) -> Kind:
    """Make the kind of functions whose results are entries of the arguments `places`, or constants.

    Where each entry goes is found by applying the function to numbered entries; without places, to all arguments.
    """

    def kind(call: Application) -> list[Dependence] | None:
        return moved(call, places or tuple(range(len(call.args))))

    return kind


def moved(call: Application, places: tuple[int, ...], **options: Any) -> list[Dependence] | None:
    """Return the sets where a function, with these options in place of the given ones, moves entries."""
    args, sets, count = list(call.args), [], 1
    for place in places:
        if place >= len(args):
            continue
        leaves, structure = flatten(args[place])
        found = call.sets.get(place, [None] * len(leaves))
        numbered = []
        for leaf, leaf_sets in zip(leaves, found, strict=True):
            numbers = np.zeros_like(leaf, dtype=np.intp)  # in the same order in memory
            if leaf_sets is not None:
                numbers[...] = np.arange(count, count + numbers.size).reshape(numbers.shape)
                count += numbers.size
                sets.append(leaf_sets)
            numbered.append(numbers)
        args[place] = unflatten(structure, numbered)
    kwargs = {name: value for name, value in (options or call.kwargs).items() if name not in ("dtype", "casting")}
    leaves = flatten(call.primitive.fun(*args, **kwargs))[0]
    if any(np.asarray(leaf).dtype != np.intp for leaf in leaves):
        return None
    rows = index_sets.stacked(sets)
    return [index_sets.picked(rows, np.asarray(leaf) - 1) for leaf in leaves]


def _assigned(call: Application) -> list[Dependence] | None:
    """Never in place, as that would number the entries of the array that is computed with."""
    array, value, index, _ = call.args
    return moved(call._replace(args=(array, value, index, False)), (0, 1))


def _pad(call: Application) -> list[Dependence] | None:
    mode = call.options().get("mode", "constant")
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap") or call.only(0) is None:
        return None
    options = {name: value for name, value in call.kwargs.items() if name != "constant_values"}
    return moved(call, (0,), **{"mode": mode, **options}) if len(call.args) == 2 else moved(call, (0,))


def _scatter(call: Application) -> list[Dependence] | None:
    g, (space, index) = call.args
    sets = call.only(0)
    if sets is None:
        return None
    targets = np.arange(space.size).reshape(space.shape)[index]
    sets = index_sets.spread(sets, np.shape(g), targets.shape)
    return None if sets is None else [index_sets.gathered(sets, targets, space.size)]


def _bincount(call: Application) -> list[Dependence] | None:
    sets, (result,) = call.only(1), call.results
    return None if sets is None else [index_sets.gathered(sets, np.asarray(call.args[0]), len(result))]


# Along axes


def along(default: Any = None, name: str = "axis") -> Kind:
    """Make the kind of functions along axes: a result depends on all entries along them, and on no others."""

    def kind(call: Application) -> list[Dependence] | None:
        options = call.options()
        sets = call.only(0)
        if sets is None or np.ndim(options.get("q", 0.0)):
            return None
        return grouped(sets, call.shape(0), options.get(name, default), call.results)

    return kind


def grouped(sets: Dependence, shape: tuple[int, ...], axis: Any, results: list[Any]) -> list[Dependence] | None:
    """Return the sets of results that have one entry for all entries along axes, or some of them along the same."""
    ndim = len(shape)
    axes = tuple(range(ndim)) if axis is None else axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(operator.index(one) % ndim for one in axes) if ndim else ()
    kept = tuple(1 if i in axes else length for i, length in enumerate(shape))
    count = int(np.prod(kept))
    groups = np.arange(count).reshape(kept)
    of_groups = index_sets.gathered(sets, np.broadcast_to(groups, shape), count)
    short = groups.reshape([length for i, length in enumerate(shape) if i not in axes])
    found = []
    for result in results:
        places = groups if np.ndim(result) == ndim else short
        try:
            rows = np.broadcast_to(places, np.shape(result))
        except ValueError:
            return None
        found.append(of_groups if rows.size == count else index_sets.picked(of_groups, rows))
    return found


def _diagonal_sum(call: Application) -> list[Dependence] | None:
    sets, (result,) = call.only(0), call.results
    if sets is None:
        return None
    numbers = np.arange(sets.shape[0]).reshape(call.shape(0))
    options = {name: value for name, value in call.options().items() if name != "dtype"}
    if call.primitive.fun is np.linalg.trace:
        options |= {"axis1": -2, "axis2": -1}
    rows = np.diagonal(numbers, **options)
    return grouped(index_sets.picked(sets, rows), rows.shape, -1, [result])


def _matrices(call: Application) -> list[Dependence] | None:
    """Results of each matrix of a stack depend on its entries."""
    sets, shape = call.only(0), call.shape(0)
    return None if sets is None or len(shape) < 2 else _of_stacks(sets, shape, 2, call.results)


def _of_stacks(sets: Dependence, shape: tuple[int, ...], core: int, results: list[Any]) -> list[Dependence] | None:
    """Return the sets of results for each array of a stack, whose own axes are the last `core`."""
    batch = shape[: len(shape) - core]
    count = int(np.prod(batch))
    groups = np.arange(count).reshape(batch)
    each = groups.reshape(batch + (1,) * core)
    of_groups = index_sets.gathered(sets, np.broadcast_to(each, shape), count)
    found = []
    for result in results:
        places = groups.reshape(batch + (1,) * (np.ndim(result) - len(batch)))
        found.append(index_sets.picked(of_groups, np.broadcast_to(places, np.shape(result))))
    return found


def _diff(call: Application) -> list[Dependence] | None:
    """An n-th difference depends on n + 1 entries in a row."""
    options, sets, (result,) = call.options(), call.only(0), call.results
    if sets is None or not {"n", "axis"}.issuperset(options):
        return None
    numbers = np.moveaxis(np.arange(sets.shape[0]).reshape(call.shape(0)), options.get("axis", -1), 0)
    length = len(numbers) - operator.index(options.get("n", 1))
    if length <= 0:
        return [index_sets.nothing(int(np.size(result)), sets.shape[1])]
    windows = [numbers[k : k + length] for k in range(len(numbers) - length + 1)]
    windows = [np.moveaxis(window, 0, options.get("axis", -1)) for window in windows]
    return [index_sets.united([index_sets.picked(sets, window) for window in windows])]


def _gradient(call: Application) -> list[Dependence] | None:
    """Differences of neighbours; at the ends, with ``edge_order=2``, of three entries."""
    sets, shape = call.only(0), call.shape(0)
    if sets is None:
        return None
    axis = call.options().get("axis")
    axes = range(len(shape)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    numbers = np.arange(sets.shape[0]).reshape(shape)
    found = []
    for one in axes:
        length = shape[one]
        here = np.arange(length)
        edge = np.clip(here, 1, length - 2) if length > 2 else here
        steps = [np.clip(edge + step, 0, length - 1) for step in (-1, 0, 1)]
        found.append(index_sets.united([index_sets.picked(sets, numbers.take(step, one)) for step in steps]))
    return found


def _newer(*names: str) -> list[Any]:
    """Return functions that NumPy 2.0 does not have yet, as far as they are there."""
    return [getattr(np, name) for name in names if hasattr(np, name)]


_REDUCTIONS = (
    np.sum, np.prod, np.max, np.min, np.mean, np.var, np.std, np.ptp, np.median, np.average,
    np.nansum, np.nanprod, np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanstd, np.nanmedian,
    np.quantile, np.percentile, np.nanquantile, np.nanpercentile,
    np.linalg.norm, np.linalg.vector_norm, shortcuts.total,
    np.cumsum, np.cumprod, np.nancumsum, np.nancumprod, *_newer("cumulative_sum", "cumulative_prod"),
)  # fmt: skip
_LAST = (
    np.sort, np.partition, np.unwrap, np.trapezoid,
    np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft,
)  # fmt: skip
_LAST_TWO = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2)
_TRANSFORMS = (np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
_MATRICES = (
    np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh,
    np.linalg.eig, np.linalg.eigvals, np.linalg.svd, np.linalg.svdvals, np.linalg.qr, np.linalg.pinv,
    np.linalg.matrix_power, np.linalg.cond, cofactors,
)  # fmt: skip
_MOVING = (
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.rollaxis, np.matrix_transpose,
    np.linalg.matrix_transpose, np.expand_dims, np.squeeze, np.broadcast_to, np.flip, np.fliplr, np.flipud, np.rot90,
    np.roll, np.tile, np.repeat, np.resize, np.delete, np.take, np.take_along_axis, np.diag, np.diagflat, np.diagonal,
    np.linalg.diagonal, np.tril, np.triu, np.concatenate, np.stack, np.hstack, np.vstack, np.dstack, np.column_stack,
    np.block, np.split, np.array_split, np.hsplit, np.vsplit, np.dsplit, *_newer("unstack"), np.fft.fftshift,
    np.fft.ifftshift, operator.getitem, shortcuts.reshape, shortcuts.transpose, from_entries,
    np.lib.stride_tricks.sliding_window_view,
)  # fmt: skip
_ENTRYWISE = (
    np.clip, np.nan_to_num, np.sign, np.angle, np.real, np.imag, np.conjugate, np.copy, np.astype, np.real_if_close,
    np.select, np.choose, np.full_like, np.where, np.frexp, np.modf, np.divmod, shortcuts.convert, shortcuts.as_kind,
)  # fmt: skip
_EVALUATIONS = (
    np.polynomial.polynomial.polyval, np.polynomial.chebyshev.chebval, np.polynomial.legendre.legval,
    np.polynomial.hermite.hermval, np.polynomial.hermite_e.hermeval, np.polynomial.laguerre.lagval, np.interp,
)  # fmt: skip

#: Function -> its kind.
KINDS: dict[Any, Kind] = {
    **dict.fromkeys(_REDUCTIONS, along()),
    **dict.fromkeys(_LAST, along(-1)),
    **dict.fromkeys(_LAST_TWO, along((-2, -1), "axes")),
    **dict.fromkeys(_TRANSFORMS, along(None, "axes")),
    np.linalg.matrix_norm: along((-2, -1), "axes"),
    np.trace: _diagonal_sum,
    np.linalg.trace: _diagonal_sum,
    np.diff: _diff,
    np.gradient: _gradient,
    **dict.fromkeys(_MATRICES, _matrices),

    **dict.fromkeys(_MOVING, moving(0)),
    np.insert: moving(0, 2),
    np.append: moving(0, 1),
    np.compress: moving(1),
    np.extract: moving(1),
    **dict.fromkeys((np.atleast_1d, np.atleast_2d, np.atleast_3d, np.broadcast_arrays, np.meshgrid, np.ix_), moving()),
    np.pad: _pad,
    assigned: _assigned,
    scattered: _scatter,
    np.bincount: _bincount,

    **dict.fromkeys(_ENTRYWISE, entrywise),
    **dict.fromkeys(_EVALUATIONS, entrywise_in(0)),
    np.polyval: entrywise_in(1),

    **products.KINDS,
}  # fmt: skip
KINDS = {primitive_of(fun).fun: kind for fun, kind in KINDS.items()}  # primitives are known by the plain function
