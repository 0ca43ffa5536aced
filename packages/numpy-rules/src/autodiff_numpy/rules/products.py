"""Matrix and vector products.  https://numpy.org/doc/stable/reference/routines.linalg.html#matrix-and-vector-products

All are linear in each operand, so a rule is its two transposes. What broadcasting had repeated may stay in their
results: it is summed afterwards. Products that conjugate an operand (`vdot`, `vecdot`, `vecmat`) are linear over the
real numbers: the transpose of conjugation, in the pairing Re(sum(g * t)), is conjugation. `einsum` has a
file of its own, and `multi_dot` stands in `linalg.py`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autodiff.extend import Rule, bilinear
from autodiff_numpy.operands import as_array, conjugated, transposed
from autodiff_numpy.vspace import ArraySpace


def _flat(x: Any) -> Any:
    return np.reshape(x, (-1,))


def _fold(x: Any) -> Any:
    """Join the batch axes and the rows: a batch of products with one matrix is one larger product."""
    return np.reshape(x, (math.prod(x.shape[:-1]), x.shape[-1]))


def _all_but(ndim: int, axis: int) -> list[int]:
    """Return all axes but one."""
    axes = list(range(ndim))
    del axes[axis]
    return axes


# matmul. The products of a neural network, of matrices and of a batch with a matrix, come first.


def _matmul_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> a @ b``."""
    ndim = len(a.shape)
    if b.ndim == 2:
        return g @ b.T if ndim == 2 else b @ g if ndim == 1 else np.reshape(_fold(g) @ b.T, a.shape)
    if b.ndim == 1:
        return g * b if ndim == 1 else g[..., None] * b
    if ndim == 1:
        return (b @ g[..., None])[..., 0]
    if ndim == 2:
        return np.tensordot(g, b, (_all_but(g.ndim, -2), _all_but(b.ndim, -2)))
    return g @ transposed(b)


def _matmul_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> a @ b``."""
    if a.ndim == 2:
        return a.T @ g
    ndim = len(b.shape)
    if a.ndim == 1:
        return a * g if ndim == 1 else a[:, None] * g[..., None, :]
    if ndim == 1:
        return _flat(g) @ _fold(a)
    if ndim == 2:
        return _fold(a).T @ _fold(g)
    return transposed(a) @ g


def _linalg_matmul_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> linalg.matmul(a, b)``, a function that takes lists."""
    return _matmul_left(g, a, as_array(b))


def _linalg_matmul_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> linalg.matmul(a, b)``."""
    return _matmul_right(g, as_array(a), b)


# dot and inner: the last axis of `a` meets the last but one, or the last, of `b`; the other axes stand side by side.


def _dot_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> dot(a, b)``."""
    b, ndim = as_array(b), len(a.shape)
    if b.ndim == 2 and ndim == 2:
        return g @ b.T
    if b.ndim == 0 or ndim == 0 or (b.ndim == 1 and ndim == 1):
        return g * b
    if b.ndim == 1:
        return g[..., None] * b
    return np.tensordot(g, b, (list(range(ndim - 1, g.ndim)), _all_but(b.ndim, -2)))


def _dot_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> dot(a, b)``."""
    a, ndim = as_array(a), len(b.shape)
    if a.ndim == 2 and ndim in (1, 2):
        return a.T @ g
    if a.ndim == 0 or ndim == 0 or (a.ndim == 1 and ndim == 1):
        return a * g
    free = list(range(a.ndim - 1))
    product = np.tensordot(a, g, (free, free))
    return product if ndim == 1 else np.moveaxis(product, 0, -2)


def _inner_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> inner(a, b)``."""
    b, ndim = as_array(b), len(a.shape)
    if b.ndim == 0 or ndim == 0:
        return g * b
    return np.tensordot(g, b, b.ndim - 1)


def _inner_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> inner(a, b)``."""
    a, ndim = as_array(a), len(b.shape)
    if a.ndim == 0 or ndim == 0:
        return a * g
    free = list(range(a.ndim - 1))
    return np.tensordot(g, a, (free, free))


# outer and kron: every entry of `a` meets every entry of `b`.


def _outer_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> outer(a, b)``."""
    return np.reshape(g @ _flat(b), a.shape)


def _outer_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> outer(a, b)``."""
    return np.reshape(_flat(a) @ g, b.shape)


def _blocks(g: Any, a: Any, b: Any) -> Any:
    """Return `g` with an axis of `a` and an axis of `b` for each of its axes, and the shapes of both made as long."""
    shapes = [(1,) * (g.ndim - len(x.shape)) + x.shape for x in (a, b)]
    return np.reshape(g, [length for pair in zip(*shapes, strict=True) for length in pair]), *shapes


def _kron_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> kron(a, b)``."""
    b = as_array(b)
    blocks, _, b_shape = _blocks(as_array(g), a, b)
    odd = list(range(1, blocks.ndim, 2))
    return np.reshape(np.tensordot(blocks, np.reshape(b, b_shape), (odd, list(range(len(odd))))), a.shape)


def _kron_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> kron(a, b)``."""
    a = as_array(a)
    blocks, a_shape, _ = _blocks(as_array(g), a, b)
    even = list(range(0, blocks.ndim, 2))
    return np.reshape(np.tensordot(np.reshape(a, a_shape), blocks, (list(range(len(even))), even)), b.shape)


# tensordot


def contracted(a: Any, b: Any, axes: Any) -> tuple[list[int], list[int]]:
    """Return the axes of `a`, and of `b`, over which ``tensordot(a, b, axes)`` sums, in pairs."""
    dims = len(a.shape), len(b.shape)
    if np.ndim(axes) == 0 and not isinstance(axes, (list, tuple)):
        return list(range(dims[0] - int(axes), dims[0])), list(range(int(axes)))
    pairs = [part if np.ndim(part) else [part] for part in axes]
    left, right = ([int(axis) % ndim for axis in part] for part, ndim in zip(pairs, dims, strict=True))
    return left, right


def _ordered(product: Any, axes: list[int]) -> Any:
    """Bring the axis that stands for axis ``axes[i]`` from place i to that place."""
    return np.transpose(product, sorted(range(len(axes)), key=axes.__getitem__))


def _free(ndim: int, contracted: list[int]) -> list[int]:
    return [axis for axis in range(ndim) if axis not in contracted]


def _tensordot_left(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Transpose ``a -> tensordot(a, b, axes)``."""
    b, g = as_array(b), as_array(g)
    left, right = contracted(a, b, axes)
    a_free, b_free = _free(len(a.shape), left), _free(b.ndim, right)
    product = np.tensordot(g, b, (list(range(len(a_free), g.ndim)), b_free))
    return _ordered(product, a_free + [left[right.index(axis)] for axis in sorted(right)])


def _tensordot_right(g: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    """Transpose ``b -> tensordot(a, b, axes)``."""
    a, g = as_array(a), as_array(g)
    left, right = contracted(a, b, axes)
    a_free, b_free = _free(a.ndim, left), _free(len(b.shape), right)
    product = np.tensordot(a, g, (a_free, list(range(len(a_free)))))
    return _ordered(product, [right[left.index(axis)] for axis in sorted(left)] + b_free)


# Products of stacked vectors


def _vdot_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> vdot(a, b)``."""
    return np.reshape(conjugated(as_array(b) * g), a.shape)


def _vdot_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> vdot(a, b)``."""
    return np.reshape(conjugated(as_array(a)) * g, b.shape)


def _vecdot_left(g: Any, a: Any, b: Any, axis: int = -1, keepdims: bool = False) -> Any:
    """Transpose ``a -> vecdot(a, b)``."""
    return _moved_back(conjugated(np.moveaxis(as_array(b), axis, -1) * _with_axis(g, axis, keepdims)), a, axis)


def _vecdot_right(g: Any, a: Any, b: Any, axis: int = -1, keepdims: bool = False) -> Any:
    """Transpose ``b -> vecdot(a, b)``."""
    return _moved_back(conjugated(np.moveaxis(as_array(a), axis, -1)) * _with_axis(g, axis, keepdims), b, axis)


def _with_axis(g: Any, axis: int, keepdims: bool) -> Any:
    """Give the cotangent a last axis for the vectors."""
    return np.moveaxis(g, axis, -1) if keepdims else np.expand_dims(g, -1)


def _moved_back(vector: Any, space: Any, axis: int) -> Any:
    """Bring vectors from the last axis to `axis`, after summing what broadcasting had repeated, to the left of them."""
    if axis == -1:
        return vector
    shape = list(space.shape)
    shape.append(shape.pop(axis))
    return np.moveaxis(ArraySpace(tuple(shape), space.dtype, np.ndarray).project(vector), -1, axis)


def _matvec_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> matvec(a, b)``."""
    return g[..., None] * as_array(b)[..., None, :]


def _matvec_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> matvec(a, b)``."""
    return (g[..., None, :] @ as_array(a))[..., 0, :]


def _vecmat_left(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``a -> vecmat(a, b)``."""
    return conjugated((as_array(b) @ g[..., None])[..., 0])


def _vecmat_right(g: Any, a: Any, b: Any) -> Any:
    """Transpose ``b -> vecmat(a, b)``."""
    return conjugated(as_array(a))[..., None] * g[..., None, :]


# cross


def _cross_left(
    g: Any, a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Transpose ``a -> cross(a, b)``, by g . (a x b) = a . (b x g)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    return _cross_transpose(1, g, np.moveaxis(as_array(b), axisb, -1), a, axisa, axisc)


def _cross_right(
    g: Any, a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None
) -> Any:
    """Transpose ``b -> cross(a, b)``, by g . (a x b) = b . (g x a)."""
    if axis is not None:
        axisa = axisb = axisc = axis
    return _cross_transpose(-1, g, np.moveaxis(as_array(a), axisa, -1), b, axisb, axisc)


def _cross_transpose(sign: int, g: Any, other: Any, space: Any, axis: int, axisc: int) -> Any:
    """Return ``sign * cross(other, g)`` in the shape of `space`, whose vectors lie along `axis`.

    The third component of vectors with two is 0, and has no cotangent.
    """
    length = space.shape[axis]
    if length == other.shape[-1] == 2:
        components = sign * g * other[..., 1], -sign * g * other[..., 0]
        return _moved_back(np.stack(components, -1), space, axis)
    g = np.moveaxis(g, axisc, -1)
    if other.shape[-1] == 2:
        other = np.concatenate((other, np.zeros_like(other[..., :1])), axis=-1)
    product = np.cross(other, g) if sign > 0 else np.cross(g, other)
    return _moved_back(product[..., :length], space, axis)


def _linalg_cross_left(g: Any, a: Any, b: Any, axis: int = -1) -> Any:
    """Transpose ``a -> linalg.cross(a, b)``."""
    return _cross_left(g, a, b, axis=axis)


def _linalg_cross_right(g: Any, a: Any, b: Any, axis: int = -1) -> Any:
    """Transpose ``b -> linalg.cross(a, b)``."""
    return _cross_right(g, a, b, axis=axis)


#: By name, as Jacobians have short cuts for its pulls.
MATMUL_RULE = bilinear(np.matmul, _matmul_left, _matmul_right, fresh=True)

# fmt: off
RULES: tuple[Rule, ...] = (
    MATMUL_RULE,
    bilinear(np.dot,              _dot_left,           _dot_right,           fresh=True),
    bilinear(np.inner,            _inner_left,         _inner_right,         fresh=True),
    bilinear(np.outer,            _outer_left,         _outer_right,         fresh=True),
    bilinear(np.kron,             _kron_left,          _kron_right,          fresh=True),
    bilinear(np.tensordot,        _tensordot_left,     _tensordot_right,     fresh=True),
    bilinear(np.vdot,             _vdot_left,          _vdot_right,          fresh=True),
    bilinear(np.vecdot,           _vecdot_left,        _vecdot_right,        fresh=True),
    bilinear(np.cross,            _cross_left,         _cross_right,         fresh=True),
    bilinear(np.linalg.matmul,    _linalg_matmul_left, _linalg_matmul_right, fresh=True),
    bilinear(np.linalg.outer,     _outer_left,         _outer_right,         fresh=True),
    bilinear(np.linalg.tensordot, _tensordot_left,     _tensordot_right,     fresh=True),
    bilinear(np.linalg.vecdot,    _vecdot_left,        _vecdot_right,        fresh=True),
    bilinear(np.linalg.cross,     _linalg_cross_left,  _linalg_cross_right,  fresh=True),
)
if hasattr(np, "matvec"):  # NumPy 2.2
    RULES += (
        bilinear(np.matvec,       _matvec_left,        _matvec_right,        fresh=True),
        bilinear(np.vecmat,       _vecmat_left,        _vecmat_right,        fresh=True),
    )
# fmt: on
