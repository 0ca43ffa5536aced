"""From a problem to its cause: which argument, which entries, and why."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from autodiff.containers import flatten
from autodiff_testing.arrangements import swapped_arguments
from autodiff_testing.diagnosis import explain
from autodiff_testing.linearity import not_linear
from autodiff_testing.matrices import Matrices
from autodiff_testing.mismatch import explain_exception, named_argument
from autodiff_testing.point import Point
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.search import wrong_part
from autodiff_testing.trouble import rounds_inside, undecided
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
    Kind.BATCHED: "a batching rule of one of the functions is wrong, or the function itself does something else with "
    "values of a batch",
    Kind.NOT_FINITE: "choose a point where the function is finite",
}

#: Where the numbers of a derivative are wrong, they are looked at.
_OF_NUMBERS = (Kind.WRONG, Kind.MODES_DISAGREE, Kind.NOT_LINEAR)

_OTHER = {"fwd": ("rev", "reverse", "forward"), "rev": ("fwd", "forward", "reverse")}


class Cause(NamedTuple):
    """Why a check failed: a sentence, and what it is about, where that is known."""

    diagnosis: str
    argument: int | None = None
    found: Matrices | None = None


def cause_of(problem: Problem, context: Context) -> Cause:
    """Look for the cause of a problem."""
    point = problem.point
    if problem.kind is Kind.RAISED:
        known = (from_variants(context, None), explain_exception(problem.text))
        return Cause("; ".join(filter(None, known)) or problem.text, named_argument(problem.text))
    if problem.kind is Kind.UNDECIDED and point is not None:
        return Cause(rounds_inside(point) or undecided(point))
    if problem.kind not in _OF_NUMBERS or point is None:
        return Cause(_PLAIN.get(problem.kind, f"{problem.text}: work on a copy"))
    rounds = rounds_inside(point)
    whole = _matrices(point, problem.mode, kinks=problem.kink)
    nonlinear = not_linear(point, problem.mode) or not_linear(point, _OTHER[problem.mode][0])
    if whole is None or not whole.wrong.any():
        return Cause(_of_order(problem, rounds or nonlinear or _hidden(problem)))
    argument, found, columns = _first_wrong(whole)
    sentence = (
        rounds
        or nonlinear
        or from_variants(context, None if problem.path else found)
        or swapped_arguments(whole, columns)
        or explain(found)
    )
    if problem.kink:
        sentence = f"there is a kink here, and the derivative is not between the slopes on both sides: {sentence}"
    if problem.path and problem.path[-1] == "rev":
        argument = max(argument - 1, 0)  # the cotangent stands before the arguments
    return Cause(_of_order(problem, sentence) + _other_mode(problem, point), argument, found)


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
