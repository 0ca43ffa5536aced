"""Transformations joined to one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from autodiff.errors import StructureError
from autodiff_optim.optimizers.leafwise import formula_of, transformation_of
from autodiff_optim.optimizers.transformation import (
    Transformation,
    check_extra,
    check_transformation,
    choose,
    extra_of,
    short,
)


def chain(*transformations: Any) -> Transformation:
    """Join transformations: each gets as gradients what the one before it returns.

    Parameters
    ----------
    *transformations : Transformation
        Objects with `init` and `update`, in the order in which they are applied.

    Returns
    -------
    Transformation
        Its state is the tuple of their states. Further keywords of `update` go to those that take them.

    Examples
    --------
    >>> from autodiff_optim import optimizers
    >>> optimizer = optimizers.chain(optimizers.clip(1.0), optimizers.sgd(0.1))
    >>> updates, state = optimizer.update([3.0, 0.5], optimizer.init([0.0, 0.0]))
    >>> updates
    [-0.1, -0.05]
    """
    for each in transformations:
        check_transformation(each, "chain")
    extra_names = extra_of(transformations)
    links = _links(transformations)

    def init(params: Any) -> tuple[Any, ...]:
        return tuple(state for link, _ in links for state in link.init(params))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        check_extra(extra, extra_names)
        if type(state) is not tuple or len(state) != len(transformations):
            raise StructureError(
                f"the state of this chain must be a tuple of {len(transformations)} states, as its `init` makes it, "
                f"but is {short(state)}."
            )
        states: list[Any] = []
        for link, length in links:
            old = state[len(states) : len(states) + length]
            grads, new = link.update(grads, old, params, **choose(extra, link))
            states += new
        return grads, tuple(states)

    return Transformation(init, update, extra_names)


def _links(transformations: tuple[Any, ...]) -> list[tuple[Transformation, int]]:
    """Return transformations with tuples of states, and their lengths: a run of formulas becomes one."""
    links: list[tuple[Transformation, int]] = []
    for joined, run in groupby(transformations, lambda each: formula_of(each) is not None):
        members = list(run)
        if joined:
            links.append((transformation_of([formula_of(each) for each in members]), len(members)))
        else:
            links += [(_of_tuples(each), 1) for each in members]
    return links


def _of_tuples(each: Any) -> Transformation:
    """Return the transformation with its state in a tuple."""

    def update(grads: Any, states: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        updates, new = each.update(grads, states[0], params, **extra)
        return updates, (new,)

    return Transformation(lambda params: (each.init(params),), update, extra_of([each]))
