"""A trace that changes nothing: it follows values through a function, for those who want to look at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.arguments import outcome
from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import EscapedBoxError, InputError
from autodiff.plugins import load_plugins
from autodiff.primitive import Primitive
from autodiff.products import RUNNING, open_boxes
from autodiff.rule import Zero
from autodiff.trace import BOX_TYPES, Box, Trace, box_type, frozen, refuse_escaped


class FollowingTrace(Trace):
    """Apply operations as they are. What has no derivative, such as integers, is not followed."""

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
                f"{primitive.name} was applied to a traced value after the function that was looked into had returned; "
                "it must have been kept in a variable outside of the function. Return it instead."
            )
        keywords = {name: self._opened(value) for name, value in kwargs.items()}
        y = primitive.call(*map(self._opened, args), **keywords)
        if not primitive.dispatches:
            y = outcome(y, self, primitive)
        leaves, structure = flatten(y)
        nodes = self.nodes(primitive, args, kwargs, leaves)
        if primitive.rule.__class__ is Zero:
            return y
        boxes = [self.box(leaf, node) if can_follow(leaf) else leaf for leaf, node in zip(leaves, nodes, strict=True)]
        return unflatten(structure, boxes)

    def nodes(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], results: list[Any]
    ) -> list[Any]:
        """Return the nodes of the results of an operation; the arguments may hold boxes of this trace."""
        return [None] * len(results)

    def inputs(self, leaves: list[Any]) -> list[Any]:
        """Return the leaves of the arguments, in boxes where they can be followed."""
        return [self.box(frozen(leaf), None) if can_follow(leaf) else leaf for leaf in leaves]

    def owns(self, value: Any) -> bool:
        """Whether `value` is a box of this trace."""
        return isinstance(value, Box) and value.owner is self

    def _opened(self, value: Any) -> Any:
        if isinstance(value, Box):
            return value.value if value.owner is self else value.frozen()
        if container_of(type(value)) is None:
            return value
        leaves, structure = flatten(value)
        return unflatten(structure, map(self._opened, leaves))


def can_follow(leaf: Any) -> bool:
    """Whether a value can be put into a box: floating-point and complex numbers, and arrays of them."""
    if type(leaf) not in BOX_TYPES:
        return False
    try:
        box_type(leaf).check_input(leaf)
    except InputError:
        return False
    return True


def follow(trace: FollowingTrace, fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what ``fun(*args, **kwargs)`` returns, with boxes of `trace`, which ends with it."""
    load_plugins()
    leaves, structure = flatten((args, kwargs))
    new_args, new_kwargs = unflatten(structure, trace.inputs(leaves))
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        output = frozen(fun(*new_args, **new_kwargs))
    finally:
        RUNNING.depth = depth
        trace.closed = True
    for leaf in flatten(output)[0]:
        refuse_escaped(leaf, trace)
    return output


def opened(trace: FollowingTrace, output: Any) -> Any:
    """Return what `follow` returned without the boxes of `trace`."""
    return open_boxes(trace, output)
