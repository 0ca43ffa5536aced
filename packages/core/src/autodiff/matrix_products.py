"""Products of derivative matrices with vectors and tensors, which need no matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.argnums import Argnum, Argnums, select
from autodiff.containers import container_of, flatten
from autodiff.errors import InputError
from autodiff.gradients import grad
from autodiff.matrices import jacobian
from autodiff.naming import named
from autodiff.products import checked_cotangent, forward_pass, make_vjp, reverse_pass
from autodiff.reverse import linear_transpose
from autodiff.vspace import vspace


def jacobian_vector_product(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make the product of the Jacobian and a vector: the derivative along a direction, in forward mode.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        ``jvp(*args, vector, **kwargs)``: the arguments of `fun`, and last the vector, with the structure and shapes of
        the argument (a tuple for a tuple `argnum`). The result has those of the value of `fun`.

    See Also
    --------
    make_jvp : Returns the value, too.

    Examples
    --------
    >>> jacobian_vector_product(lambda x: (x**2, 3.0 * x))(5.0, 2.0)
    (20.0, 6.0)
    """

    @named("jacobian_vector_product", fun, argnum)
    def jvp(*args: Any, **kwargs: Any) -> Any:
        points, vector = _without_last(args, "jacobian_vector_product", "the vector")
        return forward_pass(fun, argnum, points, kwargs, vector)[1]

    return jvp


def vector_jacobian_product(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make the product of a vector and the Jacobian, in reverse mode.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        ``vjp(*args, vector, **kwargs)``: the arguments of `fun`, and last the vector, with the structure and shapes of
        the value of `fun`. The result has those of the argument (a tuple for a tuple `argnum`).

    See Also
    --------
    make_vjp : Shares one forward pass among several vectors.
    tensor_jacobian_product : For a tensor that has the first axes of the value only.

    Examples
    --------
    >>> vector_jacobian_product(lambda x: (x**2, 3.0 * x))(5.0, (1.0, 100.0))
    310.0
    """

    @named("vector_jacobian_product", fun, argnum)
    def vjp(*args: Any, **kwargs: Any) -> Any:
        points, vector = _without_last(args, "vector_jacobian_product", "the vector")
        value, pull, _ = reverse_pass(fun, argnum, points, kwargs, guarded=False)
        return pull(checked_cotangent(vector, value))

    return vjp


def tensor_jacobian_product(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make the product of a tensor and the Jacobian, summed over all axes of the tensor.

    Parameters
    ----------
    fun : callable
        A function of numbers, arrays and containers of them, whose result is a number or an array.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        ``product(*args, tensor, **kwargs)``: the arguments of `fun`, and last the tensor, whose axes are the first of
        the value's. The result has the other axes of the value, and then those of the argument.

    Raises
    ------
    InputError
        When the axes of the tensor are not the first of the value's.

    Examples
    --------
    >>> tensor_jacobian_product(lambda x: x**2)(3.0, 10.0)
    60.0
    """

    @named("tensor_jacobian_product", fun, argnum)
    def product(*args: Any, **kwargs: Any) -> Any:
        points, tensor = _without_last(args, "tensor_jacobian_product", "the tensor")

        def contracted(*args: Any, **kwargs: Any) -> Any:
            return _contract(tensor, fun(*args, **kwargs))

        named("contracted", fun)(contracted)  # with the names of the arguments
        return jacobian(contracted, argnum)(*points, **kwargs)

    return product


def _contract(tensor: Any, value: Any) -> Any:
    """Multiply a tensor with a value, and sum over the tensor's axes: ``tensordot(tensor, value, tensor.ndim)``."""
    for name, operand in (("the tensor", tensor), ("the value of the function", value)):
        if container_of(type(operand)) is not None:
            raise InputError(
                f"tensor_jacobian_product: {name} must be a number or an array, not a {type(operand).__name__}. Take "
                "`vector_jacobian_product`, which knows containers."
            )
    shape, given = vspace(value).shape, vspace(tensor).shape
    if shape[: len(given)] != given:
        raise InputError(
            "tensor_jacobian_product: the axes of the tensor must be the first of the value's, but the tensor has "
            f"shape {given}, and the value {shape}."
        )
    if not given:
        return tensor * value
    return (tensor.reshape(-1) @ value.reshape((vspace(tensor).size, -1))).reshape(shape[len(given) :])


def make_jvp_reversemode(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., Any]:
    """Make Jacobian-vector products by transposing reverse mode twice, sharing the forward pass among them.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them; so is its result.
    argnum : int, str or tuple of them
        The arguments with respect to which it is differentiated.

    Returns
    -------
    callable
        ``make_jvp_reversemode(fun)(*args)(vector)``: the derivative along `vector`, as by `make_jvp`, but without the
        value. Each product costs about as much as one by `make_jvp`, without the function itself, which is
        computed once; memory is needed as for reverse mode.

    Examples
    --------
    >>> jvp = make_jvp_reversemode(lambda x: x**3)(2.0)
    >>> jvp(1.0), jvp(10.0)
    (12.0, 120.0)
    """

    @named("jvp_reversemode", fun, argnum)
    def maker(*args: Any, **kwargs: Any) -> Any:
        values, _ = select(fun, argnum, args, kwargs)
        point = values if isinstance(argnum, tuple) else values[0]
        value, pull, _ = reverse_pass(fun, argnum, args, kwargs)
        push = linear_transpose(pull, (value,))

        def jvp(vector: Any) -> Any:
            return push(checked_cotangent(vector, point, "the tangent"))[0]

        return jvp

    return maker


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
        points, vector = _without_last(args, "hessian_vector_product", "the vector")
        return forward_pass(gradient, argnum, points, kwargs, vector)[1]

    return hvp


def hessian_tensor_product(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Make the product of the Hessian and a tensor of the shape of the argument.

    This is `hessian_vector_product` for one argument. It has the name that it has in HIPS autograd, where the vector
    may be an array with any number of axes, as here.

    Parameters
    ----------
    fun : callable
        A function with a real number as its result.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        ``product(*args, tensor, **kwargs)``: the arguments of `fun`, and last the tensor.

    Examples
    --------
    >>> hessian_tensor_product(lambda x: x**3)(2.0, 10.0)
    120.0
    """
    return named("hessian_tensor_product", fun, argnum)(hessian_vector_product(fun, argnum))


def _half_of_squares(y: Any) -> Any:
    """Return half the sum of the squares of all entries of a value."""
    squares = [0.5 * leaf * leaf for leaf in flatten(y)[0]]
    return sum([square.sum() if vspace(square).shape else square for square in squares], 0.0)


def make_ggnvp(
    fun: Callable[..., Any], loss: Callable[..., Any] = _half_of_squares, argnum: Argnums = 0
) -> Callable[..., Any]:
    """Make products with the generalised Gauss-Newton matrix of ``loss(fun(x))``: J^T H J.

    J is the Jacobian of `fun`, and H the Hessian of `loss`. The matrix is positive semi-definite if `loss` is convex,
    which the Hessian of the whole need not be.

    Parameters
    ----------
    fun : callable
        Any function: the model.
    loss : callable
        A function of the value of `fun`, with a real number as its result: half the sum of squares, unless told
        otherwise.
    argnum : int, str or tuple of them
        The arguments of `fun` with respect to which it is differentiated.

    Returns
    -------
    callable
        ``make_ggnvp(fun, loss)(*args)(vector)``. Vectors and results have the structure and shapes of the argument (a
        tuple for a tuple `argnum`).

    References
    ----------
    N. N. Schraudolph, "Fast curvature matrix-vector products for second-order gradient descent", Neural Computation 14
    (2002) 1723-1738.

    Examples
    --------
    >>> product = make_ggnvp(lambda x: x**2)(3.0)
    >>> product(1.0)  # (2 * 3)**2
    36.0
    """

    @named("ggnvp", fun, argnum)
    def maker(*args: Any, **kwargs: Any) -> Any:
        values, _ = select(fun, argnum, args, kwargs)
        point = values if isinstance(argnum, tuple) else values[0]
        value, pull, _ = reverse_pass(fun, argnum, args, kwargs)
        multiply, _ = make_hvp(loss)(value)
        push = linear_transpose(pull, (value,))

        def ggnvp(vector: Any) -> Any:
            return pull(multiply(push(checked_cotangent(vector, point, "the vector"))[0]))

        return ggnvp

    return maker


def _without_last(args: tuple[Any, ...], transform: str, last: str) -> tuple[tuple[Any, ...], Any]:
    """Split the arguments of a product from the vector."""
    if len(args) < 2:
        raise InputError(
            f"{transform} makes a function that takes the arguments of the function and, last, {last}; it was called "
            f"with {len(args)} positional argument{'' if len(args) == 1 else 's'}."
        )
    return args[:-1], args[-1]
