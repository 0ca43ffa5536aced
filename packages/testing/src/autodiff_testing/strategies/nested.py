"""Nested values."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autodiff_testing.strategies.numbers import GRID, WHOLE, arrays


def containers(leaves: st.SearchStrategy[Any] | None = None, *, max_leaves: int = 6) -> st.SearchStrategy[Any]:
    """Generate nested dicts, lists and tuples of arrays and numbers.

    Parameters
    ----------
    leaves : strategy, optional
        Of what stands inside; otherwise floats and arrays of up to two axes.
    max_leaves : int
        About how many of them there are at most.

    Returns
    -------
    strategy
        Of containers, none of which is empty.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=10, deadline=None)
    ... @given(containers())
    ... def test(value):
    ...     assert isinstance(value, (dict, list, tuple))
    >>> test()
    """
    if leaves is None:
        shapes = hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=3)
        leaves = WHOLE.map(lambda k: k / GRID) | shapes.flatmap(lambda shape: arrays(shape, np.dtype(float), None))
    return _container(st.recursive(leaves, _container, max_leaves=max_leaves))


def _container(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(parts, min_size=1, max_size=3)
    keys = st.sampled_from("abcd")
    return st.one_of(lists, lists.map(tuple), st.dictionaries(keys, parts, min_size=1, max_size=3))
