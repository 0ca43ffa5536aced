"""Cases for splitting, tiling and trimming."""

import numpy as np

from rule_cases import case, complex_normal, normal

CASES = (
    case(np.split, lambda x: np.split(x, 3), normal(6)),
    case(np.split, lambda x: np.split(x, 2, axis=1), normal(3, 4)),
    case(np.split, lambda x: np.split(x, [1, 3], -1), complex_normal(2, 4)),
    case(np.split, lambda x: np.split(x, [3, 1, 4, -1]), normal(5)),
    case(np.split, lambda x: np.split(x, [2, 9]), normal(5)),
    case(np.split, lambda x: np.split(x, [])[0], normal(5)),
    case(np.split, lambda x: np.split(x, 3)[1] * 2, normal(6)),
    case(np.array_split, lambda x: np.array_split(x, 3), normal(7)),
    case(np.array_split, lambda x: np.array_split(x, 4, axis=-1), normal(2, 3)),
    case(np.hsplit, lambda x: np.hsplit(x, 2), normal(4)),
    case(np.hsplit, lambda x: np.hsplit(x, [1]), normal(2, 3)),
    case(np.vsplit, lambda x: np.vsplit(x, 2), normal(4, 3)),
    case(np.dsplit, lambda x: np.dsplit(x, [1, 2]), complex_normal(2, 2, 3)),
    *(
        (
            case(np.unstack, np.unstack, normal(2, 3)),
            case(np.unstack, lambda x: np.unstack(x, axis=-1), complex_normal(2, 3)),
        )
        if hasattr(np, "unstack")
        else ()
    ),
    case(np.tile, lambda x: np.tile(x, 3), normal(2)),
    case(np.tile, lambda x: np.tile(x, (2, 1, 3)), normal(2, 3)),
    case(np.tile, lambda x: np.tile(x, (2,)), complex_normal(3, 2)),
    case(np.tile, lambda x: np.tile(x, (2, 0)), normal(3)),
    case(np.tile, lambda x: np.tile(x, ()), normal(3)),
    case(np.tile, lambda x: np.tile(x, (2, 2)), 0.7, float32=False),
    case(np.repeat, lambda x: np.repeat(x, 2), normal(2, 3)),
    case(np.repeat, lambda x: np.repeat(x, 3, axis=-1), complex_normal(2, 3)),
    case(np.repeat, lambda x: np.repeat(x, [0, 2, 1], axis=1), normal(2, 3)),
    case(np.repeat, lambda x: np.repeat(x, [0, 2, 1, 1, 0, 3]), normal(2, 3)),
    case(np.repeat, lambda x: x.repeat([2], 0), normal(2, 3)),
    case(np.repeat, lambda x: np.repeat(x, 0, axis=0), normal(2, 3)),
    case(np.repeat, lambda x: np.repeat(x, 3), 0.7, float32=False),
    case(np.delete, lambda x: np.delete(x, 1), normal(2, 3)),
    case(np.delete, lambda x: np.delete(x, [0, -1], axis=1), normal(2, 4)),
    case(np.delete, lambda x: np.delete(x, slice(None, None, 2), axis=0), complex_normal(5, 2)),
    case(np.delete, lambda x: np.delete(x, [True, False, True], axis=-1), normal(2, 3)),
    case(np.insert, lambda x, y: np.insert(x, 1, y), normal(4), normal()),
    case(np.insert, lambda x, y: np.insert(x, [1, 1, 3], y), normal(2, 3), normal(3)),
    case(np.insert, lambda x, y: np.insert(x, [0, 2], y, axis=1), normal(2, 3), normal(2, 1)),
    case(np.insert, lambda x, y: np.insert(x, 1, y, axis=0), complex_normal(2, 3), normal(3)),
    case(np.insert, lambda x, y: np.insert(x, 2, y, axis=1), normal(2, 3), normal(2)),
    case(np.insert, lambda x, y: np.insert(x, slice(0, 3), [y, 2 * y, 1.0]), normal(4), 0.7, float32=False),
    case(np.insert, lambda x, y: np.insert(x, 1, y), normal(4), normal(2)),
    case(np.insert, lambda x, y: np.insert(x, 1, [5, 6], axis=1) * y, normal(2, 3), normal(4)),
    case(np.insert, lambda x: np.insert(x, -1, 5.0), normal(4)),
    case(np.trim_zeros, lambda x: np.trim_zeros(np.concatenate([[0.0, 0.0], x, [0.0], x, [0.0]])), normal(3)),
    case(np.trim_zeros, lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0]]), "f"), complex_normal(3)),
    case(np.trim_zeros, lambda x: np.trim_zeros(np.concatenate([[0.0], x, [0.0]]), trim="b"), normal(3)),
    case(np.trim_zeros, lambda x: np.trim_zeros(x * 0.0), normal(3)),
)
