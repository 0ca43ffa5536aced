"""Least squares and tensor equations.

https://numpy.org/doc/stable/reference/routines.linalg.html#solving-equations-and-inverting-matrices
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import unbox
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating
from autodiff_numpy.rules.decompositions import refuse_truncation
from autodiff_numpy.vspace import normalised_axes


def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    """Solve by the pseudo-inverse, whose derivative is that for changes that keep the rank."""
    a, b = as_floating(as_array(a)), as_floating(as_array(b))
    rows, columns = a.shape
    eps = np.finfo(np.result_type(unbox(a), unbox(b), np.float32)).eps
    if rcond is None:
        rcond = eps * max(rows, columns)
    elif rcond < 0:
        rcond = eps
    s = np.linalg.svd(a, compute_uv=False)
    plain = unbox(s)
    large = plain > rcond * np.max(plain, initial=0)
    rank = np.count_nonzero(large)
    refuse_truncation("numpy.linalg.lstsq", plain, large, max(rows, columns))
    x = np.linalg.pinv(a, rcond=rcond) @ b
    if rank == columns < rows:
        rest = b - a @ x
        residuals = np.atleast_1d(np.sum(np.real(rest * np.conj(rest)), axis=0))
    else:
        residuals = np.zeros(0, plain.dtype)
    return x, residuals, rank, s


def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve a system whose unknowns have the last axes of `a`."""
    a, b = as_array(a), as_array(b)
    if axes is not None:
        last = normalised_axes(tuple(axes), a.ndim)
        a = np.transpose(a, (*(i for i in range(a.ndim) if i not in last), *last))
    shape = a.shape[b.ndim :]
    return np.reshape(np.linalg.solve(np.reshape(a, (-1, math.prod(shape))), np.reshape(b, -1)), shape)


RULES = (
    composed(np.linalg.lstsq, _lstsq, argnums=(0, 1)),
    composed(np.linalg.tensorsolve, _tensorsolve, argnums=(0, 1)),
)
