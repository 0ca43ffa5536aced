"""Elementwise rules: each entry of the result depends on one entry of each argument.

One partial derivative for each argument is the whole rule. Its Jacobian is diagonal, so that multiplication with the
partial serves forward mode and reverse mode alike; what broadcasting had repeated is summed by `VSpace.project`.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from types import FunctionType
from typing import Any

from autodiff.primitive import Primitive, primitive_of
from autodiff.rule import ENTRYWISE, FRESH, Accepted, Pull, Rule, not_differentiable_in
from autodiff.vspace import SAME_SPACE, same_space, vspace


class times:  # noqa: N801  # used like a function, in tables
    """A partial that is given as the product with it: ``times(lambda g, y, a, b: g / b)`` for division.

    For partials whose product with a number is cheaper or safer than the number itself: a quotient, or a mask, which
    must give zero even where it meets an infinite cotangent.
    """

    def __init__(self, product: Callable[..., Any]) -> None:
        self.product = product


class operand:  # noqa: N801  # used like a function, in tables
    """A partial that is an operand itself: ``operand(1)`` for the left one of a product a * b.

    Products are the commonest operation of all, and so worth the function call that this spares.
    """

    def __init__(self, place: int) -> None:
        self.place = place


#: What a row gives for each argument.
Partial = Callable[..., Any] | complex | times | operand | None


def _product(partial: Partial) -> Callable[..., Any] | None:
    """Return ``product(g, y, *args)``, which is g times the partial; None where there is no partial."""
    match partial:
        case times():
            return partial.product
        case operand(place=place):
            return lambda g, y, *args: g * args[place]
        case int() | float() | complex():
            if partial == 1:
                return lambda g, *_: g
            if partial == -1:
                return lambda g, *_: -g
            return lambda g, *_: g * partial
    return (lambda g, *values: g * partial(*values)) if callable(partial) else None


def mentioned(function: Callable[..., Any], skip: int, count: int) -> tuple[bool, ...]:
    """Tell which parameters, `count` of them after the first `skip`, a function's code mentions.

    What a partial does not mention need not be kept until the backward pass.
    """
    if not isinstance(function, FunctionType) or function.__code__.co_argcount < skip + count:
        return (True,) * count  # a builtin, a ufunc or a bound method; or a signature with *args
    code = function.__code__
    mentioned: set[str] = set()
    for instruction in dis.get_instructions(code):
        value = instruction.argval
        mentioned.update(value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ())
    names = code.co_varnames[skip : skip + count]
    return tuple(name in mentioned or name in code.co_cellvars for name in names)


class Elementwise(Rule):
    """Each entry of the result depends on one entry of each argument, which may have been broadcast."""

    def __init__(self, fun: Callable[..., Any], partials: tuple[Partial, ...]) -> None:
        self.fun = fun
        self.partials = partials
        self.zero_argnums = frozenset(i for i, partial in enumerate(partials) if partial is None)
        self.products = tuple(_product(partial) for partial in partials)
        #: For each argument, which of ``(y, *args)`` its partial mentions.
        self.uses = tuple(_uses(partial, len(partials)) for partial in partials)
        self._accepted = Accepted(len(partials), frozenset())
        self.pulls = tuple(map(_pull, partials, self.products, self.uses))
        self._nothing = (None,) * (len(partials) + 1)  # what is kept of (y, *args) when no partial mentions them
        self._plans: dict[tuple[int, ...], Any] = {}
        if not self.zero_argnums and NotImplemented not in partials:
            if len(partials) == 1:
                self.unary_step = (self.pulls[0], *self.uses[0])
            elif len(partials) == 2:
                pulls = (*self.pulls, _pull_both(partials, self.pulls))
                uses = (*self.uses, tuple(map(any, zip(*self.uses, strict=True))))
                steps = zip(pulls, uses, strict=True)
                self.binary_steps = tuple((pull, use if any(use) else None) for pull, use in steps)

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        return self._accepted.filter(primitive, args, kwargs)

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        used, products = self._plans.get(argnums) or self._plan(argnums)
        kept: tuple[Any, ...] = self._nothing
        if used is not self._nothing:
            kept = tuple([value if use else None for value, use in zip((y, *args), used)])  # noqa: B905  # a hot path
        kind = type(y)
        same = SAME_SPACE.get(kind)
        if same is None:
            spaces = [None if same_space(args[i], y) else vspace(args[i]) for i in argnums]
        else:  # an array: the same, with less work
            spaces = [None if type(args[i]) is kind and same(args[i], y) else vspace(args[i]) for i in argnums]
        if len(argnums) > 1:
            return _pull_several, (products, kept, spaces)
        if spaces[0] is not None:
            return _pull_projected, (products[0], kept, spaces[0])
        return self.pulls[argnums[0]], unary_residuals(kept) if len(args) == 1 else kept

    def keeps(self, position: int, argnums: tuple[int, ...]) -> bool:
        used, _ = self._plans.get(argnums) or self._plan(argnums)
        return used[position + 1] is True

    def _plan(self, argnums: tuple[int, ...]) -> Any:
        """Work out, once for each `argnums`, which values are kept, and by what cotangents are multiplied."""
        for i in argnums:
            if self.partials[i] is NotImplemented:
                raise not_differentiable_in(primitive_of(self.fun), i)
        used: tuple[Any, ...] = tuple(map(any, zip(*(self.uses[i] for i in argnums), strict=True)))
        used = used if any(used) else self._nothing
        self._plans[argnums] = plan = (used, tuple(self.products[i] for i in argnums))
        return plan

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        _, products = self._plans.get(argnums) or self._plan(argnums)
        total = None
        for product, tangent in zip(products, tangents, strict=True):
            term = product(tangent, y, *args)
            total = term if total is None else total + term
        return total if same_space(total, y) else vspace(y).expand(total)


def _uses(partial: Partial, arguments: int) -> tuple[bool, ...]:
    """Tell which of (y, *args) the partial mentions."""
    if isinstance(partial, operand):
        return tuple(place == partial.place for place in range(-1, arguments))
    if isinstance(partial, times):
        return mentioned(partial.product, 1, arguments + 1)
    return mentioned(partial, 0, arguments + 1) if callable(partial) else (False,) * (arguments + 1)


def _pull(partial: Partial, product: Any, uses: tuple[bool, ...]) -> Pull:
    """Return ``pull(g, (y, *args))`` for one traced argument.

    This is the inner loop of backward passes, so there is a form for each of the commonest partials. Functions of one
    argument that need only one of y and x get it without a tuple around, see `unary_residuals`.
    """
    nothing = (None,) * len(uses)
    pull: Pull = lambda g, values: product(g, *values)
    if partial == 1:
        pull = lambda g, _: g
    elif not any(uses):
        pull = lambda g, _: product(g, *nothing)
    elif uses == (False, True):
        pull = lambda g, x: product(g, None, x)
        if callable(partial):
            pull = lambda g, x: g * partial(None, x)
    elif uses == (True, False):
        pull = lambda g, y: product(g, y, None)
        if callable(partial):
            pull = lambda g, y: g * partial(y, None)
    elif isinstance(partial, operand):
        place = partial.place + 1
        pull = lambda g, values: g * values[place]
    elif len(uses) == 3:
        pull = lambda g, values: product(g, values[0], values[1], values[2])
        if callable(partial):
            pull = lambda g, values: g * partial(values[0], values[1], values[2])
    if partial != 1 and not isinstance(partial, times):  # `times` might return g itself
        FRESH.add(pull)
    ENTRYWISE.add(pull)
    return pull


def _pull_both(partials: tuple[Any, ...], pulls: tuple[Pull, ...]) -> Pull:
    """Return the pull for a binary operation whose operands are both traced."""
    left, right = pulls
    pull: Pull = lambda g, values: (left(g, values), right(g, values))
    if partials == (1, 1):
        pull = lambda g, _: (g, g)
    elif all(isinstance(partial, operand) for partial in partials):
        i, j = (partial.place + 1 for partial in partials)
        pull = lambda g, values: (g * values[i], g * values[j])
    elif all(map(callable, partials)):
        by_left, by_right = partials
        pull = lambda g, v: (g * by_left(v[0], v[1], v[2]), g * by_right(v[0], v[1], v[2]))
    if FRESH.issuperset(pulls):
        FRESH.add(pull)
    ENTRYWISE.add(pull)
    return pull


def unary_residuals(kept: tuple[Any, ...]) -> Any:
    """Return what the pull of a function of one argument takes: the pair (y, x), or that one of them which is kept."""
    y, x = kept
    return x if y is None else y if x is None else kept


def _pull_projected(g: Any, residuals: Any) -> Any:
    product, kept, space = residuals
    return space.project(product(g, *kept))


def _pull_several(g: Any, residuals: Any) -> Any:
    products, kept, spaces = residuals
    return [
        product(g, *kept) if space is None else space.project(product(g, *kept))
        for product, space in zip(products, spaces)  # noqa: B905  # equally long by construction
    ]


def elementwise(fun: Callable[..., Any], *partials: Partial) -> Elementwise:
    """Make the rule of a function that works entry by entry.

    Parameters
    ----------
    fun : callable
        The function, ``y = fun(*xs)``; its arguments broadcast against each other.
    *partials : callable, number, times or None
        For each argument the derivative with respect to it: ``partial(y, *xs)``, a constant, its product with a
        number given as `times`; None where it is zero, and NotImplemented where it is not known. For a real function
        of complex numbers it is du/dx - i du/dy.

    Examples
    --------
    >>> import math
    >>> from autodiff import grad
    >>> from autodiff.extend import elementwise, primitive, register_rules
    >>> atan2 = primitive(math.atan2)
    >>> register_rules([elementwise(atan2, lambda y, a, b: b / (a * a + b * b), lambda y, a, b: -a / (a * a + b * b))])
    >>> grad(atan2, (0, 1))(1.0, 2.0)
    (0.4, -0.2)
    """
    return Elementwise(fun, partials)


def partials(fun: Callable[..., Any]) -> tuple[Partial, ...]:
    """Return the partials in the rule of `fun`, for the row of a function with the same derivative."""
    rule = primitive_of(fun).rule
    assert isinstance(rule, Elementwise), f"{fun} has no elementwise rule"
    return rule.partials
