"""Cases for eigenvalues of general matrices."""

from typing import Any

import numpy as np

from rule_cases import case, complex_normal, normal


def _real_values(*shape: int) -> Any:
    """Draw real matrices with real eigenvalues that are far apart."""
    return lambda rng: np.diag(np.arange(1.0, shape[-1] + 1)) + 0.1 * rng.normal(size=shape)


def _without_phases(a: Any) -> Any:
    """Combine the parts so that lengths and phases of the vectors cancel."""
    w, v = np.linalg.eig(a)
    return np.real((v * w[..., None, :] ** 3) @ np.linalg.inv(v)), np.abs(v)


CASES = (
    *(
        case(np.linalg.eig, _without_phases, draw)
        for draw in (normal(4, 4), normal(2, 3, 3), complex_normal(3, 3), _real_values(3, 3))
    ),
    # The signs of vectors are LAPACK's choice, and jump unless the matrix is nearly diagonal.
    case(np.linalg.eig, lambda a: tuple(np.linalg.eig(a)), _real_values(3, 3)),
    case(np.linalg.eig, lambda a: tuple(np.linalg.eig(a + 0.1j * np.swapaxes(a, 1, 2))), _real_values(2, 3, 3)),
    case(np.linalg.eig, lambda a: np.linalg.eig(a).eigenvectors, _real_values(2, 3, 3)),
    case(np.linalg.eig, lambda a: tuple(np.linalg.eig(a)), normal(1, 1)),
    case(np.linalg.eig, lambda a: tuple(np.linalg.eig(a)), np.zeros((0, 0))),
    # LAPACK's choice of the sign jumps where an entry of a triangular matrix leaves 0.
    case(np.linalg.eig, _without_phases, np.array([[1.0, 2.0], [0.0, 3.0]])),
    case(np.linalg.eigvals, np.linalg.eigvals, normal(4, 4)),
    case(np.linalg.eigvals, np.linalg.eigvals, normal(2, 3, 3)),
    case(np.linalg.eigvals, np.linalg.eigvals, complex_normal(2, 3, 3)),
    case(np.linalg.eigvals, np.linalg.eigvals, _real_values(3, 3)),
    case(np.linalg.eigvals, lambda a: np.max(np.abs(np.linalg.eigvals(a))), normal(5, 5)),
    case(np.linalg.eigvals, np.linalg.eigvals, np.zeros((2, 0, 0))),
)
