"""Special functions.  https://docs.scipy.org/doc/scipy/reference/special.html

The derivatives are those of the NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov: 7.2 for the
error functions, 5.2 and 5.15 for the gamma functions, 10.29 for the modified Bessel functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special

# With SCIPY_ARRAY_API=1 the public names are functions around these ufuncs. Traced values get to the ufuncs either way.
from scipy.special import _ufuncs as special

from autodiff.extend import elementwise, primitive, times

#: Not a ufunc, so a traced call of `scipy.special.polygamma` itself does not reach us; the derivatives of `psi` use
#: this one.
polygamma = primitive(scipy.special.polygamma)

_TWO_OVER_SQRT_PI = 2 / np.sqrt(np.pi)


def _xlogy_x(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by log b; where a = 0 and b = 0, the function is 0 along a, and so is its derivative."""
    return g * special.xlogy(np.where((a == 0) & (b == 0), 0.0, 1.0), b)


def _i1(y: Any, x: Any) -> Any:
    """I0(x) - I1(x)/x, which is 1/2 at 0."""
    at_zero = x == 0
    return special.i0(x) - np.where(at_zero, 0.5, y / np.where(at_zero, 1.0, x))


# fmt: off
RULES = (
    elementwise(special.expit,     lambda y, x: y * (1 - y)),
    elementwise(special.logit,     lambda y, x: 1 / (x * (1 - x))),
    elementwise(special.log_expit, lambda y, x: special.expit(-x)),
    elementwise(special.erf,       lambda y, x: _TWO_OVER_SQRT_PI * np.exp(-x * x)),
    elementwise(special.erfc,      lambda y, x: -_TWO_OVER_SQRT_PI * np.exp(-x * x)),
    elementwise(special.erfinv,    lambda y, x: np.exp(y * y) / _TWO_OVER_SQRT_PI),
    elementwise(special.ndtr,      lambda y, x: np.exp(-x * x / 2) / np.sqrt(2 * np.pi)),
    elementwise(special.log_ndtr,  lambda y, x: np.exp(-x * x / 2 - y) / np.sqrt(2 * np.pi)),
    elementwise(special.gamma,     lambda y, x: y * special.psi(x)),
    elementwise(special.gammaln,   lambda y, x: special.psi(x)),
    elementwise(special.psi,       lambda y, x: polygamma(1, x)),
    elementwise(polygamma,         NotImplemented, lambda y, n, x: polygamma(n + 1, x)),
    elementwise(special.xlogy,     times(_xlogy_x), lambda y, a, b: a / b),
    elementwise(special.xlog1py,   lambda y, a, b: np.log1p(b), lambda y, a, b: a / (1 + b)),
    elementwise(special.i0,        lambda y, x: special.i1(x)),
    elementwise(special.i1,        _i1),
    elementwise(special.entr,      lambda y, x: -np.log(x) - 1),
)
# fmt: on
