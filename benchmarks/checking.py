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
    """A library's value or gradient differs from the hand-written one."""


def check(result: tuple[Any, Any], expected: tuple[Any, Any]) -> None:
    """Compare ``(value, gradient)`` with the hand-written pair; raise at the first array that differs."""
    compare_array("the value", result[0], expected[0])
    gradients, wanted = list(leaves(result[1])), list(leaves(expected[1]))
    if len(gradients) != len(wanted):
        raise MismatchError(f"the gradient has {len(gradients)} arrays, expected {len(wanted)}")
    for position, (gradient, want) in enumerate(zip(gradients, wanted, strict=True)):
        compare_array(f"array {position} of the gradient", gradient, want)


def compare_array(what: str, got: Any, want: Any) -> None:
    """Same shape, same dtype, and equal within the tolerance of that dtype."""
    got, want = np.asarray(got), np.asarray(want)
    if (got.shape, got.dtype) != (want.shape, want.dtype):
        raise MismatchError(f"{what} is {got.dtype}{got.shape}, expected {want.dtype}{want.shape}")
    error, scale = np.max(np.abs(got - want)), np.max(np.abs(want))
    if not error <= TOLERANCES[want.dtype] * scale:  # written so that NaN fails
        raise MismatchError(f"{what} differs by {error:.2g} where the largest entry is {scale:.2g}")
