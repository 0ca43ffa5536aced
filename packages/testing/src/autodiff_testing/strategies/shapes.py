"""Arrays whose shapes broadcast together, and axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra import numpy as hnp

from autodiff_testing.strategies.numbers import arrays, inexact


def broadcastable_args(
    number: int = 2,
    dtype: Any = np.float64,
    elements: st.SearchStrategy[Any] | None = None,
    max_dims: int = 3,
    max_side: int = 3,
    *,
    min_side: int = 0,
) -> st.SearchStrategy[tuple[np.ndarray, ...]]:
    """Generate tuples of arrays whose shapes broadcast together.

    Each may have axes that another one lacks, and axes of length 1 where another is longer, so that each is
    repeated by broadcasting in some examples. There are arrays without axes and empty ones.

    Parameters
    ----------
    number : int
        How many arrays.
    dtype : dtype
        Of all of them; real or complex.
    elements : strategy, optional
        Of the entries.
    max_dims : int
        The largest number of axes.
    max_side, min_side : int
        The longest and the shortest axis. With a `min_side` of 1 no array is empty.

    Returns
    -------
    strategy
        Of tuples of arrays.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=10, deadline=None)
    ... @given(broadcastable_args(3, max_side=5))
    ... def test(args):
    ...     assert len(np.broadcast_arrays(*args)) == 3
    >>> test()
    """
    shapes = _broadcastable_shapes(number, max_dims, min_side, max_side)
    dtype = inexact(dtype)
    return shapes.flatmap(lambda drawn: st.tuples(*(arrays(shape, dtype, elements) for shape in drawn)))


@st.composite
def _broadcastable_shapes(
    draw: Callable[..., Any], number: int, max_dims: int, min_side: int, max_side: int
) -> list[tuple[int, ...]]:
    """Generate shapes that lack leading axes of a common shape, and have length 1 along some others.

    Hypothesis's own `mutually_broadcastable_shapes` hardly ever repeats two arrays along different axes.
    """
    long = st.integers(min(max(2, min_side), max_side), max_side)
    sides = st.integers(min_side, max_side) | long  # so that lengths 0 and 1 are rarer
    common = draw(st.lists(sides, max_size=max_dims))
    shapes = []
    for _ in range(number):
        lacking = draw(st.just(0) | st.integers(0, len(common)))
        single = draw(st.tuples(*[st.booleans()] * len(common)))
        shapes.append(tuple(1 if one else side for side, one in zip(common, single, strict=True))[lacking:])
    return shapes


def axis_arguments(
    ndim: int, *, none: bool = True, tuples: bool = True
) -> st.SearchStrategy[int | tuple[int, ...] | None]:
    """Generate values for the argument `axis` of a function of an array.

    Parameters
    ----------
    ndim : int
        The number of axes of the array.
    none : bool
        Whether None is among them.
    tuples : bool
        Whether tuples of axes are, in any order and also the empty one.

    Returns
    -------
    strategy
        Of None, integers, also negative ones, and tuples of such integers.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(axis_arguments(3), lambda axis: isinstance(axis, int) and axis < 0)
    -1
    >>> find(axis_arguments(3), lambda axis: isinstance(axis, tuple) and len(axis) == 2)
    (0, 1)
    """
    kinds: list[st.SearchStrategy[Any]] = []
    if none:
        kinds.append(st.none())
    if ndim:
        kinds.append(st.integers(-ndim, ndim - 1))
    if tuples:
        kinds.append(hnp.valid_tuple_axes(ndim))
    if not kinds:
        raise InvalidArgument("an array without axes has no axis but None and ()")
    return st.one_of(kinds)
