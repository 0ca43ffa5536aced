"""Cases for floating point routines."""

import numpy as np

from rule_cases import apart, case, normal

CASES = (
    case(np.copysign, np.copysign, apart(3, 4), apart(4)),
    case(np.copysign, lambda a: np.copysign(a, -1), apart(3)),
    case(np.copysign, lambda b: b * np.copysign(2.0, b), apart(3)),
    case(np.ldexp, lambda x: np.ldexp(x, np.array([[1], [-2]])), normal(3)),
    case(np.nextafter, np.nextafter, normal(3), normal(3), order=1, float32=False),
    case(np.frexp, lambda x: np.frexp(x)[0], np.array([0.7, -3.3, 13.0])),
    case(np.frexp, lambda x: np.ldexp(*np.frexp(x)), np.array([0.7, -3.3, 13.0])),
    case(np.signbit, lambda x: x * np.signbit(x), apart(3)),
    case(np.spacing, lambda x: x * np.spacing(x) * 2.0**52, np.array([1.5, -3.3]), float32=False),
)
