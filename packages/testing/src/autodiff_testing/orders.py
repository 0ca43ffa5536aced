"""The checks of a function at a point, one after the other, and of its derivatives, which are functions too."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autodiff import make_jvp, make_vjp
from autodiff.errors import AutodiffError, OutputError, RuleError, StructureError
from autodiff_testing import exact
from autodiff_testing.batches import check_batched
from autodiff_testing.compare import Numeric, check_resolution, compare_forward, compare_reverse
from autodiff_testing.matrices import matrices
from autodiff_testing.point import Point, ResultError, draw
from autodiff_testing.problem import Kind, Problem

__tracebackhide__ = True  # in the tracebacks of pytest

#: How many more directions to look at where there is a kink.
_MORE = 3


class Probe(NamedTuple):
    """Where a derivative was looked at: a tangent, a cotangent, and whether the function has a kink there."""

    direction: np.ndarray
    cotangent: np.ndarray
    kink: bool


class Check:
    """What `check_grads` does with a function and its arguments.

    Attributes
    ----------
    modes, full, rtol
        As in `check_grads`.
    rng : random.Random
        From which directions are drawn.
    """

    def __init__(self, modes: tuple[str, ...], full: bool, rtol: float, rng: random.Random) -> None:
        self.modes = modes
        self.full = full
        self.rtol = rtol
        self.rng = rng

    def __call__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        order: int,
        path: tuple[str, ...] = (),
        size: np.ndarray | float = 0.0,
    ) -> None:
        """Raise the first problem of the derivatives up to an order; `path` and `size` as in `Problem` and `Point`."""
        point = _point(fun, args, size)
        # Where the value is not finite the derivative is not either; then warnings of it are to be expected.
        with np.errstate() if point.finite.all() else np.errstate(all="ignore"):
            try:
                probe = self._derivative(point)
                if not path:
                    check_batched(point, self.modes, probe.direction, probe.cotangent)
            except Problem as problem:
                problem.point, problem.path = point, path
                raise
            if order > 1 and not probe.kink:
                self._derivatives_of_derivatives(point, probe, order - 1, path)

    def _derivatives_of_derivatives(self, point: Point, probe: Probe, order: int, path: tuple[str, ...]) -> None:
        if "fwd" in self.modes:
            u = point.inputs.tangent(probe.direction)
            jvp = make_jvp(point.fun, point.argnum)
            pushforward = lambda *new: jvp(*new)(u)[1]
            self(pushforward, point.args, order, (*path, "fwd"), point.size_of_tangent())
        if "rev" in self.modes:
            w = point.outputs.cotangent(probe.cotangent)
            vjp = make_vjp(point.fun, point.argnum)
            pullback = lambda g, *new: vjp(*new)[0](g)
            self(pullback, (w, *point.args), order, (*path, "rev"), point.size_of_gradient(probe.cotangent))

    def _derivative(self, point: Point) -> Probe:
        exact.check_function(point)
        direction = self._direction(point)
        numeric = Numeric(point, direction, self.rtol)
        drawn = np.where(point.finite, draw(self.rng, point.outputs.size) / numeric.sizes(), 0.0)
        cotangent = point.outputs.of_cotangent(point.outputs.cotangent(drawn))  # as the types of the result round it
        tangent = gradient = None
        if "fwd" in self.modes:
            with _findings(numeric, "fwd"):
                tangent = exact.forward(point, direction, self.rng)
                compare_forward(numeric, tangent)
        if "rev" in self.modes:
            with _findings(numeric, "rev"):
                gradient = exact.reverse(point, cotangent, self.rng)
                compare_reverse(numeric, cotangent, gradient)
        if tangent is not None and gradient is not None:
            exact.check_transposed(point, direction, tangent, cotangent, gradient)
        for mode in self.modes:
            with _findings(numeric, mode):
                if numeric.kinks.any():
                    self._at_kink(point, mode, direction, cotangent)
                elif self.full:
                    self._every_entry(point, mode)
        return Probe(direction, cotangent, bool(numeric.kinks.any()))

    def _at_kink(self, point: Point, mode: str, direction: np.ndarray, cotangent: np.ndarray) -> None:
        """Look in more directions: between the slopes in one is not enough, where several arguments tie."""
        for along in (np.abs(direction), *(self._direction(point) for _ in range(_MORE))):
            numeric = Numeric(point, along, self.rtol)
            if mode == "fwd":
                compare_forward(numeric, point.push(along))
            else:
                compare_reverse(numeric, cotangent, point.pull(cotangent))

    def _every_entry(self, point: Point, mode: str) -> None:
        """Compare the whole derivative."""
        if matrices(point, mode, np.arange(point.outputs.size), np.arange(point.inputs.size)).wrong.any():
            raise Problem(Kind.WRONG, mode, "entries of the derivative are not the numerical ones")

    def _direction(self, point: Point) -> np.ndarray:
        """Draw a direction; what gives a value that is not finite is held still."""
        direction = point.direction(self.rng)
        if "rev" in self.modes and not point.finite.all():
            return np.where(np.isfinite(point.pull(point.finite.astype(float))), direction, 0.0)
        return direction


def _point(fun: Callable[..., Any], args: tuple[Any, ...], size: np.ndarray | float) -> Point:
    try:
        point = Point(fun, args, size)
    except ResultError as error:
        raise OutputError(
            f"the function that is checked returned {error}. It must return real or complex numbers, "
            "arrays of them, or containers."
        ) from None
    if not point.outputs.spaces:
        raise OutputError("the function that is checked returned nothing that has a derivative.")
    if not point.inputs.spaces:
        raise ValueError("there is nothing to differentiate: pass the arguments of the function to the check.")
    return point


@contextlib.contextmanager
def _findings(numeric: Numeric, mode: str) -> Iterator[None]:
    """Make a finding of what a rule raises, unless the error speaks of a wrong use."""
    try:
        yield
    except (RuleError, StructureError) as error:
        raise Problem(Kind.RAISED, mode, str(error)) from error
    except (AutodiffError, Problem):
        raise
    except Exception as error:
        if isinstance(error, (ArithmeticError, RuntimeWarning)):
            check_resolution(numeric, mode)  # at a singular point that is to be expected
        raise Problem(Kind.RAISED, mode, f"{type(error).__name__}: {error}") from error
