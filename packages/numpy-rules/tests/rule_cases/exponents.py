"""Cases for exponents and logarithms."""

import numpy as np

from rule_cases import case, complex_normal, normal, uniform


def _cases(fun, low, high, *, takes_complex=True):
    return (
        case(fun, fun, uniform(low, high, 3, 4)),
        case(fun, fun, uniform(low, high)),
        case(fun, fun, uniform(low, high, 0, 2)),
        case(fun, fun, (low + high) / 2 + 0.1, order=1),
        *((case(fun, fun, complex_normal(4)),) if takes_complex else ()),
    )


CASES = (
    *_cases(np.exp, -2, 2),
    *_cases(np.expm1, -2, 2),
    *_cases(np.exp2, -2, 2),
    *_cases(np.log, 0.4, 3),
    *_cases(np.log10, 0.4, 3),
    *_cases(np.log2, 0.4, 3),
    *_cases(np.log1p, -0.6, 3),
    *(
        one
        for fun in (np.logaddexp, np.logaddexp2)
        for one in (
            case(fun, fun, normal(3, 5), normal(5)),
            case(fun, fun, normal(3), normal(2, 1)),
            case(fun, lambda a, fun=fun: fun(a, a), normal(3)),
            case(fun, lambda a, fun=fun: fun(a, -np.inf), normal(3)),
            case(fun, fun, 0.3, -0.2, order=1),
        )
    ),
)
