"""Polynomials: against independent derivatives, with `poly1d`, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import autodiff_numpy as traced
from autodiff import grad, jacobian
from autodiff.errors import AutodiffError, LostDerivativeError, PerformanceWarning, UnsupportedArgumentError
from autodiff_numpy.polynomial import chebyshev, hermite_e, laguerre, legendre, polynomial
from autodiff_numpy.series import FAMILIES

X = np.array([-0.7, 0.2, 1.1])
P = np.array([1.0, 3.0, 2.0])
LINE = np.poly1d([1.0, 2.0])


def test_slope_is_the_value_of_the_derivative() -> None:
    slope = grad(lambda x: np.sum(np.polyval(P, x)))(X)
    assert np.allclose(slope, np.polyval(np.polyder(P), X))
    for module, prefix in FAMILIES.items():
        family = getattr(traced.polynomial, module)
        val, der = getattr(family, f"{prefix}val"), getattr(family, f"{prefix}der")
        c = np.arange(1.0, 7.0)
        assert np.allclose(grad(lambda x, val=val, c=c: np.sum(val(x, c)))(X), val(X, der(c)))


@pytest.mark.parametrize("module", FAMILIES)
def test_jacobian_by_coefficients_is_the_vandermonde_matrix(module: str) -> None:
    family, prefix = getattr(traced.polynomial, module), FAMILIES[module]
    found = jacobian(lambda c: getattr(family, f"{prefix}val")(X, c))(np.ones(4))
    assert np.allclose(found, getattr(family, f"{prefix}vander")(X, 3))


def test_values_are_numpys_for_points_in_arrays_and_coefficients_with_axes() -> None:
    c = np.arange(9.0).reshape(3, 3)
    assert jacobian(lambda x: polynomial.polyval(x, c))(X).shape == (3, 3, 3)
    assert jacobian(lambda x: chebyshev.chebval(x, c, tensor=False))(X).shape == (3, 3)


def test_plain_functions_take_traced_points_for_arrays() -> None:
    c = np.arange(8.0).reshape(2, 4)
    found = jacobian(lambda x: np.polynomial.polynomial.polyval(x, c))(X)
    assert np.allclose(found, c[1][:, None, None] * np.eye(3))


def test_fit_is_linear_in_the_data() -> None:
    x = np.linspace(-1, 1, 5)
    basis = np.vander(x, 3)
    assert np.allclose(jacobian(lambda y: np.polyfit(x, y, 2))(np.sin(x)), np.linalg.pinv(basis))
    assert np.allclose(jacobian(lambda y: legendre.legfit(x, y, 2))(x), np.linalg.pinv(legendre.legvander(x, 2)))


def test_roots_move_against_the_coefficients() -> None:
    moved = jacobian(np.roots)(P)
    assert np.allclose(moved, [[4, -2, 1], [-1, 1, -1]])  # roots -2 and -1: -r**k / p'(r)
    assert np.allclose(jacobian(lambda r: np.roots(np.poly(r)))(np.array([3.0, 1.0])), np.eye(2))


def test_characteristic_polynomial_has_a_derivative_where_eigenvalues_are_equal() -> None:
    assert np.allclose(grad(lambda a: np.poly(a)[1])(np.eye(3)), -np.eye(3))
    assert np.allclose(grad(lambda a: np.poly(a)[3])(2 * np.eye(3)), -4 * np.eye(3))


def test_products_that_lose_leading_coefficients_keep_their_derivative() -> None:
    # The cubes cancel, and NumPy drops them.
    found = jacobian(lambda c: hermite_e.hermesub(c, [0.0, 1.0, 5.0]))(np.array([1.0, 2.0, 5.0]))
    assert np.allclose(found, [[1, 0, 0], [0, 1, 0]])
    assert np.allclose(jacobian(lambda a: np.polymul(a, [2.0, 3.0]))(np.array([0.0, 1.0])), [[3, 2], [0, 3]])


def test_lists_of_traced_values() -> None:
    assert grad(lambda x: traced.polyval([x, 1.0], 2.0))(3.0) == 2.0
    assert grad(lambda x: laguerre.lagval(0.0, [x, [1.0, x][1]]))(3.0) == 2.0


# poly1d

# fmt: off
POLY1D = {
    "call": lambda x: np.poly1d(x)(2.0),
    "coefficient": lambda x: np.poly1d(x)[1],
    "sum": lambda x: (np.poly1d(x) + LINE).coeffs,
    "sum with a number": lambda x: (np.poly1d(x) - 1.0).coeffs,
    "product": lambda x: (LINE * np.poly1d(x)).coeffs,
    "power": lambda x: (np.poly1d(x) ** 2).coeffs,
    "of roots": lambda x: np.poly1d(x, True).coeffs,
    "roots": lambda x: np.poly1d(x).roots,
    "derivative": lambda x: np.poly1d(x).deriv().coeffs,
    "integral": lambda x: np.poly1d(x).integ(1, x[0])(0.5),
}
# fmt: on


@pytest.mark.parametrize("name", POLY1D)
def test_poly1d_holds_traced_coefficients(name: str) -> None:
    fun, step = POLY1D[name], 1e-6
    differences = [(fun(P + step * unit) - fun(P - step * unit)) / (2 * step) for unit in np.eye(3)]
    assert np.allclose(jacobian(fun)(P), np.stack(differences, axis=-1), atol=1e-6)


@pytest.mark.parametrize("fun", [np.polyadd, np.polysub, np.polymul])
def test_a_plain_poly1d_beside_a_traced_array_is_refused(fun: object) -> None:
    for call in (lambda x: fun(x, LINE).coeffs, lambda x: fun(LINE, x).coeffs):  # type: ignore[operator]
        with pytest.raises(UnsupportedArgumentError, match=r"p\.coeffs"):
            jacobian(call)(P)


def test_what_has_no_derivative_is_refused() -> None:
    with pytest.raises(UnsupportedArgumentError, match="poly1d in place of the points"):
        jacobian(lambda x: np.polyval(x, LINE))(P)
    with pytest.raises(UnsupportedArgumentError, match="not unique"), pytest.warns(np.exceptions.RankWarning):
        jacobian(lambda y: np.polyfit([1.0, 1.0, 1.0], y, 1))(P)
    with pytest.raises(LostDerivativeError):
        grad(lambda x: np.poly1d(x).__setitem__(0, 1.0))(P)


# fmt: off
PLAIN = {
    "polyval": lambda x: np.polynomial.polynomial.polyval(0.5, x),
    "chebadd": lambda x: np.polynomial.chebyshev.chebadd(x, x),
    "Polynomial": lambda x: np.polynomial.Polynomial(x)(0.5),
    "Legendre at x": lambda x: np.polynomial.Legendre([1.0, 2.0])(x),
    "polyroots": lambda x: np.polynomial.polynomial.polyroots(x),
    "polyfit": lambda x: np.polynomial.polynomial.polyfit(X, x, 1),
}
# fmt: on


@pytest.mark.parametrize("name", PLAIN)
def test_plain_numpy_polynomial_is_right_with_a_warning_or_refused(name: str) -> None:
    fun, step = PLAIN[name], 1e-6

    def as_array(x: object) -> object:
        with pytest.warns(PerformanceWarning, match="slow"):
            return traced.array(fun(x))

    try:
        found = jacobian(as_array)(P)
    except (AutodiffError, TypeError, ValueError):
        return
    differences = [(fun(P + step * unit) - fun(P - step * unit)) / (2 * step) for unit in np.eye(3)]
    assert np.allclose(found, np.stack(differences, axis=-1), atol=1e-6)
