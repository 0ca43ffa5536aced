"""Cases for array creation."""

import numpy as np

import autodiff_numpy as make
from autodiff_numpy.array_making import from_entries
from rule_cases import case, complex_normal, normal

CASES = (
    case(from_entries, lambda x, y: make.array([x, 2.0, y, x * y]), 0.7, 1.3, float32=False),
    case(from_entries, lambda x: make.array([[x[0], 1], [x[1] * x[0], x[2]]]), normal(3)),
    case(from_entries, lambda x, y: make.array([x, (1.0, 2.0, y), np.ones(3)]), normal(3), normal()),
    case(from_entries, lambda x: make.array([[x, x], [x * x, np.zeros((2, 2))]]), complex_normal(2, 2)),
    case(from_entries, lambda x, y: make.asarray((x, y)), complex_normal(2), normal(2)),
    case(from_entries, lambda x: make.array([x[0], x[1]], dtype=complex, ndmin=2), normal(2), float32=False),
    case(from_entries, lambda x: make.asanyarray([x, x]), normal(2)),
    case(from_entries, lambda x: make.array(x), 0.7, float32=False),
    case(from_entries, lambda x: make.array(x, ndmin=3), normal(2)),
    case(from_entries, lambda x: make.ascontiguousarray(x), normal()),
    case(from_entries, lambda x: make.asfortranarray([x, x]), normal(3)),
    case(from_entries, lambda x: make.full((2, 3), x), normal(3)),
    case(from_entries, lambda x: make.full(2, [x, 1.0]), 0.7, float32=False),
    case(np.zeros_like, lambda x: x + np.zeros_like(x), normal(3)),
    case(np.ones_like, lambda x: x * np.ones_like(x, dtype=int), complex_normal(3)),
    case(np.empty_like, lambda x: x + 0 * np.empty_like(x, shape=(2, 3)).shape[0], normal(3)),
    case(np.full_like, lambda x: np.full_like(x, x[0], shape=(2, 3)), normal(3)),
    case(np.full_like, lambda x: make.full_like(np.ones((2, 3)), x), 0.7, float32=False),
    case(np.full_like, lambda x, y: np.full_like(y, x) * y, normal(3), normal(2, 3)),
    case(np.full_like, lambda x: np.full_like(x, 2.0) * x, normal(3)),
    case(np.full_like, lambda x: make.full_like([1], x, complex, shape=(4, 2)), complex_normal(2), float32=False),
    case(np.meshgrid, lambda x, y: np.meshgrid(x, y), normal(3), normal(4)),
    case(np.meshgrid, lambda x, y, z: np.meshgrid(x, y, [1.0, 2.0], z), normal(3), normal(2), complex_normal(1)),
    case(np.meshgrid, lambda x, y, z: np.meshgrid(x, y, z, indexing="ij"), normal(3), normal(2), normal(4)),
    case(np.meshgrid, lambda x, y: np.meshgrid(x, y, sparse=True), normal(3), normal()),
    case(np.meshgrid, lambda x: np.meshgrid(x), normal(3)),
    case(np.diagflat, lambda x: np.diagflat(x, 1), normal(2, 3)),
    case(np.diagflat, np.diagflat, complex_normal(2)),
    case(np.tril, np.tril, normal(3, 4)),
    case(np.tril, lambda x: np.tril(x, -1), complex_normal(2, 3, 3)),
    case(np.tril, np.tril, normal(3)),
    case(np.triu, lambda x: np.triu(x, k=1), normal(2, 4, 3)),
    case(np.triu, np.triu, normal(3)),
    case(np.vander, np.vander, normal(3)),
    case(np.vander, lambda x: np.vander(x, 5, increasing=True), complex_normal(3)),
    case(np.vander, lambda x: np.vander(x, N=1), normal(3)),
)
