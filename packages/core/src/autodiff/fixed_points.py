"""`fixed_point`: iterate to convergence, and differentiate what that converges to."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autodiff.errors import InputError, SolutionError
from autodiff.implicit import LinearSolve, added, custom_root, fitted, negative, owned
from autodiff.linear_systems import Vectors, solve_linear
from autodiff.products import spaces_and_structure


def fixed_point(
    fun: Callable[..., Any],
    guess: Any,
    *params: Any,
    tol: float | None = None,
    max_iter: int = 1000,
    linear_solve: LinearSolve = solve_linear,
) -> Any:
    """Return the x with ``x = fun(x, *params)``, found by iteration and differentiable in the parameters.

    Parameters
    ----------
    fun : callable
        ``fun(x, *params)``, with a result of the structure and shapes of x. It is iterated on plain values.
    guess : number, array or container of them
        Where the iteration begins. The solution does not depend on it: that derivative is zero.
    *params : any
        What the derivatives are by. `fun` must not use other traced values.
    tol : float, optional
        The iteration ends when a step is shorter than this, relative to the longest x so far; by default the precision
        of the arithmetic to the power 3/4, which is 2e-12 in double precision.
    max_iter : int
        How many steps are allowed.
    linear_solve : callable, optional
        See `custom_root`.

    Returns
    -------
    number, array or container of them
        The fixed point, with the structure and shapes of `guess`.

    Raises
    ------
    SolutionError
        When the iteration does not converge; and as `custom_root`.

    Notes
    -----
    The derivative is that of the fixed point, not of the steps, and needs memory for one evaluation of `fun`.

    Examples
    --------
    >>> from autodiff import grad
    >>> babylonian = lambda x, a: (x + a / x) / 2
    >>> fixed_point(babylonian, 1.0, 4.0), grad(lambda a: fixed_point(babylonian, 1.0, a))(4.0)
    (2.0, 0.25)
    """
    if not callable(fun):
        raise InputError(f"fixed_point takes a function, but got {fun!r} of type {type(fun).__name__}.")
    if tol is not None and not tol > 0:
        raise InputError(f"fixed_point takes a positive number as `tol`, not {tol!r}.")
    if type(max_iter) is not int or max_iter < 1:
        raise InputError(f"fixed_point takes a positive integer as `max_iter`, not {max_iter!r}.")
    name = getattr(fun, "__name__", "the function")

    def difference(x: Any, *params: Any) -> Any:
        y = fitted(fun(owned(x), *params), x, f"what {name}, of which a fixed point is taken, returned")
        return added(x, negative(y))

    def iterate(step_from: Callable[[Any], Any], x: Any) -> Any:
        vectors = Vectors(*spaces_and_structure(x))
        relative = vectors.epsilon() ** 0.75 if tol is None else tol
        longest = vectors.norm(x)
        for _ in range(max_iter):
            step = step_from(x)
            x = vectors.add(x, step, -1.0)
            length = vectors.norm(step)
            longest = max(longest, vectors.norm(x))
            if not math.isfinite(length + longest):
                raise SolutionError(
                    f"fixed_point: the iteration of {name} came to infinite values or NaN. Begin closer to the fixed "
                    "point, or solve the equations by another method with `custom_root`."
                )
            if length <= relative * longest:
                return x
        raise SolutionError(
            f"fixed_point: after {max_iter} steps of {name} (`max_iter`), the steps have the length {length:.1e}; "
            f"`tol` asks for {relative:.1e} times {longest:.1e}. Allow more steps or a larger tolerance, or solve the "
            "equations by another method with `custom_root`."
        )

    difference.__name__ = name
    return custom_root(difference, iterate, linear_solve=linear_solve)(guess, *params)
