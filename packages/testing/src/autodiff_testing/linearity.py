"""Why a derivative is not linear: what it does to multiples of one vector."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from autodiff_testing.point import Point, draw

Apply = Callable[[np.ndarray], np.ndarray]

_SMALL, _LARGE = 2.0**-30, 2.0**30


def not_linear(point: Point, mode: str) -> str | None:
    """Say in what way the derivative by `mode` is not linear, or None when it seems to be."""
    apply: Apply = point.push if mode == "fwd" else point.pull
    w = draw(random.Random(1), point.inputs.size if mode == "fwd" else point.outputs.size)
    try:
        y = apply(w)
        if not np.isfinite(y).all() or not y.any():
            return None
        for explanation in _EXPLANATIONS:
            if (sentence := explanation(apply, w, y, point.eps)) is not None:
                return f"the derivative is not linear in what it is applied to: {sentence}"
    except Exception:  # noqa: BLE001  # what a rule raises is found elsewhere
        return None
    return None


def _constant(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    along_zero = apply(0.0 * w)
    return "a constant is added, so that it is not zero along zero" if along_zero.any() else None


def _magnitude(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    return "it depends on the magnitude only, not on the sign" if _close(apply(-w), y, eps) else None


def _square(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    return "it is quadratic, the square of what it is applied to" if _close(apply(3.0 * w), 9.0 * y, eps) else None


def _small(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    small = apply(_SMALL * w)
    if np.any((small == 0) & (y != 0)):
        return f"it is zero where that is small, as for {_SMALL:.0e} of an ordinary vector: a threshold"
    return None


def _large(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    large = apply(_LARGE * w)
    if np.any(np.abs(large) < 1e-3 * _LARGE * np.abs(y)):
        return "it is cut off where that is large: clipped, or saturated"
    return None


def _rounded(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    thirds = apply(w / 3.0)
    off = float(np.max(np.abs(3.0 * thirds - y)) / np.max(np.abs(y)))
    if off <= 1000 * eps:
        return None
    if off < 1e-6:
        return "it is rounded to single precision on the way"
    return "it is rounded on the way, as to half precision" if off < 1e-2 else None


def _otherwise(apply: Apply, w: np.ndarray, y: np.ndarray, eps: float) -> str | None:
    return None if _close(3.0 * apply(w / 3.0), y, eps) else "it cuts off, or has a threshold"


_EXPLANATIONS = (_constant, _square, _magnitude, _rounded, _small, _large, _otherwise)


def _close(a: np.ndarray, b: np.ndarray, eps: float) -> bool:
    return bool(np.all(np.abs(a - b) <= 1000 * eps * np.max(np.abs(b))))
