"""Branches on the type of a value go the same way, traced or not."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import autodiff_numpy as adnp
from autodiff import grad, hessian, make_jvp
from autodiff.extend import Box
from autodiff_numpy.box import ArrayBox


def kinds(x: Any) -> tuple[bool, ...]:
    return tuple(isinstance(x, kind) for kind in (np.ndarray, np.generic, np.float64, float, complex, int))


#: What a traced value is taken for: itself, or the number of Python that is like it.
VALUES = {
    "array": (np.ones(3), None),
    "array without axes": (np.ones(()), None),
    "complex array": (np.ones(2) + 1j, None),
    "number": (2.0, None),
    "complex number": (2j, None),
    "numpy's number": (np.float64(2.0), 2.0),
    "numpy's complex number": (np.complex128(2.0), 2j),
    "single": (np.float32(2.0), 2.0),
}


@pytest.mark.parametrize("name", VALUES)
def test_traced_values_are_what_they_hold(name: str) -> None:
    value, like = VALUES[name]
    seen: list[Any] = []

    def look(x: Any) -> Any:
        seen.append((kinds(x), isinstance(x, Box), type(x) is ArrayBox))
        return np.sum(np.real(x * x))

    grad(look)(value)
    make_jvp(look)(value)(value)
    hessian(look)(value) if not np.iscomplexobj(value) else None
    assert set(seen) == {(kinds(value if like is None else like), True, True)}


def test_a_branch() -> None:
    def square(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return np.sum(x**2)
        return x**2 if isinstance(x, float) else 0.0

    np.testing.assert_array_equal(grad(square)(np.ones(2)), [2.0, 2.0])
    assert grad(square)(3.0) == 6.0


def test_single_dispatch_and_patterns() -> None:
    @functools.singledispatch
    def size(x: Any) -> Any:
        raise TypeError

    @size.register
    def _(x: np.ndarray) -> Any:
        return np.sum(x * x)

    @size.register
    def _(x: float) -> Any:
        return 3.0 * x

    np.testing.assert_array_equal(grad(size)(np.ones(2)), [2.0, 2.0])
    assert grad(size)(1.0) == 3.0

    def matched(x: Any) -> Any:
        match x:
            case np.ndarray(shape=(n,)):
                return n * np.sum(x)
            case float():
                return 5.0 * x

    np.testing.assert_array_equal(grad(matched)(np.ones(2)), [2.0, 2.0])
    assert grad(matched)(1.0) == 5.0


def test_live_arrays() -> None:
    def fun(x: Any) -> Any:
        out = adnp.zeros(2)
        assert isinstance(out, np.ndarray)
        out[0] = x[0]
        assert isinstance(out, np.ndarray)
        y = np.sin(x)
        y[0] = 1.0
        assert isinstance(y, np.ndarray)
        return np.sum(out) + np.sum(y)

    np.testing.assert_allclose(grad(fun)(np.zeros(2)), [1.0, 1.0])


def test_c_code_still_asks() -> None:
    for convert in (float, np.asarray, memoryview, bytes, "{:.1f}".format, int):
        assert isinstance(grad(lambda x, c=convert: (_attempt(c, x), x)[1])(2.0), float)


def _attempt(convert: Any, x: Any) -> None:
    try:
        result = convert(x)
    except Exception:  # noqa: BLE001  # refused
        return
    assert isinstance(result, str) or result.dtype.hasobject
