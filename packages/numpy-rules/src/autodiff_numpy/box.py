"""`ArrayBox`: a traced array or number that takes part in NumPy's protocols, so that plain NumPy code can use it."""

from __future__ import annotations

import operator
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from autodiff.errors import IntegerInputError, PerformanceWarning, UnsupportedArgumentError
from autodiff.extend import (
    BatchBox,
    Box,
    OperatorBox,
    Primitive,
    bind,
    has_box,
    kind_of,
    lost_derivative,
    primitive_of,
    unbox,
)
from autodiff_numpy import operators as known
from autodiff_numpy.array_making import as_operand, packing
from autodiff_numpy.calling import DEFINITIONS
from autodiff_numpy.coercion import overrides, refuse_own_arithmetic, repack
from autodiff_numpy.methods import ArrayMethods
from autodiff_numpy.vspace import INTEGER
from autodiff_numpy.writing import WRITERS, apply_at, into_out, ufunc_into_out, write_by

# What the keywords of ufuncs are when they change nothing.
_UFUNC_DEFAULTS: dict[str, Any] = {
    "where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True, "signature": None, "out": None,
}  # fmt: skip


# The primitives of ufuncs that have been applied.
_UFUNCS: dict[Any, Primitive] = {}

# What needs no look for boxes inside.
_PLAIN_INDICES = frozenset({int, slice, type(None), type(Ellipsis), *INTEGER})


# Functions of an array that make another one like it.
_MAKERS = frozenset({np.zeros_like, np.ones_like, np.empty_like, np.full_like})


def _copies(x: Any, copy: Any = True, *_: Any, **__: Any) -> Any:
    """Whether `nan_to_num` makes a new array."""
    return copy


def _is_ufunc_default(name: str, value: Any) -> bool:
    default = _UFUNC_DEFAULTS.get(name, np._NoValue)
    return value is default or (isinstance(value, str) and value == default)


def _in_place(name: str) -> Any:
    """Make an operator such as ``+=``. What is a number it leaves to Python, which rebinds the name."""
    apply = getattr(operator, name)

    def method(self: Any, other: Any) -> Any:
        if not self.shape and kind_of(self) is not np.ndarray:
            return NotImplemented
        target = self.revive()
        return target.overwrite(apply(target, other))

    method.__name__ = f"__i{name}__"
    return method


class ArrayBox(ArrayMethods, OperatorBox):
    """A traced array, NumPy scalar or Python number."""

    __slots__ = ()

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """What `isinstance` sees: branches on it go the same way as for the value. `type` tells the truth.

        NumPy's numbers count as Python's: programs look for the former in order to make arrays of them, by
        `numpy.asarray`, which a traced number cannot become.
        """
        kind = kind_of(self)
        if issubclass(kind, BatchBox):
            kind = np.ndarray if self.shape else np.generic
        return (complex if self.dtype.kind == "c" else float) if issubclass(kind, np.generic) else kind

    @classmethod
    def check_input(cls, value: Any) -> None:
        dtype = getattr(value, "dtype", None)
        if dtype is not None and dtype.kind in "iub":
            raise IntegerInputError(
                f"cannot differentiate with respect to an array of type {dtype}: a derivative needs real or complex "
                "numbers. Write `x.astype(float)`."
            )

    # Arithmetic beyond what `OperatorBox` has.

    def __pow__(self, other: Any) -> Any:
        return self.owner.binary(known.POWER, self, other)

    def __rpow__(self, other: Any) -> Any:
        return self.owner.binary(known.POWER, other, self)

    def __matmul__(self, other: Any) -> Any:
        return self.owner.binary(known.MATMUL, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return self.owner.binary(known.MATMUL, other, self)

    def __abs__(self) -> Any:
        return self.owner.unary(known.ABSOLUTE, self)

    # Assignment, for which an array becomes a live one; see `live.py`.

    def revive(self) -> Any:
        """Make this array one that can be assigned to, and return it."""
        raise NotImplementedError  # live.py replaces this, and the next

    @staticmethod
    def newly_made(array: Any) -> Any:
        """Return an array that a function has just made; as one that can be assigned to, in traced code."""
        raise NotImplementedError

    def frozen(self) -> Any:
        value = self.value
        if type(value) is not np.ndarray and not (isinstance(value, Box) and kind_of(value) is np.ndarray):
            return self
        box = ArrayBox()
        box.value, box.node, box.owner = value, self.node, self.owner
        return box

    def __copy__(self) -> Any:
        return np.copy(self) if kind_of(self) is np.ndarray else self

    def __deepcopy__(self, memo: Any) -> Any:
        return self.__copy__()

    def __setitem__(self, index: Any, value: Any) -> None:
        self.revive()[index] = value

    __iadd__, __isub__, __imul__, __itruediv__ = map(_in_place, ("add", "sub", "mul", "truediv"))
    __ipow__, __imod__, __ifloordiv__, __imatmul__ = map(_in_place, ("pow", "mod", "floordiv", "matmul"))

    # Indexing

    def __getitem__(self, index: Any) -> Any:
        try:
            if type(index) in _PLAIN_INDICES or (type(index) is tuple and _PLAIN_INDICES.issuperset(map(type, index))):
                return self.owner.linear(known.GETITEM, self, index)
            return bind(known.GETITEM, (self, repack(index)), {})
        except TypeError as refusal:
            if kind_of(self) not in (float, complex):
                raise
            # One of Python's numbers has the methods of arrays when it is in a box, and so it can be given axes.
            try:
                return self.reshape(())[index]
            except IndexError:
                raise refusal from None

    def __len__(self) -> int:
        return self.shape[0] if self.shape else len(unbox(self))

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def __contains__(self, element: Any) -> bool:
        return bool(unbox(element) in unbox(self))

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs and kwargs.get("out") is not None:
            return ufunc_into_out(ufunc, method, inputs, kwargs)
        if method == "at":
            return apply_at(ufunc, *inputs)
        if method != "__call__":
            return known.ufunc_method(ufunc, method, tuple(map(as_operand, inputs)), kwargs)
        if kwargs:
            kwargs = {name: value for name, value in kwargs.items() if not _is_ufunc_default(name, value)}
        primitive = _UFUNCS.get(ufunc) or _UFUNCS.setdefault(ufunc, known.primitive_of_ufunc(ufunc))
        if not kwargs:
            if len(inputs) == 1:
                return self.owner.unary(primitive, inputs[0])
            if len(inputs) == 2:
                result = self.owner.binary(primitive, *inputs)
                if result is NotImplemented:
                    kinds = [kind for kind in map(type, inputs) if not overrides(kind, "__array_ufunc__")]
                    refuse_own_arithmetic(f"numpy.{ufunc.__name__}", kinds)
                return result
        return bind(primitive, tuple(map(as_operand, inputs)), kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        for kind in types:
            if kind is not ArrayBox and not has_box(kind):
                if not issubclass(kind, (Box, np.ndarray)) or overrides(kind, "__array_function__"):
                    return NotImplemented
                refuse_own_arithmetic(f"numpy.{func.__name__}", (kind,))
        if len(args) == 1 and args[0] is self and not kwargs:
            y = self.owner.unary(primitive_of(func, dispatches=True), self)
            return self.newly_made(y) if func in _MAKERS else y
        if kwargs or len(args) > 1:
            args, kwargs = known.arranged(func, args, kwargs)
        if kwargs.get("out") is not None:
            return into_out(func, f"numpy.{func.__name__}", args, dict(kwargs))
        if func in WRITERS and (func is not np.nan_to_num or not _copies(*args, **kwargs)):
            return write_by(func, args, dict(kwargs))
        if func in DEFINITIONS:
            return DEFINITIONS[func](*args, **kwargs)
        primitive = primitive_of(func, dispatches=True)
        pack = packing(func)
        y = bind(primitive, tuple(map(pack, args)), {name: pack(value) for name, value in kwargs.items()})
        return self.newly_made(y) if func in _MAKERS else y

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Return an array of boxes: what becomes of ``numpy.array([x, y])`` when `x` is traced."""
        if dtype is not None and np.dtype(dtype) != object:
            raise lost_derivative(self, f"numpy.asarray(…, dtype={np.dtype(dtype)})")
        if self.dtype.kind == "c":  # `numpy.linalg.norm` squares objects as if they were real
            raise UnsupportedArgumentError(
                "plain NumPy would make an array of Python objects from complex traced values, with which some of its "
                "functions compute as if they were real. Write `numpy.stack([...])`, or import autodiff_numpy as np, "
                "whose functions know traced values in lists."
            )
        warnings.warn(
            "plain NumPy made an array of Python objects from traced values, which is right but slow. Write "
            "`numpy.stack([...])`, or import autodiff_numpy as np, whose functions know traced values in lists and, "
            "as the `default` of `select`, in every argument. If this line is one of SciPy's or of another library, "
            "its function has no rule, and may refuse the array by an error of its own: write it in NumPy, or make it "
            "an `autodiff.extend.primitive`.",
            PerformanceWarning,
            stacklevel=2,
        )
        objects = np.empty(self.size, dtype=object)
        for i, entry in enumerate(self.reshape(-1) if self.shape else (self,)):
            objects[i] = entry
        return objects.reshape(self.shape)
