"""Schedules: step sizes, and other numbers, that depend on the number of the step.

A schedule is a function ``step -> value``, and may stand wherever `autodiff_optim.optimizers` asks for a learning rate.
The first step is 0. An array of steps gives an array of values, for a plot. Values may be traced.

>>> from autodiff_optim import schedules
>>> rate = schedules.warmup_cosine(0.0, 1.0, warmup_steps=2, decay_steps=6)
>>> [round(rate(step), 3) for step in range(8)]
[0.0, 0.5, 1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autodiff_optim.optimizers.hyperparameters import HyperparameterError, count, fraction, nonnegative, positive, real
from autodiff_optim.optimizers.leaves import plain_number

Schedule = Callable[[Any], Any]

__all__ = [
    "constant",
    "cosine",
    "exponential",
    "interpolated",
    "join",
    "linear",
    "one_cycle",
    "piecewise",
    "polynomial",
    "warmup_cosine",
]


def constant(value: Any) -> Schedule:
    """Return the same value in every step.

    Parameters
    ----------
    value : float
        The value.

    Examples
    --------
    >>> constant(0.1)(7)
    0.1
    """
    value = real("value", value)
    return lambda step: plain_number(value + 0.0 * step)


def polynomial(
    init_value: Any, end_value: Any, power: Any, transition_steps: int, transition_begin: int = 0
) -> Schedule:
    """Go from one value to another along a power of the remaining part.

    Parameters
    ----------
    init_value, end_value : float
        Before, and after.
    power : float
        1 for a line.
    transition_steps : int
        How many steps it takes.
    transition_begin : int
        Where it begins.

    Returns
    -------
    callable

    Examples
    --------
    >>> [polynomial(1.0, 0.0, 2, 4)(step) for step in (0, 2, 9)]
    [1.0, 0.25, 0.0]
    """
    first, last, power = real("init_value", init_value), real("end_value", end_value), positive("power", power)
    steps, begin = count("transition_steps", transition_steps), count("transition_begin", transition_begin, least=0)

    def schedule(step: Any) -> Any:
        rest = 1.0 - np.clip(step - begin, 0, steps) / steps
        return plain_number((first - last) * rest**power + last)

    return schedule


def linear(init_value: Any, end_value: Any, transition_steps: int, transition_begin: int = 0) -> Schedule:
    """Go from one value to another along a line.

    Parameters
    ----------
    init_value, end_value, transition_steps, transition_begin
        As for `polynomial`.

    Examples
    --------
    >>> [linear(1.0, 0.0, 4)(step) for step in (0, 1, 9)]
    [1.0, 0.75, 0.0]
    """
    return polynomial(init_value, end_value, 1.0, transition_steps, transition_begin)


def exponential(
    init_value: Any,
    transition_steps: int,
    decay_rate: Any,
    transition_begin: int = 0,
    staircase: bool = False,
    end_value: Any = None,
) -> Schedule:
    """Multiply by `decay_rate` in every `transition_steps` steps.

    Parameters
    ----------
    init_value : float
        The value at `transition_begin`, and before.
    transition_steps : int
        After how many steps the value has changed by the factor.
    decay_rate : float
        The factor, positive.
    transition_begin : int
        Where the decay begins.
    staircase : bool
        Whether to change the value only then, and not a little in every step.
    end_value : float, optional
        A bound: the least value, or the greatest if `decay_rate` is greater than 1.

    Returns
    -------
    callable

    Examples
    --------
    >>> [exponential(8.0, 2, 0.5)(step) for step in (0, 2, 4)]
    [8.0, 4.0, 2.0]
    """
    first, rate = real("init_value", init_value), positive("decay_rate", decay_rate)
    steps, begin = count("transition_steps", transition_steps), count("transition_begin", transition_begin, least=0)
    end = None if end_value is None else real("end_value", end_value)

    def schedule(step: Any) -> Any:
        times = np.maximum(step - begin, 0) / steps
        value = first * rate ** (np.floor(times) if staircase else times)
        if end is not None:
            value = np.maximum(value, end) if rate < 1 else np.minimum(value, end)
        return plain_number(value)

    return schedule


def cosine(init_value: Any, decay_steps: int, alpha: Any = 0.0, exponent: Any = 1.0) -> Schedule:
    """Fall along half a period of a cosine.

    Parameters
    ----------
    init_value : float
        Where to start.
    decay_steps : int
        After how many steps the end is reached.
    alpha : float
        The value at the end, as a part of `init_value`.
    exponent : float
        Of the cosine.

    Returns
    -------
    callable

    References
    ----------
    I. Loshchilov, F. Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017, equation 5.

    Examples
    --------
    >>> [round(cosine(1.0, 4)(step), 6) for step in (0, 2, 4)]
    [1.0, 0.5, 0.0]
    """
    first, alpha, exponent = real("init_value", init_value), real("alpha", alpha), positive("exponent", exponent)
    steps = count("decay_steps", decay_steps)

    def schedule(step: Any) -> Any:
        part = 0.5 * (1.0 + np.cos(np.pi * np.minimum(step, steps) / steps))
        return plain_number(first * ((1.0 - alpha) * part**exponent + alpha))

    return schedule


def warmup_cosine(
    init_value: Any,
    peak_value: Any,
    warmup_steps: int,
    decay_steps: int,
    end_value: Any = 0.0,
    exponent: Any = 1.0,
) -> Schedule:
    """Rise along a line, then fall along half a period of a cosine.

    Parameters
    ----------
    init_value, peak_value, end_value : float
        At the start, after the rise, at the end.
    warmup_steps : int
        The steps of the rise, which may be 0.
    decay_steps : int
        All steps, those of the rise included.
    exponent : float
        Of the cosine.

    Returns
    -------
    callable

    Examples
    --------
    >>> [round(warmup_cosine(0.0, 1.0, 2, 6)(step), 6) for step in (0, 1, 2, 4, 6)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    peak, end = positive("peak_value", peak_value), real("end_value", end_value)
    warmup = count("warmup_steps", warmup_steps, least=0)
    fall = cosine(peak, count("decay_steps", decay_steps, least=warmup + 1) - warmup, end / peak, exponent)
    return join([linear(init_value, peak, warmup), fall], [warmup]) if warmup else fall


def piecewise(init_value: Any, boundaries_and_scales: Mapping[int, Any]) -> Schedule:
    """Multiply by a factor at each of some steps.

    Parameters
    ----------
    init_value : float
        Where to start.
    boundaries_and_scales : dict
        From the step to the factor, which is at least 0.

    Returns
    -------
    callable

    Examples
    --------
    >>> [piecewise(1.0, {2: 0.5, 4: 0.5})(step) for step in (0, 1, 2, 3, 4)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    first = real("init_value", init_value)
    factors = [
        (count("boundaries_and_scales", boundary, least=0), nonnegative(f"boundaries_and_scales[{boundary}]", factor))
        for boundary, factor in sorted(boundaries_and_scales.items())
    ]

    def schedule(step: Any) -> Any:
        value = first + 0.0 * step
        for boundary, factor in factors:
            value = np.where(step < boundary, value, factor * value)
        return plain_number(value)

    return schedule


def _along_cosine(start: Any, end: Any, part: Any) -> Any:
    return end + (start - end) / 2.0 * (np.cos(np.pi * part) + 1.0)


_SHAPES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "linear": lambda start, end, part: start + (end - start) * part,
    "cosine": _along_cosine,
}


def interpolated(points: Mapping[float, Any], shape: str = "linear") -> Schedule:
    """Go from point to point.

    Parameters
    ----------
    points : dict
        From the step, any number, to the value. Before the first and after the last the value stays.
    shape : {"linear", "cosine"}
        The way between two points: a line, or half a period of a cosine.

    Returns
    -------
    callable

    Examples
    --------
    >>> [interpolated({0: 0.0, 4: 1.0, 6: 0.0})(step) for step in (0, 1, 4, 5, 9)]
    [0.0, 0.25, 1.0, 0.5, 0.0]
    """
    if shape not in _SHAPES:
        raise HyperparameterError(f"`shape` must be one of {', '.join(map(repr, _SHAPES))}, but is {shape!r}.")
    if not points:
        raise HyperparameterError("`points` must have at least one step with its value.")
    between = _SHAPES[shape]
    steps = sorted(real("a step in `points`", step) for step in points)
    values = [real(f"points[{step}]", points[step]) for step in steps]

    def schedule(step: Any) -> Any:
        value = values[0] + 0.0 * step
        for begin, end, first, last in zip(steps, steps[1:], values, values[1:], strict=False):
            part = np.clip((step - begin) / (end - begin), 0.0, 1.0)
            value = np.where(step < begin, value, between(first, last, part))
        return plain_number(value)

    return schedule


def one_cycle(
    transition_steps: int,
    peak_value: Any,
    pct_start: Any = 0.3,
    pct_final: Any = None,
    div_factor: Any = 25.0,
    final_div_factor: Any = 1e4,
    shape: str = "cosine",
) -> Schedule:
    """Rise to a peak, and fall far below the start.

    Parameters
    ----------
    transition_steps : int
        All steps.
    peak_value : float
        The largest value.
    pct_start : float
        The part of the steps after which the peak is reached.
    pct_final : float, optional
        The part after which the value is that of the start again; if it is not given, the way from the peak leads to
        the end directly.
    div_factor : float
        The peak by the value at the start.
    final_div_factor : float
        The value at the start by the value at the end.
    shape : {"cosine", "linear"}
        As for `interpolated`.

    Returns
    -------
    callable

    References
    ----------
    L. N. Smith, N. Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2018.

    Examples
    --------
    >>> rate = one_cycle(10, 1.0, div_factor=10.0, final_div_factor=10.0)
    >>> [round(rate(step), 6) for step in (0, 3, 10)]
    [0.1, 1.0, 0.01]
    """
    steps, peak = count("transition_steps", transition_steps), nonnegative("peak_value", peak_value)
    start = peak / positive("div_factor", div_factor)
    points: dict[float, Any] = {0: start, int(fraction("pct_start", pct_start) * steps): peak}
    if pct_final is not None:
        if not pct_start * steps < int(fraction("pct_final", pct_final) * steps):
            raise HyperparameterError(
                f"`pct_final` must lie at least a step after `pct_start`, {pct_start}, but is {pct_final}."
            )
        points[int(pct_final * steps)] = start
    points[steps] = start / positive("final_div_factor", final_div_factor)
    return interpolated(points, shape)


def join(schedules: Sequence[Schedule], boundaries: Sequence[int]) -> Schedule:
    """Let schedules follow one another, each with steps counted from its own beginning.

    Parameters
    ----------
    schedules : sequence of callable
        Schedules.
    boundaries : sequence of int
        The first steps of all but the first of them, in ascending order.

    Returns
    -------
    callable

    Examples
    --------
    >>> [join([constant(1.0), linear(2.0, 0.0, 2)], [3])(step) for step in (0, 2, 3, 4, 5)]
    [1.0, 1.0, 2.0, 1.0, 0.0]
    """
    starts = [count("boundaries", boundary, least=0) for boundary in boundaries]
    if not schedules or len(starts) != len(schedules) - 1 or starts != sorted(starts):
        raise HyperparameterError(
            f"`boundaries` must be {max(len(schedules) - 1, 0)} steps in ascending order for {len(schedules)} "
            f"schedules, but they are {starts}."
        )

    def schedule(step: Any) -> Any:
        value = schedules[0](step)
        for start, following in zip(starts, schedules[1:], strict=True):
            value = np.where(step < start, value, following(np.maximum(step - start, 0)))
        return plain_number(value)

    return schedule
