"""Arithmetic.  https://numpy.org/doc/stable/reference/routines.math.html#arithmetic-operations"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, kind_of, partials, times, unbox, vspace, zero
from autodiff_numpy.operands import as_floating
from autodiff_numpy.operators import power


def _power_base(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by d(a**b)/da = b a**(b-1), which is 0 where b = 0, whatever `a` is."""
    if type(b) in (int, float):
        if b == 2:
            return g * (2 * a)
        return g * (b * _power(a, b - 1)) if b != 0 else g * 0.0
    # The exponent is changed at 0**0 only: elsewhere the mixed derivative at b = 0, which is 1/a, must come out.
    return g * (b * _power(a, np.where((b == 0) & (a == 0), 1, b - 1.0)))


def _power(a: Any, b: Any) -> Any:
    """Return ``a**b``; zero as one of Python's own numbers would raise where the derivative is infinite."""
    return np.power(a, b) if kind_of(a) in (float, complex) and unbox(a) == 0 else a**b


def _power_exponent(g: Any, y: Any, a: Any, b: Any) -> Any:
    """Multiply by d(a**b)/db = a**b log a, whose limit at a = 0 is 0 for b > 0; for b = 0 it is 0 by convention."""
    base = as_floating(np.where(a == 0, 1, a))
    if np.iscomplexobj(y) and not np.iscomplexobj(base):
        base = base + 0j  # a negative number to a complex power
    return g * (y * np.log(base))


def _fmod_divisor(y: Any, a: Any, b: Any) -> Any:
    """Return minus the integer n in ``y = a - n b``; rounding the quotient is safe, truncating it is not."""
    return -np.rint((a - y) / b)


def _divmod_dividend(y: Any, a: Any, b: Any) -> Any:
    space = vspace(a)
    return lambda g: space.project(g[1])


def _divmod_divisor(y: Any, a: Any, b: Any) -> Any:
    quotient, space = y[0], vspace(b)
    return lambda g: space.project(-quotient * g[1])


_POWER = (times(_power_base), times(_power_exponent))

# fmt: off
RULES = (
    elementwise(np.add,           *partials(operator.add)),
    elementwise(np.subtract,      *partials(operator.sub)),
    elementwise(np.multiply,      *partials(operator.mul)),
    elementwise(np.divide,        *partials(operator.truediv)),
    elementwise(np.negative,      *partials(operator.neg)),
    elementwise(np.positive,      *partials(operator.pos)),
    elementwise(np.reciprocal,    lambda y, x: -y * y),
    elementwise(power,            *_POWER),
    elementwise(np.power,         *_POWER),
    elementwise(np.float_power,   *_POWER),
    elementwise(np.remainder,     1, lambda y, a, b: -np.floor_divide(a, b)),
    elementwise(np.fmod,          1, _fmod_divisor),
    general(np.divmod,            vjp=(_divmod_dividend, _divmod_divisor)),
    general(np.modf,              vjp=lambda y, x: lambda g: g[0]),
    zero(np.floor_divide),
)
# fmt: on
