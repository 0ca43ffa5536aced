"""How messages speak of a leaf of a container: by the expression that reads it, as in ``params["w"][0]``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from autodiff.containers import Structure


def leaf_names(structure: Structure, name: str) -> Iterator[str]:
    """Yield a name for each leaf, in the order of `flatten`; `name` is that of the whole."""
    if structure.kind is None:
        yield name
        return
    for part, child in zip(parts(structure), structure.children, strict=True):
        yield from leaf_names(child, name + part)


def parts(structure: Structure) -> list[str]:
    """Return how the children of a container are written after its name: ``["[0]", "[1]"]`` for those of a list."""
    kind = structure.kind
    assert kind is not None  # leaves have no children
    if issubclass(kind, dict):
        return [f"[{key!r}]" for key in structure.auxiliary[0]]
    if hasattr(kind, "_fields"):
        return [f".{field}" for field in kind._fields]
    if dataclasses.is_dataclass(kind):
        return [f".{field.name}" for field in dataclasses.fields(kind) if not field.metadata.get("static")]
    return [f"[{number}]" for number in range(len(structure.children))]
