"""Cases for polynomials, highest power first."""

import numpy as np

import autodiff_numpy as traced
from rule_cases import case, complex_normal, normal, positive

X = np.array([-1.3, -0.5, 0.1, 0.8, 1.7, 2.1])
CUBIC = np.array([1.0, -6.0, 11.0, -6.0])

CASES = (
    case(np.polyval, np.polyval, normal(4), normal(2, 3)),
    case(np.polyval, np.polyval, complex_normal(3), normal()),
    case(np.polyval, lambda p: np.polyval(p, 2), normal(3)),
    case(np.polyval, lambda x: np.polyval([1, 2, 3], x), complex_normal(3)),
    case(np.polyval, lambda x: np.polyval([1, 2, 3], x), 0.7, order=1),
    case(np.polyval, lambda x: np.polyval(np.poly1d([1, 2, 3]), x), normal(3)),
    case(np.polyval, lambda p, x: np.poly1d(p)(x), normal(3), normal(2)),
    case(np.polyval, lambda x: np.polyval([x[0], 1.0], x[1]), normal(2)),
    case(np.polyadd, np.polyadd, normal(2), complex_normal(4)),
    case(np.polyadd, lambda p: (np.poly1d(p) + np.poly1d([1, 2])).coeffs, normal(3), label="poly1d"),
    case(np.polysub, np.polysub, normal(4), normal(2)),
    case(np.polysub, lambda p: np.polysub(3, p), normal(2)),
    case(np.polymul, np.polymul, normal(4), normal(2)),
    case(np.polymul, lambda p: np.polymul(p * np.array([0, 1, 1]), [0, 2, 1]), normal(3)),
    case(np.polymul, np.polymul, complex_normal(2), normal(3)),
    case(np.polydiv, np.polydiv, normal(5), positive(3), float32=False),
    case(np.polydiv, np.polydiv, normal(2), positive(3)),
    # The length of the remainder depends on rounding, and so on the precision. By a number, all of it is rounding.
    case(np.polydiv, lambda u, v: np.polydiv(u, v)[0], complex_normal(3), positive(1), float32=False),
    case(np.polydiv, lambda v: np.polydiv([1, 2, 3, 4], v), positive(2), float32=False),
    case(np.polyder, np.polyder, normal(4)),
    case(np.polyder, lambda p: np.polyder(p, 2), complex_normal(5)),
    case(np.polyder, lambda p: np.polyder(p, m=0), normal(2)),
    case(np.polyder, lambda p: np.polyder(p, 3) * p[0], normal(2)),
    case(np.polyder, lambda p: np.poly1d(p).deriv()(1.5), normal(4)),
    case(np.polyint, np.polyint, normal(3)),
    case(np.polyint, lambda p, k: np.polyint(p, 2, k), normal(3), normal(2)),
    case(np.polyint, lambda p, k: np.polyint(p, 3, k=k), complex_normal(2), normal()),
    case(np.polyint, lambda p: np.polyint(p, m=2, k=[1, 2]), normal(2)),
    case(np.polyint, lambda k: traced.polyint([1, 2], 1, k), normal()),
    case(np.poly, np.poly, normal(4)),
    case(np.poly, np.poly, complex_normal(3)),
    case(np.poly, np.poly, normal(3, 3)),
    case(np.poly, np.poly, normal(0)),
    case(np.poly, lambda x: np.poly([x[0] + 1j, x[0] - 1j]), normal(1)),
    case(np.roots, np.roots, CUBIC, float32=False),
    case(np.roots, lambda p: np.roots(p + 0j), complex_normal(4), float32=False),
    case(np.roots, lambda p: np.roots(p[[0, 1, 2]] * np.array([1, 1, 0])), np.array([1.0, -3.0, 2.0]), float32=False),
    case(np.roots, lambda p: np.poly1d(p).roots, CUBIC, float32=False),
    case(np.polyfit, lambda x, y: np.polyfit(x, y, 2), X, normal(6)),
    case(np.polyfit, lambda x, y, w: np.polyfit(x, y, 1, w=w), X, normal(6, 2), positive(6)),
    case(np.polyfit, lambda y: np.polyfit(X, y, 3), complex_normal(6)),
    case(np.polyfit, lambda x, y: np.polyfit(x, y, 1, cov=True), X, normal(6), float32=False),
    case(
        np.polyfit,
        lambda y, w: np.polyfit(X, y, 1, None, False, w, True),
        normal(6, 2),
        positive(6),
        float32=False,
    ),
    case(np.polyfit, lambda x, w: np.polyfit(x, X**2, 1, w=w, cov="unscaled"), X, positive(6), float32=False),
    case(np.polyfit, lambda x, y: np.polyfit(x, y, 1, full=True)[:2], X, normal(6), float32=False),
    case(np.polyfit, lambda x: traced.polyfit([0, 1, 2], [x[0], x[1], 1.0], 1), normal(2), label="list"),
)
