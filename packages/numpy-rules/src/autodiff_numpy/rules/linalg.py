"""Solving equations, inverses, determinants and powers.  https://numpy.org/doc/stable/reference/routines.linalg.html

The derivatives are in M. B. Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation", Advances in Automatic Differentiation (2008) 35-44, but for those with a reference of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import make_vjp
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Box, general, primitive, unbox, vspace, zero
from autodiff_numpy.operands import as_array, transposed


def _scalars(vector: Any) -> Any:
    """Give numbers, one for each matrix of a stack, the axes of matrices."""
    return np.expand_dims(vector, (-2, -1))


# solve and inv


def _solve_vjp(argnums: tuple[int, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Pull back ``solve(a, b)``; both cotangents come from one solution with the transposed matrix."""
    a, b = map(as_array, args)
    spaces = [vspace(args[i]) for i in argnums]
    is_vector = b.ndim == 1

    def pull(g: Any) -> tuple[Any, ...]:
        right = np.linalg.solve(transposed(a), g[..., None] if is_vector else g)
        x = y[..., None] if is_vector else y
        found = {}
        if 0 in argnums:
            found[0] = -(right @ transposed(x))
        if 1 in argnums:
            found[1] = right[..., 0] if is_vector else right
        return tuple([space.project(found[i]) for i, space in zip(argnums, spaces, strict=True)])

    return pull


def _solve_jvp(
    argnums: tuple[int, ...], tangents: tuple[Any, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Push forward: a dx = db - da x."""
    a, b = map(as_array, args)
    is_vector = b.ndim == 1
    given = dict(zip(argnums, tangents, strict=True))
    right = 0.0
    if 1 in given:
        right = given[1][..., None] if is_vector else given[1]
    if 0 in given:
        right = right - given[0] @ (y[..., None] if is_vector else y)
    tangent = np.linalg.solve(a, right)
    return tangent[..., 0] if is_vector else tangent


_SOLVE = general(np.linalg.solve)
_SOLVE.vjp_argnums = _solve_vjp
_SOLVE.jvp_argnums = _solve_jvp


def _inv_vjp(y: Any, a: Any) -> Callable[[Any], Any]:
    """Pull back the inverse."""
    y = transposed(y)
    return lambda g: -(y @ g @ y)


def _inv_jvp(tangent: Any, y: Any, a: Any) -> Any:
    """Push forward: d(a^-1) = -a^-1 da a^-1."""
    return -(y @ tangent @ y)


def _tensorinv_jvp(tangent: Any, y: Any, a: Any, ind: int = 2) -> Any:
    """Push forward like `inv`, with the axes joined to those of matrices."""
    size = int(np.prod(y.shape[: y.ndim - ind]))
    inverse, change = np.reshape(y, (size, size)), np.reshape(tangent, (size, size))
    return np.reshape(_inv_jvp(change, inverse, None), y.shape)


# Determinants


@primitive
def cofactors(a: Any) -> Any:
    """Return the matrix of cofactors, whose entry (i, j) is the derivative of ``det(a)`` with respect to ``a[i, j]``.

    It is det(a) a^-T, and computed so unless the determinant is 0. For singular matrices it follows from a singular
    value decomposition u s vh, in which every cofactor is a product without division, as the cofactors of a product
    of matrices are the product of theirs (G. W. Stewart, "On the adjugate matrix", Linear Algebra and its
    Applications 283 (1998) 151-164).
    """
    det = np.linalg.det(a)
    if not np.any((det == 0) | np.isinf(det)):
        return _scalars(det) * transposed(np.linalg.inv(a))
    u, s, vh = np.linalg.svd(a)
    others = _excluding(np.broadcast_to(s[..., None, :], a.shape))
    diagonal = np.diagonal(others, axis1=-2, axis2=-1)
    return _scalars(np.linalg.det(u) * np.linalg.det(vh)) * (u.conj() @ (diagonal[..., None] * vh.conj()))


def _excluding(factors: Any) -> Any:
    """Return for each entry the product of the others in its row, without dividing."""
    ones = np.ones_like(factors[..., :1])
    before = np.cumprod(np.concatenate((ones, factors[..., :-1]), axis=-1), axis=-1)
    after = np.cumprod(np.concatenate((ones, factors[..., :0:-1]), axis=-1), axis=-1)[..., ::-1]
    return before * after


def _cofactors_jvp(tangent: Any, y: Any, a: Any) -> Any:
    """Push forward. Far from singular matrices this is a formula in the inverse, which can be differentiated again."""
    plain = unbox(a)
    if not plain.size or not np.any(np.linalg.cond(plain) >= np.finfo(plain.dtype).eps ** (-1 / 3)):
        inverse = transposed(np.linalg.inv(a))
        trace = np.sum(inverse * tangent, axis=(-2, -1), keepdims=True)
        return _scalars(np.linalg.det(a)) * (trace * inverse - inverse @ transposed(tangent) @ inverse)
    if isinstance(a, Box):
        raise UnsupportedArgumentError(
            "the third derivative of numpy.linalg.det was asked for at a matrix that is singular or almost so, where "
            "it is not known here. First and second derivatives are exact there."
        )
    return _cofactors_jvp_singular(tangent, a)


def _cofactors_jvp_singular(tangent: Any, a: Any) -> Any:
    """Push forward without division: the adjugate of diag(s) + e to first order in e = u^H da v, entry by entry.

    Entry (i, i) changes by the sum over k of e_kk times the product of all s but s_i and s_k, and entry (i, j) by -e_ij
    times the product of all s but s_i and s_j.
    """
    u, s, vh = np.linalg.svd(a)
    eye = np.eye(s.shape[-1], dtype=bool)
    others = np.where(eye, 0, _excluding(np.where(eye, 1, s[..., None, :])))
    e = transposed(u.conj()) @ tangent @ transposed(vh.conj())
    on_diagonal = others @ np.sum(np.where(eye, e, 0), axis=-1, keepdims=True)
    change = np.where(eye, on_diagonal, -others * transposed(e))
    return _scalars(np.linalg.det(u) * np.linalg.det(vh)) * (u.conj() @ change @ vh.conj())


def _det_vjp(y: Any, a: Any) -> Callable[[Any], Any]:
    """Pull back the determinant."""
    return lambda g: _scalars(g) * cofactors(a)


def _slogdet_vjp(y: Any, a: Any) -> Callable[[Any], Any]:
    """Pull back ``(sign, logabsdet)``.

    With dt = tr(a^-1 da): d logabsdet = Re dt and d sign = i sign Im dt, which is 0 for real matrices.
    """
    inverse = transposed(np.linalg.inv(a))
    if inverse.dtype.kind != "c":
        return lambda g: _scalars(g[1]) * inverse
    sign = y[0]
    return lambda g: _scalars(g[1] + 1j * np.imag(g[0] * sign)) * inverse


# matrix_power


def _power_derivative(a: Any, e: Any, n: int) -> Any:
    """Return the change of the matrix power at `a` in the direction `e`: the upper right block of [[a, e], [0, a]]^n.

    N. J. Higham, Functions of Matrices (2008), equation (3.16). Its transpose is the change at the transposed matrix.
    """
    upper = np.concatenate((a, e), axis=-1)
    lower = np.concatenate((np.zeros(a.shape, a.dtype), a), axis=-1)
    size = a.shape[-1]
    return np.linalg.matrix_power(np.concatenate((upper, lower), axis=-2), n)[..., :size, size:]


def _matrix_power_vjp(y: Any, a: Any, n: int) -> Callable[[Any], Any]:
    """Pull back a matrix power."""
    return lambda g: _power_derivative(transposed(a), g, n)


def _matrix_power_jvp(tangent: Any, y: Any, a: Any, n: int) -> Any:
    """Push forward through a matrix power."""
    return _power_derivative(a, tangent, n)


# multi_dot


def _multi_dot_vjp(y: Any, arrays: Any) -> Callable[[Any], Any]:
    """Pull back a chain of products: for each matrix the same chain, transposed, with the cotangent in its place."""
    if len(arrays) == 2:  # for NumPy this is `dot`, which also takes numbers and stacks of matrices
        pull_dot: Callable[[Any], Any] = make_vjp(lambda pair: np.dot(pair[0], pair[1]))(arrays)[0]
        return pull_dot
    matrices = [as_array(array) for array in arrays]
    if matrices[0].ndim == 1:
        matrices[0] = matrices[0][None, :]
    if matrices[-1].ndim == 1:
        matrices[-1] = matrices[-1][:, None]
    flipped = [matrix.T for matrix in reversed(matrices)]
    spaces = [vspace(array) for array in arrays]

    def pull(g: Any) -> Any:
        g = np.reshape(g, (matrices[0].shape[0], matrices[-1].shape[1]))
        last = len(matrices) - 1
        chains = [[*flipped[last - i + 1 :], g, *flipped[: last - i]] for i in range(last + 1)]
        found = [space.project(np.reshape(np.linalg.multi_dot(chain), space.shape))
                 for chain, space in zip(chains, spaces, strict=True)]  # fmt: skip
        return type(arrays)(found) if isinstance(arrays, (list, tuple)) else np.stack(found)

    return pull


def _multi_dot_jvp(t: Any, y: Any, arrays: Any) -> Any:
    """Apply the chain itself, which is linear in each matrix, to one tangent at a time."""
    return sum(np.linalg.multi_dot([*arrays[:i], t[i], *arrays[i + 1 :]]) for i in range(len(arrays)))


# fmt: off
RULES = (
    _SOLVE,
    general(np.linalg.inv,          vjp=_inv_vjp,          jvp=_inv_jvp),
    general(np.linalg.tensorinv,                           jvp=_tensorinv_jvp),
    general(np.linalg.det,          vjp=_det_vjp),
    general(cofactors,                                     jvp=_cofactors_jvp),
    general(np.linalg.slogdet,      vjp=_slogdet_vjp),
    general(np.linalg.matrix_power, vjp=_matrix_power_vjp, jvp=_matrix_power_jvp),
    general(np.linalg.multi_dot,    vjp=_multi_dot_vjp,    jvp=_multi_dot_jvp),
    zero(np.linalg.matrix_rank),
)
# fmt: on
