"""Cases for interp."""

import numpy as np

from rule_cases import case, complex_normal, normal

X = np.array([[-0.4, 0.3, 1.6], [2.2, 3.4, 0.9]])
APART = np.array([[0.3], [1.7]])  # no two in one piece: sums are then the same in any order, as `order=2` wants them
KNOTS = np.array([0.0, 0.7, 1.2, 3.0])

CASES = (
    case(np.interp, np.interp, APART, KNOTS, normal(4)),
    case(np.interp, np.interp, X, KNOTS, normal(4), order=1),
    case(np.interp, lambda x, f: np.interp(x, KNOTS, f), APART, complex_normal(4)),
    case(np.interp, lambda x, f: np.interp(x, KNOTS, f), X, complex_normal(4), order=1),
    case(np.interp, lambda x, f: np.interp(x, [0.0, 0.7, 1.2, 3.0], f, left=-1.0, right=2.0), X, normal(4), order=1),
    case(np.interp, lambda f, a, b: np.interp(X, KNOTS, f, left=a, right=b), normal(4), normal(), normal()),
    case(
        np.interp,
        lambda x, k, f: np.interp(x, k, f, period=2.5),
        np.array([-0.9, 4.0, 1.1, 2.4]),
        np.array([0.1, 1.4, 0.6, 4.6]),
        normal(4),
        order=1,
    ),
    case(np.interp, lambda x: np.interp(x, KNOTS, [1.0, 3.0, 0.0, 2.0]), 0.5, order=1),
    case(np.interp, lambda x, f: np.interp(x, np.array([1.0]), f), X, normal(1)),
)
