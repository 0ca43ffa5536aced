"""Cases for quantiles."""

import numpy as np

from rule_cases import apart, case, normal

METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip
FUNCTIONS = ((np.quantile, 1), (np.percentile, 100), (np.nanquantile, 1), (np.nanpercentile, 100))
HOLES = np.array([[0.3, np.nan, -0.9, 2.0, 1.5], [np.nan, 1.1, 0.7, -0.2, 0.4], [0.1, 0.5, -1.3, np.nan, 3.0]])
WEIGHTS = np.array([1.0, 2.0, 0.5, 1.5, 1.0]) * np.ones((3, 1))


CASES = (
    *(
        one
        for fun, whole in FUNCTIONS
        for one in (
            case(fun, lambda a, fun=fun, whole=whole: fun(a, 0.3 * whole), apart(3, 5)),
            case(fun, fun, apart(3, 4), np.float64(0.43 * whole)),
            case(fun, fun, apart(7), 0.43 * whole),
            case(fun, lambda a, q, fun=fun: fun(a, q, 0), apart(5, 3), np.array([0.3, 0.62]) * whole),
            case(fun, lambda a, q, fun=fun: fun(a, q, -1, keepdims=True), apart(3, 5), np.array([0.3, 0.62]) * whole),
            case(fun, lambda a, q, fun=fun: fun(a, q, axis=1), apart(3, 5), np.array([[0.3], [0.62]]) * whole),
            case(fun, lambda a, q, fun=fun: fun(a, q, axis=(0, -1)), apart(2, 4, 3), np.array([0.3, 0.62]) * whole),
            case(fun, lambda a, q, fun=fun: fun(a, q, (2, 0), keepdims=True), apart(2, 4, 3), 0.43 * whole),
            case(fun, lambda q, fun=fun: fun([[1, 2, 5], [4, 4, 3]], q, axis=1), np.array([0.3, 0.62]) * whole),
            case(fun, lambda q, fun=fun: fun(np.array([7, 2, 5]), q), np.zeros(0)),
            case(
                fun,
                lambda a, fun=fun, whole=whole: fun(a, 0.3 * whole, axis=1, weights=WEIGHTS, method="inverted_cdf"),
                apart(3, 5),
            ),
        )
    ),
    *(
        case(np.quantile, lambda a, q, m=m: np.quantile(a, q, method=m), apart(7), np.array([0.31, 0.72]))
        for m in METHODS
    ),
    *(
        case(fun, lambda a, q, fun=fun, m=m: fun(a + HOLES, q, axis=1, method=m), normal(5), 0.41)
        for fun in (np.nanquantile, np.nanpercentile)
        for m in METHODS
    ),
    *(case(np.quantile, lambda a, q, m=m: np.quantile(a, q, method=m), apart(1), 0.4) for m in METHODS),
    # Inside of the first and last entry and outside.
    *(
        case(np.quantile, lambda a, q, m=m: np.quantile(a, q, axis=0, method=m), apart(4, 2), np.array([0.06, 0.94]))
        for m in ("hazen", "weibull", "linear", "median_unbiased", "normal_unbiased", "interpolated_inverted_cdf")
    ),
)
