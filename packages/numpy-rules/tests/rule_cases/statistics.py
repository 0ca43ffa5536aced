"""Cases for averages and variances."""

import numpy as np

from rule_cases import apart, case, complex_normal, normal, positive

WHERE = np.array([[True, False, True, True], [True, True, False, True], [True, True, True, False]])
HOLES = np.array([[0.3, np.nan, -0.9, 2.0], [np.nan, 1.1, 0.7, -0.2], [0.1, 0.5, -1.3, np.nan]])


def _means(fun):
    return (
        case(fun, fun, apart(3, 4)),
        case(fun, lambda x: fun(x, 0), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=-1, keepdims=True), apart(3, 4)),
        case(fun, lambda x: fun(x, axis=(0, -1)), apart(2, 5, 2)),
        case(fun, lambda x: fun(x, keepdims=True), apart(3, 7)),
    )


def _arithmetic(fun):
    return (
        *_means(fun),
        case(fun, fun, complex_normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1), complex_normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1, where=WHERE), normal(3, 4)),
        case(fun, lambda x: fun(x, where=WHERE[0], keepdims=True), normal(3, 4)),
    )


def _spreads(fun):
    return (
        *_arithmetic(fun),
        case(fun, lambda x: fun(x, ddof=1), normal(3, 4)),
        case(fun, lambda x: fun(x, 0, None, None, 1, True), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1, correction=1), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1, ddof=1.5, where=WHERE), normal(3, 4)),
    )


CASES = (
    *_arithmetic(np.mean),
    case(np.mean, np.mean, np.float64(0.3)),
    case(np.mean, np.mean, 0.3, order=1),
    case(np.mean, lambda x: np.mean(x, axis=1), normal(0, 4)),
    *_arithmetic(np.nanmean),
    *_spreads(np.var),
    *_spreads(np.std),
    *_spreads(np.nanvar),
    *_spreads(np.nanstd),
    *(
        case(fun, lambda x, fun=fun: fun(x, axis=1, mean=np.full((3, 1), 0.2)), normal(3, 4))
        for fun in (np.var, np.std)
    ),
    *(
        case(fun, lambda x, fun=fun: fun(x + HOLES, axis=1), normal(4))
        for fun in (np.nanmean, np.nanvar, np.nanstd, np.nanmedian)
    ),
    *_means(np.median),
    *_means(np.nanmedian),
    case(np.average, np.average, normal(3, 4)),
    case(np.average, lambda a, w: np.average(a, weights=w), normal(3, 4), positive(3, 4)),
    case(np.average, lambda a, w: np.average(a, 0, w), normal(3, 4), positive(3)),
    case(np.average, lambda a, w: np.average(a, -1, w, keepdims=True), complex_normal(3, 4), positive(4)),
    case(np.average, lambda a, w: np.average(a, (2, 0), w), normal(3, 4, 2), positive(2, 3)),
    case(np.average, lambda a, w: np.average(a, 0, w, returned=True), normal(3, 4), positive(3)),
    case(np.average, lambda a: np.average(a, 1, returned=True), normal(3, 4)),
    case(np.average, lambda a: np.average(a, weights=[1, 2, 3], axis=0), normal(3, 4)),
)
