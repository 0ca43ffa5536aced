"""Gradients by the names of arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autodiff.errors import InputError
from autodiff.gradients import grad
from autodiff.naming import named


def grad_named(fun: Callable[..., Any], argname: str) -> Callable[..., Any]:
    """Make the function that returns the gradient with respect to the argument of a name.

    The same as ``grad(fun, argname)``, under the name that it has in HIPS autograd.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argname : str
        The name of a parameter of `fun`.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the gradient.

    Raises
    ------
    InputError
        When `argname` is no text.

    Examples
    --------
    >>> grad_named(lambda x, rate: x * rate**2, "rate")(3.0, 2.0)
    12.0
    """
    if not isinstance(argname, str):
        raise InputError(f"grad_named takes the name of an argument, not {argname!r}. `grad` takes positions, too.")
    return named("grad", fun, argname)(grad(fun, argname))


def multigrad_dict(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function that returns the gradients with respect to all arguments, by their names.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result, all of whose arguments can be differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a dictionary with an entry for each argument of the call. That of
        ``*args`` is a tuple, and that of ``**kwargs`` a dictionary; defaults are used as constants.

    Examples
    --------
    >>> multigrad_dict(lambda x, y: x * y**2)(3.0, y=2.0)
    {'x': 4.0, 'y': 12.0}
    """
    signature = inspect.signature(fun)

    def by_name(arguments: dict[str, Any]) -> Any:
        bound = signature.bind_partial()
        bound.arguments.update(arguments)
        return fun(*bound.args, **bound.kwargs)

    gradients = grad(by_name)

    @named("multigrad_dict", fun, tuple(signature.parameters))
    def gradients_by_name(*args: Any, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = gradients(dict(signature.bind(*args, **kwargs).arguments))
        return found

    return gradients_by_name
