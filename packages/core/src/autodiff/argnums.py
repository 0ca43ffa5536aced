"""Which arguments of a user's function are differentiated: by position, by name, or several at once."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable
from typing import Any

from autodiff.errors import InputError

#: A position, which may be negative, or a name.
Argnum = int | str
#: What the transforms take: one argument, or a tuple of them.
Argnums = Argnum | tuple[Argnum, ...]


def select(
    fun: Callable[..., Any], argnums: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], Callable[..., Any]]:
    """Pick the arguments `argnums` of the call ``fun(*args, **kwargs)``.

    Returns their values, and `fun` as a function of them alone, with the other arguments as in this call.
    """
    if type(argnums) is int and argnums == 0 and args and not kwargs:  # by far the commonest case
        if len(args) == 1:
            return args, fun
        return args[:1], lambda value: fun(value, *args[1:])
    several = argnums if isinstance(argnums, tuple) else (argnums,)
    places = tuple(_place(fun, argnum, args, kwargs) for argnum in several)
    if len(set(places)) < len(places):
        raise InputError(f"argnum {argnums!r} names an argument of {_name(fun)} more than once.")
    if not places:
        raise InputError(f"argnum is an empty tuple: name at least one argument of {_name(fun)}.")
    values = tuple(args[place] if isinstance(place, int) else kwargs[place] for place in places)

    def call(*new_values: Any) -> Any:
        new_args, new_kwargs = list(args), dict(kwargs)
        for place, value in zip(places, new_values, strict=True):
            if isinstance(place, int):
                new_args[place] = value
            else:
                new_kwargs[place] = value
        return fun(*new_args, **new_kwargs)

    return values, call


def _place(fun: Callable[..., Any], argnum: Argnum, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int | str:
    """Return where the argument stands in this call: its position, or its name among the keywords."""
    if isinstance(argnum, bool) or not isinstance(argnum, int | str):
        raise InputError(
            f"argnum must be a position, a name, or a tuple of them, not {reprlib.repr(argnum)}. To differentiate at a "
            "value write `grad(f)(x)`, not `grad(f, x)`."
        )
    if isinstance(argnum, int):
        if argnum < 0 and kwargs:  # counted from the end of the signature, as some arguments have no position
            argnum += len(_positional_names(fun))
        position = argnum + len(args) if argnum < 0 else argnum
        if 0 <= position < len(args):
            return position
        name = _parameter_name(fun, argnum)
        if name in kwargs:
            return name
        raise InputError(
            f"argnum {argnum} of {_name(fun)}: this call passes {len(args)} arguments by position"
            + (f" and {', '.join(map(repr, kwargs))} by name" if kwargs else "")
            + ". Pass the argument that is differentiated, or choose another argnum."
        )
    if argnum in kwargs:
        return argnum
    names = _positional_names(fun)
    if argnum in names and names.index(argnum) < len(args):
        return names.index(argnum)
    raise InputError(
        f"{_name(fun)} was not passed an argument {argnum!r}, with respect to which it is to be differentiated. "
        f"Its parameters: {', '.join(names) or 'unknown'}. Pass the argument explicitly; a default value is not enough."
    )


def argument_name(fun: Callable[..., Any], argnum: Argnum) -> str:
    """Return how messages speak of an argument: ``0 (`x`)``."""
    name = _parameter_name(fun, argnum) if isinstance(argnum, int) else argnum
    return repr(argnum) if name in ("", argnum) else f"{argnum} (`{name}`)"


def _parameter_name(fun: Callable[..., Any], position: int) -> str:
    names = _positional_names(fun)
    return names[position] if 0 <= position < len(names) else ""


def _positional_names(fun: Callable[..., Any]) -> list[str]:
    """Return the names of parameters that can be passed by position."""
    try:
        parameters = inspect.signature(fun).parameters.values()
    except (ValueError, TypeError):
        return []
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _name(fun: Callable[..., Any]) -> str:
    return getattr(fun, "__qualname__", repr(fun))
