"""Names and docstrings of the functions that transforms return."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from autodiff.argnums import Argnums
from autodiff.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


def named(transform: str, fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[[F], F]:
    """Decorate the result of a transform with the signature of `fun` and a name such as ``grad_of_loss``."""
    if not callable(fun):
        raise InputError(
            f"{transform} takes a function, but got {fun!r} of type {type(fun).__name__}. "
            "Write `grad(f)(x)`, not `grad(f(x))`."
        )

    def decorate(result: F) -> F:
        functools.update_wrapper(result, fun, updated=())
        name = getattr(fun, "__name__", "function")
        which = "its arguments" if isinstance(argnum, tuple) else "argument"
        result.__name__ = f"{transform}_of_{name}"
        result.__doc__ = f"{transform} of {name} with respect to {which} {argnum!r}.\n\n{fun.__doc__ or ''}"
        return result

    return decorate
