"""First-order methods with the signatures of HIPS autograd: `sgd`, `rmsprop`, `adam`.

Parameters are numbers, arrays or containers of them. What the caller passed in is never changed, and a loop of updates
can itself be differentiated. The formulas are those of `autodiff_optim.optimizers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.errors import InputError
from autodiff_optim.counts import is_count
from autodiff_optim.optimizers import (
    Transformation,
    apply_updates,
    chain,
    ema,
    scale_by_adam,
    scale_by_learning_rate,
    scale_by_rms,
)
from autodiff_optim.optimizers.hyperparameters import fraction, nonnegative
from autodiff_optim.refused import check_functions

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any]


def _minimize(
    name: str, grad: Gradient, x0: Any, callback: Callback | None, num_iters: int, optimizer: Transformation
) -> Any:
    """Make `num_iters` steps. The state belongs to this loop and may be overwritten; what the callback sees may not."""
    check_functions(name, grad, callback)
    if not is_count(num_iters, 0):
        raise InputError(f"{name} takes as num_iters an integer that is at least 0, but got {num_iters!r}.")
    x, state = x0, optimizer.init(x0)
    for i in range(num_iters):
        g = grad(x, i)
        if callback is not None:
            callback(x, i, g)
        changes, state = optimizer.update(g, state, x, donate=True)
        x = apply_updates(x, changes)
    return x


def _step(step_size: Any) -> Transformation:
    return scale_by_learning_rate(step_size if callable(step_size) else nonnegative("step_size", step_size))


def sgd(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 200,
    step_size: Any = 0.1,
    mass: float = 0.9,
) -> Any:
    """Minimise by stochastic gradient descent with momentum.

    Parameters
    ----------
    grad : callable
        ``grad(x, i)``: the gradient at `x` in iteration `i`, with the structure of `x`.
    x0 : number, array or container of them
        Where to start.
    callback : callable, optional
        ``callback(x, i, g)`` before each update.
    num_iters : int
        Number of updates.
    step_size : float or callable
        Learning rate, or a schedule of it.
    mass : float
        How much of the previous velocity is kept: v <- mass * v - (1 - mass) * g, x <- x + step_size * v.

    Returns
    -------
    number, array or container of them
        The last `x`.

    Examples
    --------
    >>> round(sgd(lambda x, i: 2 * (x - 1.0), 0.0, num_iters=300), 6)
    1.0
    """
    velocity = ema(fraction("mass", mass), debias=False)
    return _minimize("sgd", grad, x0, callback, num_iters, chain(velocity, _step(step_size)))


def rmsprop(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: Any = 0.1,
    gamma: float = 0.9,
    eps: float = 1e-8,
) -> Any:
    """Minimise by RMSProp: steps scaled by a running root mean square of the gradients.

    Parameters
    ----------
    grad, x0, callback, num_iters, step_size
        As in `sgd`.
    gamma : float
        Decay of the mean square, which starts at one: m <- gamma * m + (1 - gamma) * g**2.
    eps : float
        Added to the root: x <- x - step_size * g / (sqrt(m) + eps).

    Returns
    -------
    number, array or container of them
        The last `x`.

    References
    ----------
    T. Tieleman, G. Hinton, Neural Networks for Machine Learning, lecture 6.5, 2012.

    Examples
    --------
    >>> round(rmsprop(lambda x, i: 2 * (x - 1.0), 0.0, num_iters=500, step_size=0.01), 1)
    1.0
    """
    scaled = scale_by_rms(fraction("gamma", gamma), eps, initial_scale=1.0, eps_in_sqrt=False)
    return _minimize("rmsprop", grad, x0, callback, num_iters, chain(scaled, _step(step_size)))


def adam(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: Any = 0.001,
    b1: float = 0.9,
    b2: float = 0.999,
    eps: float = 1e-8,
) -> Any:
    """Minimise by Adam: momentum, scaled by a running root mean square, both corrected for their start at zero.

    Parameters
    ----------
    grad, x0, callback, num_iters, step_size
        As in `sgd`.
    b1, b2 : float
        Decay of the mean and of the mean square of the gradients.
    eps : float
        Added to the root of the mean square.

    Returns
    -------
    number, array or container of them
        The last `x`.

    References
    ----------
    D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization, ICLR 2015, algorithm 1.

    Examples
    --------
    >>> round(adam(lambda x, i: 2 * (x - 1.0), 0.0, num_iters=2000, step_size=0.01), 4)
    1.0
    """
    return _minimize("adam", grad, x0, callback, num_iters, chain(scale_by_adam(b1, b2, eps), _step(step_size)))
