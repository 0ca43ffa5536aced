"""Complex numbers.  https://numpy.org/doc/stable/reference/routines.math.html#handling-complex-numbers

The partial of a real function u of z = x + iy is du/dx - i du/dy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, linear
from autodiff_numpy.operators import absolute


def _absolute(y: Any, x: Any) -> Any:
    """conj(x) / |x|, and 0 at 0; all further derivatives are 0 there, too."""
    sign = np.sign(x)
    return np.conjugate(sign) if np.iscomplexobj(x) else sign


def _angle_partial(z: Any, deg: bool) -> Any:
    """The derivative of the imaginary part of log z: -i/z. The angle of real numbers is constant."""
    unit = 180 / math.pi if deg else 1.0
    return -1j * unit / z if np.iscomplexobj(z) else 0.0


def _angle_vjp(y: Any, z: Any, deg: bool = False) -> Any:
    return lambda g: g * _angle_partial(z, deg)


def _sign_vjp(y: Any, x: Any) -> Any:
    """Transpose `_sign_jvp`, in the pairing Re(g t)."""
    if not np.iscomplexobj(x):
        return lambda g: g * 0.0
    return lambda g: _over_absolute(g - np.conjugate(y) * np.real(g * y), x)


def _sign_jvp(t: Any, y: Any, x: Any) -> Any:
    """Turn along the unit circle, for complex x: what of t is not parallel to y = x / |x|, over |x|."""
    if not np.iscomplexobj(x):
        return t * 0.0
    return _over_absolute(t - y * np.real(np.conjugate(y) * t), x)


def _over_absolute(vector: Any, x: Any) -> Any:
    zero = x == 0
    return np.where(zero, 0, vector / np.where(zero, 1, np.absolute(x)))


# fmt: off
RULES = (
    linear(np.real,            lambda g, val: val.project(g)),
    linear(np.imag,            lambda g, val: val.project(g * -1j)),
    linear(np.conjugate,       lambda g, x: np.conjugate(g)),
    elementwise(np.absolute,   _absolute),
    elementwise(absolute,      _absolute),
    general(np.angle,          vjp=_angle_vjp, jvp=lambda t, y, z, deg=False: t * _angle_partial(z, deg)),
    general(np.sign,           vjp=_sign_vjp, jvp=_sign_jvp),
    # The result is either the argument or its real part: in both cases, what is lacking is filled in by type.
    general(np.real_if_close,  vjp=lambda y, a, tol=100: lambda g: g, jvp=lambda t, y, a, tol=100: t),
)
# fmt: on
