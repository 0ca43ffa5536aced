"""Cases for matrix decompositions and eigenvalues."""

from typing import Any

import numpy as np

from rule_cases import Case, case, complex_normal, normal, positive_definite


def _apart(*shape: int) -> Any:
    """Draw Hermitian matrices with eigenvalues that are far apart."""
    return lambda rng: (
        positive_definite(*shape)(rng) * np.linspace(1, 3, shape[-1]) * np.linspace(1, 3, shape[-1])[:, None]
    )


def _complex_definite(size: int) -> Any:
    """Draw complex Hermitian positive definite matrices."""

    def draw(rng: np.random.Generator) -> Any:
        a = complex_normal(size, size)(rng)
        return a @ a.conj().T + 2 * np.diag(np.arange(1.0, size + 1))

    return draw


def _svd_without_phases(a: Any) -> Any:
    """Combine the parts of a decomposition so that the phases of the vectors cancel."""
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return (u * s**2) @ vh + np.abs(u) @ np.abs(vh)


def _eigh_without_phases(a: Any, uplo: str = "L") -> Any:
    w, v = np.linalg.eigh(a, uplo)
    return (v * w**3) @ np.conj(v.T) + np.abs(v)


def _qr(draw: Any, **kwargs: Any) -> Case:
    return case(np.linalg.qr, lambda a: tuple(np.linalg.qr(a, **kwargs)), draw)


CASES = (
    case(np.linalg.cholesky, np.linalg.cholesky, positive_definite(4, 4)),
    case(np.linalg.cholesky, np.linalg.cholesky, positive_definite(2, 3, 3)),
    case(np.linalg.cholesky, np.linalg.cholesky, _complex_definite(3)),
    case(np.linalg.cholesky, lambda a: np.linalg.cholesky(a, upper=True), positive_definite(2, 3, 3)),
    case(np.linalg.cholesky, lambda a: np.linalg.cholesky(a, upper=True), _complex_definite(3)),
    case(np.linalg.cholesky, lambda a: np.linalg.cholesky(a @ a.T + np.eye(3)), normal(3, 3)),
    case(np.linalg.eigh, lambda a: tuple(np.linalg.eigh(a)), _apart(4, 4)),
    case(np.linalg.eigh, lambda a: np.linalg.eigh(a).eigenvectors, _apart(2, 3, 3)),
    case(np.linalg.eigh, lambda a: tuple(np.linalg.eigh(a, UPLO="U")), _apart(3, 3)),
    case(np.linalg.eigh, lambda a: np.linalg.eigh(a)[0], _complex_definite(3)),
    case(np.linalg.eigh, _eigh_without_phases, _complex_definite(3)),
    case(np.linalg.eigh, lambda a: _eigh_without_phases(a, "u"), _complex_definite(3)),
    case(np.linalg.eigvalsh, np.linalg.eigvalsh, _apart(2, 3, 3)),
    case(np.linalg.eigvalsh, lambda a: np.linalg.eigvalsh(a, "U"), _complex_definite(3)),
    case(np.linalg.svd, lambda a: tuple(np.linalg.svd(a)), normal(3, 3)),
    case(np.linalg.svd, lambda a: tuple(np.linalg.svd(a, full_matrices=False)), normal(4, 3)),
    case(np.linalg.svd, lambda a: tuple(np.linalg.svd(a, full_matrices=False)), normal(2, 3, 4)),
    case(np.linalg.svd, lambda a: np.linalg.svd(a, False).Vh, normal(4, 3)),
    case(np.linalg.svd, lambda a: np.linalg.svd(a, compute_uv=False), normal(2, 3, 4)),
    case(np.linalg.svd, lambda a: np.linalg.svd(a, compute_uv=False), complex_normal(4, 3)),
    case(np.linalg.svd, _svd_without_phases, complex_normal(3, 3)),
    case(np.linalg.svd, _svd_without_phases, complex_normal(4, 3)),
    case(np.linalg.svd, _svd_without_phases, complex_normal(3, 4)),
    case(np.linalg.svdvals, np.linalg.svdvals, normal(2, 3, 4)),
    case(np.linalg.svdvals, np.linalg.svdvals, complex_normal(4, 3)),
    _qr(normal(4, 3)),
    _qr(normal(3, 3)),
    _qr(normal(3, 5)),
    _qr(normal(2, 4, 3)),
    _qr(complex_normal(4, 3)),
    _qr(complex_normal(3, 4)),
    _qr(normal(3, 4), mode="complete"),
    case(np.linalg.qr, lambda a: np.linalg.qr(a, mode="r"), normal(4, 3)),
    case(np.linalg.qr, lambda a: np.linalg.qr(a, mode="r"), complex_normal(3, 4)),
    case(np.linalg.qr, lambda a: np.linalg.qr(a).R, normal(3, 4)),
    case(np.linalg.pinv, np.linalg.pinv, normal(4, 3)),
    case(np.linalg.pinv, np.linalg.pinv, normal(2, 3, 4)),
    case(np.linalg.pinv, np.linalg.pinv, complex_normal(3, 4)),
    case(np.linalg.pinv, lambda a: np.linalg.pinv(a, rcond=1e-6), normal(3, 3)),
    case(np.linalg.pinv, lambda a, b: np.linalg.pinv(np.outer(a, b), rtol=1e-3), normal(3), normal(4)),
)
