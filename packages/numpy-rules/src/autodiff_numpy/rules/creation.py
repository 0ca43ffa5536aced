"""Array creation.  https://numpy.org/doc/stable/reference/routines.array-creation.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import LostDerivativeError
from autodiff.extend import Rule, general, linear, primitive_of, vspace, zero
from autodiff_numpy.array_making import from_entries
from autodiff_numpy.nesting import fit, shape_of, spaces_of
from autodiff_numpy.vspace import ArraySpace

# From entries


def _full_like(
    y: Any, a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None
) -> Callable[[Any], Any]:
    if np.result_type(y).kind not in "fc":
        raise LostDerivativeError(
            f"numpy.full_like was to write a traced value into an array of type {np.result_type(y)}, which would drop "
            "its derivative. Pass `dtype=float`, or a template of floating-point numbers."
        )
    spaces = spaces_of(fill_value)
    filled = ArraySpace(shape_of(spaces), np.result_type(y), np.ndarray)
    return lambda g: fit(filled.project(g), spaces)


# Coordinates


def _meshgrid_vjp(argnums: tuple[int, ...], y: Any, args: Any, kwargs: Any) -> Callable[[Any], tuple[Any, ...]]:
    spaces = {i: vspace(args[i]) for i in argnums}
    others = {i: _other_axes(i, len(y), **kwargs) for i in argnums}

    def pull(g: Any, i: int) -> Any:
        return spaces[i].project(np.reshape(np.sum(g[i], axis=others[i]), spaces[i].shape))

    return lambda g: tuple(pull(g, i) for i in argnums)


def _meshgrid_jvp(argnums: tuple[int, ...], tangents: Any, y: Any, args: Any, kwargs: Any) -> Any:
    known = dict(zip(argnums, tangents, strict=True))
    parts = []
    for i, grid in enumerate(y):
        if i in known:
            tangent = np.expand_dims(np.ravel(known[i]), _other_axes(i, len(y), **kwargs))
            parts.append(np.broadcast_to(tangent, grid.shape))
        else:
            parts.append(vspace(grid).zeros())
    return type(y)(parts)


def _other_axes(i: int, ndim: int, indexing: str = "xy", **_: Any) -> tuple[int, ...]:
    """Return the axes along which the grid of argument `i` is constant."""
    own = 1 - i if indexing == "xy" and i < 2 <= ndim else i
    return tuple(axis for axis in range(ndim) if axis != own)


def _meshgrid() -> Rule:
    rule = general(np.meshgrid)
    rule.vjp_argnums, rule.jvp_argnums = _meshgrid_vjp, _meshgrid_jvp
    return rule


# Matrices


def _powers(x: Any, N: int | None, increasing: bool) -> Any:
    """Return the derivatives of the powers that `vander` takes of each entry."""
    exponents = np.arange(np.shape(x)[0] if N is None else N).astype(np.result_type(x))
    if not increasing:
        exponents = exponents[::-1]
    return exponents * np.power(np.expand_dims(x, 1), np.maximum(exponents.real - 1, 0))


def _vander_vjp(y: Any, x: Any, N: int | None = None, increasing: bool = False) -> Callable[[Any], Any]:
    partials = _powers(x, N, increasing)
    return lambda g: np.sum(g * partials, axis=1)


def _vander_jvp(t: Any, y: Any, x: Any, N: int | None = None, increasing: bool = False) -> Any:
    return np.expand_dims(t, 1) * _powers(x, N, increasing)


# `full_like` asks only its first argument whether it is traced, so it is not left to itself to find traced fill values.
primitive_of(np.full_like)

# fmt: off
RULES: tuple[Rule, ...] = (
    linear(from_entries,     lambda g, entries, dtype=None: fit(g, entries)),
    zero(np.zeros_like), zero(np.ones_like), zero(np.empty_like),
    general(np.full_like,    vjp=(None, _full_like)),
    _meshgrid(),
    linear(np.diagflat,      lambda g, v, k=0: np.reshape(np.diagonal(g, k), v.shape)),
    linear(np.tril,          lambda g, m, k=0: m.project(np.tril(g, k))),
    linear(np.triu,          lambda g, m, k=0: m.project(np.triu(g, k))),
    general(np.vander,       vjp=_vander_vjp, jvp=_vander_jvp),
)
# fmt: on
