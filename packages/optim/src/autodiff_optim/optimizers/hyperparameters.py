"""Hyperparameters: checked when an optimizer is made, and then plain Python floats, or traced values.

A Python float gives way to the type of the array it meets, so that float32 stays float32; a NumPy scalar would not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import AutodiffError
from autodiff.extend import BatchBox, Box
from autodiff_optim.counts import is_count


class HyperparameterError(AutodiffError, ValueError):
    """A hyperparameter is not a number, or not within its range: a negative step size, a decay of 2, NaN."""


def real(name: str, value: Any) -> Any:
    """Return a finite real number: a float, or `value` itself if it is traced."""
    return _checked(name, value, "a finite real number", lambda _: True)


def at_least(least: float, name: str, value: Any) -> Any:
    """Return a number that is not less than another."""
    return _checked(name, value, f"a finite number that is at least {least:g}", lambda number: number >= least)


def nonnegative(name: str, value: Any) -> Any:
    """Return a number that is at least 0."""
    return at_least(0.0, name, value)


def positive(name: str, value: Any) -> Any:
    """Return a number greater than 0."""
    return _checked(name, value, "a finite number greater than 0", lambda number: number > 0)


def fraction(name: str, value: Any) -> Any:
    """Return a decay: at least 0, and less than 1."""
    return _checked(name, value, "at least 0 and less than 1", lambda number: 0 <= number < 1)


def count(name: str, value: Any, least: int = 1) -> int:
    """Return a whole number that is at least `least`."""
    if is_count(value, least):
        return int(value)
    raise HyperparameterError(f"`{name}` must be a whole number that is at least {least}, but is {value!r}.")


def _checked(name: str, value: Any, what: str, accepts: Callable[[float], bool]) -> Any:
    plain = value
    while isinstance(plain, Box):
        if isinstance(plain, BatchBox):  # a different one in each example: there is no one number to look at
            return value
        plain = plain.value
    if not _is_real(plain) or not math.isfinite(plain) or not accepts(float(plain)):
        raise HyperparameterError(f"`{name}` must be {what}, but is {plain!r}.")
    return value if plain is not value else float(plain)


def _is_real(value: Any) -> bool:
    if isinstance(value, np.ndarray | np.generic):
        return value.ndim == 0 and value.dtype.kind in "iuf"
    return isinstance(value, int | float) and not isinstance(value, bool)
