"""Sums and products along an axis.  https://numpy.org/doc/stable/reference/routines.math.html#sums-products-differences"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import Rule, general, linear
from autodiff_numpy.vspace import single_axis


def _reversed(x: Any, axis: int) -> Any:
    index = (slice(None),) * axis + (slice(None, None, -1),)
    return x[index]


def _sum_to_end(g: Any, axis: int) -> Any:
    return _reversed(np.cumsum(_reversed(g, axis), axis), axis)


def _cumsum(g: Any, a: Any, axis: Any = None) -> Any:
    """Sum from each entry to the end."""
    axis = single_axis(axis, a.ndim)
    if axis is None:
        return np.reshape(_sum_to_end(g, 0), a.shape)
    return _sum_to_end(g, axis)


def _nancumsum_vjp(y: Any, a: Any, axis: Any = None) -> Any:
    missing = np.isnan(a)
    return lambda g: np.where(missing, 0, _cumsum(g, missing, axis))


def _nancumsum_jvp(t: Any, y: Any, a: Any, axis: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(a), 0, t), axis)


# Products. Their derivatives obey linear recurrences, which are solved without division: entries may be zero.


def _solve(factors: Any, terms: Any) -> Any:
    """Solve ``y[j] = factors[j] * y[j-1] + terms[j]`` along the last axis, from y[-1] = 0.

    By doubling: after each step, an entry depends on one twice as far back (G. E. Blelloch, Prefix Sums and Their
    Applications, 1990, section 1.4).
    """
    step = 1
    while step < terms.shape[-1]:
        terms = np.concatenate((terms[..., :step], terms[..., step:] + factors[..., step:] * terms[..., :-step]), -1)
        factors = np.concatenate((factors[..., :step], factors[..., step:] * factors[..., :-step]), -1)
        step *= 2
    return terms


def _along_last(x: Any, axis: int | None) -> Any:
    return np.reshape(x, -1) if axis is None else np.moveaxis(x, axis, -1)


def _back(x: Any, axis: int | None, shape: Any) -> Any:
    return np.reshape(x, shape) if axis is None else np.moveaxis(x, -1, axis)


def _shifted(x: Any, first: float) -> Any:
    """Move entries one further along the last axis, and put `first` in front."""
    return np.concatenate((np.full((*x.shape[:-1], 1), first, x.dtype), x[..., :-1]), -1)


def _cumprod_vjp(y: Any, a: Any, axis: Any = None) -> Any:
    """Pull g back to ``before[i] * s[i]``, where s[i] = g[i] + a[i+1] s[i+1] is solved from the end."""
    axis = single_axis(axis, np.ndim(a))
    rows = _along_last(a, axis)
    factors = _shifted(rows[..., ::-1], 0.0)
    before = _shifted(np.cumprod(rows, -1), 1.0)

    def pull(g: Any) -> Any:
        solved = _solve(factors, _along_last(g, axis)[..., ::-1])[..., ::-1]
        return _back(before * solved, axis, np.shape(a))

    return pull


def _cumprod_jvp(t: Any, y: Any, a: Any, axis: Any = None) -> Any:
    """Solve the product rule: y'[j] = a[j] y'[j-1] + t[j] y[j-1]."""
    axis = single_axis(axis, np.ndim(a))
    rows = _along_last(a, axis)
    before = _shifted(np.cumprod(rows, -1), 1.0)
    return _back(_solve(rows, before * _along_last(t, axis)), axis, np.shape(y))


def _nancumprod_vjp(y: Any, a: Any, axis: Any = None) -> Any:
    missing = np.isnan(a)
    pull = _cumprod_vjp(y, np.where(missing, 1, a), axis)
    return lambda g: np.where(missing, 0, pull(g))


def _nancumprod_jvp(t: Any, y: Any, a: Any, axis: Any = None) -> Any:
    missing = np.isnan(a)
    return _cumprod_jvp(np.where(missing, 0, t), y, np.where(missing, 1, a), axis)


# The functions of the array API standard (NumPy 2.1), which may put the sum or product of nothing in front


def _without_initial(g: Any, axis: Any, include_initial: bool) -> Any:
    return g[(slice(None),) * (single_axis(axis, g.ndim) or 0) + (slice(1, None),)] if include_initial else g


def _cumulative_sum(g: Any, x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    return _cumsum(_without_initial(g, axis, include_initial), x, axis)


def _cumulative_prod_vjp(y: Any, x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    pull = _cumprod_vjp(_without_initial(y, axis, include_initial), x, axis)
    return lambda g: pull(_without_initial(g, axis, include_initial))


def _cumulative_prod_jvp(t: Any, y: Any, x: Any, *, axis: Any = None, include_initial: bool = False) -> Any:
    axis = -1 if axis is None else axis
    tangent = _cumprod_jvp(t, _without_initial(y, axis, include_initial), x, axis)
    if not include_initial:
        return tangent
    shape = list(tangent.shape)
    shape[axis] = 1
    return np.concatenate((np.zeros(shape, tangent.dtype), tangent), axis)


def _array_api() -> tuple[Rule, ...]:
    if not hasattr(np, "cumulative_sum"):
        return ()
    return (
        linear(np.cumulative_sum, _cumulative_sum),
        general(np.cumulative_prod, vjp=_cumulative_prod_vjp, jvp=_cumulative_prod_jvp),
    )


# fmt: off
RULES = (
    linear(np.cumsum,       _cumsum),
    general(np.nancumsum,   vjp=_nancumsum_vjp,  jvp=_nancumsum_jvp),
    general(np.cumprod,     vjp=_cumprod_vjp,    jvp=_cumprod_jvp),
    general(np.nancumprod,  vjp=_nancumprod_vjp, jvp=_nancumprod_jvp),
    *_array_api(),
)
# fmt: on
