"""What arrays can be indexed with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autodiff_testing.strategies.numbers import Shape


def indices(shape: Shape, *, advanced: bool = True) -> st.SearchStrategy[Any]:
    """Generate what an array of this shape can be indexed with.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    advanced : bool
        Whether masks and arrays of integers are among them.

    Returns
    -------
    strategy
        Of integers, slices, ellipses, `newaxis` and tuples of these; with arrays of integers, which may be negative and
        repeated and broadcast together, alone and between slices; and with masks of the first axes or of one axis.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(indices((2, 3)), lambda index: isinstance(index, np.ndarray) and index.dtype == bool)
    array([False, False])
    """
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    single: st.SearchStrategy[Any] = st.sampled_from([(), Ellipsis, np.newaxis])
    if shape and shape[0]:
        single |= st.integers(-shape[0], shape[0] - 1)
    kinds: list[st.SearchStrategy[Any]] = [single, hnp.basic_indices(shape, allow_newaxis=True)]
    if advanced and shape:
        kinds += [_integer_arrays(shape), _masks(shape), _mask_of_one_axis(shape)]
    return st.one_of(kinds)


@st.composite
def _integer_arrays(draw: Callable[..., Any], shape: tuple[int, ...]) -> Any:
    """Generate indices with arrays of integers for some axes, and slices or integers for others."""
    common = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3))
    axes = draw(st.just(len(shape)) | st.integers(1, len(shape)))
    kinds = st.sampled_from(["array", "slice", "array", "integer"])
    index = [draw(_part(draw(kinds), side, common)) for side in shape[:axes]]
    if len(index) == 1 and draw(st.booleans()):
        return index[0]
    return _with_gaps(draw, index, shape)


def _part(kind: str, side: int, common: tuple[int, ...]) -> st.SearchStrategy[Any]:
    if kind == "slice" or side == 0:
        return st.slices(side)
    inside = st.integers(-side, side - 1)
    if kind == "integer":
        return inside
    shapes = st.sampled_from([common, common[-1:], (1,)])
    return shapes.flatmap(lambda one: hnp.arrays(np.intp, one, elements=inside))


@st.composite
def _mask_of_one_axis(draw: Callable[..., Any], shape: tuple[int, ...]) -> Any:
    """Generate indices with a mask for one axis, and slices before it."""
    axis = draw(st.integers(0, len(shape) - 1))
    before = [draw(st.slices(side)) for side in shape[:axis]]
    return _with_gaps(draw, [*before, draw(hnp.arrays(bool, shape[axis]))], shape)


def _with_gaps(draw: Callable[..., Any], index: list[Any], shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Put `newaxis` somewhere, and an ellipsis at the end."""
    if draw(st.booleans()):
        index.insert(draw(st.integers(0, len(index))), np.newaxis)
    if len(index) <= len(shape) and draw(st.booleans()):
        index.append(Ellipsis)
    return tuple(index)


def _masks(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
    """Generate masks of the first axes."""
    return st.integers(1, len(shape)).flatmap(lambda ndim: hnp.arrays(bool, shape[:ndim]))
