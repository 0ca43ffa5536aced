"""Arguments that few programs pass, which the walk beside other libraries and finite differences has turned up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff_numpy
from autodiff import grad, make_jvp
from autodiff.errors import UnsupportedArgumentError
from autodiff_testing import check_grads

ROW = np.array([0.35, 1.2, 0.8])
WIDE = np.array([[0.31, 0.92, 0.43], [0.77, 0.25, 0.88]])
BLOCK = np.arange(18.0).reshape(2, 3, 3) ** 1.5
COMPLEX = ROW * (1 + 0.1j)


def _nan_to_num_in_place(x: Any) -> Any:
    y = np.sin(x)
    return np.nan_to_num(y, False, -1.0)


RIGHT: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "trapezoid, points with more dimensions": (np.trapezoid, (ROW, WIDE)),
    "trapezoid, axis -1 of both": (lambda y, x: np.trapezoid(y, x, axis=-1), (BLOCK[0], BLOCK)),
    "trapezoid, a width for each interval": (lambda y, d: np.trapezoid(y, dx=d), (WIDE, np.array([0.5, 0.7]))),
    "trapezoid, a width for each column": (lambda y, d: np.trapezoid(y, dx=d, axis=0), (WIDE, ROW)),
    "bincount, booleans": (lambda w: np.bincount(np.array([True, True, False]), w), (ROW,)),
    "bincount, all the same": (lambda w: np.bincount(np.array([True, True, True]), w), (ROW,)),
    "select, conditions in an array": (lambda c, d: np.select(WIDE > 0.5, c, d), (WIDE, 0.5)),
    "select, choices in an array": (lambda c: np.select([WIDE[0] > 0.5, WIDE[0] > 0.3], c), (WIDE,)),
    "rot90, not by an integer": (lambda x: np.rot90(x, 0.65), (WIDE,)),
    "rot90, axes in a list": (lambda x: np.rot90(x, 3, [-1, 0]), (BLOCK,)),
    "polyint, not an integer": (lambda p: np.polyint(p, 1.2), (ROW,)),
    "polyder, not an integer": (lambda p: np.polyder(p, 1.2), (ROW,)),
    "clip, complex bounds": (lambda x, low: np.clip(x, low, 3), (COMPLEX, 0.6 + 0.2j)),
    "nan_to_num, by position": (_nan_to_num_in_place, (ROW,)),
}


@pytest.mark.filterwarnings("ignore:Passing a value for k:DeprecationWarning")  # NumPy 2.5
@pytest.mark.parametrize("name", RIGHT)
def test_derivative_is_right(name: str) -> None:
    fun, args = RIGHT[name]
    check_grads(fun)(*args)


@pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
def test_density_of_complex_numbers_uses_real_widths() -> None:
    def density(x: Any) -> Any:
        return np.sum(np.histogram(x, 3, density=True)[0] * ROW)

    step = np.array([0.2 + 1j, -0.4, 0.3])
    expected = (density(COMPLEX + 1e-6 * step) - density(COMPLEX - 1e-6 * step)) / 2e-6
    assert np.isclose(make_jvp(density)(COMPLEX)(step)[1], expected)


def _modf_into(x: Any) -> Any:
    out = x * 1.0
    return np.modf(x, out, None, where=WIDE > 0.5)[0]


REFUSED: dict[str, tuple[Callable[..., Any], Any]] = {
    "numpy.linalg.pinv": (lambda a: np.linalg.pinv(a, 1e-9, True), BLOCK),  # `hermitian` is not `rtol`
    "numpy.median": (np.median, COMPLEX),
    "numpy.nanmedian": (np.nanmedian, COMPLEX),
    "numpy.modf": (_modf_into, WIDE),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    fun, x = REFUSED[name]
    with pytest.raises(UnsupportedArgumentError, match=name):
        grad(lambda x: np.real(np.sum(fun(x))))(x)


def test_writing_to_a_view_of_one_entry_or_of_none() -> None:
    def into_none(x: Any) -> Any:
        a = autodiff_numpy.ones(1)
        nothing = a[1:]
        nothing[...] = x
        return a

    def adding_none(x: Any) -> Any:
        a = autodiff_numpy.ones((1, 1))
        a[1:] += x
        return a

    def into_one(x: Any) -> Any:
        a = autodiff_numpy.ones((1, 1))
        a.T[0] = 2 * x
        return a

    for fun, expected in ((into_none, [1.0]), (adding_none, [[1.0]]), (into_one, [[6.0]])):
        assert np.array_equal(make_jvp(fun)(3.0)(1.0)[0], expected)
        check_grads(fun)(3.0)
