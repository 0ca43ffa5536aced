"""Assignment to arrays: values are NumPy's, derivatives those of the same program without assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest

import autodiff_numpy as np
from autodiff import hessian, make_jvp, make_vjp
from autodiff_testing import check_grads

X = numpy.array([0.5, -1.25, 0.75, 2.0])
M = numpy.array([[0.5, -1.0, 0.25], [1.5, 0.75, -0.5]])
MASK = X > 0


def _index(make: Callable[[Any], Any], index: Any, value: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A program that makes an array and writes once into it."""

    def program(xp: Any, x: Any) -> Any:
        a = make((xp, x))
        a[index] = value(x)
        return a

    return program


def _zeros(shape: Any) -> Callable[[Any], Any]:
    return lambda made: made[0].zeros(shape)


def _sine(made: Any) -> Any:
    return made[0].sin(made[1])


# Programs of NumPy (or autodiff_numpy) and an array of four numbers.
PROGRAMS: dict[str, Callable[[Any, Any], Any]] = {
    "entry": _index(_zeros(3), 1, lambda x: x[0] * x[1]),
    "entry from the end": _index(_zeros(3), -1, lambda x: x[0] ** 2),
    "NumPy's integer": _index(_zeros(3), numpy.int64(1), lambda x: x[0] ** 2),
    "slice": _index(_zeros(6), slice(1, 5), lambda x: x * x),
    "slice with a number": _index(_zeros(6), slice(1, 5, 2), lambda x: x[0] * x[1]),
    "slice, backwards": _index(_zeros(4), slice(None, None, -1), lambda x: x * x),
    "empty slice": _index(_zeros(4), slice(2, 2), lambda x: x[0]),
    "everything": _index(_zeros(4), Ellipsis, lambda x: x**3),
    "with an axis in front": _index(_zeros((2, 4)), 1, lambda x: (x**2)[None]),
    "two axes in front": _index(_zeros(4), slice(None), lambda x: (x**2)[None, None]),
    "rows": _index(_zeros((3, 4)), slice(0, 2), lambda x: x**2),
    "column": _index(_zeros((4, 3)), (slice(None), 1), lambda x: x**2),
    "columns of one": _index(_zeros((4, 3)), (slice(None), slice(1, 3)), lambda x: (x**2)[:, None]),
    "new axis": _index(_zeros((2, 4)), (None, 1), lambda x: x**2),
    "mask": _index(_zeros(4), MASK, lambda x: x[:3] ** 2),
    "mask, number": _index(_sine, MASK, lambda x: x[1] ** 2),
    "mask of a matrix": _index(_zeros((2, 3)), M > 0, lambda x: x**2),
    "mask of rows": _index(_zeros((2, 4)), numpy.array([False, True]), lambda x: x**2),
    "list": _index(_zeros(5), [3, 0, 1, 4], lambda x: x**2),
    "repeated": _index(_zeros(5), [3, 0, 3, 4], lambda x: x**2),
    "repeated, number": _index(_zeros(5), [3, 0, 3], lambda x: x[0] ** 2),
    "repeated, matrix": _index(_zeros((3, 3)), ([0, 1, 0, 2], [1, 1, 1, -1]), lambda x: x**2),
    "repeated, rows": _index(_zeros((3, 4)), [1, 1, 0], lambda x: numpy.arange(12).reshape(3, 4) * x**2),
    "repeated, negative": _index(_zeros(4), [3, -1, 0], lambda x: x[:3] ** 2),
    "mixed": _index(_zeros((3, 4)), (slice(None), [0, 2, 0]), lambda x: (x**2)[:3]),
    "empty list": _index(_zeros(3), [], lambda x: x[0]),
    "a constant": _index(_sine, 1, lambda x: 3.0),
    "a constant integer": _index(_sine, 1, lambda x: 3),
    "a constant array": _index(_sine, slice(2), lambda x: numpy.array([1.0, 2.0])),
    "a constant list": _index(_sine, [0, 2], lambda x: [1, 2]),
    "a list of traced": _index(_zeros(3), slice(1, 3), lambda x: [x[0] * x[1], 1.0]),
    "no axes": _index(_zeros(()), (), lambda x: x[0] * x[1]),
    "no axes, everything": _index(_zeros(()), Ellipsis, lambda x: x[0] * x[1]),
    "order F": _index(lambda made: made[0].zeros((2, 4), order="F"), (slice(None), 1), lambda x: x[:2] ** 2),
    "complex": _index(lambda made: made[0].zeros(4, complex), slice(1, 3), lambda x: x[:2] * (1 + 2j)),
    "real into complex": _index(lambda made: made[0].zeros(4, complex), slice(1, 3), lambda x: x[:2] ** 2),
    "single precision": _index(lambda made: made[0].zeros(4, numpy.float64), 0, lambda x: x[0]),
    "full": _index(lambda made: made[0].full(4, 2.0), 0, lambda x: x[0] ** 2),
    "full, traced": _index(lambda made: made[0].full(4, made[1][0] ** 2), 0, lambda x: x[1] ** 2),
    "ones": _index(lambda made: made[0].ones((2, 2)), 0, lambda x: x[0] ** 2),
    "eye": _index(lambda made: made[0].eye(3), (0, 2), lambda x: x[0] ** 2),
    "identity": _index(lambda made: made[0].identity(3), (0, 2), lambda x: x[0] ** 2),
    "linspace": _index(lambda made: made[0].linspace(0, 1, 5), 2, lambda x: x[0] ** 2),
    "arange": _index(lambda made: made[0].arange(5.0), 2, lambda x: x[0] ** 2),
    "array": _index(lambda made: made[0].array([[1.0, 2.0], [3.0, 4.0]]), 1, lambda x: x[0] ** 2),
    "array of traced": _index(lambda made: made[0].array([made[1][0], 2.0]), 1, lambda x: x[0] ** 2),
    "array of an array": _index(lambda made: made[0].array(X), 1, lambda x: x[0] ** 2),
    "array of the argument": _index(lambda made: made[0].array(made[1]), 1, lambda x: x[0] ** 2),
    "asarray of a list": _index(lambda made: made[0].asarray([1.0, 2.0]), 1, lambda x: x[0] ** 2),
    "copy": _index(lambda made: made[0].copy(X), 1, lambda x: x[0] ** 2),
    "copy of the argument": _index(lambda made: made[1].copy(), 1, lambda x: x[0] ** 2),
    "astype": _index(lambda made: made[1].astype(float), 1, lambda x: x[0] ** 2),
    "flatten": _index(lambda made: made[1].flatten(), 1, lambda x: x[0] ** 2),
    "zeros_like": _index(lambda made: made[0].zeros_like(made[1]), 1, lambda x: x[0] ** 2),
    "zeros_like by NumPy": _index(lambda made: numpy.zeros_like(made[1]), 1, lambda x: x[0] ** 2),
    "ones_like": _index(lambda made: made[0].ones_like(X), 1, lambda x: x[0] ** 2),
    "full_like": _index(lambda made: numpy.full_like(made[1], 2.0), 1, lambda x: x[0] ** 2),
    "result of plain arithmetic": _index(lambda made: -(made[0].ones(4) * 2 - 1), 1, lambda x: x[0] ** 2),
    "exp, which keeps its result": _index(lambda made: made[0].exp(made[1]), 1, lambda x: x[0] ** 2),
    "square, used before": _index(lambda made: (made[1] * made[1]) * 3, 1, lambda x: x[0] ** 2),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_assignment(name: str) -> None:
    program = PROGRAMS[name]
    value, _ = make_jvp(lambda x: program(np, x) + 0.0)(X)(X)
    expected = program(numpy, X.copy())
    assert value.dtype == expected.dtype
    numpy.testing.assert_allclose(value, expected)
    numpy.testing.assert_allclose(make_vjp(lambda x: program(np, x))(X)[1], expected)

    def total(x: Any) -> Any:
        a = program(np, x)
        return np.sum(np.abs(a * a * np.cos(np.reshape(np.arange(a.size), a.shape) + 1.0)))

    check_grads(total)(X)


def _running(xp: Any, x: Any) -> Any:
    out = xp.zeros(4)
    for i in range(4):
        out[i] = xp.sin(out[i - 1]) + x[i]
    return out


def _in_rows(xp: Any, x: Any) -> Any:
    out = xp.zeros((2, 4))
    for row in out:
        row[0] = x[0]
        for j in range(1, 4):
            row[j] += row[j - 1] * x[j]
    out[1] *= x
    return out


def _views(xp: Any, x: Any) -> Any:
    out = xp.zeros((4, 3))
    transposed, flat, back = out.T, out.reshape(-1), out[::-1]
    corner = transposed[1:][:, :2]
    flat[3] = x[0]
    transposed[1] = x
    corner[...] = corner * 2 + x[1]
    back[0, 0] = flat[1] * flat[3]
    flat[[5, 6]] = flat[[3, 4]] * x[2]
    corner[xp.ones((2, 2), bool)] += 1.0
    return out + transposed.T * flat.reshape(4, 3)


def _alias(xp: Any, x: Any) -> Any:
    def scale(a: Any) -> None:
        a *= 2.0
        a[0] = a[1] * x[0]

    y = xp.sin(x)
    z = y
    scale(y)
    scale(z)
    return y * z


def _parts(xp: Any, x: Any) -> Any:
    z = xp.zeros(4, complex)
    z.real[1:] = x[1:]
    z.imag = x * x
    z.imag[0] += z.real[1]
    z.real[xp.array([True, False, False, False])] = x[3]
    z.real[0] *= 3.0
    return z * z


def _overlap(xp: Any, x: Any) -> Any:
    a = xp.zeros(8)
    a[:4], a[4:] = x, x * x
    a[1:] = a[:-1]
    a[::-1] = a
    a[:4] += a[4:]
    a[0], a[1] = a[1], a[0]
    return a


def _split(xp: Any, x: Any) -> Any:
    out = xp.zeros(4)
    left, right = xp.split(out, 2)
    left[...] = x[:2]
    right += left * x[2]
    out[1:3] = 5.0 * x[3]
    return out + xp.concatenate([left, right])


def _snapshots(xp: Any, x: Any) -> Any:
    out = xp.zeros(4)
    seen = []
    for i in range(4):
        out[i] = x[i]
        seen.append(out * out)
        seen.append(out.copy())
        seen.append(out[[0, 1, 2, 3]])
    return xp.stack(seen)


def _functions(xp: Any, x: Any) -> Any:
    a = xp.zeros((3, 4))
    xp.put(a, [1, 5, -1, 5], x)
    xp.put(a, [20, 13], x[:1], mode="wrap")
    xp.put(a, [40, -3], x, mode="clip")
    xp.place(a, numpy.eye(3, 4, dtype=bool), x[:2] * 2)
    xp.putmask(a, numpy.eye(3, 4, 1, dtype=bool), x)
    xp.putmask(a, numpy.eye(3, 4, 2, dtype=bool), xp.outer(x[:3], x))
    xp.copyto(a[2], x, where=MASK)
    xp.copyto(a[1:, :2], x[:2])
    xp.put_along_axis(a, numpy.array([[1], [0], [3]]), x[:3, None] ** 2, axis=1)
    a.put([7], x[3])
    square = a[:3, :3]
    xp.fill_diagonal(square, x[:2])
    a.T[3].fill(x[1])
    a[2].sort()
    return a


def _tall(xp: Any, x: Any) -> Any:
    a, b, c = xp.zeros((5, 2)), xp.zeros((5, 2)), xp.zeros((3, 3, 3))
    xp.fill_diagonal(a, x[0])
    xp.fill_diagonal(b, x * x, wrap=True)
    xp.fill_diagonal(c, x[:3])
    return xp.sum(a * b * x[1]) + xp.sum(b * numpy.arange(10).reshape(5, 2)) + c


def _at(xp: Any, x: Any) -> Any:
    a = xp.zeros(3)
    xp.add.at(a, [0, 1, 0, 2], x)
    xp.subtract.at(a, [1, 1], x[:2])
    xp.multiply.at(a, [2, 2, 1, 2], x)
    xp.negative.at(a, [0, 0, 1])
    xp.add.at(a, slice(1, None), x[0])
    b = xp.ones((2, 3))
    xp.add.at(b, (slice(None), [1, 1]), x[:2])
    xp.maximum.at(b, ([0, 0], [0, 0]), x[2:])
    return a * b


def _out(xp: Any, x: Any) -> Any:
    a, b = xp.zeros(4), xp.zeros((2, 4))
    xp.sin(x, out=a)
    xp.multiply(a, x, b[0])
    xp.add(x, 1.0, out=b)
    xp.cumsum(x * x, out=b[1])
    xp.sum(b, axis=0, out=a)
    xp.exp(a, out=a, where=MASK)
    xp.divide(x, numpy.array([1.0, 0.0, 2.0, 3.0]), out=b[0], where=numpy.array([True, False, True, True]))
    xp.clip(a, -1.0, 2.0, out=a)
    y = xp.cos(x)
    xp.log(x * x, out=y, where=MASK)
    return a * b + y


def _operators(xp: Any, x: Any) -> Any:
    a = xp.exp(x)
    a += x
    a -= 2
    a *= a
    a /= numpy.array([1.0, 2.0, 3.0, 4.0])
    a **= 2
    a %= 7.0
    m = xp.outer(x, x)[:2, :2].copy()
    m @= numpy.array([[1.0, 2.0], [3.0, 4.0]])
    a[:2] += m[0]
    b = xp.zeros(4)
    b += 1
    b[...] *= x
    return a * b


def _loop(xp: Any, x: Any) -> Any:
    total = xp.zeros(4)
    for i in range(3):
        total += xp.sin(x * i)
        total[i] -= total[i + 1]
    return total


LONGER = {
    f.__name__.strip("_"): f
    for f in (
        _running, _in_rows, _views, _alias, _parts, _overlap, _split, _snapshots, _functions, _tall, _at, _out,
        _operators, _loop,
    )
}  # fmt: skip


@pytest.mark.parametrize("name", LONGER)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_programs(name: str) -> None:
    program = LONGER[name]
    expected = program(numpy, X.copy())
    numpy.testing.assert_allclose(make_jvp(lambda x: program(np, x))(X)(X)[0], expected)
    numpy.testing.assert_allclose(make_vjp(lambda x: program(np, x))(X)[1], expected)

    def total(x: Any) -> Any:
        a = program(np, x)
        return np.sum(np.real(a * a * np.cos(np.reshape(np.arange(a.size), a.shape))))

    check_grads(total)(X)
    hessian_by_columns = make_jvp(lambda x: make_jvp(total)(x)(X)[1])(X)(X)[1]
    numpy.testing.assert_allclose(X @ hessian(total)(X) @ X, hessian_by_columns, rtol=1e-9)
