"""Short texts about values: their types and shapes, how large they are, whether all numbers in them are finite."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Iterator
from typing import Any

from autodiff.containers import children, flatten
from autodiff.series import Series
from autodiff.trace import BatchBox, Box
from autodiff.vspace import SPACES

_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 40
_SHORT.maxlist = _SHORT.maxtuple = _SHORT.maxdict = 4


def type_of(value: Any) -> str:
    """Return the type and shape of a value, such as ``float64(3, 4)``; those of the parts of a container."""
    while isinstance(value, Box) and not isinstance(value, BatchBox):
        value = value.value
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if dtype is not None and isinstance(shape, tuple):
        return f"{dtype}{shape}"
    parts = None if isinstance(value, Box) else children(value)
    if parts is None or value is None:
        return type(value).__name__
    return f"{type(value).__name__}[{', '.join(map(type_of, parts))}]"


def constant(value: Any) -> str:
    """Return how a constant is shown among arguments."""
    if isinstance(value, slice):
        ends = [("" if end is None else constant(end)) for end in (value.start, value.stop, value.step)]
        return ":".join(ends if value.step is not None else ends[:2])
    if value is Ellipsis:
        return "..."
    if isinstance(value, Box) or (hasattr(value, "dtype") and value.shape):
        return type_of(value)
    if type(value) in (tuple, list):
        parts = ", ".join(map(constant, value[:6])) + (", …" if len(value) > 6 else "")
        return f"[{parts}]" if type(value) is list else f"({parts}{',' * (len(value) == 1)})"
    if isinstance(value, type) or callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if type(value) in SPACES and hasattr(value, "item"):  # NumPy's numbers look like Python's
        value = value.item()
    return _SHORT.repr(value)


def bytes_of(value: Any) -> int:
    """Return the memory that the numbers of a value take; of all examples where it is a batch."""
    while isinstance(value, Box):
        value = value.node if isinstance(value, BatchBox) else value.value
    size = getattr(value, "nbytes", None)
    if isinstance(size, int):
        return size
    if isinstance(value, float | complex):
        return 16 if isinstance(value, complex) else 8
    parts = children(value)
    return 0 if parts is None else sum(map(bytes_of, parts))


def numbers_in(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the plain numbers and arrays in a value, as pairs with "value", or "tangent" for what boxes carry.

    Integers are left out.
    """
    for leaf in flatten(value)[0]:
        carried = []
        while isinstance(leaf, Box):
            if isinstance(leaf, BatchBox):
                leaf = leaf.node
            else:
                carried.append(leaf.node)
                leaf = leaf.value
        if type(leaf) in SPACES and _kind(leaf) in "fc":
            yield "value", leaf
        for node in carried:
            terms = node.known()[1:] if isinstance(node, Series) else [node]
            for term in terms if not isinstance(node, int) else ():
                yield from (("tangent", number) for _, number in numbers_in(term))


def _kind(value: Any) -> str:
    """Return f for a float or an array of them, c if they are complex, and other letters for what is neither."""
    if isinstance(value, float | complex):
        return "c" if isinstance(value, complex) else "f"
    return getattr(getattr(value, "dtype", None), "kind", "-")


def _any(mask: Any) -> bool:
    return bool(mask.any()) if hasattr(mask, "any") else bool(mask)


def has_nan(number: Any) -> bool:
    """Whether there is a NaN among the entries."""
    return _any(number != number)


def has_infinity(number: Any) -> bool:
    """Whether there is an infinity among the entries."""
    return _any(abs(number) == math.inf)


def range_of(number: Any) -> str:
    """Return type, shape and range of a number or an array: of the absolute values, if it is complex."""
    text = type_of(number)
    if not getattr(number, "size", 1):
        return text
    number = abs(number) if _kind(number) == "c" else number
    if not hasattr(number, "min"):
        return f"{text} {number:.6g}"
    if has_nan(number):
        count = (number != number).sum()
        return f"{text} with {count} NaN"
    low, high = number.min(), number.max()
    return f"{text} {low:.6g}" if low == high else f"{text} from {low:.6g} to {high:.6g}"
