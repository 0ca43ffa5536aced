"""Under `vmap`: operands with more axes than an example, or without any, and values from closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import checkpoint, grad, jacobian, vmap
from autodiff.errors import EscapedBoxError
from autodiff.extend import defvjp, primitive

X = numpy.linspace(-1.0, 2.0, 6).reshape(2, 3)
MATRIX = numpy.linspace(-2.0, 1.0, 6).reshape(2, 3)  # with as many rows as there are examples


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: np.where(np.isclose(x, MATRIX, 0.5, 0.3), x, 2 * x),
        lambda x: np.where(np.isclose(MATRIX, x, atol=0.3), x, 2 * x),
        lambda x: np.isclose(x, MATRIX),
        lambda x: np.nan_to_num(np.where(x > 0, x, np.nan), nan=MATRIX[0]),
        lambda x: np.dot(x, 2.0),
        lambda x: np.inner(x, 2),
        lambda x: np.quantile(x, 0.3, axis=()),
        lambda x: np.quantile(x[0], 0.3),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_operands_of_other_axes(fun: Callable[[Any], Any], dtype: str) -> None:
    x = X.astype(dtype)
    found, expected = vmap(fun)(x), np.stack([fun(row) for row in x])
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    if found.dtype.kind == "f":
        slopes = vmap(jacobian(fun))(x)
        np.testing.assert_array_equal(slopes, np.stack([jacobian(fun)(row) for row in x]))
        np.testing.assert_array_equal(
            grad(lambda x: np.sum(vmap(fun)(x)))(x), [grad(lambda x: np.sum(fun(x)))(row) for row in x]
        )


def test_a_value_that_has_too_many_axes_is_not_taken_for_one_of_each_example() -> None:
    def assigned(x: Any) -> Any:
        y = np.exp(x)
        y[:] = MATRIX
        return y

    for fun in (vmap(jacobian(assigned)), jacobian(vmap(assigned))):
        with pytest.raises(ValueError, match="broadcast"):
            fun(X)


def test_a_checkpoint_uses_a_value_of_the_batch_from_its_closure() -> None:
    def fun(x: Any) -> Any:
        return np.sum(checkpoint(lambda y: np.sum(y * x))(x * 2))

    np.testing.assert_allclose(vmap(fun)(X), np.sum(2 * X**2, axis=1))
    np.testing.assert_allclose(vmap(grad(fun))(X), 4 * X)
    np.testing.assert_allclose(vmap(grad(lambda y, x: checkpoint(lambda z: np.sum(z * z * x))(y)))(X, X), 2 * X**2)
    np.testing.assert_allclose(
        grad(lambda a: np.sum(vmap(lambda x: checkpoint(lambda y: a * x * y)(x))(X)))(2.0), np.sum(X**2)
    )


def test_a_primitive_cannot_use_a_value_of_the_batch_from_its_closure() -> None:
    def fun(x: Any) -> Any:
        scaled = primitive(lambda y: y * x)
        defvjp(scaled, lambda ans, y: lambda g: g * x)
        return scaled(x)

    with pytest.raises(EscapedBoxError, match="Pass every traced value as an argument"):
        vmap(fun)(X)
