"""Bounds and constraints on containers: problems with known solutions, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from scipy.optimize import BFGS, SR1, Bounds, LinearConstraint, NonlinearConstraint

from autodiff.errors import InputError, StructureError
from autodiff_optim import minimize
from autodiff_optim.bounds import flat_bounds
from autodiff_optim.constraints import flat_constraints
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import METHODS, scipy_version
from autodiff_optim.not_finite import Guard

INF = np.inf

# Problem 71 of Hock and Schittkowski, Test Examples for Nonlinear Programming Codes, 1981.
HS71_START = {"a": 1.0, "b": np.array([5.0, 5.0]), "c": [1.0]}
HS71_SOLUTION = {"a": 1.0, "b": np.array([4.74299963, 3.82114998]), "c": [1.37940829]}


def hs71(p: Any) -> Any:
    return p["a"] * p["c"][0] * (p["a"] + np.sum(p["b"])) + p["b"][1]


def product(p: Any) -> Any:
    return p["a"] * np.prod(p["b"]) * p["c"][0]


def squares(p: Any) -> Any:
    return p["a"] ** 2 + np.sum(p["b"] ** 2) + p["c"][0] ** 2


NEW = [NonlinearConstraint(product, 25, INF), NonlinearConstraint(squares, 40, 40)]
OLD = [
    {"type": "ineq", "fun": lambda p, least: product(p) - least, "args": (25,)},
    {"type": "eq", "fun": lambda p: squares(p) - 40},
]


@pytest.mark.parametrize("constraints", [NEW, OLD, [NEW[0], OLD[1]]], ids=["objects", "dicts", "both"])
@pytest.mark.parametrize("method", ["SLSQP", "trust-constr", "COBYLA", "COBYQA"])
def test_hock_schittkowski_71(method: str, constraints: Any) -> None:
    if scipy_version() < (1, 16) and method.startswith("COBY"):
        pytest.skip("equality constraints are for newer versions")
    settings: dict[str, Any] = {"tol": 1e-9} if method in ("SLSQP", "trust-constr") else {"tol": 1e-5}
    found = minimize(hs71, HS71_START, method=method, bounds=(1, 5), constraints=constraints, **settings)
    np.testing.assert_allclose(found.fun, 17.0140173, rtol=1e-5)
    for name in ("a", "b", "c"):
        np.testing.assert_allclose(found.x[name], HS71_SOLUTION[name], atol=1e-3)


def test_inequalities_only() -> None:
    """A disc and a point outside of it: the solution is on the ray to the point."""
    disc = {"type": "ineq", "fun": lambda p: 1 - p["x"] ** 2 - p["y"] ** 2}
    for method in ("SLSQP", "COBYLA", "trust-constr", None):
        found = minimize(
            lambda p: (p["x"] - 3) ** 2 + (p["y"] - 4) ** 2,
            {"x": 0.1, "y": 0.1},
            method=method,
            constraints=disc,
            tol=1e-8 if method != "COBYLA" else 1e-6,
        )
        np.testing.assert_allclose([found.x["x"], found.x["y"]], [0.6, 0.8], atol=1e-4)


def derivatives(constraint: Any, params: Any, **choice: bool) -> tuple[Any, FlatParameters]:
    flat = FlatParameters("minimize", params)
    return flat_constraints([constraint], flat, Guard(flat, "raise"), **choice)[0], flat


@pytest.mark.parametrize("constraint", [NonlinearConstraint(squares, 0, 1), {"type": "eq", "fun": squares}])
def test_the_derivatives_of_constraints_are_exact(constraint: Any) -> None:
    made, flat = derivatives(constraint, HS71_START, gradients=True, hessians=True)
    np.testing.assert_allclose(made.jac(flat.start), 2 * flat.start[None])
    weighted = made.hess(flat.start, np.array([1.5]))
    np.testing.assert_allclose(weighted @ np.eye(4), 3.0 * np.eye(4))


def test_a_sparse_jacobian_where_the_pattern_is_known() -> None:
    pattern = np.eye(3, 4) + np.eye(3, 4, 1)
    constraint = NonlinearConstraint(lambda x: x[1:] * x[:-1], 1, 1, finite_diff_jac_sparsity=pattern)
    made, flat = derivatives(constraint, np.arange(1.0, 5.0), gradients=True, hessians=True)
    matrix = made.jac(flat.start)
    assert matrix.nnz == 6
    np.testing.assert_allclose(matrix.toarray(), [[2, 1, 0, 0], [0, 3, 2, 0], [0, 0, 4, 3]])
    for method in ("trust-constr", "SLSQP"):
        found = minimize(lambda x: np.sum(x**2), np.full(4, 0.5), method=method, constraints=constraint)
        np.testing.assert_allclose(found.x, 1.0, atol=1e-3)


def test_derivatives_of_the_user() -> None:
    calls: list[str] = []

    def jac(p: Any) -> Any:
        calls.append("jac")
        return {"a": 2 * p["a"], "b": 2 * p["b"][None], "c": [2 * p["c"][0]]}

    def hess(p: Any, v: Any) -> Any:
        calls.append("hess")
        return 2 * v[0] * np.eye(4)

    constraints = [NEW[0], NonlinearConstraint(squares, 40, 40, jac=jac, hess=hess)]
    found = minimize(hs71, HS71_START, method="trust-constr", bounds=(1, 5), constraints=constraints)
    np.testing.assert_allclose(found.fun, 17.0140173, rtol=1e-4)
    assert {"jac", "hess"} <= set(calls)
    plain = {"type": "eq", "fun": lambda x: x @ x - 1, "jac": lambda x: 2 * x}
    found = minimize(lambda x: x[0] + x[1], np.array([-1.0, -0.2]), constraints=plain)
    np.testing.assert_allclose(found.x, -np.sqrt([0.5, 0.5]), atol=1e-5)


def test_approximate_second_derivatives_on_demand() -> None:
    constraints = [NEW[0], NonlinearConstraint(squares, 40, 40, hess=SR1())]
    settings: dict[str, Any] = {"method": "trust-constr", "bounds": (1, 5), "constraints": constraints}
    found = minimize(hs71, HS71_START, hess=BFGS(), **settings)
    np.testing.assert_allclose(found.fun, 17.0140173, rtol=1e-4)
    assert found.nhev == 0


def test_linear_constraints_have_a_column_for_each_entry() -> None:
    total = LinearConstraint(np.ones((1, 3)), 6, 6)
    found = minimize(lambda p: p["a"] ** 2 + np.sum(p["b"] ** 2), {"a": 0.0, "b": np.zeros(2)}, constraints=total)
    np.testing.assert_allclose([found.x["a"], *found.x["b"]], 2.0, atol=1e-6)
    with pytest.raises(StructureError, match=r"column for each of 4 real parameters, in the order params\['a'\] 0:1"):
        minimize(hs71, HS71_START, constraints=total)
    with pytest.raises(StructureError, match="complex ones have none"):
        minimize(lambda z: abs(z) ** 2, 1j, constraints=LinearConstraint(np.ones((1, 2)), 0, 1))


WRONG_CONSTRAINTS = [
    (NonlinearConstraint(squares, 0, 1, jac="3-point"), "finite differences"),
    (NonlinearConstraint(squares, 0, 1, finite_diff_rel_step=1e-3), "finite differences"),
    (NonlinearConstraint(squares, 0, 1, hess="2-point"), "second derivatives"),
    ({"type": "less", "fun": squares}, "'eq' or 'ineq'"),
    ({"type": "eq"}, "`fun`"),
    ({"type": "eq", "fun": squares, "jac": True}, "`jac`"),
    ({"type": "eq", "fun": squares, "hess": squares}, "`args`"),
    ([squares], "of type function"),
    (squares, "of type function"),
]


@pytest.mark.parametrize(("constraint", "message"), WRONG_CONSTRAINTS)
def test_constraints_that_are_refused(constraint: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        minimize(hs71, HS71_START, constraints=constraint)


P = {"w": np.zeros((2, 3)), "b": [0.0, np.zeros(2)]}  # in the vector: b[0], b[1], w
ALL = -np.ones(9), np.ones(9)
ROWS = np.array([[[0.0, 1.0]], [[2.0, 3.0]]])  # a pair for each row
BOUNDS = [
    ((-1, 1), *ALL),
    ([-1, 1], *ALL),
    ((None, 1), np.full(9, -INF), np.ones(9)),
    (Bounds(-1, 1), *ALL),
    ({"w": (-1, 1), "b": [(0, None), None]}, [0, -INF, -INF, *[-1] * 6], [INF, INF, INF, *[1] * 6]),
    ({"w": ROWS, "b": None}, [-INF] * 3 + [0] * 3 + [2] * 3, [INF] * 3 + [1] * 3 + [3] * 3),
    ({"w": None, "b": [None, [(0, None), (1, 2)]]}, [-INF, 0, 1, *[-INF] * 6], [INF, INF, 2, *[INF] * 6]),
    (
        Bounds({"w": 0.0, "b": [-1.0, np.array([-2.0, -3.0])]}, INF),
        [-1, -2, -3, *[0] * 6],
        [INF] * 9,
    ),
    (Bounds(-INF, {"w": np.arange(6).reshape(2, 3), "b": None}), [-INF] * 9, [INF] * 3 + list(range(6))),
]


@pytest.mark.parametrize(("bounds", "low", "high"), BOUNDS)
def test_bounds_of_containers(bounds: Any, low: Any, high: Any) -> None:
    made = flat_bounds(bounds, FlatParameters("minimize", P))
    assert made is not None
    np.testing.assert_array_equal(made.lb, low)
    np.testing.assert_array_equal(made.ub, high)


def test_bounds_of_a_vector_are_those_of_scipy() -> None:
    flat = FlatParameters("minimize", np.zeros(2))
    for bounds in ([(0, 1), (None, 2)], np.array([[0, 1], [-INF, 2]]), Bounds([0, -INF], [1, 2])):
        made = flat_bounds(bounds, flat)
        assert made is not None
        np.testing.assert_array_equal([made.lb, made.ub], [[0, -INF], [1, 2]])
    pair = flat_bounds([(0, 1), (None, 2)], FlatParameters("minimize", [0.0, 0.0]))
    assert pair is not None
    np.testing.assert_array_equal([pair.lb, pair.ub], [[0, -INF], [1, 2]])
    listed = flat_bounds(Bounds([0, -1], 5, [True, False]), FlatParameters("minimize", [0.0, 0.0]))
    assert listed is not None
    np.testing.assert_array_equal([listed.lb, listed.ub, listed.keep_feasible], [[0, -1], [5, 5], [True, False]])


WRONG_BOUNDS = [
    ({"w": (0, 1)}, StructureError, "structure of that part of `params`, which is dict"),
    ({"w": (0, 1), "b": ((0, 1), (0, 1))}, StructureError, r"bounds\['b'\] must have the structure"),
    ({"w": (0, 1, 2), "b": None}, StructureError, r"params\['w'\] must be pairs"),
    (
        {"w": np.zeros((4, 2)), "b": None},
        StructureError,
        r"\['w'\] must be a number or an array of shape \(2, 3\)",
    ),
    ({"w": ("a", "b"), "b": None}, StructureError, r"params\['w'\]"),
    ({"w": (1, 0), "b": None}, InputError, r"params\['w'\] leave nothing between"),
    ({"w": (np.nan, 0), "b": None}, InputError, r"params\['w'\] is not a number"),
    (3.0, StructureError, "must be pairs"),
    (Bounds({"w": 0}, 1), StructureError, "bounds.lb"),
    (Bounds(np.zeros(9), 1), StructureError, "bounds.lb"),
]


@pytest.mark.parametrize(("bounds", "kind", "message"), WRONG_BOUNDS)
def test_bounds_that_are_refused(bounds: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        minimize(lambda p: np.sum(p["w"]), P, bounds=bounds)


def test_complex_numbers_have_no_bounds() -> None:
    with pytest.raises(InputError, match=r"params\['z'\] is complex"):
        minimize(lambda p: abs(p["z"]) ** 2, {"z": 1j}, bounds=(0, 1))
    found = minimize(lambda p: abs(p["z"]) ** 2 + p["x"], {"z": 1j, "x": 1.0}, bounds={"z": None, "x": (0, None)})
    assert abs(found.x["z"]) < 1e-4
    assert found.x["x"] == 0.0


def test_methods_that_take_no_bounds_or_constraints_say_so() -> None:
    for method, takes in METHODS.items():
        if not takes.bounds:
            with pytest.raises(InputError, match=r"takes no bounds\. These do: Nelder-Mead"):
                minimize(np.sum, np.ones(2), method=method, bounds=(0, 1))
        if not takes.constraints:
            with pytest.raises(InputError, match=r"takes no constraints\. These do: COBYLA"):
                minimize(np.sum, np.ones(2), method=method, constraints=NEW)


@pytest.mark.parametrize("method", [name for name, takes in METHODS.items() if takes.bounds])
def test_bounds_hold_also_where_they_fix_entries(method: str) -> None:
    if scipy_version() < METHODS[method].since:
        pytest.skip("a newer method")
    fixed = {"x": [(0, 1), (0.5, 0.5), (None, 3)]}
    seen: list[Any] = []
    found = minimize(
        lambda p: np.sum((p["x"] - np.array([-1.0, 1.0, 2.0])) ** 2),
        {"x": np.full(3, 0.5)},
        method=method,
        bounds=fixed,
        callback=lambda xk: seen.append(xk["x"]),
    )
    np.testing.assert_allclose(found.x["x"], [0.0, 0.5, 2.0], atol=1e-3)
    assert seen
    if method not in ("trust-constr", "COBYLA"):  # which meet bounds at the end only, the latter in SciPy 1.13
        assert all(np.isclose(x[1], 0.5) for x in seen)


def test_a_method_of_the_user_gets_everything_flat() -> None:
    def method(fun: Any, x0: Any, **given: Any) -> Any:
        assert given["bounds"].lb.shape == x0.shape == (4,)
        assert len(given["constraints"]) == 2
        assert np.shape(given["jac"](x0)) == (4,)
        np.testing.assert_allclose(given["hessp"](x0, np.zeros(4)), 0.0)
        assert given["speed"] == 3
        return scipy.optimize.OptimizeResult(x=x0 + 1, fun=fun(x0 + 1))

    found = minimize(hs71, HS71_START, method=method, bounds=(1, 5), constraints=NEW, options={"speed": 3})
    assert found.x["a"] == 2.0


def test_bounds_may_fix_everything() -> None:
    found = minimize(hs71, HS71_START, bounds=(2, 2))
    assert found.x["a"] == 2.0
    assert found.fun == 2 * 2 * 6 + 2
