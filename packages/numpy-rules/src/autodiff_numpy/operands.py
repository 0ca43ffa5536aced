"""What rules do with operands before they look at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import Box


def as_array(value: Any) -> Any:
    """Return an operand as something with a shape: NumPy's functions also take numbers and lists."""
    return value if isinstance(value, (np.ndarray, Box)) or hasattr(value, "__array_function__") else np.asarray(value)


def conjugated(value: Any) -> Any:
    """Return the complex conjugate, without copying what is real."""
    return np.conj(value) if value.dtype.kind == "c" else value


def transposed(matrix: Any) -> Any:
    """Transpose the last two axes."""
    return np.swapaxes(matrix, -1, -2)


def adjoint(matrix: Any) -> Any:
    """Return the conjugate transpose."""
    return transposed(conjugated(matrix))


def as_floating(value: Any) -> Any:
    """Return integers of NumPy's types in floating point.

    The arithmetic of narrow ones wraps around, and their logarithm comes in half or single precision.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "iub":
        return value.astype(np.float64)
    return float(value) if isinstance(value, (np.integer, np.bool_)) else value
