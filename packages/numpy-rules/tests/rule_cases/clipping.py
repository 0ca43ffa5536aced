"""Cases for clip."""

import numpy as np

from rule_cases import apart, case

CASES = (
    case(np.clip, lambda a: np.clip(a, -0.5, 0.7), apart(3, 4)),
    case(np.clip, lambda a: np.clip(a, a_min=-0.5, a_max=0.7), apart(3, 4)),
    case(np.clip, lambda a: np.clip(a, None, 0.7), apart(3, 4)),
    case(np.clip, lambda a: np.clip(a, -0.5, None), apart(3, 4)),
    case(np.clip, lambda a: np.clip(a, 0.7, -0.5), apart(3, 4)),
    case(np.clip, np.clip, apart(3, 4), np.array([-0.2, 0.3, -9.0, 0.2]), np.array([[0.9], [1.1], [0.6]])),
    case(np.clip, np.clip, np.array([-0.5, 0.1, 3.0]), np.array([[-0.2], [0.3]]), np.float64(0.9)),
    case(np.clip, lambda a, b: np.clip(a, None, b), apart(3), np.array([[0.2], [-0.4]])),
    case(np.clip, lambda a, b: np.clip(a, a_min=b, a_max=None), apart(3), np.array([[0.2], [-0.4]])),
    case(np.clip, lambda b: np.clip(np.array([0.3, 0.8]), 0.2, b), np.array([0.4, 0.5])),
    case(np.clip, lambda a: np.clip(a, 0.0, 1.0), 0.7, order=1),
)
