"""Arrays away from the points where functions have no derivative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra import numpy as hnp

from autodiff_testing.strategies.numbers import LARGEST, WHOLE, Shape


def away_from_kinks(
    shape: Shape | st.SearchStrategy[tuple[int, ...]],
    kinks: Sequence[float] = (0.0,),
    distance: float = 0.1,
    *,
    low: float = -LARGEST,
    high: float = LARGEST,
    dtype: Any = np.float64,
) -> st.SearchStrategy[np.ndarray]:
    """Generate arrays no entry of which is near a point where a function has a kink or a jump.

    Parameters
    ----------
    shape : tuple of int, or strategy
        The shape of the arrays.
    kinks : sequence of float
        The points.
    distance : float
        How far the entries stay away from them.
    low, high : float
        The entries lie between these.
    dtype : dtype
        A real one.

    Returns
    -------
    strategy
        Of arrays.

    Examples
    --------
    >>> from hypothesis import find
    >>> bool(find(away_from_kinks((), kinks=[0.0, 1.0]), lambda x: x > 0) >= 0.1)
    True
    """
    dtype = np.dtype(dtype)
    margin = distance + 4 * float(np.finfo(dtype).eps) * max(abs(low), abs(high))
    starts, ends = _allowed(sorted(kinks), margin, low, high)
    if not starts:
        raise InvalidArgument(
            f"nothing between low={low!r} and high={high!r} has a distance of {distance!r} from all of {list(kinks)!r}"
        )
    steps = 1024
    origin, length = np.array(starts), np.array(ends) - np.array(starts)

    def place(drawn: np.ndarray) -> np.ndarray:
        which, step = np.divmod(drawn, steps + 1)
        return np.asarray(origin[which] + length[which] * (step / steps), dtype)

    return hnp.arrays(np.int64, shape, elements=st.integers(0, len(starts) * (steps + 1) - 1)).map(place)


def _allowed(kinks: list[float], margin: float, low: float, high: float) -> tuple[list[float], list[float]]:
    """Return the intervals between the kinks, the simplest first, each from its simplest end."""
    cuts = [low, *(cut for kink in kinks for cut in (kink - margin, kink + margin)), high]
    found = []
    reached = low
    for end, start in zip(cuts[1::2], [*cuts[2::2], high], strict=True):
        if min(end, high) > reached:
            found.append((reached, min(end, high)))
        reached = max(reached, start)
    halves = [half for a, b in found for half in (((0.0, b), (0.0, a)) if a < 0.0 < b else (_by_size(a, b),))]
    halves.sort(key=lambda ends: (abs(ends[0]), ends[1] < 0))
    return [start for start, _ in halves], [end for _, end in halves]


def _by_size(a: float, b: float) -> tuple[float, float]:
    return (a, b) if abs(a) <= abs(b) else (b, a)


def distinct_arrays(
    shape: Shape | st.SearchStrategy[tuple[int, ...]], gap: float = 0.1, *, dtype: Any = np.float64
) -> st.SearchStrategy[np.ndarray]:
    """Generate arrays in which no two entries are nearly equal: for sorts, maxima and medians.

    Parameters
    ----------
    shape : tuple of int, or strategy
        The shape of the arrays.
    gap : float
        By how much any two entries differ at least.
    dtype : dtype
        A real one.

    Returns
    -------
    strategy
        Of arrays with entries of either sign, in any order.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(distinct_arrays(3), lambda x: True)
    array([-0.2,  0. ,  0.2])
    """
    dtype = np.dtype(dtype)

    def place(drawn: np.ndarray) -> np.ndarray:
        ranks = np.argsort(np.argsort(drawn, axis=None, kind="stable")) - drawn.size // 2
        moved = drawn.ravel() % 100 / 104  # by a bit less than half of the distance
        return np.asarray(gap * (2 * ranks + moved), dtype).reshape(drawn.shape)

    return hnp.arrays(np.int16, shape, elements=WHOLE, fill=st.nothing()).map(place)
