"""Gradients of ordinary Python, NumPy and SciPy programs, by tracing them.

>>> from autodiff import grad
>>> grad(lambda x: x**3)(2.0)
12.0

This package knows what tracing and a derivative rule are. Rules come from plugins: ``autodiff-numpy`` has those of
NumPy. To write your own, see `autodiff.extend`; to look inside of a differentiation, `autodiff.debug`.

To learn how it works, read the files in this order: `errors`, `containers`, `trace`, `vspace`, `primitive`, `rule`,
`elementwise`, `linear`, `reduction`, `general`, `arguments`, `backward`, `reverse`, `forward`, `numbers`, `products`,
`gradients`, `taylor`, `implicit`.
"""

from autodiff.by_name import grad_named, multigrad_dict
from autodiff.checkpoint import checkpoint
from autodiff.constants import stop_gradient
from autodiff.containers import Static
from autodiff.fixed_points import fixed_point
from autodiff.gradients import deriv, elementwise_grad, grad, grad_and_aux, holomorphic_grad, value_and_grad
from autodiff.implicit import custom_root
from autodiff.jets import derivatives, jet
from autodiff.matrices import hessian, jacobian, value_and_hessian, value_and_jacobian
from autodiff.matrix_products import (
    hessian_tensor_product,
    hessian_vector_product,
    jacobian_vector_product,
    make_ggnvp,
    make_hvp,
    make_jvp_reversemode,
    tensor_jacobian_product,
    vector_jacobian_product,
)
from autodiff.products import make_jvp, make_vjp
from autodiff.vectorising import vmap

__all__ = [
    "Static",
    "checkpoint",
    "custom_root",
    "deriv",
    "derivatives",
    "elementwise_grad",
    "fixed_point",
    "grad",
    "grad_and_aux",
    "grad_named",
    "hessian",
    "hessian_tensor_product",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "jacobian_vector_product",
    "jet",
    "make_ggnvp",
    "make_hvp",
    "make_jvp",
    "make_jvp_reversemode",
    "make_vjp",
    "multigrad_dict",
    "stop_gradient",
    "tensor_jacobian_product",
    "value_and_grad",
    "value_and_hessian",
    "value_and_jacobian",
    "vector_jacobian_product",
    "vmap",
]
