"""Containers, types and callbacks go in and come back; what does not fit is refused by name."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.optimize

import autodiff_optim
from autodiff import Static, grad
from autodiff.errors import InputError, IntegerInputError, OutputError, StructureError
from autodiff_optim import NotFiniteError, least_squares, minimize, root
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import METHODS, scipy_version

HERE = [name for name, takes in METHODS.items() if scipy_version() >= takes.since]


def test_solvers_are_imported_when_they_are_used() -> None:
    code = "import sys, autodiff_optim; print({'scipy.optimize', 'autodiff_scipy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "set()\n"
    assert {"NotFiniteError", "least_squares", "minimize", "root"} <= set(dir(autodiff_optim))
    with pytest.raises(AttributeError, match="'minimise'"):
        autodiff_optim.minimise


class Pair(NamedTuple):
    left: Any
    right: Any


@dataclasses.dataclass
class Layer:
    weight: Any
    name: str = dataclasses.field(default="layer", metadata={"static": True})


def every_leaf() -> dict[str, Any]:
    return {
        "array": np.arange(6.0).reshape(2, 3),
        "small": np.ones(2, np.float32),
        "scalar": np.float32(2.0),
        "number": 3.0,
        "none": np.zeros((2, 0)),
        "zero": np.array(4.0),
        "pair": Pair(1j, [np.complex64(1 + 1j), np.ones((1, 2), np.complex128)]),
        "layer": Layer(np.ones(1), "first"),
        "static": Static("kept"),
        "nothing": None,
        "half": np.ones(1, np.float16),
    }


def describe(p: Any) -> Any:
    from autodiff.containers import flatten

    leaves, structure = flatten(p)
    return structure, [(type(leaf), getattr(leaf, "dtype", None), np.shape(leaf)) for leaf in leaves]


def test_every_kind_of_leaf_comes_back() -> None:
    params = every_leaf()
    flat = FlatParameters("minimize", params)
    assert flat.size == 6 + 2 + 1 + 1 + 0 + 1 + 2 * (1 + 1 + 2) + 1 + 1
    again = flat.params(flat.start)
    assert describe(again) == describe(params)
    np.testing.assert_array_equal(flat.vector(again), flat.start)
    assert not np.shares_memory(again["array"], flat.start)
    np.testing.assert_array_equal(flat.gradient_vector(flat.gradient(flat.start)), flat.start)


@pytest.mark.parametrize("method", ["BFGS", "trust-exact", "Newton-CG", "Powell"])
def test_the_function_sees_the_types_of_the_start(method: str) -> None:
    kinds = set()

    def loss(p: Any) -> Any:
        if type(p["number"]) is float:  # not traced
            kinds.add(str(describe(p)))
        parts = [p["array"], p["small"], p["scalar"], p["number"], p["zero"], *p["pair"].right, p["pair"].left]
        return sum(np.sum(np.abs(part - 1) ** 2) for part in [*parts, p["layer"].weight, p["half"]])

    start = every_leaf()
    found = minimize(loss, start, method=method)
    assert describe(found.x) == describe(start)
    np.testing.assert_allclose(found.x["array"], 1.0, atol=1e-3)
    assert found.x["layer"].name == "first"
    np.testing.assert_array_equal(start["array"], every_leaf()["array"])
    assert kinds <= {str(describe(start))}


def test_plain_numbers_and_lists() -> None:
    assert minimize(lambda x: (x - 2.0) ** 2, 0.5).x == pytest.approx(2.0)
    found = minimize(lambda p: (p[0] - 1) ** 2 + (p[1] + p[0]) ** 2, [0.0, 0.0])
    assert type(found.x) is list
    assert found.x == pytest.approx([1.0, -1.0], abs=1e-6)


def test_arguments_are_constants() -> None:
    found = minimize(lambda p, a, b: (p - a) ** 2 + b, 0.0, (3.0, 1.0))
    assert (found.x, found.fun) == pytest.approx((3.0, 1.0))
    assert minimize(lambda p, a: (p - a) ** 2, 0.0, 3.0).x == pytest.approx(3.0)


def test_the_default_method() -> None:
    methods = []

    def kind(**settings: Any) -> Any:
        size = settings.pop("size", 2)
        found = minimize(lambda x: np.sum((x - 1) ** 2), np.zeros(size), **settings)
        methods.append(sorted(found))
        return found

    assert isinstance(kind().hess_inv, np.ndarray)
    assert not isinstance(kind(size=600).hess_inv, np.ndarray)
    assert not isinstance(kind(bounds=(0, 3)).hess_inv, np.ndarray)
    assert "hess_inv" not in kind(constraints=[{"type": "ineq", "fun": lambda x: x[0]}])
    assert isinstance(kind(constraints=[]).hess_inv, np.ndarray)
    assert isinstance(kind(constraints=None, method="bfgs").hess_inv, np.ndarray)


def quartic(p: Any) -> Any:
    return (p["x"][0] - 1) ** 4 + p["y"] ** 2


START = {"x": np.full(1, 2.0), "y": 3.0}


@pytest.mark.parametrize("method", HERE)
def test_callbacks(method: str) -> None:
    plain: list[Any] = []
    told: list[Any] = []
    minimize(quartic, START, method=method, callback=lambda xk: plain.append(xk))
    minimize(quartic, START, method=method, callback=lambda intermediate_result: told.append(intermediate_result))
    assert len(plain) == len(told) > 0
    for params, result in zip(plain, told, strict=True):
        assert describe(params) == describe(START) == describe(result.x)
        np.testing.assert_array_equal(params["x"], result.x["x"])
        assert isinstance(result, scipy.optimize.OptimizeResult)
        assert float(result.fun) == pytest.approx(float(quartic(params)))


@pytest.mark.parametrize("method", HERE)
def test_a_callback_stops_every_method(method: str, capfd: Any) -> None:
    seen: list[Any] = []

    def stop(xk: Any) -> None:
        seen.append(xk)
        if len(seen) == 2:
            raise StopIteration

    found = minimize(quartic, START, method=method, callback=stop)
    assert len(seen) == 2
    assert found.status != 0
    assert "callback" in found.message
    assert describe(found.x) == describe(START)
    assert found.nfev > 0
    assert float(found.fun) == pytest.approx(float(quartic(found.x)))
    capfd.readouterr()  # COBYLA of SciPy 1.13 prints that it was stopped


def test_the_state_of_trust_constr() -> None:
    seen: list[Any] = []

    def callback(xk: Any, state: Any) -> bool:
        seen.append((xk, state))
        return len(seen) == 3

    found = minimize(quartic, START, method="trust-constr", callback=callback)
    assert found.status == 3
    assert len(seen) == 3
    assert seen[0][1].nit == 1
    assert describe(seen[0][1].grad) == describe(START)


def test_a_stop_of_the_loss_is_no_stop_of_the_callback() -> None:
    def loss(x: Any) -> Any:
        raise StopIteration

    with pytest.raises((StopIteration, RuntimeError)):
        minimize(loss, 1.0, callback=lambda xk: None)


def test_steps_are_containers() -> None:
    found = minimize(quartic, START, method="BFGS", options={"return_all": True})
    assert all(describe(step) == describe(START) for step in found.allvecs)


# Values that are not finite ------------------------------------------------------------------------------------------


def wall(p: Any) -> Any:
    """Falls towards y = 0, where it ends."""
    return p["x"][0] ** 2 + np.log(p["y"])


@pytest.mark.parametrize("method", [name for name in HERE if name != "dogleg"])
def test_a_loss_that_is_not_finite_stops(method: str, capfd: Any) -> None:
    with np.errstate(all="ignore"), pytest.raises(NotFiniteError) as caught:
        minimize(wall, {"x": np.ones(2), "y": 1.0}, method=method)
    error = caught.value
    assert f"minimize, evaluation {error.step}: the loss is" in str(error)
    assert np.isfinite(wall(error.params))
    assert error.params["y"] > 0
    capfd.readouterr()  # COBYLA of SciPy 1.13 prints that it was stopped


def test_a_derivative_that_is_not_finite_names_the_leaf() -> None:
    def loss(p: Any) -> Any:
        return np.sum(np.sqrt(p["deep"][0])) + p["x"]

    start = {"deep": [np.array([[1.0, 0.0]])], "x": 1.0}
    with (
        np.errstate(all="ignore"),
        pytest.raises(NotFiniteError, match=r"params\['deep'\]\[0\] = inf, entry \(0, 1\)") as c,
    ):
        minimize(loss, start)
    assert (c.value.leaf, c.value.step, c.value.params) == ("params['deep'][0]", 1, None)
    assert str(pickle.loads(pickle.dumps(c.value))) == str(c.value)
    assert pickle.loads(pickle.dumps(c.value)).leaf == c.value.leaf
    with np.errstate(all="ignore"), pytest.raises(NotFiniteError, match="derivative of the gradient of the loss"):
        minimize(lambda p: np.sum(p["x"] ** 1.5), {"x": np.array([1.0, 0.0])}, method="Newton-CG")


def test_values_that_are_not_finite_may_be_passed_on() -> None:
    def loss(x: Any) -> Any:
        return 0.01 * x - np.log(x)

    with np.errstate(all="ignore"):
        with pytest.raises(NotFiniteError):
            minimize(loss, 1.0, method="Nelder-Mead", options={"initial_simplex": [[1.0], [-2.0]]})
        options = {"initial_simplex": [[1.0], [-2.0]], "xatol": 1e-6, "fatol": 1e-12}
        found = minimize(loss, 1.0, method="Nelder-Mead", options=options, not_finite="pass")
    assert found.x == pytest.approx(100.0, abs=1e-2)
    with pytest.raises(InputError, match="'raise'"):
        minimize(loss, 2.0, not_finite="ignore")


def test_constraints_and_residuals_that_are_not_finite() -> None:
    with np.errstate(all="ignore"):
        constraint = {"type": "ineq", "fun": lambda x: np.log(x[0])}
        with pytest.raises(NotFiniteError, match="the constraint is"):
            minimize(lambda x: np.sum(x), np.array([-1.0, -1.0]), constraints=constraint)
        with pytest.raises(NotFiniteError, match="the residual is nan in 2 entries, the first is number 1"):
            least_squares(lambda x: np.log(x), np.array([1.0, -1.0, -2.0]))
        with pytest.raises(NotFiniteError, match=r"by params\['a'\] = (inf|nan), entry \(1,\)"):
            least_squares(lambda p: np.sqrt(p["a"]), {"a": np.array([1.0, 0.0])})
        with pytest.raises(NotFiniteError, match="root, evaluation 1: the value is inf"):
            root(lambda x: 1 / x, np.zeros(1))


# What is refused -----------------------------------------------------------------------------------------------------

WRONG_PARAMS = [
    ({}, InputError, "an empty container"),
    (np.zeros((0, 2)), InputError, r"params of shape \(0, 2\)"),
    (2, IntegerInputError, "params is 2, of type int.*Write 2.0 instead"),
    ({"n": [1.0, 2]}, IntegerInputError, r"params\['n'\]\[1\]"),
    (Pair(1.0, np.arange(3)), IntegerInputError, r"params\.right has the type int64"),
    (Layer(np.array([True])), IntegerInputError, r"params\.weight has the type bool"),
    ({"name": "adam"}, InputError, r"params\['name'\] is of type str.*Static"),
    (np.ma.masked_array([1.0, 2.0]), InputError, "MaskedArray"),
    (np.array([1.0, None]), InputError, "object"),
    ({"w": np.array([[1.0, np.nan]])}, InputError, r"cannot start at params\['w'\] = nan, entry \(0, 1\)"),
]


@pytest.mark.parametrize(("params", "kind", "message"), WRONG_PARAMS)
@pytest.mark.parametrize("function", [minimize, least_squares, root])
def test_parameters_that_are_refused(function: Any, params: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        function(lambda p: 0.0, params)
    assert str(caught.value).startswith(function.__name__)


@pytest.mark.parametrize("method", ["BFGS", "Powell"])
def test_results_that_are_refused(method: str) -> None:
    for result in (lambda x: x, lambda x: (x[0], x[1]), lambda x: x[:1], lambda x: x[0] + 1j, lambda x: "much"):
        with pytest.raises((OutputError, TypeError)):
            minimize(result, np.ones(2), method=method)
    with pytest.raises(OutputError, match="`least_squares`"):
        minimize(lambda x: x, np.ones(2), method="Powell")


@pytest.mark.parametrize("function", [minimize, least_squares, root])
def test_traced_values_are_refused(function: Any) -> None:
    with pytest.raises(InputError, match=r"params\['x'\] is traced.*custom_root"):
        grad(lambda x: function(lambda p: (p["x"] - 1) ** 2, {"x": x}).fun)(2.0)
    methods = {minimize: ("Powell", "BFGS"), least_squares: ("trf",), root: ("hybr",)}
    for method in methods[function]:
        with pytest.raises(InputError, match=r"traced by an outer transform.*custom_root"):
            grad(lambda a, m=method: function(lambda x: np.sum((x - a) ** 2), np.ones(1), method=m).fun)(2.0)


def test_arguments_that_are_refused() -> None:
    for name in ("jac", "hessp"):
        with pytest.raises(InputError, match=f"minimize takes no `{name}`: derivatives are found by autodiff"):
            minimize(np.sum, np.ones(2), **{name: np.sum})
    with pytest.raises(InputError, match="minimize has no argument `speed`"):
        minimize(np.sum, np.ones(2), speed=3)
    with pytest.raises(InputError, match="`params`"):
        minimize(np.sum, np.ones(2), x0=3)
    with pytest.raises(InputError, match=r"no method 'adam'\. The methods are Nelder-Mead.*trust-exact"):
        minimize(np.sum, np.ones(2), method="adam")
    with pytest.raises(InputError, match="no option `eps`"):
        minimize(np.sum, np.ones(2), options={"eps": 1e-3})
    for method, hess in (("Newton-CG", scipy.optimize.BFGS()), ("trust-constr", np.eye(2)), (None, "2-point")):
        with pytest.raises(InputError, match="only trust-constr takes an approximation"):
            minimize(np.sum, np.ones(2), method=method, hess=hess)
    if scipy_version() < (1, 14):
        with pytest.raises(InputError, match=r"needs SciPy 1\.14"):
            minimize(np.sum, np.ones(2), method="COBYQA")


@pytest.mark.parametrize("function", [minimize, least_squares, root])
def test_what_is_no_function(function: Any) -> None:
    with pytest.raises(InputError, match=f"{function.__name__} takes a function, but got 3 of type int"):
        function(3, 1.0)
    with pytest.raises(InputError, match="a function as `callback`, but got 3"):
        function(lambda x: x, 1.0, callback=3)


def test_shapes_that_change_between_evaluations() -> None:
    calls: list[int] = []

    def growing(p: Any) -> Any:
        calls.append(1)
        return np.concatenate([p, np.ones(len(calls) // 4)])

    with pytest.raises(StructureError, match=r"evaluation \d+: the residual has \d+ entries, but had 2 before"):
        least_squares(growing, np.ones(2) * 3)
