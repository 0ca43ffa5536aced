"""All rules in all forms, and a program that uses them."""

import re
from pathlib import Path

import bottleneck
import numpy as np
import pytest
from autodiff_bottleneck import move_mean, nansum
from autodiff_bottleneck.cases import CASES

from autodiff import grad
from autodiff.errors import MissingRuleError
from autodiff.extend import primitive
from autodiff_testing import Case, CheckError, assert_plugin_ok
from autodiff_testing import check_grads as check


def test_all_rules() -> None:
    assert_plugin_ok("bottleneck")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_other_seeds(case: Case) -> None:
    for seed in range(1, 4):
        case.check(seed=seed)


def test_a_program(check_grads) -> None:  # type: ignore[no-untyped-def]  # a fixture of autodiff-testing
    def roughness(prices: np.ndarray) -> float:
        return nansum((prices - move_mean(prices, 3, min_count=1)) ** 2)

    prices = np.random.default_rng(0).normal(size=10)
    check_grads(roughness)(prices)
    assert grad(roughness)(prices).shape == (10,)


def test_a_wrong_rule_would_be_found() -> None:
    def twice(x: np.ndarray) -> np.ndarray:
        return move_mean(x, 1) + 1e-4 * np.round(1e3 * x)  # a part without derivative

    with pytest.raises(CheckError):
        check(twice)(np.array([0.0005, 1.0005, 2.0005]))


def test_functions_without_a_rule_say_so() -> None:
    with pytest.raises(MissingRuleError, match="move_std"):
        grad(lambda a: np.sum(primitive(bottleneck.move_std)(a, 2)))(np.ones(3))


def test_the_readme() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (Path(__file__).parents[1] / "README.md").read_text(), re.DOTALL)
    exec(code, {})
