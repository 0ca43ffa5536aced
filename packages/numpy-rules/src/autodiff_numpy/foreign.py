"""Vectors that are arrays of other libraries, such as Dask's and CuPy's.

Rules are written with functions of NumPy, which hand such arrays on to their own library by NumPy's protocols. What is
left is to make zeros and the like of their type, and to put entries where an index has picked them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autodiff.extend import Box, Hold, Keeper, unbox
from autodiff_numpy.vspace import ArraySpace, normalised_axes

#: Parts of an index that a library can be expected to assign by.
_BASIC = frozenset({int, slice, type(None), type(Ellipsis)})


class ForeignSpace(ArraySpace):
    """Vectors of one shape and one type of entries, that are arrays of the type `kind`.

    `namespace` is the library: it has `zeros`, `ones` and `asarray`. Vectors are not written into after they have been
    handed out, since with lazy arrays that would not be faster.
    """

    __slots__ = ("namespace",)

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], kind: type[Any], namespace: Any) -> None:
        super().__init__(shape, dtype, kind)
        self.namespace = namespace

    def __repr__(self) -> str:
        return f"ForeignSpace({self.kind.__module__}.{self.kind.__qualname__}, {self.shape}, {self.dtype})"

    def contains(self, vector: Any) -> bool:
        return type(vector) is self.kind and vector.shape == self.shape and vector.dtype == self.dtype

    def zeros(self) -> Any:
        return self.namespace.zeros(self.shape, dtype=self.dtype)

    def ones(self) -> Any:
        return self.namespace.ones(self.shape, dtype=self.dtype)

    def _typed(self, array: Any) -> Any:
        return self.namespace.asarray(array)

    def basis(self) -> Iterator[Any]:
        return map(self._typed, ArraySpace(self.shape, self.dtype, np.ndarray).basis())

    def project(self, vector: Any) -> Any:
        return super().project(vector if hasattr(vector, "shape") else self._typed(vector))

    def expand(self, vector: Any) -> Any:
        vector = vector if hasattr(vector, "shape") else self._typed(vector)
        return self._converted(vector if vector.shape == self.shape else np.broadcast_to(vector, self.shape))

    def _converted(self, vector: Any) -> Any:
        if vector.dtype.kind == "c" and self.dtype.kind != "c":
            vector = np.real(vector)
        if vector.dtype != self.dtype:
            vector = vector.astype(self.dtype)
        if isinstance(vector, Box):
            if type(unbox(vector)) is self.kind:
                return vector
            return vector + self.zeros()  # the library's own conversion would lose the derivative
        return vector if type(vector) is self.kind else self._typed(vector)

    def own(self, vector: Any) -> Any:
        projected = self.project(vector)
        return projected if isinstance(projected, Box) else projected.copy()

    def stack(self, rows: list[Any], row: Any) -> Any:
        return super().stack(rows, row) if rows else self.namespace.zeros(self.shape + row.shape, dtype=row.dtype)

    def stack_last(self, columns: list[Any], column: Any) -> Any:
        if columns:
            return super().stack_last(columns, column)
        return self.namespace.zeros(column.shape + self.shape, dtype=column.dtype)

    def unreduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        if axis is not None and not keepdims:
            vector = np.expand_dims(vector, normalised_axes(axis, len(self.shape)))
        return np.broadcast_to(vector, self.shape)

    def scattered(self, g: Any, index: Any) -> Any:
        """Return zeros with `g` added at the entries `index`."""
        parts = index if type(index) is tuple else (index,)
        if all(type(part) in _BASIC for part in parts):
            out = self.zeros()
            place = tuple(part for part in parts if part is not None)
            out[place] = g if len(place) == len(parts) else np.reshape(g, out[place].shape)
            return out
        positions = np.arange(self.size).reshape(self.shape)[index].reshape(-1)
        flat = np.reshape(g, (positions.size,))
        total = self.namespace.zeros((self.size,), dtype=self.dtype)
        for chosen in _rounds(positions):
            part = self.namespace.zeros((self.size,), dtype=self.dtype)
            part[positions[chosen]] = flat[chosen]
            total = total + part
        return np.reshape(total, self.shape)


def _rounds(positions: Any) -> Iterator[Any]:
    """Divide picks so that in none of the parts a position comes twice; yield the picks of each part, by position.

    Few libraries can add at repeated positions, all can assign at different ones.
    """
    order = np.argsort(positions, kind="stable")
    ordered = positions[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    turns = np.arange(positions.size) - np.repeat(starts, np.diff(starts, append=positions.size))
    for turn in range(int(turns.max(initial=-1)) + 1):
        yield order[turns == turn]


class ForeignKeeper(Keeper):
    """Copies: arrays of other libraries know no locks. Of lazy ones, a copy costs nothing."""

    def keep(self, value: Any, holds: dict[Any, Hold]) -> Any:
        return value.copy()
