"""The two products that every derivative is made of: vector-Jacobian and Jacobian-vector.

`make_vjp` runs a function once and gives back its transposed derivative, `make_jvp` pushes one tangent through it.
All other transforms are written with the two functions `reverse_pass` and `forward_pass` of this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.argnums import Argnums, select
from autodiff.containers import Structure, container_of, flatten, flatten_like, unflatten
from autodiff.errors import InputError
from autodiff.forward import ForwardTrace
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.reverse import ReverseTrace, pullback
from autodiff.trace import Box, Trace
from autodiff.vspace import VSpace, check_member, vspace


def reverse_pass(
    call: Callable[..., Any], values: tuple[Any, ...], *, one: bool, consume: bool = False, has_aux: bool = False
) -> tuple[Any, Callable[[Any], Any], Any]:
    """Run ``call(*values)`` under a reverse trace; return its value, the pullback, and the auxiliary output.

    The pullback maps a cotangent of the value to the gradient, in the structure of the inputs: with `one`, that of
    the single input, otherwise a tuple. With `consume` it can be called once.
    """
    load_plugins()
    trace = ReverseTrace()
    structure = None
    aux = None
    try:
        if len(values) == 1 and container_of(type(values[0])) is None:  # spares the commonest call the flattening
            output = call(trace.input(values[0]))
        else:
            leaves, structure = flatten(values)
            output = call(*unflatten(structure, [trace.input(leaf) for leaf in leaves]))
        if has_aux:
            output, aux = split_aux(output)
            aux = open_boxes(trace, aux)
        pull_leaves = pullback(trace, output, consume=consume)
    finally:
        trace.close()

    def pull(cotangent: Any) -> Any:
        gradients = pull_leaves(cotangent)
        if structure is not None:
            gradients = unflatten(structure, gradients)
        return gradients[0] if one else tuple(gradients)

    return open_boxes(trace, output), pull, aux


def forward_pass(call: Callable[..., Any], values: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    """Run ``call(*values)`` under a forward trace; return its value and its tangent."""
    load_plugins()
    trace = ForwardTrace()
    leaves, structure = flatten(values)
    directions = flatten_like(structure, tangents, "the tangent")
    boxes = [trace.input(leaf, direction) for leaf, direction in zip(leaves, directions, strict=True)]
    try:
        output = call(*unflatten(structure, boxes))
    finally:
        trace.closed = True
    return trace.tangent(output)


def split_aux(output: Any) -> tuple[Any, Any]:
    """Split the output of a function with ``has_aux=True``."""
    if type(output) is tuple and len(output) == 2:
        return output
    raise InputError(
        f"with has_aux=True the function must return a pair (value, auxiliary), but it returned a {type(output).__name__}."
    )


def open_boxes(trace: Trace, output: Any) -> Any:
    """Return `output` with the values in place of this trace's boxes."""
    if isinstance(output, Box):
        return output.value if output.owner is trace else output
    leaves, structure = flatten(output)
    if structure.kind is None:
        return output
    return unflatten(structure, [open_boxes(trace, leaf) for leaf in leaves])


def output_spaces(value: Any) -> tuple[list[VSpace], Structure]:
    """Return the spaces of the leaves of a function's value, and its structure."""
    leaves, structure = flatten(value)
    return [vspace(leaf) for leaf in leaves], structure


def checked_cotangent(cotangent: Any, value: Any) -> Any:
    """Return a cotangent that the user passed, or raise if it does not fit `value`."""
    spaces, structure = output_spaces(value)
    leaves = flatten_like(structure, cotangent, "the cotangent")
    return unflatten(
        structure, [check_member(leaf, space, "the cotangent") for leaf, space in zip(leaves, spaces, strict=True)]
    )


def make_vjp(fun: Callable[..., Any], argnum: Argnums = 0, *, has_aux: bool = False) -> Callable[..., Any]:
    """Run a function, and return its vector-Jacobian product together with its value.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments that are differentiated.
    has_aux : bool
        Whether `fun` returns a pair (value, auxiliary) of which only the first is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns ``(vjp, value)``, or ``(vjp, value, auxiliary)``. ``vjp(g)`` takes a
        cotangent, with the structure and shapes of the value, and returns the transposed derivative times `g`, with
        the structure and shapes of the argument (a tuple for a tuple `argnum`). It may be called any number of times.

    Raises
    ------
    StructureError
        From ``vjp(g)``, when `g` does not have the structure and shape of the value.

    Examples
    --------
    >>> vjp, value = make_vjp(lambda x: (x * x, 2.0 * x))(3.0)
    >>> value
    (9.0, 6.0)
    >>> vjp((1.0, 10.0))
    26.0
    """

    @named("vjp", fun, argnum)
    def vjp_maker(*args: Any, **kwargs: Any) -> Any:
        values, call = select(fun, argnum, args, kwargs)
        value, pull, aux = reverse_pass(call, values, one=not isinstance(argnum, tuple), has_aux=has_aux)

        def vjp(cotangent: Any) -> Any:
            return pull(checked_cotangent(cotangent, value))

        return (vjp, value, aux) if has_aux else (vjp, value)

    return vjp_maker


def make_jvp(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make the function that pushes a tangent through `fun`: its Jacobian-vector product.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments that are differentiated.

    Returns
    -------
    callable
        ``make_jvp(fun)(*args)(v)`` returns ``(value, tangent)``: the value, and its derivative along `v`, which has
        the structure and shapes of the argument (a tuple for a tuple `argnum`).

    Raises
    ------
    StructureError
        When `v` does not have the structure and shape of the argument.

    Examples
    --------
    >>> make_jvp(lambda x: x**3)(2.0)(10.0)
    (8.0, 120.0)
    """

    @named("jvp", fun, argnum)
    def jvp_maker(*args: Any, **kwargs: Any) -> Any:
        values, call = select(fun, argnum, args, kwargs)

        def jvp(tangent: Any) -> Any:
            return forward_pass(call, values, tangent if isinstance(argnum, tuple) else (tangent,))

        return jvp

    return jvp_maker
