"""The text of a failed check: what, where, how wrong, why, and a program that shows it again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.containers import flatten
from autodiff.extend import unbox
from autodiff_testing.matrices import Matrices
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.suspects import applied, places

_WORST = 5
_PRINTED = 64  # entries of an argument


class CheckError(AssertionError):
    """A derivative is wrong. The message is the report.

    Attributes
    ----------
    kind : str
        What is wrong, such as "the derivative is wrong" or "a derivative shares memory".
    mode : str
        "fwd", "rev", or "".
    order : int
        1 for the function's derivative, 2 for the derivative of that.
    argument : int or None
        Which argument the wrong entries belong to.
    diagnosis : str
        The cause, as far as it could be found.
    """

    def __init__(self, message: str, kind: Kind, mode: str, order: int, argument: int | None, diagnosis: str) -> None:
        super().__init__(message)
        self.kind = kind.value
        self.mode = mode
        self.order = order
        self.argument = argument
        self.diagnosis = diagnosis


def name_of(fun: Any) -> str:
    """Return how reports call a function."""
    return getattr(fun, "__qualname__", None) or getattr(fun, "__name__", None) or repr(fun)


def argument_name(fun: Callable[..., Any], position: int) -> str:
    """Return ``0 (`x`)``."""
    try:
        names = list(inspect.signature(fun).parameters)
    except (TypeError, ValueError):
        names = []
    return f"{position} (`{names[position]}`)" if position < len(names) else str(position)


def derivative_name(problem: Problem) -> str:
    """Say which derivative is meant: of the function, or of which derivative of it."""
    names = {"fwd": "Jacobian-vector product", "rev": "vector-Jacobian product"}
    inner = "the function"
    for mode in problem.path:
        inner = f"the {names[mode]} of {inner}"
    by = {"fwd": "forward mode", "rev": "reverse mode", "": "either mode"}[problem.mode]
    return f"{by}, order {len(problem.path) + 1}: the derivative of {inner}"


def worst_entries(found: Matrices) -> list[str]:
    """Return a table of the entries that are farthest off."""
    wrong = np.argwhere(found.wrong)
    off = [
        abs(found.analytic[i, j] - found.numeric[i, j]) / (abs(found.numeric[i, j]) + found.tolerance[i, j])
        for i, j in wrong
    ]
    lines = [f"  {'entry':<34} {'analytic':>18} {'numerical':>18} {'ratio':>10} {'error':>8}"]
    for number in np.argsort(off)[::-1][:_WORST]:
        i, j = wrong[number]
        a, n = found.analytic[i, j], found.numeric[i, j]
        ratio = f"{a / n:.6g}" if n else "-"
        lines.append(
            f"  {_entry(found, i, j):<34} {a:>18.10g} {n:>18.10g} {ratio:>10} {found.tolerance[i, j] / 10:>8.1g}"
        )
    lines.append(f"  {len(wrong)} of {found.wrong.size} entries are wrong.")
    return lines


def _entry(found: Matrices, i: int, j: int) -> str:
    def place(coordinates: Any, which: int, letter: str, several: bool) -> str:
        leaf, index, part = coordinates.leaf_of(which)
        name = f"{letter}{leaf}" if several else letter
        return f"{part + ' ' if part else ''}{name}{list(index) if index else ''}"

    inputs, outputs = found.point.inputs, found.point.outputs
    result = place(outputs, int(found.rows[i]), "y", len(outputs.spaces) > 1)
    return f"d {result} / d {place(inputs, int(found.columns[j]), 'x', len(inputs.spaces) > 1)}"


def rules_of(fun: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Return a line for each primitive that the function applies: its name, and where its rule stands."""
    try:
        primitives = dict.fromkeys(primitive for primitive, _, _ in applied(fun, args))
    except Exception:  # noqa: BLE001  # the report is worth more than this line of it
        return []
    return [
        f"  {primitive.name:<24} {', '.join(places(primitive)) or 'a rule without code'}" for primitive in primitives
    ]


def reproducer(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Return the lines of a program that runs into the same problem."""
    fun = inspect.unwrap(fun) if callable(fun) else fun
    module, name = getattr(fun, "__module__", None), name_of(fun)
    if isinstance(fun, np.ufunc):
        module = "numpy"
    if module and name.isidentifier() and module != "__main__":
        lines = ["import numpy as np", f"from {module} import {name} as fun"]
    else:
        code = getattr(fun, "__code__", None)
        where = f"{code.co_filename}:{code.co_firstlineno}" if code else repr(fun)
        lines = ["import numpy as np", f"fun = ...  # {name}, {where}"]
    given = [_literal(arg) for arg in args] + [f"{key}={_literal(value)}" for key, value in kwargs.items()]
    settings = "".join(f", {key}={value!r}" for key, value in options.items())
    return ["  " + line for line in (
        *lines, "from autodiff_testing import check_grads", f"check_grads(fun{settings})({', '.join(given)})",
    )]  # fmt: skip


def _literal(value: Any) -> str:
    """Return Python code for a value."""
    value = unbox(value)
    if isinstance(value, np.ndarray):
        if value.size > _PRINTED:
            return f"...  # an array of shape {value.shape} and type {value.dtype}\n  "
        shape = "" if value.size else f".reshape{value.shape}"
        return f"np.array({value.tolist()!r}, dtype={str(value.dtype)!r}){shape}"
    if isinstance(value, np.generic):
        return f"np.{type(value).__name__}({value.item()!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_literal(part)}" for key, part in value.items()) + "}"
    if type(value) in (list, tuple):
        inner = ", ".join(map(_literal, value))
        return f"[{inner}]" if type(value) is list else f"({inner}{',' if len(value) == 1 else ''})"
    return repr(value)


def describe_argument(value: Any) -> str:
    """Return shape and type of an argument."""
    leaves, structure = flatten(value)
    if structure.kind is not None:
        return f"a {structure.kind.__name__} with {len(leaves)} leaves"
    array = np.asarray(unbox(value))
    return f"{array.dtype} of shape {array.shape}" if isinstance(value, np.ndarray) else type(value).__name__
