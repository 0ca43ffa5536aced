"""The public checks: `check_grads` and its relatives."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from typing import Any

from autodiff_testing.failure import failure
from autodiff_testing.orders import Check
from autodiff_testing.problem import Problem
from autodiff_testing.variants import Context

__tracebackhide__ = True  # in the tracebacks of pytest

MODES = ("fwd", "rev")


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
    depends on chance; that both modes are linear, also at very small scale, and each other's transpose; that `vmap` of
    the function and of its derivatives gives what a loop gives; and that the derivative is that of the function, by
    finite differences with an estimate of their error, entry by entry. They are taken in double precision even where
    the arguments are in single precision.

    At a kink any value between the slopes on both sides is right, and higher orders are not looked at. Entries of the
    value that are NaN or infinite have no derivative, and are left out. At a jump, at a singular point, at the end of
    the domain, or where the function is too noisy for finite differences, the check fails and says which it is.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x, y: np.sin(x) * y)(np.array([0.1, 0.7]), 3.0)
    """
    _check_options(modes, order, rtol, seed)
    if not callable(fun):
        raise ValueError(
            f"check_grads takes a function, got {fun!r}. Write `check_grads(f)(x)`, not `check_grads(f(x))`."
        )
    options = {"modes": tuple(modes), "order": order, "full": full, "rtol": rtol, "seed": seed}

    def run(fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        check = Check(tuple(modes), full, rtol, random.Random(seed))

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


def _check_options(modes: Any, order: Any, rtol: Any, seed: Any) -> None:
    """Raise for options that make no sense."""
    if not isinstance(modes, Sequence) or isinstance(modes, str) or not modes or any(m not in MODES for m in modes):
        raise ValueError(f"modes are a sequence of {MODES}, such as ('rev',), got {modes!r}")
    check_order(order)
    if not isinstance(rtol, (int, float)) or not 0 <= rtol < 1:
        raise ValueError(f"rtol must be a number between 0 and 1, got {rtol!r}")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise ValueError(f"seed must be an int, so that a failure can be seen again, got {seed!r}")


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
