"""Deliberately wrong rules: for each, a call in which the mistake shows, and words that name its cause.

Each row makes a new primitive when it is checked, so that the rules of NumPy's own functions stay as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autodiff.extend import defjvp, defvjp, primitive, register_rules

_rng = np.random.default_rng(20)

# Points that the rows share; none of their entries is near 0, 1 or another entry.
V = np.array([0.7, -1.3, 2.1, -0.4])
A = _rng.permutation(np.linspace(-2.3, 2.6, 12)).reshape(3, 4)
B = _rng.permutation(np.linspace(-1.9, 2.8, 20)).reshape(4, 5)
SQUARE = _rng.permutation(np.linspace(-2.2, 2.4, 9)).reshape(3, 3) + 4.0 * np.eye(3)
Z = np.array([0.7 + 0.4j, -1.3 + 0.9j, 2.1 - 0.6j])


@dataclass(frozen=True)
class Row:
    """A wrong rule.

    Attributes
    ----------
    name : str
        What is wrong.
    make : callable
        Returns a function with the rule.
    args, kwargs, modes, order
        The call that is checked, and how.
    words : tuple of str
        What the diagnosis must say.
    """

    name: str
    make: Callable[[], Callable[..., Any]]
    args: tuple[Any, ...]
    words: tuple[str, ...]
    kwargs: dict[str, Any] = field(default_factory=dict)
    modes: Sequence[str] = ("fwd", "rev")
    order: int = 1


def row(
    name: str,
    make: Callable[[], Callable[..., Any]],
    *args: Any,
    words: str | tuple[str, ...],
    modes: Sequence[str] = ("fwd", "rev"),
    order: int = 1,
    **kwargs: Any,
) -> Row:
    """Make a row; `kwargs` are the keywords of the call."""
    return Row(name, make, args, (words,) if isinstance(words, str) else words, kwargs, modes, order)


def new(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Return a primitive that does what `fun` does, and has no rule yet."""

    @functools.wraps(fun)
    def own(*args: Any, **kwargs: Any) -> Any:
        return fun(*args, **kwargs)

    return primitive(own)


def vjp(fun: Callable[..., Any], *makers: Any) -> Callable[[], Callable[..., Any]]:
    """Return what makes `fun` a primitive with these VJPs; forward mode follows from them."""

    def make() -> Callable[..., Any]:
        made = new(fun)
        defvjp(made, *makers)
        return made

    return make


def both(fun: Callable[..., Any], maker: Any, jvp: Any) -> Callable[[], Callable[..., Any]]:
    """Return what makes `fun` a primitive with a VJP and a JVP, which may disagree."""

    def make() -> Callable[..., Any]:
        made = new(fun)
        defvjp(made, maker)
        defjvp(made, jvp)
        return made

    return make


def form(rule: Callable[..., Any], fun: Callable[..., Any], *parts: Any, **options: Any) -> Callable[[], Any]:
    """Return what makes `fun` a primitive with a rule of some form: ``form(elementwise, np.sin, lambda y, x: ...)``."""

    def make() -> Callable[..., Any]:
        made = new(fun)
        register_rules([rule(made, *parts, **options)])
        return made

    return make
