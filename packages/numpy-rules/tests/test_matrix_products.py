"""Products with matrices of derivatives are those at the point where they were made, of values in any structure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import grad, jacobian, make_ggnvp, make_hvp, make_jvp_reversemode, vmap
from autodiff.errors import StructureError

X = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda x: make_ggnvp(lambda x: x * x)(x), 4 * X**3),
        (lambda x: make_hvp(lambda x: np.sum(x**3))(x)[0], 6 * X**2),
        (lambda x: make_jvp_reversemode(lambda x: x * x)(x), 2 * X**2),
    ],
)
def test_the_point_may_be_overwritten(make: Any, expected: Any) -> None:
    point = X.copy()
    product = make(point)
    point[:] = 100.0
    np.testing.assert_allclose(product(X), expected)
    np.testing.assert_allclose(vmap(product)(np.stack([X, 2 * X])), [expected, 2 * expected])
    np.testing.assert_allclose(jacobian(product)(X) @ X, expected)


def test_gauss_newton_matrices_of_containers() -> None:
    def model(p: Any) -> Any:
        return {"u": p["a"] * X, "v": (p["a"] * p["b"], None)}

    p, v = {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": -1.0}
    du, dv = v["a"] * X, v["a"] * 3.0 + v["b"] * 2.0
    found = make_ggnvp(model)(p)(v)
    np.testing.assert_allclose([found["a"], found["b"]], [du @ X + 3.0 * dv, 2.0 * dv])
    assert grad(lambda a: make_ggnvp(lambda x: x * x)(a)(1.0))(2.0) == 16.0
    with pytest.raises(StructureError, match="the vector"):
        make_ggnvp(lambda x: x * x)(X)(X[:2])
