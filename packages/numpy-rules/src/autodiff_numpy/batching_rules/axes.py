"""Functions along axes, which are counted from one in a stack: reductions, sorting, transforms."""

from __future__ import annotations

from typing import Any

import numpy

from autodiff_numpy import shortcuts
from autodiff_numpy.batching_rules.stacked import BatchingRule, Stacked, shifted_axes

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


def along(default: Any, everything: str, *known: str) -> BatchingRule:
    """Make the rule of functions along the argument `axis`, whose default is `default`.

    `everything` says what the axis None means: "all" axes, or the entries in C order, "flat". Other arguments are
    passed on if they are `known`, or None.
    """

    def rule(s: Stacked) -> Any:
        given = {name: value for name, value in s.named().items() if value is not None or name in {"axis", *known}}
        if not s.first_only() or any(name != "axis" and name not in known for name in given):
            return NotImplemented
        x, ndim = s.args[0], s.ndim(0)
        axis = given.pop("axis", default)
        if "where" in given and np.ndim(given["where"]) > ndim:
            return NotImplemented
        if "q" in given and np.ndim(given["q"]):
            return NotImplemented
        if axis is not None:
            shifted = shifted_axes(axis, ndim)
        elif everything == "all":
            shifted = tuple(range(1, ndim + 1))
        elif given.get("keepdims") in (None, False, np._NoValue):
            x, shifted = np.reshape(x, (s.size, -1)), 1
        else:
            shifted = None
        return NotImplemented if shifted is None else s.call(x, axis=shifted, **given)

    return rule


def _norm(s: Stacked) -> Any:
    given = s.named()
    if not s.first_only():
        return NotImplemented
    axis, ndim = given.pop("axis", None), s.ndim(0)
    if axis is not None:
        shifted = shifted_axes(axis, ndim)
    elif ndim in (1, 2):
        shifted = (1, 2)[:ndim] if ndim == 2 else 1
        if given.get("ord") is None and ndim == 2:
            given["ord"] = "fro"
    else:
        shifted = None
    return NotImplemented if shifted is None else s.call(s.args[0], axis=shifted, **given)


def _diagonals(s: Stacked) -> Any:
    given = s.named()
    axes = shifted_axes((given.pop("axis1", 0), given.pop("axis2", 1)), s.ndim(0))
    if not s.first_only() or axes is None:
        return NotImplemented
    return s.call(s.args[0], axis1=axes[0], axis2=axes[1], **given)


_REDUCED = along(None, "all", "keepdims", "where", "initial", "dtype", "ddof")
_FLATTENED = along(None, "flat", "dtype")
_SORTED = along(-1, "flat", "kind", "stable", "kth")
_TRANSFORMED = along(-1, "none", "n", "norm")

RULES: dict[Any, BatchingRule] = {
    **dict.fromkeys((numpy.sum, numpy.prod, numpy.max, numpy.min, numpy.mean, numpy.var, numpy.std), _REDUCED),
    **dict.fromkeys((numpy.amax, numpy.amin, numpy.nansum, numpy.nanprod, numpy.nanmax, numpy.nanmin), _REDUCED),
    **dict.fromkeys((numpy.nanmean, numpy.nanvar, numpy.nanstd, numpy.any, numpy.all), _REDUCED),
    **dict.fromkeys((numpy.ptp, numpy.median, numpy.nanmedian, numpy.count_nonzero), _REDUCED),
    **dict.fromkeys((numpy.quantile, numpy.percentile), along(None, "all", "q", "method", "keepdims")),
    shortcuts.total: along(None, "all"),
    numpy.flip: along(None, "all"),
    numpy.linalg.norm: _norm,
    **dict.fromkeys((numpy.cumsum, numpy.cumprod, numpy.nancumsum, numpy.nancumprod), _FLATTENED),
    **dict.fromkeys((numpy.argmax, numpy.argmin), along(None, "flat", "keepdims")),
    **dict.fromkeys((numpy.sort, numpy.argsort, numpy.partition, numpy.argpartition), _SORTED),
    **dict.fromkeys((numpy.fft.fft, numpy.fft.ifft, numpy.fft.rfft, numpy.fft.irfft), _TRANSFORMED),
    numpy.diff: along(-1, "none", "n"),
    **dict.fromkeys((numpy.diagonal, numpy.trace), _diagonals),
}
