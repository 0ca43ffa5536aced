"""Gradients of ordinary Python, NumPy and SciPy programs, by tracing them.

>>> from autodiff import grad
>>> grad(lambda x: x**3)(2.0)
12.0

This package knows what tracing and a derivative rule are. Rules come from plugins: ``autodiff-numpy`` has those of
NumPy. To write your own, see `autodiff.extend`.

To learn how it works, read the files in this order: `errors`, `containers`, `trace`, `vspace`, `primitive`, `rule`,
`elementwise`, `linear`, `reduction`, `general`, `arguments`, `backward`, `reverse`, `forward`, `numbers`, `products`,
`gradients`, `taylor`, `implicit`.
"""

from autodiff.checkpoint import checkpoint
from autodiff.constants import stop_gradient
from autodiff.fixed_points import fixed_point
from autodiff.gradients import deriv, elementwise_grad, grad, grad_and_aux, holomorphic_grad, value_and_grad
from autodiff.implicit import custom_root
from autodiff.jets import derivatives, jet
from autodiff.matrices import hessian, hessian_vector_product, jacobian, make_hvp
from autodiff.products import make_jvp, make_vjp
from autodiff.vectorising import vmap

__all__ = [
    "checkpoint",
    "custom_root",
    "deriv",
    "derivatives",
    "elementwise_grad",
    "fixed_point",
    "grad",
    "grad_and_aux",
    "hessian",
    "hessian_vector_product",
    "holomorphic_grad",
    "jacobian",
    "jet",
    "make_hvp",
    "make_jvp",
    "make_vjp",
    "stop_gradient",
    "value_and_grad",
    "vmap",
]
