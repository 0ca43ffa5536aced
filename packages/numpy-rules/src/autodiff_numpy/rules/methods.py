"""Methods of arrays.  https://numpy.org/doc/stable/reference/arrays.ndarray.html#array-methods

Only those that have a function of their own, see `shortcuts.py`; the other methods are NumPy's functions of the same name.
"""

from __future__ import annotations

from autodiff.extend import linear
from autodiff_numpy.shortcuts import convert, reshape, reverse_axes, total

# fmt: off
RULES = (
    linear(reshape,      lambda g, x, shape: reshape(g, x.shape)),
    linear(reverse_axes, lambda g, x: reverse_axes(g)),
    linear(total,        lambda g, x, axis=None: x.unreduce(g, axis, False)),
    linear(convert,      lambda g, x, dtype: x.project(g)),
)
# fmt: on
