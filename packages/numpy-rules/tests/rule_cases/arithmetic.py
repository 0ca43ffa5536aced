"""Cases for arithmetic."""

import numpy as np

from autodiff_numpy.operators import power
from rule_cases import apart, case, complex_normal, normal, positive

INTEGERS = np.array([0, 1, 2, 3])


def _power_cases(fun):
    return (
        case(fun, fun, positive(3, 4), normal(4)),
        case(fun, fun, positive(4), normal(3, 1)),
        case(fun, lambda a: fun(a, 3), normal(3, 4)),
        case(fun, lambda a: fun(a, 2), normal(3)),
        case(fun, lambda a: fun(a, 0), normal(3)),
        case(fun, lambda a: fun(a, -2.0), positive(3)),
        case(fun, lambda a: fun(a, INTEGERS), normal(3, 4)),
        case(fun, lambda a: fun(a, np.uint8(2)), normal(3)),
        case(fun, lambda b: fun(2.0, b), normal(3)),
        case(fun, lambda b: fun(np.array([0.5, 1.5, 3.0]), b), normal(2, 3)),
        case(fun, fun, complex_normal(3), complex_normal(2, 1)),
        case(fun, fun, complex_normal(3), normal(3)),
        case(fun, fun, positive(3), complex_normal(3)),
        case(fun, lambda b: fun(-2.0 * np.ones(3), b), complex_normal(3)),
        case(fun, fun, np.float64(1.3), np.float64(2.4)),
        case(fun, fun, 1.3, 2.4, order=1),
    )


def _binary_cases(fun):
    return (
        case(fun, fun, normal(3, 4), normal(4)),
        case(fun, fun, normal(4), normal(2, 1, 1)),
        case(fun, fun, complex_normal(3), normal(2, 3)),
        case(fun, fun, normal(3), complex_normal(3)),
        case(fun, lambda a: fun(a, [1.0, 2.0, 3.0]), normal(2, 3)),
        case(fun, lambda b: fun([1, 2, 3], b), normal(2, 3)),
        case(fun, lambda a: fun(a, 3), normal(2, 0)),
        case(fun, lambda b: fun(np.float64(3), b), normal(2)),
        case(fun, lambda a: fun(a, a * a), np.float64(0.4)),
        case(fun, fun, 0.3, 0.7, order=1),
    )


CASES = (
    *_binary_cases(np.add),
    *_binary_cases(np.subtract),
    *_binary_cases(np.multiply),
    *_binary_cases(np.divide),
    case(np.negative, np.negative, normal(3, 4)),
    case(np.negative, np.negative, complex_normal(3)),
    case(np.positive, np.positive, normal(3, 4)),
    case(np.reciprocal, np.reciprocal, positive(3, 4)),
    case(np.reciprocal, np.reciprocal, complex_normal(3)),
    *_power_cases(power),
    *_power_cases(np.power),
    *_power_cases(np.float_power),
    case(np.remainder, np.remainder, apart(3, 4), np.array([0.31, 0.37, -0.41, 0.53])),
    case(np.remainder, lambda a: np.remainder(a, 1.3), np.array([-2.0, 0.3, 4.5])),
    case(np.fmod, np.fmod, np.array([-2.0, 0.3, 4.5]), np.array([[0.7], [-1.6]])),
    case(np.divmod, np.divmod, np.array([-2.0, 0.3, 4.5]), np.array([[0.7], [-1.6]])),
    case(np.divmod, lambda a: np.divmod(a, 0.7)[1], np.array([-2.0, 0.3, 4.5])),
    case(np.modf, np.modf, np.array([-2.3, 0.3, 4.5])),
    case(np.modf, np.modf, np.float64(4.3)),
    case(
        np.floor_divide, lambda a, b: np.floor_divide(a, b) * a, np.array([-2.0, 0.3, 4.5]), np.array([0.7, -1.6, 1.1])
    ),
)
