"""Cases for trigonometric functions."""

import numpy as np
from rule_cases import case, complex_normal, normal

CASES = (
    case(np.sin, np.sin, normal(3, 4)),
    case(np.sin, np.sin, complex_normal(3)),
    case(np.sin, np.sin, 0.7),
    case(np.cos, np.cos, normal(3, 4)),
    case(np.cos, np.cos, complex_normal(3)),
)
