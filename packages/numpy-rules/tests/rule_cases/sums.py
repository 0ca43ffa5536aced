"""Cases for sums and products over axes."""

import numpy as np

from rule_cases import case, complex_normal, normal, uniform

WHERE = np.array([[True, False, True, True], [True, True, False, True], [False, True, True, False]])
HOLES = np.array([[0.3, np.nan, -0.9, 2.0], [np.nan, 1.1, 0.7, -0.2], [0.1, 0.5, -1.3, np.nan]])
ZEROS = np.array([[1.3, 0.0, -0.9, 2.0], [0.0, 1.1, 0.7, 0.0], [0.1, 0.5, -1.3, 0.4]])


def _cases(fun):
    return (
        case(fun, fun, normal(3, 4)),
        case(fun, lambda x: fun(x, 0), normal(3, 4)),
        case(fun, lambda x: fun(x, -1, None, None, True), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=(0, -1)), normal(3, 4, 2)),
        case(fun, lambda x: fun(x, axis=(2, 0), keepdims=True), normal(3, 4, 2)),
        case(fun, lambda x: fun(x, keepdims=True), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=()), normal(3, 4)),
        case(fun, fun, complex_normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1), complex_normal(3, 4)),
        case(fun, fun, np.float64(0.7)),
        case(fun, fun, 0.7, order=1),
        case(fun, fun, np.array(0.7)),
        case(fun, lambda x: fun(x, axis=1), normal(3, 0)),
        case(fun, lambda x: fun(x, axis=0), normal(3, 0)),
        case(fun, lambda x: fun(x, initial=2.0), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1, where=WHERE, initial=-3.0), uniform(0.5, 2, 3, 4)),
        case(fun, lambda x: fun(x, where=WHERE[0]), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=0, keepdims=True, where=WHERE[:, :1]), normal(3, 4)),
    )


CASES = (
    *_cases(np.sum),
    *_cases(np.nansum),
    *_cases(np.prod),
    *_cases(np.nanprod),
    *(case(fun, lambda x, fun=fun: fun(x + HOLES, axis=1), normal(4)) for fun in (np.nansum, np.nanprod)),
    *(case(np.prod, lambda x, axis=axis: np.prod(x, axis), ZEROS, order=3) for axis in (None, 0, 1)),
)
