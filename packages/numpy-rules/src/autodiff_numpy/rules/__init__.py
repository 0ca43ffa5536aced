"""The rules, one file for each section of NumPy's reference; each ends in one table, `RULES`."""

from autodiff_numpy.rules import (
    arithmetic,
    creation,
    indexing,
    joining,
    manipulation,
    methods,
    padding,
    ranges,
    sorting,
    splitting,
    sums,
    trigonometric,
)

TABLES = (
    arithmetic.RULES,
    creation.RULES,
    indexing.RULES,
    joining.RULES,
    manipulation.RULES,
    methods.RULES,
    padding.RULES,
    ranges.RULES,
    sorting.RULES,
    splitting.RULES,
    sums.RULES,
    trigonometric.RULES,
)
