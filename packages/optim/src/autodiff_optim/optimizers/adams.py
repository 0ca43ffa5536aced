"""Optimizers with names: Adam and its relatives. Names and defaults are those of Optax."""

from __future__ import annotations

from typing import Any

from autodiff_optim.optimizers import adaptive
from autodiff_optim.optimizers.chaining import chain
from autodiff_optim.optimizers.scaling import add_decayed_weights, scale_by_learning_rate, scale_by_trust_ratio
from autodiff_optim.optimizers.transformation import Transformation


def adam(learning_rate: Any, b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-8, eps_root: Any = 0.0) -> Transformation:
    """Momentum, divided by the root of a running mean square.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root
        As for `scale_by_adam`.

    Returns
    -------
    Transformation

    References
    ----------
    D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015.

    Examples
    --------
    >>> optimizer = adam(0.5, eps=0.0)
    >>> round(optimizer.update(2.0, optimizer.init(0.0))[0], 6)
    -0.5
    """
    return chain(adaptive.scale_by_adam(b1, b2, eps, eps_root), scale_by_learning_rate(learning_rate))


def adamw(
    learning_rate: Any,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
    eps_root: Any = 0.0,
    weight_decay: Any = 1e-4,
    mask: Any = None,
) -> Transformation:
    """Adam with parameters that decay by ``learning_rate * weight_decay`` in each step. `update` needs them.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root
        As for `scale_by_adam`.
    weight_decay, mask
        As for `add_decayed_weights`. PyTorch has 0.01.

    Returns
    -------
    Transformation

    References
    ----------
    I. Loshchilov, F. Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2.

    Examples
    --------
    >>> optimizer = adamw(0.5, eps=0.0, weight_decay=0.1)
    >>> round(optimizer.update(2.0, optimizer.init(4.0), 4.0)[0], 6)
    -0.7
    """
    return chain(
        adaptive.scale_by_adam(b1, b2, eps, eps_root),
        add_decayed_weights(weight_decay, mask),
        scale_by_learning_rate(learning_rate),
    )


def amsgrad(
    learning_rate: Any,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
    eps_root: Any = 0.0,
    *,
    correct_maximum: bool = False,
) -> Transformation:
    """Adam with the largest mean square so far.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root, correct_maximum
        As for `scale_by_amsgrad`.

    Returns
    -------
    Transformation

    References
    ----------
    S. J. Reddi, S. Kale, S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018.

    Examples
    --------
    >>> optimizer = amsgrad(0.5, eps=0.0)
    >>> round(optimizer.update(2.0, optimizer.init(0.0))[0], 6)
    -0.5
    """
    scaled = adaptive.scale_by_amsgrad(b1, b2, eps, eps_root, correct_maximum=correct_maximum)
    return chain(scaled, scale_by_learning_rate(learning_rate))


def nadam(
    learning_rate: Any,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
    eps_root: Any = 0.0,
    *,
    momentum_decay: Any = None,
) -> Transformation:
    """Adam with Nesterov's momentum.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root, momentum_decay
        As for `scale_by_nadam`. PyTorch has a momentum decay of 0.004.

    Returns
    -------
    Transformation

    References
    ----------
    T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016.

    Examples
    --------
    >>> optimizer = nadam(0.75, b1=0.5, eps=0.0)
    >>> round(optimizer.update(2.0, optimizer.init(0.0))[0], 6)
    -1.0
    """
    scaled = adaptive.scale_by_nadam(b1, b2, eps, eps_root, momentum_decay=momentum_decay)
    return chain(scaled, scale_by_learning_rate(learning_rate))


def radam(
    learning_rate: Any,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
    eps_root: Any = 0.0,
    threshold: Any = 5.0,
    *,
    correct_eps: bool = False,
) -> Transformation:
    """Adam without the large steps that the first, uncertain, mean squares cause.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root, threshold, correct_eps
        As for `scale_by_radam`. PyTorch has ``correct_eps=True``.

    Returns
    -------
    Transformation

    References
    ----------
    L. Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020.

    Examples
    --------
    >>> optimizer = radam(0.5)
    >>> round(optimizer.update(2.0, optimizer.init(0.0))[0], 6)
    -1.0
    """
    scaled = adaptive.scale_by_radam(b1, b2, eps, eps_root, threshold, correct_eps=correct_eps)
    return chain(scaled, scale_by_learning_rate(learning_rate))


def lion(
    learning_rate: Any, b1: Any = 0.9, b2: Any = 0.99, weight_decay: Any = 1e-3, mask: Any = None
) -> Transformation:
    """Steps of the same size in all entries: the sign of a momentum. `update` needs the parameters.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2
        As for `scale_by_lion`.
    weight_decay, mask
        As for `add_decayed_weights`.

    Returns
    -------
    Transformation

    References
    ----------
    X. Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023.

    Examples
    --------
    >>> optimizer = lion(0.5)
    >>> float(optimizer.update(-2.0, optimizer.init(0.0), 0.0)[0])
    0.5
    """
    return chain(
        adaptive.scale_by_lion(b1, b2), add_decayed_weights(weight_decay, mask), scale_by_learning_rate(learning_rate)
    )


def adabelief(
    learning_rate: Any, b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-16, eps_root: Any = 1e-16
) -> Transformation:
    """Adam with the mean square of what the momentum did not foresee.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root
        As for `scale_by_belief`.

    Returns
    -------
    Transformation

    References
    ----------
    J. Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, NeurIPS 2020.

    Examples
    --------
    >>> optimizer = adabelief(0.5, b1=0.5)
    >>> round(optimizer.update(2.0, optimizer.init(0.0))[0], 6)
    -1.0
    """
    return chain(adaptive.scale_by_belief(b1, b2, eps, eps_root), scale_by_learning_rate(learning_rate))


def lamb(
    learning_rate: Any,
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-6,
    eps_root: Any = 0.0,
    weight_decay: Any = 0.0,
    mask: Any = None,
) -> Transformation:
    """Adam with steps that have the norm of the parameter, leaf by leaf, times the step size. `update` needs them.

    Parameters
    ----------
    learning_rate : float or callable
        The step size, or a schedule.
    b1, b2, eps, eps_root
        As for `scale_by_adam`.
    weight_decay, mask
        As for `add_decayed_weights`.

    Returns
    -------
    Transformation

    References
    ----------
    Y. You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, ICLR 2020, algorithm 2.

    Examples
    --------
    >>> optimizer = lamb(0.5)
    >>> round(float(optimizer.update(2.0, optimizer.init(4.0), 4.0)[0]), 6)
    -2.0
    """
    return chain(
        adaptive.scale_by_adam(b1, b2, eps, eps_root),
        add_decayed_weights(weight_decay, mask),
        scale_by_trust_ratio(),
        scale_by_learning_rate(learning_rate),
    )
