"""Derivatives for SciPy: rules for its functions, sparse Jacobians and Hessians, and derivatives as linear operators.

The rules are found by autodiff as a plugin: nothing needs to be imported from here for them.

>>> import numpy as np
>>> from scipy.special import expit
>>> from autodiff import grad
>>> grad(lambda x: np.sum(expit(x)))(np.array([0.0, 0.0]))
array([0.25, 0.25])

So far: universal functions of `scipy.special`, see `autodiff_scipy.rules.special`. Other functions of SciPy refuse
traced values with an error.

>>> from autodiff_scipy import sparse_jacobian
>>> sparse_jacobian(lambda x: x[1:] * x[:-1])(np.array([1.0, 2.0, 3.0])).toarray()
array([[2., 1., 0.],
       [0., 3., 2.]])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff_scipy.dependence import SparsityError
    from autodiff_scipy.operators import hessian_operator, jacobian_operator
    from autodiff_scipy.sparse_matrices import sparse_hessian, sparse_jacobian
    from autodiff_scipy.sparsity import Sparsity, hessian_sparsity, jacobian_sparsity

# Where the public names are. They are imported when they are used first: `scipy.sparse` takes longer to import than
# autodiff itself, and whoever needs the rules alone should not wait for it.
_HOMES = {
    "Sparsity": "sparsity",
    "SparsityError": "dependence",
    "hessian_operator": "operators",
    "hessian_sparsity": "sparsity",
    "jacobian_operator": "operators",
    "jacobian_sparsity": "sparsity",
    "sparse_hessian": "sparse_matrices",
    "sparse_jacobian": "sparse_matrices",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"autodiff_scipy.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "Sparsity",
    "SparsityError",
    "hessian_operator",
    "hessian_sparsity",
    "jacobian_operator",
    "jacobian_sparsity",
    "sparse_hessian",
    "sparse_jacobian",
]
