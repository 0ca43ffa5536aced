"""Matrix decompositions and eigenvalues.  https://numpy.org/doc/stable/reference/routines.linalg.html#decompositions

`cholesky`, `eigh` and `eigvalsh` read one triangle of their argument, as if it were the lower or upper half of a
Hermitian matrix. So do these derivatives: the gradient is 0 in the other triangle, and counts what the entry stands
for twice.

The pullbacks are written for the pairing <a, b> = Re(sum(conj(a) * b)), in which adjoints of products are conjugate
transposes; cotangents are conjugated on the way in and on the way out. Where eigenvalues or singular values are
equal, but for rounding, the vectors have no derivative, and it comes out as NaN; that of the values is right, if only
they were used.
Of complex vectors, whose phase is arbitrary, only functions that do not depend on it have a derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Box, general, unbox
from autodiff_numpy.operands import adjoint, conjugated, transposed


def is_unused(g: Any) -> bool:
    """Whether a cotangent is zero for good: nothing was computed from that part of the result."""
    return not isinstance(g, Box) and not np.any(g)


def inverse_differences(values: Any) -> Any:
    """Return 1 / (values[j] - values[i]): 0 on the diagonal, NaN where values are equal, but for rounding."""
    differences = values[..., None, :] - values[..., :, None]
    plain = np.abs(unbox(values))
    size = plain.shape[-1]
    noise = size * np.finfo(plain.dtype).eps * np.max(plain, axis=-1, initial=0)
    equal = np.abs(unbox(differences)) <= noise[..., None, None]
    inverse = np.where(equal, np.nan, 1 / np.where(equal, 1, differences))
    return np.where(np.eye(size, dtype=bool), 0, inverse)


def _real_diagonal(matrix: Any) -> Any:
    """Return the real part of the diagonal, as a diagonal matrix."""
    return np.where(np.eye(matrix.shape[-1], dtype=bool), np.real(matrix) if matrix.dtype.kind == "c" else matrix, 0)


def _triangle(matrix: Any, lower: bool) -> Any:
    """Return the adjoint of reading one triangle, applied to `matrix`; conjugated, as pullbacks return it."""
    if lower:
        read = np.tril(matrix, -1) + np.tril(adjoint(matrix), -1)
    else:
        read = np.triu(matrix, 1) + np.triu(adjoint(matrix), 1)
    return conjugated(read + _real_diagonal(matrix))


# cholesky


def _cholesky_vjp(y: Any, a: Any, upper: bool = False) -> Callable[[Any], Any]:
    """Pull back the factor L of a = L L^H: L^-H phi(L^H g) L^-1, with phi the lower triangle and half the diagonal.

    I. Murray, "Differentiation of the Cholesky decomposition", arXiv:1602.07527, equation (10).
    """
    factor = transposed(y) if upper else y  # the upper factor of a is that of its transpose, transposed
    right = adjoint(factor)

    def pull(g: Any) -> Any:
        product = right @ conjugated(transposed(g) if upper else g)
        half = np.tril(product, -1) + 0.5 * _real_diagonal(product)
        pulled = adjoint(np.linalg.solve(right, adjoint(np.linalg.solve(right, half))))
        read = _triangle(pulled, lower=True)
        return transposed(read) if upper else read

    return pull


# eigh


def _eigh_vjp(y: Any, a: Any, UPLO: Any = "L") -> Callable[[Any], Any]:
    """Pull back eigenvalues w and eigenvectors v: v (diag(g_w) + F * v^H g_v) v^H, with F_ij = 1 / (w_j - w_i).

    M. B. Giles, "Collected matrix derivative results", Advances in Automatic Differentiation (2008) 35-44, section 3.1.
    """
    w, v = y

    def pull(g: Any) -> Any:
        g_w, g_v = g
        core = np.where(np.eye(w.shape[-1], dtype=bool), g_w[..., None], 0)
        if not is_unused(g_v):
            core = core + inverse_differences(w) * (adjoint(v) @ conjugated(g_v))
        return _triangle(v @ core @ adjoint(v), UPLO.upper() == "L")

    return pull


def _eigh_jvp(tangent: Any, y: Any, a: Any, UPLO: Any = "L") -> Any:
    """Push forward: the diagonal of h = v^H da v, and v (F * h). Vectors of equal eigenvalues have the tangent NaN."""
    w, v = y
    read = np.tril(tangent, -1) if UPLO.upper() == "L" else np.triu(tangent, 1)
    h = adjoint(v) @ (read + adjoint(read) + _real_diagonal(tangent)) @ v
    changes = np.real(np.diagonal(h, axis1=-2, axis2=-1))
    return type(y)(changes, v @ (inverse_differences(w) * h))


def _eigvalsh_vjp(y: Any, a: Any, UPLO: Any = "L") -> Callable[[Any], Any]:
    """Pull back eigenvalues alone."""

    def pull(g: Any) -> Any:
        _, v = np.linalg.eigh(a, UPLO)
        return _triangle(v * g[..., None, :] @ adjoint(v), UPLO.upper() == "L")

    return pull


# svd


def _svd_vjp(y: Any, a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Callable[[Any], Any]:
    """Pull back a singular value decomposition u s vh.

    J. Townsend, "Differentiating the singular value decomposition" (2016); with the phases of complex vectors, Z.-Q.
    Wan and S.-X. Zhang, "Automatic differentiation for complex valued SVD", arXiv:1909.02659.
    """
    if not compute_uv:
        return _svdvals_vjp(y, a)
    rows, columns = a.shape[-2:]
    if full_matrices and rows != columns:
        raise UnsupportedArgumentError(
            f"numpy.linalg.svd cannot be differentiated with full_matrices=True for matrices of shape "
            f"{(rows, columns)}: the vectors beyond the singular values are arbitrary. Pass full_matrices=False."
        )
    u, s, vh = y
    v = adjoint(vh)

    def pull(g: Any) -> Any:
        g_u, g_s, g_vh = g
        eye = np.eye(s.shape[-1], dtype=bool)
        core = np.where(eye, g_s[..., None], 0)
        total = 0.0
        if not is_unused(g_u):
            g_u = conjugated(g_u)
            product = adjoint(u) @ g_u
            turned = inverse_differences(s) / _sums(s) * product
            core = core + (turned + adjoint(turned)) * s[..., None, :]
            if product.dtype.kind == "c":
                core = core + np.where(eye, 1j * np.imag(product) / s[..., None], 0)
            if rows > s.shape[-1]:
                total = ((g_u - u @ product) / s[..., None, :]) @ vh
        if not is_unused(g_vh):
            g_v = transposed(g_vh)
            product = vh @ g_v
            turned = inverse_differences(s) / _sums(s) * product
            core = core + s[..., None] * (turned + adjoint(turned))
            if columns > s.shape[-1]:
                total = total + (u / s[..., None, :]) @ adjoint(g_v - v @ product)
        return conjugated(u @ core @ vh + total)

    return pull


def _sums(s: Any) -> Any:
    """Return s[j] + s[i], 1 where that is 0."""
    sums = s[..., None, :] + s[..., :, None]
    return np.where(unbox(sums) == 0, 1, sums)


def _svdvals_vjp(y: Any, x: Any) -> Callable[[Any], Any]:
    """Pull back singular values alone."""

    def pull(g: Any) -> Any:
        u, _, vh = np.linalg.svd(x, full_matrices=False)
        return conjugated((u * g[..., None, :]) @ vh)

    return pull


# qr


def _qr_vjp(y: Any, a: Any, mode: str = "reduced") -> Callable[[Any], Any]:
    """Pull back a QR decomposition; of wide matrices too, whose columns beyond the square part are q times those of r.

    H.-J. Liao, J.-G. Liu, L. Wang and T. Xiang, "Differentiable programming tensor networks", arXiv:1903.09650,
    appendix.
    """
    rows, columns = a.shape[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and rows <= columns):
        raise UnsupportedArgumentError(
            f"numpy.linalg.qr cannot be differentiated with mode={mode!r} for matrices of shape {(rows, columns)}. "
            "Pass mode='reduced' or mode='r'."
        )
    size = min(rows, columns)

    def pull(g: Any) -> Any:
        q, r = np.linalg.qr(a) if mode == "r" else y
        g_q, g_r = (0.0, conjugated(g)) if mode == "r" else (conjugated(g[0]), conjugated(g[1]))
        square, rest, g_rest = r[..., :size], a[..., size:], g_r[..., size:]
        if columns > size:
            g_q = g_q + rest @ adjoint(g_rest)
        product = g_r[..., :size] @ adjoint(square)
        if not isinstance(g_q, float):
            product = product - adjoint(q) @ g_q
        hermitian = np.triu(product, 1) + adjoint(np.triu(product, 1)) + _real_diagonal(product)
        pulled = adjoint(np.linalg.solve(square, adjoint(g_q + q @ hermitian)))
        return conjugated(np.concatenate((pulled, q @ g_rest), axis=-1) if columns > size else pulled)

    return pull


# pinv


def refuse_truncation(name: str, s: Any, large: Any, size: int) -> None:
    """Raise where singular values count as 0 that are not: the derivatives are those for changes that keep the rank."""
    noise = 10 * size * np.finfo(s.dtype).eps * np.max(s, axis=-1, keepdims=True, initial=0)
    if np.any(~large & (s > noise)):
        raise UnsupportedArgumentError(
            f"{name} was told by `rcond` to drop singular values that are not 0, and then its derivative is not known "
            "here. Build the result from `numpy.linalg.svd`, or pass a smaller `rcond`."
        )


def _pinv_jvp(tangent: Any, y: Any, a: Any, rcond: Any = None, *, rtol: Any = None) -> Any:
    """Push forward, for changes that keep the rank.

    G. H. Golub and V. Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate", SIAM Journal on Numerical Analysis 10 (1973) 413-432, equation (4.12).
    """
    if (cutoff := rtol if rcond is None else rcond) is not None:
        s = np.linalg.svd(unbox(a), compute_uv=False)
        large = s > np.asarray(cutoff)[..., None] * np.max(s, axis=-1, keepdims=True, initial=0)
        refuse_truncation("numpy.linalg.pinv", s, large, max(a.shape[-2:]))
    change, flipped = adjoint(tangent), adjoint(y)
    left = y @ (flipped @ change)
    right = (change @ flipped) @ y
    return -(y @ tangent @ y) + (left - (left @ a) @ y) + (right - y @ (a @ right))


# fmt: off
RULES = (
    general(np.linalg.cholesky, vjp=_cholesky_vjp),
    general(np.linalg.eigh,     vjp=_eigh_vjp, jvp=_eigh_jvp),
    general(np.linalg.eigvalsh, vjp=_eigvalsh_vjp),
    general(np.linalg.svd,      vjp=_svd_vjp),
    general(np.linalg.svdvals,  vjp=_svdvals_vjp),
    general(np.linalg.qr,       vjp=_qr_vjp),
    general(np.linalg.pinv,     jvp=_pinv_jvp),
)
# fmt: on
