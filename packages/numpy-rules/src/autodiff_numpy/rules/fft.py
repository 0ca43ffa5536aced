"""Discrete Fourier transforms.  https://numpy.org/doc/stable/reference/routines.fft.html

A Fourier matrix F is symmetric, so the complex transforms are their own transposes, with the same `norm`; cropping or
padding the input to `n` or `s` entries becomes padding or cropping of the output.

The transforms of real numbers keep half of a Hermitian spectrum. With W = diag(1, 2, 2, ..., 2, 1), where the last 1
is there for even n only, `rfft` computes the first rows of F x, and `irfft` the real part of F* W c; so the transpose
of each is the other, up to W and conjugation: irfft^T g = W conj(rfft g), and rfft^T g = irfft(W^-1 conj g). As a
transpose keeps the factor that `norm` put on the function, its own `norm` is the opposite one. `hfft` and `ihfft` are
the same with the spectrum conjugated. In n dimensions all axes but the last are complex transforms, and W belongs to
the last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Rule, linear
from autodiff_numpy.operands import conjugated

# The `norm` with which the inverse transform has the factor that the transform has with this one.
_OPPOSITE: dict[Any, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def _fitted(vector: Any, space: Any) -> Any:
    """Crop or pad each axis at its end to its length in `space`, and drop the imaginary part if `space` is real."""
    if vector.shape != space.shape:
        vector = vector[tuple([slice(length) for length in space.shape])]
    if vector.shape != space.shape:
        vector = np.pad(vector, [(0, m - n) for m, n in zip(space.shape, vector.shape, strict=True)])
    return space.project(vector)


def _weighted(spectrum: Any, length: int, axis: int, weight: float) -> Any:
    """Multiply half of the spectrum of `length` numbers, but for the frequencies that are their own mirror images."""
    weights = np.full(spectrum.shape[axis], weight, np.finfo(spectrum.dtype).dtype)
    weights[0] = 1
    if length % 2 == 0:
        weights[-1] = 1
    return spectrum * weights.reshape([-1 if a == axis else 1 for a in range(spectrum.ndim)])


def _rfft_transpose(g: Any, x: Any, length: int, axes: tuple[int, ...], norm: str | None) -> Any:
    """Transpose a transform from `length` real numbers, along the last of `axes`, to half of their spectrum."""
    half = _weighted(np.conj(g), length, axes[-1], 0.5)
    lengths = [*(g.shape[axis] for axis in axes[:-1]), length]
    return _fitted(np.fft.irfftn(half, lengths, axes, _OPPOSITE[norm]), x)


def _irfft_transpose(g: Any, x: Any, axes: tuple[int, ...], norm: str | None) -> Any:
    """Transpose a transform from half of a spectrum to real numbers."""
    half = np.conj(np.fft.rfftn(g, axes=axes, norm=_OPPOSITE[norm]))
    return _fitted(_weighted(half, g.shape[axes[-1]], axes[-1], 2.0), x)


# One axis


def _complex(function: Callable[..., Any]) -> Rule:
    """Make the rule of a complex transform along one axis."""

    def transpose(g: Any, x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
        return _fitted(function(g, None, axis, norm), x)

    return linear(function, transpose)


def _rfft(g: Any, x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """Transpose `rfft`."""
    axis = int(axis) % g.ndim
    return _rfft_transpose(g, x, x.shape[axis] if n is None else n, (axis,), norm)


def _irfft(g: Any, x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """Transpose `irfft`."""
    return _irfft_transpose(g, x, (int(axis) % g.ndim,), norm)


def _hfft(g: Any, x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """Transpose ``hfft(x) = irfft(conj(x))``, with the opposite norm."""
    return conjugated(_irfft_transpose(g, x, (int(axis) % g.ndim,), _OPPOSITE[norm]))


def _ihfft(g: Any, x: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any:
    """Transpose ``ihfft(x) = conj(rfft(x))``, with the opposite norm."""
    return _rfft(np.conj(g), x, n, axis, _OPPOSITE[norm])


# Several axes


def _axes(g: Any, s: Any, axes: Any) -> tuple[int, ...]:
    """Return the axes of a transform as numbers from 0."""
    if axes is None:
        axes = range(g.ndim) if s is None else range(g.ndim - len(s), g.ndim)
    found = tuple([int(axis) % g.ndim for axis in axes])
    if len({*found}) < len(found):
        raise UnsupportedArgumentError(
            f"a transform of numpy.fft cannot be differentiated with an axis that comes twice in `axes`, here "
            f"{tuple(axes)}. Apply one transform after the other instead."
        )
    return found


def _complex_n(function: Callable[..., Any], default: tuple[int, ...] | None = None) -> Rule:
    """Make the rule of a complex transform along several axes, `default` if none are given."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> Any:
        return _fitted(function(g, None, _axes(g, s, axes), norm), x)

    return linear(function, transpose)


def _rfft_n(function: Callable[..., Any], default: tuple[int, ...] | None = None) -> Rule:
    """Make the rule of a transform from real numbers to half of their spectrum."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> Any:
        axes = _axes(g, s, axes)
        length = x.shape[axes[-1]] if s is None or s[-1] in (None, -1) else s[-1]
        return _rfft_transpose(g, x, length, axes, norm)

    return linear(function, transpose)


def _irfft_n(function: Callable[..., Any], default: tuple[int, ...] | None = None) -> Rule:
    """Make the rule of a transform from half of a spectrum to real numbers."""

    def transpose(g: Any, x: Any, s: Any = None, axes: Any = default, norm: str | None = None) -> Any:
        return _irfft_transpose(g, x, _axes(g, s, axes), norm)

    return linear(function, transpose)


def _fftshift(g: Any, x: Any, axes: Any = None) -> Any:
    """Transpose `fftshift`, a permutation: its inverse."""
    return np.fft.ifftshift(g, axes)


def _ifftshift(g: Any, x: Any, axes: Any = None) -> Any:
    """Transpose `ifftshift`, a permutation: its inverse."""
    return np.fft.fftshift(g, axes)


RULES = (
    _complex(np.fft.fft),
    _complex(np.fft.ifft),
    linear(np.fft.rfft, _rfft),
    linear(np.fft.irfft, _irfft),
    linear(np.fft.hfft, _hfft),
    linear(np.fft.ihfft, _ihfft),
    _complex_n(np.fft.fft2, (-2, -1)),
    _complex_n(np.fft.ifft2, (-2, -1)),
    _rfft_n(np.fft.rfft2, (-2, -1)),
    _irfft_n(np.fft.irfft2, (-2, -1)),
    _complex_n(np.fft.fftn),
    _complex_n(np.fft.ifftn),
    _rfft_n(np.fft.rfftn),
    _irfft_n(np.fft.irfftn),
    linear(np.fft.fftshift, _fftshift, fresh=True),
    linear(np.fft.ifftshift, _ifftshift, fresh=True),
)
