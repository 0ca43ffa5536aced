"""How functions of NumPy are applied to stacks of examples, for `vmap`.

A stack has the examples along its first axis. What works entry by entry needs its operands aligned, so that other axes
broadcast as they do in each example. What works along axes needs the axes counted from one. The table at the end says
which function is of which kind; all others are applied to one example after the other, which is right for all of them.
"""

from __future__ import annotations

import operator
import string
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from autodiff.batching import Same
from autodiff.elementwise import Elementwise
from autodiff.extend import Primitive, flatten, primitive_of
from autodiff_numpy import shortcuts
from autodiff_numpy.array_making import from_entries
from autodiff_numpy.assigning import assigned
from autodiff_numpy.rules.linalg import cofactors
from autodiff_numpy.rules.products import _contracted
from autodiff_numpy.scatter import scatter
from autodiff_numpy.vspace import ArraySpace

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


class Stacked(NamedTuple):
    """A call with stacks among its arguments."""

    primitive: Primitive
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    batched: tuple[bool, ...]  # which arguments are stacks, or hold some
    parts: tuple[Any, ...]  # the same, for each leaf of an argument

    @property
    def call(self) -> Callable[..., Any]:
        """The function, in a form that takes traced stacks."""
        return self.primitive.call

    @property
    def size(self) -> int:
        """The number of examples, of a call whose first argument is a stack."""
        return int(self.args[0].shape[0])

    def ndim(self, place: int) -> int:
        """Return the number of axes of an argument in each example."""
        return np.ndim(self.args[place]) - self.batched[place]

    def first_only(self) -> bool:
        """Whether the first argument is a stack, and no other holds one."""
        return self.parts[0] is True and not any(self.batched[1:])

    def named(self) -> dict[str, Any]:
        """Return all arguments but the first by their names."""
        names = [parameter.name for parameter in self.primitive.parameters() or ()]
        return {**dict(zip(names[1:], self.args[1:], strict=False)), **self.kwargs}


BatchingRule = Callable[[Stacked], Any]


def apply_stacked(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], batched: Any) -> Any:
    """Apply a function to stacks; NotImplemented where no batching rule knows how."""
    rule = RULES.get(primitive.fun)
    if rule is None:
        fun = primitive.fun
        if isinstance(primitive.rule, Elementwise) or (isinstance(fun, numpy.ufunc) and fun.signature is None):
            rule = entry_by_entry
        else:
            return NotImplemented
    if kwargs and any(flatten(batched[1])[0]):
        return NotImplemented
    flags = tuple([part if part.__class__ is bool else any(flatten(part)[0]) for part in batched[0]])
    return rule(Stacked(primitive, args, kwargs, flags, batched[0]))


# Entry by entry


def entry_by_entry(s: Stacked) -> Any:
    """Align the operands, so that their axes are broadcast as in each example."""
    if any(name not in ("dtype", "casting") for name in s.kwargs):
        return NotImplemented
    if s.primitive.fun is numpy.where and len(s.args) != 3:  # of a condition alone, it returns indices
        return NotImplemented
    if len(s.args) == 1:
        return s.call(s.args[0], **s.kwargs) if s.parts[0] is True else NotImplemented
    operands = _aligned(s)
    return operands if operands is NotImplemented else s.call(*operands, **s.kwargs)


def _aligned(s: Stacked) -> Any:
    ndims = [s.ndim(place) for place in range(len(s.args))]
    most = max(ndims)
    operands = []
    for arg, batched, part, ndim in zip(s.args, s.batched, s.parts, ndims, strict=True):
        if batched:
            if part is not True:
                return NotImplemented
            arg = _with_axes(arg, most - ndim)
        operands.append(arg)
    return operands


def _with_axes(stack: Any, count: int) -> Any:
    """Insert axes of length 1 behind that of the examples."""
    shape = stack.shape
    return np.reshape(stack, (shape[0], *(1,) * count, *shape[1:])) if count else stack


def as_it_is(s: Stacked) -> Any:
    """Apply what does the same to each entry, or to each of the last axes, of its first argument."""
    return s.call(*s.args, **s.kwargs) if s.first_only() else NotImplemented


def matrices(s: Stacked) -> Any:
    """Apply what takes stacks of matrices anyway."""
    return s.call(*s.args, **s.kwargs) if s.first_only() and s.ndim(0) >= 2 else NotImplemented


def of_one(s: Stacked) -> Any:
    """Ask for what is the same in all examples, as their shape is."""

    def first(value: Any, part: Any) -> Any:
        if part is True:
            return value[0]
        return value

    if any(part is not True and batched for part, batched in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    return Same(s.call(*map(first, s.args, s.parts), **s.kwargs))


# Along axes


def _shifted(axis: Any, ndim: int) -> Any:
    """Return axes of an example as axes of the stack; None where there is no such axis."""
    if isinstance(axis, (tuple, list)):
        axes = [_shifted(one, ndim) for one in axis]
        return None if None in axes else tuple(axes)
    axis = operator.index(axis)
    return axis % ndim + 1 if -ndim <= axis < ndim else None


def along(default: Any, everything: str, *known: str) -> BatchingRule:
    """Make the rule of functions along the argument `axis`, whose default is `default`.

    `everything` says what the axis None means: "all" axes, or the entries in C order, "flat". Other arguments are
    passed on if they are `known`, or None.
    """

    def rule(s: Stacked) -> Any:
        given = s.named()
        if not s.first_only() or any(name != "axis" and name not in known for name in given):
            return NotImplemented
        x, ndim = s.args[0], s.ndim(0)
        axis = given.pop("axis", default)
        if "where" in given and np.ndim(given["where"]) > ndim:
            return NotImplemented
        if "q" in given and np.ndim(given["q"]):
            return NotImplemented
        if axis is not None:
            shifted = _shifted(axis, ndim)
        elif everything == "all":
            shifted = tuple(range(1, ndim + 1))
        elif given.get("keepdims") in (None, False, np._NoValue):
            x, shifted = np.reshape(x, (s.size, -1)), 1
        else:
            shifted = None
        return NotImplemented if shifted is None else s.call(x, axis=shifted, **given)

    return rule


def _norm(s: Stacked) -> Any:
    given = s.named()
    if not s.first_only():
        return NotImplemented
    axis, ndim = given.pop("axis", None), s.ndim(0)
    if axis is not None:
        shifted = _shifted(axis, ndim)
    elif ndim in (1, 2):
        shifted = (1, 2)[:ndim] if ndim == 2 else 1
        if given.get("ord") is None and ndim == 2:
            given["ord"] = "fro"
    else:
        shifted = None
    return NotImplemented if shifted is None else s.call(s.args[0], axis=shifted, **given)


def _diagonals(s: Stacked) -> Any:
    given = s.named()
    axes = _shifted((given.pop("axis1", 0), given.pop("axis2", 1)), s.ndim(0))
    if not s.first_only() or axes is None:
        return NotImplemented
    return s.call(s.args[0], axis1=axes[0], axis2=axes[1], **given)


# Shapes


def _reshape(s: Stacked) -> Any:
    given = s.named()
    if not s.first_only() or not given.keys() <= {"shape", "order"} or given.get("order", "C") != "C":
        return NotImplemented
    shape = given["shape"]
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    return s.call(s.args[0], (s.size, *shape))


def _ravel(s: Stacked) -> Any:
    if not s.first_only() or s.named().get("order", "C") != "C":
        return NotImplemented
    return np.reshape(s.args[0], (s.size, -1))


def _transpose(s: Stacked) -> Any:
    axes, ndim = s.named().get("axes"), s.ndim(0)
    if not s.first_only():
        return NotImplemented
    if isinstance(axes, (int, np.integer)):
        axes = (axes,)
    shifted = tuple(range(ndim, 0, -1)) if axes is None else _shifted(tuple(axes), ndim)
    return NotImplemented if shifted is None else s.call(s.args[0], (0, *shifted))


def _two_axes(s: Stacked) -> Any:
    """Shift the second and third argument."""
    if not s.first_only() or s.kwargs or len(s.args) != 3:
        return NotImplemented
    x, *axes = s.args
    first, second = (_shifted(axis, s.ndim(0)) for axis in axes)
    return NotImplemented if first is None or second is None else s.call(x, first, second)


def _expand_dims(s: Stacked) -> Any:
    axis = s.named()["axis"]
    if not s.first_only():
        return NotImplemented
    shifted = _shifted(axis, s.ndim(0) + (len(axis) if isinstance(axis, (tuple, list)) else 1))
    return NotImplemented if shifted is None else s.call(s.args[0], shifted)


def _squeeze(s: Stacked) -> Any:
    axis = s.named().get("axis")
    if not s.first_only():
        return NotImplemented
    ones = tuple(i for i, length in enumerate(s.args[0].shape) if i and length == 1)
    shifted = ones if axis is None else _shifted(axis, s.ndim(0))
    return NotImplemented if shifted is None else s.call(s.args[0], shifted)


def _broadcast_to(s: Stacked) -> Any:
    if not s.first_only() or len(s.args) != 2:
        return NotImplemented
    x, shape = s.args
    shape = tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)
    missing = len(shape) - s.ndim(0)
    return NotImplemented if missing < 0 else s.call(_with_axes(x, missing), (s.size, *shape))


# Joining


def _rows(s: Stacked) -> list[Any] | None:
    """Return the operands of a function of a list of arrays, all stacked; None where there is no such list."""
    arrays, parts = s.args[0], s.parts[0]
    if not isinstance(arrays, (tuple, list)) or any(s.batched[1:]):
        return None
    pairs = list(zip(arrays, parts, strict=True))
    if any(part.__class__ is not bool for _, part in pairs):
        return None
    size = next(array.shape[0] for array, part in pairs if part)
    return [array if part else np.broadcast_to(array, (size, *np.shape(array))) for array, part in pairs]


def _concatenate(s: Stacked) -> Any:
    rows, given = _rows(s), s.named()
    axis = given.pop("axis", 0)
    shifted = None if rows is None or axis is None else _shifted(axis, np.ndim(rows[0]) - 1)
    return NotImplemented if shifted is None else s.call(rows, shifted, **given)


def _stack(s: Stacked) -> Any:
    rows, given = _rows(s), s.named()
    shifted = None if rows is None else _shifted(given.pop("axis", 0), np.ndim(rows[0]))
    return NotImplemented if shifted is None else s.call(rows, shifted, **given)


def _from_entries(s: Stacked) -> Any:
    rows = _rows(s)
    if rows is None or s.named().get("dtype") is not None:
        return NotImplemented
    return primitive_of(numpy.stack).call(rows, 1) if len({np.shape(row) for row in rows}) == 1 else NotImplemented


def _hstack(s: Stacked) -> Any:
    rows = _rows(s)
    if rows is None or s.named() or np.ndim(rows[0]) < 2:
        return NotImplemented
    return primitive_of(numpy.concatenate).call(rows, 1 if np.ndim(rows[0]) == 2 else 2)


# Indexing


def _stacked_index(index: Any) -> Any:
    """Return the index that takes the same from each example; None where the axes would come in another order."""
    parts = index if type(index) is tuple else (index,)
    arrays = [not _is_basic(part) for part in parts]
    if any(isinstance(part, (bool, np.bool_)) for part in parts):
        return None
    if any(arrays):
        advanced = [place for place, part in enumerate(parts) if arrays[place] or _is_integer(part)]
        if advanced != list(range(advanced[0], advanced[-1] + 1)):
            return None
    return (slice(None), *parts)


def _is_integer(part: Any) -> bool:
    return isinstance(part, (int, np.integer))


def _is_basic(part: Any) -> bool:
    return part is None or part is Ellipsis or isinstance(part, slice) or _is_integer(part)


def _getitem(s: Stacked) -> Any:
    index = _stacked_index(s.args[1]) if s.first_only() else None
    return NotImplemented if index is None else s.call(s.args[0], index)


def _scatter(s: Stacked) -> Any:
    g, space, index = s.args
    index = _stacked_index(index) if s.first_only() and type(space) is ArraySpace else None
    if index is None:
        return NotImplemented
    return s.call(g, ArraySpace((s.size, *space.shape), space.dtype, np.ndarray), index)


def _assigned(s: Stacked) -> Any:
    """Assign to all examples; never in place, as the array may be one that all examples share."""
    array, value, index, _ = s.args
    if s.batched[2]:
        return _assigned_one_by_one(s)
    parts = index if type(index) is tuple else (index,)
    stacked = _stacked_index(index) if all(map(_is_basic, parts)) else None
    if stacked is None:
        return _assigned_one_by_one(s)
    size = len(array) if s.batched[0] else len(value)
    if not s.batched[0]:
        array = np.broadcast_to(array, (size, *np.shape(array)))
    if s.batched[1]:
        missing = np.ndim(np.empty(np.shape(array))[stacked]) - np.ndim(value)
        if missing < 0:
            return _assigned_one_by_one(s)
        value = _with_axes(value, missing)
    return s.call(array, value, stacked, False)


def _assigned_one_by_one(s: Stacked) -> Any:
    size = next(len(arg) for arg, part in zip(s.args, s.parts, strict=True) if part is True)
    if s.batched[2]:
        return NotImplemented
    pairs = [
        [arg[i] if part is True else arg for arg, part in zip(s.args[:2], s.parts[:2], strict=True)]
        for i in range(size)
    ]
    return primitive_of(numpy.stack).call([s.call(*pair, s.args[2], False) for pair in pairs])


def _take(s: Stacked) -> Any:
    given = s.named()
    axis, ndim = given.pop("axis", None), s.ndim(0)
    if axis is None and ndim == 1:
        axis = 0
    shifted = None if not s.first_only() or axis is None else _shifted(axis, ndim)
    return NotImplemented if shifted is None else s.call(s.args[0], given.pop("indices"), shifted, **given)


def _take_along_axis(s: Stacked) -> Any:
    given = s.named()
    if s.batched[:2] != (True, True) or s.ndim(0) != s.ndim(1) or given.get("axis") is None:
        return NotImplemented
    shifted = _shifted(given["axis"], s.ndim(0))
    return NotImplemented if shifted is None else s.call(s.args[0], s.args[1], shifted)


# Products


def _matmul(s: Stacked) -> Any:
    if s.kwargs or any(part is not True and batched for part, batched in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    a, b = s.args
    a_ndim, b_ndim = s.ndim(0), s.ndim(1)
    if not a_ndim or not b_ndim:
        return NotImplemented
    if not s.batched[1] and (b_ndim <= 2 and (a_ndim > 1 or b_ndim <= 2)):
        return np.matmul(a, b) if a_ndim == 1 or b_ndim == 1 else _folded(a, b)
    if not s.batched[0] and b_ndim == 1 and a_ndim <= 2:
        return np.matmul(b, a.T if hasattr(a, "T") else np.transpose(a))
    if a_ndim == 1:
        a = a[..., None, :] if s.batched[0] else np.asarray(a)[None, :] if isinstance(a, list) else a[None, :]
    if b_ndim == 1:
        b = b[..., :, None]
    most = max(a_ndim, b_ndim, 2)
    a = _with_axes(a, most - max(a_ndim, 2)) if s.batched[0] else a
    b = _with_axes(b, most - max(b_ndim, 2)) if s.batched[1] else b
    product = np.matmul(a, b)
    if b_ndim == 1:
        product = product[..., 0]
    return (product[..., 0] if b_ndim == 1 else product[..., 0, :]) if a_ndim == 1 else product


def _folded(a: Any, b: Any) -> Any:
    """Multiply stacks of matrices with one matrix: that is one larger product."""
    shape = a.shape
    rows = np.matmul(np.reshape(a, (int(np.prod(shape[:-1])), shape[-1])), b)
    return np.reshape(rows, (*shape[:-1], rows.shape[-1]))


def _dot(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if 0 in ndims:
        return entry_by_entry(s._replace(primitive=primitive_of(numpy.multiply)))
    return _matmul(s) if max(ndims) <= 2 else NotImplemented


def _inner(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if 0 in ndims:
        return entry_by_entry(s._replace(primitive=primitive_of(numpy.multiply)))
    return _matmul(s) if ndims == (1, 1) else NotImplemented


def _outer(s: Stacked) -> Any:
    if s.kwargs or len(s.args) != 2 or any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    left, right = (
        np.reshape(arg, (len(arg), -1) if batched else (1, -1)) for arg, batched in zip(s.args, s.batched, strict=True)
    )
    return left[:, :, None] * right[:, None, :]


def _tensordot(s: Stacked) -> Any:
    if any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    letters = iter(string.ascii_letters)
    batch = next(letters)
    examples = [np.empty(np.shape(arg)[batched:]) for arg, batched in zip(s.args[:2], s.batched, strict=False)]
    left, right = _contracted(*examples, s.named().get("axes", 2) if len(s.args) < 3 else s.args[2])
    if examples[0].ndim + examples[1].ndim > 50:
        return NotImplemented
    a = [next(letters) for _ in range(examples[0].ndim)]
    b = [next(letters) for _ in range(examples[1].ndim)]
    for i, j in zip(left, right, strict=True):
        if examples[0].shape[i] != examples[1].shape[j]:
            return NotImplemented
        b[j] = a[i]
    free = [x for i, x in enumerate(a) if i not in left] + [x for j, x in enumerate(b) if j not in right]
    inputs = ["".join([batch] * flag + names) for flag, names in zip(s.batched, (a, b), strict=False)]
    return np.einsum(f"{','.join(inputs)}->{batch}{''.join(free)}", *s.args[:2], optimize=True)


def _einsum(s: Stacked) -> Any:
    subscripts = s.args[0]
    if not isinstance(subscripts, str) or any(p is not True and b for p, b in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    left, arrow, right = subscripts.replace(" ", "").partition("->")
    if not arrow:
        if "..." in left:
            return NotImplemented
        right = "".join(sorted(x for x in {*left} - {","} if left.count(x) == 1))
    batch = next((x for x in string.ascii_letters if x not in subscripts), None)
    if batch is None:
        return NotImplemented
    inputs = [batch * flag + names for flag, names in zip(s.batched[1:], left.split(","), strict=True)]
    return s.call(f"{','.join(inputs)}->{batch}{right}", *s.args[1:], **s.kwargs)


def _solve(s: Stacked) -> Any:
    ndims = s.ndim(0), s.ndim(1)
    if s.kwargs or ndims not in ((2, 1), (2, 2)) or s.parts[0] not in (True, False):
        return NotImplemented
    a, b = s.args
    if ndims == (2, 2):
        return s.call(a, b)
    if not s.batched[1]:
        b = np.asarray(b) if isinstance(b, list) else b
        return s.call(a, b[:, None])[..., 0]
    if not s.batched[0]:
        return np.transpose(s.call(a, np.transpose(b)))
    return s.call(a, b[..., None])[..., 0]


_REDUCED = along(None, "all", "keepdims", "where", "initial", "dtype", "ddof")
_FLATTENED = along(None, "flat", "dtype")
_SORTED = along(-1, "flat", "kind", "stable", "kth")
_TRANSFORMED = along(-1, "none", "n", "norm")

#: Function -> its batching rule. Functions with an elementwise rule, and ufuncs, need none.
RULES: dict[Any, BatchingRule] = {
    **dict.fromkeys((operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne), entry_by_entry),
    **dict.fromkeys((operator.floordiv, numpy.clip), entry_by_entry),
    **dict.fromkeys((numpy.nan_to_num, numpy.real, numpy.imag, numpy.copy, numpy.angle, numpy.round), as_it_is),
    **dict.fromkeys((shortcuts.convert, numpy.isclose), as_it_is),
    shortcuts.as_kind: lambda s: s.args[0],
    **dict.fromkeys((numpy.tril, numpy.triu, numpy.matrix_transpose, numpy.linalg.matrix_transpose), matrices),
    **dict.fromkeys((numpy.linalg.inv, numpy.linalg.det, numpy.linalg.slogdet, numpy.linalg.cholesky), matrices),
    **dict.fromkeys((numpy.linalg.eigh, numpy.linalg.eigvalsh, numpy.linalg.svdvals), matrices),
    **dict.fromkeys((numpy.linalg.matrix_power, numpy.linalg.svd, numpy.linalg.qr), matrices),
    **dict.fromkeys((numpy.shape, numpy.ndim, numpy.size, numpy.result_type, numpy.iscomplexobj), of_one),
    **dict.fromkeys((numpy.isrealobj, numpy.zeros_like, numpy.ones_like, numpy.empty_like), of_one),

    **dict.fromkeys((numpy.sum, numpy.prod, numpy.max, numpy.min, numpy.mean, numpy.var, numpy.std), _REDUCED),
    **dict.fromkeys((numpy.amax, numpy.amin, numpy.nansum, numpy.nanprod, numpy.nanmax, numpy.nanmin), _REDUCED),
    **dict.fromkeys((numpy.nanmean, numpy.nanvar, numpy.nanstd, numpy.any, numpy.all), _REDUCED),
    **dict.fromkeys((numpy.ptp, numpy.median, numpy.nanmedian, numpy.count_nonzero), _REDUCED),
    **dict.fromkeys((numpy.quantile, numpy.percentile), along(None, "all", "q", "method", "keepdims")),
    shortcuts.total: along(None, "all"),
    numpy.flip: along(None, "all"),
    numpy.linalg.norm: _norm,
    primitive_of(cofactors).fun: matrices,
    **dict.fromkeys((numpy.cumsum, numpy.cumprod, numpy.nancumsum, numpy.nancumprod), _FLATTENED),
    **dict.fromkeys((numpy.argmax, numpy.argmin), along(None, "flat", "keepdims")),
    **dict.fromkeys((numpy.sort, numpy.argsort, numpy.partition, numpy.argpartition), _SORTED),
    **dict.fromkeys((numpy.fft.fft, numpy.fft.ifft, numpy.fft.rfft, numpy.fft.irfft), _TRANSFORMED),
    numpy.diff: along(-1, "none", "n"),
    **dict.fromkeys((numpy.diagonal, numpy.trace), _diagonals),

    **dict.fromkeys((numpy.reshape, shortcuts.reshape), _reshape),
    numpy.ravel: _ravel,
    **dict.fromkeys((numpy.transpose, shortcuts.transpose), _transpose),
    **dict.fromkeys((numpy.swapaxes, numpy.moveaxis), _two_axes),
    numpy.expand_dims: _expand_dims,
    numpy.squeeze: _squeeze,
    numpy.broadcast_to: _broadcast_to,

    numpy.concatenate: _concatenate,
    numpy.stack: _stack,
    numpy.hstack: _hstack,
    primitive_of(from_entries).fun: _from_entries,

    operator.getitem: _getitem,
    primitive_of(scatter).fun: _scatter,
    primitive_of(assigned).fun: _assigned,
    numpy.take: _take,
    numpy.take_along_axis: _take_along_axis,

    numpy.matmul: _matmul,
    numpy.dot: _dot,
    numpy.inner: _inner,
    numpy.outer: _outer,
    numpy.tensordot: _tensordot,
    numpy.einsum: _einsum,
    numpy.linalg.solve: _solve,
}  # fmt: skip
