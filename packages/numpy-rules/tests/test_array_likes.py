"""Lists in place of arrays, makers of arrays, and functions that call functions: right, or an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff_numpy as traced
from autodiff import grad, jacobian
from autodiff.errors import AutodiffError, PerformanceWarning, UnsupportedArgumentError
from autodiff_numpy.scatter import scattered
from autodiff_testing import Case
from autodiff_testing.case_tables import load_cases

X = np.array([1.3, 3.2, 2.1])


def differences(fun: Callable[[Any], Any], x: np.ndarray = X) -> np.ndarray:
    """Return the Jacobian by central differences."""
    step = 1e-6
    columns = [np.subtract(fun(x + step * unit), fun(x - step * unit)) / (2 * step) for unit in np.eye(len(x))]
    return np.stack(columns, axis=-1)


# Every function: a list of traced entries in place of its first array


def _takes_an_array(case: Case) -> bool:
    x = case.draw()[0]
    if case.fun is scattered:  # only rules call it
        return False
    return isinstance(x, np.ndarray) and 0 < x.ndim < 3 and x.size > 0 and x.dtype == float


@pytest.mark.parametrize("case", [case for case in load_cases("rule_cases") if _takes_an_array(case)], ids=str)
@pytest.mark.filterwarnings("ignore")
def test_a_list_of_traced_values_is_right_or_refused(case: Case) -> None:
    x, *others = case.draw()

    def of_array(x: Any) -> Any:
        return case.call(x, *others, **case.kwargs)

    def of_list(x: Any) -> Any:
        return case.call(list(x), *others, **case.kwargs)

    try:
        same = np.all(np.equal(of_array(x), of_list(x)))
        found = jacobian(of_list)(x)
    except (AutodiffError, TypeError, ValueError, AttributeError, IndexError, KeyError):
        return  # the case uses a method, or NumPy does not take lists, or an error says that the derivative is lost
    if same and isinstance(found, np.ndarray):
        assert np.allclose(found, jacobian(of_array)(x), equal_nan=True)


# fmt: off
OF_LISTS = {
    "mean": lambda np, x: np.mean([x[0], x[1] * x[2]]),
    "sum": lambda np, x: np.sum([[x[0], 1.0], (x[1], x[2])], axis=0),
    "var": lambda np, x: np.var((x[0], x[1], 1.0)),
    "max": lambda np, x: np.max([x[0], x[1]]),
    "cumsum": lambda np, x: np.cumsum([x[0], x[1]]),
    "sin": lambda np, x: np.sin([x[0], x[1]]),
    "add": lambda np, x: np.add([x[0], x[1]], 1.0),
    "hypot": lambda np, x: np.hypot(2.0, [x[0], (x[1])]),
    "matmul": lambda np, x: np.matmul(np.eye(2), [x[0], x[1]]),
    "interp": lambda np, x: np.interp([x[0], 1.5], [0.0, 2.0], [0.0, 3.0]),
    "polyval": lambda np, x: np.polyval([x[0], x[1]], [x[2], 1.0]),
}
# fmt: on


@pytest.mark.parametrize("name", OF_LISTS)
def test_the_namespace_knows_lists(name: str) -> None:
    fun = OF_LISTS[name]
    assert np.allclose(jacobian(lambda x: fun(traced, x))(X), differences(lambda x: fun(np, x)), atol=1e-7)


# Makers of arrays

# fmt: off
MAKERS = {
    "asarray_chkfinite": lambda np, x: np.asarray_chkfinite([x[0], 1.0]),
    "require": lambda np, x: np.require(x, float, ["C", "W"]) * 2,
    "object array": lambda np, x: np.sum(np.array([x[0], x[1]], dtype=object) * X[:2]),
    "array of objects": lambda np, x: np.sum(np.array(x, dtype=object) @ X),
    "r_": lambda np, x: np.r_[x, 1.0, x[0], 0:1:3j] * 2,
    "r_ of a slice": lambda np, x: np.r_[0:3, x],
    "r_ along an axis": lambda np, x: np.r_["1,2,0", x, 2 * x],
    "r_ of rows": lambda np, x: np.r_["0,2", x, [x[0], 1, 2]],
    "c_": lambda np, x: np.c_[x, 2 * x, [1, 2, 3]],
    "c_ of matrices": lambda np, x: np.c_[np.reshape(x, (1, 3)), [[0.0, 1.0]]],
    "piecewise": lambda np, x: np.piecewise(x, [x > 2, x > 3], [lambda t: t * t, x[0], np.sin]),
    "piecewise of a mask": lambda np, x: np.piecewise(x, x > 2, [lambda t, k: k * t, lambda t, k: t / k], 3.0),
    "piecewise of traced numbers": lambda np, x: np.piecewise(X, [X > 2], [x[0], lambda t: t]) * x,
    "piecewise of numbers": lambda np, x: np.piecewise(x[0], [x[0] > 2, x[0] < 1], [1.0, 2.0]) + x,
    "apply_along_axis": lambda np, x: np.apply_along_axis(lambda row: row * x[0], 0, np.outer(x, x)),
    "apply_along_axis to numbers": lambda np, x: np.apply_along_axis(np.sum, -1, np.outer(x, x)),
    "apply_along_axis to matrices": lambda np, x: np.apply_along_axis(np.diag, 0, np.stack([x, x * x], 1)),
    "apply_over_axes": lambda np, x: np.apply_over_axes(np.sum, np.outer(x, x), [0, -1]),
    "apply_over_axes, one": lambda np, x: np.apply_over_axes(np.max, np.outer(x, x), 1),
    "fromfunction": lambda np, x: np.fromfunction(lambda i, j: i * x[0] + j * x[1], (2, 3)),
    "row_stack": lambda np, x: np.vstack([x, 2 * x]),
    "linspace": lambda np, x: np.linspace(x[0], x[1], 4),
    "mgrid": lambda np, x: np.fromfunction(lambda i: i * x, (3,)),
    "vectorize": lambda np, x: np.sum(np.vectorize(lambda t: t * t)(x)),
}
# fmt: on


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.filterwarnings("ignore::autodiff.errors.PerformanceWarning")
def test_makers(name: str) -> None:
    fun = MAKERS[name]
    assert np.allclose(jacobian(lambda x: fun(traced, x))(X), differences(lambda x: fun(np, x)), atol=1e-7)
    assert np.all(fun(traced, X) == fun(np, X))


@pytest.mark.parametrize(
    "name", [name for name in MAKERS if name.startswith(("piecewise", "apply")) and "traced" not in name]
)
def test_plain_numpy_calls_functions_with_traced_values(name: str) -> None:
    fun = MAKERS[name]
    assert np.allclose(jacobian(lambda x: fun(np, x))(X), differences(lambda x: fun(np, x)), atol=1e-7)


@pytest.mark.parametrize("name", MAKERS)
def test_plain_numpy_is_right_or_refuses(name: str) -> None:
    fun = MAKERS[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerformanceWarning)
        try:
            found = jacobian(lambda x: fun(np, x))(X)
        except (AutodiffError, TypeError, ValueError):
            return
    assert np.allclose(found, differences(lambda x: fun(np, x)), atol=1e-7)


def test_refusals_are_numpys_or_ours() -> None:
    with pytest.raises(UnsupportedArgumentError, match="matrix"):
        jacobian(lambda x: traced.r_["r", x, 1.0])(X)
    with pytest.raises(ValueError, match="infs or NaNs"):
        grad(lambda x: np.sum(traced.asarray_chkfinite([x, np.inf])))(1.0)
    with pytest.raises(ValueError, match="functions are expected"):
        jacobian(lambda x: np.piecewise(x, [x > 2], [1.0, 2.0, 3.0]))(X)
    with pytest.raises(ValueError, match="iteration dimensions are 0"):
        jacobian(lambda x: np.apply_along_axis(np.sum, 0, x[:, None][:, :0]))(X)
    with pytest.raises(ValueError, match="correct shape"):
        jacobian(lambda x: np.apply_over_axes(lambda x, axis: np.sum(x), np.outer(x, x), 0))(X)
    assert len(traced.r_) == len(np.r_)


def test_what_programs_for_any_array_library_ask() -> None:
    def fun(x: Any) -> Any:
        xp = x.__array_namespace__()
        return xp.sum(xp.sin(x.to_device("cpu")))

    assert np.allclose(grad(fun)(X), np.cos(X))
    with pytest.raises(ValueError, match="device"):
        grad(lambda x: np.sum(x.to_device("gpu")))(X)


@pytest.mark.parametrize(
    "fun",
    [lambda z: np.linalg.norm([z[0], 1.0]), lambda z: np.array([z, z]), lambda z: np.vdot([z[0], z[1]], [1j, 2.0])],
)
def test_plain_lists_of_complex_traced_values_are_refused(fun: Callable[[Any], Any]) -> None:
    with pytest.raises(UnsupportedArgumentError, match=r"complex traced values.*numpy\.stack"):
        grad(lambda z: np.abs(np.sum(fun(z))))(np.array([1 + 2j, 3.0]))
