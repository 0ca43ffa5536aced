"""Transformations that replace or divide the gradient by running means of it, without correction of their start.

The names of means: `mean` is a running mean of the gradient, `square` one of its square.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autodiff_optim.optimizers.hyperparameters import fraction, nonnegative
from autodiff_optim.optimizers.leafwise import COUNT, NO_CLOCK, Step, leafwise
from autodiff_optim.optimizers.transformation import Transformation


class Velocity(NamedTuple):
    """The state of `trace`."""

    velocity: Any


class Mean(NamedTuple):
    """The state of `ema`."""

    count: Any
    mean: Any


class Square(NamedTuple):
    """The state of `scale_by_rms` and `scale_by_rss`."""

    square: Any


class CountedSquare(NamedTuple):
    """The state of `scale_by_rms` with correction."""

    count: Any
    square: Any


class MeanAndSquare(NamedTuple):
    """The state of `scale_by_stddev`."""

    mean: Any
    square: Any


class CountedMeanAndSquare(NamedTuple):
    """The state of `scale_by_stddev` with correction, of `scale_by_adam` and others."""

    count: Any
    mean: Any
    square: Any


class Squares(NamedTuple):
    """The state of `scale_by_adadelta`: running means of the squares of gradients and of updates."""

    square: Any
    change: Any


def trace(decay: Any, nesterov: bool = False) -> Transformation:
    """Sum up gradients that decay: momentum. v <- decay * v + g.

    Parameters
    ----------
    decay : float
        At least 0, less than 1.
    nesterov : bool
        Whether to look ahead, and return decay * v + g, with the new v, instead of v.

    Returns
    -------
    Transformation

    References
    ----------
    I. Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.

    Examples
    --------
    >>> momentum = trace(0.5)
    >>> _, state = momentum.update(1.0, momentum.init(0.0))
    >>> momentum.update(1.0, state)[0]
    1.5
    """
    decay = fraction("decay", decay)

    def rule(mix: Any) -> Step:
        def step(g: Any, velocity: Any) -> tuple[Any, Any]:
            velocity = mix(velocity, decay, g)
            return g + decay * velocity if nesterov else velocity, velocity

        return step

    return leafwise("trace", rule, Velocity)


def ema(decay: Any, debias: bool = True) -> Transformation:
    """Replace the gradient by its exponential moving average. m <- decay * m + (1 - decay) * g.

    Parameters
    ----------
    decay : float
        At least 0, less than 1.
    debias : bool
        Whether to divide by 1 - decay**t in step t, as the average starts at 0.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> average = ema(0.5, debias=False)
    >>> average.update(1.0, average.init(0.0))[0]
    0.5
    """
    decay = fraction("decay", decay)

    def rule(mix: Any, t: int) -> Step:
        correction = 1 - decay**t

        def step(g: Any, mean: Any) -> tuple[Any, Any]:
            mean = mix(mean, decay, g, 1 - decay)
            return mean / correction if debias else mean, mean

        return step

    return leafwise("ema", rule, Mean, clock=COUNT)


def root(square: Any, eps: Any, eps_in_sqrt: bool) -> Any:
    """Return the root of a mean square, kept from 0 by `eps`."""
    return np.sqrt(square + eps) if eps_in_sqrt else np.sqrt(square) + eps


def scale_by_rms(
    decay: Any = 0.9,
    eps: Any = 1e-8,
    initial_scale: Any = 0.0,
    eps_in_sqrt: bool = True,
    bias_correction: bool = False,
) -> Transformation:
    """Divide by the root of a running mean square.

    Parameters
    ----------
    decay : float
        Of the mean square.
    eps : float
        Keeps the root from 0.
    initial_scale : float
        Where the mean square starts.
    eps_in_sqrt : bool
        g / sqrt(v + eps) if true, as in Optax; g / (sqrt(v) + eps) if not, as in PyTorch and autograd.
    bias_correction : bool
        Whether to divide the mean square by 1 - decay**t in step t.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> rms = scale_by_rms(0.75, eps=0.0)
    >>> float(rms.update(3.0, rms.init(0.0))[0])
    2.0
    """
    decay, eps, start = fraction("decay", decay), nonnegative("eps", eps), nonnegative("initial_scale", initial_scale)

    def rule(mix: Any, *clock: int) -> Step:
        correction = 1 - decay ** clock[0] if clock else 1.0

        def step(g: Any, square: Any) -> tuple[Any, Any]:
            square = mix(square, decay, g * g, 1 - decay)
            return g / root(square / correction if clock else square, eps, eps_in_sqrt), square

        return step

    state, clock = (CountedSquare, COUNT) if bias_correction else (Square, NO_CLOCK)
    return leafwise("scale_by_rms", rule, state, clock=clock, starts=(start,))


def scale_by_stddev(
    decay: Any = 0.9,
    eps: Any = 1e-8,
    initial_scale: Any = 0.0,
    eps_in_sqrt: bool = True,
    bias_correction: bool = False,
) -> Transformation:
    """Divide by a running standard deviation: the mean square less the square of the mean.

    Parameters
    ----------
    decay, eps, initial_scale, eps_in_sqrt, bias_correction
        As for `scale_by_rms`; the mean starts at 0, and both are corrected, or none.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> deviation = scale_by_stddev(0.5, eps=0.0)
    >>> float(deviation.update(3.0, deviation.init(0.0))[0])
    2.0
    """
    decay, eps, start = fraction("decay", decay), nonnegative("eps", eps), nonnegative("initial_scale", initial_scale)

    def rule(mix: Any, *clock: int) -> Step:
        correction = 1 - decay ** clock[0] if clock else 1.0

        def step(g: Any, mean: Any, square: Any) -> tuple[Any, Any, Any]:
            mean = mix(mean, decay, g, 1 - decay)
            square = mix(square, decay, g * g, 1 - decay)
            centre = mean / correction
            variance = np.maximum(square / correction - centre * centre, 0.0)  # rounding may leave less than 0
            return g / root(variance, eps, eps_in_sqrt), mean, square

        return step

    state, clock = (CountedMeanAndSquare, COUNT) if bias_correction else (MeanAndSquare, NO_CLOCK)
    return leafwise("scale_by_stddev", rule, state, clock=clock, starts=(0.0, start))


def scale_by_rss(initial_accumulator_value: Any = 0.1, eps: Any = 1e-7, eps_in_sqrt: bool = True) -> Transformation:
    """Divide by the root of the sum of all squares so far; where that is 0, the update is 0.

    Parameters
    ----------
    initial_accumulator_value : float
        Where the sum starts.
    eps, eps_in_sqrt
        As for `scale_by_rms`.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> rss = scale_by_rss(16.0, eps=0.0)
    >>> float(rss.update(3.0, rss.init(0.0))[0])
    0.6
    """
    start, eps = nonnegative("initial_accumulator_value", initial_accumulator_value), nonnegative("eps", eps)

    def rule(mix: Any) -> Step:
        def step(g: Any, square: Any) -> tuple[Any, Any]:
            square = mix(square, None, g * g)
            return g / root(np.where(square > 0, square, 1.0), eps, eps_in_sqrt), square  # 0 / 0 is 0 here

        return step

    return leafwise("scale_by_rss", rule, Square, starts=(start,))


def scale_by_adadelta(rho: Any = 0.9, eps: Any = 1e-6) -> Transformation:
    """Give updates the size of earlier updates: the gradient by its root mean square, times that of the updates.

    Parameters
    ----------
    rho : float
        Decay of both mean squares.
    eps : float
        Added to them under the roots.

    Returns
    -------
    Transformation

    References
    ----------
    M. D. Zeiler, ADADELTA: An Adaptive Learning Rate Method, 2012, algorithm 1.

    Examples
    --------
    >>> delta = scale_by_adadelta(0.75, eps=1.0)
    >>> round(float(delta.update(2.0, delta.init(0.0))[0]), 6)
    1.414214
    """
    rho, eps = fraction("rho", rho), nonnegative("eps", eps)

    def rule(mix: Any) -> Step:
        def step(g: Any, square: Any, change: Any) -> tuple[Any, Any, Any]:
            square = mix(square, rho, g * g, 1 - rho)
            update = np.sqrt(change + eps) / np.sqrt(square + eps) * g
            return update, square, mix(change, rho, update * update, 1 - rho)

        return step

    return leafwise("scale_by_adadelta", rule, Squares)
