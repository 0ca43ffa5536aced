"""The numbers that the strategies are made of: none so large or so small that finite differences mean nothing."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra import numpy as hnp

Shape: TypeAlias = int | tuple[int, ...]

#: The numbers are k / GRID for integers k; they are exact in half precision too.
GRID = 64
LARGEST = 8
WHOLE = st.integers(-GRID * LARGEST, GRID * LARGEST)


def inexact(dtype: Any) -> np.dtype[Any]:
    """Return the type, unless it is not one of real or complex numbers."""
    result: np.dtype[Any] = np.dtype(dtype)
    if result.kind not in "fc":
        raise InvalidArgument(f"dtype must be real or complex floating point, got {result}")
    return result


def arrays(
    shape: tuple[int, ...], dtype: np.dtype[Any], elements: st.SearchStrategy[Any] | None
) -> st.SearchStrategy[np.ndarray]:
    """Generate arrays of one shape; by default on the grid, by way of integers, since they shrink best."""
    if elements is not None or dtype.kind not in "fc":
        return hnp.arrays(dtype, shape, elements=elements)
    if dtype.kind == "f":
        return hnp.arrays(np.int16, shape, elements=WHOLE).map(lambda k: np.asarray(k / GRID, dtype))
    pairs = hnp.arrays(np.int16, (2, *shape), elements=WHOLE)
    return pairs.map(lambda k: np.asarray((k[0] + 1j * k[1]) / GRID, dtype))
