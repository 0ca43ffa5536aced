"""Optimizers with names: gradient descent, and what divides it by running means of squares.

Names and defaults are those of Optax. Where a step size is asked for, a schedule may be given: a function of the number
of the step.
"""

from __future__ import annotations

from typing import Any

from autodiff_optim.optimizers import moments
from autodiff_optim.optimizers.chaining import chain
from autodiff_optim.optimizers.hyperparameters import HyperparameterError
from autodiff_optim.optimizers.scaling import add_decayed_weights, scale_by_learning_rate
from autodiff_optim.optimizers.transformation import Transformation


def sgd(learning_rate: Any, momentum: Any = None, nesterov: bool = False) -> Transformation:
    """Gradient descent, with momentum if asked for.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    momentum : float, optional
        Decay of the velocity, see `trace`.
    nesterov : bool
        Whether the velocity is looked up one step ahead.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> optimizer = sgd(0.5)
    >>> optimizer.update(2.0, optimizer.init(0.0))[0]
    -1.0
    """
    return chain(*_velocity(momentum, nesterov), scale_by_learning_rate(learning_rate))


def rmsprop(
    learning_rate: Any,
    decay: Any = 0.9,
    eps: Any = 1e-8,
    initial_scale: Any = 0.0,
    eps_in_sqrt: bool = True,
    centered: bool = False,
    momentum: Any = None,
    nesterov: bool = False,
    bias_correction: bool = False,
) -> Transformation:
    """Steps divided by the root of a running mean square.

    Parameters
    ----------
    learning_rate, momentum, nesterov
        As for `sgd`; the velocity is that of the steps.
    decay, eps, initial_scale, eps_in_sqrt, bias_correction
        As for `scale_by_rms`. PyTorch has ``eps_in_sqrt=False``.
    centered : bool
        Whether to divide by the standard deviation instead.

    Returns
    -------
    Transformation

    References
    ----------
    T. Tieleman, G. Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.

    Examples
    --------
    >>> optimizer = rmsprop(0.5, decay=0.75, eps=0.0)
    >>> float(optimizer.update(2.0, optimizer.init(0.0))[0])
    -1.0
    """
    if centered:
        scaled = moments.scale_by_stddev(decay, eps, initial_scale, eps_in_sqrt, bias_correction)
    else:
        scaled = moments.scale_by_rms(decay, eps, initial_scale, eps_in_sqrt, bias_correction)
    return chain(scaled, scale_by_learning_rate(learning_rate), *_velocity(momentum, nesterov))


def adagrad(
    learning_rate: Any, initial_accumulator_value: Any = 0.1, eps: Any = 1e-7, eps_in_sqrt: bool = True
) -> Transformation:
    """Steps divided by the root of the sum of all squares so far.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    initial_accumulator_value, eps, eps_in_sqrt
        As for `scale_by_rss`. PyTorch has 0.0, 1e-10 and False.

    Returns
    -------
    Transformation

    References
    ----------
    J. Duchi, E. Hazan, Y. Singer, Adaptive Subgradient Methods for Online Learning and Stochastic Optimization,
    JMLR 12, 2011.

    Examples
    --------
    >>> optimizer = adagrad(0.5, initial_accumulator_value=0.0, eps=0.0)
    >>> float(optimizer.update(2.0, optimizer.init(0.0))[0])
    -0.5
    """
    return chain(
        moments.scale_by_rss(initial_accumulator_value, eps, eps_in_sqrt), scale_by_learning_rate(learning_rate)
    )


def adadelta(
    learning_rate: Any = 1.0, rho: Any = 0.9, eps: Any = 1e-6, weight_decay: Any = 0.0, mask: Any = None
) -> Transformation:
    """Steps of the size of earlier steps.

    Parameters
    ----------
    learning_rate : float or callable
        A factor, or a schedule.
    rho, eps
        As for `scale_by_adadelta`.
    weight_decay, mask
        As for `add_decayed_weights`; added to the gradient.

    Returns
    -------
    Transformation

    References
    ----------
    M. D. Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012.

    Examples
    --------
    >>> optimizer = adadelta(rho=0.75, eps=1.0)
    >>> round(float(optimizer.update(2.0, optimizer.init(0.0))[0]), 6)
    -1.414214
    """
    return chain(
        *_decay(weight_decay, mask), moments.scale_by_adadelta(rho, eps), scale_by_learning_rate(learning_rate)
    )


def _velocity(momentum: Any, nesterov: bool) -> tuple[Transformation, ...]:
    if momentum is not None:
        return (moments.trace(momentum, nesterov),)
    if nesterov:
        raise HyperparameterError("`nesterov` looks ahead along a momentum: give `momentum` as well, such as 0.9.")
    return ()


def _decay(weight_decay: Any, mask: Any) -> tuple[Transformation, ...]:
    """Return what adds decay to the gradient: nothing if there is none, so that parameters are not asked for."""
    none = not callable(weight_decay) and isinstance(weight_decay, int | float) and weight_decay == 0
    return () if none else (add_decayed_weights(weight_decay, mask),)
