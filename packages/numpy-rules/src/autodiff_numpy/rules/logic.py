"""Truth values, and what a function tells about an array: piecewise constant.

https://numpy.org/doc/stable/reference/routines.logic.html
"""

from __future__ import annotations

import numpy as np

from autodiff.extend import zero

# fmt: off
RULES = (
    # Comparison
    zero(np.greater), zero(np.greater_equal), zero(np.less), zero(np.less_equal), zero(np.equal), zero(np.not_equal),
    zero(np.isclose), zero(np.allclose), zero(np.array_equal), zero(np.array_equiv),
    # Contents of arrays
    zero(np.isfinite), zero(np.isinf), zero(np.isnan), zero(np.isneginf), zero(np.isposinf),
    zero(np.isreal), zero(np.iscomplex), zero(np.isrealobj), zero(np.iscomplexobj),
    zero(np.isin), zero(np.all), zero(np.any),
    zero(np.logical_and), zero(np.logical_or), zero(np.logical_not), zero(np.logical_xor),
    zero(np.invert),
    # Shapes, types and memory
    zero(np.shape), zero(np.ndim), zero(np.size),
    zero(np.result_type), zero(np.can_cast), zero(np.common_type), zero(np.min_scalar_type),
    zero(np.shares_memory), zero(np.may_share_memory),
    # Indices of a shape
    zero(np.diag_indices_from), zero(np.tril_indices_from), zero(np.triu_indices_from), zero(np.digitize),
    # Text
    zero(np.array2string), zero(np.array_repr), zero(np.array_str),
)
# fmt: on
