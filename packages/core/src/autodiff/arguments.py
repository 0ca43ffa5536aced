"""Which arguments of a call a trace follows.

A trace sees a call as plain values, some of which it follows. Here the boxes of one trace are taken out of the
arguments, from inside containers too, and results for whole arguments are brought back to the boxes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.containers import children, container_of, flatten, unflatten
from autodiff.errors import EscapedBoxError, UnsupportedArgumentError
from autodiff.keeping import Hold, keep
from autodiff.primitive import Primitive
from autodiff.rule import Rule
from autodiff.trace import OPERANDS, Box, Trace, frozen
from autodiff.vspace import VSpace, vspace


class Call(NamedTuple):
    """A call as one trace sees it."""

    args: tuple[Any, ...]  # without this trace's boxes; boxes of outer traces stay, frozen
    kwargs: dict[str, Any]
    argnums: tuple[int, ...]  # the positions of arguments that are boxes of the trace or contain some
    boxes: list[Any]  # all boxes of the trace, from left to right
    holders: dict[int, list[int | None]]  # argnum of a container -> for each leaf its place in `boxes`, if any


def see(
    trace: Trace, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], zeros: frozenset[int]
) -> Call:
    """Return the call as `trace` sees it; it does not follow the arguments `zeros`."""
    if len(args) == 1 and not kwargs and not zeros and isinstance(args[0], Box):  # the commonest call
        return Call((args[0].value,), kwargs, (0,), [args[0]], {})
    if kwargs and any(_holds(trace, value) for value in kwargs.values()):
        args, kwargs = _by_position(trace, primitive, args, kwargs)
    values: list[Any] = []
    argnums: list[int] = []
    boxes: list[Any] = []
    holders: dict[int, list[int | None]] = {}
    for position, arg in enumerate(args):
        if isinstance(arg, Box):
            if arg.owner is trace:
                if position not in zeros:
                    argnums.append(position)
                    boxes.append(arg)
                arg = arg.value
            else:
                arg = arg.frozen()
        elif arg is None or (parts := children(arg)) is None:
            pass
        elif any(_holds(trace, part) for part in parts):
            leaves, structure = flatten(arg)
            places: list[int | None] = []
            for index, leaf in enumerate(leaves):
                if isinstance(leaf, Box) and leaf.owner is trace:
                    places.append(len(boxes))
                    boxes.append(leaf)
                    leaves[index] = leaf.value
                else:
                    places.append(None)
                    leaves[index] = frozen(leaf)
            arg = unflatten(structure, leaves)
            if position in zeros:
                del boxes[min(place for place in places if place is not None) :]
            else:
                argnums.append(position)
                holders[position] = places
        else:
            arg = frozen(arg)
        values.append(arg)
    if kwargs:
        kwargs = {name: frozen(value) for name, value in kwargs.items()}
    return Call(tuple(values), kwargs, tuple(argnums), boxes, holders)


def constant_operand(operand: Any) -> Any:
    """Return an operand that holds no boxes, or None if that would have to be looked into."""
    kind = type(operand)
    if kind not in OPERANDS:
        return None
    convert = OPERANDS[kind]
    return operand if convert is None or convert(operand) is operand else None


def _holds(trace: Trace, value: Any) -> bool:
    """Whether `value` is a box of `trace` or contains one."""
    if isinstance(value, Box):
        return value.owner is trace
    parts = children(value)
    return parts is not None and any(_holds(trace, part) for part in parts)


def _by_position(
    trace: Trace, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Move keywords with boxes to their positions, as rules know arguments by position."""
    traced = [name for name, value in kwargs.items() if _holds(trace, value)]
    parameters = primitive.parameters() or ()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    for name in traced:
        if name not in names:
            raise UnsupportedArgumentError(
                f"{primitive.name} cannot be differentiated with respect to its keyword `{name}`. Pass a constant "
                "there, for example `stop_gradient(x)`, or do what the argument does in a separate step."
            )
    kwargs = dict(kwargs)
    filled = list(args)
    last = max(position for position, parameter in enumerate(parameters) if parameter.name in traced)
    for parameter in parameters[len(args) : last + 1]:
        if parameter.name in kwargs:
            filled.append(kwargs.pop(parameter.name))
        elif parameter.default is not parameter.empty:
            filled.append(parameter.default)
        else:
            raise TypeError(f"{primitive.name}() missing a required argument: '{parameter.name}'")
    return tuple(filled), kwargs


def kept(call: Call, keywords: dict[str, Any], rule: Rule, holds: dict[Any, Hold]) -> tuple[Call, dict[str, Any]]:
    """Return a call, and the keywords that its rule is given, as a tape may keep them: nobody can change a constant."""
    args = [
        value if (i in call.argnums and i not in call.holders) or not rule.keeps(i, call.argnums)
        else keep(value, holds)
        for i, value in enumerate(call.args)
    ]  # fmt: skip
    return call._replace(args=tuple(args)), {name: keep(value, holds) for name, value in keywords.items()}


def outcome(y: Any, trace: Trace, primitive: Primitive) -> Any:
    """Return the result of a primitive, as it may be kept.

    Raise if it is followed by `trace` or one inside it: the primitive used a box from its closure.
    """
    if not isinstance(y, Box) and container_of(type(y)) is None:
        return y
    y = frozen(y)
    for leaf in flatten(y)[0]:
        if isinstance(leaf, Box) and leaf.owner.level >= trace.level:
            raise EscapedBoxError(
                f"{primitive.name} is a primitive, but uses a traced value that was not passed to it as an argument, "
                "so no rule could take account of it. Pass every traced value as an argument."
            )
    return y


def _zeros(space: VSpace) -> Any:
    return space.zeros()


def by_argument(call: Call, parts: list[Any], zeros: Callable[[VSpace], Any] = _zeros) -> tuple[Any, ...]:
    """Arrange `parts`, one for each box, by argument; constants inside of containers get a zero of their space."""
    arranged = []
    used = 0
    for argnum in call.argnums:
        places = call.holders.get(argnum)
        if places is None:
            arranged.append(parts[used])
            used += 1
            continue
        leaves, structure = flatten(call.args[argnum])
        filled = [
            zeros(vspace(leaf)) if place is None else parts[place] for leaf, place in zip(leaves, places, strict=True)
        ]
        used += sum(place is not None for place in places)
        arranged.append(unflatten(structure, filled))
    return tuple(arranged)


def by_box(call: Call, vectors: tuple[Any, ...]) -> list[Any]:
    """Return the parts of `vectors`, one for each argument, that belong to boxes: `by_argument` transposed."""
    parts: list[Any] = []
    for argnum, vector in zip(call.argnums, vectors, strict=True):
        places = call.holders.get(argnum)
        if places is None:
            parts.append(vector)
        else:
            leaves, _ = flatten(vector)
            parts += [leaf for leaf, place in zip(leaves, places, strict=True) if place is not None]
    return parts
