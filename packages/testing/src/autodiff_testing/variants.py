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
    for sentence, change in _CHANGES:
        args = map_leaves(_on_arrays(change), context.args)
        if _differ(args, context.args) and context.passes(args, context.kwargs):
            return sentence if found is None else f"{sentence}; {explain(found)}"
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
        other = matrices(point, "fwd", found.rows, found.columns)
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


def _on_arrays(change: Callable[[np.ndarray, Any], Any]) -> Callable[[Any], Any]:
    return lambda leaf: change(np.asarray(unbox(leaf)), leaf)


def _double(array: np.ndarray, leaf: Any) -> Any:
    narrow = array.dtype.kind in "fc" and array.dtype not in (np.dtype(float), np.dtype(complex))
    return array.astype({"f": float, "c": complex}[array.dtype.kind]) if narrow else leaf


def _with_axis(array: np.ndarray, leaf: Any) -> Any:
    return array.reshape(1) if array.ndim == 0 and array.dtype.kind in "fc" else leaf


def _filled(array: np.ndarray, leaf: Any) -> Any:
    return leaf if array.size else np.ones([max(length, 2) for length in array.shape], array.dtype)


def _first_of_batch(array: np.ndarray, leaf: Any) -> Any:
    return array[0] if array.ndim > 2 and array.size else leaf


def _contiguous(array: np.ndarray, leaf: Any) -> Any:
    return leaf if array.flags.c_contiguous else np.ascontiguousarray(array)


#: What to say if a change of the leaves makes the problem go away; where it does nothing it returns the leaf itself.
_CHANGES: tuple[tuple[str, Callable[[np.ndarray, Any], Any]], ...] = (
    ("wrong in this precision only, right in double precision", _double),
    ("wrong for numbers and arrays without axes only, right for those of shape (1,)", _with_axis),
    ("wrong for empty arrays only", _filled),
    ("wrong for arrays that are not contiguous only", _contiguous),
    ("wrong with batch dimensions only, right for a single matrix", _first_of_batch),
)
