"""Arrays that are written into after they have been used: the right gradient or an error, never a wrong number."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import checkpoint, grad, hessian, jacobian, make_jvp, make_vjp, stop_gradient, value_and_grad
from autodiff.errors import MutationError
from autodiff_numpy.keeping import ArrayHold, _locked, fingerprint

SMALL, LARGE = 3, 40000


def ramp(n: int) -> np.ndarray:
    return np.linspace(0.5, 1.5, n).copy()  # which is no view


def integers(n: int) -> np.ndarray:
    return np.arange(n)[::-1].copy()


#: What is used, and then overwritten: the constant that `fun` gets, and the function.
USES: dict[str, tuple[Callable[[int], Any], Callable[[Any, Any], Any]]] = {
    "factor": (ramp, lambda x, a: x * a),
    "factor on the left": (ramp, lambda x, a: a * x),
    "factor that broadcasts": (ramp, lambda x, a: x * a[None, :]),
    "broadcast by it": (lambda n: np.stack([ramp(n), ramp(n) ** 2]), lambda x, a: a * x),
    "divisor": (ramp, lambda x, a: x / a),
    "exponent": (ramp, lambda x, a: x**a),
    "ufunc": (ramp, lambda x, a: np.arctan2(a, x)),
    "matrix product": (ramp, lambda x, a: x @ a),
    "vector product": (ramp, lambda x, a: np.dot(a, x)),
    "einsum": (ramp, lambda x, a: np.einsum("i,i->", a, x)),
    "list of factors": (lambda n: list(ramp(n)), lambda x, a: x * np.array(a)),
    "index": (integers, lambda x, a: x[a]),
    "list of indices": (lambda n: list(range(n)), lambda x, a: np.take(x, a)),
    "index in a tuple": (integers, lambda x, a: x[None, :][0, a]),
    "mask": (lambda n: np.arange(n) % 2 == 0, lambda x, a: np.where(a, x, 0.0)),
    "mask of a sum": (lambda n: np.arange(n) % 2 == 0, lambda x, a: np.sum(x * x, where=a)),
    "mask as index": (lambda n: np.arange(n) % 2 == 0, lambda x, a: x[a]),
    "weights": (ramp, lambda x, a: np.average(x, weights=a)),
    "in a list": (ramp, lambda x, a: np.concatenate([x, a]) * 2.0),
    "in the only argument": (ramp, lambda x, a: np.linalg.multi_dot([x[None, :], a[:, None]])),
    "coordinates": (lambda n: np.arange(float(n)), lambda x, a: np.trapezoid(x, a)),
    "sorted coordinates": (ramp, lambda x, a: np.interp(x, a, a**2)),
}


#: What is used by a view, which is copied, as lists are; and what the derivative does not need.
MAY_CHANGE = {"factor that broadcasts", "list of factors", "list of indices", "in a list", "in the only argument"}


def overwrite(a: Any) -> None:
    """Change what an array or a list has."""
    if isinstance(a, list):
        a[:] = [0] * len(a)
    else:
        a[...] = a[::-1] if a.dtype == bool else 0
        if a.dtype == bool:
            a ^= True


@pytest.mark.parametrize("name", USES)
def test_small_constants_may_be_overwritten(name: str) -> None:
    make, use = USES[name]

    def loss(x: Any, a: Any, spoil: bool) -> Any:
        y = use(x, a)
        if spoil:
            overwrite(a)
        return np.sum(y * np.linspace(1, 2, y.shape[-1] if y.shape else 1))

    x = ramp(SMALL) + 0.1
    expected = grad(loss)(x, make(SMALL), False)
    np.testing.assert_array_equal(grad(loss)(x, make(SMALL), True), expected)
    twice = grad(lambda x, a, spoil: np.sum(grad(loss)(x, a, spoil) ** 2))
    np.testing.assert_array_equal(twice(x, make(SMALL), True), twice(x, make(SMALL), False))


@pytest.mark.parametrize("name", USES)
def test_large_constants_are_read_only_or_copied(name: str) -> None:
    make, use = USES[name]
    a = make(LARGE)

    def loss(x: Any, spoil: bool) -> Any:
        y = use(x, a)
        if spoil:
            overwrite(a)
        return np.sum(y * y)

    before = copy.copy(a)
    x = ramp(LARGE) + 0.1
    expected = grad(loss)(x, False)
    if name in MAY_CHANGE:
        np.testing.assert_array_equal(grad(loss)(x, True), expected)
    else:
        with pytest.raises(ValueError, match="read-only") as info:
            grad(loss)(x, True)
        assert "Write into a copy" in info.value.__notes__[0]
        np.testing.assert_array_equal(a, before)
    assert isinstance(a, list) or a.flags.writeable
    assert not _locked


def test_what_a_derivative_does_not_need_may_be_overwritten() -> None:
    def loss(x: Any) -> Any:
        scratch = np.ones(LARGE)
        y = x + scratch
        scratch[:] = 5.0
        z = y - scratch
        scratch[:] = 7.0
        return np.sum(z * z)

    np.testing.assert_array_equal(grad(loss)(np.zeros(LARGE)), np.full(LARGE, -8.0))


def test_a_scratch_buffer_in_a_loop() -> None:
    def loss(x: Any) -> Any:
        scratch, total = np.empty(SMALL), 0.0
        for k in range(1, 4):
            np.multiply(ramp(SMALL), k, out=scratch)
            total = total + np.sum(x**k * scratch)
        return total

    x = ramp(SMALL)
    expected = sum(k * k * x ** (k - 1) * x for k in range(1, 4))
    np.testing.assert_allclose(grad(loss)(x), expected)


@pytest.mark.parametrize("n", [SMALL, LARGE])
def test_the_argument_itself(n: int) -> None:
    x = ramp(n)

    def loss(traced: Any) -> Any:
        y = traced * traced
        x[0] = 100.0
        return np.sum(y)

    if n == SMALL:
        assert grad(loss)(x)[0] == 1.0
    else:
        with pytest.raises(ValueError, match="read-only"):
            grad(loss)(x)
    assert x.flags.writeable


@pytest.mark.parametrize("change", [lambda a: a.__setitem__(1, 9.0), lambda a: a.sort(), lambda a: a.__iadd__(1.0)])
@pytest.mark.parametrize("which", ["argument", "value", "constant"])
def test_between_forward_pass_and_pullback(which: str, change: Callable[[Any], Any]) -> None:
    for n in (SMALL, LARGE):
        x, a = ramp(n)[::-1].copy(), ramp(n)[::-1].copy()
        vjp, y = make_vjp(lambda x, a=a: np.exp(x) * a)(x)
        expected = vjp(np.ones(n))
        change({"argument": x, "value": y, "constant": a}[which])
        if n == SMALL:
            np.testing.assert_array_equal(vjp(np.ones(n)), expected)
        elif which == "value":  # a product, which no derivative needs; but that cannot be known
            with pytest.raises(MutationError, match="changed in place"):
                vjp(np.ones(n))
        else:
            with pytest.raises(MutationError, match=r"ndarray \(40000,\).*change a copy"):
                vjp(np.ones(n))


def test_the_fingerprint_sees_every_change() -> None:
    rng = np.random.default_rng(0)
    for array in (rng.normal(size=5000), rng.normal(size=(30, 200)).T, rng.normal(size=3001).astype(np.float32)):
        mark = fingerprint(array)
        assert fingerprint(array) == mark
        for _ in range(20):
            i, j = (tuple(rng.integers(0, array.shape)) for _ in range(2))
            array[i], array[j] = array[j], array[i]
            assert i == j or fingerprint(array) != mark
            array[i], array[j] = array[j], array[i]
            old = array[i]
            array[i] = np.nextafter(old, np.inf, dtype=array.dtype)
            assert fingerprint(array) != mark
            array[i] = old
        assert fingerprint(array) == mark


def test_auxiliary_output_and_values_that_are_stopped_are_the_users() -> None:
    def fun(x: Any) -> Any:
        y = np.exp(x)
        plain = stop_gradient(y)
        plain[:] = 0.0
        return np.sum(y), y

    x = ramp(SMALL)
    vjp, _, aux = make_vjp(fun, has_aux=True)(x)
    aux[:] = 0.0
    np.testing.assert_array_equal(vjp(1.0), np.exp(x))


@pytest.mark.parametrize("rows", [4, 200])
def test_views(rows: int) -> None:
    whole = np.ones((200, 1000))
    part = whole[:rows]
    other = whole[:2]

    def loss(x: Any, spoil: Any) -> Any:
        y = part @ x
        if spoil is not None:
            spoil[...] = 2.0
        return np.sum(y)

    if rows == 4:  # a copy
        for spoil in (part, whole, other):
            assert grad(loss)(np.ones(1000), spoil)[0] == rows
            whole[...] = 1.0
    else:
        for spoil in (part, whole):
            with pytest.raises(ValueError, match="read-only"):
                grad(loss)(np.ones(1000), spoil)
        with pytest.raises(MutationError, match="200, 1000"):  # a view from before cannot be locked
            grad(loss)(np.ones(1000), other)
        whole[...] = 1.0
        assert grad(loss)(np.ones(1000), None)[0] == rows
    assert whole.flags.writeable
    assert part.flags.writeable
    assert not _locked


def test_what_was_read_only_stays_so() -> None:
    a = ramp(LARGE)
    a.flags.writeable = False
    grad(lambda x: np.sum(x * a))(ramp(LARGE))
    assert not a.flags.writeable
    b = np.broadcast_to(ramp(10), (1000, 10))
    grad(lambda x: np.sum(x * b))(np.ones((1000, 10)))
    assert not b.flags.writeable


def test_exceptions_and_nested_differentiations_release() -> None:
    a = ramp(LARGE)
    view = a[1:]

    def inner(x: Any) -> Any:
        return np.sum(x[1:] * view) * np.sum(a * x)

    def broken(x: Any) -> Any:
        inner(x)
        raise KeyError

    x = ramp(LARGE)
    with pytest.raises(KeyError):
        grad(broken)(x)
    assert a.flags.writeable
    grad(lambda x: np.sum(grad(inner)(x) * a))(x)
    make_jvp(grad(inner))(x)(x)
    value_and_grad(checkpoint(inner))(x)
    assert a.flags.writeable
    assert view.flags.writeable
    assert not _locked


def test_jacobian_and_hessian_with_constants() -> None:
    a = np.ones((LARGE, 2))
    assert jacobian(lambda x: a @ x)(np.ones(2)).shape == (LARGE, 2)
    assert hessian(lambda x: np.sum((a @ x) ** 3))(np.ones(2)).shape == (2, 2)
    assert a.flags.writeable


def test_threads_share_their_constants() -> None:
    a = ramp(LARGE)
    barrier = threading.Barrier(4)
    failures = []

    def work() -> None:
        try:
            for _ in range(50):
                barrier.wait()
                np.testing.assert_array_equal(grad(lambda x: np.sum(x * a))(np.ones(LARGE)), a)
        except Exception as error:  # noqa: BLE001  # whatever it is, the test shall see it
            failures.append(error)
            barrier.abort()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert a.flags.writeable
    assert not _locked


def test_a_view_waits_for_what_it_shows() -> None:
    whole = np.ones((2, LARGE))
    part = whole[0]
    outer, inner = ArrayHold(whole, [whole]), ArrayHold(part, [part, whole])
    inner.release()
    assert not part.flags.writeable
    outer.release()
    assert whole.flags.writeable
    assert part.flags.writeable
    assert not _locked
