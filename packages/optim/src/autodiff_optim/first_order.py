"""First-order methods with the signatures of HIPS autograd: `sgd`, `rmsprop`, `adam`.

Parameters are numbers, arrays or containers of them. The update formulas work leaf by leaf, on new values: what the
caller passed in is never changed, and a loop of updates can itself be differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.containers import flatten, flatten_like, unflatten

Gradient = Callable[[Any, int], Any]
Callback = Callable[[Any, int, Any], Any]
#: ``step(gradient leaf, state of the leaf, iteration) -> (change of the leaf, new state)``
Step = Callable[[Any, Any, int], tuple[Any, Any]]


def _minimize(grad: Gradient, x0: Any, callback: Callback | None, num_iters: int, initial: Any, step: Step) -> Any:
    """Apply ``x += change`` for `num_iters` iterations, with a state for each leaf that starts at `initial`."""
    leaves, structure = flatten(x0)
    states = [initial] * len(leaves)
    for i in range(num_iters):
        x = unflatten(structure, leaves)
        g = grad(x, i)
        if callback is not None:
            callback(x, i, g)
        gradients = flatten_like(structure, g, "the gradient")
        steps = [step(gradient, state, i) for gradient, state in zip(gradients, states, strict=True)]
        leaves = [leaf + change for leaf, (change, _) in zip(leaves, steps, strict=True)]
        states = [state for _, state in steps]
    return unflatten(structure, leaves)


def sgd(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 200,
    step_size: float = 0.1,
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
    step_size : float
        Learning rate.
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

    def step(g: Any, velocity: Any, i: int) -> tuple[Any, Any]:
        velocity = mass * velocity - (1.0 - mass) * g
        return step_size * velocity, velocity

    return _minimize(grad, x0, callback, num_iters, 0.0, step)


def rmsprop(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: float = 0.1,
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

    def step(g: Any, mean_square: Any, i: int) -> tuple[Any, Any]:
        mean_square = gamma * mean_square + (1 - gamma) * g**2
        return -step_size * g / (mean_square**0.5 + eps), mean_square

    return _minimize(grad, x0, callback, num_iters, 1.0, step)


def adam(
    grad: Gradient,
    x0: Any,
    callback: Callback | None = None,
    num_iters: int = 100,
    step_size: float = 0.001,
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

    def step(g: Any, moments: Any, i: int) -> tuple[Any, Any]:
        mean, mean_square = moments
        mean = (1 - b1) * g + b1 * mean
        mean_square = (1 - b2) * g**2 + b2 * mean_square
        mean_hat = mean / (1 - b1 ** (i + 1))
        mean_square_hat = mean_square / (1 - b2 ** (i + 1))
        return -step_size * mean_hat / (mean_square_hat**0.5 + eps), (mean, mean_square)

    return _minimize(grad, x0, callback, num_iters, (0.0, 0.0), step)
