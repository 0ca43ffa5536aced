"""Derivatives of any order in one pass: `jet`, and `derivatives` for functions of one variable."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.argnums import argument_name, select
from autodiff.constants import stop_gradient
from autodiff.containers import Structure, container_of, flatten, flatten_like, unflatten
from autodiff.errors import InputError, OutputError, StructureError
from autodiff.gradients import check_holomorphic
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.products import RUNNING, boxed_inputs, check_result
from autodiff.taylor import JetTrace
from autodiff.trace import box_type, frozen
from autodiff.vspace import VSpace, vspace


def jet(fun: Callable[..., Any], primals: Sequence[Any], series: Sequence[Sequence[Any]]) -> tuple[Any, list[Any]]:
    """Push derivatives of all orders along a curve through `fun`, in one pass.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    primals : tuple or list
        The arguments: the point of the curve x(t) at t = 0.
    series : tuple or list
        For each argument, a list of the derivatives x'(0), x''(0), … of the curve, as many as are wanted of the result.
        Each has the structure and shapes of the argument.

    Returns
    -------
    value : number, array or container
        ``fun(*primals)``.
    series : list
        The derivatives of ``fun(x(t))`` at t = 0, as many as were given of the arguments. Each has the structure and
        shapes of the value.

    Raises
    ------
    StructureError
        When `series` does not fit `primals`, or gives more derivatives of one argument than of another.

    Notes
    -----
    The names and meanings are those of ``jax.experimental.jet``: derivatives, not Taylor coefficients, which are
    smaller by ``k!``. The work grows with the square of their number, that of some functions (`sinc`, powers) with its
    third power, and that of `numpy.einsum` with one more for each traced operand; nested first derivatives take
    exponentially much.

    Examples
    --------
    Derivatives of (t + 2)³ at t = 0, with x(t) = t + 2:

    >>> jet(lambda x: x**3, (2.0,), ([1.0, 0.0, 0.0],))
    (8.0, [12.0, 12.0, 6.0])
    """
    load_plugins()
    order = _order(fun, primals, series)
    terms: list[list[Any]] = []
    for place, (primal, rows) in enumerate(zip(primals, series, strict=True)):
        leaves, structure = flatten(primal)
        columns = [_column(fun, place, structure, row) for row in rows]
        terms += [[column[i] for column in columns] for i in range(len(leaves))]
    return _run(fun, tuple(primals), terms, order)


def _column(fun: Callable[..., Any], place: int, structure: Structure, row: Any) -> list[Any]:
    """Return the leaves of a derivative of an argument, which has the given structure."""
    leaves, found = flatten(row)
    if found != structure:  # names are looked up for the error only, as that takes long
        return flatten_like(structure, row, f"each term in the series of argument {argument_name(fun, place)}")
    return leaves


def _order(fun: Callable[..., Any], primals: Any, series: Any) -> int:
    """Return how many derivatives are given; of all arguments the same number."""
    named("jet", fun)
    if not isinstance(primals, tuple | list) or not isinstance(series, tuple | list):
        raise InputError(
            "jet takes the arguments of the function in a tuple, and so their series: for a function of one argument "
            f"`jet(f, (x,), ([v],))`, but got a {type(primals).__name__} and a {type(series).__name__}."
        )
    if len(primals) != len(series) or not primals:
        raise StructureError(
            f"jet takes a series for each argument, at least one, but got {len(primals)} arguments and {len(series)} "
            "series."
        )
    for terms in series:
        if not isinstance(terms, tuple | list):
            raise StructureError(
                "the series of an argument must be a list of its derivatives along the curve, from the first on, "
                f"not a {type(terms).__name__}."
            )
    lengths = [len(terms) for terms in series]
    if len(set(lengths)) > 1:
        raise StructureError(
            f"jet takes equally many derivatives of all arguments, but got {lengths}. Fill up with zeros."
        )
    return lengths[0]


def _run(fun: Callable[..., Any], args: tuple[Any, ...], terms: list[list[Any]], order: int) -> tuple[Any, list[Any]]:
    """Run `fun` on power series; `terms` are the derivatives of each leaf of the arguments, None for zero."""
    trace = JetTrace(order)
    leaves, structure = flatten(args)
    rows = iter(terms)
    everything = tuple(range(len(args)))
    boxes = boxed_inputs(lambda leaf: trace.input(leaf, next(rows)), leaves, args, fun, everything)
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        output = frozen(fun(*unflatten(structure, boxes)))
        check_result(output, fun)
        return trace.result(output)
    finally:
        RUNNING.depth = depth
        trace.closed = True


def derivatives(fun: Callable[..., Any], order: int, argnum: int | str = 0) -> Callable[..., Any]:
    """Make the function that returns the derivatives of a function of one variable, up to some order, in one pass.

    Parameters
    ----------
    fun : callable
        A function of a number, with any result: a curve, for example. Or one of an array, entry by entry.
    order : int
        The highest order.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a list of ``order + 1`` entries, the value and its derivatives, each with
        the structure and shapes of the value. Divide entry k by ``k!`` for Taylor coefficients.

    Raises
    ------
    OutputError
        When the argument is an array, and an entry of the result depends on several of its entries; or it is complex,
        and the function is not holomorphic at this point.

    Examples
    --------
    >>> derivatives(lambda x: x**3, 4)(2.0)
    [8.0, 12.0, 12.0, 6.0, 0.0]
    """
    if type(order) is not int or order < 0:
        raise InputError(f"derivatives takes the highest order, an integer that is not negative, not {order!r}.")

    @named("derivatives", fun, argnum)
    def all_derivatives(*args: Any, **kwargs: Any) -> list[Any]:
        load_plugins()
        (argument,), call = select(fun, argnum, args, kwargs)
        if container_of(type(argument)) is not None:
            raise InputError(
                f"derivatives of {getattr(fun, '__name__', 'the function')} are by a number or an array, but the "
                f"argument is a {type(argument).__name__}. Use `jet` for derivatives along a curve."
            )
        box_type(argument).check_input(argument)
        space = vspace(argument)

        def along(direction: Any) -> list[Any]:
            value, terms = _run(call, (argument,), [[direction, *[None] * (order - 1)][:order]], order)
            return [value, *terms]

        found = along(space.ones())
        if space.iscomplex and order:
            for k, turned in enumerate(along(space.ones() * 1j)[1:], 1):
                check_holomorphic(turned, found[k], fun, k)
        if space.size > 1:
            _check_elementwise(fun, found, along, space)
        return found

    return all_derivatives


def _check_elementwise(
    fun: Callable[..., Any], found: list[Any], along: Callable[[Any], list[Any]], space: VSpace
) -> None:
    """Raise unless derivative k along a direction v is v**k times that along ones, as in functions entry by entry."""
    direction = space.random(random.Random(0))  # the same for everybody, so that a failure can be repeated
    power = space.ones()
    for known, turned in zip(stop_gradient(found)[1:], stop_gradient(along(direction))[1:], strict=True):
        power = power * direction
        for k, t in zip(flatten(known)[0], flatten(turned)[0], strict=True):
            result = vspace(k)
            if result.shape != space.shape or not result.is_close(t, k * power):
                raise OutputError(
                    "derivatives needs a function that works entry by entry, but in "
                    f"{getattr(fun, '__name__', 'the function')} an entry of the result depends on several entries of "
                    "the argument. Use `jet` for derivatives along a curve, or `jacobian` and `hessian` for all."
                )
