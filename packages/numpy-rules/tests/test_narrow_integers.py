"""Constants of narrow and unsigned integer types: the arithmetic of a rule must not wrap around; and 0-d values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import grad


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_interp(dtype: Any) -> None:
    assert grad(lambda x: np.interp(x, [0, 1, 2], np.array([1, 0, 2], dtype)))(0.5) == -1.0
    assert grad(lambda x: np.interp(x, np.array([0, 1, 2], dtype), [1.0, 0.0, 2.0]))(1.5) == 2.0


@pytest.mark.parametrize("spacing", [np.uint8(200), np.array(200, np.int16), 200])
def test_gradient_spacing(spacing: Any) -> None:
    found = grad(lambda v: np.gradient(v, spacing)[1])(np.ones(4))
    np.testing.assert_allclose(found, [-1 / 400, 0, 1 / 400, 0])


def test_gradient_coordinates() -> None:
    coordinates = np.array([3, 2, 1], np.uint64)
    found = grad(lambda f: np.sum(np.gradient(f, coordinates) * np.array([1.0, 2.0, 3.0])))(np.ones(3))
    np.testing.assert_allclose(found, [2.0, 2.0, -4.0])


@pytest.mark.parametrize("shift", [np.int8(-128), np.array(-128, np.int8), (np.int8(-128),)])
def test_roll(shift: Any) -> None:
    # -128 has no negative among the integers of this type. (NumPy 2.0 itself fails for unsigned ones.)
    np.testing.assert_array_equal(grad(lambda x: np.roll(x, shift, 0)[0])(np.zeros(3)), [0, 0, 1])


@pytest.mark.parametrize("offset", [np.int8(1), np.uint8(1), 1])
def test_diagonals(offset: Any) -> None:
    square = np.ones((20, 20))
    np.testing.assert_array_equal(grad(lambda x: np.trace(x, offset))(square), np.eye(20, k=1))
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.diagonal(x, offset)))(square), np.eye(20, k=1))


def test_sums_of_cotangents_of_a_number_are_not_written_into() -> None:
    assert grad(lambda x: x[()] * 2.0 + x * x + x * 3.0)(np.array(1.5)) == 8.0
    assert grad(lambda x: np.sum(x[None] * 2.0) + x * x + x * 3.0)(np.float64(1.5)) == 8.0


def test_variance_of_a_number() -> None:
    assert grad(lambda x: np.var(x * x))(2.0) == 0.0
