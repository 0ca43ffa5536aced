"""Rules of functions that are linear in one argument, or in each of two.

A linear function is its own derivative, so forward mode applies the function itself to the tangent, and the rule is
nothing but the transpose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.containers import map_leaves
from autodiff.primitive import Primitive
from autodiff.rule import FRESH, Accepted, Pull, Rule, not_differentiable_in
from autodiff.trace import Box
from autodiff.vspace import UNIFORM, VSpace, same_space, vspace


class Linear(Rule):
    """Linear in its first argument, which may be a container."""

    def __init__(
        self,
        fun: Callable[..., Any],
        transpose: Callable[..., Any],
        *,
        add_transpose: Callable[..., Any] | None = None,
        join: Callable[..., Any] | None = None,
        fresh: bool = False,
    ) -> None:
        self.fun = fun
        self.transpose = transpose
        self.add_transpose = add_transpose
        self.join = join
        self._accepted = Accepted.by(transpose, skip=1)
        self.pull: Pull = lambda g, residuals: transpose(g, residuals[0], *residuals[1], **residuals[2])
        if fresh:
            FRESH.add(self.pull)

    def keeps(self, position: int, argnums: tuple[int, ...]) -> bool:
        return position > 0

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        if argnums != (0,):
            raise not_differentiable_in(primitive, max(argnums))
        return self._accepted.filter(primitive, args, kwargs)

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        return self.pull, (map_leaves(vspace, args[0]), args[1 : self._accepted.positional], kwargs)

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        return self.call(tangents[0], *args[1 : self._accepted.positional], **kwargs)


def linear(
    fun: Callable[..., Any],
    transpose: Callable[..., Any],
    *,
    add_transpose: Callable[..., Any] | None = None,
    join: Callable[..., Any] | None = None,
    fresh: bool = False,
) -> Linear:
    """Make the rule of a function that is linear in its first argument.

    Parameters
    ----------
    fun : callable
        ``y = fun(x, *rest, **kwargs)``; `x` may be a container.
    transpose : callable
        ``transpose(g, x, *rest, **kwargs)`` applies the transposed function to `g`, a vector of the space of `y`.
        `x` is the *space* of the first argument (its `shape`, for example), not its value. Its signature says
        which arguments the rule understands; others are refused by name.
    add_transpose : callable, optional
        For functions of two arguments, ``fun(x, constant)``, that pick a few entries out of many:
        ``add_transpose(buffer, g, x, constant)`` adds the same to a buffer in place.
    join : callable, optional
        For such functions that may pick a single number: ``join(gs, x, constants)`` returns one `g` and one `constant`
        that stand for many applications, each of which had picked a number.
    fresh : bool
        Whether `transpose` always returns newly made values, never views of `g`, which saves a copy.

    Returns
    -------
    Linear
        The row.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import linear, primitive, register_rules
    >>> total = primitive(sum)  # of a list
    >>> register_rules([linear(total, lambda g, x: [g for _ in x])])
    >>> grad(total)([1.0, 2.0])
    [1.0, 1.0]
    """
    return Linear(fun, transpose, add_transpose=add_transpose, join=join, fresh=fresh)


class Bilinear(Rule):
    """Linear in each of its first two arguments."""

    def __init__(
        self, fun: Callable[..., Any], left: Callable[..., Any], right: Callable[..., Any], *, fresh: bool = False
    ) -> None:
        self.fun = fun
        self._left, self._right = left, right
        self._accepted = Accepted.by(left, skip=1)
        self.pulls = _product_pulls(left, right)
        if fresh:
            FRESH.update(self.pulls.values())

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        if max(argnums) > 1:
            raise not_differentiable_in(primitive, max(argnums))
        return self._accepted.filter(primitive, args, kwargs)

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        pulls = self.pulls
        if len(args) == 2 and not kwargs:
            a, b = args
        else:
            a, b, *rest = args[: self._accepted.positional]
            pulls = _product_pulls(
                lambda g, a, b: self._left(g, a, b, *rest, **kwargs),
                lambda g, a, b: self._right(g, a, b, *rest, **kwargs),
            )
        if argnums == (0,):
            return pulls[argnums], (vspace(a), b)
        if argnums == (1,):
            return pulls[argnums], (a, vspace(b))
        # Both values are kept anyway; an array can stand for its space, which costs less than making that.
        return pulls[argnums], (_like(a), b, a, _like(b))

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        a, b, *rest = args[: self._accepted.positional]
        call: Callable[..., Any] = self.call
        if rest or kwargs:
            call = lambda a, b: self.call(a, b, *rest, **kwargs)
        if argnums == (0, 1):
            return call(tangents[0], b) + call(a, tangents[1])
        return call(tangents[0], b) if argnums == (0,) else call(a, tangents[0])


def _product_pulls(left: Callable[..., Any], right: Callable[..., Any]) -> dict[tuple[int, ...], Pull]:
    """Return the pulls of a product by the arguments that are traced."""

    def pull_left(g: Any, residuals: Any) -> Any:
        space, b = residuals
        return space.project(left(g, space, b))

    def pull_right(g: Any, residuals: Any) -> Any:
        a, space = residuals
        return space.project(right(g, a, space))

    def pull_both(g: Any, residuals: Any) -> Any:
        like_a, b, a, like_b = residuals
        return _fitted(left(g, like_a, b), like_a), _fitted(right(g, a, like_b), like_b)

    return {(0,): pull_left, (1,): pull_right, (0, 1): pull_both}


def _like(value: Any) -> Any:
    """Return a value that has the attributes of its space, or its space if it has not."""
    return vspace(value) if type(value) in UNIFORM or isinstance(value, Box) else value


def _fitted(vector: Any, like: Any) -> Any:
    """Return `vector` in the space `like`, or in that of the value `like`."""
    if same_space(vector, like):
        return vector
    return (like if isinstance(like, VSpace) else vspace(like)).project(vector)


def bilinear(
    fun: Callable[..., Any], left: Callable[..., Any], right: Callable[..., Any], *, fresh: bool = False
) -> Bilinear:
    """Make the rule of a product: a function that is linear in each of its first two arguments.

    Parameters
    ----------
    fun : callable
        ``y = fun(a, b, *rest, **kwargs)``.
    left, right : callable
        The transposes, with the same signature: ``left(g, a, b, *rest, **kwargs)`` for `fun` as a function of `a`,
        and ``right(g, a, b, *rest, **kwargs)`` as one of `b`. The argument in question is given as its space or, where
        that is at hand, as the value itself: use only its `shape` and the like. What was broadcast may be left in: it
        is summed afterwards.
    fresh : bool
        Whether both always return newly made values, never views of `g`.

    Returns
    -------
    Bilinear
        The row.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import bilinear, primitive, register_rules
    >>> @primitive
    ... def area(width, height):
    ...     return width * height
    >>> register_rules([bilinear(area, lambda g, width, height: g * height, lambda g, width, height: g * width)])
    >>> grad(area, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    return Bilinear(fun, left, right, fresh=fresh)
