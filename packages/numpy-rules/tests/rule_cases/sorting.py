"""Cases for sorting and searching."""

import numpy as np

from rule_cases import apart, case, complex_normal, normal

CASES = (
    case(np.sort, np.sort, apart(5)),
    case(np.sort, lambda x: np.sort(x, axis=0), apart(3, 4)),
    case(np.sort, lambda x: np.sort(x, -2, kind="heapsort"), apart(2, 3, 4)),
    case(np.sort, lambda x: np.sort(x, axis=None), apart(3, 4)),
    case(np.sort, np.sort, complex_normal(5)),
    case(np.sort, np.sort, normal(0)),
    case(np.partition, lambda x: np.partition(x, 2), apart(5)),
    case(np.partition, lambda x: np.partition(x, [1, 30], axis=0), apart(40, 2)),
    case(np.partition, lambda x: np.partition(x, kth=-4, axis=None), apart(3, 4)),
    case(np.partition, lambda x: np.partition(x, 1), complex_normal(2, 5)),
    case(np.sort_complex, np.sort_complex, apart(2, 4)),
    case(np.sort_complex, np.sort_complex, complex_normal(4)),
    # Functions that return positions are constants: they may be applied to traced values, and multiply to nothing.
    case(np.argsort, lambda x: np.take_along_axis(x, np.argsort(x, axis=0), 0), apart(3, 4)),
    case(np.argpartition, lambda x: x[np.argpartition(x, 1)[1]], apart(4)),
    case(np.lexsort, lambda x: x[np.lexsort((x,))], apart(4)),
    case(np.searchsorted, lambda x: x * np.searchsorted(np.array([-0.1, 0.1]), x), apart(4)),
    case(np.searchsorted, lambda x: x * x.searchsorted(0.2), apart(1)),
    case(np.argmax, lambda x: x[np.argmax(x)], apart(4)),
    case(np.argmin, lambda x: x[x.argmin()], apart(4)),
    case(np.nanargmax, lambda x: x[np.nanargmax(x)], apart(4)),
    case(np.nanargmin, lambda x: x[np.nanargmin(x)], apart(4)),
    case(np.nonzero, lambda x: x[np.nonzero(x > 0)], apart(3, 4)),
    case(np.nonzero, lambda x: x[x.nonzero()], apart(3, 4)),
    case(np.flatnonzero, lambda x: x[np.flatnonzero(x)], apart(4)),
    case(np.argwhere, lambda x: x * len(np.argwhere(x)), apart(4)),
    case(np.count_nonzero, lambda x: x * np.count_nonzero(x, axis=0), apart(3, 4)),
)
