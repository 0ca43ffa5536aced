"""Jacobians and Hessians are the same whether basis vectors are taken at once, in chunks, or one by one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import hessian, jacobian
from autodiff.containers import flatten, unflatten
from autodiff.errors import AutodiffError, InputError
from autodiff.extend import vspace
from autodiff_numpy import batching
from autodiff_testing import Case
from autodiff_testing.case_tables import load_cases

#: The first forms of each function.
CASES = [
    pytest.param(case, id=case.name)
    for _, forms in itertools.groupby(load_cases("rule_cases"), key=lambda case: case.fun)
    for case in itertools.islice(forms, 3)
]

pytestmark = [
    pytest.mark.once,
    pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning"),
]


def _results(case: Case) -> tuple[Callable[..., list[Any]], list[Any]]:
    """Return a function of the leaves of a case's arguments, whose results all have derivatives, and the leaves."""
    leaves, structure = flatten(case.draw(0))

    def results(leaves: list[Any]) -> list[Any]:
        y = case.call(*unflatten(structure, leaves), **case.kwargs)
        return [leaf for leaf in flatten(y)[0] if getattr(leaf, "dtype", np.dtype(float)).kind in "fc"]

    return results, leaves


def _outcome(function: Callable[[Any], Any], point: Any) -> Any:
    try:
        return function(point)
    except AutodiffError as error:
        return type(error)


def _agree(found: Any, expected: Any) -> None:
    if isinstance(expected, type):
        assert found is expected
        return
    (leaves, structure), (others, other_structure) = flatten(found), flatten(expected)
    assert structure == other_structure
    for leaf, other in zip(leaves, others, strict=True):
        assert np.shape(leaf) == np.shape(other)
        assert np.result_type(leaf) == np.result_type(other)
        scale = numpy.max(numpy.abs(other), initial=1.0, where=numpy.isfinite(other))
        numpy.testing.assert_allclose(leaf, other, rtol=1e-9, atol=1e-9 * scale)


@pytest.mark.parametrize("case", CASES)
def test_jacobians(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    results, leaves = _results(case)
    for mode in ("forward", "reverse"):
        one_by_one = _outcome(jacobian(results, mode=mode, chunk_size=1), leaves)
        _agree(_outcome(jacobian(results, mode=mode), leaves), one_by_one)
        if mode == "forward":  # as for many directions
            monkeypatch.setattr(batching, "FEWEST", 2)
            _agree(_outcome(jacobian(results, mode=mode), leaves), one_by_one)


@pytest.mark.parametrize("case", CASES[::10])
def test_chunks(case: Case) -> None:
    results, leaves = _results(case)
    for mode in ("forward", "reverse"):
        _agree(_outcome(jacobian(results, mode=mode, chunk_size=4), leaves), _outcome(jacobian(results), leaves))


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].order > 1])
def test_hessians(case: Case) -> None:
    results, leaves = _results(case)

    def total(leaves: list[Any]) -> Any:
        rng = random.Random(1)
        return sum(np.sum(np.real(leaf * vspace(leaf).random(rng))) for leaf in results(leaves))

    _agree(_outcome(hessian(total), leaves), _outcome(hessian(total, chunk_size=1), leaves))


def test_chunk_sizes() -> None:
    assert jacobian(np.square, chunk_size=numpy.int64(2))(np.ones(3)).shape == (3, 3)
    for wrong in (True, 0, -1, 1.5, "2"):
        with pytest.raises(InputError, match="chunk_size"):
            jacobian(np.square, chunk_size=wrong)  # type: ignore[arg-type]
