"""Parameters in any container as one vector of real numbers, as SciPy's solvers take them.

Leaves stand one after the other in the order of `flatten`, entries in C order, real parts before imaginary ones. The
vector is float64; leaves that are read from it have their own shape and type again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import flatten, leaf_paths, unflatten
from autodiff.errors import InputError, IntegerInputError
from autodiff.extend import Box


class Leaf(NamedTuple):
    """Where a leaf stands in the vector, and how it is read from there."""

    name: str
    start: int
    stop: int
    kind: type
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def iscomplex(self) -> bool:
        """Whether the second half of the entries are imaginary parts."""
        return self.dtype.kind == "c"

    def read(self, vector: Any) -> Any:
        """Return the leaf that stands in a vector, plain or traced."""
        part = vector[self.start : self.stop]
        if self.iscomplex:
            half = (self.stop - self.start) // 2
            part = part[:half] + 1j * part[half:]
        if part.dtype != self.dtype:
            part = part.astype(self.dtype)
        part = part.reshape(self.shape)
        if isinstance(part, Box) or self.kind is np.ndarray:
            return part
        return self.kind(part[()])

    def write(self, value: Any, vector: Any, *, conjugate: bool = False) -> None:
        """Put a leaf into its place in a vector."""
        flat = np.ravel(value)
        if self.iscomplex:
            half = self.start + flat.size
            vector[self.start : half] = flat.real
            vector[half : self.stop] = -flat.imag if conjugate else flat.imag
        else:
            vector[self.start : self.stop] = flat


class FlatParameters:
    """The places of all leaves of `params`; `function` is named in errors."""

    def __init__(self, function: str, params: Any) -> None:
        self.function = function
        values, self.structure = flatten(params)
        self.leaves: list[Leaf] = []
        start = 0
        for name, value in zip(leaf_paths(self.structure, "params"), values, strict=True):
            self.leaves.append(self._leaf(name, value, start))
            start = self.leaves[-1].stop
        self.size = start
        if not start:
            shapes = ", ".join(f"{leaf.name} of shape {leaf.shape}" for leaf in self.leaves)
            raise InputError(
                f"{function} has nothing to change: `params` has no entries ({shapes or 'an empty container'}). Pass "
                "numbers, arrays or containers of them, where to start."
            )
        self.start = np.empty(start)
        for leaf, value in zip(self.leaves, values, strict=True):
            leaf.write(value, self.start)
        if not np.isfinite(self.start).all():
            raise InputError(f"{function} cannot start at {self.place_of(self.start)}. Pass finite numbers.")

    def _leaf(self, name: str, value: Any, start: int) -> Leaf:
        if isinstance(value, Box):
            raise InputError(
                f"{self.function}: {name} is traced by an outer transform, but a solver's steps are not "
                "differentiated. Differentiate the solution by `autodiff.custom_root`, or pass `stop_gradient` of the "
                "parameters."
            )
        if not isinstance(value, float | complex | np.generic) and type(value) is not np.ndarray:
            if type(value) is int:
                raise IntegerInputError(
                    f"{self.function}: {name} is {value}, of type int: a derivative needs real or complex numbers. "
                    f"Write {value}.0 instead."
                )
            kind = IntegerInputError if isinstance(value, int) else InputError
            raise kind(
                f"{self.function}: {name} is of type {type(value).__name__}: a derivative needs real or complex "
                "numbers. Mark what is not a number by `Static`."
            )
        array = np.asarray(value)
        if array.dtype.kind not in "fc":
            kind = IntegerInputError if array.dtype.kind in "biu" else InputError
            raise kind(
                f"{self.function}: {name} has the type {array.dtype}, whose values cannot change by small steps. Pass "
                f"floats, such as {name}.astype(float)."
            )
        parts = 2 if array.dtype.kind == "c" else 1
        return Leaf(name, start, start + parts * array.size, type(value), array.dtype, array.shape)

    def params(self, vector: Any) -> Any:
        """Return the parameters that stand in a vector, in their container. They share no memory with it."""
        vector = vector if isinstance(vector, Box) else np.array(vector, float)
        return unflatten(self.structure, [leaf.read(vector) for leaf in self.leaves])

    def vector(self, params: Any) -> Any:
        """Return the vector in which a tangent stands, or parameters: the inverse of `params`."""
        return self._vector(params, conjugate=False)

    def gradient_vector(self, gradient: Any) -> Any:
        """Return the gradient by the entries of the vector.

        A gradient by z = x + iy is du/dx - i du/dy, so that the derivative by y is the imaginary part's opposite.
        """
        return self._vector(gradient, conjugate=True)

    def _vector(self, value: Any, *, conjugate: bool) -> Any:
        vector = np.empty(self.size)
        for leaf, part in zip(self.leaves, flatten(value)[0], strict=True):
            leaf.write(part, vector, conjugate=conjugate)
        return vector

    def gradient(self, vector: Any) -> Any:
        """Return a gradient in the container and in the convention of `grad`: the inverse of `gradient_vector`."""
        vector = np.array(vector, float)
        parts = [leaf.read(vector) for leaf in self.leaves]
        parts = [part.conjugate() if leaf.iscomplex else part for part, leaf in zip(parts, self.leaves, strict=True)]
        return unflatten(self.structure, parts)

    def not_finite(self, vector: Any) -> Iterator[Leaf]:
        """Yield the leaves that have an entry in this vector that is infinite or not a number."""
        for leaf in self.leaves:
            if not np.isfinite(vector[leaf.start : leaf.stop]).all():
                yield leaf

    def place_of(self, vector: Any) -> str:
        """Say which is the first entry of a vector that is not finite, as in ``params['w'] = nan, entry (0, 2)``."""
        leaf = next(self.not_finite(vector))
        part = vector[leaf.start : leaf.stop]
        number = int(np.flatnonzero(~np.isfinite(part))[0])
        where = np.unravel_index(number % max(1, int(np.prod(leaf.shape))), leaf.shape) if leaf.shape else ()
        entry = f", entry {tuple(map(int, where))}" if where else ""
        return f"{leaf.name} = {part[number]}{entry}"
