"""Results are compared before anything is timed: a fast wrong gradient is not a result."""

from typing import Any

import numpy as np

from trees import leaves

TOLERANCES = {np.dtype(np.float32): 1e-4, np.dtype(np.float64): 1e-9}
"""Largest accepted difference, relative to the largest entry of the expected array.

Relative to the array and not to each entry, because libraries sum in different orders and an entry that cancels to
nearly zero carries the rounding of its neighbours.
"""


class MismatchError(Exception):
    """A library's derivative differs from the hand-written one."""


def check(result: Any, expected: Any) -> None:
    """Compare with what was written by hand; raise at the first array that differs."""
    found, wanted = list(leaves(result)), list(leaves(expected))
    if len(found) != len(wanted):
        raise MismatchError(f"the derivative has {len(found)} arrays, expected {len(wanted)}")
    for position, (got, want) in enumerate(zip(found, wanted, strict=True)):
        compare_array(f"array {position} of the derivative", got, want)


def compare_array(what: str, got: Any, want: Any) -> None:
    """Same shape, same dtype, and equal within the tolerance of that dtype."""
    got, want = np.asarray(got), np.asarray(want)
    if (got.shape, got.dtype) != (want.shape, want.dtype):
        raise MismatchError(f"{what} is {got.dtype}{got.shape}, expected {want.dtype}{want.shape}")
    error, scale = np.max(np.abs(got - want)), np.max(np.abs(want))
    if not error <= TOLERANCES[want.dtype] * scale:  # written so that NaN fails
        raise MismatchError(f"{what} differs by {error:.2g} where the largest entry is {scale:.2g}")
