"""Shapes, indexing, joining, sorting, methods: values at conventions, refusals, what finite differences cannot see."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import autodiff_numpy
from autodiff import deriv, grad, hessian, hessian_vector_product, jacobian, jet, make_jvp, make_vjp
from autodiff.errors import IntegerInputError, LostDerivativeError, StructureError, UnsupportedArgumentError
from autodiff_numpy.scatter import add_at, picks_once

X = np.array([[0.5, -1.5, 2.5, 3.0], [1.0, 4.0, -2.0, 0.25], [7.0, -6.0, 5.5, 8.0]])


def traced(function: Callable[[Any], Any], x: Any = X) -> Any:
    """Apply `function` to a traced value, in both modes, and return its value."""
    make_jvp(lambda t: _nothing(function(t)))(x)(x)
    value, _ = _differentiated(function, x)
    return value


def _nothing(value: Any) -> float:
    return 0.0


def _differentiated(function: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    found = []

    def call(t: Any) -> float:
        found.append(function(t))
        return 0.0

    return found, make_vjp(call)(x)


# Adding at an index

INDICES = (
    0, slice(None, None, 2), (1, slice(None)), ..., None, (slice(None), None, [0, 1]),
    X[:, 0] > 0.7, X > 1, (X[:, 0] > 0.7, 1), (X[:, 0] > 0.7, [0, 0]),
    [0, 2, 0], [1], [], np.array([[0, -1], [2, 2]]), (np.array([0, 0, 2]), np.array([1, 1, -1])), ([0, 0], 1),
    (slice(None), [3, 3, 0]), (..., [3, 3]), (np.array([[0], [0]]), [1, 1]), (np.array([0, 2], np.uint8),),
    (np.int64(1), [0, 0, 2]), True, False, (True, [0, 0]), ([0, 0], None, [1, 1]), ([0, 0], slice(None), None),
)  # fmt: skip


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 5), (3, 4, 100)])
@pytest.mark.parametrize("index", INDICES, ids=repr)
def test_add_at_is_numpys(index: Any, shape: tuple[int, ...], order: Any) -> None:
    rng = np.random.default_rng(0)
    buffer = np.asarray(rng.normal(size=shape), order=order)
    if isinstance(index, np.ndarray) and index.shape == X.shape:
        index = index.copy()
    g = rng.normal(size=buffer[index].shape)
    expected = buffer.copy()
    np.add.at(expected, index, g)
    add_at(buffer, g, index)
    np.testing.assert_allclose(buffer, expected, rtol=1e-14)


def test_only_integer_arrays_repeat() -> None:
    assert picks_once((slice(None), 1, None, ..., np.int32(2), [True, False], [3], []))
    assert not picks_once([0, 0])
    assert not picks_once((X[:, 0] > 0, [0, 0]))


def test_all_uses_of_an_array_add_up() -> None:
    def f(x: Any) -> Any:
        return x[0, 0] * x[1].sum() + np.sum(x[[0, 0]] * x[X > 2][:4]) + x.T[0, 0] + np.take(x, 0)

    expected = np.zeros_like(X)
    expected[0, 0] += X[1].sum() + 2
    expected[1] += X[0, 0]
    picked = X[X > 2][:4]
    expected[0] += 2 * picked
    rows, columns = np.nonzero(X > 2)
    np.add.at(expected, (rows[:4], columns[:4]), 2 * X[0])
    np.testing.assert_allclose(grad(f)(X), expected)


def test_second_derivative_of_indexing_with_repeats() -> None:
    found = hessian(lambda x: np.sum(x[[0, 0, 2]] ** 3))(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_allclose(found, np.diag([12.0, 0.0, 18.0]))


def test_indexing_a_scalar() -> None:
    for scalar in (np.array(2.0), np.float64(2.0)):
        assert grad(lambda x: np.sum(x[None] ** 2) + x[()] ** 2)(scalar) == 8.0


def test_gradient_of_a_view_does_not_alias() -> None:
    g = np.ones(12)
    vjp, _ = make_vjp(lambda x: x.reshape(-1))(X)
    gradient = vjp(g)
    gradient[0, 0] = 5.0
    assert g[0] == 1.0


# Sorting


def test_equal_entries_keep_their_order_in_sort() -> None:
    x = np.array([2.0, 1.0, 2.0, 1.0])
    weights = np.array([1.0, 10.0, 100.0, 1000.0])
    for sort in (np.sort, lambda x: np.partition(x, (0, 1, 2, 3))):
        np.testing.assert_array_equal(grad(lambda x, sort=sort: sort(x) @ weights)(x), [100.0, 1.0, 1000.0, 10.0])


def test_partition_pulls_to_where_the_values_were() -> None:
    x = np.random.default_rng(1).normal(size=100)
    weights = np.random.default_rng(2).normal(size=100)
    y = np.partition(x, 50)
    gradient = grad(lambda x: np.sum(np.partition(x, 50) * weights))(x)
    np.testing.assert_array_equal(gradient, [weights[np.flatnonzero(y == entry)[0]] for entry in x])


# Methods

SAME = (
    lambda x: x.reshape(2, 6), lambda x: x.reshape((2, 6)), lambda x: x.reshape(-1, order="F"), lambda x: x.ravel(),
    lambda x: x.flatten(), lambda x: x.flatten("F"), lambda x: x.T, lambda x: x.mT, lambda x: x.transpose(1, 0),
    lambda x: x.transpose((1, 0)), lambda x: x.swapaxes(0, 1), lambda x: x[:, None].squeeze(1),
    lambda x: x.repeat(2, axis=1),
    lambda x: x.take([0, 2], axis=1), lambda x: x.diagonal(1), lambda x: x.sum(),
    lambda x: x.sum(axis=0, keepdims=True),
    lambda x: x.prod(1), lambda x: x.mean(axis=1), lambda x: x.var(ddof=1), lambda x: x.std(0), lambda x: x.min(),
    lambda x: x.max(axis=-1), lambda x: x.cumsum(1), lambda x: x.clip(-1, 2), lambda x: x.clip(min=0.0),
    lambda x: x.clip(max=0.0), lambda x: x.dot(x[0]), lambda x: x.conj(), lambda x: x.conjugate(), lambda x: x.real,
    lambda x: x.imag, lambda x: x.compress([True, False, True], axis=0), lambda x: x.astype(np.float32),
    lambda x: x.astype(complex), lambda x: x.copy(), lambda x: copy.copy(x), lambda x: copy.deepcopy(x),
)  # fmt: skip


@pytest.mark.parametrize("method", SAME)
def test_methods_have_the_values_of_numpys(method: Callable[[Any], Any]) -> None:
    (found,) = traced(method)
    expected = method(X)
    assert type(found.value) is type(expected)
    np.testing.assert_array_equal(found.value, expected)
    assert found.dtype == expected.dtype
    assert (found.shape, found.ndim, found.size) == (expected.shape, expected.ndim, expected.size)


CONSTANT = (
    lambda x: x.argmax(), lambda x: x.argmin(axis=0), lambda x: x.argsort(axis=0), lambda x: x.all(),
    lambda x: x.any(axis=1),
    lambda x: x.nonzero(),
    lambda x: x[0, 2].searchsorted([1.0, 3.0]) if x.ndim == 0 else x.ravel()[:1].searchsorted([1.0, 3.0]),
    lambda x: x.astype(int), lambda x: x.astype(bool), lambda x: x.shape, lambda x: x.itemsize, lambda x: x.nbytes,
    lambda x: x.round(), lambda x: len(x),
)  # fmt: skip


@pytest.mark.parametrize("method", CONSTANT)
def test_what_has_no_derivative_is_a_plain_value(method: Callable[[Any], Any]) -> None:
    (found,) = traced(method)
    expected = method(X)
    assert type(found) is type(expected)
    np.testing.assert_array_equal(found, expected)


REFUSED = (
    lambda x: x.item(), lambda x: x[0, 0].item(), lambda x: x.tolist(), lambda x: x.tobytes(),
    lambda x: x.view(np.int64),
    lambda x: x.data, lambda x: x.flat, lambda x: x.ctypes, lambda x: x.base, lambda x: x.sort(),
    lambda x: x.partition(1),
    lambda x: x.fill(0.0), lambda x: x.put(0, 1.0), lambda x: x.resize((2, 2)), lambda x: x.byteswap(),
    lambda x: x.dumps(), lambda x: np.take(x, [0], 0, np.empty((1, 4))),
    lambda x: x.astype(str), lambda x: x.astype(object), lambda x: pickle.dumps(x), lambda x: np.astype(x, int),
    lambda x: autodiff_numpy.full_like([1, 2], x[0, 0]),
)  # fmt: skip


@pytest.mark.parametrize("method", REFUSED)
def test_what_would_lose_the_derivative_is_refused(method: Callable[[Any], Any]) -> None:
    with pytest.raises(LostDerivativeError):
        make_vjp(method)(X)
    with pytest.raises(LostDerivativeError):
        make_jvp(method)(X)(X)


def test_no_entries_are_taken_by_their_place_in_memory() -> None:
    def every_other(x: Any) -> Any:
        part = (x * 1.0).reshape(-1)[::2]
        return np.sum(as_strided(part, (2,), part.strides))

    with pytest.raises(UnsupportedArgumentError, match="sliding_window_view"):
        make_vjp(every_other)(X)


def test_no_iterator_over_a_number() -> None:
    found = []
    traced(lambda x: found.append((np.iterable(x), np.iterable(x[0, 0]), np.iterable(np.sum(x)))))
    assert set(found) == {(True, False, False)}


def test_refusals_name_the_alternative() -> None:
    with pytest.raises(LostDerivativeError, match=r"numpy\.resize"):
        make_vjp(lambda x: x.resize(3))(X)


UNSUPPORTED = (
    lambda x: np.reshape(x, -1, order="A"), lambda x: x.reshape(4, 3, order="A"), lambda x: np.ravel(x, order="K"),
    lambda x: x.ravel("A"), lambda x: np.trace(x, dtype=np.float32),
    lambda x: np.concatenate([x, x], dtype=np.float32), lambda x: np.pad(x, 1, "mean"),
    lambda x: np.pad(x, 1, "linear_ramp"),
    lambda x: np.pad(x, 1, "reflect", reflect_type="odd"), lambda x: np.pad(x, 1, "maximum", stat_length=2),
    lambda x: np.pad(x, 1, constant_values=x[0, 0]), lambda x: np.linspace(x[0], x[1], 4, dtype=int),
    lambda x: np.linspace(x[0], x[1], 3, retstep=True), lambda x: np.logspace(0.0, 1.0, 4, base=x[0, 0]),
    lambda x: np.broadcast_arrays(x, subok=True), lambda x: np.broadcast_to(x, (2, 3, 4), subok=True),
)  # fmt: skip


@pytest.mark.parametrize("function", UNSUPPORTED)
def test_arguments_that_a_rule_does_not_know_are_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(UnsupportedArgumentError):
        make_vjp(function)(X)
    with pytest.raises(UnsupportedArgumentError):
        make_jvp(function)(X)(X)


def test_casting_is_checked() -> None:
    with pytest.raises(TypeError, match="Cannot cast"):
        make_vjp(lambda x: x.astype(np.float32, casting="safe"))(X)


# Making arrays


def test_array_is_numpys_for_plain_values() -> None:
    for value in (1.0, [1, 2], [[1.0], [2.0]], X, "text", [X, X]):
        found, expected = autodiff_numpy.array(value), np.array(value)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)
    assert autodiff_numpy.asarray(X) is X
    assert autodiff_numpy.full(3, 1).dtype == np.full(3, 1).dtype


def test_array_of_one_traced_value_is_that_array() -> None:
    assert traced(lambda x: autodiff_numpy.asarray(x) is x) == [True]


def test_array_converted_to_integers_is_a_constant() -> None:
    (found,) = traced(lambda x: autodiff_numpy.array([x[0, 0], 2.6, x[2, 0]], dtype=int))
    assert found.dtype == int
    np.testing.assert_array_equal(found, [0, 2, 7])


def test_array_takes_object_arrays_apart() -> None:
    def f(x: Any) -> Any:
        objects = np.empty(2, object)
        objects[0], objects[1] = x[0], x[1] * x[0]
        return np.sum(autodiff_numpy.array([objects, [x[1], 1.0]]) ** 2)

    np.testing.assert_allclose(grad(f)(np.array([3.0, 2.0])), [6 + 24, 36 + 4])


def test_array_under_nested_differentiation() -> None:
    def f(x: Any) -> Any:
        inner = grad(lambda y: np.sum(autodiff_numpy.array([y * x[0], [x[1], 1.0][0] * y, y**2]) ** 2))
        return inner(x[0])

    # d/dy of y²(x0² + x1²) + y⁴ at y = x0: 2 x0 (x0² + x1²) + 4 x0³
    x = np.array([1.5, 2.0])
    np.testing.assert_allclose(f(x), 2 * 1.5 * (1.5**2 + 4) + 4 * 1.5**3)
    np.testing.assert_allclose(grad(f)(x), [18 * 1.5**2 + 2 * 4, 4 * 1.5 * 2])


def test_operands_that_are_lists_with_traced_values_under_nested_differentiation() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: np.sum(np.concatenate([np.ones(1), [y * x, y], np.stack([x, y * y])]) ** 2))(x)

    np.testing.assert_allclose(f(2.0), 2 * 2.0**3 + 2 * 2.0 + 4 * 2.0**3)
    np.testing.assert_allclose(grad(f)(2.0), 18 * 2.0**2 + 2)


def test_a_template_that_is_traced_does_not_matter() -> None:
    def f(x: Any) -> Any:
        return grad(lambda y: np.sum(np.full_like(y, x**2) * y))(np.ones(2)).sum()

    assert grad(f)(3.0) == 12.0


def test_jacobian_of_containers() -> None:
    first, second = jacobian(lambda x: np.split(x, [1]))(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(first, [[1.0, 0.0, 0.0]])
    np.testing.assert_array_equal(second, [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


# Numbers as arrays without axes. A number may have the axis 0 in some functions of NumPy.
OF_A_NUMBER: dict[str, Callable[..., Any]] = {
    "repeat": lambda x, axis: np.repeat(x, 2, axis),
    "repeat one": lambda x, axis: np.repeat(x, [3], axis),
    "take": lambda x, axis: np.take(x, [0, 0], axis),
    "compress": lambda x, axis: np.compress([True], x, axis),
    "cumsum": np.cumsum, "cumprod": np.cumprod, "nancumsum": np.nancumsum, "nancumprod": np.nancumprod,
    "sum": np.sum, "prod": np.prod, "max": np.max, "nansum": np.nansum, "nanprod": np.nanprod, "nanmin": np.nanmin,
}  # fmt: skip


@pytest.mark.parametrize("axis", [0, -1, None, np.uint8(0)])
@pytest.mark.parametrize("name", OF_A_NUMBER)
@pytest.mark.parametrize("x", [0.7, np.float64(0.7), np.array(0.7)], ids=["float", "scalar", "array"])
def test_an_axis_of_a_number(name: str, axis: Any, x: Any) -> None:
    def square(x: Any) -> Any:
        return np.sum(OF_A_NUMBER[name](x, axis) ** 2)

    count = np.size(OF_A_NUMBER[name](x, axis))
    for transform in (grad, deriv):
        np.testing.assert_allclose(transform(square)(x), 2 * count * 0.7, rtol=1e-14)
        np.testing.assert_allclose(transform(grad(square))(x), 2 * count, rtol=1e-14)


def test_an_axis_that_a_number_has_not() -> None:
    with pytest.raises(ValueError, match="axis 1 is out of bounds"):
        grad(lambda x: np.sum(np.repeat(x, 2, axis=1)))(0.7)


def test_errors_name_the_leaf():
    def loss(params):
        return np.sum(params["w"][0]) * params["b"]

    whole = {"w": [np.ones(2), np.arange(3)], "b": 1.0}
    params = {"w": [np.ones(2), np.ones(3)], "b": 1.0}
    wrong = {"w": [np.ones(3), np.ones(3)], "b": 1.0}
    with pytest.raises(IntegerInputError, match=r"argument 0 \(`params`\) of loss, its leaf \['w'\]\[1\]: "):
        grad(loss)(whole)
    for derivative in (
        lambda: make_jvp(loss)(params)(wrong),
        lambda: hessian_vector_product(loss)(params, wrong),
        lambda: jet(loss, (params,), ([wrong],)),
    ):
        with pytest.raises(StructureError, match=r"`params`\) of (grad_of_)?loss, its leaf \['w'\]\[0\]: "):
            derivative()
    with pytest.raises(StructureError, match=r"leaf \['w'\]\[0\] of the cotangent"):
        make_vjp(lambda params: params)(params)[0](wrong)
