"""What functions that somebody else has written must return: numbers, and pairs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import OutputError


def pair(value: Any, function: str, what: str) -> tuple[Any, Any]:
    """Return a value that must be a pair; `function` has returned it, and `what` says of what."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise OutputError(f"{function} must return a pair {what}, but returned a {type(value).__name__}.")
    return value[0], value[1]


def real_number(value: Any, what: str) -> float:
    """Return a value that must be one real number; `what` names it."""
    if isinstance(value, float):
        return float(value)
    array = np.asarray(value)
    if array.ndim or array.dtype.kind not in "fiu":
        raise OutputError(f"{what} must be one real number, but is {value!r}, a {type(value).__name__}.")
    return float(value)
