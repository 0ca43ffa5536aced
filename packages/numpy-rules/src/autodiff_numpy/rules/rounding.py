"""Rounding: piecewise constant.  https://numpy.org/doc/stable/reference/routines.math.html#rounding"""

from __future__ import annotations

import numpy as np

from autodiff.extend import Rule, zero

# fmt: off
RULES: tuple[Rule, ...] = (
    zero(np.floor), zero(np.ceil), zero(np.trunc), zero(np.rint), zero(np.round), zero(np.around),
)
if hasattr(np, "fix"):  # NumPy 2.5 deprecates it
    RULES += (zero(np.fix),)
# fmt: on
