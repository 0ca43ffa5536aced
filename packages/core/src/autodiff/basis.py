"""Linear functions applied to all vectors of a basis: in one batch, or, where that cannot be done, one by one."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

from autodiff.batching import Batching, known_batching
from autodiff.errors import InputError
from autodiff.trace import ManyValues
from autodiff.vspace import VSpace

#: ``product(vector) -> leaves of the result``.
Product = Callable[[Any], list[Any]]
#: The same for a stack of vectors: ``product(batching, stack, how many) -> leaves of the result, stacked``.
ProductOfStack = Callable[[Batching, Any, int], list[Any]]


def check_chunk_size(chunk_size: Any) -> None:
    """Raise unless the number of vectors in a batch is positive, or None for all."""
    number = isinstance(chunk_size, Integral) and not isinstance(chunk_size, bool)
    if chunk_size is not None and not (number and chunk_size > 0):
        raise InputError(
            f"chunk_size is the number of vectors in a batch, or None for all; it cannot be {chunk_size!r}."
        )


def on_basis(
    space: VSpace,
    product: Product,
    combine: Callable[..., list[Any]],
    chunk_size: int | None,
    product_of_stack: ProductOfStack,
    *,
    forward: bool = False,
) -> list[Any]:
    """Apply a linear function to each vector of the basis of a space.

    ``combine(apply)`` computes what is wanted of one vector by ``apply(factor)``, the product of the vector times a
    factor; of many at once, if these are stacks, by `product_of_stack`. In forward mode, with `forward`, that gets what
    `Batching.directions` returns. Returns for each leaf of the result a stack, or a list with an entry for each vector;
    an empty list for a space without any.
    """
    batching = known_batching()
    if batching is not None and space.size > 1 and chunk_size != 1:
        size = chunk_size or space.size
        starts = range(0, space.size, size)
        try:
            chunks = [
                _at_once(batching, space, product_of_stack, combine, i, min(i + size, space.size), forward=forward)
                for i in starts
            ]
        except (Exception, ManyValues):  # noqa: BLE001
            # A rule, perhaps of the user's, can do with one vector what it cannot with a batch: use compiled code, or
            # decide by the numbers. If there is an error with single vectors, too, it is raised from there.
            pass
        else:
            return (
                chunks[0] if len(chunks) == 1 else [batching.join(list(column)) for column in zip(*chunks, strict=True)]
            )
    found = [combine(lambda factor, v=vector: product(v if factor == 1 else v * factor)) for vector in space.basis()]
    return [list(column) for column in zip(*found, strict=True)]


def _at_once(
    batching: Batching,
    space: VSpace,
    product_of_stack: ProductOfStack,
    combine: Callable[..., list[Any]],
    start: int,
    stop: int,
    *,
    forward: bool,
) -> list[Any]:
    """Return the stacks for some of the vectors."""
    basis = batching.directions(space, start, stop) if forward else batching.basis(space, start, stop)
    if basis is None:
        raise ManyValues
    return combine(lambda factor: product_of_stack(batching, basis if factor == 1 else basis * factor, stop - start))


def arranged(space: VSpace, found: Any, other: VSpace, *, last: bool) -> Any:
    """Bring what `on_basis` found to the shape ``space.shape + other.shape``, or the other way round if `last`."""
    if isinstance(found, list):
        return space.stack_last(found, other) if last else space.stack(found, other)
    batching = known_batching()
    assert batching is not None  # it made the stack
    return batching.unfold(found, space.shape, last=last)
