"""Primitives: functions that are differentiated by a rule, not by looking inside.

A primitive is known by the plain function itself, ``numpy.sin`` for example. This file keeps one `Primitive` for each
such function, and makes primitives of users' functions. What a rule is stands in `rule.py`.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from autodiff.errors import MissingRuleError
from autodiff.trace import bind

if TYPE_CHECKING:
    from autodiff.rule import Rule

F = TypeVar("F", bound=Callable[..., Any])

# Owners of rules that are no plugins.
USER, CORE = "the user", "autodiff itself"


class Primitive:
    """A function, and the rule by which it is differentiated once there is one.

    `call` is what traces use to compute the value: it also works when the arguments are boxes of outer traces. For
    functions that hand boxes to us by themselves, as ufuncs and operators do (`dispatches`), it is the function.

    `unary_step` and `binary_steps` are copies from the rule, which spare the hottest path of reverse mode a look.
    """

    __slots__ = ("__weakref__", "binary_steps", "call", "dispatches", "fun", "owner", "rule", "unary_step")

    def __init__(self, fun: Callable[..., Any], *, dispatches: bool = False) -> None:
        self.fun = fun
        self.dispatches = dispatches
        self.rule: Rule | None = None
        self.owner = USER  # whose the rule is, for the report of a conflict
        self.unary_step: Any = None
        self.binary_steps: Any = None
        self.call: Callable[..., Any] = fun if dispatches else lambda *args, **kwargs: bind(self, args, kwargs)

    def __repr__(self) -> str:
        return f"Primitive({self.name})"

    @property
    def name(self) -> str:
        """The function's name with its module, as it stands in messages."""
        return _name(self.fun)

    def parameters(self) -> tuple[inspect.Parameter, ...] | None:
        """The parameters of the function, or None when Python cannot tell them."""
        return _parameters(self.fun)

    def adopt(self, rule: Rule, owner: str = USER) -> None:
        """Make `rule` the rule of this function; `owner` names who gave it."""
        self.rule, self.owner = rule, owner
        self.unary_step, self.binary_steps = rule.unary_step, rule.binary_steps

    def required_rule(self) -> Rule:
        """Return the rule, or raise the error that says how to get one."""
        if self.rule is None:
            raise missing_rule(self.name)
        return self.rule


def _name(fun: Callable[..., Any]) -> str:
    name: Any = getattr(fun, "__qualname__", None) or getattr(fun, "__name__", repr(fun))
    module = getattr(fun, "__module__", None)
    if module is None:
        owner = getattr(fun, "__self__", None)
        if callable(owner) and not isinstance(owner, type):  # a method of a ufunc, `numpy.add.at`
            return f"{_name(owner)}.{fun.__name__}"
        # A ufunc; those of NumPy itself can be looked up where their type comes from.
        home = sys.modules.get(type(fun).__module__)
        module = type(fun).__module__ if getattr(home, name, None) is fun else ""
    if not module.startswith("__"):
        module = module.removeprefix("_")  # `_operator`: users know it as `operator`
    return f"{module}.{name}" if module else name


@functools.cache
def _parameters(fun: Callable[..., Any]) -> tuple[inspect.Parameter, ...] | None:
    try:
        return tuple(inspect.signature(fun).parameters.values())
    except (ValueError, TypeError):
        return None


def missing_rule(name: str) -> MissingRuleError:
    """Return the error for a function without a rule."""
    return MissingRuleError(
        f"{name} was applied to a traced value, but no rule says how to differentiate it. Write it with functions "
        "that have one; or wrap it with `autodiff.extend.primitive` and give it a derivative by `defvjp`; or, if no "
        "derivative should flow through it, apply it to `stop_gradient(x)`. `python -m autodiff plugins` lists the "
        "installed rule plugins, and docs/coverage.md the functions of NumPy that have rules."
    )


# Function -> its primitive, for functions of libraries that have rules: an entry lives as long as the process.
PRIMITIVES: dict[Any, Primitive] = {}

# Where a function that `primitive` returned keeps its `Primitive`; so one made inside a function can be freed.
_ATTRIBUTE = "__autodiff_primitive__"


def _find(fun: Callable[..., Any]) -> Primitive | None:
    try:
        return PRIMITIVES.get(fun) or getattr(fun, _ATTRIBUTE, None)
    except TypeError:  # not hashable: an object with `__call__`
        return getattr(fun, _ATTRIBUTE, None)


def primitive_of(fun: Callable[..., Any], *, dispatches: bool = False) -> Primitive:
    """Return the one `Primitive` of a function, which is made at the first call.

    Parameters
    ----------
    fun : callable
        The plain function, or the traced one that `primitive` returned for it.
    dispatches : bool
        Whether `fun` itself hands boxes among its arguments to their trace, as NumPy's functions do.
    """
    found = _find(fun)
    if found is None:
        # setdefault: when two threads come here at once, both get the same one.
        found = PRIMITIVES.setdefault(fun, Primitive(fun, dispatches=dispatches))
    return found


def primitive(fun: F) -> F:
    """Make a function a primitive: traces do not look inside, but apply the rule that it is given.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays or containers of them; traced values reach it as plain ones.

    Returns
    -------
    callable
        The same function, to be called in traced code. Give it rules by `defvjp` or `defjvp`.

    See Also
    --------
    autodiff.extend.defvjp, autodiff.extend.defjvp

    Examples
    --------
    >>> import math
    >>> from autodiff import grad
    >>> from autodiff.extend import defvjp, primitive
    >>> exp = primitive(math.exp)
    >>> defvjp(exp, lambda y, x: lambda g: g * y)
    >>> grad(lambda x: exp(2.0 * x))(0.0)
    2.0
    """
    known = _find(fun) or Primitive(fun)

    @functools.wraps(fun, updated=())
    def traced(*args: Any, **kwargs: Any) -> Any:
        return bind(known, args, kwargs)

    setattr(traced, _ATTRIBUTE, known)
    return traced  # type: ignore[return-value]  # same signature, by construction
