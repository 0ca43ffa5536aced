"""Transforms for derivatives that have the shape of the argument: `grad` and its relatives."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from autodiff.argnums import Argnums, select
from autodiff.constants import stop_gradient
from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import OutputError
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.products import forward_pass, open_boxes, record, restored, reverse_pass, spaces_and_structure
from autodiff.reverse import ReverseTrace
from autodiff.trace import Box, unbox
from autodiff.vspace import VSpace, vspace


def value_and_grad(fun: Callable[..., Any], argnum: Argnums = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """Make a function that returns both the value of `fun` and its gradient.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated, by position or name.
    has_aux : bool
        Whether `fun` returns a pair (value, auxiliary) of which only the first is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns ``(value, gradient)``, or ``((value, auxiliary), gradient)``. The gradient
        has the structure, shapes and types of the argument; for a tuple `argnum` it is a tuple. It shares memory
        with nothing.

    Raises
    ------
    OutputError
        When the result is not a real number.
    InputError
        When an argument cannot be differentiated.

    Examples
    --------
    >>> value_and_grad(lambda x, y: x * y**2)(3.0, 2.0)
    (12.0, 4.0)
    """

    @named("value_and_grad", fun, argnum)
    def value_and_gradient(*args: Any, **kwargs: Any) -> Any:
        value, gradient, aux = _differentiate(fun, argnum, args, kwargs, has_aux)
        return ((value, aux) if has_aux else value), gradient

    return value_and_gradient


def _differentiate(
    fun: Callable[..., Any], argnum: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any], has_aux: bool
) -> tuple[Any, Any, Any]:
    """Return value, gradient and auxiliary output of ``fun(*args, **kwargs)``."""
    trace = ReverseTrace()
    output, structure, aux = record(trace, fun, argnum, args, kwargs, has_aux=has_aux)
    value = open_boxes(trace, output)
    gradients = trace.pull(output, _scalar_space(value, fun).ones(), once=True)
    return value, restored(gradients, structure, argnum), aux


def _scalar_space(value: Any, fun: Callable[..., Any]) -> VSpace:
    """Return the space of a value that must be one real number."""
    space = vspace(value) if container_of(type(value)) is None else None
    if space is not None and space.shape == () and not space.iscomplex:
        return space
    name = getattr(fun, "__name__", "the function")
    if space is None:
        raise OutputError(
            f"grad needs a function that returns one real number, but {name} returned a {type(value).__name__}. "
            "Sum what it returns, or use `has_aux=True` for further results, or `jacobian` for all derivatives."
        )
    if space.iscomplex:
        raise OutputError(
            f"grad needs a function that returns one real number, but {name} returned a complex one. Take its real "
            "part or absolute value, or use `holomorphic_grad` if the function is holomorphic."
        )
    raise OutputError(
        f"grad needs a function that returns one real number, but {name} returned an array of shape {space.shape}. "
        "Use `jacobian` for all derivatives, `elementwise_grad` if the function works entry by entry, or sum."
    )


def grad(fun: Callable[..., Any], argnum: Argnums = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """Make a function that returns the gradient of `fun`.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated, by position or name.
    has_aux : bool
        Whether `fun` returns a pair (value, auxiliary) of which only the first is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the gradient, which has the structure, shapes and types of the argument
        (a tuple for a tuple `argnum`), or ``(gradient, auxiliary)``.

    Raises
    ------
    OutputError
        When the result is not a real number.
    InputError
        When an argument cannot be differentiated.

    Examples
    --------
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 5.0})
    {'a': 5.0, 'b': 2.0}
    """

    @named("grad", fun, argnum)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        _, result, aux = _differentiate(fun, argnum, args, kwargs, has_aux)
        return (result, aux) if has_aux else result

    return gradient


def grad_and_aux(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make a function that returns ``(gradient, auxiliary)`` for a `fun` that returns ``(value, auxiliary)``.

    The same as ``grad(fun, argnum, has_aux=True)``.

    Examples
    --------
    >>> grad_and_aux(lambda x: (x**2, "anything"))(3.0)
    (6.0, 'anything')
    """
    return grad(fun, argnum, has_aux=True)


def elementwise_grad(fun: Callable[..., Any], argnum: int | str = 0) -> Callable[..., Any]:
    """Make the derivative of a function that works entry by entry.

    Parameters
    ----------
    fun : callable
        A real function whose result has, for each entry of the argument, one entry that depends on no other.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the derivatives, in the shape of the argument.

    Raises
    ------
    OutputError
        When an entry of the result depends on several entries of the argument. This is found with certainty, but
        for rounding, by a second backward pass whenever no outer transform is at work, and at the first call.

    Notes
    -----
    The derivatives are the diagonal of the Jacobian, got by multiplying its transpose with ones.

    Examples
    --------
    >>> elementwise_grad(lambda x: x**2)(3.0)
    6.0
    """
    checked = False

    @named("elementwise_grad", fun, argnum)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        nonlocal checked
        (argument,), _ = select(fun, argnum, args, kwargs)
        value, pull, _ = reverse_pass(fun, argnum, args, kwargs)
        result = pull(_real_ones(value, "elementwise_grad", fun))
        if not (checked and _is_traced(argument)):
            _check_diagonal(fun, argument, value, result, pull, "elementwise_grad")
            checked = True
        return result

    return derivative


def deriv(fun: Callable[..., Any], argnum: int | str = 0) -> Callable[..., Any]:
    """Make the derivative of a function of one real variable, by forward mode; or of one that works entry by entry.

    Parameters
    ----------
    fun : callable
        A function of a number, with any result: a curve, for example. Or one of an array, entry by entry.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the derivative, with the structure and shapes of the result.

    Raises
    ------
    OutputError
        When the argument is an array, and an entry of the result depends on several of its entries.

    Examples
    --------
    >>> deriv(lambda t: (t**2, 3 * t))(2.0)
    (4.0, 3.0)
    """
    checked = False

    @named("deriv", fun, argnum)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        nonlocal checked
        load_plugins()
        (argument,), _ = select(fun, argnum, args, kwargs)
        spaces, structure = spaces_and_structure(argument)

        def push(factor: Any) -> tuple[Any, Any]:
            direction = unflatten(structure, [space.ones() * factor for space in spaces])
            return forward_pass(fun, argnum, args, kwargs, direction)

        value, result = push(1.0)
        if not (checked and _is_traced(argument)):
            if sum(space.size for space in spaces) > 1:
                product = lambda direction: forward_pass(fun, argnum, args, kwargs, direction)[1]
                _check_diagonal(fun, value, argument, result, product, "deriv")
            if any(space.iscomplex for space in spaces):
                check_holomorphic(push(1j)[1], result, fun)
            checked = True
        return result

    return derivative


def _is_traced(argument: Any) -> bool:
    return any(isinstance(leaf, Box) for leaf in flatten(argument)[0])


def _real_ones(value: Any, transform: str, fun: Callable[..., Any]) -> Any:
    spaces, structure = spaces_and_structure(value)
    if any(space.iscomplex for space in spaces):
        raise OutputError(
            f"{transform} needs a function with real results, but {getattr(fun, '__name__', 'the function')} returned "
            "complex ones. Take the real part or the absolute value, or use `holomorphic_grad`."
        )
    return unflatten(structure, [space.ones() for space in spaces])


def _check_diagonal(
    fun: Callable[..., Any], domain: Any, codomain: Any, diagonal: Any, product: Callable[[Any], Any], transform: str
) -> None:
    """Raise unless `product`, a Jacobian or its transpose, multiplies entry by entry with `diagonal`.

    `product` maps vectors like `codomain` to vectors like `domain`. One random direction is enough: for a matrix
    that is not diagonal, the chance that it gives the same as its row sums is nil.
    """
    rng = random.Random(0)  # the same for everybody, so that a failure can be repeated
    spaces, structure = spaces_and_structure(codomain)
    direction = [space.random(rng) for space in spaces]
    found = stop_gradient(flatten(product(unflatten(structure, direction)))[0])
    known = stop_gradient(flatten(diagonal)[0])
    shapes_agree = [vspace(leaf).shape for leaf in known] == [space.shape for space in spaces]
    if shapes_agree and all(vspace(f).is_close(f, k * d) for f, k, d in zip(found, known, direction, strict=True)):
        return
    raise OutputError(
        f"{transform} needs a function that works entry by entry, but in {getattr(fun, '__name__', 'the function')} an "
        f"entry of the result depends on several entries of the argument (of type {type(unbox(domain)).__name__}). Use "
        "`jacobian` for all derivatives, or `grad` of the sum of the results for their sum."
    )


def holomorphic_grad(fun: Callable[..., Any], argnum: int | str = 0) -> Callable[..., Any]:
    """Make the complex derivative of a holomorphic function.

    Parameters
    ----------
    fun : callable
        A holomorphic function of a complex number, or of an array of them, with one complex number as its result.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns the complex derivative, in the shape of the argument.

    Raises
    ------
    OutputError
        When the argument or the result is not complex, or the function is not holomorphic at this point.

    Examples
    --------
    >>> holomorphic_grad(lambda z: z**2)(1 + 2j)
    (2+4j)
    """

    @named("holomorphic_grad", fun, argnum)
    def derivative(*args: Any, **kwargs: Any) -> Any:
        (argument,), _ = select(fun, argnum, args, kwargs)
        value, pull, _ = reverse_pass(fun, argnum, args, kwargs)
        name = getattr(fun, "__name__", "the function")
        spaces, _ = spaces_and_structure(value)
        if len(spaces) != 1 or spaces[0].shape != () or not spaces[0].iscomplex:
            raise OutputError(
                f"holomorphic_grad needs a function with one complex number as its result, but {name} returned a "
                f"{type(unbox(value)).__name__}. Use `grad` for real results, `jacobian` for several."
            )
        if not all(vspace(leaf).iscomplex for leaf in flatten(argument)[0]):
            raise OutputError(
                f"holomorphic_grad needs a complex argument; write `complex(x)`, or use `grad` for {name}."
            )
        one = spaces[0].ones()
        result = pull(one)
        check_holomorphic(pull(one * 1j), result, fun)
        return result

    return derivative


def check_holomorphic(turned: Any, straight: Any, fun: Callable[..., Any], order: int = 1) -> None:
    """Raise unless the derivative along i is i**order times that along 1: at first order, by Cauchy and Riemann."""
    pairs = zip(*(stop_gradient(flatten(vector)[0]) for vector in (turned, straight)), strict=True)
    if not all(vspace(t).is_close(t, s * 1j**order) for t, s in pairs):
        raise OutputError(
            f"{getattr(fun, '__name__', 'the function')} is not holomorphic at this point: it has no complex "
            "derivative. Differentiate its real part and its imaginary part by `grad`."
        )
