"""Transformations of gradients into updates, and what all of them have in common.

A transformation is a pair of pure functions, as in Optax: ``init(params) -> state`` and ``update(grads, state, params)
-> (updates, state)``. Anything with these two attributes is one. Nothing is changed in place, unless the caller gives
the state away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from autodiff.containers import unflatten
from autodiff.errors import InputError, StructureError
from autodiff_optim.optimizers.leaves import aligned, leaves_like, like, real_leaves


class Transformation(NamedTuple):
    """How gradients become updates; optimizers are made of one or more.

    Attributes
    ----------
    init : callable
        ``init(params) -> state``: the state before the first step, a container of arrays.
    update : callable
        ``update(grads, state, params=None, **extra) -> (updates, state)``: what to add to the parameters, in their
        containers, and the next state.
    extra : tuple of str
        The names of further keywords that `update` takes. ``value`` is the loss; ``donate=True`` gives the state
        away: its arrays may be overwritten, so do not use it afterwards, nor the updates after the next step.
    formula : Formula, optional
        What `update` does to each leaf, if that is all it does; `chain` then goes through the leaves once.
    """

    init: Callable[[Any], Any]
    update: Callable[..., tuple[Any, Any]]
    extra: tuple[str, ...] = ()
    formula: Any = None


def check_transformation(value: Any, where: str) -> None:
    """Raise unless this is a transformation, with `init` and `update`, and not the function that makes one."""
    if isinstance(value, type) or not all(callable(getattr(value, name, None)) for name in ("init", "update")):
        raise InputError(
            f"{where} takes an optimizer, an instance with `init` and `update`, but got {value!r}. Call it if it is a "
            "function that makes one: `optimizers.adam(1e-3)`. `autodiff_optim.sgd`, `rmsprop` and `adam` are loops."
        )


def extra_of(transformations: Iterable[Any]) -> tuple[str, ...]:
    """Return the keywords that at least one of the transformations takes."""
    return tuple(sorted({name for each in transformations for name in getattr(each, "extra", ())}))


def choose(extra: Mapping[str, Any], transformation: Any) -> dict[str, Any]:
    """Return the keywords that are meant for this transformation."""
    return {name: extra[name] for name in getattr(transformation, "extra", ()) if name in extra}


def check_extra(extra: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Raise if there is a keyword that nobody takes."""
    for name in extra:
        if name not in known:
            raise InputError(
                f"`update` of this optimizer takes no keyword `{name}`: none of the transformations that it is made of "
                f"uses it. {'It takes ' + ', '.join(f'`{each}`' for each in known) + '.' if known else ''}".rstrip()
            )


def check_state(state: Any, kind: type) -> None:
    """Raise if `state` is not what `init` has made."""
    if type(state) is not kind:
        raise StructureError(
            f"`update` needs the state that `init` of the same optimizer has made, here a {kind.__name__}, but got "
            f"{short(state)}."
        )


def short(value: Any) -> str:
    """Return what kind of state this is, for a message."""
    return f"a tuple of {len(value)}" if type(value) is tuple else f"a {type(value).__name__}"


def check_params(params: Any, name: str) -> None:
    """Raise if the parameters were not passed to an `update` that needs them."""
    if params is None:
        raise InputError(f"`{name}` needs the parameters: call `update(grads, state, params)`.")


def apply_updates(params: Any, updates: Any) -> Any:
    """Return the parameters after a step: the sums of parameters and updates, in the types of the parameters.

    Parameters
    ----------
    params : number, array or container of them
        The parameters, which are not changed.
    updates : number, array or container of them
        What `update` has returned.

    Returns
    -------
    number, array or container of them
        New parameters.

    Raises
    ------
    StructureError
        When containers or shapes differ; the message names the leaf.

    Examples
    --------
    >>> from autodiff_optim import optimizers
    >>> optimizers.apply_updates({"x": 1.0}, {"x": -0.25})
    {'x': 0.75}
    """
    leaves, structure = real_leaves(params, "params")
    changes = aligned(leaves_like(structure, updates, "updates"), leaves, structure, "updates")
    return unflatten(structure, [like(x + change, x) for x, change in zip(leaves, changes, strict=True)])
