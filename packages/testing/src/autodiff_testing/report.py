"""The text of a failed check: what, where, how wrong, why, and a program that shows it again."""

from __future__ import annotations

import inspect
import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autodiff.containers import flatten
from autodiff.extend import unbox
from autodiff_testing.matrices import Matrices
from autodiff_testing.numerics import SAFETY
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.reproducer import WIDTH
from autodiff_testing.suspects import Application, places

_WORST = 5
_RULES = 8


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
        parameters = list(inspect.signature(fun).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return f"{position} (`{named[position]}`)" if position < len(named) else str(position)


def describe_argument(value: Any) -> str:
    """Return shape and type of an argument."""
    leaves, structure = flatten(value)
    if structure.kind is not None:
        return f"a {structure.kind.__name__} with {len(leaves)} leaves"
    array = np.asarray(unbox(value))
    return f"{array.dtype} of shape {array.shape}" if isinstance(value, np.ndarray) else type(value).__name__


def derivative_name(problem: Problem) -> str:
    """Say which derivative is meant: of the function, or of which derivative of it."""
    names = {"fwd": "Jacobian-vector product", "rev": "vector-Jacobian product"}
    inner = "the function"
    for mode in problem.path:
        inner = f"the {names[mode]} of {inner}"
    if not problem.mode:
        return f"order {len(problem.path) + 1}: {inner} itself"
    by = {"fwd": "forward mode", "rev": "reverse mode"}[problem.mode]
    return f"{by}, order {len(problem.path) + 1}: the derivative of {inner}"


def heading(
    problem: Problem, fun: Callable[..., Any], args: tuple[Any, ...], argument: int | None, diagnosis: str
) -> list[str]:
    """Return the first lines: what is wrong, in which argument, mode and order, and why."""
    lines = [f"{problem.kind.value}: {name_of(fun)}", ""]
    if argument is not None and argument < len(args):
        lines += _field("argument", f"{argument_name(fun, argument)}, {describe_argument(args[argument])}")
    lines += _field("mode", derivative_name(problem))
    lines += _field("found", problem.text)
    return lines + _field("diagnosis", diagnosis)


def _field(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"{name:<11}", subsequent_indent=" " * 11, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def worst_entries(found: Matrices) -> list[str]:
    """Return a table of the entries that are farthest off."""
    wrong = np.argwhere(found.wrong)
    off = [
        abs(found.analytic[i, j] - found.numeric[i, j]) / (abs(found.numeric[i, j]) + found.tolerance[i, j])
        for i, j in wrong
    ]
    lines = [f"  {'entry':<34} {'analytic':>18} {'numerical':>18} {'ratio':>10} {'error':>8}"]
    for which in np.argsort(off, kind="stable")[::-1][:_WORST]:
        i, j = wrong[which]
        a, n = found.analytic[i, j], found.numeric[i, j]
        ratio = f"{a / n:.6g}" if n else "-"
        error = found.tolerance[i, j] / SAFETY
        lines.append(f"  {_entry(found, i, j):<34} {a:>18.10g} {n:>18.10g} {ratio:>10} {error:>8.1g}")
    seen = f"{found.wrong.size} entries" + ("" if found.complete else " that were looked at")
    lines.append(f"  {len(wrong)} of {seen} {'is' if len(wrong) == 1 else 'are'} wrong.")
    return lines


def _entry(found: Matrices, i: int, j: int) -> str:
    def place(coordinates: Any, which: int, letter: str) -> str:
        leaf, index, part = coordinates.leaf_of(which)
        entry = str(list(index)).replace(" ", "") if index else ""
        return f"{part + ' ' if part else ''}{letter}{coordinates.names[leaf]}{entry}"

    return f"d {place(found.point.outputs, int(found.rows[i]), 'y')} / d {_argument(found, j, place)}"


def _argument(found: Matrices, j: int, place: Callable[[Any, int, str], str]) -> str:
    """Return the name of an entry of the arguments; of a single argument, without its position."""
    text = place(found.point.inputs, int(found.columns[j]), "x")
    return text.replace("x[0]", "x", 1) if len(found.point.args) == 1 else text


def rules_of(applications: list[Application], wrong: set[Any]) -> list[str]:
    """Return lines for each primitive that was applied: its name, and where its rule stands.

    `wrong` are the primitives whose derivative is wrong by itself; they come first.
    """
    primitives = sorted(dict.fromkeys(one.primitive for one in applications), key=lambda one: one not in wrong)
    lines = []
    for primitive in primitives[:_RULES]:
        mark = "  (wrong by itself)" if primitive in wrong and len(primitives) > 1 else ""
        lines.append(f"  {primitive.name}{mark}")
        lines += [f"    {_shortened(place)}" for place in places(primitive)] or ["    a rule without code"]
    if len(primitives) > _RULES:
        lines.append(f"  and {len(primitives) - _RULES} more")
    return lines


def _shortened(place: str) -> str:
    """Return a path from the current directory, if it is in there."""
    path, _, line = place.rpartition(":")
    inside = Path(path).is_absolute() and Path(path).is_relative_to(Path.cwd())
    return f"{os.path.relpath(path)}:{line}" if inside else place
