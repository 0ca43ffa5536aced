"""Rounding: piecewise constant.  https://numpy.org/doc/stable/reference/routines.math.html#rounding"""

from __future__ import annotations

import numpy as np

from autodiff.extend import zero

# fmt: off
RULES = (
    zero(np.floor), zero(np.ceil), zero(np.trunc), zero(np.rint), zero(np.fix), zero(np.round), zero(np.around),
)
# fmt: on
