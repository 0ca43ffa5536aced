"""Any two transforms, and three, compose: drawn compositions of them agree with loops and finite differences."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import checkpoint, grad, hessian, jacobian, make_hvp, make_jvp, vector_jacobian_product, vmap

W = np.linspace(-1.0, 1.3, 12).reshape(4, 3)

#: Functions from arrays of shape (3,) to arrays.
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "tanh layer": lambda x: np.tanh(W @ x),
    "cumulative products": lambda x: np.cumprod(1.0 + 0.1 * x) * x[::-1],
    "softmax": lambda x: np.exp(x) / np.sum(np.exp(x)),
    "outer": lambda x: np.outer(x, np.sin(x))[1:],
    "indices": lambda x: x[[0, 2, 2, 1]] ** 2 * x[0],
    "sorted": lambda x: np.sort(x * x) @ W.T,
    "where": lambda x: np.where(x > 0.1, x**3, np.cos(x)),
    "norm": lambda x: np.stack([np.linalg.norm(x), np.max(x) * x[1]]),
    "loop": lambda x: _loop(x),
    "solve": lambda x: np.linalg.solve(np.eye(3) * 4 + np.outer(x, x), np.cos(x)),
    "assignment": lambda x: _assigned(x),
    "scalar": lambda x: np.sum(np.log1p(x * x)) * x[0],
}


def _loop(x: Any) -> Any:
    total = x
    for i in range(3):
        total = np.sin(total) + x[i]
    return total


def _assigned(x: Any) -> Any:
    y = np.exp(x)
    y[1] = x[0] * x[2]
    return y * x


def _direction(x: Any) -> Any:
    return np.cos(np.arange(float(np.size(x)))).reshape(np.shape(x)) + 0.5


def _total(y: Any) -> Any:
    return np.sum(y * _direction(y))


#: Each maps a function of an array to another such function; beside it stands the same, found in another way.
Transform = Callable[[Callable[[Any], Any]], Callable[[Any], Any]]
TRANSFORMS: dict[str, tuple[Transform, Transform]] = {
    "grad": (
        lambda f: lambda x: grad(lambda x: _total(f(x)))(x),
        lambda f: lambda x: _differences(lambda x: _total(f(x)), x),
    ),
    "jvp": (
        lambda f: lambda x: make_jvp(f)(x)(_direction(x))[1],
        lambda f: lambda x: _differences(lambda t: f(x + t * _direction(x)), np.zeros(())),
    ),
    "vjp": (
        lambda f: lambda x: vector_jacobian_product(f)(x, _direction(f(x))),
        lambda f: lambda x: np.tensordot(_direction(f(x)), _differences(f, x), np.ndim(f(x))),
    ),
    "jacobian": (lambda f: lambda x: jacobian(f)(x), lambda f: lambda x: _differences(f, x)),
    "forward jacobian": (lambda f: lambda x: jacobian(f, mode="forward")(x), lambda f: lambda x: _differences(f, x)),
    "chunks": (
        lambda f: lambda x: jacobian(f, mode="reverse", chunk_size=2)(x),
        lambda f: lambda x: _differences(f, x),
    ),
    "hessian": (
        lambda f: lambda x: hessian(lambda x: _total(f(x)))(x),
        lambda f: lambda x: _differences(lambda x: _differences(lambda x: _total(f(x)), x), x),
    ),
    "hvp": (
        lambda f: lambda x: make_hvp(lambda x: _total(f(x)))(x)[0](_direction(x)),
        lambda f: (
            lambda x: _differences(lambda t: _differences(lambda x: _total(f(x)), x + t * _direction(x)), np.zeros(()))
        ),
    ),
    "checkpoint": (lambda f: lambda x: checkpoint(f)(x), lambda f: f),
    "vmap": (
        lambda f: lambda x: vmap(f)(np.stack([x, 2.0 * x, x + 0.3])),
        lambda f: lambda x: np.stack([f(x), f(2.0 * x), f(x + 0.3)]),
    ),
    "vmap along the last axis": (
        lambda f: lambda x: vmap(f, -1, -1)(np.stack([x, 0.7 * x], axis=-1)),
        lambda f: lambda x: np.stack([f(x), f(0.7 * x)], axis=-1),
    ),
}


#: How many derivatives a transform takes, if not one.
ORDERS = {"hessian": 2, "hvp": 2, "checkpoint": 0, "vmap": 0, "vmap along the last axis": 0}


def _differences(f: Callable[[Any], Any], x: Any) -> Any:
    """Return the Jacobian by the fourth-order rule, in the layout of `jacobian`."""
    step = 2e-3
    columns = []
    for vector in np.eye(x.size).reshape(x.size, *x.shape):
        values = [f(x + k * step * vector) for k in (-2, -1, 1, 2)]
        columns.append((values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step))
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


@pytest.mark.parametrize("seed", range(150))
def test_compositions(seed: int) -> None:
    rng = random.Random(seed)
    program = rng.choice(list(PROGRAMS))
    names = rng.choices(list(TRANSFORMS), k=rng.choice([1, 2, 2, 2, 3]))
    while (order := sum(ORDERS.get(name, 1) for name in names)) > 3:  # each difference quotient loses three digits
        names.pop()
    ours = theirs = PROGRAMS[program]
    for name in names:
        ours, theirs = TRANSFORMS[name][0](ours), TRANSFORMS[name][1](theirs)
    generator = np.random.default_rng(seed)
    x = generator.permutation([-0.6, 0.3, 0.8]) + generator.uniform(-0.05, 0.05, 3)  # away from ties and from 0.1
    found, expected = ours(x), theirs(x)
    assert np.shape(found) == np.shape(expected), f"{' of '.join(reversed(names))} of {program}"
    scale = np.max(np.abs(expected), initial=1.0)
    tolerance = scale * 10.0 ** min(-3, -11 + 3 * order)
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance, err_msg=f"{names} of {program}")
