"""Multiplication with a number, a schedule, a learning rate, or the ratio of norms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff_optim.optimizers.hyperparameters import nonnegative, real
from autodiff_optim.optimizers.leafwise import COUNT, Step, leafwise
from autodiff_optim.optimizers.masking import masked
from autodiff_optim.optimizers.transformation import Transformation


class Counted(NamedTuple):
    """The state of a transformation that counts its steps."""

    count: Any


def _times(factor: Any) -> Step:
    return lambda g: (factor * g,)


def scale(factor: Any) -> Transformation:
    """Multiply by a number.

    Parameters
    ----------
    factor : float
        Any finite number.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> scale(-0.5).update(2.0, scale(-0.5).init(1.0))[0]
    -1.0
    """
    factor = real("factor", factor)
    return leafwise("scale", lambda mix: _times(factor))


def scale_by_schedule(schedule: Callable[[int], Any]) -> Transformation:
    """Multiply by a number that depends on the step.

    Parameters
    ----------
    schedule : callable
        ``schedule(step)``, where the first step is 0: one of `autodiff_optim.schedules`, or any function.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> transformation = scale_by_schedule(lambda step: 1 / (1 + step))
    >>> first, state = transformation.update(1.0, transformation.init(0.0))
    >>> first, transformation.update(1.0, state)[0]
    (1.0, 0.5)
    """
    return _scheduled("scale_by_schedule", schedule, real, 1.0)


def scale_by_learning_rate(learning_rate: Any, *, flip_sign: bool = True) -> Transformation:
    """Multiply by the negative step size, which turns what points upwards into a step of descent.

    Parameters
    ----------
    learning_rate : float or callable
        A number that is at least 0, or a schedule.
    flip_sign : bool
        False for a step upwards.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> scale_by_learning_rate(0.5).update(2.0, scale_by_learning_rate(0.5).init(1.0))[0]
    -1.0
    """
    sign = -1.0 if flip_sign else 1.0
    if callable(learning_rate):
        return _scheduled("learning_rate", learning_rate, nonnegative, sign)
    factor = sign * nonnegative("learning_rate", learning_rate)
    return leafwise("scale_by_learning_rate", lambda mix: _times(factor))


def _scheduled(
    name: str, schedule: Callable[[int], Any], check: Callable[[str, Any], Any], sign: float
) -> Transformation:
    def rule(mix: Any, count: int) -> Step:
        step = count - 1
        return _times(sign * check(f"{name}({step})", schedule(step)))

    return leafwise(name, rule, Counted, clock=COUNT)


def add_decayed_weights(weight_decay: Any = 0.0, mask: Any = None) -> Transformation:
    """Add a multiple of the parameters: the gradient of ``weight_decay / 2 * sum(x**2)``.

    Parameters
    ----------
    weight_decay : float or callable
        A number that is at least 0, or a schedule.
    mask : container of bool or callable, optional
        Which parameters decay, as for `masked`; all, if not given.

    Returns
    -------
    Transformation
        Its `update` needs the parameters.

    Examples
    --------
    >>> decay = add_decayed_weights(0.5)
    >>> decay.update(1.0, decay.init(4.0), 4.0)[0]
    3.0
    """
    if callable(weight_decay):

        def rule(mix: Any, count: int) -> Step:
            step = count - 1
            rate = nonnegative(f"weight_decay({step})", weight_decay(step))
            return lambda g, x: (g + rate * x,)

        decay = leafwise("add_decayed_weights", rule, Counted, clock=COUNT, uses_params=True)
    else:
        rate = nonnegative("weight_decay", weight_decay)
        decay = leafwise("add_decayed_weights", lambda mix: lambda g, x: (g + rate * x,), uses_params=True)
    return decay if mask is None else masked(decay, mask)


def scale_by_trust_ratio(min_norm: Any = 0.0, trust_coefficient: Any = 1.0, eps: Any = 0.0) -> Transformation:
    """Give each update the norm of its parameter, leaf by leaf; where one of the norms is 0, leave it as it is.

    Parameters
    ----------
    min_norm : float
        Norms count as at least that.
    trust_coefficient : float
        The norm of an update, as a multiple of that of its parameter.
    eps : float
        Added to the norm of the update.

    Returns
    -------
    Transformation
        Its `update` needs the parameters.

    References
    ----------
    Y. You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, ICLR 2020.

    Examples
    --------
    >>> ratio = scale_by_trust_ratio()
    >>> float(ratio.update(0.1, ratio.init(2.0), 2.0)[0])
    2.0
    """
    least, coefficient, eps = (
        nonnegative("min_norm", min_norm),
        nonnegative("trust_coefficient", trust_coefficient),
        nonnegative("eps", eps),
    )

    def step(g: Any, x: Any) -> tuple[Any]:
        size, length = np.maximum(np.linalg.norm(x), least), np.maximum(np.linalg.norm(g), least)
        defined = (size > 0) & (length > 0)
        ratio = coefficient * size / np.where(defined, length + eps, 1.0)
        return (np.where(defined, ratio, 1.0) * g,)

    return leafwise("scale_by_trust_ratio", lambda mix: step, uses_params=True, elementwise=False)
