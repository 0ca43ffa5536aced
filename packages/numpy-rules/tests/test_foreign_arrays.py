"""Arrays of other libraries under the rules of NumPy: Dask's, and those of a library on a device, as CuPy's are."""

from __future__ import annotations

import types
from typing import Any

import dask.array
import numpy as np
import pytest
from foreign_programs import PROGRAMS
from numpy.lib.mixins import NDArrayOperatorsMixin

from autodiff import grad, jacobian, make_jvp, make_vjp
from autodiff.errors import InputError
from autodiff.extend import vspace
from autodiff_numpy.array_types import register_array_type
from autodiff_numpy.foreign import ForeignSpace, _rounds


class DeviceArray(NDArrayOperatorsMixin):
    """An array that takes part in the protocols and refuses to be converted to one of NumPy, as CuPy's do."""

    def __init__(self, entries: Any) -> None:
        self.entries = np.asarray(entries)

    shape = property(lambda self: self.entries.shape)
    dtype = property(lambda self: self.entries.dtype)
    ndim = property(lambda self: self.entries.ndim)
    size = property(lambda self: self.entries.size)
    T = property(lambda self: DeviceArray(self.entries.T))

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if not all(isinstance(value, (DeviceArray, np.ndarray, np.generic, int, float, complex)) for value in inputs):
            return NotImplemented
        out = kwargs.pop("out", None)
        result = wrapped(getattr(ufunc, method)(*map(unwrapped, inputs), **kwargs))
        if out is None:
            return result
        out[0][...] = result
        return out[0]

    def __array_function__(self, func: Any, kinds: Any, args: Any, kwargs: Any) -> Any:
        if not all(issubclass(kind, (DeviceArray, np.ndarray)) for kind in kinds):
            return NotImplemented
        return wrapped(func(*map(unwrapped, args), **kwargs))

    def __getitem__(self, index: Any) -> Any:
        return DeviceArray(self.entries[index])

    def __setitem__(self, index: Any, value: Any) -> None:
        self.entries[index] = unwrapped(value)

    def astype(self, dtype: Any) -> Any:
        return DeviceArray(self.entries.astype(dtype))

    def copy(self) -> Any:
        return DeviceArray(self.entries.copy())

    def reshape(self, shape: Any) -> Any:
        return DeviceArray(self.entries.reshape(shape))

    def transpose(self, axes: Any = None) -> Any:
        return DeviceArray(self.entries.transpose(axes))

    def __len__(self) -> int:
        return len(self.entries)

    def __bool__(self) -> bool:
        return bool(self.entries)


def unwrapped(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(unwrapped, value))
    return value.entries if isinstance(value, DeviceArray) else value


def wrapped(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(map(wrapped, value))
    return DeviceArray(value) if isinstance(value, (np.ndarray, np.generic)) else value


device = types.SimpleNamespace(
    zeros=lambda shape, dtype=float: DeviceArray(np.zeros(shape, dtype)),
    ones=lambda shape, dtype=float: DeviceArray(np.ones(shape, dtype)),
    asarray=DeviceArray,
)
register_array_type(DeviceArray, device)
register_array_type(dask.array.Array, dask.array)

#: Class, how to make one of a plain array, and how to get that back.
LIBRARIES = {
    "dask": (dask.array.Array, lambda x: dask.array.from_array(x, chunks=2), lambda x: x.compute()),
    "device": (DeviceArray, DeviceArray, lambda x: x.entries),
}


def point() -> np.ndarray:
    return np.random.default_rng(3).permutation(np.linspace(0.5, 1.5, 12)).reshape(4, 3)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore:The `numpy:FutureWarning")  # Dask has no such function, and computes
def test_derivatives_are_those_of_numpy(name: str, library: str) -> None:
    kind, make, plain = LIBRARIES[library]
    f, x = PROGRAMS[name], point()
    direction = np.cos(np.arange(12.0)).reshape(4, 3)

    gradient = grad(f)(make(x))
    assert type(gradient) is kind
    np.testing.assert_allclose(plain(gradient), grad(f)(x), rtol=1e-12, atol=1e-13)
    value, tangent = make_jvp(f)(make(x))(make(direction))
    np.testing.assert_allclose([plain(value), plain(tangent)], make_jvp(f)(x)(direction), rtol=1e-12, atol=1e-13)

    def slope(x: Any) -> Any:
        return np.sum(grad(f)(x) * grad(f)(x))

    second = grad(slope)(make(x))
    assert type(second) is kind
    np.testing.assert_allclose(plain(second), grad(slope)(x), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("library", LIBRARIES)
def test_jacobians_and_complex_numbers(library: str) -> None:
    _, make, plain = LIBRARIES[library]
    x = point()[0]
    np.testing.assert_allclose(plain(jacobian(np.tanh)(make(x))), np.diag(1 - np.tanh(x) ** 2), atol=1e-15)
    z = x + 1j * x[::-1]
    f = lambda z: np.real(np.sum(z * np.conj(z) * z))
    np.testing.assert_allclose(plain(grad(f)(make(z))), grad(f)(z))
    single = make(x.astype(np.float32))
    assert grad(lambda x: np.sum(x * x))(single).dtype == np.float32


def test_dask_arrays_stay_lazy() -> None:
    def explode(block: Any) -> Any:
        raise AssertionError("computed")

    x = dask.array.ones((4, 3), chunks=2).map_blocks(explode, dtype=float, meta=np.empty((0, 0)))
    gradient = grad(lambda x: np.sum(np.tanh(x @ x.T) ** 2) + np.sum(x[1:] * 2.0))(x)
    assert isinstance(gradient, dask.array.Array)
    with pytest.raises(AssertionError, match="computed"):
        gradient.compute()


def test_plain_and_foreign_arrays_together() -> None:
    x, w = point(), point()[0]
    lazy = dask.array.from_array(x, chunks=2)
    f = lambda x, w: np.sum(np.tanh(x @ w))
    expected = grad(f, (0, 1))(x, w)
    by_x, by_w = grad(f, (0, 1))(lazy, w)
    assert type(by_x) is dask.array.Array
    assert type(by_w) is np.ndarray
    np.testing.assert_allclose(by_x.compute(), expected[0])
    np.testing.assert_allclose(by_w, expected[1])


def test_foreign_arrays_that_are_overwritten() -> None:
    x, a = DeviceArray(np.ones(3)), DeviceArray(np.arange(3.0))
    vjp, _ = make_vjp(lambda x: x * x * a)(x)
    x[0] = a[1] = 100.0
    np.testing.assert_array_equal(vjp(device.ones(3)).entries, [0.0, 2.0, 4.0])


def test_their_space() -> None:
    space = vspace(DeviceArray(np.ones((2, 0))))
    assert isinstance(space, ForeignSpace)
    assert list(space.basis()) == []
    assert space == vspace(DeviceArray(np.zeros((2, 0))))
    assert space != vspace(np.ones((2, 0)))
    assert "DeviceArray" in repr(space)
    assert space.zeros().shape == (2, 0)
    assert space.stack([], vspace(1.0)).shape == (2, 0)
    assert space.stack_last([], vspace(np.ones(4))).shape == (4, 2, 0)


def test_rounds_have_no_position_twice() -> None:
    positions = np.array([3, 1, 3, 0, 1, 3])
    rounds = list(_rounds(positions))
    assert sorted(np.concatenate(rounds)) == list(range(6))
    assert [list(positions[chosen]) for chosen in rounds] == [[0, 1, 3], [1, 3], [3]]
    assert list(_rounds(np.array([], int))) == []


@pytest.mark.parametrize(
    ("kind", "namespace", "words"),
    [
        (list, device, "__array_ufunc__"),
        (DeviceArray, types.SimpleNamespace(), "zeros, ones, asarray"),
        (np.ndarray, np, "another library"),
        (DeviceArray(0.0), device, "another library"),
    ],
)
def test_what_cannot_be_registered(kind: Any, namespace: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        register_array_type(kind, namespace)
