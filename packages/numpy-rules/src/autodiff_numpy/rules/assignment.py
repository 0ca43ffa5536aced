"""Assignment: ``a[index] = value``.  https://numpy.org/doc/stable/user/basics.indexing.html#assigning-values-to-indexed-arrays

What arrays do with it stands in `live.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import overwriting
from autodiff_numpy.assigning import assigned


def _pick(g: Any, value: Any, index: Any) -> Any:
    """Return a copy of the cotangents at the index, with the axes of length 1 that the value has in front."""
    picked = np.copy(g[index])
    extra = len(value.shape) - picked.ndim
    return np.reshape(picked, (1,) * extra + picked.shape) if extra > 0 else picked


# fmt: off
RULES = (
    overwriting(assigned,    _pick),
)
# fmt: on
