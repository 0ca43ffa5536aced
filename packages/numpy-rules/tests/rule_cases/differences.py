"""Cases for differences and integrals."""

import numpy as np

from rule_cases import case, complex_normal, normal

POINTS = np.array([0.0, 0.4, 0.9, 1.1, 2.0])

CASES = (
    case(np.diff, np.diff, normal(3, 4)),
    case(np.diff, lambda a: np.diff(a, 2, 0), normal(4, 3)),
    case(np.diff, lambda a: np.diff(a, n=0), normal(4, 3)),
    case(np.diff, lambda a: np.diff(a, axis=-2), complex_normal(4, 3)),
    case(np.diff, lambda a, b, c: np.diff(a, prepend=b, append=c), normal(2, 3), normal(2, 2), normal()),
    case(np.diff, lambda a, b, c: np.diff(a, 2, 0, b, c), normal(2, 3), normal(1, 3), normal(2, 3)),
    case(np.diff, lambda a: np.diff(a, prepend=0), normal(2, 3)),
    case(np.diff, lambda a: np.diff(a, 5), normal(2, 3)),
    case(np.ediff1d, np.ediff1d, normal(2, 3)),
    case(np.ediff1d, np.ediff1d, normal(4), normal(2), normal()),
    case(np.ediff1d, lambda a: np.ediff1d(a, to_begin=0.0), normal(4)),
    case(np.gradient, np.gradient, normal(5)),
    case(np.gradient, np.gradient, normal(3, 4)),
    case(np.gradient, lambda f: np.gradient(f, 0.5, edge_order=2), complex_normal(4)),
    case(np.gradient, lambda f: np.gradient(f, axis=0), normal(2, 3)),
    case(np.gradient, lambda f: np.gradient(f, 0.5, POINTS, axis=(1, -1)), normal(3, 4, 5)),
    case(np.gradient, np.gradient, normal(5), POINTS),
    case(np.gradient, lambda f, x: np.gradient(f, x, edge_order=2), normal(5), POINTS),
    case(np.gradient, np.gradient, normal(3, 5), np.float64(0.3), POINTS),
    case(np.trapezoid, np.trapezoid, normal(3, 4)),
    case(np.trapezoid, lambda y: np.trapezoid(y, dx=0.3, axis=0), normal(3, 4)),
    case(np.trapezoid, np.trapezoid, normal(3, 5), POINTS),
    case(np.trapezoid, lambda y, x: np.trapezoid(y, x, axis=0), normal(5, 2), POINTS),
    case(np.trapezoid, lambda y, x: np.trapezoid(y, x, axis=0), normal(5, 2), normal(5, 2)),
    case(np.trapezoid, lambda y, dx: np.trapezoid(y, None, dx), complex_normal(5), 0.3, order=1),
)
