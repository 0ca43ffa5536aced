"""Traces, boxes, and how a function finds out that it is being differentiated.

A *trace* is one level of one transformation: one reverse pass, one forward pass. A *box* is a value in disguise:
it holds the value, the trace that owns it, and the trace's own note about it (its node). When a primitive meets a
box, the box's trace decides what to do. Traces nest: the value in a box may be a box of an outer trace, and the
innermost trace, the one with the highest level, always goes first and sees the others' boxes as plain values.

Everything about a differentiation lives in its trace. There is no global stack to push and pop, so exceptions,
threads and suspended generators have nothing to leave in disorder.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from numbers import Number
from typing import TYPE_CHECKING, Any, NoReturn

from autodiff.containers import children, container_of, map_leaves
from autodiff.errors import EscapedBoxError, InputError, IntegerInputError, LostDerivativeError

if TYPE_CHECKING:
    from autodiff.primitive import Primitive

# One counter for the whole process, which only ever grows: a trace that starts later has a higher level. `next` on
# it is atomic.
next_level: Callable[[], int] = itertools.count(1).__next__


class Trace(ABC):
    """One level of one transformation. A new kind of tracing is a subclass with one method, `process`."""

    __slots__ = ("level",)

    #: Whether this trace looks for the transpose of a linear function.
    transposes: bool = False

    def __init__(self) -> None:
        self.level: int = next_level()

    @property
    def ended(self) -> bool:
        """Whether the differentiation is over, so that boxes of this trace must not be used any more."""
        return False

    def references(self, node: Any, value: Any) -> int:
        """Return how many references to `value`, that of a box with this node, the trace keeps for later."""
        return 0

    @abstractmethod
    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Apply `primitive` to arguments of which at least one is a box of this trace, and none of a higher one."""

    def unary(self, primitive: Primitive, x: Any) -> Any:
        """`process` for the commonest call, one box and nothing else. Subclasses override it for speed only."""
        return self.process(primitive, (x,), {})

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Apply a binary operator where one operand is a box of this trace, and the other may be anything."""
        operands = []
        for operand in (a, b):
            if not isinstance(operand, Box):
                convert = _conversion(type(operand))
                if convert is NotImplemented:
                    return NotImplemented
                operand = operand if convert is None else convert(operand)
                if operand is NotImplemented:
                    return NotImplemented
            operands.append(operand)
        return bind(primitive, tuple(operands), {})

    def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
        """Apply a function that is linear in `x`, a box of this trace; `constant` is known to hold no boxes."""
        return self.process(primitive, (x, constant), {})

    def box(self, value: Any, node: Any) -> Any:
        """Put `value` into a box of this trace."""
        box = box_type(value)()
        box.value = value
        box.node = node
        box.owner = self
        return box


class Box:
    """A value in disguise: `value`, its `owner`, which is the trace that follows it, and that trace's `node` for it.

    Subclasses add the methods that values of some type have. They are created without `__init__`, which would
    double the cost of an operation, so: no further slots.
    """

    __slots__ = ("node", "owner", "value")

    value: Any
    node: Any
    owner: Trace

    def frozen(self) -> Any:
        """Return what may be kept for later: a value that no assignment of the user's changes.

        Tapes keep it of boxes that belong to other traces, and transforms hand it out. Boxes of values that can be
        assigned to, as arrays can, return another box of the same value, or a plain value.
        """
        return self

    def __copy__(self) -> Any:
        return self  # values in boxes never change

    def __deepcopy__(self, memo: Any) -> Any:
        return self

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise LostDerivativeError(
            "a traced value cannot be pickled: its derivative would be lost. Write `stop_gradient(x)` where a "
            "constant is meant."
        )

    @classmethod
    def check_input(cls, value: Any) -> None:
        """Raise if this value, of a type that the box is for, cannot be differentiated: integer arrays, for example."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r}, level={self.owner.level})"


class ManyValues(BaseException):  # no error, and not to be caught as one: `vmap` then takes the examples one by one
    """The plain value of a batch was asked for, which has many."""


class BatchBox(Box):
    """A value that is different in each example of a batch. Its node holds those of all examples, stacked.

    The value itself is not to be had, so that nothing can take the stack for the value of one example.
    """

    __slots__ = ()

    @property
    def value(self) -> NoReturn:
        """Refuse: there are many."""
        raise ManyValues

    def same_space(self, other: Any) -> bool:
        """Whether one example has the same vector space as that of another box of this type."""
        raise NotImplementedError

    def frozen(self) -> Any:
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.node!r}, level={self.owner.level})"


# Value types with their box types, filled by plugins. A box is also a value, for the traces inside its own.
BOX_TYPES: dict[type, type[Box]] = {}

# Types of boxes that hold a value.
_BOXES: set[type] = set()

# Types that a binary operator accepts beside a box, with a function to convert them first, or None. Anything else gets
# NotImplemented, which a conversion may return as well, and with it the chance that Python gives to foreign classes.
OPERANDS: dict[type, Callable[[Any], Any] | None] = {int: None, bool: None, float: None, complex: None}

_OPERATORS = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow")
_OPERATOR_METHODS = [f"__{prefix}{name}__" for name in _OPERATORS for prefix in ("", "r")]
_OPERATOR_METHODS += [f"__{name}__" for name in ("lt", "le", "gt", "ge", "eq", "ne")]


def _conversion(kind: type) -> Any:
    """Return how an operand of this type is converted: a function or None; NotImplemented if it is not accepted.

    What is of a subclass counts as what it is derived from, but keeps its chance if it has operators of its own.
    """
    for base in kind.__mro__:
        if base in OPERANDS:
            convert = OPERANDS[base]
            if base is kind:
                return convert
            if convert is None and issubclass(base, Number):
                convert = base
            if convert is not None:
                own = any(getattr(kind, name, None) is not getattr(base, name, None) for name in _OPERATOR_METHODS)
                return NotImplemented if own else convert
    return NotImplemented


def register_box(box: type[Box], *value_types: type) -> None:
    """Let values of these types travel in boxes of type `box`."""
    BOX_TYPES[box] = box
    _BOXES.add(box)
    for value_type in value_types:
        BOX_TYPES[value_type] = box
        OPERANDS.setdefault(value_type, None)


def has_box(kind: type) -> bool:
    """Whether values of this type travel in boxes: those of Python and of plugins, and boxes of other traces."""
    return kind in BOX_TYPES


def is_variable(value: Any) -> bool:
    """Whether a value among several results can be differentiated: arrays of integers, for instance, cannot."""
    kind = type(value) if isinstance(value, Box) else BOX_TYPES.get(type(value))
    if kind is None:
        return False
    try:
        kind.check_input(value)
    except InputError:
        return False
    return True


def box_type(value: Any) -> type[Box]:
    """Return the type of box for `value`, or explain why there is none."""
    try:
        return BOX_TYPES[type(value)]
    except KeyError:
        raise not_differentiable(value) from None


def not_differentiable(value: Any) -> InputError:
    """Return the error that says why `value` cannot be traced."""
    kind = type(value)
    if kind in (int, bool):
        return IntegerInputError(
            f"cannot differentiate with respect to {value!r}, which is of type {kind.__name__}: "
            f"a derivative needs real or complex numbers. Write {float(value)!r} instead; or, in a container, "
            f"`Static({value!r})` for what is no variable."
        )
    known = sorted({t.__name__ for t in BOX_TYPES if not issubclass(t, Box)})
    return InputError(
        f"cannot differentiate with respect to a value of type {kind.__module__}.{kind.__qualname__}. "
        f"Types with a derivative here: {', '.join(known)}, and containers of them. For another type, a plugin can "
        "register a box and a vector space; `autodiff.extend.register_container` makes a class a container; "
        "`autodiff.Static` marks what belongs into a container but is no variable."
    )


def bind(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Apply `primitive`: by the innermost trace among the arguments, or simply by calling the function."""
    top = innermost_trace(args)
    if kwargs:
        inner = innermost_trace(kwargs.values())
        if top is None or (inner is not None and inner.level > top.level):
            top = inner
    if top is None:
        return primitive.fun(*args, **kwargs)
    return top.process(primitive, args, kwargs)


def innermost_trace(values: Any) -> Trace | None:
    """Return the trace with the highest level among the boxes in `values`, looking into containers."""
    top = None
    for value in values:
        if isinstance(value, Box):
            trace: Trace | None = value.owner
        else:
            parts = children(value)
            if parts is None:
                continue
            trace = innermost_trace(parts)
        if trace is not None and (top is None or trace.level > top.level):
            top = trace
    return top


def unbox(value: Any) -> Any:
    """Return the plain value, out of all its boxes."""
    while isinstance(value, Box):
        value = value.value
    return value


def kind_of(value: Any) -> type:
    """Return the type of the plain value, out of all its boxes; that of its box where it is a batch of many."""
    # `isinstance` would ask the box, which asks here; and the set spares the commonest boxes a question
    while (kind := type(value)) in _BOXES or (issubclass(kind, Box) and not issubclass(kind, BatchBox)):
        value = value.value
    return kind


def constant(value: Any) -> Any:
    """Return a value out of all its boxes, but for batches, which stay batches of plain values."""
    while isinstance(value, Box):
        if isinstance(value, BatchBox):
            return value.owner.box(constant(value.node), None)
        value = value.value
    return value


def frozen(value: Any) -> Any:
    """Return `value`, in which boxes are replaced by what may be kept of them; see `Box.frozen`."""
    if isinstance(value, Box):
        return value.frozen()
    if container_of(type(value)) is None or innermost_trace((value,)) is None:
        return value
    return map_leaves(frozen, value)


def refuse_escaped(leaf: Any, trace: Trace) -> None:
    """Raise if `leaf`, a result of what `trace` follows, belongs to a trace inside, or to one that is over."""
    while isinstance(leaf, Box):
        if leaf.owner.level > trace.level or (leaf.owner is not trace and leaf.owner.ended):
            raise EscapedBoxError(
                "the function returned a traced value of another differentiation, which is over; it must have been "
                "kept in a variable outside of the function that was differentiated there. Return it from that one "
                "(`has_aux=True` makes room for it), or keep `stop_gradient(x)`."
            )
        leaf = leaf.node if issubclass(type(leaf), BatchBox) else leaf.value  # `isinstance` would ask a box twice
