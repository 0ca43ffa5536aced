"""What `vmap` takes and gives: axes, containers, nesting, functions of the user's own, and what it refuses."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy
import pytest

import autodiff_numpy as np
from autodiff import grad, hessian, jacobian, make_jvp, make_vjp, stop_gradient, value_and_grad, vmap
from autodiff.batching import BatchTrace
from autodiff.errors import AutodiffError, BatchedValueError, EscapedBoxError, InputError, OutputError
from autodiff.extend import defvjp, primitive

A = np.arange(24.0).reshape(2, 3, 4) / 7
X = np.linspace(-1.0, 2.0, 4)


class Layer(NamedTuple):
    """A container."""

    weights: Any
    bias: Any


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("out", [0, 1, -1])
def test_axes(axis: int, out: int) -> None:
    def fun(a: Any, x: Any) -> Any:
        return np.outer(a[0], x) + np.sum(a)

    found = vmap(fun, (axis, None), out)(A, X)
    expected = np.stack([fun(a, X) for a in np.moveaxis(A, axis, 0)], out)
    np.testing.assert_allclose(found, expected)
    assert type(found) is numpy.ndarray


def test_containers_in_and_out() -> None:
    def fun(layer: Layer, options: dict[str, Any]) -> Any:
        y = options["x"] @ layer.weights + layer.bias
        return {"y": y, "more": [y.sum(), (layer.bias, options["rate"])]}

    layers = Layer(np.arange(24.0).reshape(2, 3, 4), np.arange(8.0).reshape(4, 2))
    options = {"x": np.ones((3, 2)), "rate": 0.5}
    axes = (Layer(0, 1), {"x": -1, "rate": None})
    found = vmap(fun, axes, {"y": 1, "more": [0, (0, None)]})(layers, options)
    rows = [fun(Layer(layers.weights[i], layers.bias[:, i]), {"x": options["x"][:, i], "rate": 0.5}) for i in range(2)]
    np.testing.assert_allclose(found["y"], np.stack([row["y"] for row in rows], 1))
    np.testing.assert_allclose(found["more"][0], [row["more"][0] for row in rows])
    np.testing.assert_allclose(found["more"][1][0], layers.bias.T)
    assert found["more"][1][1] == 0.5


@pytest.mark.parametrize(
    "fun",
    [
        np.sum,
        lambda a: np.sum(a, axis=0),
        lambda a: numpy.sum(a, -1, None, None, keepdims=True),  # `autodiff_numpy.sum` calls it like this
        np.prod,
        np.cumsum,
        lambda a: np.split(a, [1, 2])[2],
        lambda a: np.split(a, 2, axis=-1)[0],
        lambda a: np.array_split(a, indices_or_sections=2)[0],
    ],
)
def test_no_example_is_taken_alone(fun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = np.stack([fun(a) for a in A])
    monkeypatch.delattr(BatchTrace, "_one_by_one")
    np.testing.assert_allclose(vmap(fun)(A), expected)


def test_keywords_are_stacked_along_their_first_axis() -> None:
    found = vmap(lambda x, *, scale: x * scale)(np.arange(3.0), scale=np.array([1.0, 10.0, 100.0]))
    np.testing.assert_array_equal(found, [0.0, 10.0, 200.0])


def test_lists_of_numbers_are_stacks() -> None:
    np.testing.assert_allclose(vmap(grad(lambda x: x**3))([1.0, 2.0]), [3.0, 12.0])
    np.testing.assert_allclose(vmap(lambda x, y: x + y[1], (0, None))([1.0, 2.0], [3.0, 4.0]), [5.0, 6.0])


def test_types_stay() -> None:
    for dtype in ("float32", "complex64", "complex128", "int64"):
        x = np.arange(1, 4).astype(dtype)
        assert vmap(lambda x: x * 2)(x).dtype == dtype
        assert vmap(lambda x: np.sum(x))(np.stack([x, x])).dtype == dtype


def test_nested() -> None:
    found = vmap(vmap(lambda a, x: a * x, (0, 0)), (0, None))(A[0], X)
    np.testing.assert_allclose(found, A[0] * X)
    found = vmap(lambda a: vmap(lambda x: a @ x, 1)(A[1]), 0)(A[0, :, :3])
    np.testing.assert_allclose(found, A[0, :, :3] @ A[1])


def test_gradients_of_examples() -> None:
    def loss(w: Any, x: Any, y: Any) -> Any:
        return np.sum((np.tanh(x @ w) - y) ** 2)

    rng = np.random.default_rng(0)
    w, x, y = rng.normal(size=(3, 2)), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    found = vmap(grad(loss), (None, 0, 0))(w, x, y)
    np.testing.assert_allclose(found, [grad(loss)(w, a, b) for a, b in zip(x, y, strict=True)])
    values, gradients = vmap(value_and_grad(loss), (None, 0, 0))(w, x, y)
    assert values.shape == (5,)
    assert gradients.shape == (5, 3, 2)
    np.testing.assert_allclose(np.sum(found, axis=0), grad(lambda w: np.sum(vmap(loss, (None, 0, 0))(w, x, y)))(w))


def test_within_and_around_other_transforms() -> None:
    def fun(x: Any) -> Any:
        return np.sum(vmap(lambda a: np.sin(a) * x[0])(x) ** 2)

    plain = lambda x: np.sum((np.sin(x) * x[0]) ** 2)
    np.testing.assert_allclose(grad(fun)(X), grad(plain)(X))
    np.testing.assert_allclose(hessian(fun)(X), hessian(plain)(X))
    np.testing.assert_allclose(make_jvp(fun)(X)(X)[1], make_jvp(plain)(X)(X)[1])
    stacks = np.stack([X, 2 * X])
    np.testing.assert_allclose(vmap(hessian(plain))(stacks), [hessian(plain)(x) for x in stacks])
    np.testing.assert_allclose(vmap(jacobian(np.cumsum))(stacks), [jacobian(np.cumsum)(x) for x in stacks])
    np.testing.assert_allclose(vmap(lambda x: make_vjp(np.cumsum)(x)[0](x))(stacks), stacks[:, ::-1].cumsum(1)[:, ::-1])
    np.testing.assert_allclose(vmap(lambda x: stop_gradient(x) * 2)(stacks), 2 * stacks)


def test_functions_without_a_batching_rule_are_looped_over() -> None:
    calls = []

    @primitive
    def compiled(x: Any, scale: float) -> Any:
        calls.append(x)
        assert type(x) is numpy.ndarray
        return float(math.fsum(x)) * scale

    defvjp(compiled, lambda y, x, scale: lambda g: np.full(x.shape, g * scale), argnums=[0])
    np.testing.assert_allclose(vmap(lambda x: compiled(x, 2.0) + 1.0)(A[0]), 2 * A[0].sum(1) + 1)
    assert len(calls) == 3
    np.testing.assert_allclose(vmap(grad(lambda x: compiled(np.sin(x), 2.0)))(A[0]), 2 * np.cos(A[0]))


def _by_entries(x: Any) -> Any:
    y = numpy.zeros(3)
    y[0] = 2 * x[0]
    y[1] += x[2]
    return y


def _in_place(x: Any) -> Any:
    y = numpy.ones(3)
    y *= x
    numpy.add.at(y, [0, 0], x[0])
    numpy.put(y, [1], x[2])
    return y


@pytest.mark.parametrize(
    "fun",
    [
        _by_entries,
        _in_place,
        lambda x: numpy.sum(numpy.ones(3), where=x > 0),
        lambda x: numpy.full_like(numpy.ones(3), x[0]),
    ],
)
def test_plain_arrays_are_written_into(fun: Any) -> None:
    x = A[0, :, :3]
    np.testing.assert_array_equal(vmap(fun)(x), np.stack([fun(row) for row in x]))
    np.testing.assert_array_equal(vmap(vmap(fun))(A[..., :3]), np.stack([vmap(fun)(rows) for rows in A[..., :3]]))


def test_shapes_that_depend_on_values() -> None:
    found = vmap(lambda x: np.sum(np.unique(x)))(np.array([[1.0, 1.0, 2.0], [1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(found, [3.0, 6.0])


def test_results_that_are_the_same_for_all() -> None:
    np.testing.assert_array_equal(vmap(lambda x: 3.0)(X), np.full(4, 3.0))
    assert vmap(lambda x: (x, 3.0), out_axes=(0, None))(X)[1] == 3.0


def test_results_that_are_the_same_for_all_where_the_examples_are_taken_one_by_one() -> None:
    shared = np.arange(3)

    def fun(x: Any) -> Any:
        same = {
            "shared": shared,
            "array": np.arange(1000, 1002),
            "numbers": (1000 + x.size, numpy.float64(x.size), 1j * x.size, float("nan"), np.full(2, np.nan)),
            "text": "of " + str(x.size),
            "none": None,
        }
        return _by_entries(x), same

    x = A[0, :, :3]
    found = vmap(fun, out_axes=(0, None))(x)[1]
    assert repr(found) == repr(fun(x[0])[1])
    for different in (lambda x: x[0], lambda x: x, lambda x: x[x > x[1]], lambda x: 1 if float(x[0]) else 1.0):
        with pytest.raises((OutputError, BatchedValueError), match="different in each example"):
            vmap(lambda x, different=different: (_by_entries(x), different(x)), out_axes=(0, None))(x)


@pytest.mark.parametrize(
    "fun",
    [
        lambda x: x if x > 0 else -x,
        lambda x: float(x) * 2,
        lambda x: sum(1.0 for _ in range(int(x))),
        lambda x: math.sin(x),
        lambda x: x.item(),
        lambda x: [10.0, 20.0][np.argmax(np.stack([x, x * x]))],
    ],
)
def test_decisions_by_a_value_are_refused(fun: Any) -> None:
    with pytest.raises(BatchedValueError, match=r"different in each example.*numpy\.where"):
        vmap(fun)(X)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: vmap(np.sin)(2.0), ["argument 0", "no axes", "float"]),
        (lambda: vmap(np.sin, 1)(X), ["argument 0", "no axis 1"]),
        (lambda: vmap(np.sin, -2)(X), ["no axis -2"]),
        (lambda: vmap(np.sin, None)(X), ["no argument is stacked"]),
        (lambda: vmap(np.add, (0,))(X, X), ["1 entries", "2 positional"]),
        (lambda: vmap(np.add)(X, X[:2]), ["same number of examples", "4", "2", "in_axes"]),
        (lambda: vmap(lambda d: d["a"], ({"b": 0},))({"a": X}), ["argument 0 (`d`)", "structure"]),
        (lambda: vmap(lambda d: d["a"])({"a": X, "b": 1.0}), ["argument 0 (`d`)['b']", "no axes"]),
        (lambda: vmap(np.sin, 0.5)(X), ["integer or None", "0.5"]),
        (lambda: vmap(np.sin)(X[:0]), ["no examples"]),
        (lambda: vmap(3), ["vmap takes a function"]),
    ],
)
def test_bad_arguments(call: Any, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        call()
    for word in words:
        assert word in str(caught.value)


def test_bad_results() -> None:
    with pytest.raises(OutputError, match=r"different in each example.*out_axes"):
        vmap(np.sin, out_axes=None)(X)
    with pytest.raises(OutputError, match="cannot be stacked"):
        vmap(lambda x: "text")(X)
    with pytest.raises(InputError, match="the result has 1 axes, and so no axis 1"):
        vmap(np.sin, out_axes=1)(X)


def test_values_kept_for_later_are_refused() -> None:
    kept = []
    vmap(lambda x: kept.append(x) or x)(X)
    with pytest.raises((EscapedBoxError, AutodiffError)):
        kept[0] + 1.0


def test_an_exception_leaves_nothing_behind() -> None:
    def fun(x: Any) -> Any:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            vmap(fun)(X)
    np.testing.assert_allclose(vmap(np.sin)(X), np.sin(X))


def test_arguments_are_left_as_they_are() -> None:
    before = X.copy()
    found = vmap(lambda x: x)(X)
    found[0] = 7.0
    np.testing.assert_array_equal(X, before)
