"""A function applied to values that depend on the input of the whole program."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff.arguments import Call
from autodiff.containers import flatten
from autodiff.extend import Primitive, Rule
from autodiff_scipy.dependence import Dependence


class Application(NamedTuple):
    """A function applied to values, some of which depend on the input."""

    primitive: Primitive
    rule: Rule
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    sets: dict[int, list[Dependence | None]]  # by argument, for each of its leaves; None for constants
    results: list[Any]  # the leaves of the result

    @classmethod
    def of(cls, primitive: Primitive, rule: Rule, call: Call, results: list[Any]) -> Application:
        """Read a call as a trace sees it, whose nodes are sets."""
        sets: dict[int, list[Dependence | None]] = {}
        nodes = iter(box.node for box in call.boxes)
        for argnum in call.argnums:
            places = call.holders.get(argnum, [0])
            sets[argnum] = [None if place is None else next(nodes) for place in places]
        return cls(primitive, rule, call.args, call.kwargs, sets, results)

    @property
    def known(self) -> list[Dependence]:
        """All sets."""
        return [one for found in self.sets.values() for one in found if one is not None]

    def only(self, argnum: int) -> Dependence | None:
        """Return the sets of an argument if it is an array, and nothing else depends on the input."""
        found = self.sets.get(argnum)
        return found[0] if len(self.sets) == 1 and found is not None and self.is_array(argnum) else None

    def is_array(self, argnum: int) -> bool:
        """Whether an argument is an array or a number, not a container."""
        return flatten(self.args[argnum])[1].kind is None

    def shape(self, argnum: int) -> tuple[int, ...]:
        """Return the shape of an argument."""
        return np.shape(self.args[argnum])

    def options(self) -> dict[str, Any]:
        """Return all arguments but the first by their names, without those that are left to the function.

        Raise `UnknownNames` where Python cannot tell the names.
        """
        names = [p.name for p in itertools.takewhile(_is_positional, self.primitive.parameters() or ())]
        if len(names) < len(self.args) > 1:
            raise UnknownNames
        given = {**dict(zip(names[1:], self.args[1:], strict=False)), **self.kwargs}
        return {name: value for name, value in given.items() if value is not np._NoValue}


class UnknownNames(Exception):  # noqa: N818  # no error: the general answer is right
    """A function was called with arguments by position, and Python cannot tell what they are."""


def _is_positional(parameter: inspect.Parameter) -> bool:
    return parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)


#: Returns the sets of each leaf of the result, or None where only the general answer is right.
Kind = Callable[[Application], list[Dependence] | None]
