"""Nonlinear least squares on parameters in any container, by SciPy's solver with exact Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from autodiff.containers import container_of, flatten_like
from autodiff.errors import InputError, StructureError
from autodiff_optim.bounds import check_inside, flat_bounds
from autodiff_optim.flat_functions import FlatFunction
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.methods import known, scipy_version
from autodiff_optim.not_finite import Guard
from autodiff_optim.refused import check_arguments, check_functions
from autodiff_optim.solver_callbacks import Callback, restored
from autodiff_scipy import SparsityError

OPTIONS = ("ftol", "xtol", "gtol", "x_scale", "loss", "f_scale", "tr_solver", "tr_options", "max_nfev", "verbose")
OWN = ("residual", "params", "args", "kwargs", "method", "bounds", "jacobian", "sparsity", "callback", "not_finite")
JACOBIANS = ("auto", "dense", "sparse", "operator")

#: A matrix with up to so many entries, 16 MB, is dense. A larger one is sparse if at most this part of it is not zero.
SMALL, THIN = 2_000_000, 0.1


def least_squares(
    residual: Callable[..., Any],
    params: Any,
    args: Any = (),
    kwargs: dict[str, Any] | None = None,
    *,
    method: str = "trf",
    bounds: Any = None,
    jacobian: str = "auto",
    sparsity: Any = None,
    callback: Callable[..., Any] | None = None,
    not_finite: str = "raise",
    **options: Any,
) -> Any:
    """Find the parameters for which a sum of squares is least, by `scipy.optimize.least_squares` with exact Jacobians.

    Parameters
    ----------
    residual : callable
        ``residual(params, *args, **kwargs)`` returns what is squared: numbers, arrays or a container of them. Of
        complex ones the absolute values are squared.
    params : number, array or container of them
        Where to start.
    args, kwargs : tuple, dict
        Further arguments of `residual`, constants.
    method : {"trf", "dogbox", "lm"}
        SciPy's solver.
    bounds : pair, container or scipy.optimize.Bounds, optional
        As for `minimize`.
    jacobian : {"auto", "dense", "sparse", "operator"}
        How it is computed and passed on: as a matrix, by forward or reverse mode as takes fewer passes; as a sparse
        matrix by colours; as a linear operator, by products only. "auto": sparse if `sparsity` is given; else an
        operator if ``tr_solver="lsmr"``; else dense up to 2 million entries, and always for the method lm or
        ``tr_solver="exact"``; larger ones are sparse if at most a tenth of the entries can be other than zero, else an
        operator.
    sparsity : Sparsity or matrix, optional
        Where the Jacobian can be other than zero, of `autodiff_scipy.jacobian_sparsity` or a matrix: a column for each
        entry of the vector of parameters, a row for each of the residual. None: if it is wanted, it is found.
    callback : callable, optional
        As for `minimize`; SciPy 1.16 and newer, and not for the method lm.
    not_finite : {"raise", "pass"}
        As for `minimize`.
    **options
        SciPy's `ftol`, `xtol`, `gtol`, `x_scale`, `loss`, `f_scale`, `tr_solver`, `tr_options`, `max_nfev`, `verbose`.
        An `x_scale` other than a number or "jac" has the structure of `params`.

    Returns
    -------
    scipy.optimize.OptimizeResult
        SciPy's, in which `x` and `grad` are containers like `params`; `fun`, `jac` and `active_mask` are of the
        vectors.

    Raises
    ------
    NotFiniteError
        When the residual or its Jacobian is infinite or not a number.
    InputError, StructureError
        When an argument does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.linspace(0.0, 2.0, 30)
    >>> y = 2.5 * np.exp(-1.3 * t)
    >>> model = lambda p: p["amplitude"] * np.exp(-p["rate"] * t) - y
    >>> found = least_squares(model, {"amplitude": 1.0, "rate": 1.0}, method="lm")
    >>> round(found.x["amplitude"], 6), round(found.x["rate"], 6)
    (2.5, 1.3)
    """
    check_arguments("least_squares", options, OPTIONS + OWN)
    check_functions("least_squares", residual, callback)
    flat = FlatParameters("least_squares", params)
    method = known(method, ("trf", "dogbox", "lm"), "least_squares")
    guard = Guard(flat, not_finite)
    function = FlatFunction(
        residual, args if isinstance(args, tuple) else (args,), kwargs or {}, flat, guard, "the residual"
    )
    if np.size(function.value(flat.start)) == 0:
        raise InputError("least_squares: the residual has no entries, so that all parameters are equally good.")
    limits = flat_bounds(bounds, flat)
    if limits is not None:
        if method == "lm":
            raise InputError("least_squares: method 'lm' takes no bounds. These do: trf, dogbox.")
        check_inside(limits, flat)
        options["bounds"] = limits
    if "x_scale" in options:
        options["x_scale"] = _scale(options["x_scale"], flat)
    if callback is not None:
        options["callback"] = _callback(callback, function, limits, method)
    matrix = _jacobian(function, jacobian, sparsity, method, options.get("tr_solver"))
    return restored(scipy.optimize.least_squares(function.value, flat.start, matrix, method=method, **options), flat)


def _jacobian(function: FlatFunction, choice: str, sparsity: Any, method: str, solver: str | None) -> Any:
    """Return the function that makes the Jacobian, chosen by the rules that the docstring has."""
    if choice not in JACOBIANS:
        raise InputError(f"least_squares got jacobian={choice!r}; it is one of {', '.join(map(repr, JACOBIANS))}.")
    if sparsity is not None and choice not in ("auto", "sparse"):
        raise InputError(f"least_squares got both a sparsity pattern and jacobian={choice!r}. Choose one of them.")
    dense_only = f"method={method!r}" if method == "lm" else "tr_solver='exact'" if solver == "exact" else ""
    if dense_only and (sparsity is not None or choice in ("sparse", "operator")):
        other = "jacobian" if sparsity is None else "sparsity"
        raise InputError(f"least_squares: {dense_only} works with dense Jacobians only. Leave out `{other}`.")
    if sparsity is not None:
        choice = "sparse"
    elif choice == "auto":
        choice = _automatic(function, bool(dense_only), solver)
    return {"dense": function.dense, "sparse": function.sparse(sparsity), "operator": function.operator}[choice]


def _automatic(function: FlatFunction, dense_only: bool, solver: str | None) -> str:
    if solver == "lsmr":
        return "operator"
    assert function.size is not None  # it has been evaluated
    entries = function.size * function.flat.size
    if dense_only or entries <= SMALL:
        return "dense"
    try:
        return "sparse" if function.find_sparsity(function.flat.start).nnz <= THIN * entries else "operator"
    except SparsityError:  # nearly everything depends on everything
        return "operator"


def _scale(scale: Any, flat: FlatParameters) -> Any:
    """Return `x_scale` as SciPy takes it, from a number, a word or a container."""
    if scale is None or isinstance(scale, str) or (container_of(type(scale)) is None and np.ndim(scale) == 0):
        return scale
    vector = np.empty(flat.size)
    for leaf, part in zip(flat.leaves, flatten_like(flat.structure, scale, "x_scale"), strict=True):
        try:
            width = (leaf.stop - leaf.start) // (2 if leaf.iscomplex else 1)
            entries = np.broadcast_to(np.asarray(part, float), leaf.shape).reshape(width)
        except (TypeError, ValueError):
            raise StructureError(
                f"least_squares: x_scale of {leaf.name} must be a number or an array of shape {leaf.shape}, not "
                f"{part!r}."
            ) from None
        vector[leaf.start : leaf.stop] = np.tile(entries, 2) if leaf.iscomplex else entries
    return vector


def _callback(callback: Callable[..., Any], function: FlatFunction, limits: Any, method: str) -> Callback:
    if method == "lm":
        raise InputError("least_squares: method 'lm' takes no callback. These do: trf, dogbox.")
    if scipy_version() < (1, 16):
        raise InputError(f"least_squares with a callback needs SciPy 1.16; this is {scipy.__version__}.")
    return Callback(callback, function.flat, lambda vector: 0.5 * float(np.sum(function.value(vector) ** 2)), limits)
