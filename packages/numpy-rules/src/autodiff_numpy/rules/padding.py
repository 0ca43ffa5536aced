"""Padding.  https://numpy.org/doc/stable/reference/generated/numpy.pad.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import general, vspace
from autodiff_numpy.rules.indexing import along
from autodiff_numpy.scatter import scatter
from autodiff_numpy.vspace import ArraySpace

# Modes that repeat entries, each axis for itself.
_REPEATING = ("edge", "reflect", "symmetric", "wrap")


def _check(mode: Any, options: dict[str, Any]) -> None:
    """Refuse what does not repeat entries."""
    known = {"constant": ("constant_values",), "reflect": ("reflect_type",), "symmetric": ("reflect_type",)}
    if mode != "constant" and mode not in _REPEATING:
        raise UnsupportedArgumentError(
            f"numpy.pad cannot be differentiated with mode={mode!r}. Known are 'constant', 'edge', 'reflect', "
            "'symmetric' and 'wrap'; others can be made with numpy.concatenate."
        )
    for name, value in options.items():
        if name not in known.get(mode, ()) or value == "odd":
            raise UnsupportedArgumentError(
                f"numpy.pad cannot be differentiated with {name}={value!r} and mode={mode!r}."
            )


def _widths(pad_width: Any, ndim: int) -> list[tuple[int, int]]:
    """Return the widths before and after each axis."""
    if type(pad_width) is int:
        return [(pad_width, pad_width)] * ndim
    if isinstance(pad_width, dict):
        widths = [(0, 0)] * ndim
        for axis, width in pad_width.items():
            widths[axis] = (int(width), int(width)) if np.ndim(width) == 0 else (int(width[0]), int(width[1]))
        return widths
    return [(int(before), int(after)) for before, after in np.broadcast_to(pad_width, (ndim, 2))]


def _pad(y: Any, array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Callable[[Any], Any]:
    _check(mode, options)
    x: Any = vspace(array)
    shape = x.shape
    widths = _widths(pad_width, len(shape))
    if mode == "constant":
        inside = tuple(slice(before, before + length) for (before, _), length in zip(widths, shape, strict=True))
        return lambda g: g[inside]

    def pull(g: Any) -> Any:
        for axis, width in enumerate(widths):
            if width != (0, 0):
                positions = np.pad(np.arange(shape[axis]), width, mode)
                narrow = ArraySpace((*g.shape[:axis], shape[axis], *g.shape[axis + 1 :]), x.dtype, np.ndarray)
                g = scatter(g, narrow, along(axis, len(shape), positions))
        return g

    return pull


def _push(t: Any, y: Any, array: Any, pad_width: Any, mode: Any = "constant", **options: Any) -> Any:
    _check(mode, options)
    return np.pad(t, pad_width, mode)


RULES = (general(np.pad, vjp=_pad, jvp=_push),)
