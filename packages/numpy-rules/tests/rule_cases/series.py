"""Cases for polynomial series: the same ones for each basis."""

import importlib
from itertools import chain

import numpy as np

import autodiff_numpy.polynomial as traced
from autodiff_numpy.series import FAMILIES
from rule_cases import Case, case, complex_normal, normal, positive

SPREAD = np.array([-1.3, -0.5, 0.1, 0.8, 1.7])


def cases_of(module: str) -> tuple[Case, ...]:
    """Return the cases of one basis."""
    prefix, numpys = FAMILIES[module], importlib.import_module(f"numpy.polynomial.{module}")
    ours = getattr(traced, module)

    def row(name: str, call: object, *args: object, **options: object) -> Case:
        fun = getattr(ours, prefix + name)
        return case(getattr(numpys, prefix + name), lambda *xs: call(fun, *xs), *args, **options)

    def same(fun: object, *xs: object) -> object:
        return fun(*xs)

    return (
        row("val", same, normal(3), normal(4)),
        row("val", same, normal(), complex_normal(4)),
        row("val", same, 0.7, normal(3), order=1),
        row("val", same, normal(2, 3), normal(4, 2)),
        row("val", lambda f, x, c: f(x, c, tensor=False), normal(2, 3), normal(4, 3)),
        row("val", lambda f, x, c: f(x, c, False), normal(3), normal(4, 2, 1)),
        row("val", lambda f, x: f(x, [1, 2, 3]), complex_normal(3)),
        row("val", lambda f, x: f([x[0], 2.0, x[1]], [x[1], 1, x[0]]), normal(2), float32=False),
        row("val", same, normal(3), normal(1)),
        row("val", same, normal(0), normal(3)),
        row("val2d", same, normal(3), normal(3), normal(2, 3)),
        row("val3d", same, normal(3), normal(3), normal(3), normal(2, 3, 2)),
        row("grid2d", same, normal(2), normal(3), normal(2, 3)),
        row("grid3d", same, normal(2), normal(3), normal(1), normal(2, 3, 2)),
        row("vander", lambda f, x: f(x, 3), normal(2, 3)),
        row("vander", lambda f, x: f(x, 0), complex_normal(3)),
        row("vander", lambda f, x: f(x, deg=4), normal()),
        row("vander2d", lambda f, x, y: f(x, y, [1, 2]), normal(3), normal(3)),
        row("vander3d", lambda f, x, y, z: f(x, y, z, (1, 0, 2)), normal(2), normal(2), complex_normal(2)),
        row("der", same, normal(4)),
        row("der", lambda f, c, s: f(c, 2, s, axis=-1), normal(2, 4), normal()),
        row("der", lambda f, c: f(c, m=0), normal(3)),
        row("der", lambda f, c: f(c, 5), complex_normal(3)),
        row("int", same, normal(4)),
        row("int", lambda f, c, k, b, s: f(c, 2, k, b, s), normal(3), normal(2), normal(), normal()),
        row("int", lambda f, c, k: f(c, k=k, axis=1), complex_normal(2, 3), normal()),
        row("int", lambda f, c: f(c, 3, [1.0], lbnd=-1), normal(2)),
        row("add", same, normal(4), complex_normal(2)),
        row("add", lambda f, c: f(c, [1, 2, 0, 0]), normal(3)),
        row("sub", same, normal(2), normal(4)),
        row("sub", lambda f, c: f(c, [c[0], c[1], 2 * c[2]])[:1] * 2, normal(3)),
        row("mul", same, normal(4), normal(2)),
        row("mul", same, complex_normal(3), normal(3)),
        row("mul", lambda f, c: f(c * np.array([1, 1, 0]), [2, 1]), normal(3)),
        row("mulx", same, normal(4)),
        row("mulx", same, complex_normal(1)),
        row("pow", lambda f, c: f(c, 3), normal(3)),
        row("pow", lambda f, c: f(c, 0) * c[0], normal(2)),
        row("div", same, normal(5), positive(3)),
        row("div", same, normal(2), positive(3)),
        row("div", same, complex_normal(3), positive(1)),
        row("line", same, normal(), normal()),
        row("fromroots", same, normal(4)),
        row("fromroots", same, complex_normal(3)),
        row("fromroots", same, normal(0)),
        row("roots", lambda f, c: f(c), np.array([-6.0, 11.0, -6.0, 1.0]), order=1, float32=False),
        row("roots", lambda f, c: f(c + 0j), complex_normal(4), float32=False),
        row("companion", same, normal(4)),
        row("companion", same, complex_normal(2)),
        row("fit", lambda f, x, y: f(x, y, 2), SPREAD, normal(5)),
        row("fit", lambda f, x, y, w: f(x, y, [0, 2], w=w), SPREAD, normal(5, 2), positive(5)),
        row("fit", lambda f, y: f(SPREAD, y, 3), complex_normal(5)),
    )  # fmt: skip


CASES = (
    *chain.from_iterable(map(cases_of, FAMILIES)),
    case(np.polynomial.polyutils.trimcoef, lambda c: traced.polynomial.polytrim(c, 0.5), np.array([1.0, 2.0, 0.1])),
    case(np.polynomial.polyutils.trimcoef, lambda c: traced.hermite.hermtrim(c, tol=5), np.array([1.0, 2.0])),
    *(
        case(np.polynomial.polynomial.polyvalfromroots, traced.polynomial.polyvalfromroots, x, r)
        for x, r in ((normal(3), normal(2)), (normal(), complex_normal(3)), (normal(2, 1), normal(3, 2)))
    ),
    case(
        np.polynomial.polynomial.polyvalfromroots,
        lambda x, r: traced.polynomial.polyvalfromroots(x, r, tensor=False),
        normal(2),
        normal(3, 2),
    ),
)
