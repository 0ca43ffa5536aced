"""What may stand beside a traced array: lists with traced values in them, numbers and arrays of subclasses."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import grad, make_jvp
from autodiff.errors import AutodiffError, UnsupportedArgumentError

X = np.array([0.3, 0.4])
M = np.array([[1.0, 2.0], [3.0, 5.0]])

# Lists with traced values

OPERATORS = (
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.matmul,
    lambda a, b: np.where(np.array(a < b), 1.0, 2.0), lambda a, b: np.where(np.array(a == b), 1.0, 2.0),
)  # fmt: skip
FUNCTIONS = (
    np.multiply, np.hypot, np.maximum, np.dot, np.inner, np.outer, np.kron, np.vdot, np.convolve,
    np.append, np.linalg.outer, np.multiply.outer,
    lambda a, b: np.where([True, False], a, b), lambda a, b: np.einsum("i,i", a, b), lambda a, b: np.clip(a, b, 3.0),
    lambda a, b: np.clip(b, None, a), lambda a, b: np.tensordot(a, b, 1), lambda a, b: np.correlate(a, b, "full"),
    lambda a, b: np.average(a, weights=b), lambda a, b: np.trapezoid(a, b), lambda a, b: np.diff(a, prepend=b),
    lambda a, b: np.linspace(a, b, 3), lambda a, b: np.broadcast_arrays(a, b)[1], lambda a, b: np.meshgrid(a, b)[1],
    lambda a, b: np.concatenate([a, b]), lambda a, b: np.select([[True, False], [False, True]], [a, b]),
    lambda a, b: np.insert(a, 0, b),
)  # fmt: skip


def loss(function: Callable[..., Any], x: Any, other: Any, *, swapped: bool) -> Any:
    """Combine `x` with another operand, in either order, to a number."""
    y = function(other, x) if swapped else function(x, other)
    return np.sum(np.sin(y) * np.cos(np.arange(np.size(y))).reshape(np.shape(y)))


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("function", OPERATORS + FUNCTIONS)
def test_lists_with_traced_values_are_arrays(function: Callable[..., Any], swapped: bool) -> None:
    def by_list(x: Any) -> Any:
        return loss(function, x, [x[0] * x[1], 2.0 + x[1]], swapped=swapped)

    def by_stack(x: Any) -> Any:
        return loss(function, x, np.stack([x[0] * x[1], 2.0 + x[1]]), swapped=swapped)

    np.testing.assert_allclose(grad(by_list)(X), grad(by_stack)(X))
    assert make_jvp(by_list)(X)(X) == pytest.approx(make_jvp(by_stack)(X)(X))
    twice = grad(lambda x: np.sum(grad(by_list)(x) * X))(X)
    np.testing.assert_allclose(twice, grad(lambda x: np.sum(grad(by_stack)(x) * X))(X), atol=1e-15)


def test_nested_lists_with_traced_values() -> None:
    found = grad(lambda x: np.sum(x * [[x[0], 2.0], (1.0, x[1] * x[0])]))(X)
    np.testing.assert_allclose(found, [2 * X[0] + 1 + X[1] ** 2, 2 + 2 * X[1] * X[0]])


def test_lists_of_values_of_different_traces() -> None:
    def inner(y: Any) -> Any:
        return grad(lambda x: np.sum(x * [x[0] * y, y]))(X)[0]  # d/dx0 of y x0² + y x1

    assert grad(inner)(2.0) == pytest.approx(2 * X[0])
    assert grad(lambda y: y * inner(y))(2.0) == pytest.approx(2 * 2 * X[0] * 2.0)


def test_a_list_that_does_not_fit_is_refused_as_numpy_does() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        grad(lambda x: np.sum(x * [x[0], 2.0, 3.0]))(X)


# Numbers and arrays of subclasses


class Temperature(float):
    """A number that does nothing special."""


class Phase(complex):
    """A complex number that does nothing special."""


class Count(enum.IntEnum):
    """An integer with a name."""

    TWO = 2


class Double(np.float64):
    """A number of NumPy's that does nothing special."""


class Tagged(np.ndarray):
    """An array that does nothing special."""

    __array_priority__ = 100


class Meters(float):
    """A number with an operator of its own."""

    def __rmul__(self, other: Any) -> Any:
        return "meters"


class Quantity(np.ndarray):
    """An array that deals with ufuncs by itself."""

    def __array_ufunc__(self, *args: Any, **kwargs: Any) -> Any:
        return "quantity"


class Entries(list):  # type: ignore[type-arg]
    """A list that does nothing special."""


class Pair(NamedTuple):
    """A tuple with names."""

    first: float
    second: float


PLAIN: tuple[tuple[Any, Any], ...] = (
    (Temperature(1.5), 1.5), (Count.TWO, 2), (Double(1.5), 1.5), (Phase(1j), 1j), (M[0].view(Tagged), M[0]),
    (M[0].view(np.recarray), M[0]), (Entries([1.0, 2.0]), M[0]), (Pair(1.0, 2.0), M[0]),
)  # fmt: skip


@pytest.mark.parametrize(("other", "base"), PLAIN, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("function", [operator.add, operator.mul, operator.pow, np.multiply, np.power, np.append])
def test_values_of_subclasses_count_as_their_base(function: Callable[..., Any], other: Any, base: Any) -> None:
    for swapped in (False, True):

        def real_loss(x: Any, value: Any, swapped: bool = swapped) -> Any:
            return np.real(loss(function, x, value, swapped=swapped))

        expected = grad(lambda x: real_loss(x, base))(X)
        np.testing.assert_array_equal(grad(lambda x: real_loss(x, other))(X), expected)
        slopes = [make_jvp(lambda x: real_loss(x, value))(X)(X) for value in (other, base)]  # noqa: B023
        assert slopes[0] == slopes[1]


def test_memory_maps_count_as_arrays(tmp_path: Any) -> None:
    mapped = np.memmap(tmp_path / "entries", float, "w+", shape=2)
    mapped[:] = M[0]
    np.testing.assert_array_equal(grad(lambda x: np.dot(x, mapped) + np.sum(x * mapped))(X), 2 * M[0])


def test_subclasses_with_operators_of_their_own_get_their_chance() -> None:
    kept: list[Any] = []
    grad(lambda x: (kept.extend([x * Meters(2.0), x * M[0].view(Quantity)]), x[0])[1])(X)
    assert kept == ["meters", "quantity"]
    with pytest.raises(TypeError, match=r"Meters"):
        grad(lambda x: np.sum(x + Meters(2.0)))(X)
    with pytest.raises(UnsupportedArgumentError, match=r"numpy\.append .*Quantity"):
        grad(lambda x: np.sum(np.append(x, M[0].view(Quantity))))(X)


MASKED = np.ma.MaskedArray([1.0, 2.0], [False, True])
MATRIX = M.view(np.matrix)


@pytest.mark.parametrize("other", [MASKED, np.ma.masked], ids=["array", "constant"])
@pytest.mark.parametrize("function", [*OPERATORS[:6], operator.matmul, np.multiply, np.where, np.append, np.dot])
def test_masked_arrays_are_refused(function: Callable[..., Any], other: Any) -> None:
    for swapped in (False, True):
        with pytest.raises(UnsupportedArgumentError, match=r"numpy\.ma.*`a\.filled"):
            grad(lambda x: np.sum(function(*((other, x, x) if swapped else (x, other, other))[: _count(function)])))(X)  # noqa: B023


def _count(function: Any) -> int:
    return 3 if function is np.where else 2


@pytest.mark.parametrize("function", [operator.add, operator.matmul, np.multiply, np.dot, np.append])
def test_matrices_are_refused(function: Callable[..., Any]) -> None:
    for swapped in (False, True):
        with pytest.raises(UnsupportedArgumentError, match=r"numpy\.(add|matmul|multiply|dot|append) .*numpy\.matrix"):
            grad(lambda x: loss(function, x, MATRIX, swapped=swapped))(X)  # noqa: B023


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_products_with_matrices_are_refused() -> None:
    for function in (lambda x: x * MATRIX, lambda x: MATRIX * x, lambda x: x**MATRIX):
        with pytest.raises((AutodiffError, TypeError), match=r"matrix|\.view\(\)"):
            grad(lambda x: np.sum(function(x)))(X)  # noqa: B023


def test_functions_of_masked_arrays_are_refused() -> None:
    for function in (np.ma.sqrt, np.ma.getdata, lambda x: np.ma.multiply(2.0, x)):
        with pytest.raises(UnsupportedArgumentError, match=r"numpy\.ma"):
            grad(lambda x: np.sum(function(x)))(X)  # noqa: B023
