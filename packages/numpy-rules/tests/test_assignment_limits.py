"""Assignments that fail change nothing, and what is refused says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import grad, jacobian, make_jvp, stop_gradient
from autodiff.errors import AutodiffError, LostDerivativeError

X = numpy.array([0.5, -1.25, 0.75])


def _filled(x: Any) -> Any:
    out = np.zeros(3)
    for i in range(3):
        out[i] = x[i] ** 2
    return out


# Exceptions


BAD: tuple[Callable[[Any, Any], Any], ...] = (
    lambda a, x: a.__setitem__(5, x[0]),
    lambda a, x: a.__setitem__([0, 7], x[0]),
    lambda a, x: a.__setitem__(slice(0, 2), x),
    lambda a, x: a.__setitem__((0, 0), x[0]),
    lambda a, x: a.__setitem__("b", x[0]),
    lambda a, x: a.__setitem__(0, x * 1j),
    lambda a, x: a.__setitem__(0, x[0] * 1j),
    lambda a, x: a.__setitem__([True, False], x[0]),
    lambda a, x: a[1:].__setitem__(2, x[0]),
    lambda a, x: a[1:].__setitem__([0, 2], x[0]),
    lambda a, x: a.__iadd__(np.zeros((2, 3)) + x),
    lambda a, x: a.__imul__(1j * x),
    lambda a, x: np.put(a, [0, 9], x),
    lambda a, x: np.place(a, [True], x),
    lambda a, x: np.copyto(a, np.zeros(2) + x[0]),
    lambda a, x: np.sum(x, out=a),
    lambda a, x: np.sin(np.stack([x, x]), out=a),
    lambda a, x: np.broadcast_to(a, (2, 3)).__setitem__(0, x),
    lambda a, x: np.diagonal(np.stack([a, a])).__setitem__(0, x[0]),
    lambda a, x: a.fill(x),
)


@pytest.mark.parametrize("case", range(len(BAD)))
@pytest.mark.parametrize("first", [1.0, "traced"])
def test_a_failed_assignment_changes_nothing(case: int, first: Any) -> None:
    errors = (IndexError, ValueError, TypeError)

    def program(x: Any) -> Any:
        a = np.zeros(3)
        a[0] = x[0] if first == "traced" else first
        with pytest.raises(errors):
            BAD[case](a, x)
        assert stop_gradient(a).tolist() == [0.5 if first == "traced" else 1.0, 0.0, 0.0]
        a[1] = x[1] ** 2
        return np.sum(a)

    expected = [1.0 if first == "traced" else 0.0, 2 * X[1], 0.0]
    numpy.testing.assert_allclose(grad(program)(X), expected)
    numpy.testing.assert_allclose(jacobian(program, mode="forward")(X), expected)
    if case not in (6, 13):  # NumPy warns, and takes the mask
        plain = numpy.zeros(3)
        with pytest.raises(errors):
            BAD[case](plain, X)


# What is refused


def _with_a_view(x: Any) -> Any:
    y = np.sin(x)
    row = y[1:]
    y[0] = 3.0
    return np.sum(y) + np.sum(row)


def _with_a_transpose(x: Any) -> Any:
    y = np.outer(x, x)
    t = y.T
    y += 1.0
    return np.sum(t)


def _of_the_argument(x: Any) -> Any:
    x[0] = 1.0
    return np.sum(x)


def _in_place_on_the_argument(x: Any) -> Any:
    x += 1.0
    return np.sum(x)


def _of_a_reshaped_argument(x: Any) -> Any:
    y = x.reshape(3, 1)
    y[0] = 1.0
    return np.sum(y)


REFUSED = {f.__name__: f for f in (
    _with_a_view, _with_a_transpose, _of_the_argument, _in_place_on_the_argument, _of_a_reshaped_argument,
)}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_arrays_that_others_may_see(name: str) -> None:
    for transform in (grad, lambda f: jacobian(f, mode="forward"), lambda f: grad(lambda x: make_jvp(f)(x)(x)[1])):
        with pytest.raises(LostDerivativeError, match=r"`a = a\.copy\(\)` before the assignment"):
            transform(REFUSED[name])(X)
    for transform in (grad, lambda f: jacobian(f, mode="forward")):
        with pytest.raises(LostDerivativeError, match=r"`a = a\.copy\(\)`"):  # also when nobody else has the argument
            transform(REFUSED[name])(numpy.array([1.0, 2.0, 3.0]))


PLAIN: dict[str, Callable[[Any], Any]] = {
    "entry": lambda x: numpy.zeros(3).__setitem__(0, x[0]),
    "slice": lambda x: numpy.zeros(3).__setitem__(slice(3), x),
    "operator": lambda x: numpy.zeros(3).__iadd__(x),
    "out": lambda x: np.sin(x, out=numpy.zeros(3)),
    "out of a sum": lambda x: np.sum(x, out=numpy.zeros(())),
    "put": lambda x: np.put(numpy.zeros(3), [0], x),
    "at": lambda x: np.add.at(numpy.zeros(3), [0], x[0]),
    "copyto": lambda x: np.copyto(numpy.zeros(3), x),
    "fill_diagonal": lambda x: np.fill_diagonal(numpy.zeros((3, 3)), x),
    "place": lambda x: np.place(numpy.zeros(3), [True] * 3, x),
    "live": lambda x: numpy.zeros(3).__setitem__(slice(3), _filled(x)),
    "integers": lambda x: np.zeros(3, int).__setitem__(0, x[0]),
}


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.filterwarnings("ignore::autodiff.errors.PerformanceWarning")
def test_plain_arrays(name: str) -> None:
    for transform in (grad, lambda f: jacobian(f, mode="forward")):
        with pytest.raises((AutodiffError, ValueError)) as caught:
            transform(lambda x: PLAIN[name](x) or np.sum(x))(X)
        errors = [caught.value, caught.value.__cause__]
        assert any(isinstance(e, LostDerivativeError) and "autodiff_numpy.zeros" in str(e) for e in errors)


def test_plain_arrays_take_what_is_not_traced() -> None:
    def program(x: Any) -> Any:
        plain, a = numpy.zeros(3), np.ones(3)
        plain[:] = a
        plain += a
        np.add.at(plain, [0], a[:1])
        np.multiply(a, 2.0, out=plain, where=plain > 2)
        np.copyto(plain[1:], a[1:])
        np.put(plain, [2], a)
        assert plain.tolist() == [2.0, 1.0, 1.0]
        return x

    assert grad(program)(1.0) == 1.0


def test_complex_values_and_real_arrays() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(3)
        a[0] = x[0] * 1j
        return np.sum(a)

    for transform in (grad, lambda f: jacobian(f, mode="forward")):
        with pytest.raises(LostDerivativeError, match="dtype=complex"):
            transform(program)(X)


def test_views_that_were_chosen_by_entries() -> None:
    def program(x: Any) -> Any:
        a = np.array([0.0, 1.0, 2.0, 0.0])
        a[1] = x
        middle = np.trim_zeros(a)
        a[2] = 0.0
        return np.sum(middle)

    with pytest.raises((AutodiffError), match=r"trim_zeros"):
        grad(program)(1.0)


def test_precision() -> None:
    def program(x: Any) -> Any:
        a = np.zeros(3, numpy.float32)
        a[:] = x
        assert a.dtype == numpy.float32
        return np.sum(a * a)

    slope = grad(program)(X)
    assert slope.dtype == numpy.float64
    numpy.testing.assert_allclose(slope, 2 * X, rtol=1e-6)
