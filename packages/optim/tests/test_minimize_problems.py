"""Standard problems: every method reaches the optimum that SciPy reaches with derivatives by hand, or scikit-learn."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.optimize

from autodiff_optim import minimize
from autodiff_optim.methods import METHODS, scipy_version

HERE = [name for name, takes in METHODS.items() if scipy_version() >= takes.since]
EXACT = [name for name in HERE if METHODS[name].gradient]
SMALL_STEPS = {"tol": 1e-9}
#: How far the solvers go by themselves, and what some need to be told.
SETTINGS: dict[str, Any] = {
    "COBYLA": {"tol": 1e-4, "options": {"maxiter": 3000, "rhobeg": 0.1}},
    "TNC": {"tol": 1e-14, "options": {"maxfun": 3000}},
    "CG": {"tol": 1e-8},
    "trust-krylov": {"tol": 1e-8},
}


def rosenbrock(x: Any) -> Any:
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def in_container(p: Any) -> Any:
    return rosenbrock(np.concatenate([p["head"], p["rest"][0]]))


def split(x: Any) -> Any:
    return {"rest": (x[1:],), "head": x[:1]}


def by_hand(method: str, x: Any, **settings: Any) -> Any:
    """SciPy's own minimum, with the derivatives that it ships for this function."""
    takes = METHODS[method]
    known: dict[str, Any] = {"jac": scipy.optimize.rosen_der} if takes.gradient else {}
    known |= {"hessp": scipy.optimize.rosen_hess_prod} if takes.products else {}
    known |= {"hess": scipy.optimize.rosen_hess} if takes.hessian else {}
    return scipy.optimize.minimize(scipy.optimize.rosen, x, method=method, **known, **settings)


@pytest.mark.parametrize("method", HERE)
def test_rosenbrock_in_two_dimensions(method: str) -> None:
    start = np.array([1.3, 0.7])
    settings = SETTINGS.get(method, SMALL_STEPS)
    found = minimize(in_container, split(start), method=method, **settings)
    known = by_hand(method, start, **settings)
    assert abs(found.fun - known.fun) < 1e-4 * max(known.fun, 1e-4)
    if method != "COBYLA":  # which makes small steps along the valley
        np.testing.assert_allclose(found.x["head"], 1.0, atol=1e-4)
        np.testing.assert_allclose(found.x["rest"][0], 1.0, atol=1e-4)


@pytest.mark.parametrize("method", EXACT)
def test_rosenbrock_in_fifty_dimensions(method: str) -> None:
    start = np.full(50, 1.1) if method == "dogleg" else np.linspace(1.3, 0.8, 50)  # dogleg: where it is convex
    found = minimize(in_container, split(start), method=method, **SETTINGS.get(method, SMALL_STEPS))
    assert found.fun < 1e-7
    np.testing.assert_allclose(found.x["rest"][0], 1.0, atol=1e-3)


@pytest.mark.parametrize("method", [name for name in HERE if name not in EXACT])
def test_methods_without_gradients_take_the_steps_of_scipy(method: str) -> None:
    start = np.linspace(1.3, 0.8, 50)
    options = {"maxfev" if method == "COBYQA" else "maxiter": 120 if method == "COBYQA" else 3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that they are not at the end
        found = minimize(in_container, split(start), method=method, options=options)
        known = by_hand(method, start, options=options)
    assert found.nfev == known.nfev
    np.testing.assert_allclose(found.fun, known.fun, rtol=1e-6)


def test_logistic_regression_of_scikit_learn() -> None:
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import scale

    X, y = load_breast_cancer(return_X_y=True)
    X, signs = scale(X), 2.0 * y - 1

    def loss(p: Any) -> Any:
        return np.sum(np.logaddexp(0, -signs * (X @ p["w"] + p["b"]))) + 0.5 * np.sum(p["w"] ** 2)

    known = LogisticRegression(C=1.0, tol=1e-10, solver="newton-cholesky").fit(X, y)
    for method in ("L-BFGS-B", "trust-ncg", "trust-exact"):
        found = minimize(loss, {"w": np.zeros(X.shape[1]), "b": 0.0}, method=method, tol=1e-11)
        np.testing.assert_allclose(found.x["w"], known.coef_[0], atol=2e-4)
        np.testing.assert_allclose(found.x["b"], known.intercept_[0], atol=2e-4)


def test_poisson_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import PoissonRegressor

    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5))
    counts = rng.poisson(np.exp(X @ rng.normal(size=5) * 0.3 + 0.5)).astype(float)

    def loss(p: Any) -> Any:
        log_rate = X @ p.weights + p.intercept
        return np.mean(np.exp(log_rate) - counts * log_rate) + 0.05 * np.sum(p.weights**2)

    from typing import NamedTuple

    class Model(NamedTuple):
        weights: Any
        intercept: Any

    known = PoissonRegressor(alpha=0.1, tol=1e-12, max_iter=1000, solver="newton-cholesky").fit(X, counts)
    found = minimize(loss, Model(np.zeros(5), 0.0), method="Newton-CG", tol=1e-12)
    assert type(found.x) is Model
    np.testing.assert_allclose(found.x.weights, known.coef_, rtol=1e-6)
    np.testing.assert_allclose(found.x.intercept, known.intercept_, rtol=1e-6)


def test_matrix_factorisation_is_a_truncated_svd() -> None:
    rng = np.random.default_rng(1)
    M = rng.normal(size=(12, 3)) @ rng.normal(size=(3, 9)) + 0.1 * rng.normal(size=(12, 9))
    start = {"left": rng.normal(size=(12, 3)), "right": rng.normal(size=(3, 9))}
    found = minimize(lambda p: np.sum((p["left"] @ p["right"] - M) ** 2), start, method="L-BFGS-B", tol=1e-14)
    U, s, Vt = np.linalg.svd(M)
    np.testing.assert_allclose(found.fun, np.sum(s[3:] ** 2), rtol=1e-6)
    np.testing.assert_allclose(found.x["left"] @ found.x["right"], U[:, :3] * s[:3] @ Vt[:3], atol=1e-3)


def test_a_small_network_reaches_what_backpropagation_by_hand_does() -> None:
    rng = np.random.default_rng(2)
    X = rng.uniform(-2, 2, size=(40, 2))
    y = np.sin(X[:, 0]) * X[:, 1]
    start = {"W": rng.normal(size=(2, 6)), "b": np.zeros(6), "v": rng.normal(size=6) * 0.3}

    def loss(p: Any) -> Any:
        return np.mean((np.tanh(X @ p["W"] + p["b"]) @ p["v"] - y) ** 2) + 1e-3 * np.sum(p["v"] ** 2)

    def value_and_gradient(x: Any) -> Any:
        W, b, v = x[:12].reshape(2, 6), x[12:18], x[18:]
        h = np.tanh(X @ W + b)
        error = h @ v - y
        slope = 2 / len(y) * np.outer(error, v) * (1 - h**2)
        gradient = [(X.T @ slope).ravel(), slope.sum(axis=0), 2 / len(y) * h.T @ error + 2e-3 * v]
        return np.mean(error**2) + 1e-3 * np.sum(v**2), np.concatenate(gradient)

    flat = np.concatenate([start["W"].ravel(), start["b"], start["v"]])
    known = scipy.optimize.minimize(value_and_gradient, flat, jac=True, method="BFGS", tol=1e-7)
    found = minimize(loss, start, method="BFGS", tol=1e-7)
    assert known.fun < 0.02
    np.testing.assert_allclose(found.fun, known.fun, rtol=1e-5)


COMPLEX_A = np.array([[1 + 2j, 0.5], [-1j, 1.0], [0.3, 2 - 1j]])
COMPLEX_B = np.array([1.0, 2j, -1 + 1j])


@pytest.mark.parametrize("method", ["BFGS", "Newton-CG", "trust-exact", "trust-constr", "Nelder-Mead"])
def test_complex_parameters(method: str) -> None:
    start = {"z": np.zeros(2, complex), "s": 0.5 + 0j}

    def loss(p: Any) -> Any:
        return np.sum(np.abs(COMPLEX_A @ p["z"] - COMPLEX_B) ** 2) + np.abs(p["s"] - (1 - 2j)) ** 2

    found = minimize(loss, start, method=method, tol=1e-9, options={"maxiter": 4000})
    known = np.linalg.lstsq(COMPLEX_A, COMPLEX_B)[0]
    np.testing.assert_allclose(found.x["z"], known, atol=1e-5)
    assert type(found.x["s"]) is complex
    assert abs(found.x["s"] - (1 - 2j)) < 1e-5


def test_the_gradient_of_the_result_is_that_of_grad() -> None:
    from autodiff import grad

    def loss(p: Any) -> Any:
        return np.sum(np.abs(p["z"] - 1j) ** 4) + np.cosh(p["x"])

    options = {"maxiter": 2}
    found = minimize(loss, {"z": np.array([2.0 + 1j]), "x": 1.0}, method="BFGS", options=options)
    known = grad(loss)(found.x)
    np.testing.assert_allclose(found.jac["z"], known["z"])
    np.testing.assert_allclose(found.jac["x"], known["x"])
    assert type(found.jac["x"]) is float
