"""Array manipulation.  https://numpy.org/doc/stable/reference/routines.array-manipulation.html

Shapes, axes and types; joining and splitting stand in `joining.py` and `splitting.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autodiff.errors import LostDerivativeError, UnsupportedArgumentError
from autodiff.extend import Rule, general, linear, vspace
from autodiff_numpy.checked import checked
from autodiff_numpy.rules.indexing import scatter_flat

# Shapes


def check_order(a: Any, *_: Any, order: str = "C", **__: Any) -> None:
    """Refuse orders that depend on how an array lies in memory, which tangents and cotangents need not share."""
    if order not in ("C", "F"):
        raise UnsupportedArgumentError(
            f"the entries of a traced array cannot be taken in the order {order!r}, which depends on how the array "
            "lies in memory. Write order='C' or order='F'."
        )


def _reshape(g: Any, a: Any, shape: Any = None, order: str = "C", newshape: Any = None, copy: Any = None) -> Any:
    return in_order(g, a.shape, order)


def in_order(g: Any, shape: Any, order: str) -> Any:
    """Reshape; arrays of other libraries may know no other order than C."""
    return np.reshape(g, shape) if order == "C" else np.reshape(g, shape, order=order)  # type: ignore[call-overload]


def _check_reshape(a: Any, shape: Any = None, order: str = "C", **_: Any) -> None:
    check_order(a, order=order)


def _ravel(g: Any, a: Any, order: str = "C") -> Any:
    return in_order(g, a.shape, order)


def _check_ravel(a: Any, order: str = "C") -> None:
    check_order(a, order=order)


def _same_shape(g: Any, a: Any, axis: Any = None) -> Any:
    """Undo `squeeze` or `expand_dims`."""
    return np.reshape(g, a.shape)


def _resize(g: Any, a: Any, new_shape: Any) -> Any:
    size = a.size
    return scatter_flat(g, a, np.resize(np.arange(size), new_shape)) if size else a.zeros()


def _windows(g: Any, x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False) -> Any:
    # Without `writeable`: what is written into one window would appear in others.
    positions = np.arange(x.size).reshape(x.shape)
    return scatter_flat(g, x, sliding_window_view(positions, window_shape, axis))


# Axes


def inverse_axes(axes: Any) -> Any:
    """Return the order of axes that undoes a transposition; None reverses them."""
    if axes is None:
        return None
    axes = axes if isinstance(axes, (tuple, list)) else np.atleast_1d(axes)
    return sorted(range(len(axes)), key=[int(axis) % len(axes) for axis in axes].__getitem__)


def _rollaxis(g: Any, a: Any, axis: int, start: int = 0) -> Any:
    ndim = len(a.shape)
    axis, start = int(axis) % ndim, int(start)
    start = start + ndim if start < 0 else start
    return np.moveaxis(g, start - 1 if axis < start else start, axis)


def _check_rollaxis(a: Any, axis: Any, start: Any = 0) -> None:
    if isinstance(start, np.ndarray):
        raise UnsupportedArgumentError(
            "numpy.rollaxis cannot be differentiated with an array for `start`, because it counts in the array itself "
            "and leaves another number in it. Write `int(start)`, or use numpy.moveaxis."
        )


def _roll(g: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    # In wide integers: the negative of an unsigned shift would wrap around.
    back = tuple(-int(s) for s in shift) if isinstance(shift, tuple) else -np.asarray(shift, dtype=np.int64)
    return np.roll(g, back, axis)


# Several arrays


def of_each(fun: Callable[..., Any], pull: Callable[[Any, Any], Any], push: Callable[[Any, Any], Any]) -> Rule:
    """Make the rule of ``fun(*arrays)``, which does the same to each of its arguments, and keeps them apart.

    It takes ``pull(part of the cotangent, space of the array)`` and ``push(tangent, part of the result)``, for each
    array. For one array, NumPy's functions of this kind return an array, or a tuple with one.
    """

    def vjp_argnums(argnums: tuple[int, ...], y: Any, args: Any, kwargs: Any) -> Callable[[Any], tuple[Any, ...]]:
        _refuse_keywords(fun, kwargs)
        spaces = {i: vspace(args[i]) for i in argnums}
        if isinstance(y, (tuple, list)):
            return lambda g: tuple(pull(g[i], spaces[i]) for i in argnums)
        return lambda g: (pull(g, spaces[0]),)

    def jvp_argnums(argnums: tuple[int, ...], tangents: Any, y: Any, args: Any, kwargs: Any) -> Any:
        _refuse_keywords(fun, kwargs)
        if not isinstance(y, (tuple, list)):
            return push(tangents[0], y)
        known = dict(zip(argnums, tangents, strict=True))
        parts = [push(known[i], part) if i in known else vspace(part).zeros() for i, part in enumerate(y)]
        return type(y)(parts)

    rule = general(fun)
    rule.vjp_argnums, rule.jvp_argnums = vjp_argnums, jvp_argnums
    return rule


def _refuse_keywords(fun: Callable[..., Any], kwargs: dict[str, Any]) -> None:
    for name, value in kwargs.items():
        if value is not False:
            raise UnsupportedArgumentError(
                f"numpy.{fun.__name__} cannot be differentiated with the argument `{name}`. Leave it out."
            )


def _back(g: Any, space: Any) -> Any:
    return np.reshape(g, space.shape)


def _forth(t: Any, y: Any) -> Any:
    return np.reshape(t, np.shape(y))


# Types


def _check_type(x: Any, dtype: Any, *_: Any, **__: Any) -> None:
    if np.dtype(dtype).kind not in "fc":
        raise LostDerivativeError(
            f"numpy.astype(x, {np.dtype(dtype)}) would drop the derivative of x. Where a constant is meant, write "
            f"`x.astype({np.dtype(dtype)})` or `stop_gradient(x)`."
        )


def _astype(g: Any, x: Any, dtype: Any, copy: Any = None, device: Any = None) -> Any:
    return x.project(g)


# fmt: off
RULES: tuple[Rule, ...] = (
    checked(linear(np.reshape,  _reshape), _check_reshape),
    checked(linear(np.ravel,    _ravel), _check_ravel),
    linear(np.squeeze,          _same_shape),
    linear(np.expand_dims,      _same_shape),
    linear(np.resize,           _resize),
    linear(sliding_window_view, _windows),
    linear(np.broadcast_to,     lambda g, array, shape: array.project(g)),
    of_each(np.broadcast_arrays, lambda g, x: x.project(g), lambda t, y: np.broadcast_to(t, np.shape(y))),
    of_each(np.ix_,             _back, _forth),
    of_each(np.atleast_1d,      _back, _forth),
    of_each(np.atleast_2d,      _back, _forth),
    of_each(np.atleast_3d,      _back, _forth),

    linear(np.transpose,        lambda g, a, axes=None: np.transpose(g, inverse_axes(axes))),
    linear(np.matrix_transpose, lambda g, x: np.matrix_transpose(g)),
    linear(np.linalg.matrix_transpose, lambda g, x: np.matrix_transpose(g)),
    linear(np.swapaxes,         lambda g, a, axis1, axis2: np.swapaxes(g, axis1, axis2)),
    linear(np.moveaxis,         lambda g, a, source, destination: np.moveaxis(g, destination, source)),
    checked(linear(np.rollaxis, _rollaxis), _check_rollaxis),

    linear(np.flip,             lambda g, m, axis=None: np.flip(g, axis)),
    linear(np.fliplr,           lambda g, m: np.fliplr(g)),
    linear(np.flipud,           lambda g, m: np.flipud(g)),
    linear(np.roll,             _roll),
    linear(np.rot90,            lambda g, m, k=1, axes=(0, 1): np.rot90(g, k, axes[::-1])),

    checked(linear(np.astype,   _astype), _check_type),
    linear(np.copy,             lambda g, a, order="K", subok=False: g),
)
# fmt: on
