"""Reverse mode: a tape, and one walk along it from the end.

While the function runs, each operation on a box appends an entry to its trace's tape: the number of the node it
made, how to pull a cotangent back through it (*pull*), to which nodes (*first* and *second* parent), and what that
needs (*residuals*). The backward pass reads the tape from its end. Every entry finds the cotangent of its node
complete, because all uses of a value come later on the tape than the value itself.

An entry is the tuple ``(node, pull, first, second, residuals)``:

==================  ===================================================================================
one parent          second is None, and ``pull(g, residuals)`` is its cotangent
two parents         ``pull(g, residuals)`` is a pair of cotangents
any other number    both are None, and ``pull(g, residuals, cotangents, buffers)`` adds to the cotangents itself;
                    g may be None
==================  ===================================================================================
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from autodiff.arguments import Call, constant_operand, kept, outcome, see
from autodiff.backward import (
    backward,
    pull_by_box,
    pull_in_place,
    pull_into_leaf,
    pull_leaves,
    pull_leaves_in_place,
    pull_numbers,
    pull_overwritten,
)
from autodiff.batching import BatchTrace
from autodiff.containers import container_of, flatten, unflatten
from autodiff.elementwise import Elementwise
from autodiff.errors import EscapedBoxError
from autodiff.general import General
from autodiff.keeping import KEEPERS, Hold, keep
from autodiff.linear import Bilinear, Linear
from autodiff.overwriting import Overwriting
from autodiff.primitive import Primitive
from autodiff.reduction import Reduction
from autodiff.references import count_references
from autodiff.rule import Pull, Zero
from autodiff.stacks import backward_in_stacks
from autodiff.trace import BOX_TYPES, BatchBox, Box, Trace, box_type, is_variable, kind_of, next_level, refuse_escaped
from autodiff.vspace import UNIFORM, WEAK, VSpace, same_space, spaces_of, vspace

_NO_KEYWORDS: dict[str, Any] = {}

_UNARY_FORMS: frozenset[Any] = frozenset({Elementwise, Reduction})
BINARY_FORMS: frozenset[Any] = frozenset({Elementwise, Bilinear})


class ReverseTrace(Trace):
    """Record, for every operation, how to pull a cotangent back through it."""

    __slots__ = ("_inputs", "_next_node", "_recorded", "_shared", "holds", "spaces", "tape")

    def __init__(self) -> None:
        self.level = next_level()  # as in `Trace`; a call of its constructor would cost as much as all of this
        # Nodes are numbered by a counter, not by their place on the tape: a thread may come between taking a
        # number and appending. The order on the tape is still one in which parents come first.
        self._next_node: Callable[[], int] = itertools.count().__next__
        self.tape: Any = []
        self.spaces: list[VSpace] = []  # of the inputs
        self._inputs: list[Any] = []  # another reference, as the user has one: see `references.py`
        self.holds: dict[Any, Hold] = {}  # on plain values that must not change, see `keeping.py`
        self._shared: dict[int, tuple[Linear, VSpace, Any, dict[int, Any] | None]] = {}  # see `_share`

    def input(self, value: Any) -> Any:
        """Return the box of an input. Inputs are the first nodes."""
        value = value.frozen() if isinstance(value, Box) else value
        kind = box_type(value)
        kind.check_input(value)
        self.spaces.append(vspace(value))
        if type(value) in KEEPERS:
            value = KEEPERS[type(value)].keep(value, self.holds)
            self._inputs.append(value)
        return self.box(value, self._next_node())

    @property
    def ended(self) -> bool:
        return self.tape is _CLOSED

    def close(self, output: Any = None) -> None:
        """End the forward pass: from now on, using a box of this trace is an error.

        `output`, what the traced function returned, may hold boxes of this trace and of outer ones, and constants.
        """
        self._recorded, self.tape = self.tape, _CLOSED
        self._shared = {}
        if self.holds:
            for hold in self.holds.values():
                hold.release()
        if not isinstance(output, Box) or output.owner is not self:
            for leaf in flatten(output)[0]:
                refuse_escaped(leaf, self)

    def pull(self, output: Any, cotangent: Any, *, once: bool = False) -> list[Any]:
        """Return the cotangents of the inputs for a cotangent of `output`, what the traced function returned.

        With `once`, there can be no other call, and memory is freed on the way.
        """
        if isinstance(cotangent, BatchBox) and cotangent.owner.level > self.level:  # no residual belongs to the batch
            batch: Any = cotangent.owner
            return list(map(batch.box, self._pull_stack(output, cotangent.node, batch)))
        tape = self._recorded if once else self._recorded.copy()
        if isinstance(output, Box):
            seeds = [(output.node, cotangent)] if output.owner is self else []
        else:
            pairs = zip(flatten(output)[0], flatten(cotangent)[0], strict=True)
            seeds = [(leaf.node, g) for leaf, g in pairs if isinstance(leaf, Box) and leaf.owner is self]
        return backward(tape, self._next_node(), self.spaces, seeds)

    def pull_stack(self, output: Any, stack: Any, batch: BatchTrace) -> list[Any]:
        """Return stacks of the cotangents of the inputs for a stack of cotangents of `output`, which is a leaf."""
        return self._pull_stack(output, stack, batch)

    # What `pull` and `pull_stack` share: who watches the two, as `autodiff.debug` does, sees each pass once.
    def _pull_stack(self, output: Any, stack: Any, batch: BatchTrace) -> list[Any]:
        if not isinstance(output, Box) or output.owner is not self:
            return [batch.batching.repeat(space.zeros(), batch.size) for space in self.spaces]
        return backward_in_stacks(self._recorded, self._next_node(), self.spaces, (output.node, stack), batch)

    def references(self, node: Any, value: Any) -> int:
        later = itertools.takewhile(lambda entry: entry[0] >= node, reversed(() if self.ended else self.tape))
        return count_references([entry[4] for entry in later], value)

    # The next three methods are the hot path: `process`, written out for elementwise functions of operands whose space
    # is that of the result, so that nothing needs projection, and for linear ones. The rest is left to `process`.

    def unary(self, primitive: Primitive, x: Any) -> Any:
        step = primitive.unary_step
        if step is None:
            return self._unary_by_rule(primitive, x)
        value = x.value
        kind = type(x)
        nested = type(value) is kind  # a box of an outer trace goes there directly; the function would lead there, too
        y = value.owner.unary(primitive, value) if nested else primitive.call(value)
        if not same_space(y, value) if nested else type(y) is not type(value):
            return self._unary_by_rule(primitive, x, y)
        pull, keeps_y, keeps_x = step
        node = self._next_node()
        residuals = (y, value) if keeps_y and keeps_x else value if keeps_x else y if keeps_y else None
        self.tape.append((node, pull, x.node, None, residuals))
        box = kind()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
        steps = primitive.binary_steps
        if steps is None:
            return self._binary_by_rule(primitive, a, b)
        kind = type(a)
        second = None
        if kind is type(b):
            left = value = a.value
            right = b.value
            if a.owner is not b.owner or not (
                left is right or type(left) is type(right) in UNIFORM or same_space(left, right)
            ):
                return self._binary_by_rule(primitive, a, b)
            first, second = a.node, b.node
            pull, keeps = steps[2]
        elif isinstance(a, Box) and a.owner is self:
            left = value = a.value
            right = b
            if type(b) not in WEAK and not same_space(left, right):
                return self._binary_by_rule(primitive, a, b)
            first = a.node
            pull, keeps = steps[0]
            if keeps is not None and type(b) in KEEPERS:
                right = KEEPERS[type(b)].keep(b, self.holds)
        else:
            left = a
            right = value = b.value
            if kind not in WEAK and not same_space(left, right):
                return self._binary_by_rule(primitive, a, b)
            first = b.node
            pull, keeps = steps[1]
            if keeps is not None and kind in KEEPERS:
                left = KEEPERS[kind].keep(a, self.holds)
            kind = type(b)
        nested = type(value) is kind
        y = value.owner.binary(primitive, left, right) if nested else primitive.call(left, right)
        if not same_space(y, value) if nested else type(y) is not type(value):
            return self._binary_by_rule(primitive, a, b, y)
        residuals = keeps and (y if keeps[0] else None, left if keeps[1] else None, right if keeps[2] else None)
        node = self._next_node()
        self.tape.append((node, pull, first, second, residuals))
        box = kind()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def _unary_by_rule(self, primitive: Primitive, x: Any, y: Any = None) -> Any:
        """Apply a function of one array without options: `process` for one box. `y` is the result if it is known."""
        rule: Any = primitive.rule
        if rule.__class__ not in _UNARY_FORMS:
            return self.process(primitive, (x,), {})
        args, argnums = (x.value,), (0,)
        rule.accept(primitive, args, _NO_KEYWORDS, argnums)
        if y is None:
            y = primitive.call(x.value)
        pull, residuals = rule.vjp(y, args, _NO_KEYWORDS, argnums)
        return self._record(y, pull, (x.node,), residuals)

    def _binary_by_rule(self, primitive: Primitive, a: Any, b: Any, y: Any = None) -> Any:
        """Apply a product, or an elementwise function that broadcasts: `process` for two operands."""
        rule: Any = primitive.rule
        if rule.__class__ not in BINARY_FORMS or rule.zero_argnums:
            return super().binary(primitive, a, b)
        if type(a) is type(b):
            if a.owner is not b.owner:
                return super().binary(primitive, a, b)
            left, right, first, second = a.value, b.value, a.node, b.node
            argnums: tuple[int, ...] = (0, 1)
        elif isinstance(a, Box) and a.owner is self:
            left, right, first, second, argnums = a.value, constant_operand(b), a.node, None, (0,)
        else:
            left, right, first, second, argnums = constant_operand(a), b.value, b.node, None, (1,)
        if left is None or right is None:
            return super().binary(primitive, a, b)
        if y is None:
            y = primitive.call(left, right)
        if second is None:
            constant = left if argnums[0] else right
            if type(constant) in KEEPERS and rule.keeps(1 - argnums[0], argnums):
                constant = KEEPERS[type(constant)].keep(constant, self.holds)
                left, right = (constant, right) if argnums[0] else (left, constant)
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
        shared = self._shared.get(parent)
        if shared is None or shared[0] is not rule:
            shared = self._share(rule, x)
        _, space, pull, numbers = shared
        node = self._next_node()
        if numbers is not None and (type(y) in UNIFORM or kind_of(y) in UNIFORM):
            numbers[node] = constant
        elif pull is not None:
            self.tape.append((node, pull, None, None, constant))
        else:
            self.tape.append((node, rule.pull, parent, None, (space, (constant,), _NO_KEYWORDS)))
        box = type(x)()
        box.value = y
        box.node = node
        box.owner = self
        return box

    def _share(self, rule: Linear, x: Any) -> Any:
        """Make, once, what all applications of a linear function to one value share.

        That is its space, a pull, and the numbers that are read out of it; these have one entry on the tape together.
        """
        parent, space = x.node, vspace(x.value)
        pull = pull_in_place(rule, parent, space) if rule.add_transpose is not None else None
        numbers: dict[int, Any] | None = None
        if rule.join is not None and space.mutable:
            numbers = {}
            self.tape.append((self._next_node(), pull_numbers(rule, parent, space), None, None, numbers))
        self._shared[parent] = shared = (rule, space, pull, numbers)
        return shared

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        rule = primitive.rule or primitive.required_rule()
        call = see(self, primitive, args, kwargs, rule.zero_argnums)
        if rule.__class__ is Zero or not call.argnums:
            return primitive.call(*call.args, **call.kwargs)
        known = rule.accept(primitive, call.args, call.kwargs, call.argnums)
        y = primitive.call(*call.args, **call.kwargs)
        if not primitive.dispatches:
            y = outcome(y, self, primitive)
        if rule.__class__ is Overwriting:
            return self._overwritten(rule, y, call)
        if len(call.args) > 1 or known or call.holders:
            call, known = kept(call, known, rule, self.holds)
        if isinstance(rule, General) and rule.vjp_argnums is None:
            pull, residuals = _transposed_jvp(rule, y, call, known)
        else:
            pull, residuals = rule.vjp(y, call.args, known, call.argnums)
        if isinstance(rule, Linear) and rule.add_transpose is not None and len(call.args) == 2 and not known:
            in_place = pull_in_place(rule, call.boxes[0].node, vspace(call.args[0]))
            return self._record(y, in_place, (), call.args[1])
        parents = tuple([box.node for box in call.boxes])
        outer: Any = pull
        if call.holders or len(parents) > 2:
            outer, residuals, parents = pull_by_box, (pull, residuals, call, parents), ()
        return self._record(y, outer, parents, residuals)

    def _overwritten(self, rule: Any, y: Any, call: Call) -> Any:
        """Record that entries of an array were overwritten. The pull has to know its own node; see `backward.py`."""
        nodes = {argnum: box.node for argnum, box in zip(call.argnums, call.boxes, strict=True)}
        space = vspace(call.args[1]) if 1 in nodes else None
        node = self._next_node()
        residuals = (rule, node, nodes.get(0), nodes.get(1), space, keep(call.args[2], self.holds))
        self.tape.append((node, pull_overwritten, None, None, residuals))
        return self.box(y, node)

    def _record(self, y: Any, pull: Any, parents: tuple[int, ...], residuals: Any) -> Any:
        """Append an entry for the result `y`, and return its box, or a container of boxes.

        Without `parents`, the pull adds to the cotangents itself.
        """
        if type(y) not in BOX_TYPES and container_of(type(y)) is None:
            return y  # an integer or a text: a constant
        node = self._next_node()
        first, second = (*parents, None, None)[:2]
        if container_of(type(y)) is None:
            self.tape.append((node, pull, first, second, residuals))
            return self.box(y, node)
        leaves, structure = flatten(y)
        spaces = spaces_of(leaves)
        outer = pull_leaves if parents else pull_leaves_in_place
        self.tape.append((node, outer, first, second, (pull, residuals, structure, spaces)))
        boxes = []
        for place, (leaf, space) in enumerate(zip(leaves, spaces, strict=True)):
            if space is None or not is_variable(leaf):
                boxes.append(leaf)
                continue
            leaf_node = self._next_node()
            self.tape.append((leaf_node, pull_into_leaf, None, None, (node, place, len(leaves))))
            boxes.append(self.box(leaf, leaf_node))
        return unflatten(structure, boxes)


class _Closed:
    """The tape of a trace that has ended."""

    def append(self, entry: Any) -> None:
        raise EscapedBoxError(
            "a traced value was used after the differentiation that made it had ended; it must have been kept in a "
            "variable outside of the differentiated function. Return it instead (`has_aux=True` makes room for it), "
            "or keep `stop_gradient(x)`."
        )


_CLOSED = _Closed()


class TransposingTrace(ReverseTrace):
    """Record a linear function, to find its transpose."""

    __slots__ = ()

    transposes = True


def _transposed_jvp(rule: General, y: Any, call: Call, kwargs: dict[str, Any]) -> tuple[Pull, Any]:
    """Derive reverse mode from a rule that has forward mode only."""
    arguments = tuple(call.args[i] for i in call.argnums)

    def push(*tangents: Any) -> Any:
        return rule.jvp(y, call.args, kwargs, call.argnums, tangents)

    def pull(g: Any, _: Any) -> Any:
        cotangents = linear_transpose(push, arguments)(g)
        return cotangents[0] if len(cotangents) == 1 else cotangents

    return pull, None


def linear_transpose(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Return the transpose of a linear function of vectors of the spaces of `arguments`, found by tracing it.

    It is the same wherever the function is traced. That is done at vectors of ones, as functions may have a short cut
    for zeros. The result maps a cotangent to a tuple with one vector for each argument.
    """
    leaves, structure = flatten(arguments)
    spaces = spaces_of(leaves)

    def transposed(g: Any) -> tuple[Any, ...]:
        trace = TransposingTrace()
        ones = [0.0 if space is None else trace.input(space.ones()) for space in spaces]
        output = function(*unflatten(structure, ones))
        trace.close(output)
        vectors = iter(trace.pull(output, g, once=True))
        result: tuple[Any, ...] = unflatten(structure, [0.0 if space is None else next(vectors) for space in spaces])
        return result

    return transposed
