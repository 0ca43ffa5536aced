"""Jacobians and Hessians as linear operators of SciPy: products by differentiation, and no matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from autodiff.argnums import Argnum
from autodiff.naming import named
from autodiff_scipy.flat_derivative import FlatDerivative, gradient_derivative


class DerivativeOperator(LinearOperator):  # type: ignore[misc]  # SciPy says nothing about its types
    """The derivative of a function at a point. Columns of matrices are vectors."""

    def __init__(self, derivative: FlatDerivative, *, symmetric: bool = False) -> None:
        self._derivative = derivative
        self._product = derivative.transposed if symmetric else derivative.forward
        super().__init__(derivative.dtype, derivative.shape)

    def _matvec(self, x: Any) -> Any:
        return self._product(np.reshape(x, (1, -1)))[0]

    def _matmat(self, X: Any) -> Any:
        return self._product(np.transpose(X)).T if X.shape[1] else np.zeros((self.shape[0], 0), self.dtype)

    def _rmatvec(self, x: Any) -> Any:
        return self._rmatmat(np.reshape(x, (-1, 1)))[:, 0]

    def _rmatmat(self, X: Any) -> Any:
        # SciPy's adjoint is the conjugate transpose, and the transposed derivative is not conjugated.
        if not X.shape[1]:
            return np.zeros((self.shape[1], 0), self.dtype)
        return np.conj(self._derivative.transposed(np.conj(X).T)).T


def jacobian_operator(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Make the function that returns the Jacobian of `fun` as a linear operator, for iterative solvers.

    Parameters
    ----------
    fun : callable
        A function of an array; its result is an array, a number or a container of them. If both are complex, it must
        be holomorphic.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a `scipy.sparse.linalg.LinearOperator` with a row for each entry of the
        result and a column for each entry of the argument, in C order. A product with it is a pass in forward mode, one
        with its adjoint a backward pass.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse.linalg import lsmr
    >>> jacobian = jacobian_operator(lambda x: x[1:] * x[:-1])(np.array([1.0, 2.0, 3.0]))
    >>> jacobian @ np.array([1.0, 0.0, 0.0])
    array([2., 0.])
    >>> jacobian.T @ np.array([1.0, 0.0])
    array([2., 1., 0.])
    >>> solution = lsmr(jacobian, np.array([5.0, 7.0]))[0]
    >>> np.allclose(jacobian @ solution, [5.0, 7.0])
    True
    """

    @named("jacobian_operator", fun, argnum)
    def operator_function(*args: Any, **kwargs: Any) -> Any:
        derivative = FlatDerivative("jacobian_operator", fun, argnum, args, kwargs)
        derivative.check_holomorphic()
        return DerivativeOperator(derivative)

    return operator_function


def hessian_operator(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Any]:
    """Make the function that returns the Hessian of `fun` as a linear operator, for iterative solvers.

    Parameters
    ----------
    fun : callable
        A function of an array of real numbers, whose result is a real number.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a symmetric `scipy.sparse.linalg.LinearOperator` with a row and a column
        for each entry of the argument, in C order. The gradient is computed once; a product is a backward pass through
        it.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy.sparse.linalg import cg
    >>> hessian = hessian_operator(lambda x: np.sum(np.cosh(x)) + np.sum(x) ** 2)(np.zeros(3))
    >>> step, _ = cg(hessian, np.array([7.0, 7.0, 7.0]))
    >>> np.allclose(step, 1.0)
    True
    """

    @named("hessian_operator", fun, argnum)
    def operator_function(*args: Any, **kwargs: Any) -> Any:
        return DerivativeOperator(gradient_derivative("hessian_operator", fun, argnum, args, kwargs), symmetric=True)

    return operator_function
