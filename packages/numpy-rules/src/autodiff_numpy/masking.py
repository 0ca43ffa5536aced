"""Masks: what is left out is zero, even where it is infinite."""

from __future__ import annotations

from typing import Any

import numpy as np

# From this size on, it is worth finding out whether multiplication will do.
_LARGE = 1000


def masked(vector: Any, mask: Any) -> Any:
    """Return `vector` where `mask` is true, and zero elsewhere.

    ``numpy.where`` takes six times as long as multiplication when the mask is irregular, because the processor
    mispredicts its branches; but infinity times zero is not zero.
    """
    plain = type(vector) is type(mask) is np.ndarray
    if plain and mask.size >= _LARGE and mask.dtype == bool and np.isfinite(vector).all():
        return vector * mask
    return np.where(mask, vector, 0)
