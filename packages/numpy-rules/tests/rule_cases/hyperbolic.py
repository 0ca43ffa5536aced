"""Cases for hyperbolic functions."""

import numpy as np

from rule_cases import case, complex_normal, uniform


def _cases(fun, low, high):
    return (
        case(fun, fun, uniform(low, high, 3, 4)),
        case(fun, fun, uniform(low, high)),
        case(fun, fun, complex_normal(4)),
        case(fun, fun, (low + high) / 2 + 0.1, order=1),
    )


CASES = (
    *_cases(np.sinh, -2, 2),
    *_cases(np.cosh, -2, 2),
    *_cases(np.tanh, -2, 2),
    *_cases(np.arcsinh, -2, 2),
    *_cases(np.arccosh, 1.2, 4),
    *_cases(np.arctanh, -0.8, 0.8),
    # Real numbers on the branch cuts.
    case(np.arccosh, lambda x: np.arccosh(x + 0j), np.array([0.5, -0.5, -3.0])),
    case(np.arctanh, lambda x: np.arctanh(x + 0j), np.array([2.0, -3.0])),
    case(np.arcsinh, lambda x: np.arcsinh(1j * x), np.array([2.0, -3.0])),
    case(np.arccosh, np.arccosh, np.array([-1.5 + 0.7j, -0.1 + 2j, -0.2 - 2j])),
)
