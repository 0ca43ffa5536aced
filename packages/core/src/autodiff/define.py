"""Give derivatives to functions one by one: `defvjp`, `defjvp` and their variants.

The names and meanings are HIPS autograd's. One mode is enough; the other is derived. What is given here replaces the
rule that a plugin may have registered for the function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autodiff.general import ArgnumsJvp, ArgnumsVjp, General, VjpMaker, add_vectors, apply_linear
from autodiff.primitive import primitive_of


class _Defined(General):
    """A rule that is given piece by piece; a row of a table is never changed."""


def _own_rule(fun: Callable[..., Any]) -> General:
    """Return the rule of a user's primitive, to be filled in."""
    known = primitive_of(fun)
    if not isinstance(known.rule, _Defined):
        known.adopt(_Defined(fun))
    assert isinstance(known.rule, _Defined)
    return known.rule


def defvjp(fun: Callable[..., Any], *vjpmakers: VjpMaker | None, argnums: Sequence[int] | None = None) -> None:
    """Give a primitive its reverse-mode derivative, one function for each argument.

    Parameters
    ----------
    fun : callable
        A function made by `primitive`, or one of a library that plain calls reach us from, such as NumPy's.
    *vjpmakers : callable or None
        ``lambda y, *args, **kwargs: lambda g: …``. The outer function runs in the forward pass and gets the result;
        the inner one takes the cotangent of `y` and returns that of the argument, in the argument's shape. None:
        the derivative is zero.
    argnums : sequence of int, optional
        The arguments that `vjpmakers` belong to; by default 0, 1, 2 …

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import defvjp, primitive
    >>> @primitive
    ... def cube(x):
    ...     return x**3
    >>> defvjp(cube, lambda y, x: lambda g: 3 * x**2 * g)
    >>> grad(cube)(2.0)
    12.0
    """
    _own_rule(fun).set_vjps(dict(zip(range(len(vjpmakers)) if argnums is None else argnums, vjpmakers, strict=True)))


def defvjp_argnum(fun: Callable[..., Any], vjpmaker: Callable[..., Callable[[Any], Any]]) -> None:
    """Give a primitive its reverse-mode derivative by one function for any argument.

    ``vjpmaker(argnum, y, args, kwargs)`` returns the function from the cotangent of `y` to that of argument `argnum`.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import defvjp_argnum, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defvjp_argnum(product, lambda argnum, y, args, kwargs: lambda g: g * args[1 - argnum])
    >>> grad(product, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """

    def vjp_argnums(argnums: Any, y: Any, args: Any, kwargs: Any) -> Any:
        pullbacks = [vjpmaker(i, y, args, kwargs) for i in argnums]
        return lambda g: tuple(pullback(g) for pullback in pullbacks)

    _own_rule(fun).vjp_argnums = vjp_argnums


def defvjp_argnums(fun: Callable[..., Any], vjpmaker: ArgnumsVjp) -> None:
    """Give a primitive its reverse-mode derivative by one function for all arguments, which may share work.

    ``vjpmaker(argnums, y, args, kwargs)`` returns the function from the cotangent of `y` to a tuple with those of the
    arguments `argnums`, a tuple of ints.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import defvjp_argnums, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defvjp_argnums(product, lambda argnums, y, args, kwargs: lambda g: tuple(g * args[1 - i] for i in argnums))
    >>> grad(product, (0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    _own_rule(fun).vjp_argnums = vjpmaker


def defjvp(
    fun: Callable[..., Any], *jvps: Callable[..., Any] | str | None, argnums: Sequence[int] | None = None
) -> None:
    """Give a primitive its forward-mode derivative, one function for each argument.

    Parameters
    ----------
    fun : callable
        A function made by `primitive`.
    *jvps : callable, "same" or None
        ``lambda tangent, y, *args, **kwargs: …`` returns the tangent of `y` that the argument's tangent causes. "same":
        the function is linear in this argument. None: zero.
    argnums : sequence of int, optional
        The arguments that `jvps` belong to; by default 0, 1, 2 …

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import defjvp, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defjvp(product, lambda t, z, x, y: t * y, "same")
    >>> deriv(product)(2.0, 3.0), grad(product, 1)(2.0, 3.0)
    (3.0, 2.0)
    """
    _own_rule(fun).set_jvps(dict(zip(range(len(jvps)) if argnums is None else argnums, jvps, strict=True)))


def defjvp_argnum(fun: Callable[..., Any], jvpmaker: Callable[..., Any]) -> None:
    """Give a primitive its forward-mode derivative by one function for any argument.

    ``jvpmaker(argnum, tangent, y, args, kwargs)`` returns the tangent of `y` that the tangent of argument `argnum`
    causes.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import defjvp_argnum, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> defjvp_argnum(product, lambda argnum, t, y, args, kwargs: t * args[1 - argnum])
    >>> deriv(product)(2.0, 3.0), grad(product, 1)(2.0, 3.0)
    (3.0, 2.0)
    """

    def jvp_argnums(argnums: Any, tangents: Any, y: Any, args: Any, kwargs: Any) -> Any:
        terms = [jvpmaker(i, tangent, y, args, kwargs) for i, tangent in zip(argnums, tangents, strict=True)]
        total = terms[0]
        for term in terms[1:]:
            total = add_vectors(total, term)
        return total

    _own_rule(fun).jvp_argnums = jvp_argnums


def defjvp_argnums(fun: Callable[..., Any], jvpmaker: ArgnumsJvp) -> None:
    """Give a primitive its forward-mode derivative by one function for all arguments, which may share work.

    ``jvpmaker(argnums, tangents, y, args, kwargs)`` returns the tangent of `y`.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import defjvp_argnums, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> def jvp(argnums, tangents, y, args, kwargs):
    ...     return sum(t * args[1 - i] for i, t in zip(argnums, tangents))
    >>> defjvp_argnums(product, jvp)
    >>> deriv(product)(2.0, 3.0), grad(product, 1)(2.0, 3.0)
    (3.0, 2.0)
    """
    _own_rule(fun).jvp_argnums = jvpmaker


def def_linear(fun: Callable[..., Any]) -> None:
    """Declare a primitive linear in each of its arguments.

    Forward mode applies the function to the tangent, and reverse mode transposes what the function does inside, which
    must therefore have rules.

    Examples
    --------
    >>> from autodiff import deriv, grad
    >>> from autodiff.extend import def_linear, primitive
    >>> @primitive
    ... def product(x, y):
    ...     return x * y
    >>> def_linear(product)
    >>> deriv(product)(2.0, 3.0), grad(product, 1)(2.0, 3.0)
    (3.0, 2.0)
    """

    def jvp_argnum(argnum: int, tangent: Any, y: Any, args: Any, kwargs: Any) -> Any:
        return apply_linear(rule, argnum, tangent, args, kwargs)

    rule = _own_rule(fun)
    defjvp_argnum(fun, jvp_argnum)
