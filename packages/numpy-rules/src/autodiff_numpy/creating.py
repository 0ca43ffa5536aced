"""Functions that make arrays. While a function is being differentiated, what they make is live: see `live.py`.

So traced values can be written into them. What is made elsewhere, by plain NumPy for example, is a plain array.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import numpy

from autodiff.extend import Box, differentiating
from autodiff_numpy import array_making
from autodiff_numpy.live import live

F = TypeVar("F")


def _making(fun: F) -> F:
    """Make the form of a function that makes live arrays."""

    @functools.wraps(fun, updated=())  # type: ignore[arg-type]  # a callable
    def making(*args: Any, **kwargs: Any) -> Any:
        made = fun(*args, **kwargs)  # type: ignore[operator]
        if not differentiating():
            return made
        if type(made) is tuple:  # `linspace` with its step
            return (live(made[0]), *made[1:])
        return made if args and _is_old(made, args[0]) else live(made)

    return making  # type: ignore[return-value]  # the same signature


def _is_old(made: Any, source: Any) -> bool:
    """Whether `made` may be an array that there was before, or a view of it, as from `asarray`."""
    if isinstance(made, Box) or isinstance(source, (int, float, list, tuple)):
        return False
    return numpy.may_share_memory(made, source)


zeros, ones, empty = map(_making, (numpy.zeros, numpy.ones, numpy.empty))
zeros_like, ones_like, empty_like = map(_making, (numpy.zeros_like, numpy.ones_like, numpy.empty_like))
full, full_like, copy = map(_making, (array_making.full, array_making.full_like, numpy.copy))
array, asarray, asanyarray = map(_making, (array_making.array, array_making.asarray, array_making.asanyarray))
ascontiguousarray, asfortranarray = map(_making, (array_making.ascontiguousarray, array_making.asfortranarray))
arange, linspace, eye, identity = map(_making, (numpy.arange, numpy.linspace, numpy.eye, numpy.identity))
