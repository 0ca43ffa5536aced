"""Cases for padding."""

import numpy as np

from rule_cases import case, complex_normal, normal

CASES = (
    case(np.pad, lambda x: np.pad(x, 2), normal(3, 4)),
    case(np.pad, lambda x: np.pad(x, (1, 2), mode="constant", constant_values=(2.0, 3.0)), complex_normal(3)),
    case(np.pad, lambda x: np.pad(x, ((0, 1), (2, 0)), "constant", constant_values=5), normal(2, 3)),
    case(np.pad, lambda x: np.pad(x, ((1,), (2,))), normal(2, 3)),
    case(np.pad, lambda x: np.pad(x, 1), normal(0, 2)),
    *(
        case(np.pad, lambda x, mode=mode, width=width: np.pad(x, width, mode), normal(3, 4))
        for mode in ("edge", "reflect", "symmetric", "wrap")
        for width in (1, (5, 0), ((0, 7), (3, 9)), [(2, 1)])
    ),
    case(np.pad, lambda x: np.pad(x, 2, mode="reflect", reflect_type="even"), complex_normal(3)),
)
