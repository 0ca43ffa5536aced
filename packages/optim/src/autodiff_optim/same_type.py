"""Leaves keep their types: float32 stays float32, an array of no axes an array, a Python float a Python float."""

from __future__ import annotations

from typing import Any

import numpy as np


def in_type_of(leaf: Any, value: Any) -> Any:
    """Return `value`, a number or array, in the type of `leaf`; of complex numbers nothing is lost, but an error."""
    if type(value) is type(leaf) and getattr(value, "dtype", None) == getattr(leaf, "dtype", None):
        return value
    if isinstance(leaf, np.ndarray):
        return np.asarray(value).astype(leaf.dtype, casting="same_kind")
    if isinstance(leaf, np.generic):
        return np.asarray(value).astype(leaf.dtype, casting="same_kind")[()]
    return type(leaf)(value)
