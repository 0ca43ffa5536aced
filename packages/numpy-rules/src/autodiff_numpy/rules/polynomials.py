"""Polynomials, highest power first.  https://numpy.org/doc/stable/reference/routines.polynomials.poly1d.html

Results keep the form that NumPy gives them: where it drops leading zeros, which depend on values, the rest is
differentiated. `numpy.poly1d` is made of these functions, and so holds traced coefficients.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff import stop_gradient
from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import Rule, general
from autodiff_numpy.array_making import as_operand
from autodiff_numpy.checked import checked
from autodiff_numpy.composed import composed
from autodiff_numpy.operands import as_array, as_floating, conjugated
from autodiff_numpy.series import Family, as_points, least_squares

_SERIES = Family("polynomial")


def last(p: Any, length: int) -> Any:
    """Drop leading coefficients, or put zeros in front, so that there are `length`."""
    if len(p) >= length:
        return p[len(p) - length :]
    return np.concatenate((np.zeros((length - len(p), *np.shape(p)[1:]), p.dtype), p))


def _refuse_poly1d(*args: Any, **kwargs: Any) -> None:
    """Refuse what gives a poly1d that NumPy made, in which there would be no derivative."""
    if any(isinstance(arg, np.poly1d) for arg in (*args, *kwargs.values())):
        raise UnsupportedArgumentError(
            "a function of polynomials was given a numpy.poly1d beside a traced array, and would return a poly1d "
            "without a derivative. Make both a poly1d, `numpy.poly1d(x)`, and use operators; or pass `p.coeffs`."
        )


def _polyval(p: Any, x: Any) -> Any:
    if isinstance(x, np.poly1d):
        raise UnsupportedArgumentError(
            "numpy.polyval cannot be differentiated with a poly1d in place of the points `x`. Compose the polynomials "
            "with numpy.polymul and numpy.polyadd."
        )
    p, x = as_points(p), as_array(as_operand(x))
    y = 0 * x
    for coefficient in p:
        y = y * x + coefficient
    return y


def _sum(a1: Any, a2: Any) -> Any:
    a1, a2 = as_points(a1), as_points(a2)
    length = max(len(a1), len(a2))
    return last(a1, length) + last(a2, length)


def _difference(a1: Any, a2: Any) -> Any:
    return _sum(a1, -as_points(a2))


def _product(a1: Any, a2: Any) -> Any:
    a1, a2 = as_points(a1), as_points(a2)
    return last(np.convolve(a1, a2), len(np.polymul(stop_gradient(a1), stop_gradient(a2))))


def _quotient(u: Any, v: Any) -> Any:
    u, v = as_points(u), as_points(v)
    lengths = tuple(map(len, np.polydiv(stop_gradient(u), stop_gradient(v))))
    n, low = len(u) - len(v) + 1, len(v) - 1
    if n < 1:
        return np.zeros(lengths[0], u.dtype), last(u, lengths[1])
    # The leading rows of u = q v + r are a triangular system for q.
    multiples = _SERIES.multiples(v, n)
    q = np.linalg.solve(np.transpose(multiples[:, :n]), u[:n])
    r = u[n:] - q @ multiples[:, n:] if low else 0 * u[:1]
    return q, last(r, lengths[1])


def _derivative(p: Any, m: int = 1) -> Any:
    p = as_points(p)
    for _ in range(int(m)):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def _integral(p: Any, m: int = 1, k: Any = None) -> Any:
    p = as_points(p)
    constants = np.zeros(1) if k is None else as_points(k)
    for i in range(int(m)):
        constant = constants[0 if len(constants) == 1 else i]
        p = np.concatenate((p / np.arange(len(p), 0, -1), np.reshape(constant, (1,))))
    return p


def _from_roots(seq_of_zeros: Any) -> Any:
    roots = as_points(seq_of_zeros)
    if np.ndim(roots) == 2:
        coefficients = _characteristic(roots)
    else:
        coefficients = _SERIES.fromroots(roots)[::-1] if len(roots) else np.ones(1)
    is_real = np.isrealobj(np.poly(stop_gradient(roots)))
    return np.real(coefficients) if is_real else coefficients


def _characteristic(a: Any) -> Any:
    """Return the coefficients of det(x - a) by the method of Faddeev and Le Verrier.

    It divides by no difference of eigenvalues: D. K. Faddeev and V. N. Faddeeva, Computational Methods of Linear
    Algebra (1963), section 47.
    """
    size, eye = a.shape[0], np.eye(a.shape[0])
    coefficients, power = [np.ones((), a.dtype)], eye
    for k in range(1, size + 1):
        product = a @ power
        coefficients.append(-np.trace(product) / k)
        power = product + coefficients[-1] * eye
    return np.stack(coefficients)


def _roots_jvp(tangent: Any, y: Any, p: Any) -> Any:
    """Push forward: ``p(r) = 0`` gives dr = -dp(r) / p'(r)."""
    return _SERIES.roots_jvp(tangent[::-1], y, as_points(p)[::-1])


def _fit(x: Any, y: Any, deg: int, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any:
    x, order = as_floating(as_array(as_operand(x))), int(deg) + 1
    powers = np.vander(x, order)
    c, rest = least_squares("numpy.polyfit", powers, y, rcond, w)
    if full:
        return (c, *rest)
    return (c, _covariance(powers, w, rest[0], len(x) - order, cov)) if cov else c


def _covariance(powers: Any, w: Any, squares: Any, freedom: int, cov: Any) -> Any:
    """Return the covariance of the coefficients, for each of the fits in one call."""
    if w is not None:
        powers = as_array(as_operand(w))[:, None] * powers
    scale = np.sqrt(np.sum(np.real(powers * conjugated(powers)), axis=0))
    scaled = powers / scale
    base = np.linalg.inv(scaled.T @ scaled) / (scale[:, None] * scale)
    factor = 1 if isinstance(cov, str) and cov == "unscaled" else squares / freedom
    return base * factor if np.size(factor) == 1 else base[:, :, None] * factor


# fmt: off
_ALGEBRA: tuple[Rule, ...] = (
    composed(np.polyadd,  _sum,        (0, 1)),
    composed(np.polysub,  _difference, (0, 1)),
    composed(np.polymul,  _product,    (0, 1)),
    composed(np.polydiv,  _quotient,   (0, 1)),
    composed(np.polyder,  _derivative),
    composed(np.polyint,  _integral,   (0, 2)),
)
RULES: tuple[Rule, ...] = (
    *(checked(rule, _refuse_poly1d) for rule in _ALGEBRA),
    composed(np.polyval,  _polyval,    (0, 1)),
    composed(np.poly,     _from_roots),
    composed(np.polyfit,  _fit,        (0, 1, 5)),
    general(np.roots,     jvp=_roots_jvp),
)
# fmt: on
