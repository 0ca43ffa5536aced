"""What can be asked of a library: kinds of derivatives, and how each library is asked for them.

A derivative takes the inputs of a workload and differentiates with respect to the first. Products with a vector take it
as the last input.
"""

from collections.abc import Callable, Mapping
from typing import Any

Transform = Callable[[Callable[..., Any]], Callable[..., Any]]
"""From a function to its derivative."""

KINDS = ("gradient", "jacobian", "hessian", "hvp", "jvp", "fourth", "value")
"""``(value, gradient)``; the matrices; the Hessian times a vector; ``(value, derivative along a vector)``; the
fourth derivative of a function that works entry by entry; and, for what is no derivative, the function itself."""


def autodiff(module: Any) -> Mapping[str, Transform]:
    """This library."""
    return {
        "gradient": module.value_and_grad,
        "jacobian": module.jacobian,
        "hessian": module.hessian,
        "hvp": module.hessian_vector_product,
        "jvp": lambda fun: lambda *inputs: module.make_jvp(fun)(*inputs[:-1])(inputs[-1]),
        "fourth": lambda fun: lambda x: module.jet(fun, (x,), ((1.0 + 0 * x, 0 * x, 0 * x, 0 * x),))[1][3],
        "value": lambda fun: fun,
    }


def autograd(module: Any) -> Mapping[str, Transform]:
    """HIPS autograd."""
    return {
        "gradient": module.value_and_grad,
        "jacobian": module.jacobian,
        "hessian": module.hessian,
        "hvp": module.hessian_vector_product,
        "jvp": lambda fun: lambda *inputs: module.make_jvp(fun)(*inputs[:-1])(inputs[-1]),
        "fourth": lambda fun: repeated(module.elementwise_grad, 4, fun),
    }


def jax(module: Any) -> Mapping[str, Transform]:
    """JAX."""
    return {
        "gradient": module.value_and_grad,
        "jacobian": module.jacrev,
        "hessian": module.hessian,
        "hvp": lambda fun: lambda x, *rest: product(module, module.grad(fun), x, *rest)[1],
        "jvp": lambda fun: lambda x, *rest: product(module, fun, x, *rest),
        "fourth": lambda fun: repeated(lambda f: lambda x: module.jvp(f, (x,), (1.0 + 0 * x,))[1], 4, fun),
    }


def torch(func: Any) -> Mapping[str, Transform]:
    """PyTorch, by ``torch.func``; gradients are taken as its users take them, see `libraries.py`."""
    return {
        "jacobian": func.jacrev,
        "hessian": func.hessian,
        "hvp": lambda fun: lambda x, *rest: product(func, func.grad(fun), x, *rest)[1],
        "jvp": lambda fun: lambda x, *rest: product(func, fun, x, *rest),
        "fourth": lambda fun: repeated(lambda f: lambda x: func.jvp(f, (x,), (1.0 + 0 * x,))[1], 4, fun),
    }


def product(module: Any, fun: Callable[..., Any], x: Any, *rest: Any) -> Any:
    """Return value and derivative along the last input, by `jvp` of JAX or of ``torch.func``."""
    *constants, vector = rest
    return module.jvp(lambda x: fun(x, *constants), (x,), (vector,))


def repeated(transform: Transform, times: int, fun: Callable[..., Any]) -> Callable[..., Any]:
    """Apply a transform several times."""
    for _ in range(times):
        fun = transform(fun)
    return fun
