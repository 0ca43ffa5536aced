"""Cases for rounding: x times a constant."""

import numpy as np

from rule_cases import case

CASES = (
    *(
        case(fun, lambda x, fun=fun: x * fun(x), np.array([[-1.7, 0.3, 2.2], [0.8, -0.3, 4.3]]))
        for fun in (np.floor, np.ceil, np.trunc, np.rint, np.fix, np.round, np.around)
    ),
    case(np.round, lambda x: x * np.round(x, 1), np.array([0.1801, -2.3199]), float32=False),
)
