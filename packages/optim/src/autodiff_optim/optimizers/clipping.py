"""Gradients that are kept from being too large."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.containers import unflatten
from autodiff_optim.optimizers.hyperparameters import positive
from autodiff_optim.optimizers.leafwise import Stateless, leafwise
from autodiff_optim.optimizers.leaves import like, plain_number, real_leaves
from autodiff_optim.optimizers.transformation import Transformation, check_state


def clip(max_delta: Any) -> Transformation:
    """Keep each entry between ``-max_delta`` and ``max_delta``.

    Parameters
    ----------
    max_delta : float
        A positive number.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> clip(1.0).update([3.0, -0.5], clip(1.0).init([0.0, 0.0]))[0]
    [1.0, -0.5]
    """
    most = positive("max_delta", max_delta)
    return leafwise("clip", lambda mix: lambda g: (np.clip(g, -most, most),))


def clip_by_global_norm(max_norm: Any) -> Transformation:
    """Shrink the whole gradient, all leaves alike, if its norm is greater than `max_norm`.

    Parameters
    ----------
    max_norm : float
        A positive number.

    Returns
    -------
    Transformation

    References
    ----------
    R. Pascanu, T. Mikolov, Y. Bengio, On the difficulty of training recurrent neural networks, ICML 2013, algorithm 1.

    Examples
    --------
    >>> shrink = clip_by_global_norm(1.0)
    >>> [round(g, 6) for g in shrink.update([3.0, 4.0], shrink.init([0.0, 0.0]))[0]]
    [0.6, 0.8]
    """
    most = positive("max_norm", max_norm)

    def init(params: Any) -> Stateless:
        real_leaves(params, "params")
        return Stateless()

    def update(grads: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        check_state(state, Stateless)
        leaves, structure = real_leaves(grads, "gradient")
        wide = [_in_double(g) for g in leaves]
        squares = sum(np.sum((g / most) ** 2) for g in wide)  # of g alone they would overflow with a great `most`
        # the root of a maximum has a derivative where all gradients are 0, and is 1 exactly if nothing is clipped
        factor = plain_number(1.0 / np.sqrt(np.maximum(squares, 1.0)))
        return unflatten(structure, [like(factor * each, g) for each, g in zip(wide, leaves, strict=True)]), state

    return Transformation(init, update)


def _in_double(g: Any) -> Any:
    """Return `g` in a type in which its square is finite: 300 has none in half precision."""
    return g.astype(np.float64) if getattr(g, "dtype", None) in (np.float16, np.float32) else g
