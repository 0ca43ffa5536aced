"""Lists and object arrays with boxes among the arguments of NumPy functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import Box


def repack(value: Any) -> Any:
    """Turn an object array that holds boxes into one traced array; leave anything else as it is."""
    if type(value) is np.ndarray:
        if value.dtype.hasobject and any(isinstance(entry, Box) for entry in value.flat):
            return np.reshape(np.stack(list(value.flat)), value.shape)
        return value
    if type(value) in (list, tuple) and _holds_objects(value):
        return type(value)(repack(part) for part in value)
    return value


def _holds_objects(value: Any) -> bool:
    return any(
        (type(part) is np.ndarray and part.dtype.hasobject) or (type(part) in (list, tuple) and _holds_objects(part))
        for part in value
    )


def repacked(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Apply `repack` to each argument."""
    return tuple([repack(value) for value in values])
