"""Forward mode: every box carries a tangent, and every operation pushes tangents forward.

The node of a box is its tangent, the derivative of its value along the direction that the inputs were given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.arguments import Call, by_argument, constant_operand, outcome, see
from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import EscapedBoxError
from autodiff.general import General
from autodiff.linear import Linear
from autodiff.primitive import Primitive
from autodiff.reverse import BINARY_FORMS, linear_transpose
from autodiff.rule import Rule, Zero
from autodiff.trace import BOX_TYPES, Box, Trace, box_type, frozen, is_variable, kind_of, refuse_escaped
from autodiff.vspace import SAME_SPACE, SPACES, UNIFORM, WEAK, check_member, same_space, vspace

_NO_KEYWORDS: dict[str, Any] = {}


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
        if type(tangent) not in SAME_SPACE or not same_space(value, tangent):
            tangent = check_member(frozen(tangent), vspace(value), "the tangent")
        return self.box(value, tangent)

    # The next three methods are the hot path: `process`, written out for elementwise functions of operands whose space
    # is that of the result, and for linear ones. The Jacobian of an elementwise function is diagonal, so that its pull
    # pushes as well. The rest is left to `process`.

    def unary(self, primitive: Primitive, x: Any) -> Any:
        step = primitive.unary_step
        if step is None or self.closed:
            return self.process(primitive, (x,), _NO_KEYWORDS)
        value = x.value
        kind = type(x)
        nested = type(value) is kind  # a box of an outer trace goes there directly; the function would lead there, too
        y = value.owner.unary(primitive, value) if nested else primitive.call(value)
        if not same_space(y, value) if nested else type(y) is not type(value):
            return self.process(primitive, (x,), _NO_KEYWORDS)
        push, needs_y, needs_x = step
        tangent = push(x.node, (y, value) if needs_y and needs_x else value if needs_x else y if needs_y else None)
        box = kind()
        box.value = y
        box.node = tangent if self.fits(tangent, y) else self.fitted(tangent, y)
        box.owner = self
        return box

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        steps = primitive.binary_steps
        if steps is None or self.closed:
            return self._binary_by_rule(primitive, a, b)
        kind = type(a)
        if kind is type(b):
            value, right = a.value, b.value
            if a.owner is not b.owner or not (type(value) is type(right) in UNIFORM or same_space(value, right)):
                return self._binary_by_rule(primitive, a, b)
            y = primitive.call(value, right)
            known = (y, value, right)
            tangent = steps[0][0](a.node, known) + steps[1][0](b.node, known)
        elif isinstance(a, Box) and a.owner is self:
            value = a.value
            if type(b) not in WEAK and not same_space(value, b):
                return self._binary_by_rule(primitive, a, b)
            y = primitive.call(value, b)
            tangent = steps[0][0](a.node, (y, value, b))
        else:
            value = b.value
            if kind not in WEAK and not same_space(a, value):
                return self._binary_by_rule(primitive, a, b)
            y = primitive.call(a, value)
            tangent = steps[1][0](b.node, (y, a, value))
            kind = type(b)
        if type(y) is not type(value):
            return self._binary_by_rule(primitive, a, b)
        box = kind()
        box.value = y
        box.node = tangent if self.fits(tangent, y) else self.fitted(tangent, y)
        box.owner = self
        return box

    def _binary_by_rule(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Apply a product, or an elementwise function that broadcasts: `process` for two operands."""
        rule: Any = primitive.rule
        if rule.__class__ not in BINARY_FORMS or rule.zero_argnums or self.closed:
            return super().binary(primitive, a, b)
        argnums: tuple[int, ...]
        boxes: tuple[Any, ...]
        if type(a) is type(b):
            if a.owner is not b.owner:
                return super().binary(primitive, a, b)
            left, right, argnums, boxes = a.value, b.value, (0, 1), (a, b)
        elif isinstance(a, Box) and a.owner is self:
            left, right, argnums, boxes = a.value, constant_operand(b), (0,), (a,)
        else:
            left, right, argnums, boxes = constant_operand(a), b.value, (1,), (b,)
        if left is None or right is None:
            return super().binary(primitive, a, b)
        y = primitive.call(left, right)
        tangents = tuple([self.from_node(box.node) for box in boxes])
        return self.box(y, self.to_node(rule.jvp(y, (left, right), _NO_KEYWORDS, argnums, tangents)))

    def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
        if primitive.rule.__class__ is not Linear or self.closed:
            return self.process(primitive, (x, constant), _NO_KEYWORDS)
        y = primitive.call(x.value, constant)
        if type(y) not in BOX_TYPES:  # an integer, of an array of them: a constant
            return y
        return self.box(y, primitive.call(x.node, constant))

    #: ``fits(tangent, y)``: whether something is a node for a value.
    fits: Callable[[Any, Any], bool] = staticmethod(same_space)

    def fitted(self, tangent: Any, y: Any) -> Any:
        """Return the node for what is no tangent of `y` yet: it may be complex, or have been broadcast."""
        return vspace(y).expand(tangent)

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
        tangent = push(rule, y, call, known, by_argument(call, [self.from_node(box.node) for box in call.boxes]))
        if type(y) in BOX_TYPES:
            return self.box(y, self.to_node(tangent))
        if container_of(type(y)) is None:
            return y  # an integer or a text: a constant
        leaves, structure = flatten(y)
        return unflatten(
            structure,
            [
                self.box(leaf, self.to_node(leaf_tangent)) if is_variable(leaf) else leaf
                for leaf, leaf_tangent in zip(leaves, flatten(tangent)[0], strict=True)
            ],
        )

    def from_node(self, node: Any) -> Any:
        """Return the tangent that rules get for the node of a box."""
        return node

    def to_node(self, tangent: Any) -> Any:
        """Return the node for the tangent that a rule has given."""
        return tangent

    def tangent(self, output: Any) -> tuple[Any, Any]:
        """Return value and tangent of what the function returned, which may be a container."""
        if isinstance(output, Box):
            return self.opened(output.frozen(), [])
        leaves, structure = flatten(frozen(output))
        tangents: list[Any] = []
        values = []
        for leaf in leaves:
            value, tangent = self.opened(leaf, tangents)
            values.append(value)
            tangents.append(tangent)
        return unflatten(structure, values), unflatten(structure, tangents)

    def opened(self, leaf: Any, others: list[Any]) -> tuple[Any, Any]:
        """Return value and tangent of a leaf of a result; the tangent shares no memory with those of `others`."""
        refuse_escaped(leaf, self)
        if isinstance(leaf, Box) and leaf.owner is self:
            return frozen(leaf.value), vspace(leaf.value).own(leaf.node)
        return leaf, vspace(leaf).zeros() if kind_of(leaf) in SPACES else 0.0


def push(rule: Rule, y: Any, call: Call, kwargs: dict[str, Any], tangents: tuple[Any, ...]) -> Any:
    """Return the tangent of `y`, the result of a call, for those of its arguments; of any rule."""
    if not isinstance(rule, General) or rule.jvp_argnums is not None:
        return rule.jvp(y, call.args, kwargs, call.argnums, tangents)
    # The rule has reverse mode only.
    pull, residuals = rule.vjp(y, call.args, kwargs, call.argnums)
    (tangent,) = linear_transpose(lambda g: pull(g, residuals), (y,))(tangents if len(tangents) > 1 else tangents[0])
    return tangent
