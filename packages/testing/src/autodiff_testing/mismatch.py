"""What the message of an exception says about the rule that raised it."""

from __future__ import annotations

import re

import numpy as np

_SPACE = r"ArraySpace\((?:(\(.*?\)), )?(\w+)\)"
_SPACES = re.compile(rf"element of {_SPACE}, but is an element of {_SPACE}")
_OPERANDS = re.compile(r"shapes (\(.*?\)) (\(.*?\))")  # of NumPy's own message


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
    if (operands := _OPERANDS.search(text)) is not None and _shape(operands[1]) == _shape(operands[2])[::-1]:
        return f"something is transposed: the rule puts together the shapes {operands[1]} and {operands[2]}"
    match = _SPACES.search(text)
    if match is None:
        return None
    right, right_type, given, given_type = match.groups()
    expected, shape = _shape(right), _shape(given)
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


def _shape(text: str | None) -> tuple[int, ...]:
    return tuple(int(length) for length in re.findall(r"\d+", text or ""))


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
