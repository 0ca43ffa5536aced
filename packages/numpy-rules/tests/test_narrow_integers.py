"""Constants of narrow and unsigned integer types: the arithmetic of a rule must not wrap around; and 0-d values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff import grad, make_jvp, make_vjp
from autodiff.containers import flatten, map_leaves
from autodiff.errors import UnsupportedArgumentError

V = np.linspace(-1.0, 1.3, 300)
M = np.cos(np.arange(400.0)).reshape(20, 20) + 1.5
T = np.cos(np.arange(24.0)).reshape(2, 3, 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_interp(dtype: Any) -> None:
    assert grad(lambda x: np.interp(x, [0, 1, 2], np.array([1, 0, 2], dtype)))(0.5) == -1.0
    assert grad(lambda x: np.interp(x, np.array([0, 1, 2], dtype), [1.0, 0.0, 2.0]))(1.5) == 2.0


@pytest.mark.parametrize("spacing", [np.uint8(200), np.array(200, np.int16), 200])
def test_gradient_spacing(spacing: Any) -> None:
    found = grad(lambda v: np.gradient(v, spacing)[1])(np.ones(4))
    np.testing.assert_allclose(found, [-1 / 400, 0, 1 / 400, 0])


def test_gradient_coordinates() -> None:
    coordinates = np.array([3, 2, 1], np.uint64)
    found = grad(lambda f: np.sum(np.gradient(f, coordinates) * np.array([1.0, 2.0, 3.0])))(np.ones(3))
    np.testing.assert_allclose(found, [2.0, 2.0, -4.0])


@pytest.mark.parametrize("shift", [np.int8(-128), np.array(-128, np.int8), (np.int8(-128),)])
def test_roll(shift: Any) -> None:
    # -128 has no negative among the integers of this type. (NumPy 2.0 itself fails for unsigned ones.)
    np.testing.assert_array_equal(grad(lambda x: np.roll(x, shift, 0)[0])(np.zeros(3)), [0, 0, 1])


@pytest.mark.parametrize("offset", [np.int8(1), np.uint8(1), 1])
def test_diagonals(offset: Any) -> None:
    square = np.ones((20, 20))
    np.testing.assert_array_equal(grad(lambda x: np.trace(x, offset))(square), np.eye(20, k=1))
    np.testing.assert_array_equal(grad(lambda x: np.sum(np.diagonal(x, offset)))(square), np.eye(20, k=1))


def test_sums_of_cotangents_of_a_number_are_not_written_into() -> None:
    assert grad(lambda x: x[()] * 2.0 + x * x + x * 3.0)(np.array(1.5)) == 8.0
    assert grad(lambda x: np.sum(x[None] * 2.0) + x * x + x * 3.0)(np.float64(1.5)) == 8.0


def test_variance_of_a_number() -> None:
    assert grad(lambda x: np.var(x * x))(2.0) == 0.0


# Options and indices of rules, to be given in every integer type: ``call(x, i)`` writes them as i(3), i([3, 100]).
# Arrays are long enough for arithmetic in narrow types to fail.
# fmt: off
CALLS: dict[str, tuple[Callable[[Any, Any], Any], Any]] = {
    "take": (lambda x, i: np.take(x, i(100)), V),
    "take many": (lambda x, i: np.take(x, i([3, 100, 3])), V),
    "take matrix": (lambda x, i: np.take(x, i(100)), M),
    "take many matrix": (lambda x, i: np.take(x, i([3, 100, 3])), M),
    "take wrap": (lambda x, i: np.take(x, i([3, 100, 3]), mode="wrap"), V),
    "take wrap few": (lambda x, i: np.take(x, i([3, 100, 3]), mode="wrap"), V[:7]),
    "take clip": (lambda x, i: np.take(x, i([3, 100, 3]), mode="clip"), V),
    "take clip few": (lambda x, i: np.take(x, i([3, 100, 3]), mode="clip"), V[:7]),
    "take negative": (lambda x, i: np.take(x, i([-3, -100])), V),
    "take neg wrap": (lambda x, i: np.take(x, i([-3, -100]), mode="wrap"), V),
    "take axis": (lambda x, i: np.take(x, i([3, 10]), axis=i(1)), M),
    "take axis wrap": (lambda x, i: np.take(x, i([3, 100]), axis=i(1), mode="wrap"), M),
    "take axis neg": (lambda x, i: np.take(x, i(3), i(-2)), M),
    "take_along_axis": (lambda x, i: np.take_along_axis(x, i([[3], [2]] * 10), axis=i(1)), M),
    "take_along_axis flat": (lambda x, i: np.take_along_axis(x, i([100, 3, 100]), axis=None), M),
    "index": (lambda x, i: x[i(100)], V),
    "index many": (lambda x, i: x[i([100, 3, 100])], V),
    "index tuple": (lambda x, i: x[i(10), i([1, 2])], M),
    "index slice": (lambda x, i: x[i(3):i(100):i(2)], V),
    "index rows": (lambda x, i: x[i([10, 10, 3] * 20)], M),
    "index slice arr": (lambda x, i: x[:, i([10, 10, 3] * 20)], M),
    "numbers2": (lambda x, i: sum(x[i(k), i(3)] ** 2 for k in range(20)), M),
    "neg index": (lambda x, i: x[i(-100)] * x[i([-1, -100])], V),
    "choose": (lambda x, i: np.choose(i([0, 1, 1]), [x[:3], x[3:6]]), V),
    "choose wrap": (lambda x, i: np.choose(i([0, 100, 3]), [x[:3], x[3:6]], mode="wrap"), V),
    "choose clip": (lambda x, i: np.choose(i([0, 100, 3]), x[:6].reshape(2, 3), mode="clip"), V),
    "var": (lambda x, i: np.var(x, ddof=i(1)), V),
    "std": (lambda x, i: np.std(x, ddof=i(100)), V),
    "nanvar": (lambda x, i: np.nanvar(x, ddof=i(1)), V),
    "nanstd": (lambda x, i: np.nanstd(x, ddof=i(1)), V),
    "var axis": (lambda x, i: np.var(x, axis=i(0), ddof=i(1)), M),
    "var where": (lambda x, i: np.var(x, ddof=i(1), where=x > 0), V),
    "var corr": (lambda x, i: np.var(x, correction=i(1)), V),
    "std corr": (lambda x, i: np.std(x, correction=i(1)), V),
    "var few": (lambda x, i: np.var(x[:3], ddof=i(2)), V),
    "var axes": (lambda x, i: np.var(x, axis=(i(0), i(1)), ddof=i(1)), M),
    "var method": (lambda x, i: x.var(i(0), ddof=i(1)), M),
    "repeat": (lambda x, i: np.repeat(x, i(100)), V[:5]),
    "repeat axis": (lambda x, i: np.repeat(x, i(2), axis=i(1)), T),
    "repeat each": (lambda x, i: np.repeat(x, i([2, 100, 0]), axis=i(-2)), T),
    "repeat one": (lambda x, i: np.repeat(x, i([100]), axis=i(0)), T),
    "tile": (lambda x, i: np.tile(x, i(100)), V[:5]),
    "tile2": (lambda x, i: np.tile(x, (i(2), i(100))), V[:5]),
    "tile arr": (lambda x, i: np.tile(x, i([2, 100])), V[:5]),
    "split": (lambda x, i: np.split(x, i(3)), V),
    "split at": (lambda x, i: np.split(x, i([3, 100])), V),
    "array_split": (lambda x, i: np.array_split(x, i(7)), V),
    "array_split axis": (lambda x, i: np.array_split(x, i(7), axis=i(1)), M),
    "hsplit": (lambda x, i: np.hsplit(x, i(2)), M),
    "vsplit": (lambda x, i: np.vsplit(x, i([3])), M),
    "dsplit": (lambda x, i: np.dsplit(x, i([3])), T),
    "unstack": (lambda x, i: np.unstack(x, axis=i(1)), T),
    "split back": (lambda x, i: np.split(x, i([100, 3, -100])), V),
    "delete": (lambda x, i: np.delete(x, i(100)), V),
    "delete many": (lambda x, i: np.delete(x, i([100, 3]), i(0)), V),
    "delete axis": (lambda x, i: np.delete(x, i([1, 3]), axis=i(-1)), M),
    "delete neg": (lambda x, i: np.delete(x, i(-100)), V),
    "insert": (lambda x, i: np.insert(x, i(100), x[:1]), V),
    "insert many": (lambda x, i: np.insert(x, i([100, 3]), x[:2]), V),
    "insert axis": (lambda x, i: np.insert(x, i(3), x[0, 0], axis=i(1)), M),
    "insert neg": (lambda x, i: np.insert(x, i(-100), x[0]), V),
    "insert values": (lambda x, i: np.insert(V, i([100, 3, 3]), x[:3]), V),
    "insert flat": (lambda x, i: np.insert(x, i(100), x[0, 0]), M),
    "trim_zeros": (lambda x, i: np.trim_zeros(x, axis=i(1)), M),
    "pad": (lambda x, i: np.pad(x, i(100)), V),
    "pad edge": (lambda x, i: np.pad(x, i(100), "edge"), V),
    "pad pair": (lambda x, i: np.pad(x, (i(3), i(100)), "reflect"), V),
    "pad arr": (lambda x, i: np.pad(x, i([[1, 2], [3, 100]]), "wrap"), M),
    "pad dict": (lambda x, i: np.pad(x, {i(1): i(100)}), M),
    "pad dict pair": (lambda x, i: np.pad(x, {-1: (i(100), i(3))}, "symmetric"), M),
    "pad short": (lambda x, i: np.pad(x, i([5, 100])), M),
    "roll": (lambda x, i: np.roll(x, i(100)), V),
    "roll axis": (lambda x, i: np.roll(x, i(3), i(1)), M),
    "roll axes": (lambda x, i: np.roll(x, (i(3), i(5)), (i(0), i(1))), M),
    "roll arr": (lambda x, i: np.roll(x, i([3, 5]), axis=(0, 1)), M),
    "rot90": (lambda x, i: np.rot90(x, i(1)), M),
    "rot90 axes": (lambda x, i: np.rot90(x, i(3), (i(1), i(0))), M),
    "rot 5": (lambda x, i: np.rot90(x, i(-7)), M),
    "rollaxis": (lambda x, i: np.rollaxis(x, i(2), 1), T),
    "rollaxis2": (lambda x, i: np.rollaxis(x, i(0), 3), T),
    "rollaxis neg": (lambda x, i: np.rollaxis(x, i(-3), -1), T),
    "moveaxis": (lambda x, i: np.moveaxis(x, i(0), i(2)), T),
    "moveaxes": (lambda x, i: np.moveaxis(x, (i(0), i(1)), (i(2), i(0))), T),
    "moveaxes arr": (lambda x, i: np.moveaxis(x, i([0, 1]), i([2, 0])), T),
    "swapaxes": (lambda x, i: np.swapaxes(x, i(0), i(2)), T),
    "swapaxes method": (lambda x, i: x.swapaxes(i(0), i(2)), T),
    "transpose": (lambda x, i: np.transpose(x, (i(2), i(0), i(1))), T),
    "transpose arr": (lambda x, i: np.transpose(x, i([2, 0, 1])), T),
    "transpose method": (lambda x, i: x.transpose(i(2), i(0), i(1)), T),
    "transpose method arr": (lambda x, i: x.transpose(i([2, 0, 1])), T),
    "transpose one": (lambda x, i: np.transpose(x, i(0)), V),
    "transpose one method": (lambda x, i: x.transpose(i(0)), V),
    "transpose neg": (lambda x, i: np.transpose(x, (i(-1), i(0), i(-2))), T),
    "flip": (lambda x, i: np.flip(x, i(1)), T),
    "flips": (lambda x, i: np.flip(x, (i(1), i(-1))), T),
    "squeeze": (lambda x, i: np.squeeze(x[:, :1], i(1)), T),
    "expand": (lambda x, i: np.expand_dims(x, i(1)), T),
    "expands": (lambda x, i: np.expand_dims(x, (i(1), i(-1))), T),
    "reshape": (lambda x, i: np.reshape(x, (i(4), i(6))), T),
    "reshape arr": (lambda x, i: np.reshape(x, i([4, 6])), T),
    "reshape method": (lambda x, i: x.reshape(i(4), i(6)), T),
    "reshape neg": (lambda x, i: x.reshape(i(-1), i(2)), T),
    "resize": (lambda x, i: np.resize(x, (i(20), i(15))), T),
    "resize one": (lambda x, i: np.resize(x, i(100)), T),
    "resize arr": (lambda x, i: np.resize(x, i([20, 15])), T),
    "broadcast_to": (lambda x, i: np.broadcast_to(x, (i(2), i(100))), V[:1]),
    "broadcast_to one": (lambda x, i: np.broadcast_to(x, i(100)), V[:1]),
    "trace": (lambda x, i: np.trace(x, i(3)), M),
    "trace axes": (lambda x, i: np.trace(x, i(1), i(2), i(0)), T),
    "trace neg": (lambda x, i: np.trace(x, i(-3)), M),
    "diagonal": (lambda x, i: np.diagonal(x, i(3)), M),
    "diagonal axes": (lambda x, i: np.diagonal(x, i(1), i(2), i(0)), T),
    "diag": (lambda x, i: np.diag(x, i(3)), M),
    "diag vec big": (lambda x, i: np.diag(x, i(100)), V[:5]),
    "diagflat": (lambda x, i: np.diagflat(x, i(100)), V[:5]),
    "diagflat neg": (lambda x, i: np.diagflat(x, i(-100)), V[:5]),
    "tril": (lambda x, i: np.tril(x, i(3)), M),
    "triu": (lambda x, i: np.triu(x, i(3)), M),
    "vander": (lambda x, i: np.vander(x, i(5)), V),
    "vander inc": (lambda x, i: np.vander(x, i(5), increasing=True), V),
    "vander one": (lambda x, i: np.vander(x, i(100)), V[:2]),
    "linspace": (lambda x, i: np.linspace(x[0], x[1], i(100)), V),
    "linspace end": (lambda x, i: np.linspace(x[0], x[1], i(100), endpoint=False), V),
    "linspace axis": (lambda x, i: np.linspace(x[:3], x[1:4], i(3), axis=i(1)), V),
    "linspace 1": (lambda x, i: np.linspace(x[0], x[1], i(1)), V),
    "linspace ends": (lambda x, i: np.linspace(x[0], i(3), 5), V),
    "geomspace": (lambda x, i: np.geomspace(-x[0], -x[1], i(100)), V),
    "logspace": (lambda x, i: np.logspace(x[0], x[1], i(100)), V),
    "logspace base": (lambda x, i: np.logspace(x[0], x[1], 5, base=i(3)), V),
    "logspace base arr": (lambda x, i: np.logspace(x[0], x[1], 5, base=i([3, 7]), axis=-1), V),
    "geomspace ends": (lambda x, i: np.geomspace(-x[0], i(3), 5), V),
    "cumsum": (lambda x, i: np.cumsum(x, i(1)), T),
    "cumprod": (lambda x, i: np.cumprod(x, i(1)), T),
    "nancumsum": (lambda x, i: np.nancumsum(x, i(1)), T),
    "nancumprod": (lambda x, i: np.nancumprod(x, i(1)), T),
    "cumulative_sum": (lambda x, i: np.cumulative_sum(x, axis=i(1), include_initial=True), T),
    "cumulative_prod": (lambda x, i: np.cumulative_prod(x, axis=i(1), include_initial=True), T),
    "sum": (lambda x, i: np.sum(x, i(1)), T),
    "sum axes": (lambda x, i: np.sum(x, (i(1), i(-1))), T),
    "sum method": (lambda x, i: x.sum(i(1)), T),
    "prod": (lambda x, i: np.prod(x, i(1)), T),
    "prod init": (lambda x, i: np.prod(x, i(1), initial=i(100)), T),
    "prod axes": (lambda x, i: np.prod(x, (i(1), i(-1))), T),
    "nansum": (lambda x, i: np.nansum(x, i(1)), T),
    "nanprod": (lambda x, i: np.nanprod(x, i(1)), T),
    "mean": (lambda x, i: np.mean(x, i(1)), T),
    "mean axes": (lambda x, i: np.mean(x, (i(1), i(2))), T),
    "nanmean": (lambda x, i: np.nanmean(x, i(1)), T),
    "max": (lambda x, i: np.max(x, i(1)), T),
    "max initial": (lambda x, i: np.max(x, i(1), initial=i(0)), T),
    "min": (lambda x, i: np.min(x, i(1)), T),
    "ptp": (lambda x, i: np.ptp(x, i(1)), T),
    "median": (lambda x, i: np.median(x, i(1)), T),
    "nanmedian": (lambda x, i: np.nanmedian(x, i(1)), T),
    "average": (lambda x, i: np.average(x, i(1)), T),
    "average weights": (lambda x, i: np.average(x, i(1), i([100, 100, 100])), T),
    "reduce": (lambda x, i: np.add.reduce(x, i(1)), T),
    "accumulate": (lambda x, i: np.add.accumulate(x, i(1)), T),
    "sort": (lambda x, i: np.sort(x, i(1)), T),
    "partition": (lambda x, i: np.partition(x, i(10)), V),
    "partition big": (lambda x, i: np.partition(x, i(100), i(0)), V),
    "partition many": (lambda x, i: np.partition(x, (i(10), i(3)), axis=i(1)), M),
    "concatenate": (lambda x, i: np.concatenate([x, x], i(1)), T),
    "stack": (lambda x, i: np.stack([x, x], i(1)), T),
    "stack neg": (lambda x, i: np.stack([x, x], i(-1)), T),
    "append": (lambda x, i: np.append(x, x, i(1)), T),
    "diff": (lambda x, i: np.diff(x, i(2), i(1)), T),
    "diff prepend": (lambda x, i: np.diff(x, prepend=i(100)), V),
    "diff end": (lambda x, i: np.diff(x, axis=i(0), append=i([100, 3])), V),
    "gradient order": (lambda x, i: np.gradient(x, edge_order=i(2), axis=(i(1), i(2))), np.concatenate([T, T])),
    "trapezoid": (lambda x, i: np.trapezoid(x, dx=i(100), axis=i(1)), T),
    "trapezoid x": (lambda x, i: np.trapezoid(x, i([3, 7, 100]), axis=i(1)), T),
    "norm": (lambda x, i: np.linalg.norm(x, i(2), i(1)), T),
    "norm 3": (lambda x, i: np.linalg.norm(x, i(3)), V),
    "norm 4": (lambda x, i: np.linalg.norm(x, i(4)), V),
    "norm 1": (lambda x, i: np.linalg.norm(x, i(1)), V),
    "norm axes": (lambda x, i: np.linalg.norm(x, axis=(i(1), i(2))), T),
    "norm nuc": (lambda x, i: np.linalg.norm(x, "nuc", axis=(i(-1), i(0))), T),
    "norm mat": (lambda x, i: np.linalg.norm(x, i(1), axis=(i(-1), i(0))), T),
    "norm mat2": (lambda x, i: np.linalg.norm(x, i(2), axis=(i(-1), i(0))), T),
    "norm -2": (lambda x, i: np.linalg.norm(x, i(-2), axis=(0, 1)), T),
    "vector_norm": (lambda x, i: np.linalg.vector_norm(x, axis=(i(1), i(2)), ord=i(3)), T),
    "matrix_norm": (lambda x, i: np.linalg.matrix_norm(x, ord=i(1)), T),
    "matrix_power": (lambda x, i: np.linalg.matrix_power(x, i(3)), M),
    "matrix_power neg": (lambda x, i: np.linalg.matrix_power(x + 9 * np.eye(20), i(-2)), M),
    "tensorinv": (lambda x, i: np.linalg.tensorinv(x.reshape(20, 4, 5) + np.eye(20).reshape(20, 4, 5) * 9, i(1)), M),
    "tensordot": (lambda x, i: np.tensordot(x, x, i(1)), M),
    "tensordot axes": (lambda x, i: np.tensordot(x, x, (i(0), i(-1))), M),
    "tensordot lists": (lambda x, i: np.tensordot(x, x, (i([0, 1]), i([1, 0]))), M),
    "linalg tensordot": (lambda x, i: np.linalg.tensordot(x, x, axes=i(1)), M),
    "vecdot": (lambda x, i: np.vecdot(x, x, axis=i(0)), M),
    "linalg vecdot": (lambda x, i: np.linalg.vecdot(x, x, axis=i(0)), M),
    "cross": (lambda x, i: np.cross(x, x[::-1], i(1), i(1), i(0)), T),
    "cross axis": (lambda x, i: np.cross(x, x[::-1], axis=i(1)), T),
    "linalg cross": (lambda x, i: np.linalg.cross(x, x[::-1], axis=i(1)), T),
    "einsum labels": (lambda x, i: np.einsum(x, [i(0), i(1)], x, [i(1), i(2)], [i(2), i(0)]), M),
    "convolve mode": (lambda x, i: np.convolve(x, [1.0, 2.0], i(1)), V),
    "fft": (lambda x, i: np.abs(np.fft.fft(x, i(100), i(0))) ** 2, M),
    "rfft": (lambda x, i: np.abs(np.fft.rfft(x, i(100), i(0))) ** 2, M),
    "irfft": (lambda x, i: np.fft.irfft(x, i(100), i(0)), M),
    "hfft": (lambda x, i: np.fft.hfft(x, i(101), i(0)), M),
    "ihfft": (lambda x, i: np.abs(np.fft.ihfft(x, i(100), i(0))) ** 2, M),
    "fftn": (lambda x, i: np.abs(np.fft.fftn(x, (i(3), i(100)), (i(0), i(1)))) ** 2, M),
    "rfft2": (lambda x, i: np.abs(np.fft.rfft2(x, (i(3), i(100)))) ** 2, M),
    "irfftn": (lambda x, i: np.fft.irfftn(x, (i(3), i(101)), (i(0), i(1))), M),
    "fftn arr": (lambda x, i: np.abs(np.fft.fftn(x, i([3, 100]), i([0, 1]))) ** 2, M),
    "rfftn axes": (lambda x, i: np.abs(np.fft.rfftn(x, axes=i([0, 1]))) ** 2, M),
    "fftshift": (lambda x, i: np.fft.fftshift(x, i(1)), M),
    "ifftshift": (lambda x, i: np.fft.ifftshift(x, (i(1), i(0))), T),
    "rfft default": (lambda x, i: np.abs(np.fft.rfft(x, axis=i(0))) ** 2, M),
    "unwrap": (lambda x, i: np.unwrap(x * 9, axis=i(1), period=i(3), discont=i(2)), T),
    "real_if_close": (lambda x, i: np.real_if_close(x, i(100)), V),
    "power": (lambda x, i: x ** i(3), M),
    "power arr": (lambda x, i: x[0] ** i([100] + 19 * [3]), M),
    "power neg": (lambda x, i: x ** i(-3), M),
    "np.power": (lambda x, i: np.power(x, i([0] * 19 + [2])), M),
    "rpower": (lambda x, i: i(3) ** x, M),
    "rpower arr": (lambda x, i: i([3] * 19 + [7]) ** x, M),
    "float_power": (lambda x, i: np.float_power(i(3), x), M),
    "mod": (lambda x, i: x % i(3), M),
    "rmod": (lambda x, i: i(100) % x, M),
    "fmod": (lambda x, i: np.fmod(i([100] * 20), x), M),
    "divmod": (lambda x, i: divmod(i(100), x)[1], M),
    "np.divmod": (lambda x, i: np.divmod(i(100), x), M),
    "hypot": (lambda x, i: np.hypot(x, i(100)), M),
    "arctan2": (lambda x, i: np.arctan2(i(100), x), M),
    "logaddexp": (lambda x, i: np.logaddexp(x, i(2)), M),
    "logaddexp2": (lambda x, i: np.logaddexp2(i(2), x), M),
    "ldexp": (lambda x, i: np.ldexp(x, i(3)), M),
    "ldexp big": (lambda x, i: np.ldexp(x, i(100)), M),
    "ldexp neg": (lambda x, i: np.ldexp(x, i(-100)), M),
    "multiply.reduce": (lambda x, i: np.multiply.reduce(x, i(1)), T),
    "maximum.reduce": (lambda x, i: np.maximum.reduce(x, i(1)), T),
    "x.repeat": (lambda x, i: x.repeat(i(100), i(0)), V[:3]),
    "x.trace": (lambda x, i: x.trace(i(3)), M),
    "x.diagonal": (lambda x, i: x.diagonal(i(3)), M),
    "x.squeeze": (lambda x, i: x[:, :1].squeeze(i(1)), M),
    "x.compress": (lambda x, i: x.compress(i([0, 1, 1]), i(1)), T),
}
# fmt: on
KINDS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.uint64)


def as_python(value: Any) -> Any:
    return np.array(value) if isinstance(value, list) else value


def scalars(kind: Any) -> Any:
    return lambda value: np.array(value, kind) if isinstance(value, list) else kind(value)


def arrays(kind: Any) -> Any:
    return lambda value: np.array(value, kind)


def plain(call: Any, x: Any, integer: Any) -> Any:
    """Return the leaves of the value; None if NumPy refuses the type."""
    try:
        return flatten(call(x, integer))[0]
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError, AssertionError):
        return None


def derivatives(call: Any, x: Any, integer: Any) -> Any:
    """Return a cotangent of x, and the leaves of a tangent of the result."""
    vjp, value = make_vjp(lambda x: call(x, integer))(x)
    g = map_leaves(lambda leaf: np.cos(np.arange(leaf.size).reshape(leaf.shape) + 0.3).astype(leaf.dtype), value)
    _, tangent = make_jvp(lambda x: call(x, integer))(x)(np.sin(np.arange(x.size).reshape(x.shape) + 0.7))
    return [vjp(g), *flatten(tangent)[0]]


@pytest.mark.parametrize("form", [scalars, arrays])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy's own arithmetic, where it wraps around
def test_the_type_of_an_option_does_not_matter(name: str, form: Any) -> None:
    call, x = CALLS[name]
    value = plain(call, x, as_python)
    if value is None:
        pytest.skip("this version of NumPy has no such function or argument")
    expected = derivatives(call, x, as_python)
    for kind in KINDS:
        found = plain(call, x, form(kind))
        if found is None or not all(np.array_equal(a, b) for a, b in zip(found, value, strict=True)):
            continue  # NumPy refuses the type, or makes something else of it
        for a, b in zip(derivatives(call, x, form(kind)), expected, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12 * np.max(np.abs(b), initial=0), err_msg=str(kind))


def test_an_option_that_numpy_writes_into_is_refused() -> None:
    with pytest.raises(UnsupportedArgumentError, match=r"numpy\.rollaxis .*`start`"):
        grad(lambda x: np.sum(np.rollaxis(x, 0, np.array(3))))(T)


@pytest.mark.parametrize("start", [np.uint8(3), np.int8(-1), np.int64(1)])
def test_rollaxis(start: Any) -> None:
    weights = np.cos(np.rollaxis(T, 0, int(start)))
    found = [grad(lambda x, s=s: np.sum(np.rollaxis(x, 0, s) * weights))(T) for s in (start, int(start))]
    np.testing.assert_array_equal(*found)


def test_options_are_left_as_they_are() -> None:
    axis = np.array(-1)
    grad(lambda x: np.sum(np.concatenate([x, x], axis) * np.stack([x, x], axis).reshape(2, 3, 8)))(T)  # type: ignore[call-overload]
    assert axis == -1


def test_booleans_are_positions_to_take() -> None:
    np.testing.assert_array_equal(
        grad(lambda x: np.take(x, [True, True, False]) @ [1.0, 10.0, 100.0])(np.ones(2)), [100, 11]
    )
