"""Cases for rules: for each rule, calls of its function in the forms that the rule supports.

A case's arguments are drawn anew from a seeded generator, so that every test run sees the same numbers; entries are
unequal and shapes are not square unless they must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator], Any]


@dataclass(frozen=True)
class Case:
    """One call whose derivatives are checked in all its arguments."""

    fun: Any  # the function whose rule is checked
    call: Callable[..., Any]  # what is differentiated
    args: tuple[Any, ...]  # values, and functions that draw them
    order: int = 2
    float32: bool = True  # whether the same is checked in single precision

    def draw(self, seed: int = 0) -> tuple[Any, ...]:
        """Return the arguments."""
        rng = np.random.default_rng(seed)
        return tuple(arg(rng) if callable(arg) else arg for arg in self.args)


def case(fun: Any, call: Callable[..., Any], *args: Any, order: int = 2, float32: bool = True) -> Case:
    """Make a case; `args` are values, or draws such as ``normal(3, 4)``."""
    return Case(fun, call, args, order, float32)


def normal(*shape: int) -> Draw:
    """Draw normally distributed numbers."""
    return lambda rng: rng.normal(size=shape)


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Draw numbers from an interval."""
    return lambda rng: rng.uniform(low, high, size=shape)


def positive(*shape: int) -> Draw:
    """Draw numbers between 0.5 and 2.5."""
    return uniform(0.5, 2.5, *shape)


def apart(*shape: int) -> Draw:
    """Draw numbers in random order no two of which are closer than 0.3, none of them near 0: for maxima and sorts."""

    def draw(rng: np.random.Generator) -> Any:
        size = int(np.prod(shape))
        return rng.permutation(0.35 * (np.arange(size) - size // 2) + 0.15 + rng.uniform(0, 0.04, size)).reshape(shape)

    return draw


def complex_normal(*shape: int) -> Draw:
    """Draw complex numbers, normally distributed."""
    return lambda rng: rng.normal(size=shape) + 1j * rng.normal(size=shape)


def well_conditioned(*shape: int) -> Draw:
    """Draw square matrices, stacked along all but the last two axes, far from singular."""
    return lambda rng: rng.normal(size=shape) + 2.0 * shape[-1] * np.eye(shape[-1])


def positive_definite(*shape: int) -> Draw:
    """Draw symmetric positive definite matrices."""

    def draw(rng: np.random.Generator) -> Any:
        a = rng.normal(size=shape)
        return a @ np.swapaxes(a, -1, -2) + 2.0 * np.eye(shape[-1])

    return draw
