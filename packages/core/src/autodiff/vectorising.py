"""`vmap`: a function of one example becomes a function of many.

The function is run once, under a `BatchTrace`. Where something needs the plain value of one example, or nothing is
known of stacks, it is run for one example after the other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from autodiff.argnums import argument_name
from autodiff.batching import Batching, BatchTrace, known_batching
from autodiff.containers import Structure, container_of, describe, flatten, unflatten
from autodiff.errors import (
    BatchedValueError,
    InputError,
    LostDerivativeError,
    OutputError,
    UnsupportedArgumentError,
)
from autodiff.naming import named
from autodiff.plugins import load_plugins
from autodiff.products import RUNNING
from autodiff.trace import Box, ManyValues, frozen, kind_of, refuse_escaped
from autodiff.vspace import UNIFORM

#: An axis, None, or containers of them.
Axes = Any


class Leaf(NamedTuple):
    """A leaf of an argument, the axis of its examples, and what messages call it."""

    value: Any
    axis: int | None
    name: str


def vmap(fun: Callable[..., Any], in_axes: Axes = 0, out_axes: Axes = 0) -> Callable[..., Any]:
    """Make a function of many examples out of a function of one, which runs once for all of them.

    Parameters
    ----------
    fun : callable
        A function of one example: of numbers, arrays and containers of them; so is its result.
    in_axes : int, None, or tuple or list of them
        Along which axis the examples of an argument are stacked; None where all examples share it. A tuple or list has
        an entry for each positional argument; for an argument that is a container, the entry may be a container of the
        same kind. Keyword arguments are stacked along axis 0.
    out_axes : int, None, or container of them
        Along which axis the results are stacked; None for results that are the same for all examples.

    Returns
    -------
    callable
        With the arguments of `fun`, stacked. Where traced functions cannot be applied to stacks, the examples are
        taken one by one. Lists of numbers are stacks of numbers.

    Raises
    ------
    InputError
        When axes do not exist or do not fit, their lengths differ, or no argument is stacked.
    BatchedValueError
        When `fun` decides by a value that is different in each example, as ``if x > 0`` does.

    Examples
    --------
    >>> from autodiff import grad, vmap
    >>> vmap(lambda x, a: a * x, in_axes=(0, None))([1.0, 2.0, 3.0], 10.0)  # doctest: +SKIP
    [10.0, 20.0, 30.0]
    >>> [float(slope) for slope in vmap(grad(lambda x: x**3))([1.0, 2.0])]
    [3.0, 12.0]
    """

    @named("vmap", fun, 0)
    def batched(*args: Any, **kwargs: Any) -> Any:
        load_plugins()
        batching = known_batching()
        leaves, structure = _leaves(fun, in_axes, args, kwargs, batching)
        size = _size(leaves, batching, fun)
        if size and batching is not None:
            try:
                return _at_once(fun, leaves, structure, size, out_axes, batching)
            except (ManyValues, LostDerivativeError, UnsupportedArgumentError):
                pass  # the values of one example are plain: they may be written into plain arrays, and used as masks
            except ValueError as error:  # of NumPy, where a value is written into an entry of such an array
                if not isinstance(error.__cause__, BatchedValueError):
                    raise
        return _one_by_one(fun, leaves, structure, size, out_axes, batching)

    return batched


def _at_once(
    fun: Callable[..., Any], leaves: list[Leaf], structure: Structure, size: int, out_axes: Axes, batching: Batching
) -> Any:
    """Run the function once, with a box for each stacked argument."""
    trace = BatchTrace(batching, size)
    boxes = [
        leaf.value if leaf.axis is None else trace.box(batching.move(_array(leaf.value, batching), leaf.axis, 0))
        for leaf in leaves
    ]
    depth = RUNNING.depth
    try:
        RUNNING.depth = depth + 1
        args, kwargs = unflatten(structure, boxes)
        output = frozen(fun(*args, **kwargs))
    finally:
        RUNNING.depth = depth
        trace.closed = True
    results = []
    for leaf in _spread(out_axes, output, "the result", fun, None):
        refuse_escaped(leaf.value, trace)
        if leaf.axis is None:
            if trace.owns(leaf.value):
                raise _different(leaf, fun)
            results.append(leaf.value)
            continue
        if not trace.owns(leaf.value) and batching.axes(leaf.value) is None:
            raise _not_stackable(leaf, fun)
        stacked = trace.stacked(leaf.value)
        moved = batching.move(stacked, 0, _axis(leaf, batching.axes(stacked) or 0, fun))
        results.append(batching.own(moved, [*(leaf.value for leaf in leaves), *results]))
    return unflatten(flatten(output)[1], results)


def _one_by_one(
    fun: Callable[..., Any],
    leaves: list[Leaf],
    structure: Structure,
    size: int,
    out_axes: Axes,
    batching: Batching | None,
) -> Any:
    """Run the function for one example after the other, and stack the results."""
    if not size:
        raise InputError(f"vmap of {_name(fun)} was called with no examples, and so cannot tell what its results are.")
    rows = [
        [leaf.value] * size if leaf.axis is None else _examples(leaf, size, batching)
        for leaf in leaves
    ]  # fmt: skip
    outputs = []
    for values in zip(*rows, strict=True):
        args, kwargs = unflatten(structure, values)
        outputs.append(frozen(fun(*args, **kwargs)))
    first = _spread(out_axes, outputs[0], "the result", fun, None)
    structures = {flatten(output)[1] for output in outputs}
    if len(structures) > 1:
        raise OutputError(
            f"{_name(fun)} returned results of different structures for different examples: "
            f"{', '.join(sorted(map(describe, structures)))}. `vmap` needs the same for all."
        )
    columns = zip(*(flatten(output)[0] for output in outputs), strict=True)
    results = [_joined(leaf, list(column), fun, batching) for leaf, column in zip(first, columns, strict=True)]
    return unflatten(flatten(outputs[0])[1], results)


def _joined(leaf: Leaf, column: list[Any], fun: Callable[..., Any], batching: Batching | None) -> Any:
    if leaf.axis is None:
        if not all(_same(column[0], value) for value in column):
            raise _different(leaf, fun)
        return column[0]
    if batching is None:
        return column
    stacked = batching.stack(column)
    if stacked is None:
        raise _not_stackable(leaf, fun)
    return batching.move(stacked, 0, _axis(leaf, batching.axes(stacked) or 0, fun))


def _same(a: Any, b: Any) -> bool:
    """Whether results of two examples are the same; those that are traced by another transform, if they are one."""
    if a is b:
        return True
    if type(a) is not type(b) or isinstance(a, Box) or getattr(a, "shape", ()) != getattr(b, "shape", ()):
        return False
    same = (a == b) | ((a != a) & (b != b))  # NaN is as good as NaN
    return bool(same.all() if hasattr(same, "all") else same)


def _examples(leaf: Leaf, size: int, batching: Batching | None) -> list[Any]:
    if isinstance(leaf.value, list):
        return leaf.value
    assert batching is not None
    assert leaf.axis is not None
    moved = batching.move(leaf.value, leaf.axis, 0)
    return [batching.take(moved, i) for i in range(size)]


# Arguments and axes


def _leaves(
    fun: Callable[..., Any], in_axes: Axes, args: tuple[Any, ...], kwargs: dict[str, Any], batching: Batching | None
) -> tuple[list[Leaf], Structure]:
    """Return the leaves of all arguments with their axes, and the structure of ``(args, kwargs)``."""
    if isinstance(in_axes, (tuple, list)):
        if len(in_axes) != len(args):
            raise InputError(
                f"vmap of {_name(fun)} was given in_axes={in_axes!r}, with {len(in_axes)} entries, but was called with "
                f"{len(args)} positional arguments. It needs an entry for each."
            )
        axes = tuple(in_axes)
    else:
        axes = (in_axes,) * len(args)
    leaves: list[Leaf] = []
    parts = []
    for place, (axis, arg) in enumerate(zip(axes, args, strict=True)):
        found, structure = _argument(axis, arg, f"argument {argument_name(fun, place)}", fun, batching)
        leaves += found
        parts.append(structure)
    names = sorted(kwargs)
    keywords = []
    for name in names:
        found, structure = _argument(0, kwargs[name], f"argument `{name}`", fun, batching)
        leaves += found
        keywords.append(structure)
    _, empty = flatten(dict.fromkeys(names, 0))
    return leaves, Structure(
        tuple, None, (Structure(tuple, None, tuple(parts)), Structure(dict, empty.auxiliary, tuple(keywords)))
    )


def _argument(
    axes: Axes, arg: Any, what: str, fun: Callable[..., Any], batching: Batching | None
) -> tuple[list[Leaf], Structure]:
    """Return the leaves of one argument, checked, and its structure, in which stacks of numbers are leaves."""
    leaves = []
    for leaf in _spread(axes, arg, what, fun, _is_list_of_numbers):
        if leaf.axis is None:
            leaves.append(leaf)
            continue
        value = leaf.value
        ndim = 1 if isinstance(value, list) else None if batching is None else batching.axes(value)
        if not ndim:
            raise InputError(
                f"vmap of {_name(fun)}: {leaf.name} is to be stacked along axis {leaf.axis}, but has no axes: it is of "
                f"type {kind_of(value).__name__}. Pass an array of examples, or None for it in `in_axes`."
            )
        leaves.append(leaf._replace(axis=_axis(leaf, ndim, fun)))
    return leaves, _structure(axes, arg)


def _structure(axes: Axes, value: Any) -> Structure:
    """Return the structure of a value whose lists of numbers are leaves where they are stacked."""
    if axes is not None and _is_list_of_numbers(value):
        return Structure(None)
    container = container_of(type(value))
    if container is None:
        return Structure(None)
    parts, auxiliary = container.flatten(value)
    parts = list(parts)
    inner = [axes] * len(parts) if axes is None or isinstance(axes, int) else list(container.flatten(axes)[0])
    return Structure(
        type(value), auxiliary, tuple(_structure(axis, part) for axis, part in zip(inner, parts, strict=True))
    )


def _spread(axes: Axes, value: Any, name: str, fun: Callable[..., Any], is_leaf: Any) -> list[Leaf]:
    """Return the leaves of a value with the axes that `axes`, a container of the same kind or one axis, gives them."""
    if isinstance(axes, bool) or not (axes is None or isinstance(axes, int) or container_of(type(axes)) is not None):
        raise InputError(f"vmap of {_name(fun)}: the axis of {name} must be an integer or None, not {axes!r}.")
    container = container_of(type(value))
    whole = axes is None or isinstance(axes, int)
    if container is None or (is_leaf is not None and axes is not None and is_leaf(value)):
        if not whole:
            raise InputError(f"vmap of {_name(fun)}: {name} is no container, but its axes are given as {axes!r}.")
        return [Leaf(value, axes, name)]
    parts = list(container.flatten(value)[0])
    if whole:
        inner = [axes] * len(parts)
    else:
        inner = list(container.flatten(axes)[0]) if type(axes) is type(value) else []
        keys = _keys(value), _keys(axes)
        if len(inner) != len(parts) or keys[0] != keys[1]:
            raise InputError(
                f"vmap of {_name(fun)}: the axes of {name} must be one axis or have the structure of the value, "
                f"{describe(flatten(value)[1])}, but they are {axes!r}."
            )
    leaves: list[Leaf] = []
    for key, axis, part in zip(_keys(value) or range(len(parts)), inner, parts, strict=True):
        leaves += _spread(axis, part, f"{name}[{key!r}]", fun, is_leaf)
    return leaves


def _keys(value: Any) -> list[Any] | None:
    return list(flatten(value)[1].auxiliary[0]) if isinstance(value, dict) else None


def _is_list_of_numbers(value: Any) -> bool:
    return type(value) is list and bool(value) and all(kind_of(entry) in UNIFORM for entry in value)


def _array(value: Any, batching: Batching) -> Any:
    return batching.stack(value) if isinstance(value, list) else value


def _axis(leaf: Leaf, ndim: int, fun: Callable[..., Any]) -> int:
    assert leaf.axis is not None
    if not -ndim <= leaf.axis < ndim:
        raise InputError(
            f"vmap of {_name(fun)}: {leaf.name} has {ndim} axes, and so no axis {leaf.axis}. Pass one from {-ndim} to "
            f"{ndim - 1}."
        )
    return leaf.axis % ndim


def _size(leaves: list[Leaf], batching: Batching | None, fun: Callable[..., Any]) -> int:
    """Return the number of examples, which must be the same for all leaves."""
    sizes = []
    for value, axis, name in leaves:
        if axis is not None:
            length = len(value) if isinstance(value, list) or batching is None else batching.length(value, axis)
            sizes.append((length, f"{name} has {length} along axis {axis}"))
    if not sizes:
        raise InputError(f"vmap of {_name(fun)}: no argument is stacked, as all axes in `in_axes` are None.")
    if len({length for length, _ in sizes}) > 1:
        raise InputError(
            f"vmap of {_name(fun)}: the arguments must have the same number of examples, but "
            f"{'; '.join(text for _, text in sizes)}. Check `in_axes`."
        )
    return sizes[0][0]


def _different(leaf: Leaf, fun: Callable[..., Any]) -> OutputError:
    return OutputError(
        f"vmap of {_name(fun)}: {leaf.name} is different in each example, and so needs an axis in `out_axes`, not None."
    )


def _not_stackable(leaf: Leaf, fun: Callable[..., Any]) -> OutputError:
    kind = kind_of(leaf.value).__name__
    return OutputError(
        f"vmap of {_name(fun)}: {leaf.name}, of type {kind}, cannot be stacked: it must be a number or an array of the "
        "same shape for all examples. Return None in its place, or give it the axis None in `out_axes`."
    )


def _name(fun: Callable[..., Any]) -> str:
    return getattr(fun, "__name__", "the function")
