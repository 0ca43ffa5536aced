"""Nested values as JSON and a list of arrays, and back.

A container becomes ``{"kind": "dict", "labels": ["['w']"], "children": [...]}``, a leaf ``{"array": 3}``, where 3 is
its place in the list, or ``{"float": "0x1.8p+0"}``. Classes are never made from the names in the text: they come from
a value that is `like` it, and the text only has to agree.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autodiff import Static
from autodiff.containers import Structure, flatten, labels, leaf_paths, unflatten
from autodiff_optim.errors import CheckpointError

Node = dict[str, Any]

#: Python's own leaves: how they are written, and read.
_PLAIN: dict[type, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    float: (float.hex, float.fromhex),
    complex: (lambda z: [z.real.hex(), z.imag.hex()], lambda parts: complex(*map(float.fromhex, parts))),
    int: (int, int),
    bool: (bool, bool),
    str: (str, str),
}
_READ = {kind.__name__: read for kind, (_, read) in _PLAIN.items()}
#: The kinds of NumPy's types that Python's numbers may stand for.
_FAMILIES = {float: "f", complex: "c", int: "iu", bool: "b", str: "U"}


def _dict(names: list[str], parts: list[Any]) -> dict[Any, Any]:
    return {ast.literal_eval(name[1:-1]): part for name, part in zip(names, parts, strict=True)}


_MAKE: dict[str, Callable[[list[str], list[Any]], Any]] = {
    "dict": _dict,
    "list": lambda _, parts: parts,
    "tuple": lambda _, parts: tuple(parts),
    "NoneType": lambda *_: None,
}


def encode(value: Any, arrays: list[np.ndarray]) -> Node:
    """Return the text's form of a nested value, and append its arrays to a list."""
    leaves, structure = flatten(value)
    nodes = [_leaf_node(leaf, path, arrays) for leaf, path in zip(leaves, leaf_paths(structure, "tree"), strict=True)]
    return _container_node(structure, iter(nodes))


def _container_node(structure: Structure, leaves: Iterator[Node]) -> Node:
    if structure.kind is None:
        return next(leaves)
    children = [_container_node(child, leaves) for child in structure.children]
    entries = dict(zip(labels(structure), children, strict=True))
    if structure.kind is dict:  # its structure has the keys sorted, and their own order besides
        entries = {f"[{key!r}]": entries[f"[{key!r}]"] for key in structure.auxiliary[1]}
    node = {"kind": structure.kind.__name__, "labels": list(entries), "children": list(entries.values())}
    return node | ({"static": _static(structure)} if _static(structure) else {})


def _static(structure: Structure) -> list[str]:
    """Return the texts of the static values in a structure; of those that have no text of their own, the types."""
    marks = (structure.auxiliary,) if structure.kind is Static else structure.auxiliary
    if not isinstance(marks, tuple) or not all(isinstance(mark, Static) for mark in marks):
        return []
    values = [mark.value for mark in marks]
    return [repr(value) if value is None or type(value) in _PLAIN else type(value).__name__ for value in values]


def _leaf_node(leaf: Any, path: str, arrays: list[np.ndarray]) -> Node:
    kind = type(leaf)
    if kind in _PLAIN:
        return {kind.__name__: _PLAIN[kind][0](leaf)}
    array = isinstance(leaf, np.generic) or kind in {np.ndarray, np.memmap}
    if not array or leaf.dtype.hasobject:
        raise CheckpointError(
            f"a checkpoint cannot have {path}, {_shown(leaf)}: only arrays of numbers or text, NumPy's scalars, and "
            "Python's float, complex, int, bool, str and None."
        )
    place = len(arrays)
    if isinstance(leaf, np.generic):
        arrays.append(np.asarray(leaf))
        return {"scalar": place}
    # The axes in the order in which they lie in memory: another layout would give other rounding errors.
    axes = sorted(range(leaf.ndim), key=lambda axis: -abs(leaf.strides[axis]))
    arrays.append(np.asarray(leaf).transpose(axes))
    return {"array": place, "axes": axes}


def _leaf(node: Node, arrays: list[np.ndarray]) -> Any:
    if "array" in node:
        return arrays[node["array"]].transpose(np.argsort(node["axes"]))
    if "scalar" in node:
        return arrays[node["scalar"]][()]
    ((kind, text),) = node.items()
    return _READ[kind](text)


def require_plain(value: Any, what: str) -> None:
    """Raise unless `decode_plain` could make the value again."""
    kinds = [flatten(value)[1]]
    while kinds:
        structure = kinds.pop()
        kinds += structure.children
        if structure.kind is not None and structure.kind.__name__ not in _MAKE:
            raise CheckpointError(
                f"{what} has a {structure.kind.__name__} in it. It may have dicts, lists, tuples and None; take the "
                "leaves of other containers, by `autodiff.extend.flatten`."
            )


def decode_plain(node: Node, arrays: list[np.ndarray], name: str, path: str) -> Any:
    """Return a value of dicts, lists, tuples and None; `name` and `path` say in errors where it is."""
    if "kind" not in node:
        return _leaf(node, arrays)
    names, children = node["labels"], node["children"]
    if node["kind"] not in _MAKE:
        raise CheckpointError(
            f"{path} in {name} is a {node['kind']}, a class of the program: pass a value of this structure as `like`."
        )
    parts = [decode_plain(child, arrays, name, path + label) for label, child in zip(names, children, strict=True)]
    try:
        return _MAKE[node["kind"]](names, parts)
    except ValueError as error:  # of `literal_eval`
        raise CheckpointError(
            f"{path} in {name} is a dict with keys that are no literals of Python, {', '.join(names)}: pass a value of "
            "this structure as `like`."
        ) from error


def decode(node: Node, arrays: list[np.ndarray], like: Any, name: str, path: str) -> Any:
    """Return a value with the structure of `like`; shapes and types of the leaves must agree."""
    leaves, structure = flatten(like)
    return unflatten(structure, list(_leaves(node, structure, iter(leaves), arrays, (name, path))))


def _leaves(
    node: Node, structure: Structure, like: Iterator[Any], arrays: list[np.ndarray], where: tuple[str, str]
) -> Iterator[Any]:
    name, path = where
    if structure.kind is None:
        expected = next(like)
        found = None if "kind" in node else _leaf(node, arrays)
        if found is None or not _agree(found, expected):
            raise _misfit(where, _shown(expected), _shown_container(node) if found is None else _shown(found))
        yield found
        return
    names = labels(structure)
    if node.get("kind") != structure.kind.__name__ or sorted(node["labels"]) != sorted(names):
        expected = _shown_container({"kind": structure.kind.__name__, "labels": names})
        raise _misfit(where, expected, _shown_container(node) if "kind" in node else _shown(_leaf(node, arrays)))
    if node.get("static", []) != _static(structure):
        expected, static = ", ".join(_static(structure)), ", ".join(node.get("static", []))
        raise _misfit(where, f"a {structure.kind.__name__} with the static {expected}", f"one with {static}")
    children = dict(zip(node["labels"], node["children"], strict=True))
    for label, child in zip(names, structure.children, strict=True):
        yield from _leaves(children[label], child, like, arrays, (name, path + label))


def _misfit(where: tuple[str, str], expected: str, found: str) -> CheckpointError:
    name, path = where
    return CheckpointError(f"{name} is of another model: {path} should be {expected}, but is {found}.")


def _agree(found: Any, expected: Any) -> bool:
    """Whether a leaf can stand in the place of another: same shape and type; a Python number may be one of NumPy's.

    A float stands for a float64 only: in the place of a float32, all that is computed with it would be another.
    """
    if np.shape(found) != np.shape(expected):
        return False
    for one, other in ((found, expected), (expected, found)):
        if type(one) in _FAMILIES:
            if not hasattr(other, "dtype"):
                return type(other) is type(one)
            same = other.dtype == np.dtype(type(one)) or other.dtype.kind not in "fc"
            return same and other.dtype.kind in _FAMILIES[type(one)]
    return hasattr(expected, "dtype") and bool(found.dtype == expected.dtype)  # NumPy takes None for float64


def _shown(leaf: Any) -> str:
    if isinstance(leaf, np.ndarray):
        return f"an array of {leaf.dtype} and shape {leaf.shape}"
    return f"a {type(leaf).__name__}"


def _shown_container(node: Node) -> str:
    return f"a {node['kind']} with {', '.join(node['labels'])}" if node["labels"] else f"an empty {node['kind']}"
