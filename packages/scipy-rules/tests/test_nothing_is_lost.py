"""Functions and classes of SciPy, with a traced value in each place: no derivative is lost without an error.

Few of them have rules. The others raise, or are Python code that works on traced values.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from made_up_calls import lost_in
from scipy import integrate, interpolate, optimize, sparse, spatial, stats

import autodiff_numpy as np
from autodiff import grad

#: What crashes by itself when it is given numbers.
LEFT_OUT = {"test", "squareform"}

X = numpy.array([0.4, 1.3, 0.7, 2.2])
T = numpy.linspace(0.0, 1.0, 4)
M = 3.0 * numpy.eye(4)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "module", ["fft", "integrate", "interpolate", "linalg", "optimize", "sparse", "spatial.distance", "special"]
)
def test_functions(module: str) -> None:
    assert lost_in(importlib.import_module(f"scipy.{module}"), LEFT_OUT) == []


#: What takes functions, or makes objects.
USES: dict[str, Callable[[Any], Any]] = {
    "quad": lambda x: integrate.quad(lambda t: t * x[0], 0, 1)[0],
    "quad, argument": lambda x: integrate.quad(lambda t, a: t * a, 0, 1, args=(x[0],))[0],
    "quad, limit": lambda x: integrate.quad(lambda t: t, 0, x[0])[0],
    "fixed_quad": lambda x: integrate.fixed_quad(lambda t: t * x[0], 0, 1)[0],
    "solve_ivp": lambda x: integrate.solve_ivp(lambda t, y: -y, (0, 1), x, rtol=1e-8).y[:, -1],
    "solve_ivp, rate": lambda x: integrate.solve_ivp(lambda t, y: -y * x[0], (0, 1), X).y[:, -1],
    "solve_ivp, LSODA": lambda x: integrate.solve_ivp(lambda t, y: -y * x[0], (0, 1), X, method="LSODA").y[:, -1],
    "odeint": lambda x: integrate.odeint(lambda y, t: -y * x[0], X, [0.0, 1.0]),
    "minimize": lambda x: optimize.minimize(lambda z: np.sum((z - x) ** 2), 0.0 * X).x,
    "minimize, argument": lambda x: optimize.minimize(lambda z, a: np.sum((z - a) ** 2), 0.0 * X, args=(x,)).x,
    "minimize_scalar": lambda x: optimize.minimize_scalar(lambda z: (z - x[0]) ** 2).x,
    "root": lambda x: optimize.root(lambda z: z - x, 0.0 * X).x,
    "brentq": lambda x: optimize.brentq(lambda z: z - x[0], -5.0, 5.0),
    "newton": lambda x: optimize.newton(lambda z: z**2 - x[0], 1.0, fprime=lambda z: 2.0 * z),
    "curve_fit": lambda x: optimize.curve_fit(lambda t, a, b: a * t + b, T, x)[0],
    "least_squares": lambda x: optimize.least_squares(lambda z: z - x, 0.0 * X).x,
    "interp1d": lambda x: interpolate.interp1d(T, x)(0.5),
    "interp1d, beyond": lambda x: interpolate.interp1d(T, X, fill_value=x[0], bounds_error=False)(9.0),
    "CubicSpline": lambda x: interpolate.CubicSpline(T, x)(0.5),
    "CubicSpline, where": lambda x: interpolate.CubicSpline(T, X)(x),
    "BSpline": lambda x: interpolate.BSpline(numpy.arange(6.0), x, 1)(2.5),
    "BSpline, where": lambda x: interpolate.BSpline(numpy.arange(6.0), X, 1)(x),
    "PPoly, integral": lambda x: interpolate.PPoly(X[:, None], [0.0, 1.0]).integrate(0, x[0]),
    "RegularGridInterpolator": lambda x: interpolate.RegularGridInterpolator((T,), x)([0.5]),
    "csr_array": lambda x: sparse.csr_array((x, numpy.arange(4), numpy.arange(5))).toarray(),
    "csr_array @ x": lambda x: sparse.csr_array(M) @ x,
    "x @ csr_array": lambda x: x @ sparse.csr_array(M),
    "csr_array * x": lambda x: sparse.csr_array(M) * x[0],
    "lil_array": lambda x: _with_entry(sparse.lil_array(M), x[0]).toarray(),
    "KDTree": lambda x: spatial.KDTree(numpy.eye(4)).query(x)[0],
    "Rotation": lambda x: spatial.transform.Rotation.from_quat(x).as_matrix(),
    "norm.pdf": stats.norm.pdf,
    "norm, frozen": lambda x: stats.norm(x[0], 1.0).mean(),
    "multivariate_normal": lambda x: stats.multivariate_normal.logpdf(X, x, M),
}


def _with_entry(matrix: Any, entry: Any) -> Any:
    matrix[0, 1] = entry
    return matrix


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("use", USES)
def test_uses(use: str) -> None:
    def total(x: Any) -> Any:
        return np.sum(np.array(USES[use](x)))

    try:
        gradient = grad(total)(X)
    except Exception:  # noqa: BLE001  # an error it may be
        return
    differences = [(total(X + step) - total(X - step)) / 2e-6 for step in 1e-6 * numpy.eye(4)]
    numpy.testing.assert_allclose(gradient, differences, rtol=1e-4, atol=1e-5)
