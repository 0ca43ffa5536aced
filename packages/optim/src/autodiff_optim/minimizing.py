"""The minimum of a function of parameters in any container, by SciPy's solvers with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import scipy.optimize
from scipy.optimize import HessianUpdateStrategy

from autodiff.errors import InputError
from autodiff_optim.bounds import flat_bounds
from autodiff_optim.constraints import flat_constraints, listed
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import Method, method_named
from autodiff_optim.not_finite import Guard
from autodiff_optim.objectives import Objective
from autodiff_optim.refused import check_arguments, check_functions, check_options
from autodiff_optim.solver_callbacks import Callback, restored, stopped

KNOWN = (
    "fun", "params", "args", "method", "bounds", "constraints", "tol", "callback", "options", "hess", "not_finite"
)  # fmt: skip


def minimize(
    fun: Callable[..., Any],
    params: Any,
    args: Any = (),
    method: Any = None,
    *,
    bounds: Any = None,
    constraints: Any = (),
    tol: float | None = None,
    callback: Callable[..., Any] | None = None,
    options: dict[str, Any] | None = None,
    hess: Any = None,
    not_finite: str = "raise",
    **refused: Any,
) -> Any:
    """Find the parameters for which a function is least, by `scipy.optimize.minimize` with exact derivatives.

    Parameters
    ----------
    fun : callable
        ``fun(params, *args)`` returns a real number, computed by what autodiff can differentiate.
    params : number, array or container of them
        Where to start: floats, complex numbers, arrays of them, nested in any container.
    args : tuple
        Further arguments of `fun`, constants.
    method : str or callable, optional
        A solver of SciPy's, or a function with the signature that SciPy asks for. None: SLSQP if there are constraints;
        else BFGS for up to 500 entries without bounds, and L-BFGS-B otherwise.
    bounds : pair, container or scipy.optimize.Bounds, optional
        A pair (low, high) for all entries, None being no bound; or a container like `params` with a pair in the place
        of each leaf, an array with a pair for each entry, or None; or ``Bounds(low, high)``, of numbers or of
        containers like `params`.
    constraints : constraint or sequence of them
        `scipy.optimize.NonlinearConstraint`, or a dict with `type` and `fun`, whose `fun` takes the container; a
        `LinearConstraint`, whose matrix has a column for each entry. Derivatives are exact unless ``jac`` is a
        function.
    tol : float, optional
        When to end, as SciPy's method understands it.
    callback : callable, optional
        ``callback(intermediate_result)``, a parameter of this name, gets an OptimizeResult; ``callback(params)`` the
        parameters. Raising ``StopIteration`` ends every method.
    options : dict, optional
        Those of SciPy's method.
    hess : scipy.optimize.HessianUpdateStrategy, optional
        For the method trust-constr: approximate second derivatives by an object such as ``BFGS()``. None: they are
        exact.
    not_finite : {"raise", "pass"}
        Whether to stop with an error if the loss or a derivative is infinite or not a number, or to hand it on to
        SciPy.
    **refused
        SciPy's `jac` and `hessp` are refused: derivatives are found by autodiff.

    Returns
    -------
    scipy.optimize.OptimizeResult
        SciPy's, in which `x`, and the gradient `jac` or `grad`, are containers like `params`.

    Raises
    ------
    NotFiniteError
        When the loss or a derivative is infinite or not a number; it has the last good parameters.
    InputError, StructureError
        When an argument does not fit; the message names the leaf.

    See Also
    --------
    least_squares : For sums of squares.
    root : For equations.

    Notes
    -----
    Methods that use gradients get value and gradient from one pass; Newton-CG, trust-ncg, trust-krylov and trust-constr
    also get products with the Hessian; dogleg and trust-exact the Hessian. For the others `fun` is not differentiated.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(0.0, 1.0, 20)
    >>> y = 3.0 * x + 0.5
    >>> loss = lambda p: np.sum((p["slope"] * x + p["offset"] - y) ** 2)
    >>> found = minimize(loss, {"slope": 0.0, "offset": 0.0})
    >>> round(found.x["slope"], 5), round(found.x["offset"], 5)
    (3.0, 0.5)
    """
    check_arguments("minimize", refused, KNOWN)
    check_functions("minimize", fun, callback)
    flat = FlatParameters("minimize", params)
    options = check_options("minimize", options)
    limits = flat_bounds(bounds, flat)
    given = listed(constraints)
    name, takes = method_named(method, "minimize", flat.size, limits is not None, bool(given))
    guard = Guard(flat, not_finite)
    objective = Objective(fun, args if isinstance(args, tuple) else (args,), flat, guard)
    derivatives = _derivatives(objective, name, takes, hess)
    arguments = {
        "method": name,
        "bounds": limits,
        "constraints": flat_constraints(
            given, flat, guard, gradients=takes.gradient, hessians=name == "trust-constr" and hess is None
        ),
        "tol": tol,
        "options": options,
        **derivatives,
    }
    function = objective.value_and_gradient if takes.gradient else objective.value
    if callback is None:
        return restored(scipy.optimize.minimize(function, flat.start, **arguments), flat)
    told = Callback(callback, flat, objective.value, limits)
    try:
        result = scipy.optimize.minimize(
            function, flat.start, callback=told.with_vector if name == "TNC" else told, **arguments
        )
    except StopIteration:
        if told.stopped_at is None:  # raised by the loss itself
            raise
        result = stopped(told, guard.evaluations)
    return restored(result, flat)


def _derivatives(objective: Objective, name: Any, takes: Method, hess: Any) -> dict[str, Any]:
    """Return what SciPy is told of derivatives."""
    if hess is not None:
        if not isinstance(hess, HessianUpdateStrategy) or name != "trust-constr":
            raise InputError(
                f"minimize got hess={hess!r} for the method {name!r}. Second derivatives are found by autodiff; "
                "instead of them, only trust-constr takes an approximation, such as scipy.optimize.BFGS()."
            )
        return {"jac": True, "hess": hess}
    known: dict[str, Any] = {"jac": True} if takes.gradient else {}
    if takes.products:
        known["hessp"] = objective.hessian_product
    if takes.hessian:
        known["hess"] = objective.hessian
    return known
