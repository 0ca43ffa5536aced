"""Cases for covariances and correlations."""

import numpy as np

from rule_cases import case, complex_normal, normal, positive

CASES = (
    *(
        one
        for fun in (np.cov, np.corrcoef)
        for one in (
            case(fun, fun, normal(3, 5)),
            case(fun, lambda m, fun=fun: fun(m, rowvar=False), normal(5, 3)),
            case(fun, fun, normal(3, 5), normal(5)),
            case(fun, lambda m, y, fun=fun: fun(m, y, False), normal(5, 2), normal(5, 3)),
            case(fun, fun, complex_normal(3, 5)),
            case(fun, fun, normal(2, 5), complex_normal(5)),
            case(fun, fun, normal(6), normal(6)),
            case(fun, lambda m, fun=fun: fun(m, np.arange(5)), normal(5)),
            case(fun, lambda m, fun=fun: fun(m, dtype=np.float64), normal(2, 5)),
            case(fun, lambda y, fun=fun: fun([[1, 2, 4], [3, 1, 0]], y), normal(3)),
        )
    ),
    case(np.cov, np.cov, normal(5)),
    case(np.corrcoef, np.corrcoef, normal(5)),
    case(np.cov, lambda m: np.cov(m, bias=True), normal(3, 5)),
    case(np.cov, lambda m: np.cov(m, ddof=2), normal(3, 5)),
    case(np.cov, lambda m: np.cov(m, ddof=0, bias=False), normal(1, 5)),
    case(np.cov, lambda m: np.cov(m, fweights=[1, 2, 0, 3, 1]), normal(3, 5)),
    case(np.cov, lambda m, w: np.cov(m, aweights=w), normal(3, 5), positive(5)),
    case(np.cov, lambda m, w: np.cov(m, aweights=w, ddof=0), complex_normal(3, 5), positive(5)),
    case(
        np.cov,
        lambda m, y, w: np.cov(m, y, False, False, 2, np.array([1, 2, 1, 3, 1]), w),
        normal(5, 3), normal(5), positive(5),
    ),
    case(np.cov, lambda w: np.cov([1.0, 2.0, 4.0], aweights=w), positive(3)),
)  # fmt: skip
