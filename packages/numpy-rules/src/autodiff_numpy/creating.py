"""Functions that make arrays. While a function is being differentiated, what they make is live: see `live.py`.

So traced values can be written into them. What is made elsewhere, by plain NumPy for example, is a plain array.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy

from autodiff.extend import Box, differentiating
from autodiff_numpy import array_making
from autodiff_numpy.live import live

F = TypeVar("F", bound=Callable[..., Any])


def _making(fun: F) -> F:
    """Make the form of a function that makes live arrays."""

    @functools.wraps(fun, updated=())
    def making(*args: Any, **kwargs: Any) -> Any:
        made = fun(*args, **kwargs)
        if not differentiating():
            return made
        if type(made) is tuple:  # `linspace` with its step
            return (live(made[0]), *made[1:])
        sources = args[:1] or kwargs.values()
        return made if any(_is_old(made, source) for source in sources) else live(made)

    return making  # type: ignore[return-value]  # the same signature


def _is_old(made: Any, source: Any) -> bool:
    """Whether `made` may be an array that there was before, or a view of it, as from `asarray`."""
    if isinstance(made, Box) or isinstance(source, (int, float, list, tuple)):
        return False
    return numpy.may_share_memory(made, source)


arange = _making(numpy.arange)
array = _making(array_making.array)
asanyarray = _making(array_making.asanyarray)
asarray = _making(array_making.asarray)
ascontiguousarray = _making(array_making.ascontiguousarray)
asfortranarray = _making(array_making.asfortranarray)
copy = _making(numpy.copy)
empty = _making(numpy.empty)
empty_like = _making(numpy.empty_like)
eye = _making(numpy.eye)
full = _making(array_making.full)
full_like = _making(array_making.full_like)
identity = _making(numpy.identity)
linspace = _making(numpy.linspace)
ones = _making(numpy.ones)
ones_like = _making(numpy.ones_like)
zeros = _making(numpy.zeros)
zeros_like = _making(numpy.zeros_like)
