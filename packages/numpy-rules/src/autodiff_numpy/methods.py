"""The attributes and methods of arrays, for boxes: each is the NumPy function of the same name.

What would change the array, or hand its memory to somebody else, is refused, with the name of what to use instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy

from autodiff.errors import LostDerivativeError, UnsupportedArgumentError
from autodiff.extend import Box, lost_derivative, unbox
from autodiff_numpy.shortcuts import CONVERT, RESHAPE, TOTAL, TRANSPOSE, convert

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def _method(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make the method that is a NumPy function of the array and the same further arguments."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return fun(self, *args, **kwargs)

    method.__name__ = fun.__name__
    method.__doc__ = f"Return ``numpy.{fun.__name__}`` of the array, with the same arguments."
    return method


def _in_place(fun: Callable[..., Any]) -> Callable[..., None]:
    """Make the method that writes the result of a NumPy function into the array."""

    def method(self: Any, *args: Any, **kwargs: Any) -> None:
        live = self.revive()
        live.overwrite(fun(live, *args, **kwargs))

    method.__name__ = fun.__name__
    method.__doc__ = f"Write the result of ``numpy.{fun.__name__}`` into the array."
    return method


def _changing(name: str, instead: str) -> Callable[..., NoReturn]:
    """Make a method that refuses to change the array in place."""

    def method(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        raise LostDerivativeError(
            f"a traced array cannot be changed in place by `.{name}()`, because other names of it would keep the old "
            f"values. Write {instead}."
        )

    method.__name__ = name
    method.__doc__ = f"Refuse to change the array in place: write {instead}."
    return method


def _leaving(name: str) -> Callable[..., NoReturn]:
    """Make a method that refuses to hand out plain values."""

    def method(self: Any, *args: Any, **kwargs: Any) -> NoReturn:
        raise lost_derivative(self, f"`.{name}()`")

    method.__name__ = name
    method.__doc__ = "Refuse: the derivative would be lost."
    return method


def _memory(name: str) -> property:
    """Make an attribute that refuses to hand out the memory of the array."""

    def attribute(self: Any) -> NoReturn:
        raise lost_derivative(self, f"`.{name}`")

    return property(attribute, doc="Refuse: the derivative would be lost.")


def _plain(name: str) -> property:
    """Make an attribute that is a plain one of the plain array."""

    def attribute(self: Any) -> Any:
        return getattr(np.asarray(unbox(self)), name)

    return property(attribute, doc=f"``{name}`` of the plain array.")


class ArrayMethods(Box):
    """What a traced array has in common with an array, but for operators and indexing."""

    __slots__ = ()

    # Python's numbers, which may be in a box too, have none of the attributes of arrays.

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        try:
            return self.value.shape  # type: ignore[no-any-return]
        except AttributeError:
            return ()

    @property
    def ndim(self) -> int:
        """Number of axes."""
        try:
            return self.value.ndim  # type: ignore[no-any-return]
        except AttributeError:
            return 0

    @property
    def size(self) -> int:
        """Number of entries."""
        try:
            return self.value.size  # type: ignore[no-any-return]
        except AttributeError:
            return 1

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """Type of the entries."""
        try:
            return self.value.dtype  # type: ignore[no-any-return]
        except AttributeError:
            return numpy.result_type(self.value)

    itemsize, nbytes = _plain("itemsize"), _plain("nbytes")
    flags, device = _plain("flags"), _plain("device")
    flat, data, ctypes, base = _memory("flat"), _memory("data"), _memory("ctypes"), _memory("base")

    @property
    def strides(self) -> Any:
        """Refuse: NumPy's `as_strided`, which they are for, takes objects instead of the entries, and other ones."""
        raise UnsupportedArgumentError(
            "the strides of a traced array tell where its entries lie in memory. Functions that take them, such as "
            "`numpy.lib.stride_tricks.as_strided`, cannot see traced values. Use "
            "`numpy.lib.stride_tricks.sliding_window_view`, or an array of indices, `x[indices]`."
        )

    @property
    def T(self) -> Any:  # noqa: N802  # NumPy's name
        """The transpose: all axes in reverse order."""
        return self.owner.linear(TRANSPOSE, self, None)

    @property
    def mT(self) -> Any:  # noqa: N802  # NumPy's name
        """The transpose of each matrix."""
        return np.matrix_transpose(self)

    @property
    def real(self) -> Any:
        """The real part."""
        return np.real(self) if self.dtype.kind == "c" else self

    @real.setter
    def real(self, value: Any) -> None:
        self.revive().real[...] = value  # type: ignore[attr-defined]  # an ArrayBox

    @property
    def imag(self) -> Any:
        """The imaginary part."""
        return np.imag(self)

    @imag.setter
    def imag(self, value: Any) -> None:
        self.revive().imag[...] = value  # type: ignore[attr-defined]  # an ArrayBox

    # Shapes and axes

    def reshape(self, *shape: Any, order: Any = "C", copy: bool | None = None) -> Any:
        """Return the array in another shape, given as one tuple or as several numbers."""
        new = shape[0] if len(shape) == 1 else shape
        if order == "C" and copy is None:
            return self.owner.linear(RESHAPE, self, new)
        options = {} if copy is None else {"copy": copy}
        return np.reshape(self, new, order=order, **options)

    def ravel(self, order: Any = "C") -> Any:
        """Return the array with one axis."""
        return self.owner.linear(RESHAPE, self, -1) if order == "C" else np.ravel(self, order)

    def flatten(self, order: Any = "C") -> Any:
        """Return a copy of the array with one axis."""
        return np.copy(self.ravel(order))

    def transpose(self, *axes: Any) -> Any:
        """Return the array with its axes in another order, given as one tuple or as several numbers."""
        return self.owner.linear(TRANSPOSE, self, None if not axes else axes[0] if len(axes) == 1 else axes)

    swapaxes, squeeze, repeat, diagonal = map(_method, (np.swapaxes, np.squeeze, np.repeat, np.diagonal))

    # Reductions and the like

    def sum(self, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
        """Return the sum over `axis`."""
        if dtype is None and out is None and not options:
            return self.owner.linear(TOTAL, self, axis)
        return np.sum(self, axis, dtype, out, **options)

    prod, mean, var, std = map(_method, (np.prod, np.mean, np.var, np.std))
    min, max, all, any = map(_method, (np.min, np.max, np.all, np.any))
    cumsum, cumprod, round, dot = map(_method, (np.cumsum, np.cumprod, np.round, np.dot))
    trace = _method(np.trace)
    argmax, argmin, argsort, searchsorted = map(_method, (np.argmax, np.argmin, np.argsort, np.searchsorted))
    argpartition, nonzero, take, choose = map(_method, (np.argpartition, np.nonzero, np.take, np.choose))

    def conjugate(self) -> Any:
        """Return the complex conjugate; of real arrays the array itself, as NumPy's method does."""
        return np.conjugate(self) if self.dtype.kind == "c" else self

    conj = conjugate

    def clip(self, min: Any = None, max: Any = None, out: Any = None, **options: Any) -> Any:  # noqa: A002  # NumPy's names
        """Return the array with its entries limited to the interval from `min` to `max`."""
        return np.clip(self, min, max, out, **options)

    def compress(self, condition: Any, axis: Any = None, out: Any = None) -> Any:
        """Return the slices along `axis` for which `condition` holds."""
        return np.compress(condition, self, axis, **({} if out is None else {"out": out}))

    # Types and copies

    def astype(
        self, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """Return the array with entries of another type. Integers are constants: their derivative is zero."""
        dtype = np.dtype(dtype)
        if not np.can_cast(self.dtype, dtype, casting):
            raise TypeError(f"Cannot cast array data from {self.dtype!r} to {dtype!r} by the rule {casting!r}")
        if dtype.kind in "fc":
            is_number = isinstance(unbox(self), (float, complex, np.generic))  # arrays can be written into
            if dtype == self.dtype and (is_number or not copy):
                return self
            return self.owner.linear(CONVERT, self, dtype)
        if dtype.kind in "iub":
            return convert(unbox(self), dtype)
        raise lost_derivative(self, f"`.astype({dtype})`")

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """Return the array: NumPy knows one device, "cpu"."""
        np.asarray(unbox(self)).to_device(device, stream=stream)  # refuses others
        return self

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return NumPy, as arrays do: its functions find traced arrays."""
        return np.empty(0).__array_namespace__(api_version=api_version)

    def copy(self, order: Any = "C") -> Any:
        """Return a copy; of NumPy's numbers, which cannot be changed, themselves."""
        return self if isinstance(unbox(self), np.generic) else np.copy(self, order)

    # In place

    sort, partition = _in_place(np.sort), _in_place(np.partition)

    def fill(self, value: Any) -> None:
        """Write one value into all entries."""
        if np.ndim(value):
            raise ValueError("fill takes a number, not an array with axes")
        self[...] = value  # type: ignore[index]

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Write values into the entries that are counted by `indices` in C order."""
        np.put(self, indices, values, mode)

    # What is refused

    @property
    def _data(self) -> NoReturn:
        # The functions and operators of numpy.ma ask their arguments for this before anything else, and would then
        # make arrays of Python objects.
        raise UnsupportedArgumentError(
            "a function or an operator of numpy.ma was applied to a traced value, but masked arrays are not known to "
            "any rule. Write `numpy.where(mask, 0.0, x)`, or `a.filled(0.0)` for a masked array beside a traced value."
        )

    resize = _changing("resize", "`numpy.resize(a, shape)`")
    setflags = _changing("setflags", "`stop_gradient(a)` where a plain array is meant")
    setfield = _changing("setfield", "`numpy.where(mask, values, a)`")
    item, tolist, tobytes, tofile = _leaving("item"), _leaving("tolist"), _leaving("tobytes"), _leaving("tofile")
    dump, dumps, view, getfield = _leaving("dump"), _leaving("dumps"), _leaving("view"), _leaving("getfield")
    byteswap = _leaving("byteswap")
