"""Sparsity patterns hold every derivative that is not zero, for every rule of NumPy's functions."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import grad, make_jvp
from autodiff.containers import flatten, unflatten
from autodiff.errors import AutodiffError, PerformanceWarning
from autodiff.extend import primitive_of, vspace
from autodiff.rule import Zero
from autodiff_scipy.sparsity_trace import dependence
from autodiff_testing import Case
from autodiff_testing.case_tables import load_cases

pytestmark = pytest.mark.once

CASES = load_cases(Path(__file__).parents[2] / "numpy-rules" / "tests" / "rule_cases")


def _functions(case: Case, seed: int) -> Any:
    """Yield the case as a function of each leaf of its arguments that has a derivative, and the leaf."""
    leaves, structure = flatten(case.draw(seed))
    for place, leaf in enumerate(leaves):
        if np.result_type(leaf).kind not in "fc":
            continue

        def of_leaf(value: Any, place: int = place) -> Any:
            return case.call(*unflatten(structure, [*leaves[:place], value, *leaves[place + 1 :]]), **case.kwargs)

        yield of_leaf, leaf


def _flat(output: Any) -> Any:
    return np.concatenate([np.zeros(0), *(np.ravel(leaf) for leaf in flatten(output)[0])])


def _is_differentiable(fun: Any, x: Any) -> bool:
    try:
        make_jvp(fun)(x)(x)
    except (AutodiffError, PerformanceWarning):
        return False  # traced values in lists, where no other argument is traced; derivatives that are not known
    return True


def _check(fun: Any, x: Any, pattern: Any) -> None:
    assert pattern.dtype == bool
    for place in range(np.size(x)):
        direction = np.zeros(np.size(x), np.result_type(x))
        direction[place] = 0.8 - 0.6j if direction.dtype.kind == "c" else 1.0
        _, tangent = make_jvp(fun)(x)(direction.reshape(np.shape(x))[()])
        missing = (_flat(tangent) != 0) & ~pattern[:, place]
        assert not missing.any()


def _picks_by_values(case: Case) -> bool:
    """Whether the case indexes with what is computed from values, and so depends on other entries at other points."""
    return case.fun is np.where or isinstance(primitive_of(case.fun).rule, Zero)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_of_rules(case: Case) -> None:
    for (fun, x), (other_fun, other) in zip(_functions(case, 0), _functions(case, 2), strict=True):
        if not _is_differentiable(fun, x):
            continue
        pattern = dependence(fun, x).toarray()
        _check(fun, x, pattern)
        if np.shape(x) == np.shape(other) and not _picks_by_values(case):
            _check(other_fun, other, pattern)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES[::2]])
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_of_gradients(case: Case) -> None:
    for fun, x in _functions(case, 0):

        def total(x: Any, fun: Any = fun) -> Any:
            rng = random.Random(1)
            results = [leaf for leaf in flatten(fun(x))[0] if np.result_type(leaf).kind in "fc"]
            return sum(np.sum(np.real(leaf * vspace(leaf).random(rng)) ** 2) for leaf in results)

        if _is_differentiable(grad(total), x):
            _check(grad(total), x, dependence(grad(total), x).toarray())
