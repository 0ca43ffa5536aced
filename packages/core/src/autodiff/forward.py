"""Forward mode: every box carries a tangent, and every operation pushes tangents forward.

The node of a box is its tangent, the derivative of its value along the direction that the inputs were given.
"""

from __future__ import annotations

from typing import Any

from autodiff.arguments import Call, by_argument, outcome, see
from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import EscapedBoxError
from autodiff.general import General
from autodiff.primitive import Primitive
from autodiff.reverse import linear_transpose
from autodiff.rule import Rule, Zero
from autodiff.trace import BOX_TYPES, Box, Trace, box_type, frozen, kind_of, refuse_escaped
from autodiff.vspace import SPACES, check_member, vspace


class ForwardTrace(Trace):
    """Push tangents forward along with the values."""

    __slots__ = ("closed",)

    def __init__(self) -> None:
        super().__init__()
        self.closed = False

    @property
    def ended(self) -> bool:
        return self.closed

    def input(self, value: Any, tangent: Any) -> Any:
        """Return the box of an input that moves along `tangent`."""
        value = value.frozen() if isinstance(value, Box) else value
        box_type(value).check_input(value)
        return self.box(value, check_member(frozen(tangent), vspace(value), "the tangent"))

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.closed:
            raise EscapedBoxError(
                f"{primitive.name} was applied to a traced value after the differentiation that made it had ended; it "
                "must have been kept in a variable outside of the differentiated function. Return it instead, or keep "
                "`stop_gradient(x)`."
            )
        rule = primitive.required_rule()
        call = see(self, primitive, args, kwargs, rule.zero_argnums)
        if rule.__class__ is Zero or not call.argnums:
            return primitive.call(*call.args, **call.kwargs)
        known = rule.accept(primitive, call.args, call.kwargs, call.argnums)
        y = primitive.call(*call.args, **call.kwargs)
        if not primitive.dispatches:
            y = outcome(y, self, primitive)
        tangent = push(rule, y, call, known, by_argument(call, [box.node for box in call.boxes]))
        if type(y) in BOX_TYPES:
            return self.box(y, tangent)
        if container_of(type(y)) is None:
            return y  # an integer or a text: a constant
        leaves, structure = flatten(y)
        return unflatten(
            structure,
            [
                self.box(leaf, leaf_tangent) if type(leaf) in BOX_TYPES else leaf
                for leaf, leaf_tangent in zip(leaves, flatten(tangent)[0], strict=True)
            ],
        )

    def tangent(self, output: Any) -> tuple[Any, Any]:
        """Return value and tangent of what the function returned, which may be a container."""
        leaves, structure = flatten(output.frozen() if isinstance(output, Box) else frozen(output))
        values, tangents = [], []
        for leaf in leaves:
            refuse_escaped(leaf, self)
            if isinstance(leaf, Box) and leaf.owner is self:
                values.append(frozen(leaf.value))
                tangents.append(vspace(leaf.value).own(leaf.node))
            else:
                values.append(leaf)
                tangents.append(vspace(leaf).zeros() if kind_of(leaf) in SPACES else 0.0)
        return unflatten(structure, values), unflatten(structure, tangents)


def push(rule: Rule, y: Any, call: Call, kwargs: dict[str, Any], tangents: tuple[Any, ...]) -> Any:
    """Return the tangent of `y`, the result of a call, for those of its arguments; of any rule."""
    if not isinstance(rule, General) or rule.jvp_argnums is not None:
        return rule.jvp(y, call.args, kwargs, call.argnums, tangents)
    # The rule has reverse mode only.
    pull, residuals = rule.vjp(y, call.args, kwargs, call.argnums)
    (tangent,) = linear_transpose(lambda g: pull(g, residuals), (y,))(tangents if len(tangents) > 1 else tangents[0])
    return tangent
