"""Transforms for derivatives with more axes than the argument: Jacobians and Hessians."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from autodiff.argnums import Argnum, Argnums, select
from autodiff.basis import arranged, check_chunk_size, on_basis
from autodiff.batching import Batching, BatchTrace
from autodiff.constants import stop_gradient
from autodiff.containers import flatten, unflatten
from autodiff.directions import STILL, DirectionsTrace
from autodiff.errors import InputError, OutputError
from autodiff.gradients import value_and_grad
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.products import forward_pass, open_boxes, record, restored, spaces_and_structure
from autodiff.reverse import ReverseTrace
from autodiff.vspace import VSpace

MODES = ("auto", "forward", "reverse")


def jacobian(
    fun: Callable[..., Any], argnum: Argnums = 0, *, mode: str = "auto", chunk_size: int | None = None
) -> Callable[..., Any]:
    """Make the function that returns all first derivatives of `fun`.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result. Complex results are allowed, for a
        complex argument if the function is holomorphic.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.
    mode : {"auto", "forward", "reverse"}
        Whether to push basis vectors of the argument forward or to pull those of the result back. "auto" takes
        what needs fewer passes.
    chunk_size : int, optional
        How many basis vectors are pushed or pulled at once, in a batch that needs memory for all of them; None: all.

    Returns
    -------
    callable
        With the arguments of `fun`; returns arrays of shape ``result.shape + argument.shape``, nested in the structure
        of the result and, inside it, that of the argument.

    Raises
    ------
    OutputError
        When argument and result are complex and `fun` is not holomorphic.

    Examples
    --------
    >>> jacobian(lambda x: (x**2, 3 * x))(2.0)
    (4.0, 3.0)
    """
    both = value_and_jacobian(fun, argnum, mode=mode, chunk_size=chunk_size)

    @named("jacobian", fun, argnum)
    def jacobian_function(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return jacobian_function


def value_and_jacobian(
    fun: Callable[..., Any], argnum: Argnums = 0, *, mode: str = "auto", chunk_size: int | None = None
) -> Callable[..., Any]:
    """Make the function that returns both the value and all first derivatives of `fun`.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.
    mode : {"auto", "forward", "reverse"}
        As for `jacobian`.
    chunk_size : int, optional
        As for `jacobian`.

    Returns
    -------
    callable
        With the arguments of `fun`; returns ``(value, jacobian)``.

    Examples
    --------
    >>> value_and_jacobian(lambda x: (x**2, 3 * x))(2.0)
    ((4.0, 6.0), (4.0, 3.0))
    """
    check_chunk_size(chunk_size)
    if mode not in MODES:
        raise InputError(f"jacobian got mode={mode!r}; the modes are {', '.join(map(repr, MODES))}.")

    @named("value_and_jacobian", fun, argnum)
    def value_and_jacobian_function(*args: Any, **kwargs: Any) -> Any:
        load_plugins()
        push = partial(forward_pass, fun, argnum, args, kwargs)
        if mode == "forward":
            return _by_columns(push, _point(fun, argnum, args, kwargs), chunk_size)
        trace = ReverseTrace()
        output, structure, _ = record(trace, fun, argnum, args, kwargs)
        value = open_boxes(trace, output)
        spaces, output_structure = spaces_and_structure(value)
        if mode == "auto" and _size(trace.spaces) < _size(spaces):
            return _by_columns(push, _point(fun, argnum, args, kwargs), chunk_size)
        rows = [
            restored(_rows(trace, leaf, space, chunk_size), structure, argnum)
            for leaf, space in zip(flatten(output)[0], spaces, strict=True)
        ]
        return value, unflatten(output_structure, rows)

    return value_and_jacobian_function


def _point(fun: Callable[..., Any], argnum: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return the arguments that are differentiated."""
    values, _ = select(fun, argnum, args, kwargs)
    return values if isinstance(argnum, tuple) else values[0]


def _size(spaces: list[VSpace]) -> int:
    return sum([space.size for space in spaces])


def _rows(trace: ReverseTrace, output: Any, space: VSpace, chunk_size: int | None) -> list[Any]:
    """Return the derivatives of a leaf of the result, a vector of `space`, for each leaf of the arguments."""
    if space.shape == () and not space.iscomplex:  # a number, such as a loss
        return trace.pull(output, space.ones())
    found = on_basis(
        space,
        lambda vector: trace.pull(output, vector),
        partial(_row, trace.spaces, space.iscomplex),
        chunk_size,
        lambda batching, stack, size: trace.pull_stack(output, stack, BatchTrace(batching, size)),
    )
    columns = zip(found or [[] for _ in trace.spaces], trace.spaces, strict=True)
    return [arranged(space, column, other, last=False) for column, other in columns]


def _row(inputs: list[VSpace], iscomplex: bool, apply: Callable[[Any], list[Any]]) -> list[Any]:
    """Return the derivatives of one entry of the result, as a list of vectors of the inputs' spaces."""
    row = apply(1)
    if not iscomplex:
        return row
    # For a real input the transposed derivative keeps the real part only, so the imaginary part is asked for too.
    turned = apply(-1j)
    for i, space in enumerate(inputs):
        if not space.iscomplex:
            row[i] = row[i] + 1j * turned[i]
        elif not space.is_close(*stop_gradient((turned[i], row[i] * -1j))):
            raise _not_holomorphic()
    return row


def _by_columns(push: Callable[..., tuple[Any, Any]], point: Any, chunk_size: int | None) -> tuple[Any, Any]:
    """Push forward the basis vectors of the arguments. Return the value, too."""
    inputs, structure = spaces_and_structure(point)
    zeros = [space.zeros() for space in inputs]
    value: Any = None
    columns: list[list[Any]] = []  # input leaf, output leaf
    for place, space in enumerate(inputs):

        def product(vector: Any, place: int = place) -> list[Any]:
            nonlocal value
            value, tangent = push(unflatten(structure, [*zeros[:place], vector, *zeros[place + 1 :]]))
            return flatten(tangent)[0]

        def along_all(batching: Batching, stack: Any, size: int, place: int = place) -> list[Any]:
            nonlocal value
            directions = [stack if number == place else STILL for number in range(len(inputs))]
            value, stacks = push(unflatten(structure, directions), trace=DirectionsTrace(batching, size))
            return flatten(stacks)[0]

        def combine(apply: Callable[[Any], list[Any]], iscomplex: bool = space.iscomplex) -> list[Any]:
            column = apply(1)
            if iscomplex:
                column = list(map(_complex_column, column, apply(1j), spaces_and_structure(value)[0]))
            return column

        columns.append(on_basis(space, product, combine, chunk_size, along_all, forward=True))
    if not any(columns):  # empty arrays: any direction tells what the result looks like
        value, _ = push(unflatten(structure, zeros))
    outputs, output_structure = spaces_and_structure(value)
    blocks = [
        unflatten(
            structure,
            [arranged(space, columns[i][o] if columns[i] else [], output, last=True) for i, space in enumerate(inputs)],
        )
        for o, output in enumerate(outputs)
    ]
    return value, unflatten(output_structure, blocks)


def _complex_column(column: Any, turned: Any, output: VSpace) -> Any:
    """Return the derivative with respect to a complex entry from those along 1 and along i."""
    if not output.iscomplex:
        return column - 1j * turned  # du/dx - i du/dy
    plain, plain_turned = stop_gradient((column, turned))
    if not output.is_close(plain_turned, plain * 1j):
        raise _not_holomorphic()
    return column


def _not_holomorphic() -> OutputError:
    return OutputError(
        "jacobian of a complex result with respect to a complex argument needs a holomorphic function, and this one is "
        "not holomorphic at this point. Differentiate its real and its imaginary part separately."
    )


def hessian(fun: Callable[..., Any], argnum: Argnum = 0, *, chunk_size: int | None = None) -> Callable[..., Any]:
    """Make the function that returns all second derivatives of `fun`.

    Parameters
    ----------
    fun : callable
        A real function of numbers, arrays and containers of them; so is its result.
    argnum : int or str
        The argument with respect to which it is differentiated.
    chunk_size : int, optional
        As for `jacobian`: how many basis vectors are taken at once.

    Returns
    -------
    callable
        With the arguments of `fun`; returns arrays of shape ``result.shape + argument.shape + argument.shape``, nested
        in the structures of the result and, twice, of the argument.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    """
    return named("hessian", fun, argnum)(
        jacobian(
            jacobian(fun, argnum, mode="reverse", chunk_size=chunk_size), argnum, mode="forward", chunk_size=chunk_size
        )
    )


def value_and_hessian(
    fun: Callable[..., Any], argnum: Argnum = 0, *, chunk_size: int | None = None
) -> Callable[..., Any]:
    """Make the function that returns both the value and all second derivatives of `fun`.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int or str
        The argument with respect to which it is differentiated.
    chunk_size : int, optional
        As for `hessian`.

    Returns
    -------
    callable
        With the arguments of `fun`; returns ``(value, hessian)``.

    Examples
    --------
    >>> value_and_hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    (12.0, [[6.0, 4.0], [4.0, 0.0]])
    """
    both = value_and_jacobian(value_and_grad(fun, argnum), argnum, mode="forward", chunk_size=chunk_size)

    @named("value_and_hessian", fun, argnum)
    def value_and_hessian_function(*args: Any, **kwargs: Any) -> Any:
        (value, _), (_, matrix) = both(*args, **kwargs)
        return value, matrix

    return value_and_hessian_function
