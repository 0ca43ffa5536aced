"""Cases for set routines."""

import numpy as np

from rule_cases import apart, case, complex_normal

TWICE = np.array([0, 2, 1, 0, 2])  # which entries to take, some of them twice


def joined(result: tuple) -> object:
    """Return what depends on the values and on the positions or counts."""
    return result[0] * 2.0, *(part * np.sum(result[0]) for part in result[1:])


CASES = (
    case(np.unique, np.unique, apart(5)),
    case(np.unique, np.unique, apart(2, 3)),
    case(np.unique, lambda x: np.unique(x[TWICE]), apart(3)),
    case(np.unique, lambda x: joined(np.unique(x[TWICE], True, True, True)), apart(3)),
    case(np.unique, lambda x: joined(np.unique(x[TWICE], return_counts=True, axis=0)), apart(3, 2)),
    case(np.unique, lambda x: np.unique(x[:, TWICE], axis=-1, equal_nan=False), apart(2, 3)),
    case(np.unique, lambda x: np.unique(np.append(x, [np.nan, np.nan]))[:3], apart(3)),
    case(np.unique, np.unique, complex_normal(4)),
    case(np.unique, np.unique, apart(0)),
    case(np.unique_values, lambda x: np.sort(np.unique_values(x[TWICE])), apart(3)),
    case(np.unique_values, lambda x: np.sort(np.unique_values(x)), complex_normal(2, 2)),
    case(np.unique_all, lambda x: joined(np.unique_all(x[TWICE])), apart(3)),
    case(np.unique_counts, lambda x: joined(np.unique_counts(x[TWICE])), apart(3)),
    case(np.unique_inverse, lambda x: joined(np.unique_inverse(x[TWICE])), apart(3)),
    case(np.union1d, lambda x, y: np.union1d(x[TWICE], y), apart(3), apart(2, 2)),
    case(np.union1d, lambda x: np.union1d([9, 8], x), apart(3)),
    case(np.intersect1d, lambda x: np.intersect1d(x[TWICE], x[:2]), apart(3)),
    case(np.intersect1d, lambda x: joined(np.intersect1d(x, x[[2, 1]], True, return_indices=True)), apart(3)),
    case(np.setdiff1d, lambda x, y: np.setdiff1d(x[TWICE], np.append(y, x[1])), apart(3), apart(2)),
    case(np.setdiff1d, lambda x: np.setdiff1d(x, [1, 2], assume_unique=True), apart(2, 3)),
    case(np.setxor1d, lambda x, y: np.setxor1d(np.append(y, x[1]), x[TWICE]), apart(3), apart(2)),
    case(np.setxor1d, lambda x, y: np.setxor1d(x, y, True), apart(3), apart(2)),
)
