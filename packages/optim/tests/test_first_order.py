"""The optimizers follow their formulas, on any container, and change nothing of the caller's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import grad
from autodiff.errors import AutodiffError, StructureError
from autodiff_optim import adam, rmsprop, sgd

OPTIMIZERS = (sgd, rmsprop, adam)


def by_formula(name: str, x: Any, gradient: Any, iterations: int) -> Any:
    """Write out the published formulas for one array."""
    velocity, mean_square, m, v = np.zeros_like(x), np.ones_like(x), np.zeros_like(x), np.zeros_like(x)
    for i in range(iterations):
        g = gradient(x)
        if name == "sgd":
            velocity = 0.9 * velocity - 0.1 * g
            x = x + 0.1 * velocity
        elif name == "rmsprop":
            mean_square = 0.9 * mean_square + 0.1 * g**2
            x = x - 0.1 * g / (np.sqrt(mean_square) + 1e-8)
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            x = x - 0.001 * (m / (1 - 0.9 ** (i + 1))) / (np.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8)
    return x


def loss(x: Any) -> Any:
    return np.sum(np.array([1.0, 10.0, 0.3]) * (x - np.array([0.5, -1.0, 2.0])) ** 2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_formulas(optimizer: Any) -> None:
    start = np.array([1.0, 2.0, -3.0])
    found = optimizer(lambda x, i: grad(loss)(x), start, num_iters=50)
    np.testing.assert_allclose(found, by_formula(optimizer.__name__, start, grad(loss), 50), rtol=1e-12)
    np.testing.assert_array_equal(start, [1.0, 2.0, -3.0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_containers_keep_structure_and_types(optimizer: Any) -> None:
    start = {"w": [np.ones((2, 3), np.float32), 2.0], "b": (np.zeros(2),)}
    found = optimizer(lambda p, i: p, start, num_iters=3)
    assert found["w"][0].dtype == np.float32
    assert found["w"][0].shape == (2, 3)
    assert type(found["w"][1]) is float
    assert isinstance(found["b"], tuple)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_callback_sees_every_iteration(optimizer: Any) -> None:
    seen: list[tuple[float, int, float]] = []
    optimizer(lambda x, i: 2.0 * x, 1.0, callback=lambda x, i, g: seen.append((x, i, g)), num_iters=4)
    assert [i for _, i, _ in seen] == [0, 1, 2, 3]
    assert all(g == 2.0 * x for x, _, g in seen)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_loop_is_differentiable_in_the_step_size(optimizer: Any) -> None:
    def final(step_size: Any) -> Any:
        return loss(optimizer(lambda x, i: grad(loss)(x), np.array([1.0, 2.0, -3.0]), num_iters=5, step_size=step_size))

    h = 1e-5
    numeric = (final(0.01 + h) - final(0.01 - h)) / (2 * h)
    assert grad(final)(0.01) == pytest.approx(numeric, rel=1e-7)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_bad_arguments(optimizer: Any) -> None:
    for arguments, text in (
        ({"grad": 3}, f"{optimizer.__name__} takes a function, but got 3 of type int"),
        ({"callback": "print"}, "takes a function as `callback`, but got 'print'"),
        ({"num_iters": -1}, "num_iters an integer that is at least 0, but got -1"),
        ({"num_iters": 2.0}, "num_iters an integer .* 2.0"),
        ({"step_size": -0.1}, "`step_size` must be a finite number that is at least 0, but is -0.1"),
    ):
        with pytest.raises(AutodiffError, match=text):
            optimizer(**{"grad": lambda x, i: x, "x0": 1.0, **arguments})
    with pytest.raises(AutodiffError, match=r"`mass` must be at least 0 and less than 1, but is 1.0"):
        sgd(lambda x, i: x, 1.0, mass=1.0)


def test_gradient_of_another_structure() -> None:
    with pytest.raises(StructureError, match="gradient"):
        sgd(lambda x, i: (x,), [1.0])
