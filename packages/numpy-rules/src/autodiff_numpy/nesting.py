"""Operands that are nested lists: of arrays, numbers and further lists, all of which NumPy makes one array of.

Rules see the vector spaces of the leaves, in the same nesting.
"""

from __future__ import annotations

from typing import Any

from autodiff.extend import vspace


def spaces_of(operand: Any) -> Any:
    """Return the spaces of the leaves, nested as they are."""
    if isinstance(operand, (list, tuple)):
        return _rebuilt(operand, [spaces_of(part) for part in operand])
    return vspace(operand)


def shape_of(spaces: Any) -> tuple[int, ...]:
    """Return the shape of the array that NumPy makes of an operand with these spaces."""
    if isinstance(spaces, (list, tuple)):
        return (len(spaces), *(shape_of(spaces[0]) if spaces else ()))
    shape: tuple[int, ...] = spaces.shape
    return shape


def fit(g: Any, spaces: Any) -> Any:
    """Give to each leaf its part of `g`, a cotangent of the array that NumPy makes of the operand."""
    if isinstance(spaces, (list, tuple)):
        return _rebuilt(spaces, [fit(part, space) for part, space in zip(g, spaces, strict=True)])
    if getattr(g, "dtype", None) == spaces.dtype and g.shape == spaces.shape:
        return g
    return spaces.project(g)


def _rebuilt(like: Any, parts: list[Any]) -> Any:
    """Return `parts` in a list or tuple of the type of `like`."""
    kind = type(like)
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)
