"""Products, linear algebra and Fourier transforms: values at conventions, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import grad, hessian, jacobian, make_jvp, make_vjp, stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff_testing import check_grads

NAN_FREE_ORDERS = (None, 1, 2, 3, 4, 0.5, -1, np.inf, -np.inf)


# Norms


@pytest.mark.parametrize("order", NAN_FREE_ORDERS)
def test_norm_at_zero_has_gradient_zero(order: Any) -> None:
    with np.errstate(divide="ignore"):  # NumPy's own, for negative orders
        assert np.array_equal(grad(lambda x: np.linalg.norm(x, order))(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("order", [None, "fro", 1, -1, np.inf, -np.inf, "nuc", 2, -2])
def test_matrix_norm_at_zero_has_gradient_zero(order: Any) -> None:
    assert np.array_equal(grad(lambda x: np.linalg.norm(x, order))(np.zeros((2, 3))), np.zeros((2, 3)))


@pytest.mark.parametrize("order", NAN_FREE_ORDERS)
def test_norm_at_zero_under_an_infinite_cotangent(order: Any) -> None:
    with np.errstate(divide="ignore"):
        gradient = grad(lambda x: np.sqrt(np.linalg.norm(x, order)))(np.zeros(3))
    assert np.array_equal(gradient, np.zeros(3))


def test_norm_of_some_zero_rows() -> None:
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    expected = np.array([[0.6, 0.8], [0.0, 0.0]])
    assert np.allclose(grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(x), expected)
    assert np.allclose(grad(lambda x: np.linalg.norm(x, "nuc"))(x), expected)


def test_norm_with_zero_entries() -> None:
    x = np.array([0.0, 3.0, -4.0])
    assert np.array_equal(grad(lambda x: np.linalg.norm(x, 1))(x), [0.0, 1.0, -1.0])
    assert np.array_equal(grad(lambda x: np.linalg.norm(x, 1.5))(x)[0], 0.0)
    assert np.array_equal(grad(lambda x: np.linalg.norm(x, 0))(x), np.zeros(3))
    with np.errstate(divide="ignore"):
        assert np.array_equal(grad(lambda x: np.linalg.norm(x, -1))(x), np.zeros(3))


def test_even_norms_have_all_derivatives_at_zero_entries() -> None:
    second = hessian(lambda x: np.linalg.norm(x, 4) ** 4)(np.array([0.0, 1.0]))
    assert np.allclose(second, [[0.0, 0.0], [0.0, 12.0]])


def test_equal_entries_share_the_maximum_norm() -> None:
    assert np.array_equal(grad(lambda x: np.linalg.norm(x, np.inf))(np.array([2.0, -2.0, 1.0])), [0.5, -0.5, 0.0])
    shared = grad(lambda x: np.linalg.norm(x, 1))(np.array([[1.0, -3.0], [2.0, 0.0]]))
    assert np.array_equal(shared, [[0.5, -0.5], [0.5, 0.0]])


def test_spectral_norm_of_the_identity_is_shared() -> None:
    gradient = grad(lambda x: np.linalg.norm(x, 2))(np.eye(2))
    assert np.allclose(gradient, np.eye(2) / 2)


def test_norm_of_complex_numbers() -> None:
    z = np.array([3.0 + 4.0j, 0.0])
    assert np.allclose(grad(lambda z: np.linalg.norm(z))(z), [0.6 - 0.8j, 0.0])
    assert np.allclose(grad(lambda z: np.linalg.norm(z, 1))(z), [0.6 - 0.8j, 0.0])


# Determinants


def test_det_of_singular_matrices() -> None:
    def adjugate_transposed(a: Any) -> Any:
        return np.array([[a[1][1], -a[1][0]], [-a[0][1], a[0][0]]])

    for a in ([[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]], [[1j, 2.0], [1j, 2.0]]):
        array = np.array(a)
        gradient = make_vjp(np.linalg.det)(array)[0](np.linalg.det(array) * 0 + 1)
        assert np.allclose(gradient, adjugate_transposed(a))


def test_second_derivative_of_det_of_singular_matrices() -> None:
    expected = np.zeros((2, 2, 2, 2))
    expected[0, 0, 1, 1] = expected[1, 1, 0, 0] = 1
    expected[0, 1, 1, 0] = expected[1, 0, 0, 1] = -1
    for a in (np.zeros((2, 2)), np.ones((2, 2)), np.eye(2), np.array([[1.0, 2.0], [2.0, 4.0 + 1e-15]])):
        assert np.allclose(hessian(np.linalg.det)(a), expected)
    # Of rank 2, but not exactly so in floating-point numbers.
    a = np.arange(1.0, 10.0).reshape(3, 3)
    second = hessian(np.linalg.det)(a)
    assert np.allclose(second[0, 0], [[0, 0, 0], [0, a[2, 2], -a[2, 1]], [0, -a[1, 2], a[1, 1]]])


def test_third_derivative_of_det_of_a_singular_matrix_is_refused() -> None:
    with pytest.raises(UnsupportedArgumentError, match="third derivative"):
        jacobian(hessian(np.linalg.det))(np.ones((3, 3)))


def test_derivative_of_slogdet_of_a_singular_matrix_is_refused() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        grad(lambda a: np.linalg.slogdet(a)[1])(np.ones((2, 2)))


# Decompositions


def test_cholesky_counts_the_triangle_that_numpy_reads() -> None:
    a = np.array([[2.0, 0.5], [0.5, 3.0]])
    assert grad(lambda a: np.sum(np.linalg.cholesky(a)))(a)[0, 1] == 0
    assert grad(lambda a: np.sum(np.linalg.cholesky(a, upper=True)))(a)[1, 0] == 0
    inverse = np.linalg.inv(a)
    gradient = grad(lambda a: 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(a)))))(a)
    assert np.allclose(gradient, np.tril(inverse) + np.tril(inverse, -1))


def test_equal_eigenvalues() -> None:
    assert np.allclose(grad(lambda a: np.sum(np.linalg.eigh(a)[0] ** 2))(2 * np.eye(3)), 4 * np.eye(3))
    assert np.allclose(grad(lambda a: np.sum(np.linalg.eigvalsh(a) ** 2))(2 * np.eye(3)), 4 * np.eye(3))
    assert np.isnan(grad(lambda a: np.sum(np.linalg.eigh(a)[1]))(2 * np.eye(3))).any()


def test_equal_singular_values() -> None:
    assert np.allclose(grad(lambda a: np.sum(np.linalg.svd(a)[1] ** 2))(2 * np.eye(3)), 4 * np.eye(3))
    assert np.allclose(make_jvp(lambda a: np.linalg.svd(a, compute_uv=False))(np.eye(3))(np.eye(3))[1], np.ones(3))
    assert np.isnan(grad(lambda a: np.sum(np.linalg.svd(a)[0]))(2 * np.eye(3))).any()


# Einstein summation, products


def test_einsum_keeps_zeros_off_the_diagonal_under_an_infinite_cotangent() -> None:
    gradient = grad(lambda x: np.sqrt(np.einsum("ii", x)))
    with np.errstate(divide="ignore"):
        assert np.array_equal(gradient(np.zeros((2, 2))), [[np.inf, 0.0], [0.0, np.inf]])


def test_products_conjugate_as_numpy_does() -> None:
    a, b = np.array([1.0 + 2.0j, 3.0]), np.array([0.5j, 2.0 - 1.0j])
    for product in (np.vdot, np.vecdot):
        gradient = grad(lambda a, product=product: np.real(product(a, b)))(a)
        assert np.allclose(gradient, np.conj(b))
        assert np.allclose(grad(lambda b, product=product: np.real(product(a, b)))(b), np.conj(a))
    assert np.allclose(grad(lambda a: np.real(np.dot(a, b)))(a), b)


def test_real_operand_of_a_complex_product_has_a_real_gradient() -> None:
    a, b = np.ones((2, 2)), np.array([[1j, 2.0], [3.0, 4j]])
    gradient = grad(lambda a: np.sum(np.abs(a @ b)))(a)
    assert gradient.dtype == np.float64


def test_gradients_share_no_memory() -> None:
    a, b = np.ones((2, 3)), np.ones((3, 2))
    vjp, y = make_vjp(lambda a, b: a @ b, (0, 1))(a, b)
    g = np.ones_like(y)
    left, right = vjp(g)
    assert not any(np.shares_memory(x, z) for x, z in ((left, b), (right, a), (left, g), (right, g), (left, right)))


# Refusals


@pytest.mark.parametrize(
    ("fun", "shape", "what"),
    [
        (lambda x: np.matmul(x, x, axes=[(0, 1), (0, 1), (0, 1)]), (3, 3), "axes"),
        (lambda x: np.einsum("ij->i", x, dtype=np.float32), (3, 3), "dtype"),
        (lambda x: np.linalg.svd(x)[1], (3, 2), "full_matrices"),
        (lambda x: np.linalg.svd(x, hermitian=True)[1], (3, 3), "hermitian"),
        (lambda x: np.linalg.pinv(x, hermitian=True), (3, 3), "hermitian"),
        (lambda x: np.linalg.qr(x, mode="complete")[0], (3, 2), "mode"),
        (lambda x: np.linalg.qr(x, mode="raw")[0], (3, 2), "mode"),
    ],
)
@pytest.mark.parametrize("transform", ["fwd", "rev"])
def test_refused_arguments(fun: Any, shape: tuple[int, ...], what: str, transform: str) -> None:
    x = np.arange(1.0, np.prod(shape) + 1).reshape(shape) + np.eye(*shape)
    with pytest.raises(UnsupportedArgumentError, match=what):
        make_jvp(fun)(x)(x) if transform == "fwd" else make_vjp(fun)(x)[0](fun(x))


@pytest.mark.parametrize("function", [np.fft.fftn, np.fft.irfftn])
def test_repeated_axes_of_a_transform_are_refused(function: Any) -> None:
    with pytest.raises(UnsupportedArgumentError, match="axes"):
        grad(lambda x: np.real(np.sum(function(x, axes=(0, -2)))))(np.ones((3, 3)))


def test_derivative_of_a_defective_matrix_is_refused() -> None:
    for fun in (np.linalg.eigvals, lambda a: np.linalg.eig(a)[1]):
        with pytest.raises(UnsupportedArgumentError, match="defective"):
            grad(lambda a, fun=fun: np.sum(np.real(fun(a))))(np.array([[1.0, 1.0], [0.0, 1.0]]))


def test_length_of_eigenvectors_and_phase_of_their_largest_entry_do_not_change() -> None:
    def parts(a: Any) -> Any:
        v = np.linalg.eig(a)[1]
        largest = np.argmax(np.abs(stop_gradient(v)), axis=0)
        return np.sum(np.abs(v) ** 2, axis=0), np.imag(v[largest, np.arange(3)])

    a = np.random.default_rng(0).normal(size=(3, 3)) + 1j * np.random.default_rng(1).normal(size=(3, 3))
    _, changes = make_jvp(parts)(a)(np.ones((3, 3)) + 2j)
    assert np.allclose(changes, 0)


@pytest.mark.parametrize("function", [np.linalg.pinv, lambda a, rcond: np.linalg.lstsq(a, np.ones(3), rcond)[0]])
def test_dropping_singular_values_that_are_not_zero_is_refused(function: Any) -> None:
    a = np.diag([2.0, 1.0, 1e-3])
    with pytest.raises(UnsupportedArgumentError, match="rcond"):
        grad(lambda a: np.sum(function(a, rcond=0.1)))(a)
    assert np.all(np.isfinite(grad(lambda a: np.sum(function(a, rcond=0.1)))(np.diag([2.0, 1.0, 0.0]))))


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
@pytest.mark.parametrize("shapes", [((2,), (2,)), ((4, 2), (2,)), ((2,), (4, 3)), ((4, 3), (1, 2))])
def test_cross_products_of_vectors_with_two_components(shapes: Any) -> None:
    rng = np.random.default_rng(0)
    operands = [rng.normal(size=shape) for shape in shapes]
    try:
        np.cross(*operands)
    except ValueError:
        pytest.skip("this NumPy has no cross products of vectors with two components")
    check_grads(np.cross)(*operands)
