"""Convolution and correlation of sequences.  https://numpy.org/doc/stable/reference/generated/numpy.convolve.html

Both transposes are convolutions of the cotangent with the other operand reversed, once what `mode` had cut off is
filled with zeros. Correlation is convolution with the second operand reversed and conjugated, so it is linear in that
one over the real numbers only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import bilinear

_NUMBERED = {0: "valid", 1: "same", 2: "full"}


def _length(operand: Any) -> int:
    """Return the length of a sequence; a number is one of length 1."""
    shape: tuple[int, ...] = operand.shape if hasattr(operand, "shape") else np.shape(operand)
    return shape[0] if shape else 1


def _filled(g: Any, first: Any, second: Any, mode: Any, *, correlate: bool = False) -> Any:
    """Fill `g` up to the length of the mode "full"."""
    mode = mode if isinstance(mode, str) else _NUMBERED[int(mode)]
    long, short = _length(first), _length(second)
    swapped = long < short
    if swapped:
        long, short = short, long
    # NumPy puts the longer sequence first; `correlate` then reverses the result, and so the side of an odd entry.
    front = {"full": 0, "same": short // 2 if swapped and correlate else (short - 1) // 2, "valid": short - 1}[mode]
    back = long + short - 1 - front - g.shape[0]
    return np.concatenate((np.zeros(front, g.dtype), g, np.zeros(back, g.dtype)))


def _reversed(operand: Any) -> Any:
    return np.reshape(operand, -1)[::-1]


def _convolve_a(g: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    return np.convolve(_filled(g, a, v, mode), _reversed(v), "valid")


def _convolve_v(g: Any, a: Any, v: Any, mode: Any = "full") -> Any:
    return np.convolve(_filled(g, a, v, mode), _reversed(a), "valid")


def _correlate_a(g: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    return np.convolve(_filled(g, a, v, mode, correlate=True), np.conjugate(np.reshape(v, -1)), "valid")


def _correlate_v(g: Any, a: Any, v: Any, mode: Any = "valid") -> Any:
    return np.conjugate(np.convolve(_filled(g, a, v, mode, correlate=True), _reversed(a), "valid")[::-1])


# fmt: off
RULES = (
    bilinear(np.convolve,   _convolve_a,   _convolve_v),
    bilinear(np.correlate,  _correlate_a,  _correlate_v),
)
# fmt: on
