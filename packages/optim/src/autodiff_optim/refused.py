"""Arguments of SciPy's functions that have no meaning here, as derivatives are ours: refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autodiff.errors import InputError

OURS = (
    "derivatives are found by autodiff. Leave it out; a derivative that you know better is given to the function "
    "itself, by `autodiff.extend.primitive` and `defvjp`"
)
DIFFERENCES = "there are no finite differences here, as derivatives are exact. Leave it out"

REFUSED = {
    "jac": OURS,
    "hess": OURS,
    "hessp": OURS,
    "diff_step": DIFFERENCES,
    "eps": DIFFERENCES,
    "finite_diff_rel_step": DIFFERENCES,
    "workers": DIFFERENCES,
    "band": DIFFERENCES,
    "col_deriv": "the Jacobian is made here, in the way that the solver wants it. Leave it out",
    "jac_sparsity": "it is called `sparsity` here",
    "x0": "where to start is called `params` here",
    "fun": "pass the function by position",
}


def check_arguments(function: str, given: Mapping[str, Any], known: tuple[str, ...], *, where: str = "") -> None:
    """Raise if there are arguments that are refused, or that are none of the known ones."""
    for name in given:
        if name in known:
            continue
        if name in REFUSED:
            raise InputError(f"{function} takes no `{name}`{where}: {REFUSED[name]}.")
        raise InputError(f"{function} has no argument `{name}`. It has {', '.join(known)}.")


def check_functions(function: str, fun: Any, callback: Any = None) -> None:
    """Raise unless the function that a solver is about can be called, and so can the callback, if there is one."""
    for given, what in ((fun, "a function"), (callback, "a function as `callback`")):
        if not callable(given) and (given is not None or what == "a function"):
            raise InputError(f"{function} takes {what}, but got {given!r} of type {type(given).__name__}.")


def check_options(function: str, options: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the options of a solver, but raise if some are about other derivatives. SciPy says which are unknown."""
    options = dict(options or {})
    for name in options:
        if name in REFUSED:
            raise InputError(f"{function} takes no option `{name}`: {REFUSED[name]}.")
    return options
