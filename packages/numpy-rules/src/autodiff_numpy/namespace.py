"""How a NumPy function becomes a function of `import autodiff_numpy as np`.

Plain NumPy functions find boxes by themselves, through NumPy's protocols. The functions made here are the same, but
look at the type of their first argument before NumPy does, which saves a third of a microsecond a call.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any, TypeVar

from autodiff.extend import Box, bind, primitive_of
from autodiff_numpy.array_making import as_operand, packing
from autodiff_numpy.box import ArrayBox
from autodiff_numpy.writing import WRITERS

F = TypeVar("F", bound=Callable[..., Any])

# What NumPy makes arrays of without a look for traced values inside.
_LISTS = frozenset({list, tuple})


def unary(ufunc: F) -> F:
    """Make the traced form of a ufunc of one argument."""
    known = primitive_of(ufunc, dispatches=True)

    @functools.wraps(ufunc, updated=())
    def traced(x: Any, /, out: Any = None, **kwargs: Any) -> Any:
        if type(x) is ArrayBox and out is None and not kwargs:
            return x.owner.unary(known, x)
        if type(x) in _LISTS:
            x = as_operand(x)
        return ufunc(x, **kwargs) if out is None else ufunc(x, out=out, **kwargs)

    _add_attributes(traced, ufunc)
    return traced  # type: ignore[return-value]  # the same signature


def binary(ufunc: F) -> F:
    """Make the traced form of a ufunc of two arguments."""
    known = primitive_of(ufunc, dispatches=True)

    @functools.wraps(ufunc, updated=())
    def traced(a: Any, b: Any, /, out: Any = None, **kwargs: Any) -> Any:
        if type(a) is ArrayBox and out is None and not kwargs:
            result = a.owner.binary(known, a, b)
            if result is not NotImplemented:
                return result
        if type(a) in _LISTS or type(b) in _LISTS:
            a, b = as_operand(a), as_operand(b)
        return ufunc(a, b, **kwargs) if out is None else ufunc(a, b, out=out, **kwargs)

    _add_attributes(traced, ufunc)
    return traced  # type: ignore[return-value]  # the same signature


def _add_attributes(traced: Any, ufunc: Any) -> None:
    """Give the traced form of a ufunc what ufuncs have: ``np.add.reduce``, ``np.add.at`` and so on."""
    for name in ("at", "reduce", "accumulate", "reduceat", "outer", "identity", "nin", "nout", "nargs", "types"):
        setattr(traced, name, getattr(ufunc, name))


def function(fun: F) -> F:
    """Make the traced form of a function of one array and options."""
    known = primitive_of(fun, dispatches=True)

    @functools.wraps(fun, updated=())
    def traced(x: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(x) is ArrayBox and not args and not kwargs:
            return x.owner.unary(known, x)
        if type(x) in _LISTS:
            x = as_operand(x)
        if kwargs and any(isinstance(value, Box) and name != "out" for name, value in kwargs.items()):
            return bind(known, (x, *args), kwargs)  # NumPy does not look there: at `initial`, for instance
        return fun(x, *args, **kwargs)

    return traced  # type: ignore[return-value]  # the same signature


def everywhere(fun: F) -> F:
    """Make the traced form of a function of which NumPy looks for traced values in some arguments only.

    All are looked into here, and lists as well. What the rule does not know is refused by name.
    """
    known = primitive_of(fun)
    pack = packing(fun)

    @functools.wraps(fun, updated=())
    def traced(*args: Any, **kwargs: Any) -> Any:
        if fun in WRITERS and args and isinstance(args[0], Box):  # `nan_to_num` can change its argument
            return fun(*args, **kwargs)
        return bind(known, tuple(map(pack, args)), {name: pack(value) for name, value in kwargs.items()})

    return traced  # type: ignore[return-value]  # the same signature


@functools.cache
def numpys_or_traced(module: ModuleType, name: str) -> Any:
    """Return what a module of NumPy has under this name; a function that has a rule takes traced values."""
    if name.startswith("_"):
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
    found = getattr(module, name)
    return everywhere(found) if isinstance(found, FunctionType) else found
