"""What a run of training is asked to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from autodiff_optim.batches import Batches


class Optimizer(Protocol):
    """What a run asks of an optimizer: the protocol of Optax."""

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]


@dataclass(frozen=True)
class Plan:
    """What stays the same during a run; the parameters of `fit`, checked."""

    gradient: Callable[..., Any]  # (params, *batch) -> (value, gradient)
    has_aux: bool
    optimizer: Optimizer
    batches: Batches
    epochs: int | None
    num_steps: int | None
    rng: np.random.Generator
    validation: Callable[[Any], dict[str, float]] | None
    validate_every: int | None
