"""Containers: nested values seen as a flat list of leaves and a structure.

Transforms flatten their arguments at the boundary and put boxes at the leaves, so user code sees the real dict or
list it passed in, and reading an entry of it costs nothing. Containers themselves are never boxed.

>>> leaves, structure = flatten({"w": [1.0, 2.0], "b": (3.0,)})
>>> leaves
[3.0, 1.0, 2.0]
>>> unflatten(structure, [30.0, 10.0, 20.0])
{'w': [10.0, 20.0], 'b': (30.0,)}
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from autodiff.errors import StructureError


class Container(NamedTuple):
    """How a class of containers is taken apart and put together again."""

    flatten: Callable[[Any], tuple[Iterable[Any], Any]]  # value -> (children, what else is needed to rebuild it)
    unflatten: Callable[[Any, list[Any]], Any]  # (that, children) -> value


class Structure(NamedTuple):
    """The shape of a nested value: a container's type, its keys or the like, and its children's structures."""

    kind: type | None  # None: a leaf
    auxiliary: Any = None
    children: tuple[Structure, ...] = ()


LEAF = Structure(None)


def _dict_items(value: Any) -> tuple[list[Any], tuple[Any, ...]]:
    """Children in the order of their sorted keys, so that equal dicts have equal structures."""
    try:
        keys = sorted(value)
    except TypeError:  # keys of mixed types: the order in which they were inserted must do
        keys = list(value)
    return [value[key] for key in keys], (tuple(keys), _Order(value))


class _Order(tuple[Any, ...]):
    """The order of a dict's keys: kept to rebuild the dict, but of no account when structures are compared."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Order)

    def __hash__(self) -> int:
        return 0


def _rebuild_dict(kind: type) -> Callable[[Any, list[Any]], Any]:
    def rebuild(auxiliary: Any, children: list[Any]) -> Any:
        keys, order = auxiliary
        entries = dict(zip(keys, children, strict=True))
        return kind((key, entries[key]) for key in order)

    return rebuild


class Static:
    """Marks an entry of a container that is no number to be differentiated, but belongs there: a count, a name.

    Parameters
    ----------
    value : object
        What is kept: the attribute `value`. Two marks are equal if their values are.

    Notes
    -----
    Gradients have the same mark in its place. A field of a dataclass is marked by
    ``dataclasses.field(metadata={"static": True})``, and keeps its value as it is.

    Examples
    --------
    >>> from autodiff import Static, grad
    >>> grad(lambda p: p["x"] ** p["power"].value)({"x": 2.0, "power": Static(3)})
    {'x': 12.0, 'power': Static(3)}
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and (self.value is other.value or bool(self.value == other.value))

    def __hash__(self) -> int:
        return hash(Static)  # as the value may have none

    def __repr__(self) -> str:
        return f"Static({self.value!r})"


_CONTAINERS: dict[type, Container | None] = {
    Static: Container(lambda value: ((), value), lambda value, _: value),
    list: Container(lambda value: (value, None), lambda _, children: children),
    tuple: Container(lambda value: (value, None), lambda _, children: tuple(children)),
    dict: Container(_dict_items, _rebuild_dict(dict)),
    OrderedDict: Container(_dict_items, _rebuild_dict(OrderedDict)),
    type(None): Container(lambda value: ((), None), lambda *_: None),
}


def register_container(
    kind: type,
    flatten: Callable[[Any], tuple[Iterable[Any], Any]],
    unflatten: Callable[[Any, list[Any]], Any],
) -> None:
    """Make the class `kind` a container.

    Parameters
    ----------
    kind : type
        The class; subclasses are registered separately.
    flatten : callable
        ``flatten(value) -> (children, auxiliary)``: the parts that may be differentiated or contain such parts, and
        a hashable rest that is needed to rebuild the value.
    unflatten : callable
        ``unflatten(auxiliary, children) -> value``. The children may be boxes or gradients, so it must not
        convert or check them.

    Examples
    --------
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.x, self.y = x, y
    >>> register_container(Point, lambda p: ((p.x, p.y), None), lambda _, children: Point(*children))
    >>> from autodiff import grad
    >>> grad(lambda p: p.x * p.y)(Point(2.0, 3.0)).x
    3.0
    """
    _CONTAINERS[kind] = Container(flatten, unflatten)


def container_of(kind: type) -> Container | None:
    """Return how values of this type are taken apart, or None when they are leaves."""
    try:
        return _CONTAINERS[kind]
    except KeyError:
        _CONTAINERS[kind] = found = _recognise(kind)
        return found


def _recognise(kind: type) -> Container | None:
    """Decide, once for each type, whether it is a namedtuple or a dataclass."""
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return Container(lambda value: (value, None), lambda _, children: kind(*children))
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        names = tuple(field.name for field in fields if not field.metadata.get("static"))
        static = tuple(field.name for field in fields if field.metadata.get("static"))
        return Container(
            lambda value: ([getattr(value, name) for name in names], _statics(value, static)),
            lambda marks, children: _rebuild_dataclass(
                kind, (*names, *static), (*children, *(mark.value for mark in marks))
            ),
        )
    return None


def _statics(value: Any, names: tuple[str, ...]) -> tuple[Static, ...]:
    return tuple(Static(getattr(value, name)) for name in names)


def _rebuild_dataclass(kind: type, names: tuple[str, ...], values: tuple[Any, ...]) -> Any:
    """Make an instance without `__init__`, which might convert or refuse what is not a plain number."""
    made: Any = object.__new__(kind)
    for name, value in zip(names, values, strict=True):
        object.__setattr__(made, name, value)
    return made


def children(value: Any) -> Iterable[Any] | None:
    """Return the immediate parts of a container, or None for a leaf."""
    container = container_of(type(value))
    return None if container is None else container.flatten(value)[0]


def flatten(value: Any) -> tuple[list[Any], Structure]:
    """Return the leaves of a nested value, and its structure."""
    container = container_of(type(value))
    if container is None:
        return [value], LEAF
    parts, auxiliary = container.flatten(value)
    leaves: list[Any] = []
    structures = []
    for part in parts:
        if container_of(type(part)) is None:
            leaves.append(part)
            structures.append(LEAF)
        else:
            part_leaves, structure = flatten(part)
            leaves += part_leaves
            structures.append(structure)
    return leaves, Structure(type(value), auxiliary, tuple(structures))


def unflatten(structure: Structure, leaves: Iterable[Any]) -> Any:
    """Rebuild a nested value from its structure and its leaves; the inverse of `flatten`."""
    return _build(structure, iter(leaves))


def _build(structure: Structure, leaves: Iterator[Any]) -> Any:
    kind, auxiliary, children = structure
    if kind is None:
        return next(leaves)
    container = container_of(kind)
    assert container is not None  # a structure names containers only
    return container.unflatten(auxiliary, [next(leaves) if c.kind is None else _build(c, leaves) for c in children])


def flatten_like(structure: Structure, value: Any, what: str) -> list[Any]:
    """Return the leaves of `value`, which must have this structure; `what` names it in the error."""
    leaves, found = flatten(value)
    if found != structure:
        raise StructureError(
            f"{what} must have the structure {describe(structure)}, but has {describe(found)}. "
            "Pass the same nesting of containers, with the same keys, as the value it belongs to."
        )
    return leaves


def describe(structure: Structure) -> str:
    """Return a short text such as ``dict(b=*, w=list(*, *))``, where ``*`` is a leaf."""
    if structure.kind is None:
        return "*"
    if structure.kind is Static:
        return repr(structure.auxiliary)
    parts = [describe(child) for child in structure.children]
    if issubclass(structure.kind, dict):
        parts = [f"{key}={part}" for key, part in zip(structure.auxiliary[0], parts, strict=True)]
    elif structure.auxiliary.__class__ is tuple:  # fields of a dataclass
        parts += [repr(mark) for mark in structure.auxiliary if isinstance(mark, Static)]
    return f"{structure.kind.__name__}({', '.join(parts)})"


def labels(structure: Structure) -> list[str]:
    """Return, for each child, what to write behind the value to get it: ``['w']``, ``[0]``, ``.mean``."""
    kind = structure.kind
    if kind in {dict, OrderedDict}:
        return [f"[{key!r}]" for key in structure.auxiliary[0]]
    names = getattr(kind, "_fields", ())
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind) if not field.metadata.get("static")]
    if len(names) == len(structure.children):  # else it was registered, with parts of its own
        return [f".{name}" for name in names]
    return [f"[{i}]" for i in range(len(structure.children))]


def leaf_paths(structure: Structure, root: str = "") -> Iterator[str]:
    """Yield for each leaf the expression that takes it out of the value called `root`: ``params['w'][0]``."""
    if structure.kind is None:
        yield root
        return
    for label, child in zip(labels(structure), structure.children, strict=True):
        yield from leaf_paths(child, root + label)


def map_leaves(function: Callable[..., Any], value: Any, *others: Any) -> Any:
    """Apply `function` to every leaf of a nested value, together with the leaves at the same places of others.

    Raises
    ------
    StructureError
        When one of the others has another structure than the first value.

    Examples
    --------
    >>> map_leaves(lambda x, step: x - step, {"w": [1.0, 2.0], "b": 3.0}, {"w": [0.5, 0.5], "b": 1.0})
    {'w': [0.5, 1.5], 'b': 2.0}
    """
    leaves, structure = flatten(value)
    if not others:
        return unflatten(structure, [function(leaf) for leaf in leaves])
    columns = [flatten_like(structure, other, f"value number {i}") for i, other in enumerate(others, 2)]
    return unflatten(structure, [function(*row) for row in zip(leaves, *columns, strict=True)])
