"""Cases for miscellaneous mathematics."""

import numpy as np

from rule_cases import apart, case, complex_normal, normal, positive

BROKEN = np.array([np.nan, 0.0, np.inf, -np.inf])
BROKEN_PARTS = np.array([complex(0, np.nan), 0.0, complex(1, np.inf), complex(-np.inf, 2)])

CASES = (
    case(np.sqrt, np.sqrt, positive(3, 4)),
    case(np.sqrt, np.sqrt, complex_normal(3)),
    case(np.sqrt, lambda x: np.sqrt(x + 0j), np.array([-2.0, 3.0])),
    case(np.sqrt, np.sqrt, 1.7, order=1),
    case(np.cbrt, np.cbrt, apart(3, 4)),
    case(np.square, np.square, normal(3, 4)),
    case(np.square, np.square, complex_normal(3)),
    case(np.fabs, np.fabs, apart(3, 4)),
    case(np.heaviside, lambda a, b: a * np.heaviside(a, b), apart(3, 4), normal(4)),
    case(np.heaviside, lambda b: np.heaviside(np.array([0.0, 1.0, 0.0, -1.0]), b), normal(3, 1)),
    case(np.nan_to_num, np.nan_to_num, normal(3, 4)),
    case(np.nan_to_num, lambda x: np.nan_to_num(x + BROKEN, nan=3.0, posinf=1.0, neginf=-1.0), normal(3, 4)),
    case(
        np.nan_to_num,
        lambda x: np.nan_to_num(x + BROKEN_PARTS, posinf=1.0, neginf=-1.0),
        complex_normal(4),
        float32=False,
    ),
    case(np.nan_to_num, np.nan_to_num, 0.7, order=1),
)
