"""Sparse Jacobians and Hessians are the dense ones, and take as many passes as there are colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
from scipy import sparse

import autodiff_numpy as np
from autodiff import grad, hessian, holomorphic_grad, jacobian, vmap
from autodiff.containers import flatten
from autodiff.errors import InputError, IntegerInputError, MissingRuleError, OutputError
from autodiff.extend import defvjp, elementwise, primitive, register_rules
from autodiff_scipy import (
    Sparsity,
    SparsityError,
    hessian_sparsity,
    jacobian_operator,
    jacobian_sparsity,
    sparse_hessian,
    sparse_jacobian,
)

RNG = numpy.random.default_rng(3)
X = RNG.normal(size=9)
M = RNG.normal(size=(3, 4))
BAND = numpy.diag(numpy.ones(9)) - numpy.diag(numpy.ones(8), 1)
KERNEL = numpy.array([1.0, -2.0, 1.0])


def tridiagonal(x: Any) -> Any:
    """Broyden's function."""
    padded = np.concatenate([np.zeros(1), x, np.zeros(1)])
    return (3 - 2 * x) * x - padded[:-2] - 2 * padded[2:] + 1


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def laplacian_energy(u: Any) -> Any:
    return np.sum((u[1:] - u[:-1]) ** 2) / 2 + np.sum((u[:, 1:] - u[:, :-1]) ** 2) / 2 + np.sum(np.exp(u))


def filled(x: Any) -> Any:
    result = np.zeros(x.size)
    for i in range(1, x.size):
        result[i] = x[i] * result[i - 1] if i % 3 else x[i]
    return result


def stepped(x: Any) -> Any:
    for _ in range(2):
        x = x + 0.1 * (np.roll(x, 1) - 2 * x + np.roll(x, -1))
    return x


# Programs, the argument, and how many entries the pattern has: those that can be other than zero, but for `gradient`,
# `ifft` after `fft`, and the product with 0.
VECTORS: tuple[tuple[Callable[..., Any], Any, int], ...] = (
    (np.sin, X, 9),
    (tridiagonal, X, 25),
    (np.diff, X, 16),
    (lambda x: np.diff(x, 2), X, 21),
    (lambda x: x[1:] * x[:-1], X, 16),
    (lambda x: x[::-1] + 2 * x, X, 17),
    (lambda x: np.where(x > 0, x, x**2), X, 9),
    (lambda x: np.maximum(x[1:], x[:-1]), X, 16),
    (lambda x: np.concatenate([x[:2], x[5:] * x[0]]), X, 10),
    (lambda x: np.outer(x[:3], x[3:6]), X, 18),
    (lambda x: np.sum(np.reshape(x, (3, 3)), axis=0), X, 9),
    (lambda x: np.cumsum(np.reshape(x, (3, 3)), axis=1), X, 27),
    (lambda x: BAND @ x, X, 17),
    (lambda x: np.dot(x, BAND) ** 2, X, 17),
    (lambda x: np.convolve(x, KERNEL, mode="same"), X, 25),
    (lambda x: np.convolve(x**2, KERNEL), X, 27),
    (lambda x: np.tril(np.reshape(x, (3, 3))), X, 6),
    (lambda x: np.pad(x, 2) * 3, X, 9),
    (lambda x: np.pad(x, 1, mode="wrap")[2:] - x[:1], X, 17),
    (lambda x: np.take(x, [0, 0, 3]), X, 3),
    (lambda x: np.repeat(x, 2) * np.arange(18.0), X, 18),
    (lambda x: x[[1, 1, 4]] * x[2], X, 6),
    (lambda x: np.stack([x, x**2], axis=1), X, 18),
    (lambda x: np.clip(x, -1, 1) * np.abs(x), X, 9),
    (lambda x: np.bincount([0, 1, 1, 2, 2, 2, 3, 3, 3], x), X, 9),
    (lambda x: np.einsum("i,ij->j", x, BAND) * 0 + x, X, 81),
    (lambda x: np.gradient(x), X, 27),
    (lambda x: np.fft.ifft(np.fft.fft(np.reshape(x, (3, 3)))).real, X, 27),
    (lambda x: np.linalg.det(np.reshape(x[:8], (2, 2, 2))), X, 8),
    (filled, X, 15),
    (stepped, X, 45),
    (lambda x: {"a": x[:2] ** 2, "b": (x[3], np.zeros(2))}, X, 3),
    (lambda x: np.zeros(3), X, 0),
    (lambda x: x[:0], X, 0),
    (lambda m: m @ m.T, M, 60),
    (lambda m: np.sum(m * 2, axis=1), M, 12),
    (lambda m: m.T.ravel() ** 2, M, 12),
    (lambda m: np.einsum("ij,kj->ik", m, M), M, 36),
    (lambda m: np.max(m, axis=0), M, 12),
    (lambda m: np.tensordot(m, M, axes=(1, 1)), M, 36),
    (lambda m: m[[0, 2]][:, [1, 3]], M, 4),
    (lambda m: np.linalg.norm(m, axis=1), M, 12),
    (lambda x: x * x, numpy.array(2.0), 1),
    (lambda x: np.array([x, 2.0, x**2]), 3.0, 2),
)

SCALARS: tuple[tuple[Callable[..., Any], Any, int], ...] = (
    (rosenbrock, X, 25),
    (lambda x: np.sum(x[1:] * x[:-1]), X, 16),
    (laplacian_energy, M, 46),
    (lambda x: np.sum(x**3), X, 9),
    (lambda x: np.sum(x) ** 2, X, 81),
    (lambda x: np.sum(tridiagonal(x) ** 2), X, 39),
    (lambda x: np.sum(x * x[0]), X, 17),
    (lambda x: np.sum(x), X, 0),
    (lambda x: np.sum(np.linalg.norm(np.reshape(x, (3, 3)), axis=1)), X, 27),
    (lambda x: np.sum(np.where(x > 0, x**2, np.exp(x))), X, 9),
    (lambda x: np.sum(np.maximum(x[1:], x[:-1]) ** 2), X, 25),
    (lambda x: x[0] * x[1] * x[2] + x[8] ** 2, X, 7),
    (lambda x: x**3, numpy.array(2.0), 1),
    (lambda x: np.sum(np.convolve(x**2, KERNEL) ** 2), X, 39),
    (lambda x: np.sum((BAND @ np.sin(x)) ** 2), X, 25),
)


def _dense(fun: Callable[..., Any], x: Any) -> Any:
    leaves = flatten(jacobian(fun)(x))[0]
    return numpy.concatenate([numpy.reshape(leaf, (-1, numpy.size(x))) for leaf in leaves])


def _agree(found: Any, expected: Any) -> None:
    assert isinstance(found, sparse.csr_array)
    numpy.testing.assert_allclose(found.toarray(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("fun", "x", "entries"), VECTORS)
def test_jacobians(fun: Any, x: Any, entries: int) -> None:
    sparsity = jacobian_sparsity(fun)(x)
    assert sparsity.nnz == entries
    expected = _dense(fun, x)
    for mode in ("auto", "forward", "reverse"):
        _agree(sparse_jacobian(fun, mode=mode)(x), expected)
        _agree(sparse_jacobian(fun, sparsity=sparsity, mode=mode, chunk_size=2)(x), expected)


@pytest.mark.parametrize(("fun", "x", "entries"), SCALARS)
def test_hessians(fun: Any, x: Any, entries: int) -> None:
    sparsity = hessian_sparsity(fun)(x)
    assert sparsity.nnz == entries
    expected = numpy.reshape(hessian(fun)(x), (numpy.size(x), numpy.size(x)))
    found = sparse_hessian(fun)(x)
    _agree(found, expected)
    assert (found != found.T).nnz == 0
    _agree(sparse_hessian(fun, sparsity=sparsity, chunk_size=3)(x), expected)
    _agree(sparse_jacobian(grad(fun))(x), expected)


@pytest.mark.parametrize("seed", range(20))
def test_random_programs(seed: int) -> None:
    rng = numpy.random.default_rng(seed)
    size = int(rng.integers(3, 12))
    steps = [rng.integers(0, 4, size=size) for _ in range(4)]
    kinds = rng.integers(0, 5, size=4)

    def program(x: Any) -> Any:
        for kind, step in zip(kinds, steps, strict=True):
            x = (
                lambda x, s: x * x[s],
                lambda x, s: np.sin(x) + x[::-1] * (s % 2),
                lambda x, s: np.where(s > 1, x, np.roll(x, 1)),
                lambda x, s: np.concatenate([x[:1], np.diff(x)]),
                lambda x, s: np.maximum(x, x[s] ** 2),
            )[kind](x, step)
        return x

    x = rng.normal(size=size)
    weights = rng.normal(size=size)
    _agree(sparse_jacobian(program, check=True)(x), jacobian(program)(x))
    energy = lambda x: np.sum(program(x) * weights)
    _agree(sparse_hessian(energy, check=True)(x), hessian(energy)(x))


# How much it costs


def _counting(fun: Any) -> tuple[Any, list[int]]:
    calls = [0]

    def counted(x: Any) -> Any:
        calls[0] += 1
        return fun(x)

    return counted, calls


@pytest.mark.parametrize("size", [50, 100_000])
def test_a_tridiagonal_jacobian_takes_three_passes(size: int) -> None:
    x = numpy.linspace(0.0, 1.0, size)
    fun, calls = _counting(tridiagonal)
    sparsity = jacobian_sparsity(fun)(x)
    assert calls == [1]
    assert (sparsity.columns.count, sparsity.rows.count) == (3, 3)
    found = sparse_jacobian(fun, sparsity=sparsity, check=False)(x)
    assert calls == [4]
    assert found.nnz == 3 * size - 2
    numpy.testing.assert_allclose(found.diagonal(), 3 - 4 * x)
    numpy.testing.assert_array_equal(found.diagonal(1), -2.0)
    numpy.testing.assert_array_equal(found.diagonal(-1), -1.0)


# A function whose backward passes are counted.
PASSES = [0]


@primitive
def _watched(x: Any) -> Any:
    return x


def _watch(y: Any, x: Any) -> Any:
    def pull(g: Any) -> Any:
        PASSES[0] += 1
        return _watched(g)

    return pull


defvjp(_watched, _watch)


def _elementwise_watched() -> Any:
    """Make the identity as an elementwise function, which counts how often it is applied to values."""
    applied = [0]

    def identity(x: Any) -> Any:
        applied[0] += 1
        return x

    traced = primitive(identity)
    register_rules([elementwise(traced, 1)])
    return traced, applied


@pytest.mark.parametrize("side", [10, 100])
def test_a_laplacian_takes_a_constant_number_of_passes(side: int) -> None:
    identity, applied = _elementwise_watched()
    u = RNG.normal(size=(side, side))
    sparsity = hessian_sparsity(laplacian_energy)(u)
    assert sparsity.symmetric.count <= 7
    fun = lambda u: laplacian_energy(identity(u))
    found = sparse_hessian(fun, sparsity=sparsity, check=False)(u)
    assert applied == [1]  # the forward pass is shared
    assert found.nnz == sparsity.nnz == 5 * side**2 - 4 * side
    direction = RNG.normal(size=side**2)
    expected = (grad(laplacian_energy)(u + 1e-6 * direction.reshape(u.shape)) - grad(laplacian_energy)(u)) / 1e-6
    numpy.testing.assert_allclose(found @ direction, expected.ravel(), rtol=1e-3, atol=1e-3)


def test_reverse_mode_takes_a_pass_for_each_group_of_rows() -> None:
    fun = lambda x: np.stack([np.sum(x[:4] ** 2), np.sum(x[4:] ** 3)])
    sparsity = jacobian_sparsity(fun)(X)
    assert (sparsity.columns.count, sparsity.rows.count) == (5, 1)
    PASSES[0] = 0
    sparse_jacobian(lambda x: _watched(fun(x)), sparsity=sparsity, check=False)(X)
    assert PASSES == [1]


# Types


def test_types_are_kept() -> None:
    x = X.astype(numpy.float32)
    assert sparse_hessian(rosenbrock)(x).dtype == numpy.float32
    assert sparse_jacobian(np.sin, check=True)(x).dtype == numpy.float32


Z = X[:5] + 1j * X[4:]


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    ("fun", "x"),
    [
        (lambda z: z[1:] ** 2 * z[:-1], Z),
        (lambda z: np.abs(z[1:]) * np.real(z[:-1]), Z),
        (lambda x: x[1:] * np.exp(1j * x[:-1]), X),
        (lambda z: [np.imag(z), np.abs(z)], Z),
    ],
)
def test_complex_numbers(fun: Any, x: Any, mode: str) -> None:
    _agree(sparse_jacobian(fun, mode=mode, check=True)(x), _dense(fun, x))


def test_functions_that_are_not_holomorphic_are_refused() -> None:
    with pytest.raises(OutputError, match="holomorphic"):
        sparse_jacobian(np.conj)(Z)
    with pytest.raises(OutputError, match="holomorphic"):
        holomorphic_grad(np.conj)(1j)


# Patterns that are given


def test_patterns_in_other_forms() -> None:
    expected = jacobian(tridiagonal)(X)
    pattern = jacobian_sparsity(tridiagonal)(X).pattern
    for form in (pattern, pattern.toarray(), pattern.tocoo(), pattern.toarray().tolist(), numpy.ones((9, 9))):
        _agree(sparse_jacobian(tridiagonal, sparsity=form)(X), expected)
    duplicates = sparse.coo_array((numpy.ones(2), ([0, 0], [1, 1])), (2, 2))
    assert Sparsity(duplicates).nnz == 1
    assert repr(Sparsity(pattern)) == "Sparsity(shape=(9, 9), nnz=25)"


def test_results_of_another_precision_pass_the_check() -> None:
    x = numpy.linspace(0.1, 2.0, 4)
    for fun in (
        lambda x: (x.astype(numpy.float32) * 1.7, x / 3),
        lambda x: np.mean(x.reshape(2, 2), axis=0, dtype=numpy.float32),
        lambda x: (np.argsort(x), x > 1, x * x),
    ):
        for mode in ("forward", "reverse"):
            found = sparse_jacobian(fun, mode=mode, check=True)(x).toarray()
            dense = numpy.concatenate([leaf.reshape(-1, 4) for leaf in flatten(jacobian(fun, mode=mode)(x))[0]])
            numpy.testing.assert_allclose(found, dense, rtol=1e-6)


@pytest.mark.parametrize("constant", [-3.0, 2.0, 100.0])
def test_constants_that_are_padded_with_are_no_entries(constant: float) -> None:
    for fun in (
        lambda x: np.pad(x, 1, "constant", constant_values=constant),
        lambda x: np.pad(x, 1, constant_values=(constant, 1.0)),
        lambda x: np.pad(x, 1, mode="constant", constant_values=constant),
    ):
        assert jacobian_sparsity(fun)(numpy.ones(3)).nnz == 3


def test_a_pattern_serves_many_points() -> None:
    sparsity = hessian_sparsity(rosenbrock)(X)
    find = sparse_hessian(rosenbrock, sparsity=sparsity)
    x = X
    for _ in range(50):
        h = find(x).toarray()
        shift = max(0.0, 1e-3 - numpy.linalg.eigvalsh(h)[0])
        step = numpy.linalg.solve(h + shift * numpy.eye(9), grad(rosenbrock)(x))
        scale = 1.0
        while rosenbrock(x - scale * step) > rosenbrock(x):
            scale /= 2
        x = x - scale * step
    numpy.testing.assert_allclose(x, 1.0)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_patterns_that_lack_entries_are_noticed(mode: str) -> None:
    wrong = jacobian_sparsity(tridiagonal)(X).pattern.tolil()
    wrong[3, 4] = False
    with pytest.raises(SparsityError, match="lacks entries"):
        sparse_jacobian(tridiagonal, sparsity=wrong, mode=mode)(X)
    with pytest.raises(SparsityError, match="lacks entries"):
        sparse_hessian(rosenbrock, sparsity=numpy.eye(9))(X)
    branches = lambda x: x * x[::-1] if x[0] > 0 else x**2
    sparsity = jacobian_sparsity(branches)(-numpy.abs(X))
    with pytest.raises(SparsityError, match="other branches"):
        sparse_jacobian(branches, sparsity=sparsity, mode=mode)(numpy.abs(X))


def test_patterns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(SparsityError, match=r"\(9, 9\), with 9 columns, but the argument of the function has 3"):
        sparse_jacobian(tridiagonal, sparsity=numpy.eye(9))(X[:3])
    for mode in ("forward", "reverse"):
        with pytest.raises(SparsityError, match=r"8 rows, but the result of the function has 9"):
            sparse_jacobian(tridiagonal, sparsity=numpy.eye(8, 9), mode=mode)(X)
    with pytest.raises(SparsityError, match="must be symmetric"):
        sparse_hessian(rosenbrock, sparsity=numpy.tri(9))
    with pytest.raises(SparsityError, match="is a matrix"):
        sparse_jacobian(tridiagonal, sparsity=numpy.ones(9))


def test_patterns_that_are_not_sparse_are_refused() -> None:
    with pytest.raises(SparsityError, match="jacobian_operator"):
        jacobian_sparsity(np.cumsum)(numpy.zeros(100_000))


# Arguments


def test_arguments_are_chosen_as_elsewhere() -> None:
    fun = lambda a, x, scale=1.0: a * x * scale
    assert sparse_jacobian(fun, "x")(2.0, X, scale=3.0).diagonal().tolist() == [6.0] * 9
    assert sparse_jacobian(fun, 1)(2.0, x=X).diagonal().tolist() == [2.0] * 9
    assert sparse_hessian(lambda a, x: a * np.sum(x**2), -1)(3.0, X).diagonal().tolist() == [6.0] * 9


def test_what_is_no_array_is_refused() -> None:
    for transform in (sparse_jacobian, sparse_hessian, jacobian_sparsity, hessian_sparsity):
        with pytest.raises(InputError, match="is a list, but must be an array"):
            transform(rosenbrock)([1.0, 2.0])
        with pytest.raises(IntegerInputError):
            transform(rosenbrock)(numpy.arange(3))
        with pytest.raises(InputError, match="one argument"):
            transform(rosenbrock, (0, 1))(X, X)
    with pytest.raises(InputError, match="is complex"):
        sparse_hessian(lambda z: np.sum(np.abs(z)))(Z)
    with pytest.raises(InputError, match="mode"):
        sparse_jacobian(np.sin, mode="backward")
    with pytest.raises(InputError, match="chunk_size"):
        sparse_hessian(rosenbrock, chunk_size=0)
    with pytest.raises(OutputError):
        sparse_hessian(np.sin)(X)
    with pytest.raises(MissingRuleError):
        sparse_jacobian(primitive(lambda x: x))(X)


def test_other_transforms_around_are_refused() -> None:
    product = lambda a, x: a * np.sum(x**3)
    for outer in (
        lambda x: sparse_jacobian(np.sin)(x).sum(),
        lambda x: hessian_sparsity(rosenbrock)(x).nnz * x[0],
        lambda x: sparse_hessian(product, 1)(x[0], X).sum(),
        lambda x: sparse_hessian(lambda y: product(x[0], y))(X).sum(),
        lambda x: sparse_jacobian(lambda y: x * y)(X).sum(),
        lambda x: np.sum(jacobian_operator(lambda y: x * y)(X) @ X),
    ):
        with pytest.raises(InputError, match="is traced"):
            grad(outer)(X)
        with pytest.raises(InputError, match="is traced"):
            vmap(outer)(numpy.stack([X, X]))


def test_unknown_functions_count_as_depending_on_everything() -> None:
    pattern = jacobian_sparsity(lambda x: _watched(x[:3]))(X).pattern.toarray()
    assert pattern.tolist() == [[True] * 3 + [False] * 6] * 3
    _agree(sparse_jacobian(lambda x: _watched(x[:3]))(X), numpy.eye(3, 9))


def test_empty_arguments() -> None:
    assert sparse_jacobian(np.sin)(numpy.zeros(0)).shape == (0, 0)
    assert sparse_hessian(lambda x: np.sum(x**2))(numpy.zeros((0, 3))).shape == (0, 0)
    assert sparse_jacobian(lambda x: [])(X).shape == (0, 9)
