"""The public checks: `check_grads` and its relatives."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autodiff import make_jvp, make_vjp
from autodiff.errors import AutodiffError, OutputError, RuleError, StructureError
from autodiff_testing import exact
from autodiff_testing.compare import Numeric, check_resolution, compare_forward, compare_reverse
from autodiff_testing.failure import failure
from autodiff_testing.matrices import matrices
from autodiff_testing.point import Point, ResultError, draw
from autodiff_testing.problem import Kind, Problem
from autodiff_testing.variants import Context

MODES = ("fwd", "rev")

#: How many more directions to look at where there is a kink.
_MORE = 3


def check_grads(
    fun: Callable[..., Any],
    modes: Sequence[str] = MODES,
    order: int = 2,
    *,
    full: bool = False,
    rtol: float = 0.0,
    seed: int = 0,
) -> Callable[..., None]:
    """Make a function that checks the derivatives of `fun` at its arguments.

    Parameters
    ----------
    fun : callable
        A function of real or complex numbers, arrays and containers of them; so is its result.
    modes : sequence of {"fwd", "rev"}
        Which modes to check.
    order : int
        Up to which order: derivatives of derivatives are checked in all combinations of the modes.
    full : bool
        Whether to compare every entry of the derivative, one by one, and not only its effect along random directions.
        It takes one differentiation for each entry of the arguments or of the result.
    rtol : float
        A relative error to tolerate, beyond the estimated error of the finite differences and rounding: for functions
        that are approximations themselves.
    seed : int
        For the random directions. A failure names it.

    Returns
    -------
    callable
        With the arguments of `fun`, all of which are differentiated, and keywords, which are not. It returns nothing.

    Raises
    ------
    CheckError
        An AssertionError with the whole report, when a derivative is wrong or cannot be decided upon.
    ValueError
        When an option makes no sense.

    Notes
    -----
    Checked are: value, structure, shapes, types and realness; that nothing is changed in place, shares memory or
    depends on chance; that both modes are linear, also at very small scale, and each other's transpose; and that the
    derivative is that of the function, by finite differences with an estimate of their error, entry by entry. They are
    taken in double precision even where the arguments are in single precision.

    At a kink any value between the slopes on both sides is right, and higher orders are not looked at.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x, y: np.sin(x) * y)(np.array([0.1, 0.7]), 3.0)
    """
    _check_options(modes, order, rtol)
    if not callable(fun):
        raise ValueError(
            f"check_grads takes a function, got {fun!r}. Write `check_grads(f)(x)`, not `check_grads(f(x))`."
        )
    options = {"modes": tuple(modes), "order": order, "full": full, "rtol": rtol, "seed": seed}

    def run(fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        check = _Check(tuple(modes), full, rtol, random.Random(seed))

        def called(*new: Any) -> Any:
            return fun(*new, **kwargs)

        called.__name__ = called.__qualname__ = getattr(fun, "__name__", type(fun).__name__)  # for errors
        check(called, args, order)

    def check(*args: Any, **kwargs: Any) -> None:
        try:
            run(fun, args, kwargs)
        except Problem as problem:
            raise failure(problem, Context(fun, args, kwargs, options, run)) from problem.__cause__

    return check


def _check_options(modes: Any, order: Any, rtol: Any) -> None:
    """Raise for options that make no sense."""
    if not isinstance(modes, Sequence) or isinstance(modes, str) or not modes or any(m not in MODES for m in modes):
        raise ValueError(f"modes are a sequence of {MODES}, such as ('rev',), got {modes!r}")
    check_order(order)
    if not isinstance(rtol, (int, float)) or not 0 <= rtol < 1:
        raise ValueError(f"rtol must be a number between 0 and 1, got {rtol!r}")


def check_order(order: Any) -> None:
    """Raise for what is no order of a derivative."""
    if isinstance(order, bool) or not isinstance(order, int) or order < 1:
        raise ValueError(f"order must be at least 1, and an int, got {order!r}")


def check_vjp(fun: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Check the first derivative of `fun` at `args` in reverse mode; `options` as in `check_grads`.

    Examples
    --------
    >>> check_vjp(lambda x: x**3, 2.0)
    """
    check_grads(fun, ("rev",), 1, **options)(*args)


def check_jvp(fun: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Check the first derivative of `fun` at `args` in forward mode; `options` as in `check_grads`.

    Examples
    --------
    >>> check_jvp(lambda x: x**3, 2.0)
    """
    check_grads(fun, ("fwd",), 1, **options)(*args)


def combo_check(fun: Callable[..., Any], *args: Any, **options: Any) -> Callable[..., None]:
    """Make a function that runs `check_grads` on all combinations of the arguments in lists.

    Parameters
    ----------
    fun : callable
        As in `check_grads`, with the same further arguments.

    Returns
    -------
    callable
        Takes a list of values for each argument of `fun`, by position or name, and checks every combination.

    Examples
    --------
    >>> import numpy as np
    >>> combo_check(np.sum, order=1)([np.ones((2, 3)), np.zeros((1, 2))], axis=[None, 0, -1], keepdims=[False, True])
    """
    check = check_grads(fun, *args, **options)

    def check_all(*choices: Sequence[Any], **keyword_choices: Sequence[Any]) -> None:
        for chosen in itertools.product(*choices):
            for values in itertools.product(*keyword_choices.values()):
                check(*chosen, **dict(zip(keyword_choices, values, strict=True)))

    return check_all


class _Check:
    """Checks a function at a point, and then its derivatives, which are functions too."""

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
        """Check derivatives up to an order; `path` and `size` are those of `Problem` and `Point`."""
        point = _point(fun, args, size)
        # Where the value is not finite the derivative is not either; then warnings of it are to be expected.
        with np.errstate() if point.finite.all() else np.errstate(all="ignore"):
            try:
                direction, cotangent, kinks = self._first_order(point)
            except Problem as problem:
                problem.point, problem.path = point, path
                raise
            if order > 1 and not kinks:
                self._higher_orders(fun, point, direction, cotangent, order - 1, path)

    def _higher_orders(
        self,
        fun: Callable[..., Any],
        point: Point,
        direction: np.ndarray,
        cotangent: np.ndarray,
        order: int,
        path: tuple[str, ...],
    ) -> None:
        """Check the derivatives of the derivatives."""
        if "fwd" in self.modes:
            u = point.inputs.tangent(direction)
            jvp = make_jvp(fun, point.argnum)
            pushforward = lambda *new: jvp(*new)(u)[1]
            self(pushforward, point.args, order, (*path, "fwd"), point.size_of_tangent())
        if "rev" in self.modes:
            w = point.outputs.cotangent(cotangent)
            vjp = make_vjp(fun, point.argnum)
            pullback = lambda g, *new: vjp(*new)[0](g)
            self(pullback, (w, *point.args), order, (*path, "rev"), point.size_of_gradient(cotangent))

    def _first_order(self, point: Point) -> tuple[Any, Any, bool]:
        """Check one derivative; return the directions that were taken, and whether there is a kink."""
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
        return direction, cotangent, bool(numeric.kinks.any())

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
