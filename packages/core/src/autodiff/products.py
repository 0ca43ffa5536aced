"""The two products that every derivative is made of: vector-Jacobian and Jacobian-vector.

`make_vjp` runs a function once and gives back its transposed derivative, `make_jvp` pushes one tangent through it.
All other transforms are written with the two functions `reverse_pass` and `forward_pass` of this file.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from autodiff.argnums import Argnums, argument_name, select
from autodiff.containers import Structure, container_of, flatten, flatten_like, leaf_paths, unflatten
from autodiff.errors import InputError, OutputError, StructureError
from autodiff.forward import ForwardTrace
from autodiff.keeping import Hold, check, keep
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.reverse import ReverseTrace
from autodiff.trace import Box, Trace, frozen
from autodiff.vspace import SPACES, VSpace, check_member, vspace


class _Running(threading.local):
    depth = 0


# How many differentiations run in this thread. Traces do not use it; it is for functions that make arrays.
RUNNING = _Running()


def differentiating() -> bool:
    """Whether a function is being differentiated, in this thread, by whatever transform.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.extend import differentiating
    >>> differentiating(), grad(lambda x: x * differentiating())(2.0)
    (False, 1.0)
    """
    return RUNNING.depth > 0


def record(
    trace: ReverseTrace,
    fun: Callable[..., Any],
    argnum: Argnums,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    has_aux: bool = False,
    any_result: bool = False,
) -> tuple[Any, Structure | None, Any]:
    """Run ``fun(*args, **kwargs)`` under `trace`, which ends with it.

    Returns the output with its boxes; the structure of the arguments `argnum`, None for a single leaf; and the
    auxiliary output. With `any_result`, what has no derivative may be among the results.
    """
    load_plugins()
    values, call = select(fun, argnum, args, kwargs)
    structure = output = aux = None
    if len(values) == 1 and container_of(type(values[0])) is None:  # spares the commonest call the flattening
        arguments: Sequence[Any] = boxed_inputs(trace.input, values, values, fun, argnum)
    else:
        leaves, structure = flatten(values)
        arguments = unflatten(structure, boxed_inputs(trace.input, leaves, values, fun, argnum))
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        output = call(*arguments)
        output = output.frozen() if isinstance(output, Box) else frozen(output)
        if has_aux:
            output, aux = split_aux(output, fun)
            aux = open_boxes(trace, aux)
        if not any_result:
            check_result(output, fun)
    except ValueError as error:
        if trace.holds and "read-only" in str(error):
            error.add_note(
                "An array with which a traced value has been computed is read-only until the differentiated function "
                "has returned, as the derivative needs its values. Write into a copy of it."
            )
        raise
    finally:
        RUNNING.depth = depth
        trace.close(output)
    if trace.holds:
        check(trace.holds.values())
    return output, structure, aux


def restored(gradients: list[Any], structure: Structure | None, argnum: Argnums) -> Any:
    """Arrange the gradients of leaves as the arguments `argnum` are."""
    arranged = gradients if structure is None else unflatten(structure, gradients)
    return tuple(arranged) if isinstance(argnum, tuple) else arranged[0]


def reverse_pass(
    fun: Callable[..., Any],
    argnum: Argnums,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    has_aux: bool = False,
    any_result: bool = False,
    guarded: bool = True,
) -> tuple[Any, Callable[[Any], Any], Any]:
    """Run ``fun(*args, **kwargs)`` under a reverse trace; return its value, the pullback, and the auxiliary output.

    The pullback maps a cotangent of the value to the gradient with respect to the arguments `argnum`, in their
    structure. It can be called any number of times. With `guarded`, it raises if arrays that it needs were overwritten;
    that takes time, and is not needed if it is called before the user gets to see anything.
    """
    trace = ReverseTrace()
    output, structure, aux = record(trace, fun, argnum, args, kwargs, has_aux=has_aux, any_result=any_result)
    if not guarded:
        return (
            open_boxes(trace, output),
            lambda cotangent: restored(trace.pull(output, cotangent), structure, argnum),
            open_boxes(trace, aux),
        )
    returned: dict[Any, Hold] = {}
    value, aux = keep((open_boxes(trace, output), aux), returned)  # the pullback may need what the user gets here
    for hold in returned.values():
        hold.release()
    holds = [*trace.holds.values(), *returned.values()]
    for hold in holds:
        hold.seal()

    def pull(cotangent: Any) -> Any:
        check(holds)
        return restored(trace.pull(output, cotangent), structure, argnum)

    return value, pull, aux


def forward_pass(
    fun: Callable[..., Any],
    argnum: Argnums,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    direction: Any,
    *,
    any_result: bool = False,
    trace: ForwardTrace | None = None,
) -> tuple[Any, Any]:
    """Run ``fun(*args, **kwargs)`` under a forward trace along `direction`; return its value and its tangent."""
    load_plugins()
    values, call = select(fun, argnum, args, kwargs)
    trace = trace or ForwardTrace()
    structure = None
    leaves: Sequence[Any] = values
    if isinstance(argnum, tuple):
        leaves, structure = flatten(values)
        directions = flatten_like(structure, direction, "the tangent")
    elif container_of(type(direction)) is None and container_of(type(values[0])) is None:
        directions = [direction]  # spares the commonest call the flattening
    else:
        leaves, structure = flatten(values)
        directions = flatten_like(structure.children[0], direction, "the tangent")
    pairs = iter(directions)
    boxes = boxed_inputs(lambda leaf: trace.input(leaf, next(pairs)), leaves, values, fun, argnum)
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        output = call(*(boxes if structure is None else unflatten(structure, boxes)))
        if not any_result:
            check_result(output, fun)
        return trace.tangent(output)
    finally:
        RUNNING.depth = depth
        trace.closed = True


def boxed_inputs(
    make: Callable[[Any], Any], leaves: Sequence[Any], values: tuple[Any, ...], fun: Callable[..., Any], argnum: Argnums
) -> list[Any]:
    """Return the boxes of the leaves of the differentiated `values`; say which leaf cannot be differentiated."""
    boxes: list[Any] = []
    try:
        for leaf in leaves:
            boxes.append(make(leaf))  # noqa: PERF401  # how many there are tells where an error came from
    except (InputError, StructureError) as error:
        paths = [(place, path) for place, value in enumerate(values) for path in leaf_paths(flatten(value)[1])]
        place, path = paths[len(boxes)]
        which = argnum[place] if isinstance(argnum, tuple) else argnum
        name = getattr(fun, "__name__", "the function") + (f", its leaf {path}" if path else "")
        raise type(error)(f"argument {argument_name(fun, which)} of {name}: {error}") from None
    return boxes


def check_result(output: Any, fun: Callable[..., Any]) -> None:
    """Raise if the function returned something that has no derivative."""
    for leaf in () if isinstance(output, Box) else flatten(output)[0]:
        if not isinstance(leaf, Box) and type(leaf) not in SPACES:
            raise OutputError(
                f"{getattr(fun, '__name__', 'the function')} returned a value of type {type(leaf).__name__}, which "
                "has no derivative. Return numbers, arrays, or containers of them; `has_aux=True` makes room for "
                "other results."
            )


def split_aux(output: Any, fun: Callable[..., Any]) -> tuple[Any, Any]:
    """Split the output of a function with ``has_aux=True``."""
    if type(output) is tuple and len(output) == 2:
        return output
    raise OutputError(
        f"with has_aux=True {getattr(fun, '__name__', 'the function')} must return a pair (value, auxiliary), but it "
        f"returned a {type(output).__name__}."
    )


def open_boxes(trace: Trace, output: Any) -> Any:
    """Return `output` with the values in place of this trace's boxes."""
    if isinstance(output, Box):
        if output.owner is trace:
            output = output.value
        return output.frozen() if isinstance(output, Box) else output
    leaves, structure = flatten(output)
    if structure.kind is None:
        return output
    return unflatten(structure, [open_boxes(trace, leaf) for leaf in leaves])


def spaces_and_structure(value: Any) -> tuple[list[VSpace], Structure]:
    """Return the spaces of the leaves of a value, and its structure."""
    leaves, structure = flatten(value)
    return [vspace(leaf) for leaf in leaves], structure


def checked_cotangent(cotangent: Any, value: Any, what: str = "the cotangent") -> Any:
    """Return a cotangent that the user passed, or raise if it does not fit `value`; `what` names it in the error."""
    spaces, structure = spaces_and_structure(value)
    leaves = flatten_like(structure, frozen(cotangent), what)
    names = [f"leaf {path} of {what}" if path else what for path in leaf_paths(structure)]
    return unflatten(structure, list(map(check_member, leaves, spaces, names)))


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
        value, pull, aux = reverse_pass(fun, argnum, args, kwargs, has_aux=has_aux)

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
        def jvp(tangent: Any) -> Any:
            return forward_pass(fun, argnum, args, kwargs, tangent)

        return jvp

    return jvp_maker
