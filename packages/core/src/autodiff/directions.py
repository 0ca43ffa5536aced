"""Forward mode along many directions at once: the node of a box is the stack of its tangents.

Values are computed once. An elementwise function multiplies the whole stack with its partial derivative, as entries,
and broadcasting, are counted from the last axis. What is not elementwise pushes a box of a batch, see `batching`.
"""

from __future__ import annotations

from typing import Any

from autodiff.batching import Batching, BatchTrace
from autodiff.forward import ForwardTrace
from autodiff.primitive import Primitive
from autodiff.trace import BOX_TYPES, Box, box_type, frozen, kind_of, refuse_escaped
from autodiff.vspace import SPACES, vspace

#: In place of a stack of tangents: the input does not move.
STILL = object()


class DirectionsTrace(ForwardTrace):
    """Push stacks of tangents forward along with the values."""

    __slots__ = ("_batch", "fits")

    def __init__(self, batching: Batching, size: int) -> None:
        super().__init__()
        self._batch = BatchTrace(batching, size)
        self.fits = batching.fits

    def input(self, value: Any, tangent: Any) -> Any:
        """Return the box of an input that moves along a stack of tangents, or its value if it is `STILL`."""
        value = value.frozen() if isinstance(value, Box) else value
        box_type(value).check_input(value)
        return value if tangent is STILL else self.box(value, tangent)

    def unary(self, primitive: Primitive, x: Any) -> Any:
        short_cut = self._batch.batching.unary.get(primitive)
        if short_cut is None or self.closed:
            return super().unary(primitive, x)
        y = primitive.call(x.value)
        tangent = short_cut(x.node)
        if tangent is NotImplemented or type(y) not in BOX_TYPES:
            return super().unary(primitive, x)
        return self.box(y, tangent)

    def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
        short_cut = self._batch.batching.linear.get(primitive)
        if short_cut is None or self.closed:
            return self.process(primitive, (x, constant), {})
        y = primitive.call(x.value, constant)
        tangent = short_cut(x.node, constant)
        if tangent is NotImplemented or type(y) not in BOX_TYPES:
            return self.process(primitive, (x, constant), {})
        return self.box(y, tangent)

    def fitted(self, tangent: Any, y: Any) -> Any:
        return self.to_node(vspace(y).expand(self.from_node(tangent)))

    def from_node(self, node: Any) -> Any:
        return self._batch.box(self._batch.batching.dense(node))

    def to_node(self, tangent: Any) -> Any:
        return self._batch.stacked(tangent)

    def opened(self, leaf: Any, others: list[Any]) -> tuple[Any, Any]:
        refuse_escaped(leaf, self)
        if isinstance(leaf, Box) and leaf.owner is self:
            batching = self._batch.batching
            return frozen(leaf.value), batching.own(batching.dense(leaf.node), others)
        return leaf, self._batch.stacked(vspace(leaf).zeros() if kind_of(leaf) in SPACES else 0.0)
