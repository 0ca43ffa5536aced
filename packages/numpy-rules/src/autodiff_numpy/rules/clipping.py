"""Clipping.  https://numpy.org/doc/stable/reference/generated/numpy.clip.html

``clip(a, low, high)`` is ``minimum(maximum(a, low), high)``, also where low > high; its derivative is that of the
composition, also where values are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import general, vspace
from autodiff_numpy.rules.extrema import larger, smaller

_MISSING = np._NoValue


def _raised(a: Any, low: Any) -> Any:
    return a if low is None else np.maximum(a, low)


def _to_array(v: Any, a: Any, low: Any, high: Any) -> Any:
    """Multiply by the derivative with respect to `a`; the next two functions are for the bounds."""
    v = v if high is None else smaller(v, None, _raised(a, low), high)
    return v if low is None else larger(v, None, a, low)


def _to_low(v: Any, a: Any, low: Any, high: Any) -> Any:
    v = v if high is None else smaller(v, None, _raised(a, low), high)
    return larger(v, None, low, a)


def _to_high(v: Any, a: Any, low: Any, high: Any) -> Any:
    return smaller(v, None, high, _raised(a, low))


def _bound(*given: Any) -> Any:
    """Return a bound, which has an old name and a new one; None where there is none."""
    return next((bound for bound in given if bound is not None and bound is not _MISSING), None)


def _vjp(argnum: int, product: Callable[..., Any]) -> Callable[..., Any]:
    def vjp(
        y: Any,
        a: Any,
        a_min: Any = None,
        a_max: Any = None,
        out: Any = None,
        *,
        min: Any = None,  # noqa: A002  # NumPy's names
        max: Any = None,  # noqa: A002
    ) -> Any:
        _refuse_out(out)
        space = vspace((a, a_min, a_max)[argnum])
        low, high = _bound(a_min, min), _bound(a_max, max)
        return lambda g: space.project(product(g, a, low, high))

    return vjp


def _jvp(product: Callable[..., Any]) -> Callable[..., Any]:
    def jvp(
        t: Any,
        y: Any,
        a: Any,
        a_min: Any = None,
        a_max: Any = None,
        out: Any = None,
        *,
        min: Any = None,  # noqa: A002
        max: Any = None,  # noqa: A002
    ) -> Any:
        _refuse_out(out)
        return vspace(y).expand(product(t, a, _bound(a_min, min), _bound(a_max, max)))

    return jvp


def _refuse_out(out: Any) -> None:
    if out is not None:
        raise UnsupportedArgumentError("numpy.clip cannot write a traced value into a plain array (`out`).")


_PRODUCTS = (_to_array, _to_low, _to_high)

RULES = (
    general(
        np.clip,
        vjp=[_vjp(argnum, product) for argnum, product in enumerate(_PRODUCTS)],
        jvp=[_jvp(product) for product in _PRODUCTS],
    ),
)
