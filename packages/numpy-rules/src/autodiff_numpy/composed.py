"""Rules of functions that can be written with others which have rules: the derivative is that of the definition."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from autodiff import make_jvp, make_vjp
from autodiff.extend import Rule, general


def composed(fun: Callable[..., Any], definition: Callable[..., Any], argnums: tuple[int, ...] = (0,)) -> Rule:
    """Make the rule of a function from a definition in plain NumPy, which is differentiated in its place.

    Parameters
    ----------
    fun : callable
        The function, which computes the value.
    definition : callable
        The same function in terms of others. Its signature says which arguments the rule understands.
    argnums : tuple of int
        The arguments that may be traced; others are refused.
    """
    parameters = list(inspect.signature(definition).parameters.values())
    result = inspect.Parameter("result", inspect.Parameter.POSITIONAL_ONLY)
    vjps = {i: _vjp(definition, i) for i in argnums}
    for vjp in vjps.values():
        vjp.__signature__ = inspect.Signature([result, *parameters])  # type: ignore[attr-defined]
    rule = general(fun)
    rule.set_vjps(dict(vjps))
    rule.set_jvps({i: _jvp(definition, i) for i in argnums})
    return rule


def _vjp(definition: Callable[..., Any], argnum: int) -> Callable[..., Any]:
    def vjp(y: Any, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        pull: Callable[[Any], Any] = make_vjp(definition, argnum)(*args, **kwargs)[0]
        return pull

    return vjp


def _jvp(definition: Callable[..., Any], argnum: int) -> Callable[..., Any]:
    def jvp(tangent: Any, y: Any, *args: Any, **kwargs: Any) -> Any:
        return make_jvp(definition, argnum)(*args, **kwargs)(tangent)[1]

    return jvp
