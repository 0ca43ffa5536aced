"""Functions of entries, and of matrices, which NumPy applies to stacks of them anyway.

What works entry by entry needs its operands aligned, so that their axes broadcast as they do in each example.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy

from autodiff.extend import Same, primitive_of
from autodiff_numpy import shortcuts
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, with_axes
from autodiff_numpy.rules.linalg import cofactors

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def entry_by_entry(s: Stacked) -> Any:
    """Align the operands, so that their axes are broadcast as in each example."""
    if any(name not in ("dtype", "casting") for name in s.kwargs):
        return NotImplemented
    if s.primitive.fun is numpy.where and len(s.args) != 3:  # of a condition alone, it returns indices
        return NotImplemented
    if len(s.args) == 1:
        return s.call(s.args[0], **s.kwargs) if s.parts[0] is True else NotImplemented
    operands = _aligned(s)
    return operands if operands is NotImplemented else s.call(*operands, **s.kwargs)


def _aligned(s: Stacked) -> Any:
    ndims = [s.ndim(place) for place in range(len(s.args))]
    most = max(ndims)
    operands = []
    for arg, batched, part, ndim in zip(s.args, s.batched, s.parts, ndims, strict=True):
        if batched:
            if part is not True:
                return NotImplemented
            arg = with_axes(arg, most - ndim)
        operands.append(arg)
    return operands


def as_it_is(s: Stacked) -> Any:
    """Apply what does the same to each entry of its first argument, by options that are no arrays."""
    options = (*s.args[1:], *s.kwargs.values())
    return s.call(*s.args, **s.kwargs) if s.first_only() and not any(map(np.ndim, options)) else NotImplemented


def matrices(s: Stacked) -> Any:
    """Apply what takes stacks of matrices anyway."""
    return s.call(*s.args, **s.kwargs) if s.first_only() and s.ndim(0) >= 2 else NotImplemented


def of_one(s: Stacked) -> Any:
    """Ask for what is the same in all examples, as their shape is."""

    def first(value: Any, part: Any) -> Any:
        if part is True:
            return value[0]
        return value

    if any(part is not True and batched for part, batched in zip(s.parts, s.batched, strict=True)):
        return NotImplemented
    return Same(s.call(*map(first, s.args, s.parts), **s.kwargs))


RULES: dict[Any, BatchingRule] = {
    **dict.fromkeys((operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne), entry_by_entry),
    **dict.fromkeys((operator.floordiv, numpy.clip, numpy.isclose), entry_by_entry),
    **dict.fromkeys((numpy.nan_to_num, numpy.real, numpy.imag, numpy.copy, numpy.angle, numpy.round), as_it_is),
    shortcuts.convert: as_it_is,
    shortcuts.as_kind: lambda s: s.args[0],
    **dict.fromkeys((numpy.tril, numpy.triu, numpy.matrix_transpose, numpy.linalg.matrix_transpose), matrices),
    **dict.fromkeys((numpy.linalg.inv, numpy.linalg.det, numpy.linalg.slogdet, numpy.linalg.cholesky), matrices),
    **dict.fromkeys((numpy.linalg.eigh, numpy.linalg.eigvalsh, numpy.linalg.svdvals), matrices),
    **dict.fromkeys((numpy.linalg.matrix_power, numpy.linalg.svd, numpy.linalg.qr), matrices),
    primitive_of(cofactors).fun: matrices,
    **dict.fromkeys((numpy.shape, numpy.ndim, numpy.size, numpy.result_type, numpy.iscomplexobj), of_one),
    **dict.fromkeys((numpy.isrealobj, numpy.zeros_like, numpy.ones_like, numpy.empty_like), of_one),
}
