"""Cases for numerical ranges."""

import numpy as np

from rule_cases import case, complex_normal, normal, positive

CASES = (
    case(np.linspace, lambda a, b: np.linspace(a, b, 5), normal(), normal()),
    case(np.linspace, lambda a, b: np.linspace(a, b, num=4, endpoint=False), 0.3, 2.0, float32=False),
    case(np.linspace, lambda a, b: np.linspace(a, b, 3, axis=-1), normal(2, 1), normal(3)),
    case(np.linspace, lambda a, b: np.linspace(a, b, 3, axis=1), complex_normal(2), normal(3, 2)),
    case(np.linspace, lambda a: np.linspace(a, 1.0, 1), normal()),
    case(np.linspace, lambda a: np.linspace(1, a, 0), normal()),
    case(np.logspace, lambda a, b: np.logspace(a, b, 4), normal(2), normal()),
    case(np.logspace, lambda a, b: np.logspace(a, b, 3, False, 2.0), 0.3, 1.1, float32=False),
    case(np.logspace, lambda a, b: np.logspace(a, b, num=3, base=3.0, axis=-1), normal(2), complex_normal(2)),
    case(np.geomspace, lambda a, b: np.geomspace(a, b, 4), positive(2), positive()),
    case(np.geomspace, lambda a, b: np.geomspace(-a, -b, 5, endpoint=False, axis=1), positive(2), positive(2)),
    case(np.geomspace, lambda a, b: np.geomspace(a, b, 4), 1.0 + 2.0j, 3.0 + 0.5j, float32=False),
)
