"""Cases for choosing between arrays."""

import numpy as np

from rule_cases import apart, case, complex_normal, normal

MASK = np.array([[True, False, True], [False, True, True]])

CASES = (
    case(np.where, lambda a, b: np.where(MASK, a, b), normal(2, 3), normal(2, 3)),
    case(np.where, lambda a, b: np.where(MASK, a, b), normal(3), normal(2, 1)),
    case(np.where, lambda a, b: np.where(MASK, a, b), normal(1, 1, 3), normal()),
    case(np.where, lambda a, b: np.where(MASK[0], a, b), normal(2, 1), complex_normal(3)),
    case(np.where, lambda a: np.where(a > 0, a, 0), apart(3, 4)),
    case(np.where, lambda a: np.where([True, False], 1, a), apart(2)),
    case(np.where, lambda a: np.where(a, a * a, 1.0), apart(3)),
    case(np.where, lambda a: a[np.where(a > 0)], apart(3, 4)),
    case(np.where, lambda a, b: np.where(a > 0, a, b), apart(3, 4), 0.5, order=1),
    case(np.select, lambda a, b: np.select([MASK, MASK[::-1]], [a, b]), normal(2, 3), normal(3)),
    case(np.select, lambda a, b: np.select([a > 1, a > 0], [a * b, 3], a), apart(3, 4), normal(4)),
    case(np.select, lambda a, b: np.select([MASK, MASK[::-1]], [a, 1.0], default=b), normal(2, 3), normal()),
    case(np.select, lambda a: np.select([a > 1, a > 0], [a * a, [3, 2, 1, 0]]), apart(3, 4)),
    case(np.select, lambda a: np.select([MASK, MASK[::-1]], [a, [a[0, 0], 2.0, a[0, 1]]]), normal(2, 3)),
    case(np.select, lambda a: np.select((MASK,), (a,), default=2), complex_normal(2, 3)),
)
