"""Cases for truth values and properties of arrays: derivatives do not flow through them."""

import numpy as np

from rule_cases import apart, case, complex_normal

_COMPARISONS = (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.isclose)
_WHOLE = (np.allclose, np.array_equal, np.array_equiv)
_TESTS = (
    np.isfinite, np.isinf, np.isnan, np.isneginf, np.isposinf, np.isreal, np.iscomplex,
    np.isrealobj, np.iscomplexobj, np.all, np.any, np.logical_not, np.ndim, np.size,
)  # fmt: skip
_CONNECTIVES = (np.logical_and, np.logical_or, np.logical_xor)
_INDICES = (np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)
_TEXTS = (np.array2string, np.array_repr, np.array_str)

CASES = (
    *(
        case(fun, lambda a, b, fun=fun: a * b * (1 + fun(a, b)), np.array([[0.5], [-0.7]]), np.array([0.3, 1.2, -2.0]))
        for fun in _COMPARISONS + _WHOLE
    ),
    *(case(fun, lambda a, fun=fun: a * fun(a, 0.5), apart(3, 4)) for fun in _COMPARISONS + _WHOLE + _CONNECTIVES),
    *(case(fun, lambda a, fun=fun: a * (1 + fun(a)), apart(3, 4)) for fun in _TESTS),
    case(np.isreal, lambda a: a * np.isreal(a), complex_normal(3)),
    case(np.isin, lambda a: a * np.isin(a, [0.3, 0.7]), apart(3, 4)),
    case(np.shape, lambda a: a * np.shape(a)[0], apart(3, 4)),
    case(np.result_type, lambda a: a * np.result_type(a, np.float32).itemsize, apart(3, 4)),
    case(np.common_type, lambda a: a * np.dtype(np.common_type(a)).itemsize, apart(3, 4)),
    case(np.min_scalar_type, lambda a: a * np.min_scalar_type(a).itemsize, apart(3, 4)),
    case(np.can_cast, lambda a: a * np.can_cast(np.float32, a.dtype), apart(3, 4)),
    case(np.shares_memory, lambda a: a * np.shares_memory(a, a), apart(3, 4)),
    case(np.may_share_memory, lambda a: a * np.may_share_memory(a, a), apart(3, 4)),
    case(np.digitize, lambda a: a * np.digitize(a, np.array([0.0, 1.0])), apart(3, 4)),
    *(case(fun, lambda a, fun=fun: a[fun(a)], apart(3, 3)) for fun in _INDICES),
    *(case(fun, lambda a, fun=fun: a * (len(fun(a)) > 3), apart(3, 3)) for fun in _TEXTS),
    case(np.invert, lambda x: x * np.invert(x > 0) + x * ~(x > 0) * np.bitwise_not(x > 1), apart(3)),
)
