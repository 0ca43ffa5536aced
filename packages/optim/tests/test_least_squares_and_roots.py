"""Least squares and equations: known solutions, each kind of Jacobian, and what is refused."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, spsolve

from autodiff.errors import InputError, StructureError
from autodiff_optim import least_squares, root
from autodiff_optim.flat_functions import FlatFunction
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import scipy_version
from autodiff_optim.not_finite import Guard
from autodiff_optim.roots import METHODS
from autodiff_optim.sums_of_squares import _automatic
from autodiff_scipy import SparsityError, jacobian_sparsity

T = np.linspace(0.0, 4.0, 60)
RNG = np.random.default_rng(0)
Y = 2.5 * np.exp(-1.3 * T) + 0.5 + 0.01 * RNG.normal(size=60)
START = {"amplitude": 1.0, "rates": np.array([1.0]), "offset": 0.0}


def decay(p: Any, t: Any, y: Any = 0.0) -> Any:
    return p["amplitude"] * np.exp(-p["rates"][0] * t) + p["offset"] - y


WAYS: list[dict[str, Any]] = [
    {},
    {"method": "lm"},
    {"method": "dogbox"},
    {"method": "LM", "jacobian": "dense", "x_scale": "jac"},
    {"jacobian": "sparse"},
    {"jacobian": "operator", "tr_options": {"atol": 1e-13, "btol": 1e-13}},
    {"tr_solver": "lsmr", "x_scale": {"amplitude": 2.0, "rates": np.ones(1), "offset": 0.5}},
    {"sparsity": np.ones((60, 3))},
    {"tr_solver": "exact", "loss": "soft_l1", "f_scale": 10.0},
    {"bounds": (0, 10)},
    {"bounds": {"amplitude": (0, None), "rates": (0, 5), "offset": None}, "method": "dogbox"},
]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_curve_is_fitted_as_by_curve_fit(way: dict[str, Any]) -> None:
    known, _ = scipy.optimize.curve_fit(lambda t, a, r, o: a * np.exp(-r * t) + o, T, Y, p0=(1.0, 1.0, 0.0))
    found = least_squares(decay, START, (T,), {"y": Y}, **way)
    assert found.success
    found_values = [found.x["amplitude"], found.x["rates"][0], found.x["offset"]]
    np.testing.assert_allclose(found_values, known, rtol=2e-4)
    assert type(found.x["offset"]) is float
    assert found.grad.keys() == START.keys()


def test_the_kinds_of_jacobians_agree() -> None:
    params = {"z": np.array([1 + 2j, -1j]), "x": np.array([[1.0, 2.0]])}

    def fun(p: Any) -> Any:
        return {"c": p["z"] ** 2 * p["x"][0], "r": [np.sum(p["x"]), np.real(p["z"]) * 2]}

    flat = FlatParameters("least_squares", params)
    function = FlatFunction(fun, (), {}, flat, Guard(flat, "raise"), "the residual")
    value, dense = function.value(flat.start), function.dense(flat.start)
    assert value.shape == (7,)
    np.testing.assert_allclose(np.sum(value[:4] ** 2), np.sum(np.abs(fun(params)["c"]) ** 2))
    h = 1e-6
    columns = [
        (function.value(flat.start + h * e) - function.value(flat.start - h * e)) / (2 * h) for e in np.eye(flat.size)
    ]
    np.testing.assert_allclose(dense, np.transpose(columns), atol=1e-7)
    np.testing.assert_allclose(function.sparse()(flat.start).toarray(), dense)
    np.testing.assert_allclose(function.operator(flat.start) @ np.eye(flat.size), dense)
    np.testing.assert_allclose(function.operator(flat.start).T @ np.eye(7), dense.T)


N = 3000
SIGNAL = np.exp(np.sin(np.linspace(0.0, 20.0, N))) + 0.1 * RNG.normal(size=N)


def rough(p: Any) -> Any:
    """A smooth curve whose exponential is near the signal."""
    return {"fit": np.exp(p["u"]) - SIGNAL, "smooth": 2.0 * np.diff(p["u"])}


def test_thousands_of_unknowns_are_sparse_by_themselves() -> None:
    found = least_squares(rough, {"u": np.zeros(N)})
    assert sparse.issparse(found.jac)
    assert found.jac.nnz == N + 2 * (N - 1)
    u = np.zeros(N)  # Gauss-Newton by hand, with a sparse solver
    D = 2.0 * sparse.diags_array([-np.ones(N - 1), np.ones(N - 1)], offsets=[0, 1], shape=(N - 1, N))
    for _ in range(30):
        J = sparse.vstack([sparse.diags_array(np.exp(u)), D]).tocsc()
        r = np.concatenate([np.exp(u) - SIGNAL, D @ u])
        u = u - spsolve((J.T @ J).tocsc(), J.T @ r)
    np.testing.assert_allclose(found.cost, 0.5 * np.sum(r**2), rtol=1e-6)
    np.testing.assert_allclose(found.x["u"], u, atol=1e-3)
    other = least_squares(rough, {"u": np.zeros(N)}, jacobian="operator")
    assert isinstance(other.jac, LinearOperator)
    np.testing.assert_allclose(other.cost, found.cost, rtol=1e-6)


def test_the_rules_of_the_automatic_choice() -> None:
    def choice(fun: Any, size: int, dense_only: bool = False, solver: Any = None) -> str:
        flat = FlatParameters("least_squares", np.zeros(size))
        function = FlatFunction(fun, (), {}, flat, Guard(flat, "raise"), "the residual")
        function.value(flat.start)
        return _automatic(function, dense_only, solver)

    assert choice(np.diff, 100) == "dense"
    assert choice(np.diff, 2000) == "sparse"
    assert choice(np.diff, 2000, dense_only=True) == "dense"
    assert choice(np.diff, 2000, solver="lsmr") == "operator"
    assert choice(np.cumsum, 2000) == "operator"


def test_a_pattern_that_was_found_is_found_again_where_it_does_not_hold() -> None:
    def branches(x: Any) -> Any:
        return np.stack([x[1] - 2 if x[0] > 0 else x[0] - 1, x[0] - 1, 0 * x[1]])

    found = least_squares(branches, np.array([-1.0, 5.0]), jacobian="sparse", gtol=1e-12)
    np.testing.assert_allclose(found.x, [1.0, 2.0], atol=1e-6)
    pattern = jacobian_sparsity(branches)(np.array([-1.0, 5.0]))
    with pytest.raises(SparsityError, match="lacks entries"):
        least_squares(branches, np.array([-1.0, 5.0]), sparsity=pattern)


def test_callbacks_of_least_squares() -> None:
    seen: list[Any] = []
    told: list[Any] = []

    def stop(intermediate_result: Any) -> None:
        told.append(intermediate_result)
        if len(told) == 2:
            raise StopIteration

    if scipy_version() < (1, 16):
        with pytest.raises(InputError, match=r"SciPy 1\.16"):
            least_squares(decay, START, (T, Y), callback=stop)
        return
    least_squares(decay, START, (T, Y), callback=lambda x: seen.append(x))
    assert all(params.keys() == START.keys() for params in seen)
    found = least_squares(decay, START, (T, Y), callback=stop)
    assert found.status == -2
    assert len(told) == 2
    assert told[0].x.keys() == found.x.keys() == START.keys()
    with pytest.raises(InputError, match="method 'lm' takes no callback"):
        least_squares(decay, START, (T, Y), callback=stop, method="lm")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"method": "newton"}, "no method 'newton'. The methods are trf, dogbox, lm"),
    ({"jac": "3-point"}, "no `jac`: derivatives are found by autodiff"),
    ({"diff_step": 1e-3}, "no `diff_step`"),
    ({"jac_sparsity": np.eye(2)}, "it is called `sparsity` here"),
    ({"speed": 2}, "has no argument `speed`"),
    ({"jacobian": "fast"}, "one of 'auto', 'dense', 'sparse', 'operator'"),
    ({"jacobian": "dense", "sparsity": np.eye(2)}, "both a sparsity pattern and jacobian='dense'"),
    ({"jacobian": "sparse", "method": "lm"}, "method='lm' works with dense Jacobians only. Leave out `jacobian`"),
    ({"sparsity": np.eye(2), "tr_solver": "exact"}, "tr_solver='exact' works .* Leave out `sparsity`"),
    ({"bounds": (0, 3), "method": "lm"}, "method 'lm' takes no bounds"),
    ({"bounds": (2, 3)}, r"params\['amplitude'\] starts at 1.0 .* not between 2.0 and 3.0"),
    ({"x_scale": [1.0, 2.0]}, "x_scale must have the structure"),
    ({"x_scale": {**START, "rates": np.ones(4)}}, r"x_scale of params\['rates'\] .* shape \(1,\)"),
]


@pytest.mark.parametrize(("way", "message"), WRONG)
def test_what_least_squares_refuses(way: dict[str, Any], message: str) -> None:
    with pytest.raises((InputError, StructureError), match=message):
        least_squares(decay, START, (T, Y), **way)


def test_an_empty_residual() -> None:
    with pytest.raises(InputError, match="no entries"):
        least_squares(lambda p: np.zeros(0) * p, 1.0)


# Roots ---------------------------------------------------------------------------------------------------------------

POINTS = 40


def bratu(p: Any) -> Any:
    """Discretise u'' + exp(u) = 0, with u = 0 at both ends."""
    u = np.pad(p["u"], 1)
    return (u[2:] - 2 * u[1:-1] + u[:-2]) * (POINTS + 1) ** 2 + np.exp(p["u"])


@pytest.mark.parametrize("method", ["hybr", "lm", "krylov"])
def test_a_boundary_value_problem(method: str) -> None:
    """The exact solution is -2 log(cosh((x - 1/2) c / 2) / cosh(c / 4)), where c = sqrt(2) cosh(c / 4)."""
    seen: list[Any] = []
    callback = None if method in ("hybr", "lm") else lambda p, f: seen.append((p, f))
    found = root(bratu, {"u": np.zeros(POINTS)}, method=method, tol=1e-8, callback=callback)
    assert found.success
    c = scipy.optimize.brentq(lambda c: c - np.sqrt(2) * np.cosh(c / 4), 1, 3)
    x = np.linspace(0, 1, POINTS + 2)[1:-1]
    exact = -2 * np.log(np.cosh((x - 0.5) * c / 2) / np.cosh(c / 4))
    np.testing.assert_allclose(found.x["u"], exact, atol=1e-4)  # the error of the discretisation
    if method != "krylov":
        assert found.njev < 12
    assert all(p["u"].shape == f.shape == (POINTS,) for p, f in seen)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_for_equations(method: str) -> None:
    mixing = {"linearmixing": {"alpha": -0.9}, "excitingmixing": {"alpha": -0.5, "alphamax": -0.1}}
    options = {"jac_options": mixing[method]} if method in mixing else {}

    def equations(p: Any) -> Any:
        return (p["x"] + 0.1 * np.sin(p["y"]) - 1, [p["y"] + 0.1 * p["x"] ** 2])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # some divide by zero when they are done
        found = root(equations, {"x": np.full(2, 0.9), "y": np.zeros(2)}, method=method.upper(), options=options)
    assert found.success
    np.testing.assert_allclose(np.concatenate([equations(found.x)[0], *equations(found.x)[1]]), 0.0, atol=1e-4)


def test_complex_roots_and_arguments() -> None:
    for method in ("hybr", "lm", "krylov"):
        found = root(lambda z, c: z**2 + c, 0.5 + 1j, (4.0,), method=method)
        assert type(found.x) is complex
        assert abs(found.x - 2j) < 1e-4


def test_what_root_refuses() -> None:
    with pytest.raises(StructureError, match=r"returned 3 real numbers, and `params` has 2.*least_squares"):
        root(lambda p: (p, p[0]), np.ones(2))
    with pytest.raises(InputError, match=r"'hybr' takes no callback. These do: broyden1"):
        root(lambda p: p, np.ones(2), callback=print)
    with pytest.raises(InputError, match="no method 'newton'"):
        root(lambda p: p, np.ones(2), method="newton")
    with pytest.raises(InputError, match="no option `col_deriv`"):
        root(lambda p: p, np.ones(2), options={"col_deriv": 1})
    with pytest.raises(InputError, match="no `jac`"):
        root(lambda p: p, np.ones(2), jac=np.eye)
