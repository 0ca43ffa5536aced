"""Cases for trigonometric functions."""

import numpy as np

from autodiff_numpy.sinc_derivatives import sinc_derivative
from rule_cases import case, complex_normal, normal, uniform


def _unary_cases(fun, low, high):
    return (
        case(fun, fun, uniform(low, high, 3, 4)),
        case(fun, fun, uniform(low, high)),
        case(fun, fun, uniform(low, high, 2, 0)),
        case(fun, fun, 0.37, order=1),
        case(fun, fun, np.float64(0.37)),
    )


CASES = (
    *_unary_cases(np.sin, -3, 3),
    *_unary_cases(np.cos, -3, 3),
    *_unary_cases(np.tan, -1, 1),
    *_unary_cases(np.arcsin, -0.9, 0.9),
    *_unary_cases(np.arccos, -0.9, 0.9),
    *_unary_cases(np.arctan, -3, 3),
    *_unary_cases(np.degrees, -3, 3),
    *_unary_cases(np.rad2deg, -3, 3),
    *_unary_cases(np.radians, -3, 3),
    *_unary_cases(np.deg2rad, -3, 3),
    *_unary_cases(np.sinc, -3, 3),
    *(
        case(fun, fun, complex_normal(3, 2))
        for fun in (np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinc)
    ),
    # Real numbers beyond the branch points: the cut is approached from above.
    case(np.arcsin, lambda x: np.arcsin(x + 0j), np.array([2.0, -3.0])),
    case(np.arccos, lambda x: np.arccos(x + 0j), np.array([2.0, -3.0])),
    case(np.sinc, np.sinc, np.array([0.0, 1e-9, -1e-5, 1e-3, 0.5, 1.0, -7.0]), order=3, float32=False),
    *(
        case(sinc_derivative, lambda x, n=n: sinc_derivative(x, n), uniform(-8, 8, 20), float32=False)
        for n in (0, 1, 2, 3, 6)
    ),
    case(np.arctan2, np.arctan2, normal(3, 4), normal(4)),
    case(np.arctan2, np.arctan2, normal(3), normal(2, 1)),
    case(np.arctan2, np.arctan2, 0.3, -0.7, order=1),
    case(np.arctan2, lambda a: np.arctan2(a, -1), normal(3)),
    case(np.hypot, np.hypot, normal(3, 4), normal(4)),
    case(np.hypot, lambda b: np.hypot(3, b), normal(2, 1)),
    case(np.hypot, np.hypot, -0.3, 0.7, order=1),
    case(np.unwrap, np.unwrap, np.array([0.1, 3.0, 6.5, 12.5, -1.0])),
    case(np.unwrap, lambda p: np.unwrap(p, axis=0), uniform(-9, 9, 4, 3)),
    case(np.unwrap, lambda p: np.unwrap(p, 2.5, 1, period=4.0), uniform(-9, 9, 2, 5)),
)
