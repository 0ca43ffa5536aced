"""What a rule is: how one primitive is differentiated, in both modes.

A rule is a value, a row of a table. Constructing one registers nothing; plugins hand their tables to `register`.
The forms of rules stand in `elementwise.py`, `linear.py`, `reduction.py` and `general.py`: each is a class, and a
function in lower case by which a table makes its rows.

Reverse mode asks `vjp` during the forward pass, when everything is at hand, for a *pull* and its *residuals*; the
backward pass calls ``pull(cotangent, residuals)``. Pulls are functions made once with the rule, not closures made at
each application: that is most of the speed of this library. Forward mode asks `jvp`.
"""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autodiff.errors import PluginError, UnsupportedArgumentError
from autodiff.primitive import CORE, Primitive, primitive_of

#: ``pull(cotangent of the result, residuals)``: a cotangent for one traced argument, a tuple of them for several.
Pull = Callable[[Any, Any], Any]

#: Pulls whose results are always newly made, so that the user may own them without a copy.
FRESH: set[Pull] = set()

#: Pulls that work entry by entry. They take a stack of cotangents, with the first axis for the examples, as they take
#: one: entries, and broadcasting, are counted from the last axis.
ENTRYWISE: set[Pull] = set()


class Rule(ABC):
    """How one primitive is differentiated."""

    #: The plain function.
    fun: Callable[..., Any]
    #: Arguments, by position, in which the derivative is zero.
    zero_argnums: frozenset[int] = frozenset()

    #: What `ReverseTrace.unary` takes its short cut by: a pull, and whether it needs y and x. None: no short cut.
    unary_step: tuple[Any, ...] | None = None
    #: The same for `ReverseTrace.binary`: a pull, and which of (y, a, b) it needs, or None if it needs none of them;
    #: three times: for a traced left operand, a traced right one, and both.
    binary_steps: tuple[tuple[Pull, tuple[bool, ...] | None], ...] | None = None

    @abstractmethod
    def vjp(self, y: Any, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]) -> tuple[Pull, Any]:
        """Return a pull and its residuals for ``y = fun(*args, **kwargs)``, traced in the arguments `argnums`."""

    @abstractmethod
    def jvp(
        self,
        y: Any,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        argnums: tuple[int, ...],
        tangents: tuple[Any, ...],
    ) -> Any:
        """Return the tangent of ``y = fun(*args, **kwargs)`` for the tangents of the arguments `argnums`."""

    def keeps(self, position: int, argnums: tuple[int, ...]) -> bool:
        """Whether the derivative in `argnums` needs the value of the argument at `position`."""
        return True

    def accept(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: tuple[int, ...]
    ) -> dict[str, Any]:
        """Refuse, by name, arguments that the rule does not know; return the keywords that it shall be given."""
        return kwargs

    @functools.cached_property
    def call(self) -> Callable[..., Any]:
        """The function in a form that accepts boxes."""
        return primitive_of(self.fun).call


class Zero(Rule):
    """The derivative is zero wherever it exists: results are constants, and are not traced."""

    def __init__(self, fun: Callable[..., Any]) -> None:
        self.fun = fun

    def vjp(self, *_: Any) -> Any:
        raise AssertionError("traces return the results of a Zero rule as constants")

    jvp: Any = vjp


def zero(fun: Callable[..., Any]) -> Zero:
    """Make the rule of a function whose derivative is zero wherever it exists: floor, sign, argmax, comparisons.

    Parameters
    ----------
    fun : callable
        The function. It gets plain values, and its results are constants.

    Returns
    -------
    Zero
        The row.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import primitive, register_rules, zero
    >>> whole = primitive(lambda x: float(int(x)))
    >>> register_rules([zero(whole)])
    >>> grad(lambda x: x * whole(x))(2.5)
    2.0
    """
    return Zero(fun)


class Accepted(NamedTuple):
    """The arguments that a rule understands, read off the signature of a function that it is written with."""

    positional: int | None  # how many arguments by position; None: any number
    names: frozenset[str] | None  # which keywords; None: any

    @classmethod
    def by(cls, function: Callable[..., Any], skip: int) -> Accepted:
        """Read the signature of `function`, whose first `skip` parameters are not arguments of the primitive."""
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (ValueError, TypeError):
            return cls(None, None)
        kinds = [p.kind for p in parameters]
        by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        positional = None
        if inspect.Parameter.VAR_POSITIONAL not in kinds:
            positional = sum(kind in by_position for kind in kinds) - skip
        names = None
        if inspect.Parameter.VAR_KEYWORD not in kinds:
            names = frozenset(p.name for p in parameters[skip:])
        return cls(positional, names)

    def filter(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Return `kwargs` without those that merely spell out a default, or raise for what is not understood."""
        if self.positional is not None and len(args) > self.positional:
            self._refuse_positions(primitive, args)
        if not kwargs or self.names is None or kwargs.keys() <= self.names:
            return kwargs
        kept = {}
        for name, value in kwargs.items():
            if name in self.names:
                kept[name] = value
            elif not _is_default(primitive, name, value):
                raise unsupported_argument(primitive.name, f"`{name}`", self.names)
        return kept

    def _refuse_positions(self, primitive: Primitive, args: tuple[Any, ...]) -> None:
        parameters = primitive.parameters() or ()
        for position in range(self.positional or 0, len(args)):
            name = parameters[position].name if position < len(parameters) else f"number {position}"
            value = args[position]
            if not _is_default(primitive, name, value):
                raise unsupported_argument(primitive.name, f"`{name}`", self.names)


def _is_default(primitive: Primitive, name: str, value: Any) -> bool:
    parameters = primitive.parameters()
    if parameters is None:  # nothing is known; None is what most defaults are
        return value is None
    return any(p.name == name and p.default is value for p in parameters)


def unsupported_argument(function: str, argument: str, known: Iterable[str] | None = None) -> UnsupportedArgumentError:
    """Return the error for an argument of a function that its rule does not know."""
    understood = f" The rule understands: {', '.join(sorted(known))}." if known else ""
    return UnsupportedArgumentError(
        f"{function} cannot be differentiated with the argument {argument}: its rule does not know what this argument "
        f"does to the derivative, and ignoring it could give a wrong one.{understood} Leave the argument out, or do "
        "what it does in a separate step."
    )


def not_differentiable_in(primitive: Primitive, argnum: int) -> UnsupportedArgumentError:
    """Return the error for a traced value in an argument that has no derivative."""
    function = primitive.name
    parameters = primitive.parameters() or ()
    name = f" (`{parameters[argnum].name}`)" if argnum < len(parameters) else ""
    return UnsupportedArgumentError(
        f"{function} cannot be differentiated with respect to its argument {argnum}{name}. Pass a constant there, "
        "for example `stop_gradient(x)`, or write the computation with functions that have such a rule."
    )


def register(rule: Rule, owner: str) -> None:
    """Make `rule` the rule of its function; `owner` names who registers it, for the report of a conflict."""
    known = primitive_of(rule.fun)
    if known.rule is not None:
        advice = "Give your function a name of its own."
        if known.owner == owner:
            advice = "`autodiff.extend.defvjp` and `defjvp` replace a rule."
        elif known.owner != CORE:
            advice = "Disable one of the two by AUTODIFF_DISABLE_PLUGINS, or give your function a name of its own."
        raise PluginError(
            f"{known.name} has a rule from {known.owner} already; the one of {owner} is left out. {advice}"
        )
    known.adopt(rule, owner)
