"""The leaves of parameters: their names in messages, and what may be one.

>>> leaf_names(flatten({"w": [1.0, 2.0], "b": 3.0})[1], "params")
["params['b']", "params['w'][0]", "params['w'][1]"]
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from autodiff.containers import Structure, describe, flatten
from autodiff.errors import InputError, IntegerInputError, StructureError
from autodiff.extend import Box


def leaf_names(structure: Structure, root: str) -> list[str]:
    """Return how each leaf is reached from a variable named `root`."""
    if structure.kind is None:
        return [root]
    parts = zip(_accesses(structure), structure.children, strict=True)
    return [name for access, child in parts for name in leaf_names(child, root + access)]


def _accesses(structure: Structure) -> list[str]:
    kind: Any = structure.kind
    if issubclass(kind, dict):
        return [f"[{key!r}]" for key in structure.auxiliary[0]]
    if dataclasses.is_dataclass(kind):
        return [f".{field.name}" for field in dataclasses.fields(kind) if not field.metadata.get("static")]
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return [f".{field}" for field in kind._fields]
    return [f"[{i}]" for i in range(len(structure.children))]


def real_leaves(value: Any, what: str) -> tuple[list[Any], Structure]:
    """Flatten parameters or gradients, which must be real floating-point numbers or arrays; `what` names them."""
    leaves, structure = flatten(value)
    for i, leaf in enumerate(leaves):
        if _kind(leaf) != "f":
            raise _not_real(leaf, leaf_names(structure, what)[i])
    return leaves, structure


def _kind(leaf: Any) -> str:
    """Return the kind of a leaf in NumPy's letters."""
    if type(leaf) is np.ndarray:
        return leaf.dtype.kind
    dtype = getattr(leaf, "dtype", None)
    if dtype is None:
        return {float: "f", int: "i", bool: "b", complex: "c"}.get(type(leaf), "O")
    return str(getattr(dtype, "kind", "O"))


def _not_real(leaf: Any, name: str) -> InputError:
    kind = _kind(leaf)
    if kind in "iub":
        return IntegerInputError(
            f"{name} is of type {_type_name(leaf)}, but an optimizer needs floating-point numbers: steps of less than 1 "
            "would be lost. Write `3.0`, `x.astype(float)`; in parameters, `autodiff.Static` marks what is none."
        )
    if kind == "c":
        return InputError(
            f"{name} is complex. Mean squares of complex gradients are defined in more than one way, and descent must "
            "follow the conjugate of the gradient. Let the real and the imaginary part be parameters of their own, and "
            "put them together in the loss: `p['re'] + 1j * p['im']`."
        )
    return InputError(
        f"{name} is of type {type(leaf).__module__}.{type(leaf).__qualname__}, but an optimizer needs floats, "
        "floating-point arrays, or containers of them; in parameters, `autodiff.Static` marks what is none."
    )


def leaves_like(structure: Structure, value: Any, what: str) -> list[Any]:
    """Return the leaves of `value`, which must have this structure; `what` names it in the error."""
    leaves, found = flatten(value)
    if found == structure:
        return leaves
    expected, present = leaf_names(structure, what), leaf_names(found, what)
    missing = [name for name in expected if name not in present]
    surplus = [name for name in present if name not in expected]
    differences = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not expected: {', '.join(surplus)}"] * bool(
        surplus
    )
    raise StructureError(
        f"{what} must have the containers of the parameters, {describe(structure)}, but has {describe(found)}"
        f"{' (' + '; '.join(differences) + ')' if differences else ''}."
    )


def aligned(values: Sequence[Any], references: Sequence[Any], structure: Structure, what: str) -> list[Any]:
    """Return `values` in the types of `references`, which must have the same shapes."""
    result = list(values)
    for i, (value, reference) in enumerate(zip(values, references, strict=True)):
        if type(value) is type(reference) is np.ndarray and value.dtype is reference.dtype:
            if value.shape == reference.shape:
                continue  # as nearly always
        elif _kind(value) == "f" and shape(value) == shape(reference):
            result[i] = like(value, reference)
            continue
        name = leaf_names(structure, what)[i]
        found = f"shape {shape(value)}" if _kind(value) == "f" else f"type {_type_name(value)}"
        raise StructureError(
            f"{name} must be floating-point, of shape {shape(reference)} as its parameter, but has {found}."
        )
    return result


def shape(leaf: Any) -> tuple[int, ...]:
    """Return the shape of a leaf; that of a number is ()."""
    return getattr(leaf, "shape", ())


def _type_name(leaf: Any) -> str:
    return str(getattr(leaf, "dtype", type(leaf).__name__))


def like(value: Any, reference: Any) -> Any:
    """Return `value` in the type of `reference`: float32 stays float32, a Python float stays a Python float.

    Operations with traced hyperparameters, which are float64, and functions of NumPy on numbers change types.
    """
    kind = type(value)
    if kind is type(reference) and (kind is float or value.dtype is reference.dtype):
        return value
    if isinstance(value, Box) or isinstance(reference, Box):
        dtype = getattr(reference, "dtype", np.dtype(float))
        return value if getattr(value, "dtype", np.dtype(float)) == dtype else value.astype(dtype)
    if type(reference) is float:
        return float(value)
    if isinstance(reference, np.ndarray):
        return np.asarray(value, reference.dtype)
    return value.astype(reference.dtype)


def plain_number(value: Any) -> Any:
    """Return a number as Python's, which gives way to the type of an array, where NumPy's would not."""
    return value.item() if isinstance(value, np.ndarray | np.generic) else value


def filled(leaf: Any, value: Any) -> Any:
    """Return a new leaf of the shape and type of `leaf`, filled with a number."""
    if type(leaf) is float:
        return value
    made = np.zeros(shape(leaf), leaf.dtype)
    return made if type(value) is float and value == 0.0 else like(made + value, made)
