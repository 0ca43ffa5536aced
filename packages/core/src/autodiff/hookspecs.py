"""The hooks by which a plugin teaches autodiff new functions and types.

A plugin is a module with functions of these names, marked by ``autodiff.extend.hookimpl``, and an entry point in the
group ``autodiff``:

.. code-block:: toml

    [project.entry-points.autodiff]
    mylibrary = "mylibrary_rules.plugin"

Hooks are called once in a process, when the first transform runs. They return tables and change nothing; all of them
are optional. What they return is checked before any of it is registered: a plugin with a malformed entry fails whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pluggy

from autodiff.rule import Rule
from autodiff.trace import Box

if TYPE_CHECKING:
    from autodiff.vspace import VSpace

hookspec = pluggy.HookspecMarker("autodiff")
hookimpl = pluggy.HookimplMarker("autodiff")


class BoxEntry(NamedTuple):
    """Values of the types `value_types` travel in boxes of type `box`."""

    box: type[Box]
    value_types: tuple[type, ...]
    #: Further types that may stand beside a box in ``box + other``, and how they are converted before.
    operands: Mapping[type, Callable[[Any], Any] | None] = {}


class VSpaceEntry(NamedTuple):
    """Values of the types `value_types` have the vector space ``make(value)``; `key` see `register_vspace`."""

    make: Callable[[Any], VSpace]
    value_types: tuple[type, ...]
    key: Callable[[Any], Any] | None


class ContainerEntry(NamedTuple):
    """`kind` is a container; `flatten` and `unflatten` see `register_container`."""

    kind: type
    flatten: Callable[[Any], tuple[Iterable[Any], Any]]
    unflatten: Callable[[Any, list[Any]], Any]


@hookspec
def autodiff_describe() -> str:  # type: ignore[empty-body]
    """Return one line on what the plugin covers, for ``python -m autodiff plugins``."""


@hookspec
def autodiff_rules() -> Iterable[Rule]:  # type: ignore[empty-body]
    """Return the rules of the plugin: the rows of all its tables.

    A function that has a rule from another plugin keeps that one; the conflict is reported.
    """


@hookspec
def autodiff_boxes() -> Iterable[BoxEntry]:  # type: ignore[empty-body]
    """Return which types of values travel in which boxes.

    Boxes of Python's numbers may be replaced, so that functions of a library see them as its own. A type that another
    plugin has taken keeps its box; the conflict is reported. So it is with `operands`.
    """


@hookspec
def autodiff_vspaces() -> Iterable[VSpaceEntry]:  # type: ignore[empty-body]
    """Return the vector spaces of types of values.

    Those of Python's numbers may be replaced. A type that another plugin has taken keeps its space; the conflict is
    reported.
    """


@hookspec
def autodiff_containers() -> Iterable[ContainerEntry]:  # type: ignore[empty-body]
    """Return classes that are containers of differentiable values.

    Python's own containers, and classes that another plugin has taken, stay as they are; the conflict is reported.
    """


@hookspec
def autodiff_primitives() -> Iterable[Callable[..., Any]]:  # type: ignore[empty-body]
    """Return functions that hand boxes among their arguments to autodiff by themselves.

    NumPy's do, by its protocols. Other functions with rules must be called through ``autodiff.extend.primitive``.
    """


def _is_function(value: Any) -> bool:
    return callable(value) and isinstance(hash(value), int)


def _are_types(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(kind, type) for kind in value)


def _is_box_entry(entry: Any) -> bool:
    if not isinstance(entry, BoxEntry):
        return False
    box, value_types, operands = list[Any](entry)
    return (
        (isinstance(box, type) and issubclass(box, Box))
        and _are_types(value_types)
        and (isinstance(operands, Mapping) and _are_types(tuple(operands)))
        and all(convert is None or callable(convert) for convert in operands.values())
    )


def _is_vspace_entry(entry: Any) -> bool:
    if not isinstance(entry, VSpaceEntry):
        return False
    make, value_types, key = list[Any](entry)
    return callable(make) and _are_types(value_types) and (key is None or callable(key))


def _is_container_entry(entry: Any) -> bool:
    if not isinstance(entry, ContainerEntry):
        return False
    kind, flatten, unflatten = list[Any](entry)
    return isinstance(kind, type) and callable(flatten) and callable(unflatten)


#: Hook -> whether an entry of what it returned is well formed, and what to say when it is not.
ENTRIES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "autodiff_describe": (lambda text: isinstance(text, str), "not a text"),
    "autodiff_boxes": (
        _is_box_entry,
        "not a BoxEntry of a subclass of Box, a tuple of types, and a dict of types; it must return a list of them",
    ),
    "autodiff_vspaces": (
        _is_vspace_entry,
        "not a VSpaceEntry of a function, a tuple of types, and a function or None; it must return a list of them",
    ),
    "autodiff_containers": (
        _is_container_entry,
        "not a ContainerEntry of a class and two functions; it must return a list of them",
    ),
    "autodiff_primitives": (_is_function, "not a hashable function; it must return a list of them"),
    "autodiff_rules": (
        lambda rule: isinstance(rule, Rule) and _is_function(rule.fun),
        "not a rule of a function; it must return a list of them, made by `elementwise` and the like",
    ),
}
