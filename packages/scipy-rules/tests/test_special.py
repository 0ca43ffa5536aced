"""Every rule for `scipy.special` is right, in both modes, to second order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import special

from autodiff import grad
from autodiff.errors import MissingRuleError, UnsupportedArgumentError
from autodiff_scipy.rules import TABLES
from autodiff_scipy.rules.special import polygamma
from autodiff_testing import check_grads

RNG = np.random.default_rng(20)
ANY = RNG.normal(size=(3, 4))
UNIT = RNG.uniform(0.1, 0.9, size=(3, 2))
POSITIVE = RNG.uniform(0.4, 3.0, size=5)

CASES: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (special.expit, (ANY,)),
    (special.logit, (UNIT,)),
    (special.log_expit, (ANY,)),
    (special.erf, (ANY,)),
    (special.erfc, (ANY,)),
    (special.erfinv, (UNIT - 0.5,)),
    (special.ndtr, (ANY,)),
    (special.log_ndtr, (ANY,)),
    (special.gamma, (POSITIVE,)),
    (special.gamma, (np.array([-0.4, -1.7]),)),
    (special.gammaln, (POSITIVE,)),
    (special.psi, (POSITIVE,)),
    (special.psi, (np.array([-0.4, -1.7]),)),
    (special.xlogy, (RNG.normal(size=(3, 1)), POSITIVE)),
    (special.xlog1py, (RNG.normal(size=(3, 1)), POSITIVE)),
    (special.i0, (ANY,)),
    (special.i1, (np.append(ANY, 0.3),)),
    (special.entr, (POSITIVE,)),
)


@pytest.mark.parametrize(("fun", "args"), CASES, ids=lambda value: getattr(value, "__name__", ""))
def test_derivatives(fun: Any, args: tuple[Any, ...]) -> None:
    check_grads(fun)(*args)


def test_polygamma_in_its_second_argument() -> None:
    check_grads(lambda x: polygamma(2, x))(POSITIVE)


def test_every_rule_has_a_case() -> None:
    covered = {fun.__name__ for fun, _ in CASES} | {polygamma.__name__}
    assert {rule.fun.__name__ for table in TABLES for rule in table} <= covered


def test_values_at_removable_singularities() -> None:
    assert grad(special.i1)(0.0) == 0.5
    assert grad(special.xlogy, 0)(0.0, 2.0) == np.log(2.0)
    assert grad(special.xlogy, 0)(0.0, 0.0) == 0.0


def test_unknown_derivatives_are_refused() -> None:
    with pytest.raises(UnsupportedArgumentError, match="polygamma"):
        grad(polygamma)(2.0, 1.0)
    with pytest.raises(MissingRuleError, match="jv"):
        grad(lambda x: special.jv(1.0, x))(2.0)
