"""Every wrong rule is caught, and the diagnosis names the cause."""

from __future__ import annotations

import copy
import importlib
import pkgutil
from collections import Counter

import pytest
import wrong_rules
from wrong_rules import Row

from autodiff_testing import CheckError, check_grads

ROWS: dict[str, Row] = {
    f"{module.name}-{row.name}": row
    for module in pkgutil.iter_modules(wrong_rules.__path__)
    for row in importlib.import_module(f"wrong_rules.{module.name}").ROWS
}

pytestmark = pytest.mark.once

#: What a rule that belongs to another function altogether is told.
UNNAMED = "no simple relation"


def caught(row: Row, seed: int = 0) -> CheckError:
    with pytest.raises(CheckError) as info:
        check_grads(row.make(), row.modes, row.order, seed=seed)(*copy.deepcopy(row.args), **row.kwargs)
    return info.value


@pytest.mark.parametrize("name", ROWS)
def test_is_caught_and_named(name: str) -> None:
    row = ROWS[name]
    error = caught(row)
    for word in row.words:
        assert word in error.diagnosis
    assert error.order == row.order
    assert error.diagnosis.split()[0] in str(error)


@pytest.mark.parametrize("name", ROWS)
def test_is_caught_with_other_seeds(name: str) -> None:
    for seed in range(1, 4):
        caught(ROWS[name], seed)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.order == 1 and len(row.modes) == 2])
def test_is_caught_entry_by_entry(name: str) -> None:
    row = ROWS[name]
    with pytest.raises(CheckError):
        check_grads(row.make(), row.modes, full=True)(*copy.deepcopy(row.args), **row.kwargs)


def test_nine_in_ten_are_named() -> None:
    named = Counter(UNNAMED not in caught(row).diagnosis for row in ROWS.values())
    assert len(ROWS) >= 100
    assert named[True] >= 0.95 * len(ROWS)


def test_names_are_given_once() -> None:
    rows = [
        row.name
        for module in pkgutil.iter_modules(wrong_rules.__path__)
        for row in importlib.import_module(f"wrong_rules.{module.name}").ROWS
    ]
    assert len(ROWS) == len(rows)
