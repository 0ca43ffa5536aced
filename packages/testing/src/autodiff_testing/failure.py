"""From a problem to the error that reports it."""

from __future__ import annotations

from autodiff.extend import Primitive
from autodiff_testing import report
from autodiff_testing.cause import Cause, cause_of
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.reproducer import reproducer
from autodiff_testing.suspects import Application, applied
from autodiff_testing.variants import Context

#: So many applications of primitives are checked by themselves.
_SUSPECTS = 20

#: What has to do with the function alone, and not with the rules that it uses.
_OF_FUNCTION = (Kind.NONDETERMINISTIC_FUNCTION, Kind.NOT_FINITE, Kind.UNDECIDED)


def failure(problem: Problem, context: Context) -> report.CheckError:
    """Return the error with the whole report."""
    try:
        cause = cause_of(problem, context)
    except Exception as error:  # noqa: BLE001  # the problem is known, whatever a wrong rule does next
        cause = Cause(f"not found, as the function or its rule raised {type(error).__name__}: {error}")
    lines = report.heading(problem, context.fun, context.args, cause.argument, cause.diagnosis)
    if cause.found is not None and cause.found.wrong.any():
        lines += ["", *report.worst_entries(cause.found)]
    applications = [] if problem.kind in _OF_FUNCTION else _applications(context)
    if applications:
        lines += ["", "rules that were applied", *report.rules_of(applications, _wrong_alone(applications, context))]
    program = reproducer(context.fun, context.args, context.kwargs, context.options)
    lines += ["", "to see it again", *(f"  {line}" for line in program)]
    order = len(problem.path) + 1
    return report.CheckError("\n".join(lines), problem.kind, problem.mode, order, cause.argument, cause.diagnosis)


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
