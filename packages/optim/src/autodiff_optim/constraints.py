"""Constraints whose functions take parameters in a container, as SciPy's solvers take them: functions of a vector."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import BFGS, HessianUpdateStrategy, LinearConstraint, NonlinearConstraint

from autodiff.containers import container_of, flatten_like
from autodiff.errors import InputError, StructureError
from autodiff_optim.flat_functions import FlatFunction
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.not_finite import Guard
from autodiff_scipy import hessian_operator

DICT_KEYS = {"type", "fun", "jac", "args"}


def listed(constraints: Any) -> list[Any]:
    """Return the constraints as a list, of which there may be one, or none."""
    if constraints is None:
        return []
    several = isinstance(constraints, Iterable) and not isinstance(constraints, dict)
    return list(constraints) if several else [constraints]


def flat_constraints(
    given: list[Any], flat: FlatParameters, guard: Guard, *, gradients: bool, hessians: bool
) -> list[Any]:
    """Return constraints on the vector, with exact derivatives as far as the solver takes them."""
    made = []
    for number, constraint in enumerate(given):
        name = f"constraint {number}" if len(given) > 1 else "the constraint"
        if isinstance(constraint, LinearConstraint):
            _check_matrix(constraint, flat, name)
            made.append(constraint)
        elif isinstance(constraint, NonlinearConstraint):
            function = FlatFunction(constraint.fun, (), {}, flat, guard, name, beside=True)
            made.append(_nonlinear(constraint, function, gradients, hessians))
        elif isinstance(constraint, dict):
            _check_dict(constraint, flat, name)
            args = tuple(constraint.get("args", ()))
            function = FlatFunction(constraint["fun"], args, {}, flat, guard, name, beside=True)
            made.append(_from_dict(constraint, function, gradients, hessians))
        else:
            raise InputError(
                f"{flat.function}: {name} is of type {type(constraint).__name__}. Pass scipy.optimize's "
                "LinearConstraint or NonlinearConstraint, or a dict with `type` and `fun`."
            )
    return made


def _check_matrix(constraint: LinearConstraint, flat: FlatParameters, name: str) -> None:
    if constraint.A.shape[1] != flat.size or any(leaf.iscomplex for leaf in flat.leaves):
        places = ", ".join(f"{leaf.name} {leaf.start}:{leaf.stop}" for leaf in flat.leaves)
        raise StructureError(
            f"{flat.function}: the matrix of {name} has the shape {constraint.A.shape}, but must have a column for "
            f"each of {flat.size} real parameters, in the order {places}; complex ones have none. A "
            "NonlinearConstraint takes the container, also for a linear function."
        )


def _nonlinear(
    constraint: NonlinearConstraint, function: FlatFunction, gradients: bool, hessians: bool
) -> NonlinearConstraint:
    jac, name = constraint.jac, f"{function.flat.function}: {function.what}"
    if constraint.finite_diff_rel_step is not None or (not callable(jac) and jac != "2-point"):  # SciPy's default
        raise InputError(
            f"{name} asks for finite differences (jac={jac!r}, "
            f"finite_diff_rel_step={constraint.finite_diff_rel_step!r}), but derivatives are exact here. Leave out "
            "both, or pass `jac` as a function."
        )
    if not (callable(constraint.hess) or isinstance(constraint.hess, HessianUpdateStrategy)):
        raise InputError(
            f"{name} has hess={constraint.hess!r}. Leave it out for exact second derivatives, or pass a function, or "
            "an object such as scipy.optimize.SR1() for an approximation."
        )
    derivatives = {}
    if gradients:
        derivatives["jac"] = _jacobian(function, jac, constraint.finite_diff_jac_sparsity)
        derivatives["hess"] = _hessian(function, constraint.hess, hessians)
    return NonlinearConstraint(
        function.value, constraint.lb, constraint.ub, keep_feasible=constraint.keep_feasible, **derivatives
    )


def _check_dict(constraint: dict[str, Any], flat: FlatParameters, name: str) -> None:
    jac = constraint.get("jac")
    if (
        constraint.get("type") not in ("eq", "ineq")
        or not callable(constraint.get("fun"))
        or not (jac is None or callable(jac))
        or constraint.keys() - DICT_KEYS
    ):
        raise InputError(
            f"{flat.function}: {name}, a dict, must have `type`, which is 'eq' or 'ineq', and `fun`, a function. It "
            f"may have `args`, and `jac`, a function; without it, derivatives are exact. It is {constraint!r}."
        )


def _from_dict(constraint: dict[str, Any], function: FlatFunction, gradients: bool, hessians: bool) -> Any:
    exact = _jacobian(function, constraint.get("jac"), None)
    if hessians:  # for which a dict has no place
        upper = 0.0 if constraint["type"] == "eq" else np.inf
        return NonlinearConstraint(function.value, 0.0, upper, jac=exact, hess=_hessian(function, None, hessians))
    return {"type": constraint["type"], "fun": function.value} | ({"jac": exact} if gradients else {})


def _jacobian(function: FlatFunction, given: Any, sparsity: Any) -> Callable[[Any], Any]:
    """Return the function that makes the Jacobian: ours, or the user's, which returns a block for each leaf."""
    if not callable(given):
        return function.dense if sparsity is None else function.sparse(sparsity)
    flat = function.flat

    def matrix(vector: Any) -> Any:
        found = given(flat.params(vector), *function.args)
        if sparse.issparse(found):
            return found
        of_vector = flat.structure.kind is None or container_of(type(found)) is None
        blocks = [found] if of_vector else flatten_like(flat.structure, found, f"`jac` of {function.what}")
        widths = [flat.size] if of_vector else [leaf.stop - leaf.start for leaf in flat.leaves]
        return np.hstack([np.reshape(block, (-1, width)) for block, width in zip(blocks, widths, strict=True)])

    return matrix


def _hessian(function: FlatFunction, given: Any, exact: bool) -> Any:
    """Return what makes the second derivatives of the constraint's entries, weighted by v and summed."""
    if callable(given):
        return lambda vector, v: given(function.flat.params(vector), v)
    # SciPy fills in BFGS() where nothing is given, so that it cannot be told from a wish.
    if not exact or not isinstance(given, BFGS | None):
        return given
    return lambda vector, v: hessian_operator(lambda x: np.sum(v * function.traceable(x)))(np.array(vector, float))
