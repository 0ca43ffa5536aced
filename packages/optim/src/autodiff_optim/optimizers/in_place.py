"""Parameters and optimizer state that belong to a training loop, and are changed in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.containers import flatten, map_leaves, unflatten
from autodiff_optim.optimizers.leaves import aligned, leaves_like, like, real_leaves
from autodiff_optim.optimizers.transformation import check_transformation, choose


class InPlace:
    """Parameters and the state of their optimizer, in arrays of their own that each step overwrites.

    It computes what `update` and `apply_updates` compute, bit for bit, in less memory and time: there are never two
    states. The price is that `params` are always the same arrays. Copy what you keep.

    Parameters
    ----------
    optimizer : Transformation
        Any; those that cannot overwrite their state make a new one. Parameters that a state keeps are not overwritten.
    params : number, array or container of them
        Where to start. They are copied.
    state : container, optional
        The state of the optimizer, to go on from an earlier run. It is copied.

    Attributes
    ----------
    params : number, array or container of them
        The current parameters.
    state : container
        The current state of the optimizer.

    Examples
    --------
    >>> import numpy as np
    >>> from autodiff_optim import optimizers
    >>> training = optimizers.InPlace(optimizers.sgd(0.5), {"x": np.zeros(2)})
    >>> training.update({"x": np.ones(2)})
    >>> training.params
    {'x': array([-0.5, -0.5])}
    """

    def __init__(self, optimizer: Any, params: Any, state: Any = None) -> None:
        check_transformation(optimizer, "InPlace")
        leaves, self._structure = real_leaves(params, "params")
        self._optimizer = optimizer
        self._leaves = [_own(leaf) for leaf in leaves]
        self.state = map_leaves(_own, optimizer.init(params) if state is None else state)

    @property
    def params(self) -> Any:
        """The current parameters."""
        return unflatten(self._structure, self._leaves)

    def update(self, grads: Any, **extra: Any) -> None:
        """Make a step: change parameters and state.

        Parameters
        ----------
        grads : number, array or container of them
            The gradient at `params`.
        **extra
            Further keywords of the `update` of the optimizer, such as ``value``.
        """
        donate = choose({"donate": True}, self._optimizer)
        updates, self.state = self._optimizer.update(grads, self.state, self.params, **donate, **extra)
        changes = leaves_like(self._structure, updates, "updates")
        changes = aligned(changes, self._leaves, self._structure, "updates")
        kept = _memory_of(self.state)
        self._leaves = [_moved(x, change, kept) for x, change in zip(self._leaves, changes, strict=True)]


def _memory_of(state: Any) -> set[int]:
    """Return by what the memory of a state is known: a state may keep the parameters that it was given."""
    return {id(leaf) if getattr(leaf, "base", None) is None else id(leaf.base) for leaf in flatten(state)[0]}


def _own(leaf: Any) -> Any:
    return np.array(leaf) if type(leaf) is np.ndarray else leaf


def _moved(x: Any, change: Any, kept: set[int]) -> Any:
    free = type(x) is type(change) is np.ndarray and x.flags.writeable  # arrays that a derivative needs are locked
    if free and id(x) not in kept:
        x += change
        return x
    return like(x + change, x)
