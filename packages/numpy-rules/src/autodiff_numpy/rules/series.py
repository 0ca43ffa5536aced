"""Polynomial series.  https://numpy.org/doc/stable/reference/routines.polynomials-package.html

One table for all bases: see `series.py`. NumPy's functions do not hand on traced values, and so these rules are
found through `autodiff_numpy.polynomial` only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import Rule, general, primitive_of
from autodiff_numpy.composed import composed
from autodiff_numpy.series import FAMILIES, Family, as_points, trimmed

# Function -> the arguments that may be traced.
COMPOSED = {
    "val": (0, 1), "val2d": (0, 1, 2), "val3d": (0, 1, 2, 3), "grid2d": (0, 1, 2), "grid3d": (0, 1, 2, 3),
    "vander2d": (0, 1), "vander3d": (0, 1, 2), "der": (0, 2), "int": (0, 2, 3, 4), "add": (0, 1), "sub": (0, 1),
    "mul": (0, 1), "mulx": (0,), "pow": (0,), "div": (0, 1), "line": (0, 1), "fromroots": (0,),
    "companion": (0,), "fit": (0, 1, 5),
}  # fmt: skip


def _vander(family: Family) -> Rule:
    def vjp(y: Any, x: Any, deg: int) -> Callable[[Any], Any]:
        slopes, shape = family.slopes(y), np.shape(x)
        return lambda g: np.reshape(np.sum(g * slopes, axis=-1), shape)

    def jvp(tangent: Any, y: Any, x: Any, deg: int) -> Any:
        return np.expand_dims(as_points(tangent), -1) * family.slopes(y)

    return general(family.numpys("vander"), vjp=vjp, jvp=jvp)


def _rules(family: Family) -> list[Rule]:
    rules = [composed(family.numpys(name), getattr(family, name), argnums) for name, argnums in COMPOSED.items()]
    return [*rules, _vander(family), general(family.numpys("roots"), jvp=family.roots_jvp)]


def _from_roots(x: Any, r: Any, tensor: bool = True) -> Any:
    """Return the values at `x` of the polynomial with the roots `r`."""
    x, r = np.asarray(x) if not hasattr(x, "shape") else x, as_points(r)
    return np.prod(x - (np.reshape(r, r.shape + (1,) * x.ndim) if tensor else r), axis=0)


RULES: tuple[Rule, ...] = (
    *(rule for module in FAMILIES for rule in _rules(Family(module))),
    composed(np.polynomial.polyutils.trimcoef, trimmed),
    composed(np.polynomial.polynomial.polyvalfromroots, _from_roots, (0, 1)),
)

# NumPy's functions are not left to find traced values of outer transformations themselves.
for _rule in RULES:
    primitive_of(_rule.fun)
