"""Vector spaces of arrays, of NumPy's scalars, and of Python's numbers among arrays."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autodiff.errors import InputError
from autodiff.extend import Box, VSpace, VSpaceEntry, kind_of
from autodiff_numpy.keeping import ArrayKeeper
from autodiff_numpy.shortcuts import AS_KIND

#: Up to this many entries a broadcast number is written out; beyond, a read-only view that repeats it is faster.
_FILL_LIMIT = 32768


class ArraySpace(VSpace):
    """Vectors of one shape and one type of entries.

    `kind` is the Python type of the values: ndarray, a NumPy scalar type, float or complex.
    """

    __slots__ = ("dtype", "iscomplex", "kind", "mutable", "shape", "size")

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], kind: type[Any]) -> None:
        self.shape = shape
        self.dtype = dtype
        self.kind = kind
        self.mutable = kind is np.ndarray
        self.size = math.prod(shape)
        self.iscomplex = dtype.kind == "c"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, ArraySpace)
            and self.shape == other.shape
            and self.dtype == other.dtype
            and self.kind is other.kind
        )

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype, self.kind))

    def __repr__(self) -> str:
        if self.kind is np.ndarray:
            return f"ArraySpace({self.shape}, {self.dtype})"
        return f"ArraySpace({self.kind.__name__})"

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def contains(self, vector: Any) -> bool:
        if type(vector) is not self.kind:
            return False
        return self.kind is not np.ndarray or (vector.shape == self.shape and vector.dtype == self.dtype)

    def zeros(self) -> Any:
        return np.zeros(self.shape, self.dtype) if self.kind is np.ndarray else self.kind(0)

    def ones(self) -> Any:
        return np.ones(self.shape, self.dtype) if self.kind is np.ndarray else self.kind(1)

    def _typed(self, array: Any) -> Any:
        """Return an array of this shape and dtype as a value of type `kind`."""
        return array if self.kind is np.ndarray else self.kind(array[()])

    def basis(self) -> Iterator[Any]:
        for i in range(self.size):
            vector = np.zeros(self.size, self.dtype)
            vector[i] = 1
            yield self._typed(vector.reshape(self.shape))

    def random(self, rng: Any) -> Any:
        parts = 2 if self.iscomplex else 1
        entries = np.array([2 * rng.random() - 1 for _ in range(parts * self.size)]).reshape(parts, *self.shape)
        return self._typed((entries[0] + 1j * entries[1] if parts == 2 else entries[0]).astype(self.dtype))

    def inner(self, cotangent: Any, tangent: Any) -> Any:
        total = np.sum(cotangent * tangent)
        return total.real if self.iscomplex else total

    def is_close(self, a: Any, b: Any) -> bool:
        tolerance = 1e3 * np.finfo(self.dtype).eps
        scale = np.max(np.abs(np.where(np.isfinite(b), b, 0)), initial=0.0)
        return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True))

    def project(self, vector: Any) -> Any:
        if self.contains(vector):
            return vector
        if not hasattr(vector, "shape"):
            vector = np.asarray(vector)
        if vector.shape != self.shape:
            vector = _sum_to(vector, self.shape)
        return vector if self.contains(vector) else self._converted(vector)

    def expand(self, vector: Any) -> Any:
        if not isinstance(vector, (np.ndarray, np.generic, Box)):
            vector = np.asarray(vector)
        if vector.shape != self.shape:
            vector = np.broadcast_to(vector, self.shape)
        return self._converted(vector)

    def _converted(self, vector: Any) -> Any:
        """Convert the entries, from complex to real by taking the real part; and the type of the value.

        A traced vector is converted in the same way: later on it counts what is in the box, as only arrays can be
        indexed, and as what came in as a number of Python's shall come out as one.
        """
        if vector.dtype.kind == "c" and self.dtype.kind != "c":
            vector = vector.real
        if vector.dtype != self.dtype:
            vector = vector.astype(self.dtype)
        if isinstance(vector, Box):
            kind = kind_of(vector)
            if kind is self.kind or (self.kind is np.ndarray and issubclass(kind, Box)):  # a batch of arrays
                return vector
            return vector.owner.linear(AS_KIND, vector, self.kind)
        return np.asarray(vector) if self.kind is np.ndarray else self.kind(vector[()])

    def own(self, vector: Any) -> Any:
        projected = self.project(vector)
        return projected.copy() if type(projected) is np.ndarray else projected

    def stack(self, rows: list[Any], row: Any) -> Any:
        if self.shape == () and rows:
            return rows[0]
        shape = self.shape + row.shape
        return np.reshape(np.stack(rows), shape) if rows else np.zeros(shape, row.dtype)

    def stack_last(self, columns: list[Any], column: Any) -> Any:
        if self.shape == () and columns:
            return columns[0]
        shape = column.shape + self.shape
        return np.reshape(np.stack(columns, axis=-1), shape) if columns else np.zeros(shape, column.dtype)

    def unreduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        if axis is not None and not keepdims:
            vector = np.expand_dims(vector, normalised_axes(axis, len(self.shape)))
        if isinstance(vector, Box) or self.size > _FILL_LIMIT:
            return np.broadcast_to(vector, self.shape)
        filled = np.empty(self.shape, getattr(vector, "dtype", self.dtype))
        if axis is None and not keepdims:
            filled.fill(vector)
        else:
            filled[...] = vector
        return filled

    def reduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        return np.sum(vector, axis=axis, keepdims=keepdims)


def normalised_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes as a tuple of numbers from 0 to ndim - 1, where `axis` is None, a number or a tuple.

    A number has none, though some functions of NumPy let it have the axis 0.
    """
    if axis is None or ndim == 0:
        return tuple(range(ndim))
    axes = axis if isinstance(axis, tuple) else (axis,)
    return tuple(int(a) % ndim for a in axes)


def single_axis(axis: Any, ndim: int) -> int | None:
    """Return an axis as a number from 0 to ndim - 1; None where entries are taken in C order, as a number's are."""
    return None if axis is None or ndim == 0 else int(axis) % ndim


@functools.lru_cache(maxsize=4096)
def _repeated_axes(larger: tuple[int, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the axes of `larger` along which broadcasting from `shape` had repeated entries."""
    extra = len(larger) - len(shape)
    return tuple(range(extra)) + tuple(
        axis + extra for axis, length in enumerate(shape) if length == 1 and larger[axis + extra] != 1
    )


def _sum_to(vector: Any, shape: tuple[int, ...]) -> Any:
    """Sum over the axes along which broadcasting from `shape` had repeated entries."""
    axes = _repeated_axes(vector.shape, shape)
    summed = np.add.reduce(vector, axes) if type(vector) is np.ndarray else np.sum(vector, axis=axes)
    return summed if summed.shape == shape else np.reshape(summed, shape)


@functools.cache
def _entry_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type of derivatives of entries: that of real and complex ones, double precision for integers."""
    if dtype.kind in "fc":
        return dtype
    if dtype.kind in "iub":
        return np.dtype(np.float64)
    if dtype.kind == "O":
        raise InputError(
            "an array of Python objects cannot be differentiated. NumPy makes one from a list of traced values: write "
            "`autodiff_numpy.array([...])` or `numpy.stack([...])` instead of `numpy.array([...])`."
        )
    raise InputError(f"an array of type {dtype} has no derivative: it needs real or complex entries.")


@functools.lru_cache(maxsize=4096)
def space_of_arrays(shape: tuple[int, ...], dtype: np.dtype[Any]) -> ArraySpace:
    """Return the space of arrays of a shape and a type."""
    return ArraySpace(shape, _entry_type(dtype), np.ndarray)


def _of_array(value: Any) -> ArraySpace:
    return space_of_arrays(value.shape, value.dtype)


def _same_arrays(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype  # type: ignore[no-any-return]


def _scalars(kind: type[np.generic]) -> VSpaceEntry:
    dtype = _entry_type(np.dtype(kind))
    space = ArraySpace((), dtype, dtype.type)
    return VSpaceEntry(lambda _: space, (kind,), same=None)


_FLOAT = ArraySpace((), np.dtype(np.float64), float)
_COMPLEX = ArraySpace((), np.dtype(np.complex128), complex)

FLOATING = (np.float16, np.float32, np.float64, np.longdouble, np.complex64, np.complex128, np.clongdouble)
INTEGER = (
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.longlong,
    np.uint8, np.uint16, np.uint32, np.uint64, np.ulonglong,
)  # fmt: skip

VSPACES = (
    VSpaceEntry(_of_array, (np.ndarray,), same=_same_arrays, keeper=ArrayKeeper()),
    *map(_scalars, dict.fromkeys(FLOATING + INTEGER)),
    VSpaceEntry(lambda _: _FLOAT, (float, int, bool), same=None),
    VSpaceEntry(lambda _: _COMPLEX, (complex,), same=None),
)
