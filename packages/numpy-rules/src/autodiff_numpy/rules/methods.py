"""Methods of arrays.  https://numpy.org/doc/stable/reference/arrays.ndarray.html#array-methods

Only those that have a function of their own, see `shortcuts.py`; the others are NumPy's functions of the same name.
"""

from __future__ import annotations

from autodiff.extend import linear
from autodiff_numpy.rules.manipulation import inverse_axes
from autodiff_numpy.shortcuts import as_kind, convert, reshape, total, transpose

# fmt: off
RULES = (
    linear(reshape,      lambda g, x, shape: reshape(g, x.shape)),
    linear(transpose,    lambda g, x, axes: transpose(g, inverse_axes(axes))),
    linear(total,        lambda g, x, axis: x.unreduce(g, axis, False)),
    linear(convert,      lambda g, x, dtype: x.project(g)),
    linear(as_kind,      lambda g, x, kind: x.project(g)),
)
# fmt: on
