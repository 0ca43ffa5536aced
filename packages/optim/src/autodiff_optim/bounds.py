"""Bounds on parameters in a container, as the two vectors that SciPy's solvers take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.optimize import Bounds

from autodiff.containers import Structure, container_of, describe, labels, leaf_paths
from autodiff.errors import InputError, StructureError
from autodiff_optim.flat_parameters import FlatParameters, Leaf

FORMS = (
    "A pair (low, high) of numbers or None holds for all entries; a container like `params` has a pair, or an array "
    "with one pair for each entry, in the place of each leaf, or None; and scipy.optimize.Bounds(low, high) takes "
    "containers like `params`, or numbers."
)


def flat_bounds(bounds: Any, flat: FlatParameters) -> Bounds | None:
    """Return the bounds of all entries of the vector, or None if there are none."""
    if bounds is None:
        return None
    low, high = np.full(flat.size, -np.inf), np.full(flat.size, np.inf)
    keep_feasible = False
    if isinstance(bounds, Bounds):
        _fill(low, _for_leaves(_unwrapped(bounds.lb), flat, "bounds.lb"), flat, "bounds.lb")
        _fill(high, _for_leaves(_unwrapped(bounds.ub), flat, "bounds.ub"), flat, "bounds.ub")
        keep_feasible = _one_or_each(bounds.keep_feasible, flat)
    else:
        pairs = [bounds] * len(flat.leaves) if _is_pair(bounds) else _for_leaves(bounds, flat, "bounds")
        ends = [_ends(pair, leaf, flat) for pair, leaf in zip(pairs, flat.leaves, strict=True)]
        _fill(low, [first for first, _ in ends], flat, "the lower bound")
        _fill(high, [second for _, second in ends], flat, "the upper bound")
    _check_order(low, high, flat)
    return Bounds(low, high, keep_feasible)


def _is_number(value: Any) -> bool:
    return value is None or (container_of(type(value)) is None and np.ndim(value) == 0)


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_number, value))


def _for_leaves(value: Any, flat: FlatParameters, name: str) -> list[Any]:
    """Return what `value` has in the place of each leaf; a number is the same for all."""
    if _is_number(value):
        return [value] * len(flat.leaves)
    return list(_up_to(flat.structure, value, name, flat))


def _up_to(structure: Structure, value: Any, name: str, flat: FlatParameters) -> Iterator[Any]:
    """Yield the parts of a nested value that stand where `structure` has leaves; None stands for a whole branch."""
    if structure.kind is None:
        yield value
        return
    if value is None:
        yield from (None for _ in leaf_paths(structure, name))
        return
    if type(value) is np.ndarray and structure.kind in (list, tuple):  # Bounds makes arrays of them
        value = structure.kind(value)
    container = container_of(type(value)) if type(value) is structure.kind else None
    children, auxiliary = (None, None) if container is None else container.flatten(value)
    children = None if children is None else list(children)
    if children is None or auxiliary != structure.auxiliary or len(children) != len(structure.children):
        raise StructureError(
            f"{flat.function}: {name} must have the structure of that part of `params`, which is "
            f"{describe(structure)}, but is {value!r}. {FORMS}"
        )
    for part, child, below in zip(labels(structure), children, structure.children, strict=True):
        yield from _up_to(below, child, name + part, flat)


def _ends(pair: Any, leaf: Leaf, flat: FlatParameters) -> tuple[Any, Any]:
    """Return the lower and the upper bound of a leaf: of all of its entries, or of each."""
    if pair is None:
        return None, None
    try:
        ends = np.array(pair, dtype=object)
        if ends.shape[-1:] == (2,):
            low, high = ends[..., 0], ends[..., 1]
            return np.where(low == None, -np.inf, low), np.where(high == None, np.inf, high)  # noqa: E711  # entrywise
    except ValueError:  # lists of several lengths
        pass
    raise StructureError(
        f"{flat.function}: the bounds of {leaf.name} must be pairs (low, high), but are {pair!r}. {FORMS}"
    )


def _fill(vector: Any, values: list[Any], flat: FlatParameters, what: str) -> None:
    for leaf, value in zip(flat.leaves, values, strict=True):
        if value is None:
            continue
        try:
            bound = np.array(value, dtype=float)
            bound = bound.reshape(()) if bound.size == 1 else bound
            bound = np.broadcast_to(bound, leaf.shape)
        except (TypeError, ValueError):
            raise StructureError(
                f"{flat.function}: {what} of {leaf.name} must be a number or an array of shape {leaf.shape}, but is "
                f"{value!r}. {FORMS}"
            ) from None
        if np.isnan(bound).any():
            raise InputError(f"{flat.function}: {what} of {leaf.name} is not a number. Infinity, or None, is no bound.")
        if leaf.iscomplex:
            if np.isfinite(bound).any():
                raise InputError(
                    f"{flat.function}: {leaf.name} is complex, and complex numbers have no order, so that there is no "
                    "bound for them. Take its real and its imaginary part as two parameters."
                )
            continue
        vector[leaf.start : leaf.stop] = bound.ravel()


def _unwrapped(bound: Any) -> Any:
    """Return what Bounds was given, of which it has made an array."""
    return bound.ravel()[0] if bound.size == 1 else bound


def _one_or_each(flags: Any, flat: FlatParameters) -> Any:
    """Return `keep_feasible` of Bounds: one for all, or one for each entry of the vector."""
    if flags.all() == flags.any():
        return bool(flags.all())
    if flags.size != flat.size:
        raise StructureError(
            f"{flat.function}: `keep_feasible` of the bounds must be the same for all entries, or have {flat.size} "
            f"entries, as the parameters have; it has the shape {flags.shape}."
        )
    return flags.ravel()


def _check_order(low: Any, high: Any, flat: FlatParameters) -> None:
    wrong = np.flatnonzero((low > high) | (low == np.inf) | (high == -np.inf))
    if wrong.size:
        leaf = next(leaf for leaf in flat.leaves if leaf.start <= wrong[0] < leaf.stop)
        raise InputError(
            f"{flat.function}: the bounds of {leaf.name} leave nothing between them: entry {wrong[0] - leaf.start} "
            f"would be from {low[wrong[0]]} to {high[wrong[0]]}."
        )


def check_inside(bounds: Bounds, flat: FlatParameters) -> None:
    """Raise if the start is not between the bounds."""
    wrong = np.flatnonzero((flat.start < bounds.lb) | (flat.start > bounds.ub))
    if wrong.size:
        place = int(wrong[0])
        leaf = next(leaf for leaf in flat.leaves if leaf.start <= place < leaf.stop)
        raise InputError(
            f"{flat.function} must start between the bounds, but {leaf.name} starts at {flat.start[place]} (entry "
            f"{place - leaf.start} in C order), which is not between {bounds.lb[place]} and {bounds.ub[place]}."
        )
