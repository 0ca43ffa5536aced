"""The calls whose derivatives are checked: for each rule, the forms of arguments that make a difference to it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff_bottleneck import move_mean, move_sum, nanmean, nansum, ss
from autodiff_testing import Case, case
from autodiff_testing.draws import normal

_HOLES = np.array([False, True, False, False, True, False])


def _sums(fun: Any) -> list[Case]:
    return [
        case(fun, fun, normal(3, 4)),
        case(fun, fun, normal(3, 4), kwargs={"axis": -2}),
        case(fun, lambda a: fun(a, 1), normal(2, 4, 3)),
        case(fun, fun, normal()),
    ]


def _moving(fun: Any) -> list[Case]:
    return [
        case(fun, lambda a: _defined(fun(a, 3)), normal(6)),
        case(fun, lambda a: fun(a, window=4, min_count=1), normal(2, 6)),
        case(fun, lambda a: fun(a, 2, 1, 0), normal(5, 3)),
        case(fun, lambda a: _defined(fun(a, 3, min_count=2, axis=-2)), normal(5, 3)),
        case(fun, lambda a: _defined(fun(_pierced(a), 3, 2)), normal(6), label="with NaN"),
        case(fun, lambda a: fun(a, 1), normal(4)),
    ]


def _pierced(a: Any) -> Any:
    return np.where(_HOLES, np.nan, a)


def _defined(moved: Any) -> Any:
    """Drop the NaN of windows that are not full: a check needs numbers."""
    return np.where(np.isnan(moved), 0.0, moved)


def _with_holes(fun: Any) -> list[Case]:
    return [
        case(fun, lambda a: fun(_pierced(a)), normal(6), label="with NaN"),
        case(fun, lambda a: fun(_pierced(a), axis=1), normal(3, 6), label="with NaN"),
    ]


CASES = (
    *_moving(move_mean),
    *_moving(move_sum),
    *_sums(nanmean),
    *_with_holes(nanmean),
    *_sums(nansum),
    *_with_holes(nansum),
    *_sums(ss),
)
