"""NumPy's functions that write into an array they are given, for arrays that can be assigned to.

Each is an assignment of what the function of NumPy would have written. Into a plain array no traced value can be
written, as NumPy's memory has no room for it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy

from autodiff.errors import LostDerivativeError, UnsupportedArgumentError
from autodiff.extend import Box, flatten, frozen, unbox, vspace
from autodiff_numpy.array_making import as_operand
from autodiff_numpy.assigning import spread
from autodiff_numpy.coercion import repack
from autodiff_numpy.scatter import picks_once, scatter

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def refuse_plain(function: str) -> LostDerivativeError:
    """Return the error for a plain array into which a traced value was to be written."""
    return LostDerivativeError(
        f"{function} was to write a traced value into a plain array, and the derivative would be lost. Make the array "
        "by `autodiff_numpy.zeros` (or `empty`, `array`, `copy` …) inside of the differentiated function: what is made "
        "there can be written into. Or use the result, as in `a = a + x`. (numpy.full_like, numpy.nan_to_num and "
        "numpy.unwrap call numpy.copyto for this, when nothing but `fill_value`, `nan` or `period` is traced.)"
    )


def _in_order(a: Any, positions: Any) -> Any:
    """Return the index of entries that are counted in C order."""
    return np.unravel_index(positions, a.shape)


def _repeated(values: Any, count: int) -> Any:
    """Repeat values, or cut them off, to so many."""
    return np.resize(np.ravel(values), count)


def _put(a: Any, ind: Any, v: Any, mode: str = "raise") -> None:
    positions = np.asarray(ind, dtype=np.intp).ravel()
    if np.size(v) == 0 or positions.size == 0:
        return
    if mode == "raise":
        positions = np.arange(a.size)[positions]
    positions = np.clip(positions, 0, a.size - 1) if mode == "clip" else positions % a.size
    a[_in_order(a, positions)] = _repeated(v, positions.size)


def _place(arr: Any, mask: Any, vals: Any) -> None:
    positions = np.flatnonzero(_of_size(mask, arr))
    if positions.size and np.size(vals) == 0:
        raise ValueError("Cannot insert from an empty array!")
    arr[_in_order(arr, positions)] = _repeated(vals, positions.size)


def _putmask(a: Any, mask: Any, values: Any) -> None:
    positions = np.flatnonzero(_of_size(mask, a))
    if np.size(values):
        a[_in_order(a, positions)] = np.ravel(values)[positions % np.size(values)]


def _of_size(mask: Any, a: Any) -> Any:
    mask = np.asarray(unbox(mask), dtype=bool)
    if mask.size != a.size:
        raise ValueError(f"the mask has {mask.size} entries, but the array has {a.size}")
    return mask


def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    if type(src) in (bool, int, float, complex, list, tuple):
        src = np.asarray(src)
    src = np.broadcast_to(src, dst.shape)
    if where is True:
        dst.overwrite(src, casting)
    else:
        mask = np.broadcast_to(where, dst.shape)
        dst[mask] = src[mask]


def _fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    end = None
    if a.ndim == 2:
        step = a.shape[1] + 1
        end = None if wrap else a.shape[1] * a.shape[1]
    elif len(set(a.shape)) == 1:
        step = 1 + int(np.cumprod(a.shape[:-1]).sum())
    else:
        raise ValueError("All dimensions of input must be of equal length")
    positions = np.arange(a.size)[:end:step]
    a[_in_order(a, positions)] = _repeated(val, positions.size)


def _put_along_axis(arr: Any, indices: Any, values: Any, axis: int | None) -> None:
    indices = np.asarray(indices)
    if axis is None:
        arr[_in_order(arr, np.arange(arr.size)[indices])] = values
        return
    index = list(np.ix_(*map(np.arange, arr.shape)))
    index[axis] = indices
    arr[tuple(index)] = values


def _nan_to_num(x: Any, copy: bool = True, *options: Any, **named: Any) -> Any:
    return x.overwrite(np.nan_to_num(x, True, *options, **named))


WRITERS: dict[Any, Callable[..., Any]] = {
    np.put: _put, np.place: _place, np.putmask: _putmask, np.copyto: _copyto, np.fill_diagonal: _fill_diagonal,
    np.put_along_axis: _put_along_axis, np.nan_to_num: _nan_to_num,
}  # fmt: skip


def write_by(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply a function that writes into its first argument, where some arguments are traced or live."""
    writer = WRITERS[fun]
    if not args:
        name = next(iter(inspect.signature(writer).parameters))
        args, kwargs = (kwargs[name],), {key: value for key, value in kwargs.items() if key != name}
    first, *rest = args
    if isinstance(first, Box):
        return writer(live_of(first), *map(repack, rest), **kwargs)
    rest, kwargs = _plain(f"numpy.{fun.__name__}", (rest, kwargs))
    return fun(first, *rest, **kwargs)


def live_of(box: Any) -> Any:
    """Return a traced array as one that can be assigned to."""
    return box.revive()


def _plain(function: str, values: Any) -> Any:
    """Return `values` with the plain arrays of live ones; refuse if something in it is traced, as `function` writes."""
    values = frozen(values)
    if any(isinstance(leaf, Box) for leaf in flatten(values)[0]):
        raise refuse_plain(function)
    return values


# Results, by `out=`


def into_out(
    fun: Callable[..., Any], name: str, args: Any, kwargs: dict[str, Any], *, elementwise: bool = False
) -> Any:
    """Apply a function, or a method of a ufunc, with ``out=``, which is an array or a tuple of them.

    Results of elementwise functions are broadcast to it.
    """
    out = kwargs.pop("out")
    outs = out if isinstance(out, tuple) else (out,)
    if not any(isinstance(part, Box) for part in outs):
        args, kwargs = _plain(f"{name} (by `out=`, or by an operation in place such as `a += x`)", (args, kwargs))
        return fun(*args, out=out, **kwargs)
    casting = kwargs.pop("casting", "same_kind")
    results = fun(*args, **kwargs)
    results = results if len(outs) > 1 else (results,)
    if elementwise and len(outs) > 1:  # those without a target have the shape of the targets, too
        shape = np.broadcast_shapes(*(target.shape for target in outs if target is not None))
        results = tuple(
            result if np.shape(result) == shape else np.copy(np.broadcast_to(result, shape)) for result in results
        )
    for target, result in zip(outs, results, strict=True):
        if target is not None:
            if not elementwise and np.shape(result) != target.shape:
                raise ValueError(f"{name} has a result of shape {np.shape(result)}, but `out` has {target.shape}")
            _write_result(name, target, result, casting)
    return (
        outs[0]
        if len(outs) == 1
        else tuple(result if target is None else target for target, result in zip(outs, results, strict=True))
    )


def _write_result(name: str, target: Any, result: Any, casting: Any) -> None:
    if isinstance(target, Box):
        live_of(target).overwrite(result, casting)
    else:
        np.copyto(target, _plain(f"{name} (by `out=`)", result), casting=casting)


def ufunc_into_out(ufunc: Any, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply a ufunc with ``out=``; with ``where=`` only there, so that what is left out has no part in derivatives."""
    name = f"numpy.{ufunc.__name__}"
    (out, *others) = kwargs["out"]
    where = kwargs.get("where", True)
    if where is not True and others:
        raise UnsupportedArgumentError(
            f"{name} has several results, and cannot write traced values (by `out=`) where a mask says so (`where=`). "
            "Call it without `where=`, and choose by `numpy.where`."
        )
    if where is True or method != "__call__" or not isinstance(out, Box):
        return into_out(getattr(ufunc, method), name, inputs, kwargs, elementwise=method == "__call__")
    casting = kwargs.pop("casting", "same_kind")
    options = {key: value for key, value in kwargs.items() if key not in ("out", "where")}
    target = live_of(out)
    mask = np.broadcast_to(unbox(where), target.shape)
    result = ufunc(*(np.broadcast_to(x, target.shape)[mask] for x in map(as_operand, inputs)), **options)
    check_cast(result.dtype, target.dtype, casting)
    target[mask] = result
    return target


def check_cast(source: Any, target: Any, casting: Any) -> None:
    """Raise as NumPy does if entries of one type must not be written into an array of another."""
    if not np.can_cast(source, target, casting):
        raise TypeError(f"Cannot cast output from {source!r} to {target!r} with casting rule {casting!r}")


# ufunc.at


def apply_at(ufunc: Any, target: Any, index: Any, *operands: Any) -> None:
    """Apply a ufunc to the entries at an index, once more for each time that an entry is picked."""
    if not isinstance(target, Box):
        index, operands = _plain(f"numpy.{ufunc.__name__}.at", (index, operands))
        ufunc.at(target, index, *operands)
        return
    target, index = live_of(target), repack(index)
    if picks_once(index):
        target[index] = ufunc(target[index], *operands)
        return
    positions = np.arange(target.size).reshape(target.shape)[index]
    operands = tuple(spread(as_operand(operand), positions.shape) for operand in operands)
    if ufunc in (np.add, np.subtract):
        target.overwrite(ufunc(target, scatter(operands[0], vspace(target), index)))
        return
    turns = _occurrences(positions)
    for turn in range(turns.max(initial=-1) + 1):
        chosen = turns == turn
        place = _in_order(target, positions[chosen])
        target[place] = ufunc(target[place], *(operand[chosen] for operand in operands))


def _occurrences(positions: Any) -> Any:
    """Return for each position how often it has occurred before."""
    flat = positions.ravel()
    order = np.argsort(flat, kind="stable")
    runs = np.searchsorted(flat[order], flat[order])  # where the run of each equal position begins
    counts = np.empty(flat.size, np.intp)
    counts[order] = np.arange(flat.size) - runs
    return counts.reshape(positions.shape)
