"""Cases for extrema."""

import numpy as np

from rule_cases import apart, case, complex_normal

HOLES = np.array([[0.3, np.nan, -0.9, 2.0], [np.nan, 1.1, 0.7, -0.2], [0.1, 0.5, -1.3, np.nan]])
WHERE = np.array([[True, False, True, True], [True, True, False, True], [False, True, True, False]])


def _reductions(fun):
    return (
        case(fun, fun, apart(3, 4)),
        case(fun, lambda x: fun(x, 0), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=-1, keepdims=True), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=(0, -1)), apart(3, 4, 2)),
        case(fun, lambda x: fun(x, keepdims=True), apart(3, 4)),
        case(fun, fun, np.array(0.3)),
        case(fun, fun, np.float64(0.3)),
        case(fun, lambda x: fun(x * x), complex_normal(3)),
    )


def _masked(fun, initial):
    return (
        case(fun, lambda x: fun(x, axis=1, initial=initial), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=1, initial=-initial, where=WHERE), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=0, initial=initial, keepdims=True, where=WHERE[:1]), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=0, initial=initial), apart(0, 4)),
    )


def _pairs(fun):
    return (
        case(fun, fun, apart(3, 4), np.array([0.2, -0.4, 5.0, 0.7])),
        case(fun, fun, np.array([0.1, 0.3]), np.array([[0.6], [-0.1], [0.2]])),
        case(fun, lambda a: fun(a, 0), apart(3, 4)),
        case(fun, lambda b: fun([0.2, 0.4], b), np.array([[0.6], [-0.1]])),
        case(fun, fun, complex_normal(3), complex_normal(2, 1)),
        case(fun, fun, 0.3, 0.9, order=1),
    )


CASES = (
    *(one for fun in (np.maximum, np.minimum, np.fmax, np.fmin) for one in _pairs(fun)),
    case(np.fmax, lambda a: fun_with_nan(np.fmax, a), apart(3)),
    case(np.fmin, lambda a: fun_with_nan(np.fmin, a), apart(3)),
    *(one for fun in (np.max, np.amax, np.nanmax) for one in (*_reductions(fun), *_masked(fun, 0.8))),
    *(one for fun in (np.min, np.amin, np.nanmin) for one in (*_reductions(fun), *_masked(fun, -0.8))),
    *_reductions(np.ptp),
    case(np.nanmax, lambda x: np.nanmax(x + HOLES, axis=1), apart(4)),
    case(np.nanmin, lambda x: np.nanmin(x + HOLES, axis=0), apart(4)),
)


def fun_with_nan(fun, a):
    return fun(a, np.array([np.nan, 0.0, np.nan])) + fun(np.nan, a)
