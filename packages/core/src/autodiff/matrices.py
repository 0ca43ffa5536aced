"""Transforms for derivatives of higher rank: Jacobians, Hessians, and products with Hessians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.argnums import Argnum, Argnums, select
from autodiff.constants import stop_gradient
from autodiff.containers import flatten, unflatten
from autodiff.errors import InputError, OutputError
from autodiff.gradients import grad
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.products import forward_pass, make_vjp, reverse_pass, spaces_and_structure
from autodiff.vspace import VSpace

MODES = ("auto", "forward", "reverse")


def jacobian(fun: Callable[..., Any], argnum: Argnums = 0, *, mode: str = "auto") -> Callable[..., Any]:
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
    if mode not in MODES:
        raise InputError(f"jacobian got mode={mode!r}; the modes are {', '.join(map(repr, MODES))}.")

    @named("jacobian", fun, argnum)
    def jacobian_function(*args: Any, **kwargs: Any) -> Any:
        load_plugins()
        values, _ = select(fun, argnum, args, kwargs)
        point = values if isinstance(argnum, tuple) else values[0]

        def by_columns() -> Any:
            return _by_columns(lambda direction: forward_pass(fun, argnum, args, kwargs, direction), point)

        if mode == "forward":
            return by_columns()
        value, pull, _ = reverse_pass(fun, argnum, args, kwargs)
        rows = sum(space.size for space in spaces_and_structure(value)[0])
        columns = sum(space.size for space in spaces_and_structure(point)[0])
        if mode == "auto" and columns < rows:
            return by_columns()
        return _by_rows(value, pull, point)

    return jacobian_function


def _by_rows(value: Any, pull: Callable[[Any], Any], point: Any) -> Any:
    """Pull back the basis vectors of the result, one by one."""
    spaces, structure = spaces_and_structure(value)
    inputs, input_structure = spaces_and_structure(point)
    blocks = []
    for place, space in enumerate(spaces):
        zeros = [other.zeros() for other in spaces]
        rows = []
        for vector in space.basis():
            zeros[place] = vector
            rows.append(_row(pull, unflatten(structure, list(zeros)), inputs, space.iscomplex))
        blocks.append(
            unflatten(
                input_structure,
                [space.stack([row[i] for row in rows], row_space) for i, row_space in enumerate(inputs)],
            )
        )
    return unflatten(structure, blocks)


def _row(pull: Callable[[Any], Any], cotangent: Any, inputs: list[VSpace], iscomplex: bool) -> list[Any]:
    """Return the derivatives of one entry of the result, as a list of vectors of the inputs' spaces."""
    row, _ = flatten(pull(cotangent))
    if not iscomplex:
        return row
    leaves, structure = flatten(cotangent)
    # For a real input the transposed derivative keeps the real part only, so the imaginary part is asked for too.
    turned, _ = flatten(pull(unflatten(structure, [leaf * -1j for leaf in leaves])))
    for i, space in enumerate(inputs):
        if not space.iscomplex:
            row[i] = row[i] + 1j * turned[i]
        elif not space.is_close(*stop_gradient((turned[i], row[i] * -1j))):
            raise _not_holomorphic()
    return row


def _by_columns(push: Callable[[Any], tuple[Any, Any]], point: Any) -> Any:
    """Push forward the basis vectors of the arguments, one by one."""
    inputs, structure = spaces_and_structure(point)
    zeros = [space.zeros() for space in inputs]
    value: Any = None
    outputs: list[VSpace] = []
    columns: list[list[list[Any]]] = []  # input leaf, basis vector, output leaf
    for place, space in enumerate(inputs):
        columns.append([])
        for vector in space.basis():
            direction = list(zeros)
            direction[place] = vector
            value, tangent = push(unflatten(structure, direction))
            outputs = outputs or spaces_and_structure(value)[0]
            column, _ = flatten(tangent)
            if space.iscomplex:
                direction[place] = vector * 1j
                turned, _ = flatten(push(unflatten(structure, direction))[1])
                column = list(map(_complex_column, column, turned, outputs))
            columns[-1].append(column)
    if not any(columns):  # empty arrays: any direction tells what the result looks like
        value, _ = push(unflatten(structure, zeros))
    outputs, output_structure = spaces_and_structure(value)
    blocks = [
        unflatten(
            structure,
            [space.stack_last([column[o] for column in columns[i]], output) for i, space in enumerate(inputs)],
        )
        for o, output in enumerate(outputs)
    ]
    return unflatten(output_structure, blocks)


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


def hessian(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Make the function that returns all second derivatives of `fun`.

    Parameters
    ----------
    fun : callable
        A real function of numbers, arrays and containers of them; so is its result.
    argnum : int or str
        The argument with respect to which it is differentiated.

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
    return named("hessian", fun, argnum)(jacobian(jacobian(fun, argnum, mode="reverse"), argnum))


def make_hvp(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make products with the Hessian at one point, sharing the forward pass among them.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns ``(hvp, gradient)``, where ``hvp(v)`` is the Hessian times `v`. Vectors
        have the structure and shapes of the argument (tuples for a tuple `argnum`).

    Examples
    --------
    >>> hvp, gradient = make_hvp(lambda x: x**3)(2.0)
    >>> hvp(1.0), hvp(10.0)
    (12.0, 120.0)
    """
    return named("hvp", fun, argnum)(make_vjp(grad(fun, argnum), argnum))


def hessian_vector_product(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make the product of the Hessian and a vector, by forward mode over reverse mode.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        ``hvp(*args, vector, **kwargs)``: the arguments of `fun`, and last the vector, with the structure and shapes of
        the argument (a tuple for a tuple `argnum`); so is the result.

    Examples
    --------
    >>> hessian_vector_product(lambda x: x**3)(2.0, 10.0)
    120.0
    """
    gradient = grad(fun, argnum)

    @named("hessian_vector_product", fun, argnum)
    def hvp(*args: Any, **kwargs: Any) -> Any:
        if len(args) < 2:
            raise InputError(
                "a Hessian-vector product takes the arguments of the function and, last, the vector; "
                f"it was called with {len(args)} positional argument."
            )
        *points, vector = args
        return forward_pass(gradient, argnum, tuple(points), kwargs, vector)[1]

    return hvp
