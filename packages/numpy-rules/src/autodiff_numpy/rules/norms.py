"""Norms.  https://numpy.org/doc/stable/reference/routines.linalg.html#norms-and-other-numbers

A norm changes by the sum over all entries of Re(weight * change). Where it is 0, and where an entry is 0 that counts by
its absolute value, the weight is 0, even under an infinite cotangent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import general, unbox, vspace
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating, conjugated
from autodiff_numpy.vspace import normalised_axes

# Each of the following functions returns `v` times the weights. `y` is the norm, with its axes kept, and `v` a vector
# that broadcasts to the shape of `x`.


def _euclidean(v: Any, y: Any, x: Any) -> Any:
    """Weigh for sqrt(sum |x|^2)."""
    is_zero = unbox(y) == 0
    return np.where(is_zero, 0, v / np.where(is_zero, 1, y)) * conjugated(x)


def _power_sum(v: Any, y: Any, x: Any, order: float) -> Any:
    """Weigh for (sum |x|^order)^(1/order)."""
    is_zero = unbox(y) == 0
    u = x / np.where(is_zero, 1, y)
    if order > 0 and order % 2 == 0:  # a polynomial at 0, with derivatives of every order
        return np.where(is_zero, 0, v) * (conjugated(u) * _square(u) ** (order / 2 - 1))
    is_zero = is_zero | (unbox(x) == 0)
    return np.where(is_zero, 0, v) * (conjugated(u) * np.abs(np.where(is_zero, 1, u)) ** (order - 2))


def _square(u: Any) -> Any:
    """Return |u|^2."""
    return np.real(u * np.conj(u)) if u.dtype.kind == "c" else u * u


def _phase(v: Any, x: Any) -> Any:
    """Weigh for |x|, entry by entry."""
    is_zero = unbox(x) == 0
    v = np.where(is_zero, 0, v)
    return v * (np.conj(x) / np.abs(np.where(is_zero, 1, x)) if x.dtype.kind == "c" else np.sign(unbox(x)))


def _extreme(sizes: Any, largest: bool, axes: Any) -> Any:
    """Return weights that choose the largest or smallest number along axes; equal ones share."""
    chosen = sizes == (np.max if largest else np.min)(sizes, axis=axes, keepdims=True)
    return chosen / np.sum(chosen, axis=axes, keepdims=True, dtype=sizes.dtype)


def _chosen(v: Any, x: Any, weights: Any) -> Any:
    """Weigh for the absolute values that `weights` chooses."""
    return _phase(np.where(weights == 0, 0, v), x) * weights


def _vector(v: Any, y: Any, x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """Weigh for a norm of vectors."""
    if order is None or order == 2:
        return _euclidean(v, y, x)
    if order == 1:
        return _phase(v, x)
    if order == 0:
        return np.zeros_like(unbox(x))
    if np.isinf(order):
        return _chosen(v, x, _extreme(np.abs(unbox(x)), order > 0, axes))
    return _power_sum(v, y, x, order)


def _matrix(v: Any, y: Any, x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """Weigh for a norm of matrices."""
    if order is None or order == "fro":
        return _euclidean(v, y, x)
    if order in (2, -2, "nuc"):
        return _spectral(v, x, order, axes)
    rows, columns = axes
    summed, compared = (rows, columns) if abs(order) == 1 else (columns, rows)
    sums = np.sum(np.abs(unbox(x)), axis=summed, keepdims=True)
    return _chosen(v, x, np.broadcast_to(_extreme(sums, order > 0, compared), x.shape))


def _spectral(v: Any, x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    """Weigh for the largest singular value, the smallest, or their sum; the value s = u^H x w changes by u^H dx w."""
    matrices = np.moveaxis(x, axes, (-2, -1))
    is_zero = np.all(unbox(matrices) == 0, axis=(-2, -1), keepdims=True)
    rows, columns = matrices.shape[-2:]
    u, s, vh = np.linalg.svd(np.where(is_zero, np.eye(rows, columns) * np.arange(columns), matrices), False)
    s = unbox(s)
    if order == "nuc":
        weights = 1.0 * (s > np.finfo(s.dtype).eps * max(rows, columns) * np.max(s, -1, keepdims=True))
    else:
        weights = _extreme(s, order > 0, -1) * (s > 0)
    weights = np.where(is_zero[..., 0], 0, weights).astype(s.dtype)
    return np.moveaxis(conjugated(u * weights[..., None, :]) @ conjugated(vh), (-2, -1), axes) * v


# What the three functions of NumPy have in common.


def _pull(weigh: Callable[..., Any], y: Any, x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Return the pullback of a norm over `axes`."""
    space = vspace(x)
    x = as_array(x)
    kept = (lambda v: v) if keepdims else (lambda v: np.expand_dims(v, axes))
    return lambda g: space.project(weigh(kept(g), kept(y), x, order, axes))


def _norm_vjp(y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Pull back `norm`: that of all entries, of matrices if there are two axes, or of vectors."""
    axes = normalised_axes(axis, as_array(x).ndim)
    weigh = _matrix if len(axes) == 2 and not (axis is None and ord is None) else _vector
    return _pull(weigh, y, x, ord, axes, keepdims)


def _vector_norm_vjp(y: Any, x: Any, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:  # noqa: A002
    """Pull back `vector_norm`: the entries along all of the axes are one vector."""
    return _pull(_vector, y, x, ord, normalised_axes(axis, as_array(x).ndim), keepdims)


def _matrix_norm_vjp(y: Any, x: Any, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002
    """Pull back `matrix_norm`: the last two axes are matrices."""
    return _pull(_matrix, y, x, ord, (as_array(x).ndim - 2, as_array(x).ndim - 1), keepdims)


# cond

# Before NumPy 2.3 the condition number of a complex matrix is complex, but for the spectral norm.
_TYPED_AS_ITS_ARGUMENT = np.iscomplexobj(np.linalg.cond(np.eye(1, dtype=complex), 1))


def _cond(x: Any, p: Any = None) -> Any:
    """Compare the norms of a matrix and its inverse."""
    x = as_floating(as_array(x))
    if p is None or p in (2, -2):  # of matrices with equal singular values these norms share the derivative
        largest, smallest = (np.linalg.norm(x, order, axis=(-2, -1)) for order in (2, -2))
        return smallest / largest if p == -2 else largest / smallest
    product = np.linalg.norm(x, p, axis=(-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, axis=(-2, -1))
    return product.astype(np.result_type(product, x)) if _TYPED_AS_ITS_ARGUMENT else product


RULES = (
    composed(np.linalg.cond, _cond),
    general(np.linalg.norm, vjp=_norm_vjp),
    general(np.linalg.vector_norm, vjp=_vector_norm_vjp),
    general(np.linalg.matrix_norm, vjp=_matrix_norm_vjp),
)
