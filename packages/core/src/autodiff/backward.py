"""The backward pass: one walk along the tape, from its end.

It reads the entries ``(node, pull, first, second, residuals)`` that `ReverseTrace` wrote, and adds up cotangents in
one list, by node. Pulls that add to the cotangents themselves, because they have to do with containers or with single
entries of arrays, stand here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from autodiff.arguments import by_box
from autodiff.containers import Structure, unflatten
from autodiff.rule import FRESH
from autodiff.trace import Box
from autodiff.vspace import SAME_SPACE, VSpace

if TYPE_CHECKING:
    from autodiff.linear import Linear

#: Up to so many numbers that were read out of an array are put back one by one.
_FEW = 12


def backward(tape: list[Any], nodes: int, inputs: list[VSpace], seeds: Iterable[tuple[int, Any]]) -> list[Any]:
    """Pull cotangents of some nodes, the `seeds`, back to the inputs, which are the first of the `nodes` on the tape.

    Entries leave the tape as soon as they have been used, and their residuals with them if nobody else has the tape:
    memory then peaks where that of a gradient written by hand does.
    """
    cotangents, buffers = walk(tape, nodes, len(inputs), seeds)
    for number, space in enumerate(inputs):
        g = cotangents[number]
        if g is None:
            cotangents[number] = space.zeros()
        elif number not in buffers or not space.contains(g):
            cotangents[number] = space.own(g)
    return cotangents[: len(inputs)]


def walk(tape: list[Any], nodes: int, leaves: int, seeds: Iterable[tuple[int, Any]]) -> tuple[list[Any], set[int]]:
    """Walk along the tape; the first nodes, as many as `leaves`, are the inputs.

    Returns a list with the cotangents of the inputs, by node, and the nodes of which the cotangents were made here.
    """
    cotangents: list[Any] = [None] * nodes
    buffers: set[int] = set()  # nodes whose cotangent is an array made here, which may be added to in place
    for node, g in seeds:
        known = cotangents[node]
        cotangents[node] = g if known is None else add_cotangent(known, g, node, buffers)
    while tape:
        node, pull, first, second, residuals = tape.pop()
        g = cotangents[node]
        cotangents[node] = None
        if first is None:
            pull(g, residuals, cotangents, buffers)
            continue
        if g is None:  # the result does not depend on this node
            continue
        vector = pull(g, residuals)
        if second is not None:
            vector, other = vector
            known = cotangents[second]
            if known is not None:
                cotangents[second] = add_cotangent(known, other, second, buffers)
            else:
                cotangents[second] = other
                if second < leaves and pull in FRESH and type(other) in SAME_SPACE:
                    buffers.add(second)
        known = cotangents[first]
        if known is not None:
            cotangents[first] = add_cotangent(known, vector, first, buffers)
        else:
            cotangents[first] = vector
            if first < leaves and pull in FRESH and type(vector) in SAME_SPACE:
                buffers.add(first)
    return cotangents, buffers


def add_cotangent(known: Any, vector: Any, node: int, buffers: set[int]) -> Any:
    """Return known + vector, in place where `known` is a buffer of this pass."""
    if node in buffers and not isinstance(vector, Box):
        known += vector
        return known
    total = known + vector
    if type(total) in SAME_SPACE:
        buffers.add(node)
    else:  # a number, or a box, which must not be written into
        buffers.discard(node)
    return total


def pull_in_place(rule: Linear, parent: int, space: VSpace) -> Callable[..., None]:
    """Return the pull of a linear function that picks few entries out of the node `parent`, a vector of `space`.

    It adds to the cotangent of the argument in place, and takes the function's constant as its residuals.
    """
    add_transpose: Any = rule.add_transpose

    def pull(g: Any, constant: Any, cotangents: list[Any], buffers: set[int]) -> None:
        if g is None:
            return
        known = cotangents[parent]
        if isinstance(g, Box) or isinstance(known, Box) or not space.mutable:
            # Numbers can't be written into; and where this pass is differentiated itself, nothing may be.
            vector = rule.transpose(g, space, constant)
            cotangents[parent] = vector if known is None else known + vector
            buffers.discard(parent)
            return
        if parent not in buffers:
            cotangents[parent] = known = space.zeros() if known is None else space.own(known)
            buffers.add(parent)
        add_transpose(known, g, space, constant)

    return pull


def pull_numbers(rule: Linear, parent: int, space: VSpace) -> Callable[..., None]:
    """Return the pull of all numbers that were read out of the node `parent`, one at a time.

    It stands on the tape before the first of them is used, so that it is called when the cotangents of all are
    complete. Its residuals are a dict from their nodes to the constants that picked them.
    """
    join: Any = rule.join
    pull_one = pull_in_place(rule, parent, space)

    def pull(_: Any, numbers: dict[int, Any], cotangents: list[Any], buffers: set[int]) -> None:
        used = [(cotangents[node], constant) for node, constant in numbers.items() if cotangents[node] is not None]
        if len(used) > _FEW:
            gs, constants = zip(*used, strict=True)
            used = [join(gs, space, constants)]
        for g, constant in used:
            pull_one(g, constant, cotangents, buffers)

    return pull


def pull_overwritten(g: Any, residuals: Any, cotangents: list[Any], buffers: set[int]) -> None:
    """Pull back through an assignment: to the value what the entries at the index have, to the array all the others.

    Where the array of cotangents was made in this pass, it becomes that of the array before the assignment, with zeros
    at the index: a loop that fills an array entry by entry takes no more time for its gradient than for itself.
    """
    if g is None:
        return
    rule, node, array, value, space, index = residuals
    if value is not None:
        vector = space.project(rule.pick(g, space, index))
        known = cotangents[value]
        cotangents[value] = vector if known is None else add_cotangent(known, vector, value, buffers)
    if array is not None:
        known = cotangents[array]
        owned = node in buffers
        rest = rule.fun(g, 0.0, index, owned) if owned else rule.call(g, 0.0, index, owned)
        if known is not None:
            cotangents[array] = add_cotangent(known, rest, array, buffers)
        else:
            cotangents[array] = rest
            if type(rest) in SAME_SPACE:
                buffers.add(array)


def pull_into_leaf(g: Any, residuals: Any, cotangents: list[Any], buffers: set[int]) -> None:
    """Put the cotangent of one leaf of a result into the list that is the cotangent of the whole result."""
    if g is None:
        return
    parent, place, count = residuals
    if cotangents[parent] is None:
        cotangents[parent] = [None] * count
    cotangents[parent][place] = g


def pull_leaves(leaf_cotangents: Any, residuals: Any) -> Any:
    """Pull the cotangents of the leaves of a result, with zeros for leaves that were not used."""
    pull, inner, structure, spaces = residuals
    return pull(_with_zeros(leaf_cotangents, structure, spaces), inner)


def pull_leaves_in_place(leaf_cotangents: Any, residuals: Any, cotangents: list[Any], buffers: set[int]) -> None:
    """Do the same with a pull that adds to the cotangents itself."""
    if leaf_cotangents is None:
        return
    pull, inner, structure, spaces = residuals
    pull(_with_zeros(leaf_cotangents, structure, spaces), inner, cotangents, buffers)


def _with_zeros(leaf_cotangents: Any, structure: Structure, spaces: list[VSpace | None]) -> Any:
    filled = [
        g if g is not None else 0.0 if space is None else space.zeros()
        for g, space in zip(leaf_cotangents, spaces, strict=True)
    ]
    return unflatten(structure, filled)


def pull_by_box(g: Any, residuals: Any, cotangents: list[Any], buffers: set[int]) -> None:
    """Pull to whole arguments, and add to the boxes, of any number, also inside of containers."""
    if g is None:
        return
    pull, inner, call, parents = residuals
    vectors = pull(g, inner)
    for parent, vector in zip(parents, by_box(call, vectors if len(call.argnums) > 1 else (vectors,)), strict=True):
        known = cotangents[parent]
        cotangents[parent] = vector if known is None else add_cotangent(known, vector, parent, buffers)
