"""Every rule is right: in both modes, against finite differences, to second order, in double and single precision.

This is what `python -m autodiff_testing audit numpy --cases packages/numpy-rules/tests/rule_cases` does, with one test
for each case.
"""

from __future__ import annotations

import pytest

from autodiff.containers import map_leaves
from autodiff.extend import vspace
from autodiff_numpy.rules import TABLES
from autodiff_testing import Case
from autodiff_testing.case_tables import load_cases

CASES = load_cases("rule_cases")
FORMS = [pytest.param(case, dtype, id=f"{case.name}-{dtype}") for case in CASES for dtype in case.dtypes]


@pytest.mark.parametrize(("case", "dtype"), FORMS)
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_derivatives(case: Case, dtype: str) -> None:
    case.check(dtype)


def test_every_rule_has_a_case() -> None:
    covered = {case.fun for case in CASES}
    missing = [rule.fun for table in TABLES for rule in table if rule.fun not in covered]
    assert not missing


def test_every_case_draws_differentiable_arguments() -> None:
    for case in CASES:
        map_leaves(vspace, case.draw())
