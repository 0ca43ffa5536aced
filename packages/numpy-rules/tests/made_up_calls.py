"""Calls of the public functions of a module, made up, with a traced value in each place: is a derivative lost?"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autodiff import make_vjp
from autodiff.extend import Box

#: What is traced, and what stands beside it.
STARTS = (np.array([0.4, 1.3, 0.7, 2.2]), np.array([[2.1, 0.3], [0.4, 1.7]]), 0.65)
BESIDE = (
    np.array([0.5, 1.1, 1.6, 2.9]), np.array([[1.9, 0.2], [0.6, 1.4]]), 2, 0.45, np.array([0, 2]),
    np.array([True, False, True, True]),
)  # fmt: skip


class Call(NamedTuple):
    """The arguments of a call, and the place or the name of the one that is traced."""

    traced: int | str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def run(self, fun: Callable[..., Any], value: Any) -> tuple[Any, ...]:
        """Call `fun` with another value at that place. Return what comes out, and what becomes of the arguments."""
        args = [value if place == self.traced else copied(arg) for place, arg in enumerate(self.args)]
        kwargs = {name: value if name == self.traced else copied(arg) for name, arg in self.kwargs.items()}
        result = fun(*args, **kwargs)
        return result, [arg for arg in (*args, *kwargs.values()) if arg is not value]


def copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def functions(module: Any, left_out: set[str]) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name in sorted(set(dir(module)) - left_out):
        found = getattr(module, name) if not name.startswith("_") else None
        if callable(found) and not inspect.isclass(found):
            yield name, found


def calls(fun: Callable[..., Any], value: Any) -> Iterator[Call]:
    """Yield calls by one to three arguments, and with one by its name."""
    yield Call(0, (value,), {})
    for other in BESIDE:
        yield Call(0, (value, other), {})
        yield Call(1, (other, value), {})
    for first, second in itertools.product(BESIDE[:4], repeat=2):
        for place, args in enumerate(((value, first, second), (first, value, second), (first, second, value))):
            yield Call(place, args, {})
    try:
        names = list(inspect.signature(fun).parameters)[1:]
    except ValueError:
        return
    for name in names:
        for other in BESIDE[:2]:
            yield Call(name, (other,), {name: value})
            yield Call(name, (other, other), {name: value})


def parts(value: Any) -> list[Any]:
    """Return the arrays and numbers in a result. An array of objects, some of which are traced, is one of these."""
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return [next((entry for entry in value.flat if isinstance(entry, Box)), value)]
    if isinstance(value, Box) or not isinstance(value, (tuple, list, dict)):
        return [value]
    return [part for entry in (value.values() if isinstance(value, dict) else value) for part in parts(entry)]


def is_lost(fun: Callable[..., Any], call: Call, value: Any) -> bool:
    """Whether plain numbers come out at a place where others come out for another value."""
    try:
        before, after = parts(call.run(fun, copied(value))), parts(call.run(fun, value * (1 + 1e-6)))
    except Exception:  # noqa: BLE001  NumPy does not know such a call
        return False
    found: list[Any] = []

    def program(x: Any) -> Any:
        found.extend(parts(call.run(fun, x)))
        return 0.0 * np.sum(x)

    try:
        make_vjp(program)(copied(value))
    except Exception:  # noqa: BLE001  # an error it may be
        return False
    return len(before) == len(after) == len(found) and any(
        not isinstance(new, Box) and has_derivative(old) and not np.array_equal(old, other, equal_nan=True)
        for old, other, new in zip(before, after, found, strict=True)
    )


def has_derivative(value: Any) -> bool:
    kind = np.asarray(value).dtype.kind if isinstance(value, (np.ndarray, np.generic, float, complex)) else ""
    return kind in ("f", "c")


def lost_in(module: Any, left_out: set[str]) -> list[str]:
    """Return the calls of public functions of a module in which a derivative is lost."""
    return [
        f"{name}{call}"
        for name, fun in functions(module, left_out)
        for value in STARTS
        for call in calls(fun, value)
        if is_lost(fun, call, value)
    ]
