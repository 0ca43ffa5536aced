"""The rule of assignment: of functions that overwrite some entries of an array.

Arrays in boxes do not change. Assignment makes a new version of the array, which is linear in the old one and in what
is written: in forward mode the tangents of the entries are overwritten by those of the value. In reverse mode the
cotangents at the index go to the value, and all others to the old version.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.primitive import Primitive
from autodiff.rule import Pull, Rule, not_differentiable_in
from autodiff.vspace import vspace


class Overwriting(Rule):
    """``y = fun(array, value, index, in_place)`` is `array` with `value` written at `index`."""

    def __init__(self, fun: Callable[..., Any], pick: Callable[..., Any]) -> None:
        self.fun = fun
        self.pick = pick

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        if max(argnums) > 1:
            raise not_differentiable_in(primitive, max(argnums))
        return kwargs

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        _, value, index, _ = args
        space = vspace(value)

        def pull(g: Any, _: Any) -> Any:
            parts = [
                self.call(g, 0.0, index, False) if argnum == 0 else space.project(self.pick(g, space, index))
                for argnum in argnums
            ]
            return parts[0] if len(parts) == 1 else tuple(parts)

        return pull, None

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        known = dict(zip(argnums, tangents, strict=True))
        tangent = known[0] if 0 in known else vspace(y).zeros()
        return self.call(tangent, known.get(1, 0.0), args[2], args[3] or 0 not in known)


def overwriting(fun: Callable[..., Any], pick: Callable[..., Any]) -> Overwriting:
    """Make the rule of a function that overwrites some entries of an array.

    Parameters
    ----------
    fun : callable
        ``y = fun(array, value, index, in_place)`` returns `array` with `value` written at `index`, which picks no entry
        twice. With `in_place` it writes into `array` itself, which is plain then, and not used any more.
    pick : callable
        ``pick(g, value, index)`` returns the part of the cotangent `g` that belongs to the value, whose *space* is
        given: newly made, and in a shape that broadcasts like the value.

    Returns
    -------
    Overwriting
        The row.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import overwriting, primitive, register_rules
    >>> @primitive
    ... def real_part_replaced(z, value, index, in_place):
    ...     return complex(value, z.imag)
    >>> register_rules([overwriting(real_part_replaced, lambda g, value, index: g.real)])
    >>> grad(lambda z: abs(real_part_replaced(z, 3.0, None, False)))(1 + 4j)
    -0.8j
    """
    return Overwriting(fun, pick)
