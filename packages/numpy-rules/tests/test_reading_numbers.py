"""Loops over the entries of an array: all numbers that are read out of one array share an entry of the tape."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from autodiff import deriv, elementwise_grad, grad, hessian, jacobian, make_jvp, make_vjp
from autodiff.errors import EscapedBoxError

X = np.linspace(0.5, 2.0, 30)
M = np.linspace(-1.0, 2.0, 30).reshape(5, 6)


def neighbours(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total = total + x[i] * x[i + 1]
    return total


def from_the_end(x: Any) -> Any:
    return sum((i + 1) * x[-i] ** 2 for i in range(30))


def one_entry_often(x: Any) -> Any:
    product = 1.0
    for _ in range(40):
        product = product * x[3]
    return product + x[4]


def with_slices_between(x: Any) -> Any:
    total = np.sum(x[2:5] ** 2)
    for i in range(20):
        total = total + x[i] * np.sum(x[i:]) + x[np.int64(i)]
    return total


def of_a_matrix(m: Any) -> Any:
    return sum(m[i, j] * m[j, np.uint8(i)] for i in range(5) for j in range(5)) + m[(np.int8(-1), 2)] ** 2


def of_what_was_computed(x: Any) -> Any:
    y = np.sin(x) * x
    return sum(y[i] * x[(i,)] for i in range(30)) + y[0]


def some_unused(x: Any) -> Any:
    read = [x[i] for i in range(30)]
    return read[3] * read[7]


def without_axes(x: Any) -> Any:
    y = np.reshape(x[:1], ())
    return sum(y[()] ** k for k in range(20))


PROGRAMS = [
    (neighbours, X),
    (from_the_end, X),
    (one_entry_often, X),
    (with_slices_between, X),
    (of_a_matrix, M),
    (of_what_was_computed, X),
    (some_unused, X),
    (without_axes, X),
]


@pytest.mark.parametrize(("program", "x"), PROGRAMS, ids=lambda value: getattr(value, "__name__", ""))
def test_gradients_of_loops_over_entries(program: Callable[[Any], Any], x: Any) -> None:
    direction = np.cos(np.arange(x.size)).reshape(x.shape)
    gradient = grad(program)(x)
    value, slope = make_jvp(program)(x)(direction)
    assert value == pytest.approx(program(x))
    np.testing.assert_allclose(np.sum(gradient * direction), slope, rtol=1e-12)
    curvature = make_jvp(grad(program))(x)(direction)[1]
    twice = grad(lambda x: np.sum(grad(program)(x) * direction))(x)
    np.testing.assert_allclose(twice, curvature, rtol=1e-11, atol=1e-12)


def test_hessian_of_a_loop() -> None:
    expected = np.eye(30, k=1) + np.eye(30, k=-1)
    np.testing.assert_array_equal(hessian(neighbours)(X), expected)


@pytest.mark.parametrize("kind", [np.float32, np.complex128])
def test_types_are_kept(kind: Any) -> None:
    x = X.astype(kind)
    gradient = grad(lambda x: np.real(neighbours(x)))(x)
    assert gradient.dtype == kind
    np.testing.assert_allclose(gradient, np.r_[0, x[:-1]] + np.r_[x[1:], 0], rtol=1e-6)


def test_a_pullback_of_reads_may_be_called_again() -> None:
    vjp, _ = make_vjp(neighbours)(X)
    np.testing.assert_array_equal(vjp(2.0), 2 * vjp(1.0))
    np.testing.assert_array_equal(jacobian(lambda x: np.stack([x[i] for i in range(30)]))(X), np.eye(30))


def test_gradients_of_reads_share_no_memory() -> None:
    first, second = grad(lambda a, b: neighbours(a) + neighbours(b), (0, 1))(X, X)
    np.testing.assert_array_equal(first, second)
    assert not np.shares_memory(first, second)


def test_threads_may_read_the_same_array() -> None:
    def loss(x: Any) -> Any:
        with ThreadPoolExecutor(8) as pool:
            return sum(pool.map(lambda i: x[i % 30] * x[(7 * i) % 30], range(400)))

    gradient = grad(loss)(X)
    expected = grad(lambda x: sum(x[i % 30] * x[(7 * i) % 30] for i in range(400)))(X)
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)


def test_derivatives_of_a_number_inside_of_a_loop() -> None:
    def inner(t: Any) -> Any:
        return grad(lambda x: sum(x[i] ** 3 * t for i in range(30)))(X)

    np.testing.assert_allclose(deriv(inner)(2.0), 3 * X**2)
    np.testing.assert_allclose(elementwise_grad(lambda x: np.stack([x[i] ** 2 for i in range(30)]))(X), 2 * X)


def test_reading_an_escaped_array_is_refused() -> None:
    kept = []

    def loss(x: Any) -> Any:
        kept.append(x)
        return x[0] * x[1]

    grad(loss)(X)
    with pytest.raises(EscapedBoxError):
        kept[0][0]
