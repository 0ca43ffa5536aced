"""Whether `vmap` of a function and of its derivatives gives what a loop over the examples gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import make_jvp, make_vjp, vmap
from autodiff.containers import flatten, unflatten
from autodiff.errors import BatchedValueError, OutputError
from autodiff_testing.coordinates import Coordinates, largest_in_leaf, rounding
from autodiff_testing.point import Point
from autodiff_testing.problem import Kind, Problem

__tracebackhide__ = True  # in the tracebacks of pytest

#: The examples stand so far from the point, as a part of the direction.
_STEPS = (0.0, 1e-3, -2e-3)


def check_batched(point: Point, modes: tuple[str, ...], direction: np.ndarray, cotangent: np.ndarray) -> None:
    """Raise if a batch of a few examples around the point has other values, tangents or gradients than a loop."""
    examples = [point.inputs.tangent(point.at + step * direction) for step in _STEPS]
    _compare(point, "", point.fun, examples, point.outputs, point.size_of_tangent())
    if "fwd" in modes:
        push = lambda u, *args: make_jvp(point.fun, point.argnum)(*args)(u)[1]
        tangents = [point.inputs.tangent((1.0 + step) * direction) for step in _STEPS]
        along = [(u, *args) for u, args in zip(tangents, examples, strict=True)]
        _compare(point, "fwd", push, along, point.outputs, point.size_of_tangent(), lambda near: near.push(direction))
    if "rev" in modes:
        pull = lambda w, *args: make_vjp(point.fun, point.argnum)(*args)[0](w)
        cotangents = [point.outputs.cotangent((1.0 + step) * cotangent) for step in _STEPS]
        weighted = [(w, *args) for w, args in zip(cotangents, examples, strict=True)]
        size = point.size_of_gradient(cotangent)
        _compare(point, "rev", pull, weighted, point.inputs, size, lambda near: near.pull(cotangent))


def _compare(
    point: Point,
    mode: str,
    fun: Callable[..., Any],
    examples: list[tuple[Any, ...]],
    results: Coordinates,
    size: np.ndarray,
    derivative: Callable[[Point], np.ndarray] | None = None,
) -> None:
    """Apply `fun` to all examples at once and to one after the other."""
    try:
        with np.errstate(all="ignore"):
            one_by_one = np.stack([results.of(fun(*args)) for args in examples])
    except (ArithmeticError, ValueError):  # out of the domain: ValueError is that of `math` and of `numpy.linalg`
        return
    rows, structure = zip(*map(flatten, examples), strict=True)
    stacked = unflatten(structure[0], [np.stack(column) for column in zip(*rows, strict=True)])
    try:
        with np.errstate(all="ignore"):
            at_once, kind = flatten(vmap(fun)(*stacked))
    except (BatchedValueError, OutputError):  # a function that decides by values, or returns what cannot be stacked
        return
    found = np.stack([results.of(unflatten(kind, [leaf[i] for leaf in at_once])) for i in range(len(examples))])
    with np.errstate(all="ignore"):
        sizes = np.stack([largest_in_leaf(row, results) for row in one_by_one])
        excess = np.abs(found - one_by_one) - rounding(point.eps) * sizes - point.zero(size)
        finite = np.isfinite(one_by_one)
        wrong = np.where(finite, ~(excess <= 0), np.isfinite(found))
        if wrong.any() and derivative is not None:
            wrong &= ~(excess <= largest_in_leaf(point.noise(derivative, size), results))
    if wrong.any():
        i, j = np.argwhere(wrong)[0]
        raise Problem(
            Kind.BATCHED, mode, f"an entry is {found[i, j]:.10g} in a batch, and {one_by_one[i, j]:.10g} in a loop"
        )
