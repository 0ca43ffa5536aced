"""Adam and its relatives: a running mean of the gradient, divided by the root of a running mean of squares.

Both means start at 0 and are divided by 1 - decay**t in step t, which corrects that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autodiff_optim.optimizers.hyperparameters import at_least, fraction, nonnegative
from autodiff_optim.optimizers.leafwise import COUNT, Clock, Step, leafwise
from autodiff_optim.optimizers.moments import CountedMeanAndSquare, Mean
from autodiff_optim.optimizers.transformation import Transformation


class Maximum(NamedTuple):
    """The state of `scale_by_amsgrad`."""

    count: Any
    mean: Any
    square: Any
    largest: Any


class Products(NamedTuple):
    """The state of `scale_by_nadam`: with the product of the decays so far."""

    count: Any
    product: Any
    mean: Any
    square: Any


def _decays(b1: Any, b2: Any, eps: Any, eps_root: Any) -> tuple[Any, Any, Any, Any]:
    return fraction("b1", b1), fraction("b2", b2), nonnegative("eps", eps), nonnegative("eps_root", eps_root)


def _under_root(square: Any, eps_root: Any) -> Any:
    """Return the sum; most often there is nothing to add."""
    return square if type(eps_root) is float and eps_root == 0.0 else square + eps_root


def scale_by_adam(b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-8, eps_root: Any = 0.0) -> Transformation:
    """Divide the running mean of the gradient by the root of its running mean square, both corrected.

    Parameters
    ----------
    b1, b2 : float
        Decay of the mean and of the mean square.
    eps : float
        Added to the root.
    eps_root : float
        Added under the root. If steps are to be differentiated, and gradients may be 0, it must be positive: the root
        has no derivative at 0.

    Returns
    -------
    Transformation

    References
    ----------
    D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

    Examples
    --------
    >>> adam = scale_by_adam(eps=0.0)
    >>> round(float(adam.update(7.0, adam.init(0.0))[0]), 6)
    1.0
    """
    b1, b2, eps, eps_root = _decays(b1, b2, eps, eps_root)

    def rule(mix: Any, t: int) -> Step:
        # mean / c1 / (sqrt(square / c2 + eps_root) + eps) with an operation less: c1 has moved into the root
        correction = 1 - b1**t
        factor, inside, outside = correction**2 / (1 - b2**t), eps_root * correction**2, eps * correction

        def step(g: Any, mean: Any, square: Any) -> tuple[Any, Any, Any]:
            mean = mix(mean, b1, g, 1 - b1)
            square = mix(square, b2, g * g, 1 - b2)
            return mean / (np.sqrt(_under_root(factor * square, inside)) + outside), mean, square

        return step

    return leafwise("scale_by_adam", rule, CountedMeanAndSquare, clock=COUNT)


def scale_by_amsgrad(
    b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-8, eps_root: Any = 0.0, *, correct_maximum: bool = False
) -> Transformation:
    """Divide as `scale_by_adam` does, but by the largest mean square so far.

    Parameters
    ----------
    b1, b2, eps, eps_root
        As for `scale_by_adam`.
    correct_maximum : bool
        False: the maximum of corrected mean squares, as in Optax. True: the corrected maximum of mean squares, as in
        PyTorch.

    Returns
    -------
    Transformation

    References
    ----------
    S. J. Reddi, S. Kale, S. Kumar, On the Convergence of Adam and Beyond, ICLR 2018, algorithm 2.

    Examples
    --------
    >>> amsgrad = scale_by_amsgrad(eps=0.0)
    >>> round(float(amsgrad.update(7.0, amsgrad.init(0.0))[0]), 6)
    1.0
    """
    b1, b2, eps, eps_root = _decays(b1, b2, eps, eps_root)

    def rule(mix: Any, t: int) -> Step:
        correction, correction2 = 1 - b1**t, 1 - b2**t
        before, after = (1.0, correction2) if correct_maximum else (correction2, 1.0)

        def step(g: Any, mean: Any, square: Any, largest: Any) -> tuple[Any, Any, Any, Any]:
            mean = mix(mean, b1, g, 1 - b1)
            square = mix(square, b2, g * g, 1 - b2)
            largest = np.maximum(largest, square / before)
            return (
                mean / correction / (np.sqrt(_under_root(largest / after, eps_root)) + eps),
                mean,
                square,
                largest,
            )

        return step

    return leafwise("scale_by_amsgrad", rule, Maximum, clock=COUNT)


def scale_by_nadam(
    b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-8, eps_root: Any = 0.0, *, momentum_decay: Any = None
) -> Transformation:
    """Divide as `scale_by_adam` does, with a mean that looks one step ahead, as Nesterov's momentum.

    Parameters
    ----------
    b1, b2, eps, eps_root
        As for `scale_by_adam`.
    momentum_decay : float, optional
        psi of the schedule b1 * (1 - 0.96**(psi * t) / 2) for the weight of the mean, which PyTorch has, with 0.004.
        If not given, the weight is b1, as in Optax.

    Returns
    -------
    Transformation

    References
    ----------
    T. Dozat, Incorporating Nesterov Momentum into Adam, ICLR workshop 2016, algorithm 2.

    Examples
    --------
    >>> nadam = scale_by_nadam(b1=0.5, eps=0.0)
    >>> round(float(nadam.update(7.0, nadam.init(0.0))[0]), 6)
    1.333333
    """
    b1, b2, eps, eps_root = _decays(b1, b2, eps, eps_root)
    psi = None if momentum_decay is None else nonnegative("momentum_decay", momentum_decay)

    def weight(t: int) -> Any:
        return b1 if psi is None else b1 * (1 - 0.5 * 0.96 ** (t * psi))

    def rule(mix: Any, t: int, product: Any) -> Step:
        of_gradient = (1 - weight(t)) / (1 - product)
        of_mean = weight(t + 1) / (1 - product * weight(t + 1))
        correction2 = 1 - b2**t

        def step(g: Any, mean: Any, square: Any) -> tuple[Any, Any, Any]:
            mean = mix(mean, b1, g, 1 - b1)
            square = mix(square, b2, g * g, 1 - b2)
            ahead = of_mean * mean + of_gradient * g
            return ahead / (np.sqrt(_under_root(square / correction2, eps_root)) + eps), mean, square

        return step

    clock = Clock((0, 1.0), lambda t, product: (t + 1, product * weight(t + 1)))
    return leafwise("scale_by_nadam", rule, Products, clock=clock)


def scale_by_radam(
    b1: Any = 0.9,
    b2: Any = 0.999,
    eps: Any = 1e-8,
    eps_root: Any = 0.0,
    threshold: Any = 5.0,
    *,
    correct_eps: bool = False,
) -> Transformation:
    """Divide as `scale_by_adam` does, times a factor for the variance of the root; the mean alone in the first steps.

    Parameters
    ----------
    b1, b2, eps, eps_root
        As for `scale_by_adam`.
    threshold : float
        The root is used from where the length of the approximated average is this, which is at least 4.
    correct_eps : bool
        Whether the root is corrected after `eps` was added to it, as in PyTorch.

    Returns
    -------
    Transformation

    References
    ----------
    L. Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, ICLR 2020, algorithm 2.

    Examples
    --------
    >>> radam = scale_by_radam()
    >>> float(radam.update(7.0, radam.init(0.0))[0])
    7.0
    """
    b1, b2, eps, eps_root = _decays(b1, b2, eps, eps_root)
    threshold = at_least(4.0, "threshold", threshold)  # below, what is under the root may be negative
    limit = 2 / (1 - b2) - 1

    def rule(mix: Any, t: int) -> Step:
        correction, correction2 = 1 - b1**t, 1 - b2**t
        length = limit - 2 * t * b2**t / correction2
        rectified = length >= threshold
        if rectified:
            variance = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
            factor = variance**0.5 / correction
        within, outside = (1.0, correction2**0.5) if correct_eps else (correction2, 1.0)

        def step(g: Any, mean: Any, square: Any) -> tuple[Any, Any, Any]:
            mean = mix(mean, b1, g, 1 - b1)
            square = mix(square, b2, g * g, 1 - b2)
            if not rectified:
                return mean / correction, mean, square
            divisor = np.sqrt(_under_root(square / within, eps_root)) + eps
            return factor * outside * mean / divisor, mean, square

        return step

    return leafwise("scale_by_radam", rule, CountedMeanAndSquare, clock=COUNT)


def scale_by_belief(b1: Any = 0.9, b2: Any = 0.999, eps: Any = 1e-16, eps_root: Any = 1e-16) -> Transformation:
    """Divide the mean of the gradient by the root of the mean square of what that mean did not foresee.

    Parameters
    ----------
    b1, b2 : float
        Decay of the mean, and of the mean square of gradient less mean.
    eps : float
        Added to the root.
    eps_root : float
        Added to the mean square in each step.

    Returns
    -------
    Transformation

    References
    ----------
    J. Zhuang et al., AdaBelief Optimizer: Adapting Stepsizes by the Belief in Observed Gradients, NeurIPS 2020.

    Examples
    --------
    >>> belief = scale_by_belief(b1=0.5)
    >>> round(float(belief.update(7.0, belief.init(0.0))[0]), 6)
    2.0
    """
    b1, b2, eps, eps_root = _decays(b1, b2, eps, eps_root)

    def rule(mix: Any, t: int) -> Step:
        correction, correction2 = 1 - b1**t, 1 - b2**t

        def step(g: Any, mean: Any, square: Any) -> tuple[Any, Any, Any]:
            mean = mix(mean, b1, g, 1 - b1)
            error = g - mean
            square = mix(square, b2, error * error, 1 - b2) + eps_root
            return mean / correction / (np.sqrt(square / correction2) + eps), mean, square

        return step

    return leafwise("scale_by_belief", rule, CountedMeanAndSquare, clock=COUNT)


def scale_by_lion(b1: Any = 0.9, b2: Any = 0.99) -> Transformation:
    """Return the sign of a mean of the gradient.

    Parameters
    ----------
    b1 : float
        Weight of the running mean against the gradient, in the update.
    b2 : float
        Decay of the running mean.

    Returns
    -------
    Transformation

    References
    ----------
    X. Chen et al., Symbolic Discovery of Optimization Algorithms, NeurIPS 2023, algorithm 2.

    Examples
    --------
    >>> lion = scale_by_lion()
    >>> float(lion.update(-7.0, lion.init(0.0))[0])
    -1.0
    """
    b1, b2 = fraction("b1", b1), fraction("b2", b2)

    def rule(mix: Any, t: int) -> Step:
        def step(g: Any, mean: Any) -> tuple[Any, Any]:
            return np.sign(b1 * mean + (1 - b1) * g), mix(mean, b2, g, 1 - b2)

        return step

    return leafwise("scale_by_lion", rule, Mean, clock=COUNT)
