"""What each solver of SciPy takes: which derivatives, bounds, constraints."""

from __future__ import annotations

from typing import Any, NamedTuple

import scipy.optimize

from autodiff.errors import InputError


class Method(NamedTuple):
    """A solver for `minimize`."""

    gradient: bool = True
    products: bool = False  # with the Hessian
    hessian: bool = False  # as a matrix
    bounds: bool = False
    constraints: bool = False
    since: tuple[int, int] = (1, 13)  # SciPy's version


METHODS = {
    "Nelder-Mead": Method(gradient=False, bounds=True),
    "Powell": Method(gradient=False, bounds=True),
    "COBYLA": Method(gradient=False, bounds=True, constraints=True),
    "COBYQA": Method(gradient=False, bounds=True, constraints=True, since=(1, 14)),
    "CG": Method(),
    "BFGS": Method(),
    "L-BFGS-B": Method(bounds=True),
    "TNC": Method(bounds=True),
    "SLSQP": Method(bounds=True, constraints=True),
    "Newton-CG": Method(products=True),
    "trust-ncg": Method(products=True),
    "trust-krylov": Method(products=True),
    "trust-constr": Method(products=True, bounds=True, constraints=True),
    "dogleg": Method(hessian=True),
    "trust-exact": Method(hessian=True),
}
CUSTOM = Method(products=True, bounds=True, constraints=True)  # a function that the user passes

#: Up to so many entries the default is BFGS, which keeps a square matrix.
SMALL = 500


def method_named(method: Any, function: str, size: int, bounded: bool, constrained: bool) -> tuple[Any, Method]:
    """Return SciPy's name of a method, and what it takes; the default for None."""
    if method is None:
        method = "SLSQP" if constrained else "BFGS" if not bounded and size <= SMALL else "L-BFGS-B"
    name = method if callable(method) else known(method, tuple(METHODS), function)
    takes = CUSTOM if callable(method) else METHODS[name]
    for given, taken, what in ((bounded, takes.bounds, "bounds"), (constrained, takes.constraints, "constraints")):
        if given and not taken:
            others = ", ".join(other for other, row in METHODS.items() if getattr(row, what))
            raise InputError(f"{function}: method {name!r} takes no {what}. These do: {others}.")
    if scipy_version() < takes.since:
        raise InputError(
            f"{function}: method {name!r} needs SciPy {'.'.join(map(str, takes.since))}; this is {scipy.__version__}."
        )
    return name, takes


def known(method: Any, names: tuple[str, ...], function: str) -> str:
    """Return the method of this name, in whatever case."""
    for name in names:
        if isinstance(method, str) and name.lower() == method.lower():
            return name
    raise InputError(f"{function} knows no method {method!r}. The methods are {', '.join(names)}.")


def scipy_version() -> tuple[int, int]:
    """Return the first two numbers of SciPy's version."""
    major, minor = scipy.__version__.split(".")[:2]
    return int(major), int(minor)
