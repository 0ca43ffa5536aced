"""Users may write into what transforms return: no two arrays, and no two entries of one, share memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import grad, hessian, jacobian, make_jvp, make_vjp, vmap
from autodiff.containers import flatten

X = np.array([1.0, 2.0, 3.0])


def _total(fun: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda pair: sum(np.sum(leaf) ** 2 for leaf in flatten(fun(pair))[0])


def _repeated(y: Any) -> Any:
    return y, y, y.reshape(1, -1)


@pytest.mark.parametrize(
    "fun",
    [
        lambda pair: pair[0] + pair[1],
        lambda pair: (pair[0], pair[0][::-1], pair),
        lambda pair: _repeated(pair[0] * pair[1]),
        lambda pair: np.broadcast_to(pair[0] * pair[1], (2, 3)),
        lambda pair: np.broadcast_to(np.sum(pair[0] + pair[1]), 4),
        lambda pair: np.diagonal(np.outer(*pair)),
        lambda pair: np.meshgrid(*pair, copy=False),
    ],
)
@pytest.mark.parametrize(
    "transform",
    [
        lambda fun: lambda x, y: jacobian(fun, mode="reverse")((x, y)),
        lambda fun: lambda x, y: jacobian(fun, mode="forward")((x, y)),
        lambda fun: lambda x, y: jacobian(fun, chunk_size=2)((x, y)),
        lambda fun: lambda x, y: hessian(_total(fun))((x, y)),
        lambda fun: lambda x, y: vmap(fun)((np.stack([x, y]), np.stack([y, x]))),
        lambda fun: lambda x, y: vmap(fun, -1, -1)((np.stack([x, y], -1), np.stack([y, x], -1))),
        lambda fun: lambda x, y: vmap(grad(_total(fun)))((np.stack([x, y]), np.stack([y, x]))),
        lambda fun: lambda x, y: vmap(lambda pair: make_vjp(fun)(pair)[0](fun(pair)))((np.stack([x, y]),) * 2),
        lambda fun: lambda x, y: make_jvp(fun)((x, y))((x, y))[1],
    ],
)
def test_results_may_be_written_into(transform: Any, fun: Any) -> None:
    found = flatten(transform(fun)(X, X))[0]
    for array in found:
        assert array.flags.writeable
        assert all(stride for stride, length in zip(array.strides, array.shape, strict=True) if length > 1)
    for one, other in itertools.combinations([X, *found], 2):
        assert not np.shares_memory(one, other)
