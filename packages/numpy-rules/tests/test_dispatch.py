"""Arguments in which NumPy does not look for traced values: right, or an error that says what to do."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import autodiff_numpy
from autodiff import deriv, grad
from autodiff.errors import AutodiffError, LostDerivativeError, MissingRuleError, UnsupportedArgumentError

P = np.array([1.0, -2.0, 3.0])
C = np.array([True, False, True])
SLOW = pytest.mark.filterwarnings("ignore::autodiff.errors.PerformanceWarning")

# With plain NumPy and with `autodiff_numpy`.
RIGHT: dict[str, Any] = {
    "select": lambda np, x: np.select([C], [P], default=x),
    "select, by position": lambda np, x: np.select([C], [P], x),
    "select, everywhere": lambda np, x: np.select([C], [P * x], default=x),
    "select, list": lambda np, x: np.select([C], [P], [x, x * x, 1.0]),
    "where": lambda np, x: np.where(C, P, x),
    "full": lambda np, x: np.full(3, x),
    "clip, max": lambda np, x: np.clip(5.0, None, x),
    "ndarray.clip": lambda np, x: P.clip(-x, x),
    "ndarray.clip, min": lambda np, x: P.clip(min=x),
    "average": lambda np, x: np.average(P, weights=np.exp(x * P)),
    "histogram": lambda np, x: np.histogram(P, weights=np.exp(x * P))[0],
    "average, list": lambda np, x: np.average(P, weights=[1.0, 2.0, x]),
    "trapezoid": lambda np, x: np.trapezoid(P, dx=x),
}
if "min" in inspect.signature(np.clip).parameters:  # NumPy 2.1
    RIGHT |= {
        "clip, new names": lambda np, x: np.clip(5.0, min=0.0, max=x),
        "clip, one new name": lambda np, x: np.clip(P, min=x),
        "clip, traced": lambda np, x: np.clip(x * P, min=-x, max=x * x),
    }

# With `autodiff_numpy`; plain NumPy says that the derivative would be lost.
RIGHT_HERE: dict[str, Any] = {
    "interp, left": lambda np, x: np.interp([-1.0, 0.5, 2.0], [0.0, 1.0], [2.0, 3.0], left=x),
    "interp, right": lambda np, x: np.interp([-1.0, 0.5, 2.0], [0.0, 1.0], [2.0, 3.0], right=x),
    "full_like": lambda np, x: np.full_like(P, x),
}


def check(f: Any) -> None:
    def loss(x: Any) -> Any:
        return np.sum(f(x) ** 2)

    for x in (0.7, np.array(0.7)):
        expected = (loss(0.7001) - loss(0.6999)) / 2e-4
        for transform in (grad, deriv):
            np.testing.assert_allclose(transform(loss)(x), expected, rtol=1e-6)
        # Beside a traced value of an inner differentiation, too.
        mixed = grad(lambda x: grad(lambda y: np.sum((f(x) * y) ** 2))(1.0))(x)
        np.testing.assert_allclose(mixed, 2 * expected, rtol=1e-6)


@SLOW
@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("xp", [np, autodiff_numpy], ids=["numpy", "autodiff_numpy"])
def test_derivatives(name: str, xp: Any) -> None:
    check(lambda x: RIGHT[name](xp, x))


@pytest.mark.parametrize("name", RIGHT_HERE)
def test_derivatives_in_this_namespace(name: str) -> None:
    check(lambda x: RIGHT_HERE[name](autodiff_numpy, x))
    for transform in (grad, deriv):
        with pytest.raises(LostDerivativeError):
            transform(lambda x: np.sum(RIGHT_HERE[name](np, x)))(0.7)


def test_arguments_of_two_differentiations() -> None:
    def by_select(x: Any) -> Any:
        return grad(lambda y: np.sum(np.select([C], [y * P], default=x) ** 2 * y))(2.0)

    def by_interp(x: Any) -> Any:
        return grad(lambda y: np.interp(y, [0.0, 1.0], [0.0, 3.0], right=x) * y)(2.0)

    # The sum is 10 y² + x², times y.
    assert by_select(3.0) == 30 * 4.0 + 9.0
    assert grad(by_select)(3.0) == deriv(by_select)(3.0) == 6.0
    assert grad(by_interp)(3.0) == deriv(by_interp)(3.0) == 1.0


@pytest.mark.filterwarnings("error")
def test_select_of_this_namespace_makes_no_objects() -> None:
    found: list[Any] = []
    grad(lambda x: found.append(autodiff_numpy.select([C], [P], default=x)) or x)(0.7)
    assert found[0].dtype == float


# What is not known: names of things in the error of plain NumPy, and of `autodiff_numpy`.
REFUSED: dict[str, Any] = {
    "pad": (lambda np, x: np.pad(P, 1, constant_values=x), "lost", "numpy.pad .*`constant_values`"),
    "pad, pair": (lambda np, x: np.pad(P, 1, constant_values=(x, 0.0)), "lost", "numpy.pad .*`constant_values`"),
    "nan_to_num": (lambda np, x: np.nan_to_num(P / 0, nan=x), r"numpy\.nan_to_num", r"numpy\.nan_to_num .*`nan`"),
    "unwrap": (lambda np, x: np.unwrap(P * 9, period=x), "plain array", "plain array"),
    "full_like, integers": (lambda np, x: np.full_like([1, 2], x), r"numpy\.full_like", "int64"),
    "piecewise, integers": (lambda np, x: np.piecewise(np.arange(3), [C], [x, 0]), "lost", "numpy.piecewise .*int64"),
    "copyto": (lambda np, x: np.copyto(P.copy(), x), r"numpy\.copyto .*plain array", r"numpy\.copyto"),
    "put": (lambda np, x: np.put(P.copy(), [0], x), r"numpy\.put .*plain array", r"numpy\.put"),
    "mean of var": (lambda np, x: np.var(P, mean=x), "`mean`", "`mean`"),
    "mask of sum": (lambda np, x: np.sum(P, where=x), "add.reduce, .*`where`", "numpy.sum .*`where`"),
    "mask of reduce": (lambda _, x: np.add.reduce(P, where=x * P), "add.reduce, .*`where`", "add.reduce, .*`where`"),
    "no rule": (lambda np, x: np.logaddexp.reduce(x * P), r"^numpy\.logaddexp\.reduce", r"^numpy\.logaddexp\.reduce"),
    "norm": (lambda np, x: np.linalg.norm(P, x), "plain array", "plain array"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@SLOW
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_refusals(name: str) -> None:
    call, by_numpy, here = REFUSED[name]
    for transform in (grad, deriv):
        for xp, message in ((np, by_numpy), (autodiff_numpy, here)):
            with pytest.raises((LostDerivativeError, MissingRuleError, UnsupportedArgumentError), match=message):
                transform(lambda x, xp=xp: np.sum(call(xp, x)))(0.7)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min", "amax", "amin", "nansum", "nanprod", "nanmax", "nanmin"])
def test_initial_values(name: str) -> None:
    with pytest.raises(UnsupportedArgumentError, match="`initial`"):
        grad(lambda x: getattr(autodiff_numpy, name)(P, initial=x))(0.7)
    # NumPy converts the value in compiled code, which says so in its own words; ours are the cause.
    with pytest.raises((ValueError, AutodiffError)) as caught:
        grad(lambda x: getattr(np, name)(P, initial=x))(0.7)
    assert isinstance(caught.value.__cause__, LostDerivativeError)
    assert getattr(autodiff_numpy, name)(P, initial=2.0) == getattr(np, name)(P, initial=2.0)
