"""Functions that make arrays. While a function is being differentiated, what they make is live: see `live.py`.

So traced values can be written into them. What is made elsewhere, by plain NumPy for example, is a plain array.
"""

from __future__ import annotations

import functools
from typing import Any, TypeVar

import numpy

from autodiff.extend import differentiating
from autodiff_numpy import array_making
from autodiff_numpy.live import live

F = TypeVar("F")


def _making(fun: F) -> F:
    """Make the form of a function that makes live arrays."""

    @functools.wraps(fun, updated=())  # type: ignore[arg-type]  # a callable
    def making(*args: Any, **kwargs: Any) -> Any:
        made = fun(*args, **kwargs)  # type: ignore[operator]
        if not differentiating() or (args and isinstance(args[0], numpy.ndarray) and numpy.may_share_memory(made, args[0])):
            return made
        return (live(made[0]), *made[1:]) if type(made) is tuple else live(made)

    return making  # type: ignore[return-value]  # the same signature


zeros, ones, empty, full = map(_making, (numpy.zeros, numpy.ones, numpy.empty, array_making.full))
zeros_like, ones_like, empty_like = map(_making, (numpy.zeros_like, numpy.ones_like, numpy.empty_like))
full_like, copy = map(_making, (array_making.full_like, numpy.copy))
array, asarray, asanyarray = map(_making, (array_making.array, array_making.asarray, array_making.asanyarray))
ascontiguousarray, asfortranarray = map(_making, (array_making.ascontiguousarray, array_making.asfortranarray))
arange, linspace, eye, identity = map(_making, (numpy.arange, numpy.linspace, numpy.eye, numpy.identity))
