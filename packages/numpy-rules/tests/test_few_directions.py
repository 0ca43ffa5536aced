"""Stacks of tangents as a few terms: what arithmetic with them gives is what it gives with the dense stacks."""

from __future__ import annotations

import operator
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import hessian, jacobian, jet, value_and_hessian, vmap
from autodiff_numpy import batching
from autodiff_numpy.few_directions import FewDirections, unit_directions

SHAPE = (5, 3)


def two_terms(shape: tuple[int, ...] = SHAPE) -> FewDirections:
    """Return a stack of which every entry moves along two directions."""
    rng = numpy.random.default_rng(0)
    one = unit_directions(shape, numpy.dtype(float), 0, 15)
    terms = [(rng.standard_normal(shape), one.terms[0][1]), (rng.standard_normal(shape), one.terms[0][1][::-1])]
    return FewDirections(15, terms, {})


def test_the_basis() -> None:
    assert numpy.array_equal(unit_directions((2, 3), numpy.dtype(float), 0, 6).dense().reshape(6, 6), numpy.eye(6))
    part = unit_directions((2, 3), numpy.dtype(float), 1, 4).dense()
    assert numpy.array_equal(part.reshape(3, 6), numpy.eye(6)[1:4])


@pytest.mark.parametrize(
    "other",
    [2.5, 2, 1j, numpy.float64(0.5), numpy.float32(0.5), numpy.arange(1.0, 16.0).reshape(SHAPE), numpy.arange(1.0, 4.0),
     numpy.ones((4, 15, 5, 3)), numpy.array(3.0)],
    ids=["float", "int", "complex", "float64", "float32", "entries", "broadcast", "larger", "no axes"],
)  # fmt: skip
@pytest.mark.parametrize("operation", [operator.mul, operator.truediv, operator.add, operator.sub])
def test_arithmetic(operation: Callable[[Any, Any], Any], other: Any) -> None:
    stack = two_terms()
    pairs = [(operation(stack, other), operation(stack.dense(), other))]
    if operation is not operator.truediv:  # which is not linear in what it divides by
        pairs.append((operation(other, stack), operation(other, stack.dense())))
    for found, expected in pairs:
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        numpy.testing.assert_allclose(numpy.asarray(found), expected)


def test_sums_merge_terms_of_the_same_directions() -> None:
    stack = two_terms()
    assert len((stack + stack * 2.0).terms) == 2
    numpy.testing.assert_allclose((stack + stack * 2.0).dense(), 3 * stack.dense())
    others = [two_terms() for _ in range(5)]  # with directions of their own
    total: Any = stack
    for other in others:
        total = total + other
    numpy.testing.assert_allclose(total, 6 * stack.dense())
    assert isinstance(total, numpy.ndarray)  # too many terms


def test_other_functions_get_the_dense_stack() -> None:
    stack = two_terms()
    mask = numpy.arange(3) > 0
    numpy.testing.assert_allclose(numpy.where(mask, stack, 0.0), numpy.where(mask, stack.dense(), 0.0))
    numpy.testing.assert_allclose(numpy.exp(stack), numpy.exp(stack.dense()))
    numpy.testing.assert_allclose(numpy.stack([stack, stack]), numpy.stack([stack.dense()] * 2))
    numpy.testing.assert_allclose(numpy.ones((2, 5)) @ stack.T, numpy.ones((2, 5)) @ stack.dense().T)
    numpy.testing.assert_allclose(stack.real, stack.dense())
    assert hasattr(stack, "conj")
    assert not hasattr(stack, "no_such_thing")


@pytest.mark.parametrize("index", [1, -1, slice(1, None), slice(None, None, -2), (slice(1, 3), 0), (..., 1), (2, 1)])
def test_entries(index: Any) -> None:
    stack = two_terms()
    parts = index if type(index) is tuple else (index,)
    numpy.testing.assert_array_equal(stack.entries(index).dense(), stack.dense()[:, *parts])
    assert stack.entries(index).terms[0][1] is stack.entries(index).terms[0][1]  # found again


def test_scattered_and_total() -> None:
    stack = two_terms()
    expected = numpy.zeros((15, 10, 3))
    expected[:, 1::2] = stack.dense()
    numpy.testing.assert_array_equal(stack.scattered((10, 3), slice(1, None, 2)).dense(), expected)
    numpy.testing.assert_allclose(stack.total(), stack.dense().sum((1, 2)))
    numpy.testing.assert_allclose((stack * 1j).total(), 1j * stack.dense().sum((1, 2)))


def chain(x: Any) -> Any:
    inner = x[1:-1] * (x[2:] - x[:-2]) / (1 + x[1:-1] ** 2)
    return np.tanh(inner)[::-1] + np.where(inner > 0, inner, np.sin(inner))


def energy(x: Any) -> Any:
    return np.sum(chain(x) ** 2) + np.sum(x[0] * x) + np.sum(np.cumsum(x)[::3] ** 3)


@pytest.mark.parametrize("chunk_size", [None, 4, 7])
def test_programs(monkeypatch: pytest.MonkeyPatch, chunk_size: int | None) -> None:
    x = numpy.random.default_rng(1).standard_normal(12)
    expected = jacobian(chain, mode="reverse", chunk_size=1)(x), hessian(energy, chunk_size=1)(x)
    monkeypatch.setattr(batching, "FEWEST", 1)
    numpy.testing.assert_allclose(jacobian(chain, mode="forward", chunk_size=chunk_size)(x), expected[0], atol=1e-14)
    numpy.testing.assert_allclose(hessian(energy, chunk_size=chunk_size)(x), expected[1], rtol=1e-12, atol=1e-12)
    stacked = vmap(hessian(energy, chunk_size=chunk_size))(numpy.stack([x, 2 * x]))
    numpy.testing.assert_allclose(stacked[0], expected[1], rtol=1e-12, atol=1e-12)


def test_in_other_transforms(monkeypatch: pytest.MonkeyPatch) -> None:
    x = numpy.random.default_rng(1).standard_normal(6)

    def size_of_hessian(x: Any) -> Any:
        return np.sum(hessian(energy)(x) ** 2)

    expected = jacobian(size_of_hessian, mode="reverse", chunk_size=1)(x), jet(size_of_hessian, (x,), ([x],))[1]
    monkeypatch.setattr(batching, "FEWEST", 1)
    numpy.testing.assert_allclose(jacobian(size_of_hessian)(x), expected[0], rtol=1e-10)
    numpy.testing.assert_allclose(jacobian(size_of_hessian, mode="forward")(x), expected[0], rtol=1e-10)
    numpy.testing.assert_allclose(jet(size_of_hessian, (x,), ([x],))[1], expected[1], rtol=1e-10)


def test_complex_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    z = numpy.exp(1j * numpy.arange(6.0))
    function = lambda z: z[1:] * np.exp(z[:-1])
    expected = jacobian(function, mode="reverse", chunk_size=1)(z)
    monkeypatch.setattr(batching, "FEWEST", 1)
    numpy.testing.assert_allclose(jacobian(function, mode="forward")(z), expected)


def test_large_hessians_are_banded_inside() -> None:
    """A single dense stack beside the result would take as much memory again."""
    n = 1500
    x = numpy.linspace(-1, 1, n)
    rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    value_and_hessian(rosenbrock)(x[:100])
    tracemalloc.start()
    _, matrix = value_and_hessian(rosenbrock)(x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5 * matrix.nbytes
    assert numpy.count_nonzero(matrix) <= 3 * n
