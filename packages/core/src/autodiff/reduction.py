"""Rules of reductions: sums with weights over axes.

``sum``, ``mean``, ``max``, ``var`` and ``norm`` differ in the weight that each entry has in the result's derivative;
what to do with `axis` and `keepdims` is the same for all, and is done here, through the vector space of the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.elementwise import mentioned
from autodiff.primitive import Primitive
from autodiff.rule import Accepted, Pull, Rule, not_differentiable_in, unsupported_argument
from autodiff.vspace import VSpace, vspace


class Reduction(Rule):
    """Sums over axes with weights: the tangent of the result is ``sum(weights * tangent)``."""

    def __init__(self, fun: Callable[..., Any], weights: Callable[..., Any] | float) -> None:
        self.fun = fun
        self.weights = weights
        names = Accepted.by(weights, skip=2).names if callable(weights) else frozenset()
        self._names: frozenset[str] = names or frozenset()
        self._uses_y, self._uses_x = mentioned(weights, 0, 2) if callable(weights) else (False, False)
        #: Whether the weights depend neither on the result nor on the argument.
        self.constant = not (self._uses_y or self._uses_x)
        self._accepted = Accepted(1, self._names | {"axis", "keepdims"})

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        if len(args) == 1 and not kwargs:
            return kwargs
        if argnums != (0,):
            raise not_differentiable_in(primitive, max(argnums))
        if len(args) > 1:
            names = [p.name for p in (primitive.parameters() or ())[1:]]
            if len(names) < len(args) - 1:  # a function whose signature Python cannot tell
                raise unsupported_argument(primitive.name, f"number {len(names) + 1} by position", self._names)
            kwargs = {**dict(zip(names, args[1:], strict=False)), **kwargs}
        return self._accepted.filter(primitive, args[:1], kwargs)

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        x = args[0]
        return _pull_reduction, (self, vspace(x), y if self._uses_y else None, x if self._uses_x else None, kwargs)

    def weigh(self, space: VSpace, vector: Any, y: Any, x: Any, kwargs: dict[str, Any]) -> Any:
        """Multiply a vector of the space of `x` with the weights."""
        if not callable(self.weights):
            return vector if self.weights == 1 else vector * self.weights
        if self._uses_y:
            y = space.unreduce(y, kwargs.get("axis"), kwargs.get("keepdims", False))
        options = {name: value for name, value in kwargs.items() if name in self._names} if kwargs else {}
        if "axis" in self._names:
            options["axis"] = kwargs.get("axis")
        weights = self.weights(y, space if x is None else x, **options)
        return vector if type(weights) is int and weights == 1 else vector * weights

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        space = vspace(args[0])
        weighted = self.weigh(space, tangents[0], y, args[0], kwargs)
        return space.reduce(weighted, kwargs.get("axis"), kwargs.get("keepdims", False))


def _pull_reduction(g: Any, residuals: Any) -> Any:
    rule, space, y, x, kwargs = residuals
    axis, keepdims = (kwargs.get("axis"), kwargs.get("keepdims", False)) if kwargs else (None, False)
    return space.project(rule.weigh(space, space.unreduce(g, axis, keepdims), y, x, kwargs))


def reduction(fun: Callable[..., Any], weights: Callable[..., Any] | float) -> Reduction:
    """Make the rule of a function that reduces over axes, ``y = fun(x, axis=None, keepdims=False, ...)``.

    Parameters
    ----------
    fun : callable
        The function. Its result has the shape of `x` without the axes `axis`, or with length 1 along them.
    weights : callable or number
        ``weights(y, x, ...)``: the derivative of `y` with respect to each entry of `x`, given `y` with its axes
        restored; or one number for all entries. Further parameters are further arguments of `fun` that the rule
        understands, by name: `axis`, `where`, `ddof`. A mask must come out as zero weights.

    Returns
    -------
    Reduction
        The row.

    Examples
    --------
    A number is an array without axes:

    >>> from autodiff import grad
    >>> from autodiff.extend import primitive, reduction, register_rules
    >>> @primitive
    ... def energy(x, axis=None, keepdims=False):
    ...     return x * x  # for arrays: (x * x).sum(axis, keepdims=keepdims)
    >>> register_rules([reduction(energy, lambda y, x: 2 * x)])
    >>> grad(energy)(3.0)
    6.0
    """
    return Reduction(fun, weights)
