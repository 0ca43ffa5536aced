"""Sums and products over axes.  https://numpy.org/doc/stable/reference/routines.math.html#sums-products-differences"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import reduction


def _mask(y: Any, x: Any, where: Any = True, initial: Any = None) -> Any:
    """One for every entry that is summed; `initial` is a constant."""
    return 1 if where is True else np.where(where, 1.0, 0.0)


RULES = (
    reduction(np.sum, _mask),
)
