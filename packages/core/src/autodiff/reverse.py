"""Reverse mode: a tape, and one walk along it from the end.

While the function runs, each operation on a box appends an entry to its trace's tape: the number of the node it
made, how to pull a cotangent back through it (*pull*), to which nodes (*first* and *second* parent), and what that needs
(*residuals*). The backward pass reads the tape from its end. Every entry finds the cotangent of its node complete, because
all uses of a value come later on the tape than the value itself.

An entry is the tuple ``(node, pull, first, second, residuals)``:

==================  ==========================================================================================
one parent          second is None, and ``pull(g, residuals)`` is its cotangent
two parents         ``pull(g, residuals)`` is a pair of cotangents
any other number    both are None, and ``pull(g, residuals, cotangents, owned)`` adds to the cotangents itself
==================  ==========================================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from autodiff.arguments import Call, by_box, see
from autodiff.containers import Structure, container_of, flatten, unflatten
from autodiff.elementwise import Elementwise
from autodiff.errors import EscapedBoxError
from autodiff.general import General
from autodiff.linear import Bilinear, Linear
from autodiff.primitive import Primitive
from autodiff.reduction import Reduction
from autodiff.rule import FRESH, Pull, Zero
from autodiff.trace import BOX_TYPES, OPERANDS, Box, Trace, bind, box_type
from autodiff.vspace import SPACES, UNIFORM, VSpace, same_space, vspace

#: Operands that never broadcast the other one nor change its type.
_WEAK = frozenset({int, float})

_NO_KEYWORDS: dict[str, Any] = {}

_UNARY_FORMS = frozenset({Elementwise, Reduction})
_BINARY_FORMS = frozenset({Elementwise, Bilinear})


def _constant(operand: Any) -> Any:
    """Return an operand that holds no boxes, or None if that would have to be looked into."""
    kind = type(operand)
    if kind not in OPERANDS:
        return None
    convert = OPERANDS[kind]
    return operand if convert is None or convert(operand) is operand else None


class ReverseTrace(Trace):
    """Record, for every operation, how to pull a cotangent back through it."""

    __slots__ = ("_next_node", "_spaces_of_nodes", "spaces", "tape")

    def __init__(self) -> None:
        super().__init__()
        # Nodes are numbered by a counter, not by their place on the tape: a thread may come between taking a
        # number and appending. The order on the tape is still one in which parents come first.
        self._next_node: Callable[[], int] = itertools.count().__next__
        self.tape: Any = []
        self.spaces: list[VSpace] = []  # of the inputs
        self._spaces_of_nodes: dict[int, VSpace] = {}  # of arguments of linear functions, which often come again

    def input(self, value: Any) -> Box:
        """Return the box of an input. Inputs are the first nodes."""
        kind = box_type(value)
        kind.check_input(value)
        self.spaces.append(vspace(value))
        return self.box(value, self._next_node())

    def close(self) -> None:
        """End the forward pass: from now on, using a box of this trace is an error."""
        self.tape = _CLOSED

    # The next three methods are the hot path: `process`, written out for elementwise functions of operands whose space
    # is that of the result, so that nothing needs projection, and for linear ones. The rest is left to `process`.

    def unary(self, primitive: Primitive, x: Any) -> Any:
        rule: Any = primitive.rule
        if rule is None or not rule.hot:
            return self._single(primitive, x)
        value = x.value
        y = primitive.call(value)
        if y.__class__ is not value.__class__:
            return self._single(primitive, x)
        pull, keeps_y, keeps_x = rule.steps[0]
        node = self._next_node()
        residuals = (y, value) if keeps_y and keeps_x else value if keeps_x else y if keeps_y else None
        self.tape.append((node, pull, x.node, None, residuals))
        box = type(x)()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        rule: Any = primitive.rule
        if rule is None or not rule.hot:
            return self._product(primitive, a, b)
        second: Any = None
        kind = type(b)
        if kind is type(a):
            box = a
            left = value = a.value
            right = b.value
            if a.owner is not b.owner or not (type(left) is type(right) in UNIFORM or same_space(left, right)):
                return self._product(primitive, a, b)
            first, second = a.node, b.node
            step = rule.step_both
        elif isinstance(a, Box):
            box = a
            left = value = a.value
            right = b
            if kind not in _WEAK and not same_space(left, right):
                return self._product(primitive, a, b)
            first = a.node
            step = rule.steps[0]
        else:
            box = b
            left = a
            right = value = b.value
            if type(a) not in _WEAK and not same_space(left, right):
                return self._product(primitive, a, b)
            first = b.node
            step = rule.steps[1]
        y = primitive.call(left, right)
        if y.__class__ is not value.__class__:
            return self._product(primitive, a, b)
        pull, keeps_y, keeps_left, keeps_right = step
        node = self._next_node()
        residuals = (y if keeps_y else None, left if keeps_left else None, right if keeps_right else None)
        self.tape.append((node, pull, first, second, residuals))
        result = type(box)()
        result.value = y
        result.node = node
        result.owner = self
        return result

    def _single(self, primitive: Primitive, x: Any) -> Any:
        """Apply a function of one array without options: `process` for one box."""
        rule = primitive.rule
        if rule.__class__ not in _UNARY_FORMS:
            return self.process(primitive, (x,), {})
        assert rule is not None
        args, argnums = (x.value,), (0,)
        rule.accept(primitive, args, _NO_KEYWORDS, argnums)
        y = primitive.call(x.value)
        pull, residuals = rule.vjp(y, args, _NO_KEYWORDS, argnums)
        return self._record(y, pull, (x.node,), residuals)

    def _product(self, primitive: Primitive, a: Any, b: Any) -> Any:
        """Apply a product, or an elementwise function that broadcasts: `process` for two operands."""
        rule: Any = primitive.rule
        if rule.__class__ not in _BINARY_FORMS or rule.zero_argnums:
            return super().binary(primitive, a, b)
        if type(a) is type(b):
            if a.owner is not b.owner:
                return super().binary(primitive, a, b)
            left, right, first, second = a.value, b.value, a.node, b.node
            argnums: tuple[int, ...] = (0, 1)
        elif isinstance(a, Box):
            left, right, first, second, argnums = a.value, _constant(b), a.node, None, (0,)
        else:
            left, right, first, second, argnums = _constant(a), b.value, b.node, None, (1,)
        if left is None or right is None:
            return super().binary(primitive, a, b)
        y = primitive.call(left, right)
        pull, residuals = rule.vjp(y, (left, right), _NO_KEYWORDS, argnums)
        node = self._next_node()
        self.tape.append((node, pull, first, second, residuals))
        box = box_type(y)()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
        rule: Any = primitive.rule
        if rule.__class__ is not Linear:
            return self.process(primitive, (x, constant), {})
        y = primitive.call(x.value, constant)
        parent = x.node
        space = self._spaces_of_nodes.get(parent)
        if space is None:
            space = self._spaces_of_nodes[parent] = vspace(x.value)
        node = self._next_node()
        if rule.add_transpose is None:
            self.tape.append((node, rule.pull, parent, None, (space, (constant,), _NO_KEYWORDS)))
        else:
            self.tape.append((node, pull_in_place, None, None, (parent, rule, space, constant)))
        box = type(x)()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        rule = primitive.rule or primitive.required_rule()
        call = see(self, primitive, args, kwargs, rule.zero_argnums)
        if rule.__class__ is Zero or not call.argnums:
            return primitive.call(*call.args, **call.kwargs)
        known = rule.accept(primitive, call.args, call.kwargs, call.argnums)
        y = primitive.call(*call.args, **call.kwargs)
        if not primitive.dispatches:
            refuse_inner(y, self, primitive)
        if rule.__class__ is General and rule.vjp_argnums is None:
            pull, residuals = _transposed_jvp(rule, y, call, known)
        else:
            pull, residuals = rule.vjp(y, call.args, known, call.argnums)
        if rule.__class__ is Linear and rule.add_transpose is not None:
            return self._record(y, pull_in_place, (), (call.boxes[0].node, rule, vspace(call.args[0]), call.args[1]))
        parents = tuple([box.node for box in call.boxes])
        if call.holders or len(parents) > 2:
            pull, residuals, parents = _pull_by_box, (pull, residuals, call, parents), ()
        return self._record(y, pull, parents, residuals)

    def _record(self, y: Any, pull: Any, parents: tuple[int, ...], residuals: Any) -> Any:
        """Append an entry for the result `y`, and return its box, or a container of boxes.

        Without `parents`, the pull adds to the cotangents itself.
        """
        node = self._next_node()
        first, second = (*parents, None, None)[:2]
        if container_of(type(y)) is None:
            self.tape.append((node, pull, first, second, residuals))
            return self.box(y, node)
        leaves, structure = flatten(y)
        spaces = [vspace(leaf) if type(leaf) in BOX_TYPES else None for leaf in leaves]
        outer = _pull_leaves if parents else _pull_leaves_in_place
        self.tape.append((node, outer, first, second, (pull, residuals, structure, spaces)))
        boxes = []
        for place, (leaf, space) in enumerate(zip(leaves, spaces, strict=True)):
            if space is None:  # an integer among the results, for instance
                boxes.append(leaf)
                continue
            leaf_node = self._next_node()
            self.tape.append((leaf_node, _pull_into_leaf, None, None, (node, place, len(leaves))))
            boxes.append(self.box(leaf, leaf_node))
        return unflatten(structure, boxes)


def refuse_inner(y: Any, trace: Trace, primitive: Primitive) -> None:
    """Raise if the result of a primitive is followed by `trace` or one inside it: it used a box from its closure."""
    if not isinstance(y, Box) and container_of(type(y)) is None:
        return
    for leaf in flatten(y)[0]:
        if isinstance(leaf, Box) and leaf.owner.level >= trace.level:
            raise EscapedBoxError(
                f"{primitive.name} is a primitive, but uses a traced value that was not passed to it as an argument, "
                "so no rule could take account of it. Pass every traced value as an argument."
            )


class _Closed:
    """The tape of a trace that has ended."""

    def append(self, entry: Any) -> None:
        raise EscapedBoxError(
            "a traced value was used after the differentiation that made it had ended; it must have been kept in a "
            "variable outside of the differentiated function. Return it instead (`has_aux=True` makes room for it), "
            "or keep `stop_gradient(x)`."
        )


_CLOSED = _Closed()


def backward(
    tape: list[Any], nodes: int, inputs: list[VSpace], output: int, cotangent: Any, *, consume: bool = False
) -> list[Any]:
    """Pull `cotangent` of the node `output` back to the inputs, which are the first of the `nodes` on the tape.

    With `consume`, entries leave the tape as soon as they have been used, and their residuals with them: memory then
    peaks where that of a gradient written by hand does.
    """
    leaves = len(inputs)
    cotangents: list[Any] = [None] * nodes
    cotangents[output] = cotangent
    owned: set[int] = set()  # nodes whose cotangent is a buffer made here, which may be added to in place
    if not consume:
        tape = tape.copy()
    while tape:
        node, pull, first, second, residuals = tape.pop()
        g = cotangents[node]
        if g is None:
            continue
        cotangents[node] = None
        if first is None:
            pull(g, residuals, cotangents, owned)
            continue
        vector = pull(g, residuals)
        if second is not None:
            vector, other = vector
            known = cotangents[second]
            if known is not None:
                cotangents[second] = _sum(known, other, second, owned)
            else:
                cotangents[second] = other
                if second < leaves and pull in FRESH:
                    owned.add(second)
        known = cotangents[first]
        if known is not None:
            cotangents[first] = _sum(known, vector, first, owned)
        else:
            cotangents[first] = vector
            if first < leaves and pull in FRESH:
                owned.add(first)
    for number, space in enumerate(inputs):
        g = cotangents[number]
        if g is None:
            cotangents[number] = space.zeros()
        elif number not in owned or not space.contains(g):
            cotangents[number] = space.own(g)
    return cotangents[:leaves]


def _sum(known: Any, vector: Any, node: int, owned: set[int]) -> Any:
    """Return known + vector, in place where `known` is a buffer of this pass."""
    if node in owned and not isinstance(vector, Box):
        known += vector
        return known
    total = known + vector
    if isinstance(total, Box):
        owned.discard(node)
    else:
        owned.add(node)
    return total


def pull_in_place(g: Any, residuals: Any, cotangents: list[Any], owned: set[int]) -> None:
    """Add the transpose of a linear function that picks few entries into the cotangent of its argument, in place."""
    parent, rule, space, constant = residuals
    if parent in owned and type(g) in SPACES:  # a plain vector
        rule.add_transpose(cotangents[parent], g, space, constant)
        return
    known = cotangents[parent]
    if isinstance(g, Box) or isinstance(known, Box) or not space.mutable:
        # Numbers can't be written into, and where a derivative of the derivative follows this pass, nothing may be.
        vector = rule.transpose(g, space, constant)
        cotangents[parent] = vector if known is None else known + vector
        owned.discard(parent)
        return
    cotangents[parent] = known = space.zeros() if known is None else space.own(known)
    owned.add(parent)
    rule.add_transpose(known, g, space, constant)


def _pull_into_leaf(g: Any, residuals: Any, cotangents: list[Any], owned: set[int]) -> None:
    """Put the cotangent of one leaf of a result into the list that is the cotangent of the whole result."""
    parent, place, count = residuals
    if cotangents[parent] is None:
        cotangents[parent] = [None] * count
    cotangents[parent][place] = g


def _pull_leaves(leaf_cotangents: Any, residuals: Any) -> Any:
    """Pull the cotangents of the leaves of a result, with zeros for leaves that were not used."""
    pull, inner, structure, spaces = residuals
    return pull(_with_zeros(leaf_cotangents, structure, spaces), inner)


def _pull_leaves_in_place(leaf_cotangents: Any, residuals: Any, cotangents: list[Any], owned: set[int]) -> None:
    """Do the same with a pull that adds to the cotangents itself."""
    pull, inner, structure, spaces = residuals
    pull(_with_zeros(leaf_cotangents, structure, spaces), inner, cotangents, owned)


def _with_zeros(leaf_cotangents: Any, structure: Structure, spaces: list[VSpace | None]) -> Any:
    filled = [
        space.zeros() if g is None and space is not None else g
        for g, space in zip(leaf_cotangents, spaces, strict=True)
    ]
    return unflatten(structure, filled)


def _pull_by_box(g: Any, residuals: Any, cotangents: list[Any], owned: set[int]) -> None:
    """Pull to whole arguments, and add to the boxes, of any number, also inside of containers."""
    pull, inner, call, parents = residuals
    vectors = pull(g, inner)
    for parent, vector in zip(parents, by_box(call, vectors if len(call.argnums) > 1 else (vectors,)), strict=True):
        known = cotangents[parent]
        cotangents[parent] = vector if known is None else _sum(known, vector, parent, owned)


def _transposed_jvp(rule: General, y: Any, call: Call, kwargs: dict[str, Any]) -> tuple[Pull, Any]:
    """Derive reverse mode from a rule that has forward mode only."""
    spaces = [flatten_spaces(call.args[i]) for i in call.argnums]

    def push(*tangents: Any) -> Any:
        return rule.jvp(y, call.args, kwargs, call.argnums, tangents)

    def pull(g: Any, _: Any) -> Any:
        cotangents = linear_transpose(push, spaces)(g)
        return cotangents[0] if len(cotangents) == 1 else cotangents

    return pull, None


def flatten_spaces(value: Any) -> tuple[list[VSpace], Structure]:
    """Return the vector spaces of the leaves of a value, and its structure."""
    leaves, structure = flatten(value)
    return [vspace(leaf) for leaf in leaves], structure


def linear_transpose(
    function: Callable[..., Any], spaces: list[tuple[list[VSpace], Structure]]
) -> Callable[[Any], tuple[Any, ...]]:
    """Return the transpose of a linear function, found by tracing it at zero.

    `spaces` describe its arguments; the result maps a cotangent to a tuple with one vector for each argument.
    """

    def transposed(g: Any) -> tuple[Any, ...]:
        trace = ReverseTrace()
        arguments = [
            unflatten(structure, [trace.input(space.zeros()) for space in argument_spaces])
            for argument_spaces, structure in spaces
        ]
        vectors = pullback(trace, function(*arguments), consume=True)(g)
        parts = iter(vectors)
        return tuple(
            unflatten(structure, [next(parts) for _ in argument_spaces]) for argument_spaces, structure in spaces
        )

    return transposed


def pullback(trace: ReverseTrace, output: Any, *, consume: bool = False) -> Callable[[Any], list[Any]]:
    """Return the map from cotangents of `output`, what the traced function returned, to those of the inputs.

    `output` may be a container; leaves of it that are not boxes of `trace` are constants.
    """
    tape, spaces = trace.tape, trace.spaces
    node = None
    single = container_of(type(output)) is None
    if not single:
        # One more node gathers the leaves, so that the backward pass has one place to start.
        nodes_of_leaves = [_node(leaf, trace) for leaf in flatten(output)[0]]
        node = trace._next_node()
        tape.append((node, _pull_apart, None, None, nodes_of_leaves))
    else:
        node = _node(output, trace)
    count = trace._next_node()

    def pull(cotangent: Any) -> list[Any]:
        if node is None:
            return [space.zeros() for space in spaces]
        seed = cotangent if single else flatten(cotangent)[0]
        return backward(tape, count, spaces, node, seed, consume=consume)

    return pull


def _node(leaf: Any, trace: Trace) -> int | None:
    """Return the node of a leaf, or None if `trace` does not follow it."""
    return leaf.node if isinstance(leaf, Box) and leaf.owner is trace else None


def _pull_apart(parts: Any, nodes: Any, cotangents: list[Any], owned: set[int]) -> None:
    """Distribute the cotangent of a container to the nodes of its leaves."""
    for node, part in zip(nodes, parts, strict=True):
        if node is not None and part is not None:
            known = cotangents[node]
            cotangents[node] = part if known is None else _sum(known, part, node, owned)
