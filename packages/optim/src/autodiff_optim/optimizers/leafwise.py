"""Transformations that work leaf by leaf: a formula, written once, becomes `init` and `update`.

A *rule* is staged as a derivative rule is. ``rule(mix, *clock)`` is called once in a step and does what all leaves
share, such as the correction of a bias; it returns ``step(g, *slots) -> (update, *slots)``, the formula for one leaf.
The *clock* are numbers that are the same for all leaves: the count of steps, mostly. The *slots* are moments and the
like, one array for each leaf.

Slots are renewed by ``mix(old, keep, new, take)``, which is ``keep * old + take * new`` with None for a factor of 1.
Whether that makes an array or overwrites the old one is not the concern of a formula.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import Structure, unflatten
from autodiff.extend import Box
from autodiff_optim.optimizers.bundling import one_by_one, small_together
from autodiff_optim.optimizers.leaves import aligned, filled, leaves_like, like, plain_number, real_leaves
from autodiff_optim.optimizers.transformation import Transformation, check_extra, check_params, check_state

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


class Formula(NamedTuple):
    """A rule with what it needs. The fields of its state are those of the clock, then the slots.

    With `uses_params`, the formula is ``step(g, x, *slots)``, where x is the parameter. It is `elementwise` if it does
    not matter which entries form an array.
    """

    name: str
    rule: Rule
    state_type: Any
    clock: Clock
    starts: tuple[Any, ...]
    uses_params: bool
    elementwise: bool

    def init(self, params: Any) -> Any:
        """Return the state before the first step."""
        leaves, structure = real_leaves(params, "params")
        slots = [unflatten(structure, [filled(leaf, start) for leaf in leaves]) for start in self.starts]
        return self.state_type(*map(np.asarray, self.clock.start), *slots)


def leafwise(
    name: str,
    rule: Rule,
    state_type: Any = Stateless,
    *,
    clock: Clock = NO_CLOCK,
    starts: tuple[Any, ...] = (),
    uses_params: bool = False,
    elementwise: bool = True,
) -> Transformation:
    """Make a transformation of a rule; slots start at 0 if nothing is said. See `Formula`."""
    slots = len(state_type._fields) - len(clock.start)
    formula = Formula(name, rule, state_type, clock, starts or (0.0,) * slots, uses_params, elementwise)
    joined = transformation_of([formula])

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        check_extra(extra, joined.extra)
        updates, (new,) = joined.update(grads, (state,), params, **extra)
        return updates, new

    return Transformation(lambda params: joined.init(params)[0], update, joined.extra, formula)


def formula_of(transformation: Any) -> Formula | None:
    """Return the formula of a transformation that works leaf by leaf, None for others."""
    return getattr(transformation, "formula", None)


def transformation_of(formulas: Sequence[Any]) -> Transformation:
    """Return the transformation that applies formulas one after the other; its state is the tuple of theirs."""
    uses_params = next((formula.name for formula in formulas if formula.uses_params), None)
    elementwise = all(formula.elementwise for formula in formulas)

    def init(params: Any) -> Any:
        return tuple(formula.init(params) for formula in formulas)

    def update(grads: Any, states: Any, params: Any = None, *, donate: bool = False) -> tuple[Any, Any]:
        if uses_params:
            check_params(params, uses_params)
        clocks, slots, stages = [], [], []
        for formula, state in zip(formulas, states, strict=True):
            check_state(state, formula.state_type)
            ticks = len(formula.clock.start)
            now = formula.clock.tick(*map(plain_number, state[:ticks]))
            clocks.append(now)
            slots += state[ticks:]
            step = formula.rule(overwrite if donate else mix, *now)
            stages.append((step, len(formula.starts), formula.uses_params))
        gradients, columns, structure = _fitting(grads, slots, params if uses_params else None)
        function = _through(stages, bool(uses_params))
        results = (small_together if elementwise else one_by_one)(function, [gradients, *columns], 1 + len(slots))
        references = [gradients, *columns[len(columns) - len(slots) :]]
        updates, *moments = [
            unflatten(structure, map(like, result, reference))
            for result, reference in zip(results, references, strict=True)
        ]
        made = iter(moments)
        return updates, tuple(
            formula.state_type(*map(_array, now), *islice(made, len(formula.starts)))
            for formula, now in zip(formulas, clocks, strict=True)
        )

    return Transformation(init, update, ("donate",) if any(formula.starts for formula in formulas) else ())


def _through(stages: list[tuple[Step, int, bool]], with_params: bool) -> Step:
    """Return the function of a leaf that applies the steps of all stages."""
    if len(stages) == 1:
        return stages[0][0]

    def function(g: Any, *others: Any) -> tuple[Any, ...]:
        done = int(with_params)
        made: list[Any] = []
        for step, slots, uses_params in stages:
            own = others[done : done + slots]
            g, *new = step(g, others[0], *own) if uses_params else step(g, *own)
            made += new
            done += slots
        return (g, *made)

    return function


def _fitting(grads: Any, slots: list[Any], params: Any) -> tuple[list[Any], list[list[Any]], Structure]:
    """Return the leaves of the gradient, the leaves of what belongs to it, and their structure.

    The gradient must fit the parameters, and the first slot, on which the others depend.
    """
    columns = []
    if params is not None:
        leaves, structure = real_leaves(params, "params")
        columns.append(leaves)
    elif slots:
        leaves, structure = real_leaves(slots[0], "state")
    else:
        leaves, structure = real_leaves(grads, "gradient")
    gradients = aligned(leaves_like(structure, grads, "gradient"), leaves, structure, "gradient")
    slot_leaves = [leaves_like(structure, slot, "state") for slot in slots]
    if slots:
        gradients = aligned(gradients, slot_leaves[0], structure, "gradient")
    return gradients, columns + slot_leaves, structure


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
