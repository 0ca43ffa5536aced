"""The trace of `vmap`: every operation is applied to all examples of a batch at once.

A box stands for one example and has its shape; its node holds the values of all examples, stacked along a first axis.
How arrays are stacked, and how the functions of a library are applied to stacks, a plugin says by a `Batching`. What it
does not know is applied to one example after the other: right for every primitive, also for users' own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, ClassVar

from autodiff.arguments import outcome
from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import BatchedValueError, EscapedBoxError
from autodiff.primitive import Primitive
from autodiff.trace import BOX_TYPES, BatchBox, Box, ManyValues, Trace, frozen
from autodiff.vspace import SPACES, VSpace


class Batching(ABC):
    """How values of a library are stacked, and its functions applied to stacks."""

    #: The type of boxes.
    box: type[BatchBox]
    #: The type of boxes of other traces for such boxes.
    box_of_boxes: type[Box]
    #: Short cuts for binary operations, by primitive: of the operands, and whether they are stacks, makes a stack; or
    #: is NotImplemented.
    products: ClassVar[Mapping[Primitive, Callable[[Any, Any, bool, bool], Any]]] = {}
    #: The same for linear functions of one value.
    unary: ClassVar[Mapping[Primitive, Callable[[Any], Any]]] = {}
    #: The same for functions of a value and a constant, as in `Trace.linear`.
    linear: ClassVar[Mapping[Primitive, Callable[[Any, Any], Any]]] = {}

    #: The same for pulls in reverse mode: of a stack of cotangents, and the residuals.
    pulls: ClassVar[Mapping[Any, Callable[[Any, Any], Any]]] = {}

    @abstractmethod
    def space(self, box: BatchBox) -> VSpace:
        """Return the vector space of one example."""

    @abstractmethod
    def axes(self, value: Any) -> int | None:
        """Return the number of axes of a value; None if it cannot be stacked."""

    @abstractmethod
    def length(self, value: Any, axis: int) -> int:
        """Return the length of an axis of a value."""

    @abstractmethod
    def move(self, value: Any, source: int, destination: int) -> Any:
        """Return a value with an axis moved to another place."""

    @abstractmethod
    def take(self, stacked: Any, i: int) -> Any:
        """Return the value of example `i`."""

    @abstractmethod
    def stack(self, values: list[Any]) -> Any:
        """Return values of equal shapes, stacked; None if they cannot be."""

    @abstractmethod
    def own(self, value: Any, others: list[Any]) -> Any:
        """Return a value that may be written into, and shares no memory with the others."""

    @abstractmethod
    def repeat(self, value: Any, size: int) -> Any:
        """Return the stack of `size` times the same value."""

    @abstractmethod
    def align(self, stack: Any, other: Any) -> bool:
        """Whether two stacks broadcast against each other as they do in each example."""

    @abstractmethod
    def aligned(self, stack: Any, value: Any) -> bool:
        """Whether a value that all examples share broadcasts against a stack as it does in each example."""

    @abstractmethod
    def fits(self, stack: Any, value: Any) -> bool:
        """Whether something is a stack of vectors of the space of a value."""

    @abstractmethod
    def basis(self, space: VSpace, start: int, stop: int) -> Any:
        """Return the stack of those vectors of the basis of a space; None if they cannot be stacked."""

    def directions(self, space: VSpace, start: int, stop: int) -> Any:
        """Return the same as something that forward mode can compute with instead, if there is anything cheaper.

        It takes part in the arithmetic of stacks, and in the short cuts `unary` and `linear`; all else gets `dense`.
        """
        return self.basis(space, start, stop)

    def dense(self, stack: Any) -> Any:
        """Return what `directions`, or arithmetic with it, has made, as a stack."""
        return stack

    @abstractmethod
    def join(self, stacks: list[Any]) -> Any:
        """Return one stack with the examples of several."""

    @abstractmethod
    def unfold(self, stacked: Any, shape: tuple[int, ...], *, last: bool) -> Any:
        """Return a stack with axes of this shape in place of that of the examples, in front or at the end."""

    @abstractmethod
    def apply(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], batched: Any) -> Any:
        """Apply a function to stacks.

        `batched` is a pair like ``(args, kwargs)`` that tells which leaves are stacks. All leaves of the result are
        stacks; or it is `Same`; or it is NotImplemented.
        """


#: What the names of packages begin with whose code is not the user's.
_LIBRARIES = ("autodiff", "numpy.", "scipy.")
#: The files of this package that call the functions in tables of rules.
_RULE_FORMS = frozenset(f"autodiff.{form}" for form in ("elementwise", "general", "linear", "overwriting", "reduction"))


class Same:
    """A result that is the same for all examples."""

    def __init__(self, value: Any) -> None:
        self.value = value


class BatchTrace(Trace):
    """Apply operations to all examples of a batch at once."""

    __slots__ = ("batching", "closed", "size")

    def __init__(self, batching: Batching, size: int) -> None:
        super().__init__()
        self.batching, self.size, self.closed = batching, size, False

    @property
    def ended(self) -> bool:
        return self.closed

    def box(self, value: Any, node: Any = None) -> Any:
        """Put a stack into a box of this trace."""
        box = self.batching.box()
        box.node, box.owner = value, self
        return box

    def stacked(self, leaf: Any) -> Any:
        """Return the stack of a leaf of a result."""
        return leaf.node if self.owns(leaf) else self.batching.repeat(leaf, self.size)

    def owns(self, leaf: Any) -> bool:
        """Whether `leaf` is a box of this trace."""
        return isinstance(leaf, Box) and leaf.owner is self

    # The next two methods are the hot path: `process`, written out for elementwise functions of operands that broadcast
    # as they do in each example. Functions of the user's may take numbers only, as those of `math` do.

    def unary(self, primitive: Primitive, x: Any) -> Any:
        if self.closed:
            return self.process(primitive, (x,), {})
        if primitive.unary_step is not None:
            try:
                return self.box(primitive.call(x.node))
            except (TypeError, ValueError):
                return self._one_by_one(primitive, (x,), {})
        short_cut = self.batching.unary.get(primitive)
        stack = NotImplemented if short_cut is None else short_cut(x.node)
        return self.process(primitive, (x,), {}) if stack is NotImplemented else self.box(stack)

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        a_own, b_own = self.owns(a), self.owns(b)
        left, right = a.node if a_own else a, b.node if b_own else b
        short_cut = self.batching.products.get(primitive)
        if short_cut is not None and not self.closed:
            stack = short_cut(left, right, a_own, b_own)
            return super().binary(primitive, a, b) if stack is NotImplemented else self.box(stack)
        if a_own and b_own:
            direct = self.batching.align(left, right)
        else:
            direct = self.batching.aligned(left, right) if a_own else self.batching.aligned(right, left)
        if not direct or self.closed:
            return super().binary(primitive, a, b)
        if primitive.binary_steps is None:
            return self.process(primitive, (a, b), {})
        try:
            return self.box(primitive.call(left, right))
        except (TypeError, ValueError):
            return self._one_by_one(primitive, (a, b), {})

    def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
        short_cut = self.batching.linear.get(primitive)
        stack = NotImplemented if short_cut is None or self.closed else short_cut(x.node, constant)
        return self.process(primitive, (x, constant), {}) if stack is NotImplemented else self.box(stack)

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.closed:
            raise EscapedBoxError(
                f"{primitive.name} was applied to a value of a batch after `vmap` had ended; it must have been kept in "
                "a variable outside of the function. Return it instead."
            )
        opened = [self._opened(arg) for arg in args]
        named = {name: self._opened(value) for name, value in kwargs.items()}
        values, flags = tuple([value for value, _ in opened]), tuple([flag for _, flag in opened])
        keywords = {name: value for name, (value, _) in named.items()}
        batched = flags, {name: flag for name, (_, flag) in named.items()}
        try:
            result = self.batching.apply(primitive, values, keywords, batched)
        except (TypeError, ValueError):  # from a function that takes one number, or shapes that do not fit
            result = NotImplemented
        if result is NotImplemented:
            return self._one_by_one(primitive, args, kwargs)
        if isinstance(result, Same):
            return result.value
        stacks, structure = flatten(result)
        return unflatten(structure, list(map(self.box, stacks)))

    def _opened(self, value: Any) -> tuple[Any, Any]:
        """Return an argument with stacks instead of boxes, and whether it is one; flags, if it holds some."""
        if self.owns(value):
            return value.node, True
        if container_of(type(value)) is None:
            return frozen(value), False
        leaves, structure = flatten(value)
        flags = [self.owns(leaf) for leaf in leaves]
        stacks = [leaf.node if own else frozen(leaf) for leaf, own in zip(leaves, flags, strict=True)]
        return unflatten(structure, stacks), any(flags) and unflatten(structure, flags)

    def _one_by_one(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Apply a function to one example after the other, and stack the results."""
        leaves, structure = flatten((args, kwargs))
        results = []
        for i in range(self.size):
            values = [self.batching.take(leaf.node, i) if self.owns(leaf) else frozen(leaf) for leaf in leaves]
            positional, keywords = unflatten(structure, values)
            result = primitive.call(*positional, **keywords)
            results.append(flatten(result if primitive.dispatches else outcome(result, self, primitive)))
        if len({structure for _, structure in results}) != 1:
            raise ManyValues
        leaves = []
        for column in zip(*(found for found, _ in results), strict=True):
            stacked = self.batching.stack(list(column))
            if stacked is not None:
                leaves.append(self.box(stacked))
            elif self.batching.axes(column[0]) is None and all(
                type(x) is type(column[0]) and x == column[0] for x in column
            ):
                leaves.append(column[0])  # a type or a text
            else:
                raise ManyValues
        return unflatten(results[0][1], leaves)


def _module(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name


def _of_a_rule(frame: FrameType | None) -> bool:
    """Whether code runs as a part of a rule, perhaps of the user's: this package has called it from a form of rules."""
    while frame is not None and not _module(frame).startswith("autodiff."):
        frame = frame.f_back
    return frame is not None and _module(frame) in _RULE_FORMS


def one_plain_value(what: str, asker: FrameType) -> BaseException:
    """Return what to raise where code asks for one plain value of a batch.

    It is an error in code of the user's, and a reason to take the examples one by one in rules and libraries, as the
    user cannot change them.
    """
    if _module(asker).startswith(_LIBRARIES) or _of_a_rule(asker):
        return ManyValues()
    return BatchedValueError(
        f"a value that is different in each example of a batch was asked for one plain value, by {what}. In `vmap`, "
        "write `numpy.where(condition, a, b)` instead of `if` and of conditional expressions, loops that run equally "
        "often for all examples, and functions that have rules instead of compiled code such as `math.sin`. Or loop "
        "over the examples, without `vmap`."
    )


#: The one in use, of a plugin; None while there is none.
_batching: Batching | None = None


def set_batching(batching: Batching) -> None:
    """Use a plugin's way of stacking."""
    global _batching  # noqa: PLW0603  # set once, when plugins are loaded
    BOX_TYPES[batching.box] = batching.box_of_boxes
    SPACES[batching.box] = batching.space
    _batching = batching


def known_batching() -> Batching | None:
    """Return the way of stacking that is in use."""
    return _batching
