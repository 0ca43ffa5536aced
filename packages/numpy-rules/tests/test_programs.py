"""Random small programs: rules and short cuts work together, in both modes and to second order."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import autodiff_numpy as traced_np
from autodiff import deriv, grad, make_vjp
from autodiff_testing import check_grads

STEPS: tuple[Any, ...] = (
    lambda xp, u, v: xp.sin(u),
    lambda xp, u, v: xp.exp(-u * u),
    lambda xp, u, v: u * v,
    lambda xp, u, v: u + v,
    lambda xp, u, v: v - u,
    lambda xp, u, v: xp.tanh(u),
    lambda xp, u, v: u / (v * v + 2.0),
    lambda xp, u, v: 0.1 * (u @ v.T @ u),
    lambda xp, u, v: u - 0.3 * xp.sum(u, axis=0, keepdims=True),
    lambda xp, u, v: u * v[1],
    lambda xp, u, v: u * v[:, ::-1],
    lambda xp, u, v: u + 0.5 * v[np.array([0, 0, 2])],
    lambda xp, u, v: u + u + u * u,
    lambda xp, u, v: xp.maximum(u, 0.7 * v + 0.01),
    lambda xp, u, v: xp.reshape(xp.reshape(u, (-1,)), (3, 3)) * v,
    lambda xp, u, v: xp.concatenate([u[:1], v[1:]]),
    lambda xp, u, v: u.T * v,
    lambda xp, u, v: u * v[:, 0] + v[0][:, None],
    lambda xp, u, v: u * v[0, 1] + v[2, 2],
    lambda xp, u, v: xp.where(v > 0.1, v, 0.5 * u),
)


def program(seed: int, xp: Any) -> Any:
    """Return a function of two 3x3 matrices, made of random steps that use earlier results again."""
    rng = random.Random(seed)
    chosen = [(rng.choice(STEPS), rng.random(), rng.random()) for _ in range(rng.randint(3, 8))]

    def run(x: Any, w: Any) -> Any:
        values = [x, w, x * w]
        for step, first, second in chosen:
            values.append(step(xp, values[int(first * len(values))], values[int(second * len(values))]))
        return xp.sum(values[-1] * values[-2]) + xp.sum(values[-3] ** 2)

    return run


def point(seed: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 3)), rng.normal(size=(3, 3))


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("xp", [np, traced_np], ids=["numpy", "autodiff_numpy"])
def test_derivatives(seed: int, xp: Any) -> None:
    check_grads(program(seed, xp), order=2)(*point(seed))


@pytest.mark.parametrize("seed", range(20))
def test_pullbacks_can_be_used_again_and_share_no_memory(seed: int) -> None:
    vjp, _ = make_vjp(program(seed, np), (0, 1))(*point(seed))
    once, twice, again = vjp(1.0), vjp(2.0), vjp(1.0)
    for first, second, third in zip(once, twice, again, strict=True):
        np.testing.assert_array_equal(first, third)
        np.testing.assert_allclose(second, 2 * first)
        assert not np.shares_memory(first, third)
    assert not np.shares_memory(*once)


def test_a_traced_cotangent_is_never_written_into() -> None:
    """The first cotangent of x is traced by the outer derivative, and the next ones are not."""

    def slope(w: Any) -> Any:
        return np.sum(grad(lambda x: np.sum(x[0] * 3.0) + np.sum(x * 2.0) + np.sum(np.sin(x) * w))(np.ones(3)))

    np.testing.assert_allclose(grad(slope)(np.ones(3)), np.cos(np.ones(3)))


# Functions of one number that make arrays of it. What is in a box counts: only arrays can be indexed, and what came in
# as a number of Python's comes out as one.
OF_ONE_NUMBER: dict[str, Any] = {
    "axis": lambda y: np.sum(np.sin(y[None])) * y,
    "ellipsis": lambda y: np.sin(y[...]) * y[()],
    "reshape": lambda y: np.sum(np.sin(np.reshape(y, (1,)) ** 2)),
    "stack": lambda y: np.sum(np.sin(np.stack([y, y * y]))),
    "broadcast": lambda y: np.sum(np.exp(y + np.ones(3)) * y),
    "single": lambda y: np.sum((y * np.ones(3, np.float32)) ** 3) * y,
    "complex": lambda y: np.real(np.sum((y * np.ones(3) * (1 + 2j)) ** 3)) * y,
    "where": lambda y: np.where(y > 0, y**3, y),
    "transpose": lambda y: np.sum(y.T**3),
    "slope": lambda y: grad(lambda z: np.sum(np.sin(z[None] * y)) * z)(y)[None][0] * y,
}


@pytest.mark.parametrize("name", OF_ONE_NUMBER)
@pytest.mark.parametrize("x", [0.7, np.float32(0.7), np.float64(0.7), np.array(0.7)], ids=lambda x: type(x).__name__)
def test_modes_agree_on_numbers_that_become_arrays(name: str, x: Any) -> None:
    f = OF_ONE_NUMBER[name]
    found = [outer(inner(f))(x) for outer in (grad, deriv) for inner in (grad, deriv)]
    tolerance = 1e-4 if np.result_type(x) == np.float32 or name == "single" else 1e-13
    np.testing.assert_allclose(found, found[0], rtol=tolerance)
    slopes = [(f_x(0.701) - f_x(0.699)) / 0.002 for f_x in (grad(f), deriv(f))]
    np.testing.assert_allclose(slopes, found[0], rtol=1e-3)
    # Of these the derivative of a gradient has the type of x; that of `deriv` has the type of what f returns.
    assert {type(y) for y in found[:3]} == {type(x)}
    third = [first(second(last(f)))(x) for first in (grad, deriv) for second in (grad, deriv) for last in (grad, deriv)]
    np.testing.assert_allclose(third, third[0], rtol=tolerance)


def test_an_index_that_a_number_has_not() -> None:
    with pytest.raises(TypeError, match="not subscriptable"):
        grad(lambda y: y[0])(0.7)
    with pytest.raises(IndexError):
        grad(lambda y: y[0])(np.float64(0.7))
