"""Gradients of linear algebra and statistics against those of JAX and PyTorch, where these have the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import grad, hessian

RNG = np.random.default_rng(0)
MATRIX = RNG.normal(size=(4, 4))
TALL, SIDE = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))
DATA, POSITIVE = RNG.normal(size=(3, 7)), RNG.uniform(1, 2, 7)
COMPLEX = MATRIX + 1j * RNG.normal(size=(4, 4))

Function = Callable[..., Any]


def _without_phases(m: Any, a: Any) -> Any:
    w, v = m.linalg.eig(a)
    return m.sum(m.abs(w) ** 3) + m.sum(m.abs(v)[:, 1] ** 3)


# Each function takes the module: NumPy or jax.numpy.
JAX_ROWS: dict[str, tuple[Function, tuple[Any, ...]]] = {
    "eigvals": (lambda m, a: m.sum(m.abs(m.linalg.eigvals(a)) ** 3), (MATRIX,)),
    "eigvals of a complex matrix": (lambda m, a: m.sum(m.abs(m.linalg.eigvals(a)) ** 3), (COMPLEX,)),
    "lstsq": (lambda m, a, b: m.sum(m.linalg.lstsq(a, b)[0] ** 3), (TALL, SIDE)),
    "lstsq, wide": (lambda m, a, b: m.sum(m.linalg.lstsq(a, b)[0] ** 3), (TALL.T, SIDE[:3])),
    **{
        f"cond {p}": (lambda m, a, p=p: m.linalg.cond(a, p), (MATRIX,))
        for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro")
    },
    "tensorsolve": (
        lambda m, a, b: m.sum(m.linalg.tensorsolve(a, b) ** 3), (RNG.normal(size=(2, 3, 6)), RNG.normal(size=(2, 3))),
    ),
    "diagonal": (lambda m, a: m.sum(m.linalg.diagonal(a, offset=1) ** 3), (MATRIX,)),
    "trace": (lambda m, a: m.linalg.trace(a, offset=-1) ** 3, (MATRIX,)),
    "cov": (lambda m, a: m.sum(m.cov(a) ** 3), (DATA,)),
    "cov, weights": (
        lambda m, a, w: m.sum(m.cov(a, ddof=2, fweights=np.array([1, 2, 1, 3, 1, 1, 2]), aweights=w) ** 3),
        (DATA, POSITIVE),
    ),
    "cov, columns": (lambda m, a, b: m.sum(m.cov(a, b, rowvar=False, bias=True) ** 3), (TALL, SIDE)),
    "corrcoef": (lambda m, a: m.sum(m.corrcoef(a) ** 3), (DATA,)),
    **{
        f"quantile, {method}": (
            lambda m, a, q, method=method: m.sum(m.quantile(a, q, axis=1, method=method) ** 3),
            (DATA, np.array([0.23, 0.71])),
        )
        for method in ("linear", "lower", "higher", "nearest")
    },
    "percentile": (lambda m, a: m.sum(m.percentile(a, 40.0, axis=(0, 1), keepdims=True) ** 3), (DATA,)),
    "nanquantile": (
        lambda m, a: m.sum(m.nanquantile(m.where(a > 1, np.nan, a), 0.3, axis=1) ** 3), (DATA,),
    ),
    "i0": (lambda m, a: m.sum(m.i0(a) ** 2), (np.array([-3.0, 0.5, 7.0, 12.0, 20.0]),)),
    "bincount": (lambda m, w: m.sum(m.bincount(np.array([0, 2, 2, 1, 0, 5, 1]), w, length=7) ** 3)
                 if m is not np else np.sum(np.bincount([0, 2, 2, 1, 0, 5, 1], w, 7) ** 3), (POSITIVE,)),
    "histogram": (lambda m, w: m.sum(m.histogram(DATA[0], 4, weights=w)[0] ** 3), (POSITIVE,)),
    "density": (
        lambda m, w: m.sum(m.histogram(DATA[0], np.array([-2.0, 0.0, 0.5, 3.0]), weights=w, density=True)[0] ** 3),
        (POSITIVE,),
    ),
    "edges": (lambda m, a: m.sum(m.histogram_bin_edges(a, 5) ** 3), (DATA[0],)),
}  # fmt: skip


@pytest.mark.parametrize("name", JAX_ROWS)
def test_against_jax(name: str) -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    fun, args = JAX_ROWS[name]
    argnums = tuple(range(len(args)))
    expected = jax.grad(lambda *xs: fun(jax.numpy, *xs), argnums)(*map(jax.numpy.asarray, args))
    found = grad(lambda *xs: fun(np, *xs), argnums)(*args)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.allclose(ours, np.asarray(theirs), rtol=1e-7, atol=1e-10)


# What PyTorch has besides; its gradients of complex numbers are the conjugates.
TORCH_ROWS: dict[str, tuple[Function, Function, tuple[Any, ...]]] = {
    "eig": (_without_phases, _without_phases, (MATRIX,)),
    "eig of a complex matrix": (_without_phases, _without_phases, (COMPLEX,)),
    "lstsq": (
        lambda m, a, b: np.sum(np.linalg.lstsq(a, b)[0] ** 3),
        lambda m, a, b: m.sum(m.linalg.lstsq(a, b).solution ** 3),
        (TALL, SIDE),
    ),
    "cond nuc": (
        lambda m, a: np.linalg.cond(a, "nuc"),
        lambda m, a: m.linalg.cond(a, "nuc"),
        (MATRIX,),
    ),
    "corrcoef": (
        lambda m, a: np.sum(np.corrcoef(a) ** 3),
        lambda m, a: m.sum(m.corrcoef(a) ** 3),
        (DATA,),
    ),
    "nanquantile": (
        lambda m, a: np.sum(np.nanquantile(a, 0.4, axis=0) ** 3),
        lambda m, a: m.sum(m.nanquantile(a, 0.4, dim=0) ** 3),
        (np.where(DATA > 1, np.nan, DATA),),
    ),
    "i0": (
        lambda m, a: np.sum(np.i0(a) ** 2),
        lambda m, a: m.sum(m.special.i0(a) ** 2),
        (np.array([-3.0, 0.5, 7.0, 12.0]),),
    ),
}


@pytest.mark.parametrize("name", TORCH_ROWS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_against_torch(name: str) -> None:
    torch = pytest.importorskip("torch")
    fun, torch_fun, args = TORCH_ROWS[name]
    tensors = [torch.tensor(arg, requires_grad=True) for arg in args]
    result = torch_fun(torch, *tensors)
    result.backward()
    for argnum, tensor in enumerate(tensors):
        ours = grad(lambda *xs: fun(np, *xs), argnum)(*args)
        assert np.allclose(np.conj(ours), tensor.grad.numpy(), rtol=1e-7, atol=1e-10)


def test_derivatives_of_i0_against_scipy() -> None:
    special = pytest.importorskip("scipy.special")
    from autodiff_numpy.bessel_derivatives import i0_derivative

    x = np.concatenate([np.linspace(-40, 40, 81), [1e-8, 15.999, 16.001, 100.0, 700.0]])
    exact = (
        special.i1(x),
        (special.iv(0, x) + special.iv(2, x)) / 2,
        (3 * special.iv(1, x) + special.iv(3, x)) / 4,
        (3 * special.iv(0, x) + 4 * special.iv(2, x) + special.iv(4, x)) / 8,
    )
    for n, values in enumerate(exact, start=1):
        assert np.allclose(i0_derivative(x, n), values, rtol=1e-13, atol=0)


def test_second_derivative_of_lstsq_against_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)

    def loss(m: Any, a: Any) -> Any:
        return m.sum(m.linalg.lstsq(a, SIDE)[0] ** 3)

    expected = jax.hessian(lambda a: loss(jax.numpy, a))(jax.numpy.asarray(TALL))
    assert np.allclose(hessian(lambda a: loss(np, a))(TALL), np.asarray(expected), rtol=1e-6, atol=1e-8)
