"""Every rule is right: in both modes, against finite differences, to second order, in double and single precision."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import numpy as np
import pytest
import rule_cases
from rule_cases import Case

from autodiff.containers import map_leaves
from autodiff.extend import vspace
from autodiff_numpy.rules import TABLES
from autodiff_testing import check_grads

CASES: list[Case] = [
    case
    for module in pkgutil.iter_modules(rule_cases.__path__)
    for case in importlib.import_module(f"rule_cases.{module.name}").CASES
]


def _label(case: Case) -> str:
    return getattr(case.fun, "__name__", str(case.fun))


@pytest.mark.parametrize("case", CASES, ids=_label)
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_derivatives(case: Case) -> None:
    check_grads(case.call, order=case.order)(*case.draw())


@pytest.mark.parametrize("case", [case for case in CASES if case.float32], ids=_label)
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_single_precision(case: Case) -> None:
    check_grads(case.call, order=1)(*map_leaves(_single, case.draw()))


def _single(leaf: Any) -> Any:
    kind = np.result_type(leaf).kind
    return np.asarray(leaf).astype({"f": np.float32, "c": np.complex64}[kind]) if kind in "fc" else leaf


def test_every_rule_has_a_case() -> None:
    covered = {case.fun for case in CASES}
    missing = [rule.fun for table in TABLES for rule in table if rule.fun not in covered]
    assert not missing


def test_every_case_draws_differentiable_arguments() -> None:
    for case in CASES:
        map_leaves(vspace, case.draw())
