"""Nested values of arrays as plain vectors of real numbers, so that derivatives become matrices.

A complex entry takes two coordinates, its real and imaginary part. A cotangent c acts on a tangent t as Re(sum(c * t)),
so its coordinates are the real part and *minus* the imaginary part: then the pairing is the dot product of coordinates,
and reverse mode's matrix is the transpose of forward mode's, for complex functions too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autodiff.containers import Structure, flatten, unflatten
from autodiff.extend import unbox, vspace

_NARROW = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.complex64))


class Coordinates:
    """The coordinates of the vectors of a nested value: tangents and cotangents of it.

    Attributes
    ----------
    size : int
        How many there are.
    names : list of str
        Where each leaf is found: ``[1]['w']``, or nothing for a value that is no container.
    eps : float
        The coarsest machine precision among the leaves.
    """

    def __init__(self, value: Any) -> None:
        leaves, self.structure = flatten(value)
        self.names = list(_paths(self.structure))
        self.spaces = [vspace(leaf) for leaf in leaves]
        self.dtypes = [np.asarray(unbox(leaf)).dtype for leaf in leaves]
        self.dtypes = [dtype if dtype.kind in "fc" else np.dtype(float) for dtype in self.dtypes]
        lengths = [(2 if space.iscomplex else 1) * space.size for space in self.spaces]
        self.ends = np.cumsum([0, *lengths]).tolist()
        self.size: int = self.ends[-1]
        self.eps = max((float(np.finfo(dtype).eps) for dtype in self.dtypes), default=2.0**-52)

    def slices(self) -> list[slice]:
        """Return where the coordinates of each leaf stand."""
        return [slice(start, end) for start, end in zip(self.ends, self.ends[1:], strict=False)]

    def of(self, vector: Any) -> np.ndarray:
        """Return the coordinates of a tangent, or of a value, in double precision."""
        parts = [_real(leaf, space.iscomplex) for leaf, space in zip(flatten(vector)[0], self.spaces, strict=True)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def of_cotangent(self, vector: Any) -> np.ndarray:
        """Return the coordinates of a cotangent."""
        coordinates: np.ndarray = self.of(vector) * self._dual()
        return coordinates

    def tangent(self, coordinates: np.ndarray, *, double: bool = False) -> Any:
        """Return the tangent with these coordinates, in the types of the value or in double precision."""
        leaves = []
        for where, space, dtype in zip(self.slices(), self.spaces, self.dtypes, strict=True):
            part = coordinates[where]
            if space.iscomplex:
                part = part[0::2] + 1j * part[1::2]
            part = part.reshape(space.shape)
            if double and dtype in _NARROW:
                leaves.append(part if space.mutable else part[()])
            else:
                leaves.append(space.expand(part.astype(dtype)))
        return unflatten(self.structure, leaves)

    def cotangent(self, coordinates: np.ndarray) -> Any:
        """Return the cotangent with these coordinates."""
        return self.tangent(coordinates * self._dual())

    def _dual(self) -> np.ndarray:
        signs = np.ones(self.size)
        for where, space in zip(self.slices(), self.spaces, strict=True):
            if space.iscomplex:
                signs[where][1::2] = -1.0
        return signs

    def leaves_of(self, places: np.ndarray) -> np.ndarray:
        """Return the leaves that coordinates belong to."""
        return np.searchsorted(self.ends, places, side="right") - 1

    def imaginary(self, places: np.ndarray) -> np.ndarray:
        """Return 1 for the coordinates that are imaginary parts, and 0 for the others."""
        return np.array([int(self.leaf_of(int(place))[2] == "imag") for place in places], dtype=int)

    def leaf_of(self, place: int) -> tuple[int, tuple[int, ...], str]:
        """Return the leaf that a coordinate belongs to, the index of the entry in it, and "real", "imag" or ""."""
        leaf = int(np.searchsorted(self.ends, place, side="right")) - 1
        space = self.spaces[leaf]
        inside = place - self.ends[leaf]
        part = ("real", "imag")[inside % 2] if space.iscomplex else ""
        entry = inside // 2 if space.iscomplex else inside
        return leaf, tuple(int(i) for i in np.unravel_index(entry, space.shape)) if space.shape else (), part


def _paths(structure: Structure, path: str = "") -> Iterator[str]:
    """Yield for each leaf the Python expression that takes it out of its container."""
    if structure.kind is None:
        yield path
        return
    keys: Any = range(len(structure.children))
    if issubclass(structure.kind, dict):
        keys = structure.auxiliary[0]
    names = getattr(structure.kind, "_fields", None) or getattr(structure.kind, "__dataclass_fields__", None)
    for key, child in zip(names or keys, structure.children, strict=False):
        yield from _paths(child, f"{path}.{key}" if names else f"{path}[{key!r}]")


def _real(leaf: Any, iscomplex: bool) -> np.ndarray:
    array = np.asarray(unbox(leaf))
    if iscomplex:
        array = array.astype(complex)
        return np.stack([array.real, array.imag], axis=-1).reshape(-1).astype(float)
    return array.real.reshape(-1).astype(float)


def rounding(eps: float) -> float:
    """Return the difference, relative to the terms that are added, that is put down to rounding.

    A derivative that is wrong is wrong by more; so there is no need to be strict where much is added or cancelled.
    """
    return max(1e-9, 1000.0 * eps)


def crosstalk(eps: float) -> float:
    """Return how much of the largest entry of an array may turn up in another one by rounding.

    That is less than `rounding`, or an error in a small entry would hide behind a large one.
    """
    return 0.01 * rounding(eps)


def largest_in_leaf(vector: np.ndarray, coordinates: Coordinates) -> np.ndarray:
    """Return for each entry the largest finite magnitude in its leaf."""
    result = np.zeros(vector.size)
    for where in coordinates.slices():
        part = np.abs(vector[where])
        result[where] = np.max(part, initial=0.0, where=np.isfinite(part))
    return result
