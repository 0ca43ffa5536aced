"""Covariances and correlations.  https://numpy.org/doc/stable/reference/routines.statistics.html#correlating

`correlate` stands in `convolution.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating, conjugated


def _cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """Multiply the deviations of the variables, which are rows here, with one another."""
    x = _variables(m, rowvar, dtype, turn=_turns(m))
    if x.shape[0] == 0:
        return np.zeros((0, 0))
    if y is not None:
        x = np.concatenate((x, _variables(y, rowvar, dtype, turn=np.shape(y)[:1] != (1,))), axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    weights = as_floating(1 if fweights is None else as_array(fweights))
    if aweights is not None:
        aweights = as_floating(as_array(aweights))
        weights = weights * aweights
    weights = weights * np.ones(x.shape[1])
    total = np.sum(weights)
    freedom = total - ddof * (1 if aweights is None else np.sum(weights * aweights) / total)
    x = x - np.sum(x * weights, axis=1, keepdims=True) / total
    return np.squeeze((x * weights) @ conjugated(x).T / (freedom if freedom > 0 else 0.0))


def _variables(m: Any, rowvar: Any, dtype: Any, *, turn: bool) -> Any:
    """Return variables as rows, in floating-point numbers."""
    x = as_floating(as_array(m))
    if dtype is not None:
        x = x.astype(dtype)
    if x.ndim < 2:
        return np.reshape(x, (1, -1))
    return x if rowvar or not turn else x.T


def _turns(m: Any) -> bool:
    """Whether `rowvar=False` means that the rows of `m` are observations; versions of NumPy differ on a single row."""
    return np.shape(m)[:1] != (1,) or np.cov(np.ones((1, 2)), rowvar=False, ddof=0).ndim == 2


def _corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    """Divide covariances by standard deviations. NumPy then clips to [-1, 1], which only removes rounding errors."""
    c = _cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    variances = np.diagonal(c)
    deviations = np.sqrt(np.real(variances) if c.dtype.kind == "c" else variances)
    return c / (deviations[:, None] * deviations)


RULES = (
    composed(np.cov, _cov, argnums=(0, 1, 6)),
    composed(np.corrcoef, _corrcoef, argnums=(0, 1)),
)
