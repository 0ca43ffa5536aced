"""Eigenvalues of general matrices.  https://numpy.org/doc/stable/reference/routines.linalg.html#matrix-eigenvalues

Those of Hermitian matrices stand in `decompositions.py`.

An eigenvector may be multiplied by any complex number. NumPy hands on LAPACK's choice (`geev`): length 1, and the
largest entry is real. These are derivatives of that choice, so they are right also for functions that depend on it; at
a tie of the largest entries, only functions that do not depend on the phase have a derivative, which is then right.

Where eigenvalues are equal the vectors have no derivative, and it comes out as NaN; that of the values is right, if
they are used in a symmetric way. A defective matrix, which has too few vectors, is refused: its eigenvalues are not
differentiable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import general, unbox, vspace
from autodiff_numpy.operands import adjoint, conjugated
from autodiff_numpy.rules.decompositions import inverse_differences, is_unused


def _eig_vjp(y: Any, a: Any) -> Callable[[Any], Any]:
    """Pull back values w and vectors v: v^-H (diag(g_w) + conj(F) * v^H g_u) v^H, with F_ij = 1 / (w_j - w_i).

    M. B. Giles, "Collected matrix derivative results", Advances in Automatic Differentiation (2008) 35-44, section 3.1,
    of vectors that are not normalised; `_normalised` takes care of that.
    """
    w, v = y
    space = vspace(a)
    _refuse_defective(unbox(v))

    def pull(g: Any) -> Any:
        g_w, g_v = map(conjugated, g)
        core = np.where(np.eye(w.shape[-1], dtype=bool), g_w[..., None], 0)
        if not is_unused(g_v):
            core = core + conjugated(inverse_differences(w)) * (adjoint(v) @ _normalised(g_v, v))
        return space.project(conjugated(np.linalg.solve(adjoint(v), core @ adjoint(v))))

    return pull


def _normalised(g: Any, v: Any) -> Any:
    """Return the cotangent of changes u of the vectors before each is scaled to length 1 and turned to a real entry.

    The scaled change is u + c v, where Re(c) = -Re(v^H u) keeps the length, and Im(c) = -Im(u_m) / v_m keeps the entry
    m real.
    """
    along = np.sum(conjugated(g) * v, axis=-2, keepdims=True)
    if along.dtype.kind != "c" or not along.size:
        return g - v * along
    plain = unbox(v)
    sizes = np.where(plain.imag == 0, np.abs(plain), -1)
    fixed = np.arange(plain.shape[-1])[:, None] == np.argmax(sizes, axis=-2)[..., None, :]
    return g - v * np.real(along) + np.where(fixed, 1j * np.imag(along) / np.where(fixed, np.real(v), 1), 0)


def _eigvals_vjp(y: Any, a: Any) -> Callable[[Any], Any]:
    """Pull back eigenvalues alone: v^-H diag(g) v^H."""
    space = vspace(a)

    def pull(g: Any) -> Any:
        w, v = np.linalg.eig(a)
        _refuse_defective(unbox(v))
        g = np.take_along_axis(conjugated(g), np.argsort(_order(unbox(y), unbox(w)), -1), -1)
        return space.project(conjugated(np.linalg.solve(adjoint(v), g[..., None] * adjoint(v))))

    return pull


def _order(wanted: Any, found: Any) -> Any:
    """Return positions at which the eigenvalues `found` with vectors are those `wanted`, found without.

    LAPACK does not promise the same order. Where equal ones leave a choice, they are taken as they come.
    """
    identity = np.broadcast_to(np.arange(wanted.shape[-1]), wanted.shape)
    if not wanted.size:
        return identity
    nearest = np.argmin(np.abs(wanted[..., :, None] - found[..., None, :]), axis=-1)
    is_permutation = np.all(np.sort(nearest, -1) == identity, axis=-1, keepdims=True)
    return np.where(is_permutation, nearest, identity)


def _refuse_defective(v: Any) -> None:
    """Raise where the eigenvectors are linearly dependent, but for rounding."""
    if v.size and np.any(np.linalg.cond(v) > 0.1 / np.finfo(v.dtype).eps):
        raise UnsupportedArgumentError(
            "numpy.linalg.eig was applied to a defective matrix, whose eigenvectors are linearly dependent. Its "
            "eigenvalues are not differentiable there. If only their sum or product is used, take `numpy.trace` or "
            "`numpy.linalg.det`."
        )


RULES = (
    general(np.linalg.eig, vjp=_eig_vjp),
    general(np.linalg.eigvals, vjp=_eigvals_vjp),
)
