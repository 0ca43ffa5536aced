"""`vmap` is right for every primitive: it agrees with a loop over the examples, in values and in gradients."""

from __future__ import annotations

import random
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import grad, vmap
from autodiff.containers import flatten, unflatten
from autodiff.extend import vspace
from autodiff_testing import Case
from autodiff_testing.case_tables import load_cases

CASES = load_cases("rule_cases")

pytestmark = pytest.mark.once  # `test_rules.py` compares with loops, too


def _inputs(case: Case) -> tuple[list[Any], Any]:
    """Return the leaves of three draws, stacked, and the structure of the arguments."""
    draws = [case.draw(seed) for seed in range(3)]
    columns = zip(*(flatten(draw)[0] for draw in draws), strict=True)
    return [numpy.stack([numpy.asarray(value) for value in column]) for column in columns], flatten(draws[0])[1]


def _agree(found: Any, expected: list[Any]) -> None:
    leaves, structure = flatten(found)
    assert all(flatten(value)[1] == structure for value in expected)
    for leaf, *others in zip(leaves, *(flatten(value)[0] for value in expected), strict=True):
        stacked = numpy.stack(others)
        assert leaf.dtype == stacked.dtype
        numpy.testing.assert_allclose(leaf, stacked, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_a_batch_is_a_loop(case: Case) -> None:
    stacks, structure = _inputs(case)

    def value(*leaves: Any) -> Any:
        return case.call(*unflatten(structure, leaves), **case.kwargs)

    def total(*leaves: Any) -> Any:
        rng = random.Random(1)
        results = [leaf for leaf in flatten(value(*leaves))[0] if getattr(leaf, "dtype", np.dtype(float)).kind in "fc"]
        return sum(np.sum(np.real(leaf * vspace(leaf).random(rng))) for leaf in results)

    examples = [[stack[i] for stack in stacks] for i in range(3)]
    axes = tuple(0 for _ in stacks)
    _agree(vmap(value, axes)(*stacks), [value(*example) for example in examples])
    gradient = grad(total, tuple(range(len(stacks))))
    _agree(vmap(gradient, axes)(*stacks), [gradient(*example) for example in examples])
