"""From a problem to the error that explains it: which argument, which cause, which rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.containers import flatten, map_leaves
from autodiff.extend import unbox
from autodiff_testing import report
from autodiff_testing.diagnosis import explain
from autodiff_testing.matrices import Matrices, matrices
from autodiff_testing.point import Point
from autodiff_testing.problem import Kind, Problem


@dataclass
class Context:
    """The check that failed: the call, its options, and how to repeat it with something changed."""

    fun: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    options: dict[str, Any]
    passes: Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], bool]


def failure(problem: Problem, context: Context) -> report.CheckError:
    """Return the error with the whole report."""
    order = len(problem.path) + 1
    found, argument, diagnosis = _look(problem, context)
    lines = [f"{problem.kind.value}: {report.name_of(context.fun)}", ""]
    if argument is not None and not problem.path:
        what = report.describe_argument(context.args[argument])
        lines.append(f"argument   {report.argument_name(context.fun, argument)}, {what}")
    lines += [f"mode       {report.derivative_name(problem)}", f"found      {problem.text}", f"diagnosis  {diagnosis}"]
    if found is not None and found.wrong.any():
        lines += ["", *report.worst_entries(found)]
    rules = report.rules_of(context.fun, context.args)
    if rules:
        lines += ["", "rules that were applied", *rules]
    lines += ["", "to see it again", *report.reproducer(context.fun, context.args, context.kwargs, context.options)]
    return report.CheckError("\n".join(lines), problem.kind, problem.mode, order, argument, diagnosis)


def _look(problem: Problem, context: Context) -> tuple[Matrices | None, int | None, str]:
    """Return the matrices if they say something, the argument that is wrong, and the diagnosis."""
    point = problem.point
    if problem.kind is Kind.RAISED:
        return None, _named_argument(problem.text), _raised(problem.text)
    if problem.kind not in (Kind.WRONG, Kind.MODES_DISAGREE, Kind.NOT_LINEAR) or point is None:
        return None, None, _PLAIN.get(problem.kind, problem.text)
    whole = _matrices(point, problem.mode)
    if whole is None or not whole.wrong.any():
        return whole, None, _hidden(problem)
    argument, found = _first_wrong(whole)
    if problem.path:
        argument = argument - (problem.path[-1] == "rev")  # the cotangent stands before the arguments
    sentence = _from_variants(context, found) or explain(found)
    if problem.kind is Kind.NOT_LINEAR:
        sentence = f"the derivative is not linear in what it is applied to; along unit vectors {sentence}"
    if problem.path:
        sentence = f"first order is right, order {len(problem.path) + 1} is wrong: {sentence}"
    if problem.mode == "rev" and not problem.path and _forward_is_right(point):
        sentence += " (forward mode is right: look at the rule for reverse mode)"
    return found, argument, sentence


_PLAIN = {
    Kind.NONDETERMINISTIC_FUNCTION: "the function draws random numbers or changes its own state: pass what varies as an argument",
    Kind.NONDETERMINISTIC: "the rule draws random numbers or changes its own state",
    Kind.SPENT: "the rule changes in place what it keeps, or the cotangent that it is given; it must make copies",
    Kind.MUTATED: "something is changed in place that belongs to the caller: work on a copy",
    Kind.ALIASED: "an array is handed out that belongs to somebody else: return a copy, or do not declare the rule `fresh`",
    Kind.UNDECIDED: "a kink, a jump, a singular point or noise is too near: choose another point or double precision",
    Kind.NOT_FINITE: "choose a point where the function is finite",
}


def _matrices(point: Point, mode: str) -> Matrices | None:
    try:
        return matrices(point, mode)
    except Exception:  # noqa: BLE001  # a rule that is wrong may also raise; the problem itself is known
        return None


def _hidden(problem: Problem) -> str:
    if problem.kind is Kind.NOT_LINEAR:
        return "the derivative is not linear in what it is applied to: it rounds, cuts off, or has a threshold"
    return "right along unit vectors, wrong along others: the derivative is not linear, or not deterministic"


def _first_wrong(whole: Matrices) -> tuple[int, Matrices]:
    """Return the argument of the first wrong entry, and the matrices of this argument."""
    inputs = whole.point.inputs
    owners = np.repeat(np.arange(len(whole.point.args)), [len(flatten(arg)[0]) for arg in whole.point.args])
    arguments = np.array([owners[inputs.leaf_of(int(column))[0]] for column in whole.columns])
    first = int(arguments[int(np.argmax(whole.wrong.any(axis=0)))])
    return first, whole.of_columns(arguments == first)


def _forward_is_right(point: Point) -> bool:
    forward = _matrices(point, "fwd")
    return forward is not None and not forward.wrong.any()


def _from_variants(context: Context, found: Matrices) -> str | None:
    """Look for a variant of the call that has the claimed derivative, or none of the problem."""
    if not np.isfinite(found.analytic).all():
        return None
    double = map_leaves(_double, context.args)
    if found.point.eps > 1e-12 and context.passes(context.fun, double, context.kwargs):
        return f"wrong in this precision only, right in double precision; {explain(found)}"
    for name, value in context.kwargs.items():
        if name == "axis" and _negative(value):
            ndim = np.ndim(context.args[0])
            positive = tuple(a % ndim for a in value) if isinstance(value, tuple) else value % ndim
            if context.passes(context.fun, context.args, {**context.kwargs, name: positive}):
                return f"wrong for negative axes only: axis={value!r} goes wrong, axis={positive!r} does not"
        rest = {key: other for key, other in context.kwargs.items() if key != name}
        if context.passes(context.fun, context.args, rest) and _derivative_is_of(context, rest, found):
            return f"the argument `{name}` is ignored: the derivative is that of the call without it"
    return None


def _derivative_is_of(context: Context, kwargs: dict[str, Any], found: Matrices) -> bool:
    """Whether the claimed derivative is that of the call with other keywords."""
    if len(context.args) != len(found.point.args):
        return False
    try:
        other = _matrices(Point(lambda *args: context.fun(*args, **kwargs), context.args), "fwd")
    except Exception:  # noqa: BLE001  # the variant may not be a valid call
        return False
    return other is not None and other.numeric.shape[0] == found.numeric.shape[0]


def _negative(value: Any) -> bool:
    return any(isinstance(a, int) and a < 0 for a in (value if isinstance(value, tuple) else (value,)))


def _double(leaf: Any) -> Any:
    array = np.asarray(unbox(leaf))
    return array.astype({"f": float, "c": complex}[array.dtype.kind]) if array.dtype.kind in "fc" else leaf


_SHAPES = re.compile(r"element of ArraySpace\((\(.*?\)), (\w+)\), but is an element of ArraySpace\((\(.*?\)), (\w+)\)")


def _named_argument(text: str) -> int | None:
    match = re.search(r"for argument (\d+)", text)
    return int(match[1]) if match else None


def _raised(text: str) -> str:
    """Read the cause off the message about a cotangent that does not fit."""
    match = _SHAPES.search(text)
    if match is None:
        return text
    right, right_type, given, given_type = match.groups()
    expected, shape = (tuple(int(n) for n in re.findall(r"\d+", part)) for part in (right, given))
    if expected == shape:
        return f"the rule returns {given_type} where {right_type} is expected"
    if len(shape) > 1 and shape == expected[::-1]:
        return f"it is transposed: the rule returns the shape {shape} for an argument of shape {expected}"
    try:
        broadcast = np.broadcast_shapes(expected, shape) == shape
    except ValueError:
        broadcast = False
    if broadcast:
        return (
            f"it is not unbroadcast: the argument has shape {expected}, the rule returns {shape}. "
            "Sum over the axes along which the argument was repeated"
        )
    return f"the rule returns the shape {shape} for an argument of shape {expected}"
