"""Which change of a call makes its problem go away: that says what the rule overlooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autodiff.containers import map_leaves
from autodiff.extend import unbox
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
    run: Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], None]

    def passes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Whether a variant of the call has no problem."""
        try:
            self.run(self.fun, args, kwargs)
        except Exception:  # noqa: BLE001  # the variant need not be a valid call
            return False
        return True

    def fails(self, fun: Callable[..., Any], args: tuple[Any, ...]) -> bool:
        """Whether the derivative of another function is wrong."""
        try:
            self.run(fun, args, {})
        except Problem as problem:
            return problem.kind not in (Kind.UNDECIDED, Kind.NOT_FINITE)
        except Exception:  # noqa: BLE001  # nothing is known then
            return False
        return False


def from_variants(context: Context, found: Matrices | None) -> str | None:
    """Look for a variant of the call that has none of the problem; `found` is the derivative, if there is one."""
    if found is not None and not np.isfinite(found.analytic).all():
        return None
    how = f"; {explain(found)}" if found is not None else ""
    double = map_leaves(_double, context.args)
    if _differ(double, context.args) and context.passes(double, context.kwargs):
        return f"wrong in this precision only, right in double precision{how}"
    with_axes = map_leaves(_with_axis, context.args)
    if _differ(with_axes, context.args) and context.passes(with_axes, context.kwargs):
        return f"wrong for arrays without axes only, right for those of shape (1,){how}"
    return _from_keywords(context, found)


def _from_keywords(context: Context, found: Matrices | None) -> str | None:
    for name, value in context.kwargs.items():
        if name == "axis" and _negative(value):
            ndim = np.ndim(context.args[0])
            positive = tuple(a % ndim for a in value) if isinstance(value, tuple) else value % ndim
            if context.passes(context.args, {**context.kwargs, name: positive}):
                return f"wrong for negative axes only: axis={value!r} goes wrong, axis={positive!r} does not"
        rest = {key: other for key, other in context.kwargs.items() if key != name}
        if not context.passes(context.args, rest):
            continue
        if found is not None and _derivative_is_of(context, rest, found):
            return f"the argument `{name}` is ignored: the derivative is that of the call without it"
        if found is None:
            return f"the argument `{name}` is ignored or mistaken: without it there is no problem"
    return None


def _derivative_is_of(context: Context, kwargs: dict[str, Any], found: Matrices) -> bool:
    """Whether the claimed derivative is that of the call with other keywords."""
    try:
        point = Point(lambda *args: context.fun(*args, **kwargs), context.args)
        if point.outputs.size != found.point.outputs.size or point.inputs.size != found.point.inputs.size:
            return False
        other = matrices(point, "fwd").at(found.rows, found.columns)
    except Exception:  # noqa: BLE001  # the variant may not be a valid call
        return False
    return found.like(other.analytic)


def _differ(variant: Any, args: tuple[Any, ...]) -> bool:
    return any(a is not b for a, b in zip(_leaves(variant), _leaves(args), strict=True))


def _leaves(value: Any) -> list[Any]:
    leaves: list[Any] = []
    map_leaves(leaves.append, value)
    return leaves


def _negative(value: Any) -> bool:
    return any(isinstance(a, int) and a < 0 for a in (value if isinstance(value, tuple) else (value,)))


def _double(leaf: Any) -> Any:
    array = np.asarray(unbox(leaf))
    narrow = array.dtype.kind in "fc" and array.dtype not in (np.dtype(float), np.dtype(complex))
    return array.astype({"f": float, "c": complex}[array.dtype.kind]) if narrow else leaf


def _with_axis(leaf: Any) -> Any:
    array = np.asarray(unbox(leaf))
    return array.reshape(1) if array.ndim == 0 and array.dtype.kind in "fc" else leaf
