"""The trace that finds sparsity patterns: it computes with values, and notes what each of their entries depends on.

A pattern is that of the function as it is computed, not of its derivative at the point: a product depends on both
factors even where one of them is zero, and `numpy.where` and `numpy.maximum` on both sides. Only what Python decides by
comparing values, and what is picked by indices that were computed from values, is as it is at this point.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.arguments import outcome, see
from autodiff.containers import flatten, unflatten
from autodiff.errors import EscapedBoxError
from autodiff.extend import Primitive, Trace, load_plugins
from autodiff.products import RUNNING
from autodiff.rule import Zero
from autodiff.trace import BOX_TYPES, Box, box_type, frozen, refuse_escaped
from autodiff_scipy.application import Application
from autodiff_scipy.dependence import Dependence, nothing, on_itself, stacked
from autodiff_scipy.dependence_rules import sets_of_results


class SparsityTrace(Trace):
    """Note for each entry of a value on which entries of the input it may depend. The node of a box is that."""

    __slots__ = ("closed",)

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    @property
    def ended(self) -> bool:
        return self.closed

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.closed:
            raise EscapedBoxError(
                f"{primitive.name} was applied to a traced value after the sparsity pattern had been found; it must "
                "have been kept in a variable outside of the function. Return it instead."
            )
        rule = primitive.required_rule()
        call = see(self, primitive, args, kwargs, rule.zero_argnums)
        if rule.__class__ is Zero or not call.argnums:
            return primitive.call(*call.args, **call.kwargs)
        rule.accept(primitive, call.args, call.kwargs, call.argnums)
        y = primitive.call(*call.args, **call.kwargs)
        if not primitive.dispatches:
            y = outcome(y, self, primitive)
        leaves, structure = flatten(y)
        boxed = [type(leaf) in BOX_TYPES and np.result_type(leaf).kind in "fc" for leaf in leaves]
        if not any(boxed):
            return y  # integers and texts are constants
        sets = sets_of_results(Application.of(primitive, rule, call, leaves))
        return unflatten(
            structure,
            [self.box(leaf, found) if box else leaf for leaf, found, box in zip(leaves, sets, boxed, strict=True)],
        )

    def sets(self, leaf: Any, size: int) -> Dependence:
        """Return the sets of a leaf of the function's result; those of a constant are empty."""
        refuse_escaped(leaf, self)
        if isinstance(leaf, Box) and leaf.owner is self:
            return leaf.node
        return nothing(int(np.size(leaf)), size)


def dependence(call: Callable[[Any], Any], x: Any) -> Dependence:
    """Return on which entries of `x` the entries of ``call(x)`` depend, leaf by leaf if that is a container."""
    load_plugins()
    box_type(x).check_input(x)
    trace = SparsityTrace()
    size = int(np.size(x))
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        output = frozen(call(trace.box(x, on_itself(size))))
    finally:
        RUNNING.depth = depth
        trace.closed = True
    leaves, _ = flatten(output)
    return stacked([trace.sets(leaf, size) for leaf in leaves] or [nothing(0, size)])
