"""Cases for norms."""

from typing import Any

import numpy as np

from rule_cases import Case, apart, case, complex_normal, normal, well_conditioned


def _norm(draw: Any, fun: Any = np.linalg.norm, order_of_derivative: int = 2, **kwargs: Any) -> Case:
    return case(fun, lambda x: fun(x, **kwargs), draw, order=order_of_derivative)


_VECTOR_ORDERS = (None, 0, 1, 2, 3, 4, 1.5, 2.5, 0.5, -1, -2, np.inf, -np.inf)
_MATRIX_ORDERS = (None, "fro", 1, -1, np.inf, -np.inf)
_SPECTRAL_ORDERS = ("nuc", 2, -2)


def _complex_apart(*shape: int) -> Any:
    """Draw complex numbers whose absolute values are far apart."""
    return lambda rng: apart(*shape)(rng) * np.exp(1j * rng.normal(size=shape))


CASES = (
    *(_norm(draw, ord=order) for order in _VECTOR_ORDERS for draw in (apart(5), _complex_apart(5))),
    *(_norm(apart(3, 4), ord=order, axis=0) for order in _VECTOR_ORDERS),
    *(_norm(apart(3, 4), ord=order, axis=-1, keepdims=True) for order in _VECTOR_ORDERS),
    *(_norm(draw, ord=order) for order in _MATRIX_ORDERS for draw in (apart(3, 4), _complex_apart(3, 4))),
    *(_norm(apart(3, 4, 2), ord=order, axis=(0, 2)) for order in _MATRIX_ORDERS),
    *(_norm(apart(3, 4, 2), ord=order, axis=(2, -2), keepdims=True) for order in _MATRIX_ORDERS),
    *(_norm(draw, ord=order)
      for order in _SPECTRAL_ORDERS for draw in (normal(3, 4), normal(4, 3), complex_normal(3, 4))),
    *(_norm(normal(3, 4, 2), ord=order, axis=(2, 0), keepdims=True) for order in _SPECTRAL_ORDERS),
    _norm(normal(2, 3, 4)),
    _norm(normal(2, 3, 4), keepdims=True),
    _norm(normal(2, 3), axis=(1,)),
    _norm(0.7, order_of_derivative=1),
    _norm(np.array([3.0, 0.0, 4.0])),
    _norm(np.array([3.0, 0.0, 4.0]), ord=4),
    _norm(np.array([[1.0, 2.0], [0.0, 0.0]]), axis=0),
    case(np.linalg.norm, lambda x: np.linalg.norm(x, 3, 1, True), normal(2, 3)),
    *(_norm(apart(3, 4), np.linalg.vector_norm, ord=order) for order in _VECTOR_ORDERS if order is not None),
    _norm(apart(3, 4, 2), np.linalg.vector_norm, axis=(0, -1), ord=3),
    _norm(apart(3, 4, 2), np.linalg.vector_norm, axis=(0, 2), keepdims=True, ord=np.inf),
    _norm(complex_normal(3, 4), np.linalg.vector_norm, axis=1),
    _norm(normal(3, 4), np.linalg.vector_norm, keepdims=True),
    *(_norm(apart(2, 3, 4), np.linalg.matrix_norm, ord=order) for order in _MATRIX_ORDERS),
    *(_norm(normal(2, 3, 4), np.linalg.matrix_norm, ord=order) for order in _SPECTRAL_ORDERS),
    _norm(complex_normal(2, 3, 4), np.linalg.matrix_norm, keepdims=True),
    *(_norm(draw, np.linalg.cond, p=p)
      for p in (None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc")
      for draw in (well_conditioned(2, 3, 3), lambda rng: well_conditioned(3, 3)(rng) + 1j * rng.normal(size=(3, 3)))),
    _norm(normal(4, 3), np.linalg.cond),
    _norm(normal(2, 3, 4), np.linalg.cond, p=-2),
)  # fmt: skip
