"""Cases for sums and products along an axis."""

import numpy as np

from rule_cases import case, complex_normal, normal

HOLES = np.array([[0.3, np.nan, -0.9, 2.0], [np.nan, 1.1, 0.7, -0.2], [0.1, 0.5, -1.3, np.nan]])
ZEROS = np.array([[1.3, 0.0, -0.9, 2.0, 0.5], [0.0, 1.1, 0.7, 0.0, -0.3], [0.1, 0.5, -1.3, 0.4, 1.7]])
_ARRAY_API = (np.cumulative_sum, np.cumulative_prod) if hasattr(np, "cumulative_sum") else ()


def _cases(fun):
    return (
        case(fun, fun, normal(5)),
        case(fun, fun, normal(3, 4)),
        case(fun, lambda x: fun(x, 0), normal(5, 4)),
        case(fun, lambda x: fun(x, axis=-1), normal(3, 4)),
        case(fun, lambda x: fun(x, axis=1), complex_normal(3, 4, 2)),
        case(fun, lambda x: fun(x, axis=0), normal(0, 2)),
        case(fun, fun, normal()),
        case(fun, lambda x: fun(x, axis=0), normal(1, 2)),
    )


CASES = (
    *(one for fun in (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod) for one in _cases(fun)),
    *(case(fun, lambda x, fun=fun: fun(x + HOLES, axis=1), normal(4)) for fun in (np.nancumsum, np.nancumprod)),
    case(np.cumprod, np.cumprod, ZEROS),
    case(np.cumprod, lambda x: np.cumprod(x, axis=1), ZEROS, order=3),
    *(case(fun, fun, normal(5)) for fun in _ARRAY_API),
    *(case(fun, lambda x, fun=fun: fun(x, axis=-2), normal(5, 3)) for fun in _ARRAY_API),
    *(case(fun, lambda x, fun=fun: fun(x, include_initial=True), normal(5)) for fun in _ARRAY_API),
    *(case(fun, lambda x, fun=fun: fun(x, axis=0, include_initial=True), normal(3, 2)) for fun in _ARRAY_API),
)
