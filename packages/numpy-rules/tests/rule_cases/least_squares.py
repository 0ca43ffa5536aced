"""Cases for least squares and tensor equations."""

from typing import Any

import numpy as np

from rule_cases import Case, case, complex_normal, normal, well_conditioned


def _lstsq(a: Any, b: Any, **kwargs: Any) -> Case:
    return case(np.linalg.lstsq, lambda a, b: _floating(np.linalg.lstsq(a, b, **kwargs)), a, b)


def _floating(result: Any) -> Any:
    """Leave out the rank."""
    x, residuals, _, s = result
    return x, residuals, s


def _equation(*shape: int) -> Any:
    """Draw a tensor that stands for a square matrix far from singular."""
    size = int(np.sqrt(np.prod(shape)))
    return lambda rng: well_conditioned(size, size)(rng).reshape(shape)


CASES = (
    _lstsq(normal(5, 3), normal(5)),
    _lstsq(normal(5, 3), normal(5, 2)),
    _lstsq(normal(3, 3), normal(3, 2)),
    _lstsq(normal(3, 5), normal(3)),
    _lstsq(normal(3, 5), normal(3, 2)),
    _lstsq(normal(5, 3), normal(5, 2), rcond=1e-6),
    _lstsq(normal(5, 3), normal(5), rcond=-1),
    _lstsq(complex_normal(5, 3), complex_normal(5, 2)),
    _lstsq(complex_normal(3, 5), normal(3)),
    _lstsq(normal(5, 3), complex_normal(5)),
    _lstsq(normal(5, 3), normal(5, 0)),
    case(np.linalg.lstsq, lambda a: np.linalg.lstsq(a, [1, 2, 3, 4])[0], normal(4, 2)),
    case(np.linalg.lstsq, lambda b: np.linalg.lstsq([[1, 2], [3, 4], [6, 5]], b)[1], normal(3)),
    case(np.linalg.lstsq, lambda u, v, b: np.linalg.lstsq(np.outer(u, v), b)[0], normal(4), normal(3), normal(4),
         order=1, float32=False),
    case(np.linalg.tensorsolve, np.linalg.tensorsolve, _equation(2, 3, 6), normal(2, 3)),
    case(np.linalg.tensorsolve, np.linalg.tensorsolve, _equation(2, 3, 3, 2), normal(2, 3)),
    case(np.linalg.tensorsolve, np.linalg.tensorsolve, _equation(4, 2, 2), complex_normal(4)),
    case(np.linalg.tensorsolve, lambda a, b: np.linalg.tensorsolve(a, b, axes=(0, 2)),
         lambda rng: well_conditioned(6, 6)(rng).reshape(1, 6, 2, 3).transpose(2, 0, 3, 1),
         normal(1, 6)),
)  # fmt: skip
