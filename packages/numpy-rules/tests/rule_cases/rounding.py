"""Cases for rounding: x times a constant."""

import numpy as np

from rule_cases import case

_FUNCTIONS = (np.floor, np.ceil, np.trunc, np.rint, np.round, np.around)
if hasattr(np, "fix"):  # NumPy 2.5 deprecates it
    _FUNCTIONS += (np.fix,)

CASES = (
    *(case(fun, lambda x, fun=fun: x * fun(x), np.array([[-1.7, 0.3, 2.2], [0.8, -0.3, 4.3]])) for fun in _FUNCTIONS),
    case(np.round, lambda x: x * np.round(x, 1), np.array([0.1801, -2.3199]), float32=False),
)
