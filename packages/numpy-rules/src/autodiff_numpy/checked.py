"""Rules that look at the values of arguments before they are applied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autodiff.extend import Primitive, Rule

R = TypeVar("R", bound=Rule)


def checked(rule: R, check: Callable[..., None]) -> R:
    """Let ``check(*args, **kwargs)`` raise for values of arguments that the rule does not understand.

    It is called with the arguments of the function, when the rule is applied, in either mode.
    """
    accept = rule.accept

    def accept_checked(
        primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        known = accept(primitive, args, kwargs, argnums)
        check(*args, **known)
        return known

    rule.accept = accept_checked  # type: ignore[method-assign]  # for this one rule
    return rule
