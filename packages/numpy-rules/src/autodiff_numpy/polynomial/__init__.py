"""``numpy.polynomial``, to be differentiated: the functions of its modules take traced values.

>>> from autodiff import grad
>>> from autodiff_numpy.polynomial import chebyshev
>>> grad(lambda x: chebyshev.chebval(x, [0.0, 0.0, 1.0]))(0.5)
2.0

NumPy's own functions do not hand on traced values, which they are not told of: they make arrays of Python objects.
"""

from autodiff_numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

__all__ = ["chebyshev", "hermite", "hermite_e", "laguerre", "legendre", "polynomial"]
