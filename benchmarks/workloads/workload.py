"""What a workload consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy

Loss = Callable[..., Any]


@dataclass(frozen=True)
class Workload:
    """A function of its first argument, and the derivative that a competent NumPy user would write for it."""

    name: str
    about: str
    inputs: Callable[[numpy.random.Generator], tuple[Any, ...]]
    """Makes the arguments: the first, an array, a float or a list or dict of arrays, is differentiated."""
    loss: Callable[[Any], Loss]
    """The program, given a namespace ``np``: the same source for every NumPy-like library."""
    hand: Callable[..., tuple[Any, Any]]
    """The derivative with nothing but NumPy. No needless work and no heroic tricks: no ``out=``, no fusing of the
    program into a formula that its author would not have seen."""
    derivative: str = "gradient"
    """What is computed, see `derivatives.py`: "gradient" stands for ``(value, gradient)``."""
    torch: Callable[[Any], Loss] | None = None
    """The program for PyTorch, given the module, where PyTorch's users write it differently."""
    skip: Mapping[str, str] = field(default_factory=dict)
    """Libraries that cannot run it, or not in a reasonable time, and why: printed under the table."""

    def make_inputs(self) -> tuple[Any, ...]:
        """The same inputs in every run and for every library."""
        return self.inputs(numpy.random.default_rng(0))
