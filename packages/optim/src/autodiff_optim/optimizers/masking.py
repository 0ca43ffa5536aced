"""Transformations of some of the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.containers import container_of, flatten, labels, unflatten
from autodiff.errors import StructureError
from autodiff_optim.optimizers.leaves import leaves_like
from autodiff_optim.optimizers.transformation import (
    Transformation,
    check_extra,
    check_state,
    check_transformation,
    choose,
    extra_of,
)


class Masked(NamedTuple):
    """The state of `masked`: that of the inner transformation, which knows nothing of other parameters."""

    inner: Any


def masked(inner: Any, mask: Any) -> Transformation:
    """Apply a transformation to some of the parameters; the gradients of others pass as they are.

    Parameters
    ----------
    inner : Transformation
        It sees None in the place of the other parameters.
    mask : container of bool or callable
        The containers of the parameters with a bool in the place of each leaf, or of a whole branch. Or a function
        that returns this for the parameters, or for a gradient, of which it should use shapes and names only.

    Returns
    -------
    Transformation

    Examples
    --------
    >>> from autodiff_optim import optimizers
    >>> half = optimizers.masked(optimizers.scale(0.5), {"w": True, "b": False})
    >>> half.update({"w": 1.0, "b": 1.0}, half.init({"w": 0.0, "b": 0.0}))[0]
    {'w': 0.5, 'b': 1.0}
    """
    check_transformation(inner, "masked")
    extra_names = extra_of([inner])

    def init(params: Any) -> Masked:
        return Masked(inner.init(_hidden(params, choices(mask, params))))

    def update(grads: Any, state: Any, params: Any = None, **extra: Any) -> tuple[Any, Any]:
        check_extra(extra, extra_names)
        check_state(state, Masked)
        chosen = choices(mask, grads)
        visible = None if params is None else _hidden(params, chosen)
        updates, new = inner.update(_hidden(grads, chosen), state.inner, visible, **choose(extra, inner))
        leaves, structure = flatten(grads)
        inside = iter(flatten(updates)[0])
        return unflatten(structure, [next(inside) if use else g for use, g in zip(chosen, leaves, strict=True)]), (
            Masked(new)
        )

    return Transformation(init, update, extra_names)


def choices(mask: Any | Callable[[Any], Any], value: Any) -> list[bool]:
    """Return for each leaf of `value` whether it is chosen."""
    return _spread(mask(value) if callable(mask) else mask, value, "mask")


def _spread(mask: Any, value: Any, name: str) -> list[bool]:
    if isinstance(mask, bool):
        return [mask] * len(flatten(value)[0])
    container = container_of(type(value))
    if container is None or type(mask) is not type(value):
        raise StructureError(
            f"{name} must be True, False or {'a bool' if container is None else f'a {type(value).__name__}'} as in the "
            f"parameters, but is a {type(mask).__name__}."
        )
    (parts, auxiliary), (masks, own) = container.flatten(value), container.flatten(mask)
    parts, masks = list(parts), list(masks)
    if auxiliary != own or len(parts) != len(masks):
        leaves_like(flatten(value)[1], mask, name)  # raises, and says what is missing
    names = [name + access for access in labels(flatten(value)[1])]
    return [use for row in zip(masks, parts, names, strict=True) for use in _spread(*row)]


def _hidden(value: Any, chosen: list[bool]) -> Any:
    """Return `value` with None, which is a container without leaves, in the place of the leaves not chosen."""
    leaves, structure = flatten(value)
    return unflatten(structure, [leaf if use else None for use, leaf in zip(chosen, leaves, strict=True)])
