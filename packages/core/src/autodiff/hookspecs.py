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

if TYPE_CHECKING:
    from autodiff.batching import Batching
    from autodiff.keeping import Keeper
    from autodiff.rule import Rule
    from autodiff.trace import Box
    from autodiff.vspace import VSpace

hookspec = pluggy.HookspecMarker("autodiff")
hookimpl = pluggy.HookimplMarker("autodiff")


class BoxEntry(NamedTuple):
    """Values of the types `value_types` travel in boxes of type `box`."""

    box: type[Box]
    value_types: tuple[type, ...]
    #: Further types that may stand beside a box in ``box + other``, and how they are converted before: by a function,
    #: which may return NotImplemented, or not at all. What is derived from them is converted in the same way, unless it
    #: has operators of its own.
    operands: Mapping[type, Callable[[Any], Any] | None] = {}


class VSpaceEntry(NamedTuple):
    """Values of the types `value_types` have the vector space ``make(value)``; see `register_vspace`."""

    make: Callable[[Any], VSpace]
    value_types: tuple[type, ...]
    same: Callable[[Any, Any], bool] | None
    keeper: Keeper | None = None


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


@hookspec
def autodiff_batching() -> Iterable[Batching]:  # type: ignore[empty-body]
    """Return how values are stacked, and functions applied to stacks, for `vmap`: a list of one.

    Only one plugin can say so; another one is reported as a conflict.
    """
