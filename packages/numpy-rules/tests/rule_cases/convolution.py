"""Cases for convolution and correlation of sequences."""

import numpy as np

from rule_cases import case, complex_normal, normal

CASES = (
    *(
        case(fun, lambda a, v, fun=fun, mode=mode: fun(a, v, mode), normal(long), normal(short))
        for fun in (np.convolve, np.correlate)
        for mode in ("full", "same", "valid")
        for long, short in ((6, 3), (6, 2), (3, 6), (2, 5), (4, 4), (1, 3))
    ),
    *(case(fun, fun, normal(5), normal(3)) for fun in (np.convolve, np.correlate)),
    *(
        case(fun, lambda a, v, fun=fun: fun(a, v, mode="same"), complex_normal(5), complex_normal(2))
        for fun in (np.convolve, np.correlate)
    ),
    *(case(fun, fun, normal(2), complex_normal(5)) for fun in (np.convolve, np.correlate)),
    *(case(fun, lambda v, fun=fun: fun([1.0, 2.0, 3.0], v), normal(2)) for fun in (np.convolve, np.correlate)),
    case(np.convolve, np.convolve, normal(), normal(3)),
)
