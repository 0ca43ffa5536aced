"""Stacks of tangents of which every entry moves along few directions only.

Along the basis of an array, each entry of it moves in one direction out of many, and so do the entries of what is
computed from it entry by entry; those of ``x[1:] - x[:-1]`` move in two. Multiplying matrices full of zeros with
partial derivatives would take most of the time of a Jacobian. So such a stack is kept as a few *terms*, pairs
(coefficients, directions) of arrays with the shape of the value: entry i moves by ``coefficients[i]`` along direction
``directions[i]``. Arithmetic that works entry by entry, slices, and their transposes keep the form. Whatever else
NumPy does with a stack, it does with the dense one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: With fewer directions, a dense stack takes no longer.
FEWEST = 128

#: With more terms, a dense stack takes over.
_MOST_TERMS = 8

_NUMBERS = frozenset({int, float, complex, np.float64, np.float32, np.complex128, np.complex64})

Term = tuple[Any, Any]


class FewDirections:
    """A stack of `size` tangents, as terms."""

    __slots__ = ("_known", "size", "terms")

    def __init__(self, size: int, terms: list[Term], known: dict[Any, Any]) -> None:
        self.size, self.terms = size, terms
        # Arrays of directions by what they were made of, so that terms of the same directions are found by identity.
        self._known = known

    # What `ndarray` has

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of directions, and the lengths of the axes of the value."""
        return (self.size, *self.terms[0][0].shape)

    @property
    def ndim(self) -> int:
        """Number of axes, with that of the directions."""
        return self.terms[0][0].ndim + 1  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return np.result_type(*[coefficients.dtype for coefficients, _ in self.terms])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # protocols, for which a stack of this kind has nothing to offer
            raise AttributeError(name)
        return getattr(self.dense(), name)

    # Arithmetic

    def __mul__(self, other: Any) -> Any:
        if not self._is_entrywise(other):
            return self.dense() * dense(other)
        return self._with([(coefficients * other, directions) for coefficients, directions in self.terms])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        if not self._is_entrywise(other):
            return self.dense() / dense(other)
        return self._with([(coefficients / other, directions) for coefficients, directions in self.terms])

    def __neg__(self) -> Any:
        return self._with([(-coefficients, directions) for coefficients, directions in self.terms])

    def __add__(self, other: Any) -> Any:
        if type(other) is not FewDirections or other.shape != self.shape:
            return self.dense() + dense(other)
        merged = {id(directions): (coefficients, directions) for coefficients, directions in self.terms}
        for coefficients, directions in other.terms:
            found = merged.get(id(directions))
            merged[id(directions)] = (coefficients if found is None else found[0] + coefficients, directions)
        terms = list(merged.values())
        if len(terms) <= _MOST_TERMS:
            return self._with(terms)
        return self.dense() + other.dense()

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return (-self) + other

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        operation = _OPERATIONS.get(ufunc) if method == "__call__" and not kwargs else None
        if operation is not None and inputs[0] is self:
            return operation(*inputs)
        if operation is not None and ufunc in (np.multiply, np.add):
            return operation(self, inputs[0])
        return getattr(ufunc, method)(*map(dense, inputs), **kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return func(*map(_dense_inside, args), **{name: _dense_inside(value) for name, value in kwargs.items()})

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.dense(), dtype)

    # What is linear and picks entries

    def entries(self, index: Any) -> FewDirections:
        """Return the stack of the entries of the value that an index of numbers and slices picks."""
        parts = index if type(index) is tuple else (index,)
        picking = (*parts, ...) if ... not in parts else parts  # an array, also without axes
        key = tuple((part.start, part.stop, part.step) if type(part) is slice else part for part in picking)
        terms = []
        for coefficients, directions in self.terms:
            name = ("entries", id(directions), key)
            if name not in self._known:
                self._known[name] = directions[picking], directions  # which must live as long as its id is used
            terms.append((coefficients[picking], self._known[name][0]))
        return self._with(terms)

    def scattered(self, shape: tuple[int, ...], index: slice) -> FewDirections:
        """Return the stack for a value of zeros in which this one was put at a slice."""
        terms = []
        for coefficients, directions in self.terms:
            name = ("scattered", id(directions), shape, index.start, index.stop, index.step)
            if name not in self._known:
                self._known[name] = _put(directions, shape, index), directions
            terms.append((_put(coefficients, shape, index), self._known[name][0]))
        return self._with(terms)

    def total(self) -> Any:
        """Return the dense stack of the sum of all entries."""
        if self.dtype != np.float64:
            return np.add.reduce(self.dense().reshape(self.size, -1), 1)
        sums = [np.bincount(d.reshape(-1), c.reshape(-1), self.size) for c, d in self.terms]
        return sums[0] if len(sums) == 1 else np.add.reduce(sums)

    def dense(self) -> Any:
        """Return the array."""
        shape = self.shape
        entries = np.arange(self.terms[0][0].size)
        filled = np.zeros((self.size, len(entries)), self.dtype)
        for number, (coefficients, directions) in enumerate(self.terms):
            if number:
                filled[directions.reshape(-1), entries] += coefficients.reshape(-1)
            else:
                filled[directions.reshape(-1), entries] = coefficients.reshape(-1)
        return filled.reshape(shape)

    def _with(self, terms: list[Term]) -> FewDirections:
        return FewDirections(self.size, terms, self._known)

    def _is_entrywise(self, other: Any) -> bool:
        """Whether something has an entry for each of the value's, or is a number."""
        kind = type(other)
        return kind in _NUMBERS or (kind is np.ndarray and other.shape == self.terms[0][0].shape)


_OPERATIONS: dict[Any, Any] = {
    np.multiply: FewDirections.__mul__,
    np.add: FewDirections.__add__,
    np.subtract: FewDirections.__sub__,
    np.true_divide: FewDirections.__truediv__,
    np.negative: FewDirections.__neg__,
}


def unit_directions(shape: tuple[int, ...], dtype: Any, start: int, stop: int) -> FewDirections:
    """Return the stack of some vectors of the basis of arrays of a shape."""
    directions = np.arange(-start, np.prod(shape, dtype=int) - start)
    moves = (directions >= 0) & (directions < stop - start)
    terms = [(moves.astype(dtype).reshape(shape), np.where(moves, directions, 0).reshape(shape))]
    return FewDirections(stop - start, terms, {})


def dense(stack: Any) -> Any:
    """Return a stack as an array; what is none of few directions as it is."""
    return stack.dense() if type(stack) is FewDirections else stack


def _dense_inside(value: Any) -> Any:
    """Do the same in lists and tuples."""
    return type(value)(map(_dense_inside, value)) if type(value) in (list, tuple) else dense(value)


def _put(entries: Any, shape: tuple[int, ...], index: slice) -> Any:
    filled = np.zeros(shape, entries.dtype)
    filled[index] = entries
    return filled
