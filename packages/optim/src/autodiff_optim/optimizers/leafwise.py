"""Transformations that work leaf by leaf: a formula, written once, becomes `init` and `update`.

A *rule* is staged as a derivative rule is. ``rule(mix, *clock)`` is called once in a step and does what all leaves
share, such as the correction of a bias; it returns ``step(g, *slots) -> (update, *slots)``, the formula for one leaf. The
*clock* are numbers that are the same for all leaves: the count of steps, mostly. The *slots* are moments and the like,
one array for each leaf.

Slots are renewed by ``mix(old, keep, new, take)``, which is ``keep * old + take * new`` with None for a factor of 1.
Whether that makes an array or overwrites the old one is not the concern of a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import flatten, unflatten
from autodiff.extend import Box
from autodiff_optim.optimizers.leaves import aligned, filled, leaves_like, like, plain_number, real_leaves
from autodiff_optim.optimizers.transformation import Transformation, check_params, check_state

Step = Callable[..., tuple[Any, ...]]
Rule = Callable[..., Step]
Tick = Callable[..., tuple[Any, ...]]


class Stateless(NamedTuple):
    """The state of a transformation that needs none."""


class Clock(NamedTuple):
    """Numbers shared by all leaves, at the start, and how they advance before each step."""

    start: tuple[Any, ...] = ()
    tick: Tick = lambda: ()


NO_CLOCK = Clock()
#: The number of the step, 1 at the first.
COUNT = Clock((0,), lambda count: (count + 1,))


def leafwise(
    name: str,
    rule: Rule,
    state_type: type = Stateless,
    *,
    clock: Clock = NO_CLOCK,
    starts: Sequence[Any] = (),
    uses_params: bool = False,
) -> Transformation:
    """Make a transformation of a rule.

    The fields of `state_type` are those of the clock, then the slots, which are filled with `starts`, or 0. With
    `uses_params`, the formula is ``step(g, x, *slots)``, where x is the parameter.
    """
    ticks = len(clock.start)
    slots = len(state_type._fields) - ticks  # type: ignore[attr-defined]  # a NamedTuple
    fillings = starts or (0.0,) * slots

    def init(params: Any) -> Any:
        leaves, structure = real_leaves(params, "params")
        return state_type(
            *map(np.asarray, clock.start),
            *(unflatten(structure, [filled(leaf, start) for leaf in leaves]) for start in fillings),
        )

    def update(grads: Any, state: Any, params: Any = None, *, donate: bool = False) -> tuple[Any, Any]:
        check_state(state, state_type)
        if uses_params:
            check_params(params, name)
        columns, structure, gradients = _columns(grads, ([params] if uses_params else []) + list(state[ticks:]))
        now = clock.tick(*map(plain_number, state[:ticks]))
        step = rule(overwrite if donate else mix, *now)
        rows = [step(*row) for row in zip(gradients, *columns, strict=True)]
        results = list(zip(*rows, strict=True)) or [()] * (slots + 1)
        references = [gradients, *columns[len(columns) - slots :]]
        updates, *moments = [
            unflatten(structure, map(like, result, reference))
            for result, reference in zip(results, references, strict=True)
        ]
        return updates, state_type(*map(_array, now), *moments)

    return Transformation(init, update, ("donate",) if slots else ())


def _columns(grads: Any, others: Sequence[Any]) -> tuple[list[list[Any]], Any, list[Any]]:
    """Flatten the gradient and what belongs to it, and see that everything fits the first of these others."""
    if not others:
        gradients, structure = real_leaves(grads, "grads")
        return [], structure, gradients
    first, structure = flatten(others[0])
    columns = [first]
    for other in others[1:]:
        leaves = leaves_like(structure, other, "state")
        columns.append(aligned(leaves, first, structure, "state"))
    gradients = leaves_like(structure, grads, "grads")
    return columns, structure, aligned(gradients, first, structure, "grads")


def _array(value: Any) -> Any:
    return value if isinstance(value, Box) else np.asarray(value)


def mix(old: Any, keep: Any, new: Any, take: Any = None) -> Any:
    """Return ``keep * old + take * new``, where None stands for 1."""
    return (old if keep is None else keep * old) + (new if take is None else take * new)


def overwrite(old: Any, keep: Any, new: Any, take: Any = None) -> Any:
    """Return the same as `mix`, in the memory of `old` if that is a plain array."""
    plain = type(old) is type(new) is np.ndarray and not isinstance(keep, Box) and not isinstance(take, Box)
    if not plain or old.dtype != new.dtype or not old.flags.writeable:  # arrays that a derivative needs are locked
        return mix(old, keep, new, take)
    if keep is not None:
        old *= keep
    old += new if take is None else take * new
    return old
