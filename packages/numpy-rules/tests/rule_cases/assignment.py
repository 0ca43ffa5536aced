"""Cases for assignment: every kind of index, with values that are broadcast, and traced arrays, values and both."""

import numpy as np

from autodiff_numpy.assigning import assigned
from rule_cases import case, complex_normal, normal

_MASK = np.array([[True, False, True, True], [False, False, False, True], [True, True, False, False]])

# Index, and shapes of values for it, in an array of shape (3, 4).
_WRITES = (
    (1, (), (4,), (1, 4)),
    ((1, -2), ()),
    (slice(None, None, 2), (), (2, 1), (2, 4)),
    (slice(2, None, -1), (3, 4)),
    (slice(2, 2), (0, 4)),
    (..., (3, 4), (1, 1, 3, 4)),
    ((..., 0), (3,), (1,)),
    (None, (4,)),
    (_MASK, (), (6,)),
    (_MASK[:, 0], (2, 4), (4,)),
    ((slice(None), _MASK[0]), (3, 3)),
    ([2, 0], (2, 4), (2, 1)),
    ([], (0, 4)),
    (([2, 0], [1, -1]), (2,), ()),
    ((slice(1, None), [3, 0]), (2, 2)),
)


def _both(index):
    return lambda a, v: assigned(a, v, index, False)


def _only_array(index, shape):
    return lambda a: assigned(a, np.ones(shape), index, False)


def _only_value(index):
    return lambda v: assigned(np.ones((3, 4)), v, index, False)


CASES = (
    *(case(assigned, _both(index), normal(3, 4), normal(*shape)) for index, *shapes in _WRITES for shape in shapes),
    *(case(assigned, _only_array(index, shapes[0]), normal(3, 4)) for index, *shapes in _WRITES),
    *(case(assigned, _only_value(index), normal(*shape)) for index, *shapes in _WRITES for shape in shapes),
    case(assigned, _both((1, slice(1, None))), complex_normal(3, 4), complex_normal(3)),
    case(assigned, _both((1, slice(1, None))), complex_normal(3, 4), normal(3)),
    case(assigned, _both(()), normal(), normal()),
    case(assigned, _both(slice(None)), normal(0), normal()),
    case(assigned, lambda a: assigned(a, a[0] * a[1], slice(1, 3), False), normal(4)),
    case(assigned, lambda a: assigned(assigned(a, a[0], 2, False), a[1] ** 2, [0, 2], False), normal(4)),
)
