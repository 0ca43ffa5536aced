"""Everything to extend autodiff with: primitives and their rules, types of values, traces, plugins.

>>> from autodiff import grad
>>> from autodiff.extend import defvjp, primitive
>>> @primitive
... def square(x):
...     return x * x
>>> defvjp(square, lambda y, x: lambda g: 2 * g * x)
>>> grad(square)(3.0)
6.0
"""

from collections.abc import Iterable
from typing import Any

from autodiff.batching import Batching, Same, one_plain_value
from autodiff.constants import nondifferentiable, notrace_primitive
from autodiff.containers import flatten, map_leaves, register_container, unflatten
from autodiff.define import def_linear, defjvp, defjvp_argnum, defjvp_argnums, defvjp, defvjp_argnum, defvjp_argnums
from autodiff.elementwise import Elementwise, elementwise, partials, times
from autodiff.general import general
from autodiff.hookspecs import BoxEntry, ContainerEntry, VSpaceEntry, hookimpl
from autodiff.keeping import Hold, Keeper
from autodiff.linear import bilinear, linear
from autodiff.numbers import OperatorBox, lost_derivative
from autodiff.overwriting import overwriting
from autodiff.plugins import load_plugins
from autodiff.primitive import Primitive, primitive, primitive_of
from autodiff.products import differentiating
from autodiff.reduction import reduction
from autodiff.rule import Rule, register, zero
from autodiff.trace import BatchBox, Box, ManyValues, Trace, bind, frozen, has_box, kind_of, register_box, unbox
from autodiff.vspace import VSpace, register_vspace
from autodiff.vspace import vspace as _vspace


def vspace(value: Any) -> VSpace:
    """Return the vector space of a value: zeros, ones, basis, inner product, and so on.

    Parameters
    ----------
    value : number, array or other value of a type with a vector space
        Traced or not; for a container, take its leaves.

    Returns
    -------
    VSpace
        The space in which the tangents and cotangents of `value` live.

    Raises
    ------
    InputError
        When no plugin knows the type.

    Examples
    --------
    >>> vspace(2.0) == vspace(5.0)
    True
    >>> float(vspace(2.0).zeros())
    0.0
    """
    load_plugins()
    return _vspace(value)


def register_rules(rules: Iterable[Rule], owner: str = "the user") -> None:
    """Register the rows of a table, outside of a plugin.

    Parameters
    ----------
    rules : iterable of Rule
        Rows made by `elementwise`, `linear` and the like.
    owner : str
        Whose rules they are, for the report of a conflict.

    Raises
    ------
    PluginError
        When a function has a rule already. Rows before it are registered.
    """
    for rule in rules:
        register(rule, owner)


__all__ = [
    "BatchBox",
    "Batching",
    "Box",
    "BoxEntry",
    "ContainerEntry",
    "Elementwise",
    "Hold",
    "Keeper",
    "ManyValues",
    "OperatorBox",
    "Primitive",
    "Rule",
    "Same",
    "Trace",
    "VSpace",
    "VSpaceEntry",
    "bilinear",
    "bind",
    "def_linear",
    "defjvp",
    "defjvp_argnum",
    "defjvp_argnums",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "differentiating",
    "elementwise",
    "flatten",
    "frozen",
    "general",
    "has_box",
    "hookimpl",
    "kind_of",
    "linear",
    "load_plugins",
    "lost_derivative",
    "map_leaves",
    "nondifferentiable",
    "notrace_primitive",
    "one_plain_value",
    "overwriting",
    "partials",
    "primitive",
    "primitive_of",
    "reduction",
    "register_box",
    "register_container",
    "register_rules",
    "register_vspace",
    "times",
    "unbox",
    "unflatten",
    "vspace",
    "zero",
]
