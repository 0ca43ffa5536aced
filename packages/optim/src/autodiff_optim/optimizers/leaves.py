"""The leaves of parameters: what may be one, and which types and shapes belong to it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autodiff.containers import Structure, describe, flatten, leaf_paths
from autodiff.errors import InputError, IntegerInputError, StructureError
from autodiff.extend import Box


def real_leaves(value: Any, what: str) -> tuple[list[Any], Structure]:
    """Flatten parameters or gradients, which must be real floating-point numbers or arrays; `what` names them."""
    leaves, structure = flatten(value)
    if [leaf.dtype.kind if type(leaf) is np.ndarray else _kind(leaf) for leaf in leaves].count("f") < len(leaves):
        wrong = next(i for i, leaf in enumerate(leaves) if _kind(leaf) != "f")
        raise _not_real(leaves[wrong], list(leaf_paths(structure, what))[wrong])
    return leaves, structure


def _kind(leaf: Any) -> str:
    """Return the kind of a leaf in NumPy's letters."""
    dtype = getattr(leaf, "dtype", None)
    if dtype is None:
        return {float: "f", int: "i", bool: "b", complex: "c"}.get(type(leaf), "O")
    return str(getattr(dtype, "kind", "O"))


def _not_real(leaf: Any, name: str) -> InputError:
    kind = _kind(leaf)
    if kind in "iub":
        return IntegerInputError(
            f"{name} is of type {_type_name(leaf)}, but an optimizer needs floating-point numbers: small steps would "
            "be lost. Write `3.0`, `x.astype(float)`; in parameters, `autodiff.Static` marks what is none."
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
    expected, present = list(leaf_paths(structure, what)), list(leaf_paths(found, what))
    missing = [name for name in expected if name not in present]
    surplus = [name for name in present if name not in expected]
    differences = [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not expected: {', '.join(surplus)}"] * bool(
        surplus
    )
    raise StructureError(
        f"{what} must have the containers of the parameters, {describe(structure)}, but has {describe(found)}"
        f"{' (' + '; '.join(differences) + ')' if differences else ''}."
    )


_layout = operator.attrgetter("shape", "dtype")


def aligned(values: list[Any], references: list[Any], structure: Structure, what: str) -> list[Any]:
    """Return `values` in the types of `references`, which must have the same shapes."""
    try:
        if list(map(_layout, values)) == list(map(_layout, references)):
            return values  # as nearly always, and quicker than leaf by leaf
    except AttributeError:  # Python floats
        pass
    return [
        _aligned(value, reference, structure, what, i)
        for i, (value, reference) in enumerate(zip(values, references, strict=True))
    ]


def _aligned(value: Any, reference: Any, structure: Structure, what: str, position: int) -> Any:
    real = _kind(value) == "f"
    if real and shape(value) == shape(reference):
        return like(value, reference)
    found = f"has shape {shape(value)}" if real else f"is of type {_type_name(value)}"
    raise StructureError(
        f"{list(leaf_paths(structure, what))[position]} must be floating-point and of shape {shape(reference)}, as "
        f"what it belongs to, but {found}."
    )


def shape(leaf: Any) -> tuple[int, ...]:
    """Return the shape of a leaf; that of a number is ()."""
    return getattr(leaf, "shape", ())


def _type_name(leaf: Any) -> str:
    return str(getattr(leaf, "dtype", type(leaf).__name__))


def like(value: Any, reference: Any) -> Any:
    """Return `value` in the type of `reference`: float32 stays float32, a Python float stays a Python float.

    Operations with traced hyperparameters, which are float64, and functions of NumPy on numbers change types. Complex
    numbers do not become real ones, but raise.
    """
    kind = type(value)
    if kind is type(reference) and (kind is float or kind is complex or value.dtype is reference.dtype):
        return value
    if isinstance(value, Box) or isinstance(reference, Box):
        dtype = getattr(reference, "dtype", np.dtype(float))
        return value if getattr(value, "dtype", np.dtype(float)) == dtype else value.astype(dtype)
    if type(reference) in (float, complex):
        return type(reference)(value)
    if isinstance(reference, np.ndarray | np.generic):
        made = np.asarray(value).astype(reference.dtype, casting="same_kind", copy=False)
        return made if isinstance(reference, np.ndarray) else made[()]
    return value.astype(reference.dtype)  # arrays of another library


def plain_number(value: Any) -> Any:
    """Return a number as Python's, which gives way to the type of an array, where NumPy's would not."""
    if isinstance(value, Box) or not isinstance(value, np.ndarray | np.generic) or value.ndim > 0:
        return value
    return value.item()


def filled(leaf: Any, value: Any) -> Any:
    """Return a new leaf of the shape and type of `leaf`, filled with a number."""
    if type(leaf) is float:
        return value
    foreign = not isinstance(leaf, np.ndarray | np.generic | Box)
    made = np.zeros_like(leaf) if foreign else np.zeros(shape(leaf), leaf.dtype)
    return made if type(value) is float and value == 0.0 else like(made + value, made)
