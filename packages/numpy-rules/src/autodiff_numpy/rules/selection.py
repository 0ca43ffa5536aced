"""Choosing between arrays.  https://numpy.org/doc/stable/reference/routines.indexing.html#indexing-like-operations"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.extend import elementwise, general, primitive_of, times
from autodiff_numpy.masking import masked
from autodiff_numpy.nesting import fit, shape_of, spaces_of
from autodiff_numpy.vspace import ArraySpace


def _masks(condlist: Any) -> tuple[list[Any], Any]:
    """Return for each choice where it is taken, and where the default is."""
    masks = []
    left: Any = np.True_
    for condition in condlist:
        masks.append(np.logical_and(left, condition))
        left = np.logical_and(left, np.logical_not(condition))
    return masks, left


def _select_choices(y: Any, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    masks, _ = _masks(condlist)
    spaces = [spaces_of(choice) for choice in choicelist]
    together = type(choicelist) if isinstance(choicelist, list | tuple) else np.stack
    return lambda g: together([_fit(masked(g, mask), part) for mask, part in zip(masks, spaces, strict=True)])


def _fit(g: Any, spaces: Any) -> Any:
    """Sum what broadcasting had repeated; `spaces` are nested where the choice is a list."""
    if isinstance(spaces, list | tuple):
        g = ArraySpace(shape_of(spaces), g.dtype, np.ndarray).project(g)
    return fit(g, spaces)


def _select_default(y: Any, condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    _, left = _masks(condlist)
    spaces = spaces_of(default)
    return lambda g: _fit(masked(g, left), spaces)


# NumPy does not ask the default whether it is traced, so `select` is not left to find boxes of outer traces itself.
primitive_of(np.select)

# fmt: off
RULES = (
    elementwise(np.where,  None, times(lambda g, y, condition, a, b: masked(g, condition)),
                                 times(lambda g, y, condition, a, b: masked(g, np.logical_not(condition)))),
    general(np.select,     vjp=(None, _select_choices, _select_default)),
)
# fmt: on
