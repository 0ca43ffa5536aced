"""Floating point routines.  https://numpy.org/doc/stable/reference/routines.math.html#floating-point-routines"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, times, zero


def _frexp(y: Any, x: Any) -> Any:
    """The mantissa is x / 2**exponent; the exponent is constant."""
    exponent = y[1]
    return lambda g: np.ldexp(g[0], np.negative(exponent))


# fmt: off
RULES = (
    elementwise(np.copysign,   lambda y, a, b: np.sign(a) * np.copysign(1, b), None),
    elementwise(np.ldexp,      times(lambda g, y, x, i: np.ldexp(g, i)), None),
    elementwise(np.nextafter,  1, None),
    general(np.frexp,          vjp=_frexp),
    zero(np.signbit), zero(np.spacing),
)
# fmt: on
