"""Miscellaneous mathematics.  https://numpy.org/doc/stable/reference/routines.math.html#miscellaneous"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import elementwise, general, times
from autodiff_numpy.masking import masked


def _finite_part(v: Any, x: Any) -> Any:
    """Pass on real and imaginary parts of `v` where that part of `x` is finite."""
    if not np.iscomplexobj(x):
        return masked(v, np.isfinite(x))
    return masked(np.real(v), np.isfinite(np.real(x))) + 1j * masked(np.imag(v), np.isfinite(np.imag(x)))


def _nan_to_num_vjp(y: Any, x: Any, copy: Any = True, nan: Any = 0, posinf: Any = None, neginf: Any = None) -> Any:
    _refuse_in_place(copy)
    return lambda g: _finite_part(g, x)


def _nan_to_num_jvp(
    t: Any, y: Any, x: Any, copy: Any = True, nan: Any = 0, posinf: Any = None, neginf: Any = None
) -> Any:
    _refuse_in_place(copy)
    return _finite_part(t, x)


def _refuse_in_place(copy: Any) -> None:
    if not copy:
        raise UnsupportedArgumentError(
            "numpy.nan_to_num cannot change a traced array in place (`copy=False`). Use its result instead."
        )


# fmt: off
RULES = (
    elementwise(np.sqrt,       times(lambda g, y, x: g / (y + y))),
    elementwise(np.cbrt,       times(lambda g, y, x: g / (3 * y * y))),
    elementwise(np.square,     lambda y, x: 2 * x),
    elementwise(np.fabs,       lambda y, x: np.sign(x)),
    elementwise(np.heaviside,  None, times(lambda g, y, a, b: masked(g, a == 0))),
    general(np.nan_to_num,     vjp=_nan_to_num_vjp, jvp=_nan_to_num_jvp),
)
# fmt: on
