"""Trigonometric functions.  https://numpy.org/doc/stable/reference/routines.math.html#trigonometric-functions"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, times
from autodiff_numpy.sinc_derivatives import sinc_derivative

_DEGREE = math.pi / 180.0


def _arcsin(g: Any, y: Any, x: Any) -> Any:
    """Divide by cos(y), which has the branch that NumPy chose; of a complex root one would have to find it."""
    return g / np.cos(y) if y.dtype.kind == "c" else g / np.sqrt((1 - x) * (1 + x))


def _arccos(g: Any, y: Any, x: Any) -> Any:
    """Divide by -sin(y)."""
    return -g / np.sin(y) if y.dtype.kind == "c" else -g / np.sqrt((1 - x) * (1 + x))


def _hypot(g: Any, y: Any, a: Any) -> Any:
    """Multiply by a / y, and by 0 at the origin."""
    return np.where(y == 0, 0, g) * (a / np.where(y == 0, 1, y))


def _arctan2_y(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by b / (a² + b²), in an order that neither overflows nor loses digits."""
    r = np.hypot(a, b)
    return g * (b / r) / r


def _arctan2_x(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by -a / (a² + b²)."""
    r = np.hypot(a, b)
    return -g * (a / r) / r


def _unwrap(y: Any, p: Any, discont: Any = None, axis: Any = -1, period: Any = None) -> Any:
    """`unwrap` adds constants."""
    return lambda g: g


# fmt: off
RULES = (
    elementwise(np.sin,       lambda y, x: np.cos(x)),
    elementwise(np.cos,       lambda y, x: -np.sin(x)),
    elementwise(np.tan,       lambda y, x: 1 + y * y),
    elementwise(np.arcsin,    times(_arcsin)),
    elementwise(np.arccos,    times(_arccos)),
    elementwise(np.arctan,    times(lambda g, y, x: g / (1 + x * x))),
    elementwise(np.arctan2,   times(_arctan2_y), times(_arctan2_x)),
    elementwise(np.hypot,     times(lambda g, y, a, b: _hypot(g, y, a)), times(lambda g, y, a, b: _hypot(g, y, b))),
    elementwise(np.degrees,   1 / _DEGREE),
    elementwise(np.rad2deg,   1 / _DEGREE),
    elementwise(np.radians,   _DEGREE),
    elementwise(np.deg2rad,   _DEGREE),
    elementwise(np.sinc,      lambda y, x: sinc_derivative(x, 1)),
    elementwise(sinc_derivative, lambda y, x, n: sinc_derivative(x, n + 1), None),
    general(np.unwrap,        vjp=_unwrap, jvp=lambda t, y, p, *_, **__: t),
)
# fmt: on
