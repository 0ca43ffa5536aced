"""How arrays are stacked for `vmap`, and the box of an array that is different in each example of a batch."""

from __future__ import annotations

import sys
from typing import Any, ClassVar, NoReturn

import numpy

from autodiff.extend import (
    BatchBox,
    Batching,
    Box,
    ManyValues,
    Primitive,
    VSpace,
    kind_of,
    one_plain_value,
    primitive_of,
)
from autodiff_numpy.batching_rules import apply_stacked
from autodiff_numpy.box import ArrayBox
from autodiff_numpy.few_directions import FEWEST, FewDirections, dense, unit_directions
from autodiff_numpy.operators import GETITEM, MATMUL
from autodiff_numpy.rules.products import MATMUL_RULE
from autodiff_numpy.scatter import SCATTERED
from autodiff_numpy.shortcuts import TOTAL
from autodiff_numpy.vspace import INTEGER, ArraySpace, space_of_arrays

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols

# The types of operands that are arrays and nothing else.
_ARRAYS = frozenset({numpy.ndarray, numpy.float64, numpy.float32, numpy.complex128})

# The types of indices that pick no entry twice, and whose results are views.
_BASIC = frozenset({int, slice, type(None), type(Ellipsis), *INTEGER}) - {numpy.bool_}

_STACK, _CONCATENATE = primitive_of(numpy.stack), primitive_of(numpy.concatenate)


def _refusing(name: str, what: str) -> Any:
    """Make a method that refuses to give one plain value for many examples."""

    def method(self: Any, *_: Any, **__: Any) -> NoReturn:
        raise one_plain_value(what, sys._getframe(1))

    method.__name__ = name
    return method


def _combining(ufunc: Any) -> Any:
    """Make the two methods of an operator between masks."""
    return (lambda a, b: ufunc(a, b)), (lambda b, a: ufunc(a, b))  # noqa: PLW0108  # a ufunc would be no method


class BatchedArrayBox(BatchBox, ArrayBox):
    """An array of one example, of which the node holds those of all examples, stacked."""

    __slots__ = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes, without that of the examples."""
        return self.node.shape[1:]  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """Number of axes, without that of the examples."""
        return self.node.ndim - 1  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """Number of entries in one example."""
        return self.node.size // len(self.node)  # type: ignore[no-any-return]

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """Type of the entries."""
        return self.node.dtype  # type: ignore[no-any-return]

    def same_space(self, other: Any) -> bool:
        """Whether shape and type are the same."""
        return self.owner is other.owner and self.node.shape == other.node.shape and self.dtype == other.dtype

    def revive(self) -> NoReturn:
        """Leave assignment to the examples, one by one."""
        raise ManyValues

    __bool__ = _refusing("__bool__", "bool(), as `if` and `while` call it")
    __float__, __int__ = _refusing("__float__", "float()"), _refusing("__int__", "int()")
    __complex__, __index__ = _refusing("__complex__", "complex()"), _refusing("__index__", "an index or a count")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        """Leave what makes plain arrays to the examples, one by one."""
        raise ManyValues

    # Masks, the results of comparisons, are different in each example, too.
    __and__, __rand__ = _combining(numpy.bitwise_and)
    __or__, __ror__ = _combining(numpy.bitwise_or)
    __xor__, __rxor__ = _combining(numpy.bitwise_xor)

    def __invert__(self) -> Any:
        return np.invert(self)

    item, tolist = _refusing("item", "`.item()`"), _refusing("tolist", "`.tolist()`")


def _matrix_product(left: Any, right: Any, left_stacked: bool, right_stacked: bool) -> Any:
    """Multiply a matrix that all examples share with a stack of vectors."""
    if right_stacked and not left_stacked and type(left) is numpy.ndarray and left.ndim == right.ndim == 2:
        return right @ left.T
    if left_stacked and not right_stacked and type(right) is numpy.ndarray and left.ndim == right.ndim == 2:
        return left @ right
    return NotImplemented


def _entries(stack: Any, index: Any) -> Any:
    """Take the same entries, by numbers and slices, of each example."""
    kind = type(index)
    if kind is not slice and kind is not int and (kind is not tuple or not _BASIC.issuperset(map(type, index))):
        return NotImplemented
    if type(stack) is FewDirections:
        return stack.entries(index)
    return stack[:, *index] if kind is tuple else stack[:, index]


def _scattered(stack: Any, target: Any) -> Any:
    """Put the entries of each example into zeros."""
    if type(target.space) is not ArraySpace or type(target.index) is not slice:
        return NotImplemented
    if type(stack) is FewDirections:
        return stack.scattered(target.space.shape, target.index)
    if type(stack) is not numpy.ndarray:
        return NotImplemented
    filled = numpy.zeros((len(stack), *target.space.shape), target.space.dtype)
    filled[:, target.index] = stack
    return filled


def _total(stack: Any, axis: Any) -> Any:
    """Sum over all axes, or one, of each example."""
    if type(stack) is FewDirections and axis is None:
        return stack.total()
    if type(stack) is not numpy.ndarray or stack.ndim == 1 or type(axis) not in (int, type(None)):
        return NotImplemented
    if axis is None:
        return numpy.add.reduce(stack.reshape(len(stack), -1), 1)
    return numpy.add.reduce(stack, axis + 1) if 0 <= axis < stack.ndim - 1 else NotImplemented


def _pull_matmul_left(stack: Any, residuals: Any) -> Any:
    """Transpose ``a -> a @ b`` for a matrix `b`, and a vector or matrix `a`."""
    space, b = residuals
    if type(b) is not numpy.ndarray or b.ndim != 2 or len(space.shape) != stack.ndim - 1:
        return NotImplemented
    return stack @ b.T if stack.dtype == b.dtype == space.dtype and stack.ndim in (2, 3) else NotImplemented


def _pull_matmul_right(stack: Any, residuals: Any) -> Any:
    """Transpose ``b -> a @ b`` for a matrix `a`, and a vector or matrix `b`."""
    a, space = residuals
    if type(a) is not numpy.ndarray or a.ndim != 2 or len(space.shape) != stack.ndim - 1:
        return NotImplemented
    if not stack.dtype == a.dtype == space.dtype or stack.ndim not in (2, 3):
        return NotImplemented
    return stack @ a if stack.ndim == 2 else a.T @ stack


class ArrayBatching(Batching):
    """Stacks of arrays are arrays with one axis more, which is the first."""

    box = BatchedArrayBox
    box_of_boxes = ArrayBox
    products: ClassVar = {MATMUL: _matrix_product}
    unary: ClassVar = {primitive_of(numpy.sum): lambda stack: _total(stack, None)}
    pulls: ClassVar = {MATMUL_RULE.pulls[0,]: _pull_matmul_left, MATMUL_RULE.pulls[1,]: _pull_matmul_right}
    linear: ClassVar = {GETITEM: _entries, SCATTERED: _scattered, TOTAL: _total}

    def space(self, box: Any) -> VSpace:
        """Return the space of arrays of the shape of one example."""
        return space_of_arrays(box.shape, box.dtype)

    def axes(self, value: Any) -> int | None:
        """Return the number of axes; None for what is no array of numbers."""
        kind = kind_of(value)
        if issubclass(kind, (int, float, complex)):
            return 0
        if not issubclass(kind, Box) and not hasattr(kind, "dtype"):
            return None
        return None if value.dtype.kind not in "fciub" else len(value.shape)

    def length(self, value: Any, axis: int) -> int:
        """Return the length of an axis."""
        return int(value.shape[axis])

    def move(self, value: Any, source: int, destination: int) -> Any:
        """Return the array with an axis in another place."""
        return value if source == destination else np.moveaxis(value, source, destination)

    def take(self, stacked: Any, i: int) -> Any:
        """Return one example."""
        return GETITEM.call(stacked, i) if isinstance(stacked, Box) else stacked[i, ...]  # an array, also without axes

    def stack(self, values: list[Any]) -> Any:
        """Return the array of the values, if all are arrays of numbers of one shape."""
        if any(self.axes(value) is None for value in values) or len({np.shape(value) for value in values}) != 1:
            return None
        return _STACK.call(values)

    def own(self, value: Any, others: list[Any]) -> Any:
        """Return a copy if the array cannot be written into, or may share memory with one of the others."""
        if isinstance(value, Box):
            return value
        read_only = isinstance(value, numpy.ndarray) and not value.flags.writeable  # such as a broadcast view
        shared = any(np.may_share_memory(value, x) for x in others if not isinstance(x, Box))
        return value.copy() if read_only or shared else value

    def repeat(self, value: Any, size: int) -> Any:
        """Return an array that repeats a value."""
        return np.copy(np.broadcast_to(value, (size, *np.shape(value))))

    def align(self, stack: Any, other: Any) -> bool:
        """Whether two stacks have equally many axes."""
        return stack.ndim == other.ndim  # type: ignore[no-any-return]

    def aligned(self, stack: Any, value: Any) -> bool:
        """Whether a shared value is a number or has no more axes than an example."""
        kind = type(value)
        return kind is float or kind is int or (kind in _ARRAYS and value.ndim < stack.ndim)

    def fits(self, stack: Any, value: Any) -> bool:
        """Whether something has the shape and type of a value, and one axis more in front."""
        if type(value) is type(stack) is numpy.ndarray:  # the commonest, without a call
            return stack.ndim > value.ndim and stack.shape[1:] == value.shape and stack.dtype == value.dtype
        shape = getattr(stack, "shape", ())
        if type(value) in (float, complex):
            return len(shape) == 1 and stack.dtype == type(value)
        return len(shape) > len(value.shape) and shape[1:] == value.shape and stack.dtype == value.dtype

    def basis(self, space: VSpace, start: int, stop: int) -> Any:
        """Return the rows of a unit matrix, each in the shape of the space."""
        if not isinstance(space, ArraySpace):
            return None
        rows = np.zeros((stop - start, space.size), space.dtype)
        rows.reshape(-1)[start :: space.size + 1] = 1  # beyond each row's end, the next one's entry is one further
        return rows.reshape(stop - start, *space.shape)

    def directions(self, space: VSpace, start: int, stop: int) -> Any:
        """Return the basis for forward mode, where its zeros can be spared; see `few_directions.py`."""
        if stop - start < FEWEST or not isinstance(space, ArraySpace):
            return self.basis(space, start, stop)
        return unit_directions(space.shape, space.dtype, start, stop)

    def dense(self, stack: Any) -> Any:
        """Return a stack as an array."""
        return dense(stack)

    def join(self, stacks: list[Any]) -> Any:
        """Return one stack of several."""
        return _CONCATENATE.call(stacks)

    def unfold(self, stacked: Any, shape: tuple[int, ...], *, last: bool) -> Any:
        """Return a stack with several axes in place of the first."""
        if not last:
            return stacked if len(shape) == 1 else np.reshape(stacked, shape + stacked.shape[1:])
        moved = stacked.transpose((*range(1, stacked.ndim), 0))
        return moved if len(shape) == 1 else np.reshape(moved, moved.shape[:-1] + shape)

    def apply(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], batched: Any) -> Any:
        """Apply a function by its batching rule."""
        return apply_stacked(primitive, args, kwargs, batched)
