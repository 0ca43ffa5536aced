"""Numerical ranges.  https://numpy.org/doc/stable/reference/routines.array-creation.html#numerical-ranges

An entry that stands at the fraction w of the way from start to stop has the partials 1 - w and w in `linspace`; those
of the other ranges have the derivative of their scale as a further factor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import Rule, general, vspace
from autodiff_numpy.operands import as_floating

#: ``scale(y, end)``: the further factor.
Scale = Callable[[Any, Any], Any]


def _linear(y: Any, end: Any) -> Any:
    return 1


def _geometric(y: Any, end: Any) -> Any:
    return y / end


def _partial(which: int, scale: Scale, y: Any, end: Any, num: int, endpoint: bool) -> Any:
    """Return the partials with respect to start (0) or stop (1), for `y` with the axis of the range in front."""
    steps = max(num - 1 if endpoint else num, 1)
    fractions = (np.arange(num) / steps).astype(np.finfo(y.dtype).dtype)
    fractions = np.reshape(fractions, (num,) + (1,) * (len(y.shape) - 1))
    return (fractions if which else 1 - fractions) * scale(y, end)


def _vjp(which: int, scale: Scale) -> Callable[..., Any]:
    def maker(
        y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0
    ) -> Callable[[Any], Any]:
        end = (start, stop)[which]
        space = vspace(end)
        partial = _partial(which, scale, np.moveaxis(y, axis, 0), end, num, endpoint)
        return lambda g: space.project(np.sum(np.moveaxis(g, axis, 0) * partial, axis=0))

    return maker


def _jvp(which: int, scale: Scale) -> Callable[..., Any]:
    def push(t: Any, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, *, axis: int = 0) -> Any:
        moved = np.moveaxis(y, axis, 0)
        partial = _partial(which, scale, moved, (start, stop)[which], num, endpoint)
        return np.moveaxis(np.broadcast_to(t * partial, moved.shape), 0, axis)

    return push


def _vjp_of_powers(which: int) -> Callable[..., Any]:
    def maker(
        y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, *, axis: int = 0
    ) -> Callable[[Any], Any]:
        pull: Callable[[Any], Any] = _vjp(which, lambda y, end: y * np.log(as_floating(base)))(
            y, start, stop, num, endpoint, axis=axis
        )
        return pull

    return maker


def _jvp_of_powers(which: int) -> Callable[..., Any]:
    def push(
        t: Any, y: Any, start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, *, axis: int = 0
    ) -> Any:
        return _jvp(which, lambda y, end: y * np.log(as_floating(base)))(t, y, start, stop, num, endpoint, axis=axis)

    return push


def _row(fun: Callable[..., Any], scale: Scale) -> Rule:
    return general(fun, vjp=(_vjp(0, scale), _vjp(1, scale)), jvp=(_jvp(0, scale), _jvp(1, scale)))


RULES = (
    _row(np.linspace, _linear),
    _row(np.geomspace, _geometric),
    general(
        np.logspace,
        vjp=(_vjp_of_powers(0), _vjp_of_powers(1)),
        jvp=(_jvp_of_powers(0), _jvp_of_powers(1)),
    ),
)
