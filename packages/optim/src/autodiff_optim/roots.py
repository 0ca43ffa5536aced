"""Solutions of equations for parameters in any container, by SciPy's solvers with exact Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from autodiff.errors import InputError, StructureError
from autodiff_optim.flat_functions import FlatFunction
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import known
from autodiff_optim.not_finite import Guard
from autodiff_optim.refused import check_arguments, check_functions, check_options
from autodiff_optim.solver_callbacks import restored

#: The methods, and whether they take a Jacobian.
METHODS = {
    "hybr": True,
    "lm": True,
    "broyden1": False,
    "broyden2": False,
    "anderson": False,
    "linearmixing": False,
    "diagbroyden": False,
    "excitingmixing": False,
    "krylov": False,
    "df-sane": False,
}
KNOWN = ("fun", "params", "args", "method", "tol", "callback", "options", "not_finite")


def root(
    fun: Callable[..., Any],
    params: Any,
    args: Any = (),
    method: str = "hybr",
    *,
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    not_finite: str = "raise",
    **refused: Any,
) -> Any:
    """Find the parameters that solve equations, by `scipy.optimize.root` with exact Jacobians.

    Parameters
    ----------
    fun : callable
        ``fun(params, *args)`` returns what shall be zero: numbers, arrays or a container of them, with as many entries
        as the parameters; a complex one counts twice.
    params : number, array or container of them
        Where to start.
    args : tuple
        Further arguments of `fun`, constants.
    method : str
        A solver of SciPy's. hybr and lm get the Jacobian; the others approximate it by the values they see, and `fun`
        is not differentiated.
    tol : float, optional
        When to end, as SciPy's method understands it.
    callback : callable, optional
        ``callback(params, f)``, for all methods but hybr and lm; `f` is the vector of values.
    options : dict, optional
        Those of SciPy's method.
    not_finite : {"raise", "pass"}
        As for `minimize`.
    **refused
        SciPy's `jac` is refused: derivatives are found by autodiff.

    Returns
    -------
    scipy.optimize.OptimizeResult
        SciPy's, in which `x` is a container like `params`. Look at `success`.

    Raises
    ------
    NotFiniteError
        When a value or a derivative is infinite or not a number.
    InputError, StructureError
        When an argument does not fit.

    See Also
    --------
    autodiff.custom_root : Differentiates the solution with respect to what the equations depend on.

    Examples
    --------
    >>> found = root(lambda p: (p["x"] ** 2 + p["y"] ** 2 - 25.0, p["y"] - 0.75 * p["x"]), {"x": 1.0, "y": 1.0})
    >>> round(found.x["x"], 6), round(found.x["y"], 6)
    (4.0, 3.0)
    """
    check_arguments("root", refused, KNOWN)
    check_functions("root", fun, callback)
    method = known(method, tuple(METHODS), "root")
    options = check_options("root", options)
    flat = FlatParameters("root", params)
    function = FlatFunction(
        fun, args if isinstance(args, tuple) else (args,), {}, flat, Guard(flat, not_finite), "the value"
    )
    size = np.size(function.value(flat.start))
    if size != flat.size:
        raise StructureError(
            f"root needs as many equations as unknowns, but the function returned {size} real numbers, and `params` "
            f"has {flat.size}. For more equations, or fewer, there is `least_squares`."
        )
    if METHODS[method] and callback is not None:
        others = ", ".join(other for other, jacobian in METHODS.items() if not jacobian)
        raise InputError(f"root: method {method!r} takes no callback. These do: {others}.")
    result = scipy.optimize.root(
        function.value,
        flat.start,
        method=method,
        jac=function.dense if METHODS[method] else None,
        tol=tol,
        callback=None if callback is None else lambda vector, f: callback(flat.params(vector), f),
        options=options,
    )
    return restored(result, flat)
