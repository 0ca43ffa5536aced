"""One step for the gradients of several batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import map_leaves, unflatten
from autodiff_optim.optimizers.hyperparameters import count
from autodiff_optim.optimizers.leafwise import mix, overwrite
from autodiff_optim.optimizers.leaves import aligned, filled, leaves_like, like, real_leaves
from autodiff_optim.optimizers.transformation import (
    Transformation,
    check_extra,
    check_state,
    check_transformation,
    choose,
    extra_of,
)


class Accumulated(NamedTuple):
    """The state of `accumulate`: how many gradients it holds, how many steps were made, and their mean or sum."""

    mini_step: Any
    gradient_step: Any
    inner: Any
    total: Any


def accumulate(inner: Any, every: int | Callable[[int], int], *, mean: bool = True) -> Transformation:
    """Call a transformation once for several gradients, with their mean; the updates in between are zeros.

    Parameters
    ----------
    inner : Transformation
        What gets the means.
    every : int or callable
        How many gradients make one step; ``every(step)`` if that changes.
    mean : bool
        False for the sum.

    Returns
    -------
    Transformation
        `optax.MultiSteps`. Keywords of `update` reach the inner transformation with the last gradient.

    Examples
    --------
    >>> from autodiff_optim import optimizers
    >>> optimizer = optimizers.accumulate(optimizers.sgd(1.0), every=2)
    >>> first, state = optimizer.update(1.0, optimizer.init(0.0))
    >>> first, optimizer.update(3.0, state)[0]
    (0.0, -2.0)
    """
    check_transformation(inner, "accumulate")
    if not callable(every):
        count("every", every)
    own = ("donate",)
    extra_names = tuple(sorted({*own, *extra_of([inner])}))

    def init(params: Any) -> Accumulated:
        zeros = map_leaves(lambda leaf: filled(leaf, 0.0), params)
        return Accumulated(np.asarray(0), np.asarray(0), inner.init(params), zeros)

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        check_extra(extra, extra_names)
        check_state(state, Accumulated)
        held, done = int(state.mini_step), int(state.gradient_step)
        needed = count(f"every({done})", every(done)) if callable(every) else every
        totals, structure = real_leaves(state.total, "state")
        gradients = aligned(leaves_like(structure, grads, "gradient"), totals, structure, "gradient")
        blend = overwrite if extra.get("donate") else mix
        keep, take = (held / (held + 1), 1 / (held + 1)) if mean else (None, None)
        totals = [like(blend(total, keep, g, take), total) for total, g in zip(totals, gradients, strict=True)]
        total = unflatten(structure, totals)
        if held + 1 < needed:
            zeros = unflatten(structure, [filled(g, 0.0) for g in gradients])
            return zeros, Accumulated(np.asarray(held + 1), state.gradient_step, state.inner, total)
        updates, new = inner.update(total, state.inner, params, **choose(extra, inner))
        zeros = map_leaves(lambda leaf: filled(leaf, 0.0), total)
        return updates, Accumulated(np.asarray(0), np.asarray(done + 1), new, zeros)

    return Transformation(init, update, extra_names)
