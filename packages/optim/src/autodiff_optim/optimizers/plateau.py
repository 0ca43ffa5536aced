"""Smaller steps when the loss does not fall any more."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autodiff import stop_gradient
from autodiff.containers import unflatten
from autodiff.errors import InputError
from autodiff_optim.optimizers.hyperparameters import HyperparameterError, count, nonnegative, real
from autodiff_optim.optimizers.leaves import like, real_leaves
from autodiff_optim.optimizers.transformation import Transformation, check_state


class Plateau(NamedTuple):
    """The state of `reduce_on_plateau`."""

    scale: Any
    best_value: Any
    plateau_count: Any
    cooldown_count: Any
    count: Any
    avg_value: Any


def reduce_on_plateau(
    factor: Any = 0.1,
    patience: int = 10,
    rtol: Any = 1e-4,
    atol: Any = 0.0,
    cooldown: int = 0,
    accumulation_size: int = 1,
    min_scale: Any = 0.0,
) -> Transformation:
    """Multiply by a scale that is reduced when the loss has stopped falling.

    Parameters
    ----------
    factor : float
        Between 0 and 1: what the scale, which starts at 1, is multiplied with.
    patience : int
        After how many losses without improvement.
    rtol, atol : float
        A loss is an improvement if it is less than ``(1 - rtol) * best - atol``.
    cooldown : int
        How many losses after a reduction are not counted.
    accumulation_size : int
        How many losses are averaged before they count as one.
    min_scale : float
        The scale does not fall below.

    Returns
    -------
    Transformation
        Its `update` takes the loss: ``update(grads, state, params, value=loss)``. No derivative flows through it.

    Notes
    -----
    The meaning is that of Optax; the `patience` of PyTorch's `ReduceLROnPlateau` is less by one.

    Examples
    --------
    >>> reduce = reduce_on_plateau(factor=0.5, patience=2)
    >>> state = reduce.init(0.0)
    >>> for loss in (3.0, 3.0, 3.0):
    ...     update, state = reduce.update(1.0, state, value=loss)
    >>> update
    0.5
    """
    factor, rtol, atol = real("factor", factor), nonnegative("rtol", rtol), nonnegative("atol", atol)
    min_scale = nonnegative("min_scale", min_scale)
    if not 0 < factor < 1:
        raise HyperparameterError(f"`factor` must be greater than 0 and less than 1, but is {factor!r}.")
    if rtol > 1 or rtol == atol == 0:
        raise HyperparameterError(f"`rtol` must be at most 1, and it or `atol` positive, but they are {rtol}, {atol}.")
    patience, size = count("patience", patience), count("accumulation_size", accumulation_size)
    cooldown = count("cooldown", cooldown, least=0)

    def init(params: Any) -> Plateau:
        real_leaves(params, "params")
        return Plateau(*map(np.asarray, (1.0, np.inf, 0, 0, 0, 0.0)))

    def judged(scale: float, best: float, plateau: int, cooling: int, value: float) -> tuple[float, float, int, int]:
        """Return scale, best value, and the lengths of the plateau and of the cooldown, after another value."""
        improved = value < (1 - rtol) * best - atol
        best, plateau = (value, 0) if improved else (best, plateau + 1)
        if cooling > 0:
            return scale, best, 0, cooling - 1
        if plateau == patience:
            return max(scale * factor, min_scale), best, 0, cooldown
        return max(scale, min_scale), best, plateau, 0

    def update(grads: Any, state: Any, params: Any = None, *, value: Any = None) -> tuple[Any, Any]:
        check_state(state, Plateau)
        if value is None:
            raise InputError("`reduce_on_plateau` needs the loss: call `update(grads, state, params, value=loss)`.")
        scale, best, plateau, cooling, losses, average = (each.item() for each in state)
        average = (losses * average + _number(value)) / (losses + 1)
        losses += 1
        if losses == size:
            scale, best, plateau, cooling = judged(scale, best, plateau, cooling, average)
            losses, average = 0, 0.0
        leaves, structure = real_leaves(grads, "gradient")
        updates = unflatten(structure, [like(scale * g, g) for g in leaves])
        return updates, Plateau(*map(np.asarray, (scale, best, plateau, cooling, losses, average)))

    return Transformation(init, update, ("value",))


def _number(value: Any) -> float:
    """Return the plain number that a loss is; it may be infinite, or not a number, which is no improvement."""
    try:
        return float(stop_gradient(value))
    except (TypeError, ValueError):
        raise InputError(f"`value` must be the loss, one real number, but is {value!r}.") from None
