"""How functions of NumPy are applied to stacks of examples, for `vmap`.

A stack has the examples along its first axis. Each file ends in a table: function -> its batching rule. Functions with
an elementwise rule, and ufuncs, need none. All others are applied to one example after the other, which is right for
all of them.
"""

from __future__ import annotations

from typing import Any

import numpy

from autodiff.extend import Elementwise, Primitive, flatten
from autodiff_numpy.batching_rules import axes, entries, indexing, products, shapes
from autodiff_numpy.batching_rules.entries import entry_by_entry
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, UnknownNames

RULES: dict[Any, BatchingRule] = {
    **entries.RULES,
    **axes.RULES,
    **shapes.RULES,
    **indexing.RULES,
    **products.RULES,
}


def apply_stacked(primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], batched: Any) -> Any:
    """Apply a function to stacks; NotImplemented where no batching rule knows how."""
    rule = RULES.get(primitive.fun)
    if rule is None:
        fun = primitive.fun
        if isinstance(primitive.rule, Elementwise) or (isinstance(fun, numpy.ufunc) and fun.signature is None):
            rule = entry_by_entry
        else:
            return NotImplemented
    if kwargs and any(flatten(batched[1])[0]):
        return NotImplemented
    flags = tuple([part if part.__class__ is bool else any(flatten(part)[0]) for part in batched[0]])
    try:
        return rule(Stacked(primitive, args, kwargs, flags, batched[0]))
    except UnknownNames:
        return NotImplemented
