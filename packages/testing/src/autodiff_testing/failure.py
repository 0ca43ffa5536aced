"""From a problem to the error that explains it: which argument, which cause, which rule."""

from __future__ import annotations

import numpy as np

from autodiff.containers import flatten
from autodiff.extend import Primitive
from autodiff_testing import report
from autodiff_testing.arrangements import swapped_arguments
from autodiff_testing.diagnosis import explain
from autodiff_testing.linearity import not_linear
from autodiff_testing.matrices import Matrices
from autodiff_testing.mismatch import explain_exception, named_argument
from autodiff_testing.point import Point
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.reproducer import reproducer
from autodiff_testing.search import wrong_part
from autodiff_testing.suspects import Application, applied
from autodiff_testing.variants import Context, from_variants

#: What is known without a look at the derivative.
_PLAIN = {
    Kind.NONDETERMINISTIC_FUNCTION: "the function draws random numbers or changes its own state: "
    "pass what varies as an argument",
    Kind.NONDETERMINISTIC: "the rule draws random numbers or changes its own state",
    Kind.SPENT: "the rule changes in place what it keeps, or the cotangent that it is given: it must make copies",
    Kind.ALIASED: "an array is handed out that belongs to somebody else: return a copy, "
    "or do not declare the rule `fresh`",
    Kind.VALUE: "the function computes another value when it is traced: it asks for the type of its arguments, "
    "or its rule's form does not fit",
    Kind.UNDECIDED: "a kink, a jump, a singular point or noise is too near: choose another point or double precision",
    Kind.NOT_FINITE: "choose a point where the function is finite",
}

#: So many applications of primitives are checked by themselves.
_SUSPECTS = 20

_OTHER = {"fwd": ("rev", "reverse", "forward"), "rev": ("fwd", "forward", "reverse")}


def failure(problem: Problem, context: Context) -> report.CheckError:
    """Return the error with the whole report."""
    found, argument, diagnosis = _look(problem, context)
    lines = report.heading(problem, context.fun, context.args, argument, diagnosis)
    if found is not None and found.wrong.any():
        lines += ["", *report.worst_entries(found)]
    applications = _applications(context)
    if applications:
        lines += ["", "rules that were applied", *report.rules_of(applications, _wrong_alone(applications, context))]
    program = reproducer(context.fun, context.args, context.kwargs, context.options)
    lines += ["", "to see it again", *(f"  {line}" for line in program)]
    order = len(problem.path) + 1
    return report.CheckError("\n".join(lines), problem.kind, problem.mode, order, argument, diagnosis)


def _look(problem: Problem, context: Context) -> tuple[Matrices | None, int | None, str]:
    """Return the matrices if they say something, the argument that is wrong, and the diagnosis."""
    point = problem.point
    if problem.kind is Kind.RAISED:
        known = (from_variants(context, None), explain_exception(problem.text))
        return None, named_argument(problem.text), "; ".join(filter(None, known)) or problem.text
    if problem.kind not in (Kind.WRONG, Kind.MODES_DISAGREE, Kind.NOT_LINEAR) or point is None:
        return None, None, _PLAIN.get(problem.kind, f"{problem.text}: work on a copy")
    whole = _matrices(point, problem.mode, kinks=problem.kink)
    nonlinear = not_linear(point, problem.mode) or not_linear(point, _OTHER[problem.mode][0])
    if whole is None or not whole.wrong.any():
        return whole, None, _of_order(problem, nonlinear or _hidden(problem))
    argument, found, columns = _first_wrong(whole)
    if problem.path and problem.path[-1] == "rev":
        argument = max(argument - 1, 0)  # the cotangent stands before the arguments
    sentence = (
        nonlinear
        or from_variants(context, None if problem.path else found)
        or swapped_arguments(whole, columns)
        or explain(found)
    )
    if problem.kink:
        sentence = f"there is a kink here, and the derivative is not between the slopes on both sides: {sentence}"
    return found, argument, _of_order(problem, sentence) + _other_mode(problem, point)


def _applications(context: Context) -> list[Application]:
    try:
        return applied(lambda *args: context.fun(*args, **context.kwargs), context.args)
    except Exception:  # noqa: BLE001  # the report is worth more than this part of it
        return []


def _wrong_alone(applications: list[Application], context: Context) -> set[Primitive]:
    """Return the primitives that fail the same check by themselves, at the values that reached them."""
    wrong: set[Primitive] = set()
    if len({one.primitive for one in applications}) == 1:
        return wrong
    for one in applications[:_SUSPECTS]:
        if one.primitive not in wrong and context.fails(*one.alone()):
            wrong.add(one.primitive)
    return wrong


def _of_order(problem: Problem, sentence: str) -> str:
    if not problem.path:
        return sentence
    right = "first order is" if len(problem.path) == 1 else "lower orders are"
    return f"{right} right, order {len(problem.path) + 1} is wrong: {sentence}"


def _other_mode(problem: Problem, point: Point) -> str:
    """Say when the other mode is right, which tells where to look."""
    mode, other, this = _OTHER[problem.mode]
    found = _matrices(point, mode, kinks=problem.kink)
    if problem.path or found is None or found.wrong.any() or not_linear(point, mode) is not None:
        return ""
    return f" ({other} mode is right: look at the rule for {this} mode)"


def _matrices(point: Point, mode: str, *, kinks: bool) -> Matrices | None:
    try:
        return wrong_part(point, mode, kinks=kinks)
    except Exception:  # noqa: BLE001  # a rule that is wrong may also raise; the problem itself is known
        return None


def _hidden(problem: Problem) -> str:
    if problem.kink:
        return (
            "there is a kink here, and the derivative is between the slopes on both sides along each coordinate, "
            "but not along other directions: those that tie must share one derivative"
        )
    if problem.kind is Kind.NOT_LINEAR:
        return "the derivative is not linear in what it is applied to: it rounds, cuts off, or has a threshold"
    return "right along unit vectors, wrong along others: the derivative is not linear, or not deterministic"


def _first_wrong(whole: Matrices) -> tuple[int, Matrices, list[np.ndarray]]:
    """Return the argument of the first wrong entry, its matrices, and a mask of the columns of each argument."""
    owners = np.repeat(np.arange(len(whole.point.args)), [len(flatten(arg)[0]) for arg in whole.point.args])
    arguments = owners[whole.point.inputs.leaves_of(whole.columns)]
    first = int(arguments[int(np.argmax(whole.wrong.any(axis=0)))])
    columns = [arguments == number for number in range(len(whole.point.args))]
    return first, whole.of_columns(columns[first]), columns
