"""Series of polynomials: the functions that each module of ``numpy.polynomial`` has, in terms of others with rules.

The six modules differ in their basis only. All that is needed of a basis is what NumPy's own functions say of its
members: the derivative, the integral and the product of two of them. The coefficients are multiplied by the matrices
that these make, so one definition serves all modules.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.polynomial.polyutils import trimcoef

from autodiff import stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import bind, primitive_of
from autodiff_numpy.array_making import as_operand
from autodiff_numpy.operands import as_array, as_floating, conjugated

# Module -> what the names of its functions begin with.
FAMILIES = {
    "polynomial": "poly", "chebyshev": "cheb", "legendre": "leg", "hermite": "herm", "hermite_e": "herme",
    "laguerre": "lag",
}  # fmt: skip


def as_points(c: Any) -> Any:
    """Return coefficients or points as NumPy reads them: an array with at least one axis, never of integers."""
    c = as_floating(as_array(as_operand(c)))
    return np.reshape(c, (1,)) if np.ndim(c) == 0 else c


def fitted(c: Any, length: int) -> Any:
    """Cut off the last of the coefficients, or append zeros, so that there are `length`."""
    if len(c) >= length:
        return c[:length]
    return np.concatenate((c, np.zeros((length - len(c), *np.shape(c)[1:]), c.dtype)))


def plain(fun: Callable[..., Any], *args: Any) -> Any:
    """Return what NumPy gives for the values of the arguments, for the lengths that depend on them."""
    return fun(*map(stop_gradient, args))


def trimmed(c: Any, tol: float = 0) -> Any:
    """Return a series without the last coefficients that are at most `tol`."""
    c = as_points(c)
    values = stop_gradient(c)
    return c[: len(trimcoef(values, tol))] if np.any(np.abs(values) > tol) else 0 * c[:1]


class Family:
    """One of the modules of ``numpy.polynomial``; its methods are its functions, for traced arguments."""

    def __init__(self, module: str) -> None:
        self.module = importlib.import_module(f"numpy.polynomial.{module}")
        self.prefix = FAMILIES[module]

    def numpys(self, name: str) -> Callable[..., Any]:
        """Return NumPy's function, by its name without that of the basis."""
        fun: Callable[..., Any] = getattr(self.module, self.prefix + name)
        return fun

    # What there is to know about the basis

    @functools.cache  # noqa: B019  # there are six families, for good
    def _matrix(self, name: str, n: int) -> Any:
        """Return the matrix of a linear function of `n` coefficients, "der", "int" or "mulx"."""
        columns = [np.asarray(self.numpys(name)(unit)) for unit in np.eye(n)]
        height = max(map(len, columns), default=0)
        return np.stack([fitted(column, height) for column in columns], axis=1)

    @functools.cache  # noqa: B019
    def _products(self, n: Any, m: Any) -> Any:
        """Return the coefficients of the products of the first `n` members of the basis with the first `m`."""
        mul = self.numpys("mul")
        return np.array([[fitted(mul(a, b), n + m - 1) for b in np.eye(m)] for a in np.eye(n)])

    def slopes(self, y: Any) -> Any:
        """Return the derivatives of the values `y` of the members of the basis, which are along the last axis."""
        return y @ fitted(self._matrix("der", y.shape[-1]), y.shape[-1]).astype(y.dtype)

    # Values

    def basis(self, x: Any, n: int) -> Any:
        """Return the values of the first `n` members of the basis, along a new last axis."""
        values = bind(primitive_of(self.numpys("vander")), (x, n - 1), {})
        return np.reshape(values, (*np.shape(x), n))

    def val(self, x: Any, c: Any, tensor: bool = True) -> Any:
        """Return the values at `x`; `x` is broadcast against further axes of `c` unless `tensor`."""
        x, c = as_array(as_operand(x)), as_points(c)
        values = self.basis(x, len(c))
        if tensor:
            return np.tensordot(c, values, axes=(0, -1))
        return np.sum(np.moveaxis(c, 0, -1) * values, axis=-1)

    def val2d(self, x: Any, y: Any, c: Any) -> Any:
        """Return the values at the points (x, y)."""
        return self.val(y, self.val(x, c), tensor=False)

    def val3d(self, x: Any, y: Any, z: Any, c: Any) -> Any:
        """Return the values at the points (x, y, z)."""
        return self.val(z, self.val2d(x, y, c), tensor=False)

    def grid2d(self, x: Any, y: Any, c: Any) -> Any:
        """Return the values at all pairs of `x` and `y`."""
        return self.val(y, self.val(x, c))

    def grid3d(self, x: Any, y: Any, z: Any, c: Any) -> Any:
        """Return the values at all triples of `x`, `y` and `z`."""
        return self.val(z, self.grid2d(x, y, c))

    def vander2d(self, x: Any, y: Any, deg: Any) -> Any:
        """Return the values of the products of two members of the basis."""
        return self._outer((x, y), deg)

    def vander3d(self, x: Any, y: Any, z: Any, deg: Any) -> Any:
        """Return the values of the products of three members of the basis."""
        return self._outer((x, y, z), deg)

    def _outer(self, points: tuple[Any, ...], deg: Any) -> Any:
        result = np.ones(1)
        for x, n in zip(points, deg, strict=True):
            result = result[..., :, None] * self.basis(as_points(x), int(n) + 1)[..., None, :]
            result = np.reshape(result, (*result.shape[:-2], result.shape[-2] * result.shape[-1]))
        return result

    # Calculus

    def der(self, c: Any, m: int = 1, scl: Any = 1, axis: int = 0) -> Any:
        """Return the coefficients of the m-th derivative."""
        c = np.moveaxis(as_points(c), axis, 0)
        for _ in range(m):
            c = np.tensordot(self._matrix("der", len(c)), scl * c, 1) if len(c) > 1 else 0 * c
        return np.moveaxis(c, 0, axis)

    def int(self, c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: int = 0) -> Any:
        """Return the coefficients of the m-th integral, each with its constant in `k`, at `lbnd`."""
        c = np.moveaxis(as_points(c), axis, 0)
        constants = list(np.reshape(as_array(as_operand(k)), -1)) if np.size(k) else []
        for constant in constants + [0] * (m - len(constants)):
            c = np.tensordot(self._matrix("int", len(c)), scl * c, 1)
            start = np.expand_dims(constant - self.val(lbnd, c), 0)
            c = np.concatenate((c[:1] + start, c[1:]))
        return np.moveaxis(c, 0, axis)

    # Algebra

    def add(self, c1: Any, c2: Any) -> Any:
        """Return the sum of two series."""
        return self._sum(c1, c2, "add")

    def sub(self, c1: Any, c2: Any) -> Any:
        """Return the difference of two series."""
        return self._sum(c1, -as_points(c2), "add")

    def _sum(self, c1: Any, c2: Any, name: str) -> Any:
        c1, c2 = as_points(c1), as_points(c2)
        length = len(plain(self.numpys(name), c1, c2))
        return fitted(c1, length) + fitted(c2, length)

    def product(self, c1: Any, c2: Any) -> Any:
        """Return the product with all its coefficients, where NumPy leaves out the last ones that are 0."""
        return c1 @ self.multiples(c2, len(c1))

    def multiples(self, c: Any, n: Any) -> Any:
        """Return the coefficients of the products of a series with the first `n` members of the basis, as rows."""
        if self.prefix != "poly":
            return np.tensordot(c, self._products(n, len(c)), (0, 1))
        # The powers of x only move coefficients; a table of products would be large, and nearly all zeros.
        power = np.arange(n + len(c) - 1) - np.arange(n)[:, None]
        return fitted(c, len(c) + 1)[np.where((power >= 0) & (power < len(c)), power, len(c))]

    def mul(self, c1: Any, c2: Any) -> Any:
        """Return the product of two series."""
        c1, c2 = as_points(c1), as_points(c2)
        return fitted(self.product(c1, c2), len(plain(self.numpys("mul"), c1, c2)))

    def mulx(self, c: Any) -> Any:
        """Return the product of a series with x."""
        c = as_points(c)
        return fitted(self._matrix("mulx", len(c)) @ c, len(plain(self.numpys("mulx"), c)))

    def pow(self, c: Any, pow: Any, maxpower: Any = 16) -> Any:  # noqa: A002  # NumPy's name
        """Return a power of a series."""
        c, length = as_points(c), len(self.numpys("pow")(stop_gradient(c), pow, maxpower))
        result = np.ones(1, c.dtype)
        for _ in range(int(pow)):
            result = self.product(result, c)
        return fitted(result, length)

    def div(self, c1: Any, c2: Any) -> Any:
        """Return quotient and remainder: ``c1 = quotient * c2 + remainder``, which solves a triangular system."""
        c1, c2 = as_points(c1), as_points(c2)
        lengths = tuple(map(len, plain(self.numpys("div"), c1, c2)))
        c2 = c2[: len(trimcoef(stop_gradient(c2)))]
        n, low = len(c1) - len(c2) + 1, len(c2) - 1
        if n < 1:
            return fitted(0 * c1, lengths[0]), fitted(c1, lengths[1])
        multiples = self.multiples(c2, n)
        quotient = np.linalg.solve(np.transpose(multiples[:, low:]), c1[low:])
        remainder = c1[:low] - quotient @ multiples[:, :low] if low else 0 * c1[:1]
        return fitted(quotient, lengths[0]), fitted(remainder, lengths[1])

    def line(self, off: Any, scl: Any) -> Any:
        """Return the series of ``off + scl * x``."""
        length = len(plain(self.numpys("line"), off, scl))
        slope = np.asarray(self.numpys("line")(0, 1), float)[:length]
        return off * np.eye(1, length)[0] + scl * slope

    # Roots

    def fromroots(self, roots: Any) -> Any:
        """Return the series with leading power ``x**n`` that has these roots, multiplied in pairs."""
        roots = as_points(roots)
        factors = [self.line(-root, 1.0) for root in roots] or [np.ones(1)]
        while len(factors) > 1:
            pairs = list(zip(factors[::2], factors[1::2], strict=False))
            factors = [self.product(a, b) for a, b in pairs] + factors[2 * len(pairs) :]
        return fitted(factors[0], len(plain(self.numpys("fromroots"), roots)))

    def roots_jvp(self, tangent: Any, y: Any, c: Any) -> Any:
        """Push forward: ``p(r) = 0`` gives dr = -dp(r) / p'(r)."""
        return -self.val(y, tangent) / self.val(y, self.der(c))

    def companion(self, c: Any) -> Any:
        """Return the companion matrix, in which the ratios to the last coefficient enter linearly."""
        c = as_points(c)
        units = np.eye(len(c))
        base = self.numpys("companion")(units[-1])
        steps = np.stack([self.numpys("companion")(units[-1] + unit) - base for unit in units[:-1]])
        return base + np.tensordot(c[:-1] / c[-1], steps, 1)

    # Fits

    def fit(self, x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None) -> Any:
        """Return the coefficients of the least-squares fit; `deg` may list the members of the basis."""
        x = as_array(as_operand(x))
        members = np.sort(np.asarray(deg)) if np.ndim(deg) else np.arange(int(deg) + 1)
        length = int(members[-1]) + 1
        values = self.basis(x, length)[:, members]
        c, rest = least_squares(self.numpys("fit").__name__, values, y, rcond, w)
        if np.ndim(deg):
            c = np.tensordot(np.eye(length)[:, members], c, 1)
        return (c, rest) if full else c


def least_squares(name: str, a: Any, b: Any, rcond: Any, w: Any) -> tuple[Any, list[Any]]:
    """Return the solution of min ||w (a c - b)|| by a QR decomposition, and what fits return when `full`."""
    b = as_floating(as_array(as_operand(b)))
    rcond = len(a) * np.finfo(a.dtype).eps if rcond is None else rcond
    if w is not None:
        w = as_floating(as_array(as_operand(w)))
        a, b = w[:, None] * a, (w * b.T).T
    scale = np.sqrt(np.sum(np.real(a * conjugated(a)), axis=0))
    singular = np.linalg.svd(stop_gradient(a) / np.where(stop_gradient(scale) == 0, 1, stop_gradient(scale)))[1]
    rank = int(np.sum(singular > rcond * singular[0]))
    if rank < a.shape[1]:
        raise UnsupportedArgumentError(
            f"{name} cannot be differentiated where the fit is not unique: {a.shape[1]} coefficients, but a matrix of "
            f"rank {rank}. Fit a polynomial of lower degree, or more points."
        )
    q, r = np.linalg.qr(a / scale)
    c = np.linalg.solve(r, conjugated(q).T @ b)
    c = (c.T / scale).T
    residuals = b - a @ c
    squares = np.sum(np.real(residuals * conjugated(residuals)), axis=0)
    squares = np.reshape(squares, (-1,)) if len(a) > a.shape[1] else np.zeros(0)
    return c, [squares, rank, np.linalg.svd(a / scale, compute_uv=False), rcond]
