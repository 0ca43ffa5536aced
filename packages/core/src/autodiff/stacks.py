"""The backward pass for a stack of cotangents: all rows of a Jacobian in one walk along the tape.

The cotangent of a node is a stack of vectors, without a box. A pull that works entry by entry takes it as it is, as
entries, and broadcasting, are counted from the last axis. Other pulls get a box of a batch, see `batching.py`, unless
the batching has a short cut for them.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from autodiff.backward import pull_into_leaf, walk
from autodiff.batching import BatchTrace
from autodiff.rule import ENTRYWISE, FRESH, Pull
from autodiff.trace import Box, ManyValues
from autodiff.vspace import VSpace


def backward_in_stacks(
    tape: list[Any], nodes: int, inputs: list[VSpace], seed: tuple[int, Any], batch: BatchTrace
) -> list[Any]:
    """Pull a stack of cotangents of one node back to the inputs, as `backward` does a single one."""
    entries = [entry if entry[1] in ENTRYWISE else _for_stacks(entry, batch) for entry in tape]
    cotangents, buffers = walk(entries, nodes, len(inputs), [seed])
    batching = batch.batching
    found: list[Any] = []
    for number, space in enumerate(inputs):
        stack = cotangents[number]
        if stack is None:
            stack = batching.repeat(space.zeros(), batch.size)
        elif not batching.fits(stack, space):
            stack = batch.stacked(space.project(batch.box(stack)))
        found.append(stack if number in buffers else batching.own(stack, found))
    return found


def _for_stacks(entry: tuple[Any, ...], batch: BatchTrace) -> tuple[Any, ...]:
    """Return an entry of a tape that takes stacks."""
    node, pull, first, second, residuals = entry
    if pull == pull_into_leaf:  # it only puts the cotangent elsewhere
        return entry
    if first is None:
        return node, _pull_by_box_in_place, None, None, (pull, residuals, batch)
    # What stands for a pull, in order to watch it, has to be called.
    short_cut = batch.batching.pulls.get(pull) if type(pull) is FunctionType else None
    if short_cut is not None:
        stacked: Pull = _pull_by_short_cut_freshly if pull in FRESH else _pull_by_short_cut
        return node, stacked, first, second, (pull, residuals, batch, short_cut)
    return node, _pull_by_box_freshly if pull in FRESH else _pull_by_box, first, second, (pull, residuals, batch)


def _pull_by_box(g: Any, residuals: Any) -> Any:
    pull, inner, batch = residuals
    vectors = pull(batch.box(g), inner)
    if type(vectors) in (tuple, list):
        return [_opened(vector, batch) for vector in vectors]
    return _opened(vectors, batch)


def _pull_by_short_cut(g: Any, residuals: Any) -> Any:
    pull, inner, batch, short_cut = residuals
    stack = short_cut(g, inner)
    return _pull_by_box(g, (pull, inner, batch)) if stack is NotImplemented else stack


def _pull_by_box_freshly(g: Any, residuals: Any) -> Any:
    return _pull_by_box(g, residuals)


def _pull_by_short_cut_freshly(g: Any, residuals: Any) -> Any:
    return _pull_by_short_cut(g, residuals)


FRESH.update((_pull_by_box_freshly, _pull_by_short_cut_freshly))


def _pull_by_box_in_place(g: Any, residuals: Any, cotangents: list[Any], buffers: set[int]) -> None:
    pull, inner, batch = residuals
    # Boxes are never added to in place: such a pull has no buffers of its own.
    pull(_boxed(g, batch), inner, _BoxedCotangents(cotangents, buffers, batch), set())


class _BoxedCotangents:
    """The list of cotangents, for pulls that read and write it: they see boxes instead of stacks."""

    def __init__(self, cotangents: list[Any], buffers: set[int], batch: BatchTrace) -> None:
        self._cotangents, self._buffers, self._batch = cotangents, buffers, batch

    def __getitem__(self, node: int) -> Any:
        return _boxed(self._cotangents[node], self._batch)

    def __setitem__(self, node: int, vector: Any) -> None:
        self._cotangents[node] = _opened(vector, self._batch)
        self._buffers.discard(node)


def _boxed(g: Any, batch: BatchTrace) -> Any:
    """Put a stack, or the stacks of the leaves of a result, into boxes."""
    if type(g) is list:
        return [_boxed(leaf, batch) for leaf in g]
    return None if g is None else batch.box(g)


def _opened(vector: Any, batch: BatchTrace) -> Any:
    """Return the stack in a box; of what is no box of the batch, as many copies."""
    if isinstance(vector, Box) and vector.owner is batch:
        return vector.node
    if not batch.batching.axes(vector):  # a number may stand for a vector of whatever shape
        raise ManyValues
    return batch.batching.repeat(vector, batch.size)
