"""Rules written by hand, as functions for one mode or for both.

A rule needs only one of the two modes. The other is derived: a pullback is linear in the cotangent, so its transpose
is the pushforward, and the reverse (`linear_transpose` in `reverse.py`).

Functions whose first argument is the result `y` (autograd's `ans`) run in the forward pass; the function of the
cotangent that they return keeps what it needs and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autodiff.containers import flatten, flatten_like, unflatten
from autodiff.errors import RuleError, StructureError
from autodiff.primitive import Primitive, primitive_of
from autodiff.rule import Accepted, Pull, Rule, not_differentiable_in
from autodiff.trace import innermost_trace
from autodiff.vspace import VSpace, check_member, spaces_of

VjpMaker = Callable[..., Any]
ArgnumsVjp = Callable[[tuple[int, ...], Any, tuple[Any, ...], dict[str, Any]], Callable[[Any], tuple[Any, ...]]]
ArgnumsJvp = Callable[[tuple[int, ...], tuple[Any, ...], Any, tuple[Any, ...], dict[str, Any]], Any]


class General(Rule):
    """A rule by two functions of all traced arguments, at least one of them given."""

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.fun = fun
        self.vjp_argnums: ArgnumsVjp | None = None
        self.jvp_argnums: ArgnumsJvp | None = None
        self.zero_vjp_argnums: frozenset[int] = frozenset()
        self.zero_jvp_argnums: frozenset[int] = frozenset()
        self._vjp_known: frozenset[int] | None = None  # None: every argument
        self._jvp_known: frozenset[int] | None = None
        self._accepted = Accepted(None, None)

    @property
    def zero_argnums(self) -> frozenset[int]:  # type: ignore[override]  # fixed for other forms
        """Arguments in which the derivative is declared zero."""
        return self.zero_vjp_argnums | self.zero_jvp_argnums

    def set_vjps(self, makers: dict[int, VjpMaker | None]) -> None:
        """Give one VJP for each argument: ``maker(y, *args, **kwargs)(g)``."""
        self._accepted = Accepted.by(next((m for m in makers.values() if m is not None), _anything), skip=1)
        self.zero_vjp_argnums = frozenset(i for i, maker in makers.items() if maker is None)
        self._vjp_known = frozenset(makers)

        def vjp_argnums(argnums: Any, y: Any, args: Any, kwargs: Any) -> Any:
            pullbacks = [makers[i](y, *args, **kwargs) for i in argnums]  # type: ignore[misc]  # zeros are filtered
            return lambda g: tuple(pullback(g) for pullback in pullbacks)

        self.vjp_argnums = vjp_argnums

    def set_jvps(self, jvps: dict[int, Callable[..., Any] | str | None]) -> None:
        """Give one JVP for each argument: ``jvp(tangent, y, *args, **kwargs)``, or "same" where `fun` is linear."""
        if self.vjp_argnums is None:
            self._accepted = Accepted.by(next((j for j in jvps.values() if callable(j)), _anything), skip=2)
        self.zero_jvp_argnums = frozenset(i for i, jvp in jvps.items() if jvp is None)
        self._jvp_known = frozenset(jvps)

        def jvp_argnums(argnums: Any, tangents: Any, y: Any, args: Any, kwargs: Any) -> Any:
            total = None
            for i, tangent in zip(argnums, tangents, strict=True):
                jvp = jvps[i]
                if callable(jvp):
                    term = jvp(tangent, y, *args, **kwargs)
                else:
                    term = apply_linear(self, i, tangent, args, kwargs)
                total = term if total is None else add_vectors(total, term)
            return total

        self.jvp_argnums = jvp_argnums

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        for known in (self._vjp_known, self._jvp_known):
            if known is not None and not known.issuperset(argnums):
                raise not_differentiable_in(primitive, min(set(argnums) - known))
        return self._accepted.filter(primitive, args, kwargs)

    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        if self.vjp_argnums is None:
            raise RuleError(f"{primitive_of(self.fun).name} has no VJP")
        args = args[: self._accepted.positional]
        pullback = self.vjp_argnums(argnums, y, args, kwargs)
        spaces = [spaces_of(flatten(args[i])[0]) for i in argnums]
        structures = [flatten(args[i])[1] for i in argnums]
        return _pull_checked, (self, pullback, argnums, structures, spaces)

    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        if self.jvp_argnums is None:
            raise RuleError(f"{primitive_of(self.fun).name} has no JVP")
        tangent = self.jvp_argnums(argnums, tangents, y, args[: self._accepted.positional], kwargs)
        leaves, structure = flatten(y)
        return _checked(tangent, structure, spaces_of(leaves), lambda: f"the JVP of {self._name()}")

    def _name(self) -> str:
        return primitive_of(self.fun).name


def apply_linear(rule: Rule, argnum: int, tangent: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply a function that is linear in argument `argnum` to a tangent in its place.

    When a trace is looking for the transpose, the only thing to go by is what the function does inside.
    """
    trace = innermost_trace((tangent,))
    call = primitive_of(rule.fun).fun if trace is not None and trace.transposes else rule.call
    return call(*args[:argnum], tangent, *args[argnum + 1 :], **kwargs)


def _anything(*args: Any, **kwargs: Any) -> None:
    """Stand for a rule function when there is none; its signature accepts everything."""


def add_vectors(a: Any, b: Any) -> Any:
    """Add two vectors, which may be containers."""
    leaves, structure = flatten(a)
    return unflatten(structure, [x + y for x, y in zip(leaves, flatten(b)[0], strict=True)])


def _pull_checked(g: Any, residuals: Any) -> Any:
    """Call the user's pullback, and see that what it returns can be a cotangent."""
    rule, pullback, argnums, structures, spaces = residuals
    cotangents = tuple(pullback(g))
    if len(cotangents) != len(argnums):
        raise RuleError(
            f"the VJP of {rule._name()} must return {len(argnums)} cotangents, one for each of the arguments "
            f"{argnums}, but returned {len(cotangents)}."
        )
    checked = tuple(
        _checked(value, structure, argument_spaces, partial(_vjp_of, rule, argnum))
        for value, structure, argument_spaces, argnum in zip(cotangents, structures, spaces, argnums, strict=True)
    )
    return checked[0] if len(checked) == 1 else checked


def _vjp_of(rule: General, argnum: int) -> str:
    return f"the VJP of {rule._name()} for argument {argnum}"


def _checked(value: Any, structure: Any, spaces: Sequence[VSpace | None], who: Callable[[], str]) -> Any:
    """Return a vector in the types of `spaces`, or raise the error that names the rule."""
    if structure.kind is None and spaces[0] is not None and spaces[0].contains(value):  # as nearly always
        return value
    what = f"the result of {who()}"
    try:
        leaves = flatten_like(structure, value, what)
        return unflatten(
            structure,
            [
                # A cotangent of a complex computation that reaches a real argument counts by its real part.
                0.0 if space is None else check_member(leaf, space, what, drop_imaginary=True)
                for leaf, space in zip(leaves, spaces, strict=True)
            ],
        )
    except StructureError as error:
        raise RuleError(str(error)) from error


def general(
    fun: Callable[..., Any],
    *,
    vjp: VjpMaker | Sequence[VjpMaker | None] | None = (),
    jvp: Callable[..., Any] | Sequence[Callable[..., Any] | None] | None = (),
) -> General:
    """Make a rule from functions of one's own; one mode is enough.

    Parameters
    ----------
    fun : callable
        ``y = fun(*args, **kwargs)``.
    vjp : callable or sequence of callables
        For each argument ``vjp(y, *args, **kwargs)``, which returns the function from the cotangent of `y` to that of
        the argument. None: zero.
    jvp : callable or sequence of callables
        For each argument ``jvp(tangent, y, *args, **kwargs)``, which returns its share of the tangent of `y`.

    Returns
    -------
    General
        The row.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import general, primitive, register_rules
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> register_rules([general(cube, vjp=lambda y, x: lambda g: 3 * x**2 * g)])
    >>> grad(cube)(2.0), deriv(cube)(2.0)
    (12.0, 12.0)
    """
    vjps, jvps = ([f] if callable(f) else list(f or ()) for f in (vjp, jvp))
    rule = General(fun)
    if vjps:
        rule.set_vjps(dict(enumerate(vjps)))
    if jvps:
        rule.set_jvps(dict(enumerate(jvps)))
    return rule
