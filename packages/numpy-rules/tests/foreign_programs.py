"""Programs in plain NumPy that arrays of other libraries run as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

#: Functions of a 4 x 3 array with entries between 0.5 and 1.5, to a number.
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    # elementwise
    "arithmetic": lambda x: np.sum(2.0 * x + x**3 - 1.0 / x),
    "functions": lambda x: np.sum(np.tanh(x) * np.exp(x) / np.sqrt(x) + np.log(x)),
    "two arguments": lambda x: np.sum(np.arctan2(x, 2.0) * np.maximum(x, 1.0)),
    "base": lambda x: np.sum(2.0**x),
    "broadcasting": lambda x: np.sum(x * x[0] * np.arange(3.0)),
    "where": lambda x: np.sum(np.where(x > 1, x * x, 0.3 * x)),
    "clip": lambda x: np.sum(np.clip(x, 0.6, 1.2) ** 2),
    "absolute": lambda x: np.sum(np.abs(x - 1) ** 3),
    # reductions
    "sum of an axis": lambda x: np.sum(np.sum(x, axis=1, keepdims=True) * x),
    "method": lambda x: (x * x).sum(axis=0).sum(),
    "mean": lambda x: np.sum(np.mean(x, axis=0) ** 2),
    "largest": lambda x: np.sum(np.max(x, axis=0) * np.min(x)),
    "product": lambda x: np.prod(x),
    "spread": lambda x: np.std(x) + np.sum(np.var(x, axis=-1)),
    "norm": lambda x: np.linalg.norm(x),
    "logsumexp": lambda x: np.log(np.sum(np.exp(x))),
    "accumulation": lambda x: np.sum(np.cumsum(x, axis=0) ** 2),
    # products
    "gram": lambda x: np.sum(np.tanh(x.T @ x)),
    "matrix": lambda x: np.sum(np.tanh(x @ np.arange(6.0).reshape(3, 2))),
    "dot": lambda x: np.sum(np.dot(x, x[0]) ** 2),
    "tensordot": lambda x: np.sum(np.tensordot(x, x, axes=([1], [1])) ** 2),
    "einsum": lambda x: np.sum(np.einsum("ij,kj->ik", x, x) ** 2),
    "outer": lambda x: np.sum(np.outer(x[0], x[1]) ** 2),
    # slicing and arranging
    "row": lambda x: np.sum(x[1] * x[-1]),
    "slice": lambda x: np.sum(x[1:3, ::2] ** 2),
    "entry": lambda x: x[1, 1] * x[0, 2],
    "new axis": lambda x: np.sum((x[None, :, 1] - x[:, None, 1]) ** 2),
    "repeated rows": lambda x: np.sum(x[[0, 2, 0, 0]] ** 3),
    "reshape": lambda x: np.sum(np.reshape(x, (12,)) ** 2 * np.arange(12.0)),
    "transpose": lambda x: np.sum(np.transpose(x) ** 2 * np.arange(4.0)),
    "concatenate": lambda x: np.sum(np.concatenate([x, x * x], axis=0) ** 2),
    "stack": lambda x: np.sum(np.stack([x, 2 * x]) ** 3),
    "flip": lambda x: np.sum(np.flip(x, 0) * x),
    "roll": lambda x: np.sum(np.roll(x, 1, 0) * x**2),
    "diff": lambda x: np.sum(np.diff(x, axis=0) ** 2),
}
