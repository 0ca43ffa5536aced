"""Derivatives as linear operators are the dense ones, and SciPy's iterative methods run on them."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from scipy.sparse.linalg import LinearOperator, cg, eigsh, lsmr, svds

import autodiff_numpy as np
from autodiff import grad, hessian, jacobian
from autodiff.containers import flatten
from autodiff.errors import InputError, MutationError, OutputError
from autodiff_scipy import hessian_operator, jacobian_operator

RNG = numpy.random.default_rng(4)
X = RNG.normal(size=8)
Z = X[:5] + 1j * X[3:]

PROGRAMS = (
    (lambda x: x[1:] * np.sin(x[:-1]), X),
    (lambda x: np.outer(x, x**2), X[:3]),
    (lambda x: {"a": np.sum(x**2), "b": x[:2]}, X),
    (lambda m: m @ m.T, X.reshape(4, 2)),
    (lambda z: z[1:] ** 2 * z[:-1], Z),
    (lambda z: np.abs(z[1:]) * np.real(z[:-1]), Z),
    (lambda x: x[1:] * np.exp(1j * x[:-1]), X),
    (lambda x: np.sin(x), numpy.array(0.5)),
    (lambda x: x[:0], X),
)


def _dense(fun: Any, x: Any) -> Any:
    leaves = flatten(jacobian(fun)(x))[0]
    return numpy.concatenate([numpy.reshape(leaf, (-1, x.size)) for leaf in leaves])


def _vectors(count: int, size: int) -> list[Any]:
    real = RNG.normal(size=(size, count))
    return [real, real + 1j * RNG.normal(size=(size, count))]


@pytest.mark.filterwarnings("ignore:Calling `matvec` on 'column vectors':FutureWarning")  # since SciPy 1.18
@pytest.mark.parametrize(("fun", "x"), PROGRAMS)
def test_products(fun: Any, x: Any) -> None:
    matrix, operator = _dense(fun, x), jacobian_operator(fun)(x)
    assert isinstance(operator, LinearOperator)
    assert (operator.shape, operator.dtype) == (matrix.shape, matrix.dtype)
    for right in _vectors(3, matrix.shape[1]):
        numpy.testing.assert_allclose(operator @ right, matrix @ right)
        numpy.testing.assert_allclose(operator @ right[:, 0], matrix @ right[:, 0])
        numpy.testing.assert_allclose(operator.matvec(right[:, :1]), matrix @ right[:, :1])
    for left in _vectors(3, matrix.shape[0]):
        numpy.testing.assert_allclose(operator.H @ left, matrix.conj().T @ left)
        numpy.testing.assert_allclose(operator.T @ left, matrix.T @ left)
        numpy.testing.assert_allclose(operator.rmatvec(left[:, 0]), matrix.conj().T @ left[:, 0])


def energy(u: Any) -> Any:
    return np.sum(np.cosh(u)) + np.sum((u[1:] - u[:-1]) ** 2)


def test_hessians() -> None:
    u = X.reshape(4, 2)
    matrix, operator = hessian(energy)(u).reshape(8, 8), hessian_operator(energy)(u)
    for right in _vectors(3, 8):
        for product in (operator, operator.H, operator.T):
            numpy.testing.assert_allclose(product @ right, matrix @ right)
            numpy.testing.assert_allclose(product @ right[:, 0], matrix @ right[:, 0])


def test_iterative_methods() -> None:
    u = X.reshape(4, 2)
    matrix = hessian(energy)(u).reshape(8, 8)
    operator = hessian_operator(energy)(u)
    step, failed = cg(operator, numpy.ravel(grad(energy)(u)), rtol=1e-12)
    assert not failed
    numpy.testing.assert_allclose(matrix @ step, numpy.ravel(grad(energy)(u)))
    numpy.testing.assert_allclose(eigsh(operator, 2)[0], numpy.linalg.eigvalsh(matrix)[-2:])

    residuals = lambda x: np.outer(x, x[:3]) - 1.0
    matrix, operator = _dense(residuals, X), jacobian_operator(residuals)(X)
    right = numpy.ravel(residuals(X))
    solution = lsmr(operator, right, atol=1e-14, btol=1e-14)[0]
    numpy.testing.assert_allclose(solution, numpy.linalg.lstsq(matrix, right)[0], atol=1e-8)
    values = numpy.sort(svds(operator, 2, return_singular_vectors=False, random_state=0))
    numpy.testing.assert_allclose(values, numpy.sort(numpy.linalg.svd(matrix)[1])[-2:])


def test_operators_are_those_of_the_point_where_they_were_made() -> None:
    point, factors = X.copy(), numpy.ones(8)
    operator = jacobian_operator(lambda x: factors * x**2)(point)
    square = hessian_operator(lambda x: np.sum(x**3))(point)
    point[:] = 100.0
    for _ in range(2):
        numpy.testing.assert_allclose(operator @ X, 2 * X**2)
        numpy.testing.assert_allclose(operator.T @ X, 2 * X**2)
        numpy.testing.assert_allclose(square @ X, 6 * X**2)
    factors[:] = 2.0
    with pytest.raises(MutationError, match="another value than before"):
        operator @ X


def test_single_precision() -> None:
    operator = jacobian_operator(np.sin)(X.astype(numpy.float32))
    assert operator.dtype == numpy.float32
    assert (operator @ X.astype(numpy.float32)).dtype == numpy.float32


def test_no_vectors() -> None:
    operator = jacobian_operator(np.diff)(X)
    assert (operator @ numpy.zeros((8, 0))).shape == (7, 0)
    assert (operator.H @ numpy.zeros((7, 0))).shape == (8, 0)


def test_refusals() -> None:
    with pytest.raises(OutputError, match="holomorphic"):
        jacobian_operator(np.conj)(Z)
    with pytest.raises(InputError, match="complex"):
        hessian_operator(lambda z: np.sum(np.abs(z)))(Z)
    with pytest.raises(InputError, match="must be an array"):
        jacobian_operator(np.sum)([1.0, 2.0])
