"""Cases for methods that have a function of their own."""

import copy

import numpy as np

from autodiff.extend import primitive
from autodiff_numpy.shortcuts import as_kind, convert, reshape, total, transpose
from rule_cases import case, complex_normal, normal

_as_kind = primitive(as_kind)

CASES = (
    case(reshape, lambda x: x.reshape(4, 3), normal(3, 4)),
    case(reshape, lambda x: x.reshape((4, 3)), normal(3, 4)),
    case(reshape, lambda x: x.reshape(2, -1, 2), complex_normal(3, 4)),
    case(reshape, lambda x: x.reshape(-1), normal(3, 4)),
    case(reshape, lambda x: x.reshape([6, 2]), normal(3, 4)),
    case(reshape, lambda x: x.reshape(()), normal(1)),
    case(reshape, lambda x: x.ravel(), normal(3, 4)),
    case(reshape, lambda x: x.flatten(), normal(3, 4)),
    case(reshape, lambda x: x.ravel().reshape(2, 2), normal(2, 2)),
    case(transpose, lambda x: x.T, normal(3, 4)),
    case(transpose, lambda x: x.T, normal(3)),
    case(transpose, lambda x: x.transpose(), complex_normal(2, 3, 4)),
    case(transpose, lambda x: x.transpose(None), normal(2, 3, 4)),
    case(transpose, lambda x: x.transpose(1, 2, 0), normal(2, 3, 4)),
    case(transpose, lambda x: x.transpose((-1, 0, 1)), normal(2, 3, 4)),
    case(transpose, lambda x: x.transpose([1, 0]), normal(2, 3)),
    case(transpose, lambda x: x.transpose(0), normal(3)),
    case(total, lambda x: x.sum(), normal(3, 4)),
    case(total, lambda x: x.sum(0), normal(3, 4)),
    case(total, lambda x: x.sum(axis=(-1, 0)), complex_normal(2, 3, 4)),
    case(total, lambda x: x.sum(-2), normal(2, 0, 4)),
    case(total, lambda x: x.sum(()), normal(2, 3)),
    case(total, lambda x: x.sum(), normal()),
    case(convert, lambda x: x.astype(complex), normal(3), float32=False),
    case(convert, lambda x: x.astype(np.float64) * 2, normal(3, 2)),
    case(convert, lambda x: x.sum().astype(complex), normal(3), float32=False),
    case(as_kind, lambda x: _as_kind(x, float) * 2, normal()),
    case(as_kind, lambda x: _as_kind(x, np.ndarray)[None], 0.7, float32=False),
    case(as_kind, lambda x: _as_kind(x.sum(), complex), complex_normal(2), float32=False),
    case(np.copy, lambda x: copy.copy(x) + copy.deepcopy(x), normal(3)),
)
