"""Labelled arrays over traced ones: xarray takes what takes part in NumPy's protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray

from autodiff import grad
from autodiff_testing import check_grads

PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "arithmetic": lambda a: (2 * a + 1 - a / 3) ** 2,
    "functions": lambda a: np.tanh(a) * np.exp(a),
    "apply_ufunc": lambda a: xarray.apply_ufunc(np.sqrt, a),
    "named axes": lambda a: a.sum("a") * a.mean("b"),
    "spread": lambda a: a.std("a"),
    "product": lambda a: a.prod("b"),
    "largest": lambda a: a.max("a"),
    "choice": lambda a: a.isel(a=1) * a.isel(b=[0, 2]),
    "labels": lambda a: a.sel(b="y") * 2.0,
    "where": lambda a: a.where(a > 1, 0.3 * a),
    "clip": lambda a: a.clip(0.6, 1.2),
    "transposed": lambda a: a.T * a,
    "dot": lambda a: xarray.dot(a, a, dim="a"),
    "accumulation": lambda a: a.cumsum("a"),
    "differences": lambda a: a.diff("a"),
    "joined": lambda a: xarray.concat([a, a * a], "c"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_derivatives(name: str) -> None:
    def fun(x: Any) -> Any:
        labelled = xarray.DataArray(x, dims=("a", "b"), coords={"b": ["x", "y", "z"]})
        return PROGRAMS[name](labelled).data

    check_grads(fun)(np.random.default_rng(1).permutation(np.linspace(0.5, 1.5, 12)).reshape(4, 3))


def test_a_labelled_constant_beside_a_traced_array() -> None:
    weights = xarray.DataArray([1.0, 2.0, 3.0], dims="a")

    def fun(x: Any) -> Any:
        product = xarray.DataArray(x, dims="a") * weights
        return (product + weights * xarray.DataArray(x, dims="a")).sum().data

    np.testing.assert_array_equal(grad(fun)(np.ones(3)), [2.0, 4.0, 6.0])
