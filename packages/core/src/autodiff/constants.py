"""Values and functions through which no derivative flows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from autodiff.containers import map_leaves
from autodiff.errors import InputError
from autodiff.primitive import primitive, primitive_of
from autodiff.rule import Zero
from autodiff.trace import Box, constant
from autodiff.vspace import vspace

F = TypeVar("F", bound=Callable[..., Any])


def stop_gradient(x: Any) -> Any:
    """Return the plain value of `x`, a constant for every differentiation that is going on.

    Parameters
    ----------
    x : number, array or container of them
        Traced or not.

    Returns
    -------
    number, array or container of them
        The same value; a copy of what is traced, since others may need it as it is.

    Examples
    --------
    >>> from autodiff import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return map_leaves(_own_value, x)


def _own_value(leaf: Any) -> Any:
    if not isinstance(leaf, Box):
        return leaf
    value = constant(leaf)
    return value if isinstance(value, Box) else vspace(value).own(value)


def nondifferentiable(fun: F) -> F:
    """Declare that the derivative of a function is zero wherever it exists, so that its results are constants.

    Parameters
    ----------
    fun : callable
        A piecewise constant function, such as a rounding, a count, a search, or a print.

    Returns
    -------
    callable
        The function, to be called in traced code; it gets plain values. If `fun` is a function of a library whose
        calls reach us by themselves, as NumPy's do, plain calls of it work as well.

    Examples
    --------
    >>> from autodiff import grad
    >>> import math
    >>> floor = nondifferentiable(math.floor)
    >>> grad(lambda x: x * floor(x))(2.5)
    2.0
    """
    known = primitive_of(fun)
    if known.rule is not None and not isinstance(known.rule, Zero):
        raise InputError(f"{known.name} has a derivative rule already, and cannot be declared nondifferentiable.")
    known.adopt(Zero(fun))
    return primitive(fun)


#: HIPS autograd's name of `nondifferentiable`.
notrace_primitive = nondifferentiable
