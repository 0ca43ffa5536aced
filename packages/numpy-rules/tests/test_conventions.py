"""What is decided at points without a derivative, and what is exact though the usual formula divides by zero.

These are the rows of the tables in docs/conventions.md, in the same order: first derivatives in both modes, and second
ones in reverse and in forward mode.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import grad, jacobian, make_jvp

Function = Callable[[Any], Any]
INF, NAN = np.inf, np.nan


class Row(NamedTuple):
    """A function, a point, and the derivatives there; None where the second one is not fixed."""

    name: str
    fun: Function
    point: Any
    gradient: Any
    hessian: Any = 0.0


def _norm(order: Any, point: Any, gradient: Any = 0.0, hessian: Any = 0.0) -> Row:
    return Row(
        f"norm of order {order} at {np.ravel(point)}", lambda x: np.linalg.norm(x, order), point, gradient, hessian
    )


def _of_two(fun: Callable[[Any, Any], Any], point: Any, gradient: Any, hessian: Any = 0.0) -> Row:
    return Row(f"{fun.__name__} at {point}", lambda x: fun(x[0], x[1]), point, gradient, hessian)


def _power(n: Any, gradient: float, hessian: float) -> tuple[Row, Row]:
    return (
        Row(f"x**{n} at 0", lambda x: x**n, 0.0, gradient, hessian),
        Row(f"power of an array, {n}, at 0", lambda x: np.sum(np.power(x, np.full(1, float(n)))), [0.0], gradient,
            hessian),
    )  # fmt: skip


def _symmetric(function: Function) -> Function:
    return lambda x: function((x + x.T) / 2)


RANK_ONE = np.array([[1.0, 2.0], [2.0, 4.0]])
EYE = np.eye(2)
TWO_BY_TWO = np.zeros((2, 2, 2, 2))
TWO_BY_TWO[0, 0, 1, 1] = TWO_BY_TWO[1, 1, 0, 0] = 1
TWO_BY_TWO[0, 1, 1, 0] = TWO_BY_TWO[1, 0, 0, 1] = -1
SPREAD = (np.eye(3) - 1 / 3) * 2 / 3  # the second derivative of the variance of three numbers
PINV_OF_ONES = np.array([[3.0, -9.0], [-9.0, -48.0]]) / 625  # that of the sum of the pseudo-inverse of RANK_ONE

ROWS = (
    # Corners: 0
    *(Row(f"{fun.__name__} at 0", fun, 0.0, 0.0) for fun in (np.abs, np.fabs, np.sign)),
    Row("abs of a complex number at 0", lambda x: np.abs(x[0] + 1j * x[1]), [0.0, 0.0], 0.0),
    *(_norm(order, np.zeros(3)) for order in (None, 0, 1, 2, 3, 4, 1.5, 0.5, -1, INF, -INF)),
    *(_norm(order, np.zeros((2, 2))) for order in ("fro", 1, -1, 2, -2, INF, -INF, "nuc")),
    _norm(1, [0.0, 1.0, -2.0], [0, 1, -1]),
    _norm("nuc", RANK_ONE, RANK_ONE / 5, None),
    _of_two(np.hypot, [0.0, 0.0], 0.0),
    *(Row(f"{fun.__name__} of equal entries", fun, np.ones(3), 0.0) for fun in (np.std, np.nanstd)),
    *(Row(f"{fun.__name__} of equal entries", fun, np.ones(3), 0.0, SPREAD) for fun in (np.var, np.nanvar)),
    Row("std of one entry", np.std, [1.0], 0.0),
    # Ties: equal shares
    *(_of_two(fun, [2.0, 2.0], 0.5) for fun in (np.maximum, np.minimum, np.fmax, np.fmin)),
    Row("max", np.max, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    Row("min", np.min, [1.0, 1.0, 3.0], [0.5, 0.5, 0]),
    Row("ptp", np.ptp, [2.0, 2.0], 0.0),
    Row("clip", lambda x: np.clip(x, 0, 1), 1.0, 0.5),
    _norm(INF, [2.0, 1.0, -2.0], [0.5, 0, -0.5]),
    _norm(2, EYE, EYE / 2, None),
    Row("cond", np.linalg.cond, EYE, 0.0, None),
    Row("median", np.median, [4.0, 1.0, 3.0, 2.0], [0, 0, 0.5, 0.5]),
    Row("median of ties", np.median, [1.0, 1.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3, 0]),
    Row("quantile of ties", lambda x: np.quantile(x, 0.3), [1.0, 1.0, 1.0, 0.0], [0.3, 0.3, 0.3, 0.1]),
    # Ties: as NumPy orders them
    Row("sort", lambda x: np.sort(x)[0], [1.0, 1.0], [1, 0]),
    # Jumps: 0
    *(Row(f"{fun.__name__} at 2", fun, 2.0, 0.0) for fun in (np.floor, np.ceil, np.rint, np.trunc)),
    Row("remainder", lambda x: np.mod(x, 1.0), 2.0, 1.0),
    Row("counts", lambda x: 1.0 * np.histogram(x, [0.0, 1.0, 2.0])[0][0], [0.5, 1.0], 0.0),
    # Knots: the piece to the right
    Row("interp", lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 4.0]), 1.0, 3.0),
    Row("quantile with respect to q", lambda q: np.quantile([0.0, 1.0, 4.0], q), 0.5, 6.0),
    Row("quantile with respect to q at 1", lambda q: np.quantile([0.0, 1.0, 4.0], q), 1.0, 6.0),
    # Infinite
    Row("sqrt", np.sqrt, 0.0, INF, -INF),
    Row("log", np.log, 0.0, INF, -INF),
    Row("reciprocal", lambda x: 1 / x, 0.0, -INF, INF),
    Row("arcsin", np.arcsin, 1.0, INF, None),
    # Not a number
    _of_two(np.arctan2, [0.0, 0.0], NAN, None),
    Row("sqrt of a square", lambda x: np.sqrt(x**2), 0.0, NAN, NAN),
    Row("x log x", lambda x: x * np.log(x), 0.0, NAN, NAN),
    Row("negative base, with respect to the exponent", lambda x: (-2.0) ** x, 3.0, NAN, NAN),
    Row("eigenvectors of equal eigenvalues", _symmetric(lambda x: np.linalg.eigh(x)[1][0, 0]), EYE, NAN, None),
    # Exact, though the usual formula divides by zero
    Row("prod with a zero", np.prod, [0.0, 2.0, 3.0], [6, 0, 0], [[0, 3, 2], [3, 0, 0], [2, 0, 0]]),
    Row("prod with two zeros", np.prod, [0.0, 0.0, 3.0], 0.0, [[0, 3, 0], [3, 0, 0], [0, 0, 0]]),
    Row("cumprod", lambda x: np.sum(np.cumprod(x)), [2.0, 0.0, 3.0], [1, 8, 0], [[0, 4, 0], [4, 0, 2], [0, 2, 0]]),
    *_power(0, 0.0, 0.0),
    *_power(1, 1.0, 0.0),
    *_power(2, 0.0, 2.0),
    *_power(3, 0.0, 0.0),
    *_power(0.5, INF, -INF),
    *_power(1.5, 0.0, INF),
    *_power(-1, -INF, INF),
    Row("(-2)**3", lambda x: x**3, -2.0, 12.0, -12.0),
    Row("(-2)**-1", lambda x: x**-1, -2.0, -0.25, -0.25),
    Row("(-2)**3.0", lambda x: np.power(x, 3.0), -2.0, 12.0, -12.0),
    Row("0**x at 2", lambda x: 0.0**x, 2.0, 0.0),
    Row("0**x at 0", lambda x: 0.0**x, 0.0, 0.0),
    _of_two(np.power, [0.0, 0.0], 0.0),
    _of_two(np.power, [0.0, 2.0], 0.0, [[2, 0], [0, 0]]),
    Row("sinc", np.sinc, 0.0, 0.0, -np.pi**2 / 3),
    Row("i0", np.i0, 0.0, 0.0, 0.5),
    _of_two(np.logaddexp, [-INF, -INF], 0.5),
    _of_two(np.logaddexp2, [-INF, -INF], 0.5),
    _of_two(np.logaddexp, [-INF, 1.0], [0, 1]),
    Row("det of a singular matrix", np.linalg.det, RANK_ONE, [[4, -2], [-2, 1]], TWO_BY_TWO),
    Row("det of zeros", np.linalg.det, np.zeros((2, 2)), 0.0, TWO_BY_TWO),
    Row("sum of equal singular values", lambda x: np.sum(np.linalg.svd(x)[1]), EYE, EYE, None),
    Row("sum of squares of equal eigenvalues", lambda x: np.sum(np.linalg.eigvalsh(x) ** 2), EYE, 2 * EYE, None),
    Row("pinv of a singular matrix", lambda x: np.sum(np.linalg.pinv(x)), RANK_ONE, PINV_OF_ONES, None),
    Row("pinv of zeros", lambda x: np.sum(np.linalg.pinv(x)), np.zeros((2, 2)), 0.0),
    # NaN among the data
    Row("nansum", np.nansum, [1.0, NAN, 3.0], [1, 0, 1]),
    Row("nanmean", np.nanmean, [1.0, NAN, 3.0], [0.5, 0, 0.5]),
    Row("nanprod", np.nanprod, [1.0, NAN, 3.0], [3, 0, 1], [[0, 0, 1], [0, 0, 0], [1, 0, 0]]),
    Row("nanmax", np.nanmax, [1.0, NAN, 3.0], [0, 0, 1]),
    Row("nanmin", np.nanmin, [1.0, NAN, 3.0], [1, 0, 0]),
    Row("nanvar", np.nanvar, [1.0, NAN, 3.0], [-1, 0, 1], [[0.5, 0, -0.5], [0, 0, 0], [-0.5, 0, 0.5]]),
    Row("nanmedian", np.nanmedian, [1.0, NAN, 3.0], [0.5, 0, 0.5]),
    Row("nanquantile", lambda x: np.nanquantile(x, 0.25), [1.0, NAN, 3.0], [0.75, 0, 0.25]),
    Row("nan_to_num", lambda x: np.sum(np.nan_to_num(x)), [1.0, NAN, INF], [1, 0, 0]),
    _of_two(np.fmax, [1.0, NAN], [1, 0]),
)  # fmt: skip


def _forward(fun: Function, x: Any) -> Any:
    """Return the gradient, one directional derivative at a time."""
    directions = np.eye(np.size(x)).reshape((-1, *np.shape(x)))
    return np.reshape([make_jvp(fun)(x)(e)[1] for e in directions], np.shape(x))


def _curvatures(fun: Function, x: Any) -> Any:
    """Return the diagonal of the second derivative, forward over forward."""
    directions = np.eye(np.size(x)).reshape((-1, *np.shape(x)))
    return np.array([make_jvp(lambda x, e=e: make_jvp(fun)(x)(e)[1])(x)(e)[1] for e in directions])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_derivatives_are_as_documented(row: Row) -> None:
    x = np.array(row.point)
    gradient = np.broadcast_to(row.gradient, x.shape)
    assert np.allclose(grad(row.fun)(x), gradient, atol=1e-12, equal_nan=True)
    assert np.allclose(_forward(row.fun, x), gradient, atol=1e-12, equal_nan=True)
    if row.hessian is None:
        return
    hessian = np.broadcast_to(row.hessian, x.shape * 2)
    assert np.allclose(jacobian(grad(row.fun))(x), hessian, atol=1e-12, equal_nan=True)
    diagonal = np.diagonal(hessian.reshape(x.size, x.size))
    assert np.allclose(_curvatures(row.fun, x), diagonal, atol=1e-12, equal_nan=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    "branch",
    [np.sqrt, np.log, np.reciprocal, lambda x: np.arctan2(x, x), lambda x: x**0.5, lambda x: np.sin(x) / x],
)
def test_a_branch_that_is_not_taken_does_harm_in_reverse_mode_only(branch: Function) -> None:
    def chosen(x: Any) -> Any:
        return np.sum(np.where(x > 0, branch(x), 0))

    def safe(x: Any) -> Any:
        return np.sum(np.where(x > 0, branch(np.where(x > 0, x, 1)), 0))

    x = np.array([0.0, 4.0])
    slope = grad(lambda x: np.sum(branch(x)))(x[1:])[0]
    assert np.isnan(grad(chosen)(x)[0])
    assert np.allclose(_forward(chosen, x), [0, slope])
    assert np.allclose(grad(safe)(x), [0, slope])
    assert np.all(np.isfinite(jacobian(grad(safe))(x)))
