"""Functions of arrays under `checkpoint` may do what they may do without."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import checkpoint, deriv, grad, jacobian, jet, make_jvp, vmap

X = numpy.array([1.0, 2.0, 3.0])


def assigned(x: Any, c: Any) -> Any:
    y = np.exp(x)
    y[1] = c[0] * x[2]
    z = np.zeros(3)
    z[1:] = c[:2] * y[1:]
    return z


@pytest.mark.parametrize(
    "around",
    [
        lambda f: jacobian(f, mode="reverse")(X),
        lambda f: jacobian(f, mode="forward")(X),
        lambda f: make_jvp(f)(X)(X)[1],
        lambda f: vmap(f)(np.stack([X, 2 * X])),
        lambda f: vmap(grad(lambda c: np.sum(f(c))))(np.stack([X, 2 * X])),
    ],
)
def test_values_of_the_closure_are_assigned_to_arrays(around: Any) -> None:
    found = around(lambda c: checkpoint(lambda x: assigned(x, c))(c * 2))
    numpy.testing.assert_allclose(found, around(lambda c: assigned(c * 2, c)))


def test_errors_of_the_function_are_raised_at_once() -> None:
    calls = []

    def fails(x: Any) -> Any:
        calls.append(x)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        grad(checkpoint(fails))(2.0)
    assert len(calls) == 1


def test_integers_among_the_results() -> None:
    @checkpoint
    def step(state: Any, a: Any) -> Any:
        return {"p": state["p"] * a, "count": state["count"] + 1}

    def loss(a: Any) -> Any:
        state = {"p": numpy.ones(3), "count": numpy.zeros(3, int)}
        for _ in range(3):
            state = step(state, a)
        return np.sum(state["p"] * state["count"])  # 9 a**3

    assert grad(loss)(2.0) == deriv(loss)(2.0) == jacobian(loss, mode="forward")(2.0) == 108.0
    assert grad(grad(loss))(2.0) == 108.0
    assert jet(loss, (2.0,), ([1.0, 0.0],)) == (72.0, [108.0, 108.0])
    assert vmap(grad(loss))(numpy.array([2.0, 3.0])).tolist() == [108.0, 243.0]
