"""What the message of an exception says about the rule that raised it."""

from __future__ import annotations

import re

import numpy as np

_SPACE = r"ArraySpace\((?:(\(.*?\)), )?(\w+)\)"
_SPACES = re.compile(rf"element of {_SPACE}, but is an element of {_SPACE}")


def named_argument(text: str) -> int | None:
    """Return the number of the argument that the message names."""
    match = re.search(r"for argument (\d+)", text)
    return int(match[1]) if match else None


def explain_exception(text: str) -> str | None:
    """Read the cause off the message about a cotangent that does not fit."""
    if "but is of type NoneType" in text:
        return "the rule returns None: a `return` is missing"
    if text.startswith("RuntimeWarning"):  # where warnings are errors
        return f"it is NaN or infinite, or as good as that, where the function is smooth: {text}"
    match = _SPACES.search(text)
    if match is None:
        return None
    right, right_type, given, given_type = match.groups()
    expected, shape = (tuple(int(n) for n in re.findall(r"\d+", part or "")) for part in (right, given))
    if expected == shape:
        return f"the rule returns {given_type} where {right_type} is expected"
    if len(shape) > 1 and shape == expected[::-1]:
        return f"it is transposed: the rule returns the shape {shape} for an argument of shape {expected}"
    sizes = f"the argument has shape {expected}, the rule returns the shape {shape}"
    if _broadcasts(expected, shape):
        return f"it is not unbroadcast: {sizes}. Sum over the axes along which the argument was repeated"
    if _broadcasts(shape, expected):
        return f"it is not broadcast: {sizes}. Repeat it along the axes that the function sums over"
    return f"another shape: {sizes}"


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
