"""Nested values of arrays as plain vectors of real numbers, so that derivatives become matrices.

A complex entry takes two coordinates, its real and imaginary part. A cotangent c acts on a tangent t as Re(sum(c * t)),
so its coordinates are the real part and *minus* the imaginary part: then the pairing is the dot product of coordinates,
and reverse mode's matrix is the transpose of forward mode's, for complex functions too.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from autodiff.containers import flatten, leaf_paths, unflatten
from autodiff.extend import unbox, vspace

_NARROW = (np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.complex64))


@functools.cache
def _limits(dtype: np.dtype[Any]) -> tuple[float, float]:
    """Return the machine precision, and the least number with a square that is a normal number."""
    info = np.finfo(dtype)
    return float(info.eps), float(info.tiny) ** 0.5


class Coordinates:
    """The coordinates of the vectors of a nested value: tangents and cotangents of it.

    Attributes
    ----------
    size : int
        How many there are.
    spaces : list of VSpace
        The vector space of each leaf.
    dtypes : list of dtype
        The type of the entries of each leaf.
    slices : list of slice
        Where the coordinates of each leaf stand.
    eps : float
        The coarsest machine precision among the leaves.
    least : list of float
        The smallest scale of each leaf: the square of a number as small as this is still a number.
    """

    def __init__(self, value: Any) -> None:
        leaves, self.structure = flatten(value)
        self.spaces = [vspace(leaf) for leaf in leaves]
        dtypes = [np.asarray(unbox(leaf)).dtype for leaf in leaves]
        self.dtypes = [dtype if dtype.kind in "fc" else np.dtype(float) for dtype in dtypes]
        self.slices: list[slice] = []
        self.size = 0
        for space in self.spaces:
            length = 2 * space.size if space.iscomplex else space.size
            self.slices.append(slice(self.size, self.size + length))
            self.size += length
        self.eps = max((_limits(dtype)[0] for dtype in self.dtypes), default=2.0**-52)
        self.least = [_limits(dtype)[1] for dtype in self.dtypes]
        self._conjugated = any(space.iscomplex for space in self.spaces)

    @functools.cached_property
    def names(self) -> list[str]:
        """Where each leaf is found: ``[1]['w']``, or nothing for a value that is no container."""
        return list(leaf_paths(self.structure))

    def of(self, vector: Any) -> np.ndarray:
        """Return the coordinates of a tangent, or of a value, in double precision."""
        parts = [_real(leaf, space.iscomplex) for leaf, space in zip(flatten(vector)[0], self.spaces, strict=True)]
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros(0)

    def of_cotangent(self, vector: Any) -> np.ndarray:
        """Return the coordinates of a cotangent."""
        return self._dual(self.of(vector))

    def tangent(self, coordinates: np.ndarray, *, double: bool = False) -> Any:
        """Return the tangent with these coordinates, in the types of the value or in double precision."""
        leaves = []
        for where, space, dtype in zip(self.slices, self.spaces, self.dtypes, strict=True):
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
        return self.tangent(self._dual(coordinates))

    def _dual(self, coordinates: np.ndarray) -> np.ndarray:
        """Turn the sign of the imaginary parts."""
        if self._conjugated:
            coordinates = coordinates.copy()
            for where, space in zip(self.slices, self.spaces, strict=True):
                if space.iscomplex:
                    coordinates[where][1::2] *= -1.0
        return coordinates

    def leaves_of(self, places: np.ndarray) -> np.ndarray:
        """Return the leaves that coordinates belong to."""
        return np.searchsorted([where.stop for where in self.slices], places, side="right")

    def imaginary(self, places: np.ndarray) -> np.ndarray:
        """Return 1 for the coordinates that are imaginary parts, and 0 for the others."""
        return np.array([int(self.leaf_of(int(place))[2] == "imag") for place in places], dtype=int)

    def leaf_of(self, place: int) -> tuple[int, tuple[int, ...], str]:
        """Return the leaf that a coordinate belongs to, the index of the entry in it, and "real", "imag" or ""."""
        leaf = int(self.leaves_of(np.array(place)))
        space = self.spaces[leaf]
        inside = place - self.slices[leaf].start
        part = ("real", "imag")[inside % 2] if space.iscomplex else ""
        entry = inside // 2 if space.iscomplex else inside
        return leaf, tuple(int(i) for i in np.unravel_index(entry, space.shape)) if space.shape else (), part


def _real(leaf: Any, iscomplex: bool) -> np.ndarray:
    array = np.asarray(unbox(leaf))
    if iscomplex:
        return array.astype(complex, order="C").reshape(-1).view(float)
    return array.real.astype(float).reshape(-1)


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
    sizes: np.ndarray = np.abs(vector)
    for where in coordinates.slices:
        part = sizes[where]
        if part.size:
            largest = part.max()
            sizes[where] = largest if np.isfinite(largest) else part.max(initial=0.0, where=np.isfinite(part))
    return sizes
