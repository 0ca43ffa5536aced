"""Live arrays: where they come from, what they turn into, several differentiations at once, cost."""

from __future__ import annotations

import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import checkpoint, deriv, grad, jacobian, make_jvp, make_vjp, value_and_grad
from autodiff.errors import EscapedBoxError, LostDerivativeError
from autodiff.extend import Box, defvjp, primitive
from autodiff_numpy.assigning import ASSIGNED
from autodiff_numpy.live import LiveArray

X = numpy.array([0.5, -1.25, 0.75])


def _filled(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out


# Where arrays are live


def test_arrays_are_plain_outside_of_differentiations() -> None:
    assert type(np.zeros(3)) is type(np.array([1.0])) is type(np.linspace(0, 1, 3)) is numpy.ndarray
    kinds: list[type] = []

    def fails(x: Any) -> Any:
        kinds.append(type(np.zeros(3)))
        raise KeyError

    for transform in (grad, deriv, lambda f: lambda x: make_jvp(f)(x)(x)):
        with pytest.raises(KeyError):
            transform(fails)(1.0)
        assert type(np.zeros(3)) is numpy.ndarray
    assert kinds == [LiveArray] * 3


def test_integers_stay_plain() -> None:
    kinds: list[type] = []
    grad(lambda x: kinds.extend(map(type, (np.zeros(2, int), np.arange(3), np.array([True])))) or x)(1.0)
    assert kinds == [numpy.ndarray] * 3


def test_what_others_made_stays_theirs() -> None:
    mine = numpy.array([1.0, 2.0, 3.0])

    def program(x: Any) -> Any:
        assert np.asarray(mine) is np.asarray(a=mine) is mine
        assert np.array(mine, copy=None) is mine
        a = np.array(mine)
        a[0] = x
        return np.sum(a * a)

    assert grad(program)(5.0) == 10.0
    assert mine.tolist() == [1.0, 2.0, 3.0]


def test_plain_values_can_be_had_until_something_traced_is_written() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(3)
        a[1] = 2.0
        assert numpy.asarray(a).tolist() == a.tolist() == [0.0, 2.0, 0.0]
        assert float(a[1]) == a.item(1) == 2.0
        assert pickle.loads(pickle.dumps(a)).tolist() == a.tolist()
        assert isinstance(a[1:] * 2.0, Box)
        assert "2." in repr(a)
        a[1] = x
        for use in (numpy.asarray, float, pickle.dumps, lambda a: a.tolist(), lambda a: numpy.array([a, a])):
            with pytest.raises(LostDerivativeError):
                use(a)
        return a[1]

    assert grad(program)(1.0) == 1.0


def test_plain_arrays_that_share_memory() -> None:
    def shared(x: Any) -> Any:
        a = np.zeros(3)
        plain = numpy.asarray(a)
        with pytest.raises(ValueError, match="read-only"):
            plain[0] = 1.0
        with pytest.raises(LostDerivativeError, match="shares its memory"):
            a[0] = 1.0
        with pytest.raises(LostDerivativeError, match="shares its memory"):
            a[0] = x
        with pytest.raises(LostDerivativeError, match="shares its memory"):
            a += 1.0
        del plain
        a[0] = x
        return a[0]

    assert grad(shared)(2.0) == 1.0


def test_results_are_plain() -> None:
    def aux(x: Any) -> Any:
        a, b = np.zeros(2), np.ones(2)
        a[0] = x
        return a[0] * 3, {"a": a, "b": b, "row": b[:1]}

    slope, parts = grad(aux, has_aux=True)(2.0)
    assert slope == 3.0
    assert {name: type(part) for name, part in parts.items()} == dict.fromkeys(("a", "b", "row"), numpy.ndarray)
    assert parts["a"].tolist() == [2.0, 0.0]
    value = make_vjp(lambda x: (np.zeros(2), _filled(x)))(X)[1]
    assert [type(part) for part in value] == [numpy.ndarray] * 2
    assert type(make_jvp(lambda x: np.zeros(2))(X)(X)[0]) is numpy.ndarray


def test_containers_and_copies() -> None:
    def program(x: Any) -> Any:
        a = _filled(x)
        b, c = copy.copy(a), copy.deepcopy({"a": a})["a"]
        a[0] = 0.0
        b[1] = 5.0
        return np.sum(a) + 2 * np.sum(b) + 4 * np.sum(c)

    numpy.testing.assert_allclose(grad(program)(X), 2 * X * [6.0, 5.0, 7.0])


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("shape", [(), (1,), (2, 3)])
@pytest.mark.parametrize(
    "copied",
    [lambda a: np.array(a), lambda a: np.array(a, dtype=float), lambda a: a.astype(float), lambda a: a.copy()],
)
def test_copies_share_nothing(copied: Callable[[Any], Any], shape: Any, traced: bool) -> None:
    def program(x: Any) -> Any:
        a = np.zeros(shape)
        if traced:
            a[...] = x
        b = copied(a)
        b += x**2
        a += 1.0
        return np.sum(a) + 3.0 * np.sum(b)

    size = numpy.prod(shape)
    assert numpy.isclose(grad(program)(0.5), size * (3.0 + 4.0 * traced))
    value, tangent = make_jvp(program)(0.5)(1.0)
    assert numpy.isclose(value, size * (1.0 + 0.75 + 2.0 * traced))
    assert numpy.isclose(tangent, size * (3.0 + 4.0 * traced))


def test_a_result_may_stand_in_a_tuple() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(3)
        np.sin(x, out=(a,))
        np.add(a, x, out=(a,), where=numpy.array([True, False, True]))
        return np.sum(a)

    numpy.testing.assert_allclose(grad(program)(X), numpy.cos(X) + numpy.array([1.0, 0.0, 1.0]))
    plain = numpy.zeros(3)
    assert np.add(X, X, out=(plain,)) is plain


@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
@pytest.mark.parametrize("fun", [numpy.fix, numpy.isposinf, numpy.isneginf])
def test_a_result_may_stand_at_its_place(fun: Callable[..., Any]) -> None:
    def program(x: Any) -> Any:
        a = numpy.exp(x)
        b = a * a
        fun(x, a)
        return np.sum(b) + np.sum(a)

    numpy.testing.assert_allclose(grad(program)(X), 2.0 * numpy.exp(2.0 * X))


def test_a_joined_array_may_stand_at_its_place() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(6)
        np.concatenate((x, x**2), 0, a)
        return np.sum(a)

    numpy.testing.assert_allclose(grad(program)(X), 1.0 + 2.0 * X)


def test_a_product_may_stand_at_its_place() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(())
        np.dot(x, x, a)
        return a * a

    numpy.testing.assert_allclose(grad(program)(X), 4.0 * numpy.dot(X, X) * X)


def test_results_without_an_array_have_the_shape_of_the_others() -> None:
    def program(x: Any) -> Any:
        _, whole = numpy.modf(2.5, out=(np.zeros(3), None))
        fraction, _ = numpy.modf(x[0], out=(None, np.zeros(3)))
        assert whole.shape == fraction.shape == (3,)
        return np.sum(fraction)

    numpy.testing.assert_allclose(grad(program)(X), [3.0, 0.0, 0.0])


def test_functions_of_other_libraries_see_plain_arrays() -> None:
    seen: list[type] = []

    @primitive
    def first(a: Any) -> Any:
        seen.append(type(a))
        return a[0]

    def program(x: Any) -> Any:
        a = np.ones(3)
        first(a)
        first(a[1:])
        return x

    assert grad(program)(2.0) == 1.0
    assert seen == [numpy.ndarray] * 2


def test_primitives_may_make_arrays_by_this_namespace() -> None:
    @primitive
    def doubled(x: Any) -> Any:
        a = np.zeros(3)
        a[...] = x
        a *= 2.0
        return a

    def vjp(y: Any, x: Any) -> Any:
        def pull(g: Any) -> Any:
            out = np.zeros(3)
            out[...] = g * 2
            return out

        return pull

    defvjp(doubled, vjp)
    numpy.testing.assert_allclose(grad(lambda x: np.sum(doubled(x) * x))(X), 4 * X)
    numpy.testing.assert_allclose(jacobian(grad(lambda x: np.sum(doubled(x) * x)))(X), 4 * numpy.eye(3))


# Several differentiations


def test_nested() -> None:
    def outer(x: Any) -> Any:
        out = np.zeros(3)
        out[0] = x

        def inner(y: Any) -> Any:
            work = np.zeros(3)
            work[0] = out[0] * y
            work[1] = work[0] * y
            work *= x
            return np.sum(work)  # x² (y + y²)

        out[1] = grad(inner)(2.0)  # x² (1 + 2 y)
        out[2] = make_jvp(inner)(x)(1.0)[1]
        return np.sum(out)  # x + 5 x² + x² + 2 x³

    for transform in (grad, deriv):
        assert transform(outer)(3.0) == pytest.approx(1 + 12 * 3.0 + 6 * 9.0)
        assert transform(grad(outer))(3.0) == pytest.approx(12 + 12 * 3.0)
        assert transform(deriv(outer))(3.0) == pytest.approx(12 + 12 * 3.0)


def test_what_an_inner_differentiation_keeps_does_not_change() -> None:
    def outer(x: Any) -> Any:
        y = np.sin(x)

        def inner(z: Any) -> Any:
            product = y * z
            y[0] = 7.0
            return np.sum(product * y)

        y[2] = 0.25
        vjp, _ = make_vjp(inner)(X)
        y[1] = 9.0
        return np.sum(vjp(1.0) * y)

    def expected(x: Any) -> Any:
        s = np.sin(x)
        y = np.stack([s[0], s[1], 0.25])
        return np.sum(y * np.stack([7.0, s[1], 0.25]) * np.stack([7.0, 9.0, 0.25]))

    numpy.testing.assert_allclose(grad(outer)(X), grad(expected)(X))


def test_gradients_are_separate() -> None:
    def outer(x: Any) -> Any:
        first, second = grad(lambda a, b: np.sum((a + b) ** 2), (0, 1))(x, x)
        first = first.copy()
        first[0] = 0.0
        return np.sum(first * second)

    numpy.testing.assert_allclose(grad(outer)(X), 32 * X * [0.0, 1.0, 1.0])


def test_transforms() -> None:
    numpy.testing.assert_allclose(jacobian(_filled)(X), numpy.diag(2 * X))
    numpy.testing.assert_allclose(jacobian(_filled, mode="forward")(X), numpy.diag(2 * X))
    numpy.testing.assert_allclose(jacobian(_filled, mode="reverse")(X), numpy.diag(2 * X))
    numpy.testing.assert_allclose(grad(lambda x: np.sum(checkpoint(_filled)(x) ** 2))(X), 4 * X**3)
    numpy.testing.assert_allclose(jacobian(jacobian(checkpoint(_filled)))(X)[1, 1, 1], 2.0)
    numpy.testing.assert_allclose(value_and_grad(lambda x: np.sum(_filled(x)))(X)[1], 2 * X)


def test_escaped_values_are_refused() -> None:
    def program(x: Any) -> Any:
        out = np.zeros(2)

        def inner(y: Any) -> Any:
            out[0] = y
            return y * y

        grad(inner)(x)
        return np.sum(out)

    for transform in (grad, deriv):
        with pytest.raises(EscapedBoxError):
            transform(program)(1.0)
    kept: list[Any] = []
    grad(lambda x: kept.append(_filled(x)) or np.sum(x))(X)
    for use in (lambda a: a + 1.0, lambda a: a[0], lambda a: a.__setitem__(0, 1.0)):
        with pytest.raises(EscapedBoxError):
            use(kept[0])


def test_indices_may_be_changed_afterwards() -> None:
    def program(x: Any) -> Any:
        out, mask, places, listed = np.zeros(3), numpy.array([True, False, True]), numpy.array([1]), [0]
        out[mask] = x[0]
        mask[:] = False
        out[places] = x[1]
        places[0] = 2
        out[listed] = x[2]
        listed[0] = 1
        return np.sum(out * numpy.array([1.0, 2.0, 4.0]))

    assert grad(program)(X).tolist() == [4.0, 2.0, 1.0]


def test_checkpointed_functions_that_write_into_their_arguments() -> None:
    def fill(out: Any, x: Any) -> Any:
        out[0] = x[0]
        return np.sum(out * x)

    def program(x: Any) -> Any:
        out = np.zeros(3)
        out[1] = x[1]
        return checkpoint(fill)(out, x) + np.sum(out)

    with pytest.raises(LostDerivativeError):
        grad(program)(X)


def test_threads() -> None:
    results: dict[int, Any] = {}

    def work(k: int) -> None:
        for _ in range(20):
            results[k] = grad(lambda x: np.sum(_filled(x) * k))(X)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k in range(4):
        numpy.testing.assert_allclose(results[k], 2 * k * X)


# Cost


def _entries(x: Any) -> Any:
    out = np.zeros(x.size)
    out[0] = x[0]
    for i in range(1, x.size):
        out[i] = out[i - 1] * 0.5 + x[i]
    return np.sum(out)


def _operations(monkeypatch: pytest.MonkeyPatch, transform: Callable[..., Any], size: int) -> int:
    """Return how many numbers `assigned` copies."""
    copied = 0
    original = ASSIGNED.fun

    def counting(array: Any, value: Any, index: Any, in_place: bool) -> Any:
        nonlocal copied
        copied += 0 if in_place else numpy.size(array)
        return original(array, value, index, in_place)

    with monkeypatch.context() as patch:
        patch.setattr(ASSIGNED, "fun", counting)
        transform(_entries)(numpy.ones(size))
    return copied


@pytest.mark.parametrize(
    "transform",
    [
        grad,
        lambda f: lambda x: make_jvp(f)(x)(x),
        lambda f: lambda x: make_jvp(grad(f))(x)(x),
        lambda f: grad(lambda x: make_jvp(f)(x)(x)[1]),
    ],
    ids=["reverse", "forward", "forward over reverse", "reverse over forward"],
)
def test_filling_takes_linear_time(monkeypatch: pytest.MonkeyPatch, transform: Callable[..., Any]) -> None:
    assert _operations(monkeypatch, transform, 400) <= 5 * 400
