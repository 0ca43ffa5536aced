"""``numpy.polynomial``, to be differentiated: the functions of its modules take traced values.

>>> from autodiff import grad
>>> from typing import Any

import numpy.polynomial as _numpys

from autodiff_numpy.polynomial import chebyshev
>>> grad(lambda x: chebyshev.chebval(x, [0.0, 0.0, 1.0]))(0.5)
2.0

NumPy's own functions do not hand on traced values, which they are not told of: they make arrays of Python objects.
The classes, `Polynomial` and the others, are NumPy's, and do that, with a warning: right, but slow.
"""

from typing import Any

import numpy.polynomial as _numpys

from autodiff_numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

__all__ = ["chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial"]


def __getattr__(name: str) -> Any:
    """Hand on what else there is in NumPy's package: the classes, and settings of how they are printed."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_numpys, name)
