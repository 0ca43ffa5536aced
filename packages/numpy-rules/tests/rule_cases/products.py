"""Cases for products of matrices and vectors."""

from collections.abc import Callable
from typing import Any

import numpy as np

from rule_cases import Case, case, complex_normal, normal

_MATMUL_SHAPES = (
    ((3, 4), (4, 2)),
    ((4,), (4,)),
    ((4,), (4, 2)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4, 5)),
    ((2, 3, 4), (4,)),
    ((3, 4), (2, 4, 5)),
    ((4,), (2, 4, 5)),
    ((2, 3, 4), (2, 4, 5)),
    ((1, 3, 4), (6, 4, 2)),
    ((6, 3, 4), (1, 4, 2)),
    ((2, 1, 3, 4), (5, 4, 2)),
    ((0, 4), (4, 2)),
    ((3, 0), (0, 2)),
    ((2, 3, 0), (0, 2)),
    ((0, 3, 4), (4, 2)),
)

_DOT_SHAPES = (
    ((3, 4), (4, 2)),
    ((4,), (4,)),
    ((4,), (4, 2)),
    ((3, 4), (4,)),
    ((2, 3, 4), (4,)),
    ((2, 3, 4), (4, 5)),
    ((3, 4), (2, 4, 5)),
    ((4,), (2, 4, 5)),
    ((2, 3, 4), (5, 4, 2)),
    ((), (3, 4)),
    ((3, 4), ()),
    ((), ()),
    ((3, 0), (0, 2)),
)

_INNER_SHAPES = (
    ((4,), (4,)),
    ((3, 4), (2, 4)),
    ((4,), (2, 3, 4)),
    ((2, 3, 4), (5, 4)),
    ((2, 3, 4), (4,)),
    ((), (3, 4)),
    ((3, 4), ()),
)

_KRON_SHAPES = (
    ((3,), (2,)),
    ((2, 3), (4, 5)),
    ((2, 3), (4,)),
    ((3,), (2, 4)),
    ((2, 1, 3), (2, 4)),
    ((), (2, 3)),
    ((2, 3), ()),
)


def _all(fun: Any, shapes: Any) -> tuple[Case, ...]:
    """Make a case with real operands for each pair of shapes, and complex ones for the first pairs."""
    return (
        *(case(fun, fun, normal(*left), normal(*right)) for left, right in shapes),
        *(case(fun, fun, complex_normal(*left), complex_normal(*right)) for left, right in shapes[:6]),
        case(fun, fun, normal(*shapes[0][0]), complex_normal(*shapes[0][1])),
        case(fun, fun, complex_normal(*shapes[0][0]), normal(*shapes[0][1])),
    )


def _with(fun: Any, **kwargs: Any) -> Callable[[Any, Any], Any]:
    return lambda a, b: fun(a, b, **kwargs)


CASES = (
    *_all(np.matmul, _MATMUL_SHAPES),
    case(np.matmul, lambda a: a @ [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], normal(4, 3)),
    case(np.matmul, lambda a: a @ np.arange(8).reshape(4, 2), normal(3, 4)),
    case(np.matmul, lambda b: np.arange(12).reshape(3, 4) @ b, normal(4, 2)),
    case(np.matmul, lambda a: a @ a, normal(3, 3)),
    *_all(np.linalg.matmul, _MATMUL_SHAPES[:1]),
    case(np.linalg.matmul, lambda a: np.linalg.matmul(a, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), normal(4, 3)),
    *_all(np.dot, _DOT_SHAPES),
    case(np.dot, np.dot, normal(3), 0.7, order=1),
    case(np.dot, np.dot, 0.7, 1.3, order=1),
    case(np.dot, lambda a: np.dot(a, [1.0, 2.0, 3.0]), normal(4, 3)),
    case(np.dot, lambda b: np.dot([[1.0, 2.0, 3.0]], b), normal(3, 2)),
    case(np.dot, lambda a, b: a.dot(b), normal(4, 3), normal(3)),
    *_all(np.inner, _INNER_SHAPES),
    case(np.inner, lambda b: np.inner([[1.0, 2.0, 3.0]], b), normal(2, 3)),
    *_all(np.outer, (((3,), (4,)), ((2, 3), (4,)), ((3,), (2, 2)), ((), (3,)), ((0,), (3,)))),
    case(np.outer, lambda b: np.outer([1.0, 2.0], b), normal(3)),
    *_all(np.linalg.outer, (((3,), (4,)),)),
    *_all(np.kron, _KRON_SHAPES),
    case(np.kron, lambda b: np.kron([[1.0, 2.0]], b), normal(3, 2)),
    *_all(np.vdot, (((4,), (4,)), ((2, 3), (2, 3)), ((), ()), ((0,), (0,)))),
    case(np.vdot, lambda b: np.vdot([1.0, 2.0, 3.0], b), complex_normal(3)),
    # tensordot
    case(np.tensordot, np.tensordot, normal(2, 3, 4), normal(3, 4, 5)),
    case(np.tensordot, _with(np.tensordot, axes=0), normal(2, 3), normal(4)),
    case(np.tensordot, _with(np.tensordot, axes=1), complex_normal(2, 3), complex_normal(3, 4)),
    case(np.tensordot, _with(np.tensordot, axes=3), normal(2, 3, 4), normal(2, 3, 4)),
    case(np.tensordot, _with(np.tensordot, axes=(1, 0)), normal(2, 3), normal(3, 4)),
    case(np.tensordot, _with(np.tensordot, axes=([0, -1], [1, 0])), normal(2, 3, 4), normal(4, 2, 5)),
    case(np.tensordot, _with(np.tensordot, axes=((2, 0, 1), (0, 1, 3))), normal(2, 3, 4), normal(4, 2, 5, 3)),
    case(
        np.tensordot, _with(np.tensordot, axes=((2, 0, 1), (3, 0, 1))), complex_normal(2, 3, 4, 5), normal(2, 3, 5, 4)
    ),
    case(np.tensordot, _with(np.tensordot, axes=((), ())), normal(2), normal(3)),
    case(np.linalg.tensordot, _with(np.linalg.tensordot, axes=1), normal(2, 3), normal(3, 4)),
    # stacked vectors
    *_all(np.vecdot, (((4,), (4,)), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1, 3), (4, 3)))),
    case(np.vecdot, _with(np.vecdot, axis=0), complex_normal(3, 2), complex_normal(3, 2)),
    case(np.vecdot, _with(np.vecdot, axis=0), complex_normal(3), complex_normal(3, 2)),
    case(np.vecdot, _with(np.vecdot, axis=-2), normal(3, 1), normal(5, 3, 2)),
    case(np.vecdot, _with(np.vecdot, axis=1), normal(4, 3, 2), normal(1, 3, 2)),
    case(np.vecdot, _with(np.vecdot, axis=0, keepdims=True), complex_normal(3, 2), complex_normal(3, 2)),
    case(np.vecdot, _with(np.vecdot, keepdims=True), normal(3, 2), normal(2)),
    case(np.linalg.vecdot, _with(np.linalg.vecdot, axis=-2), complex_normal(3, 2), complex_normal(3, 1)),
    case(np.linalg.vecdot, np.linalg.vecdot, normal(3, 2), normal(3, 2)),
    # cross
    *_all(np.cross, (((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((4, 1, 3), (2, 3)))),
    case(np.cross, _with(np.cross, axis=0), normal(3, 2), normal(3, 2)),
    case(np.cross, _with(np.cross, axisa=0, axisc=0), normal(3, 2), normal(2, 3)),
    case(np.cross, _with(np.cross, axisa=0, axisb=1, axisc=1), normal(3, 2), normal(4, 3, 2)),
    case(np.cross, lambda a, b: np.cross(a, b, 0, -1, 0), normal(3, 2), normal(3)),
    case(np.linalg.cross, _with(np.linalg.cross, axis=0), complex_normal(3, 2), complex_normal(3, 2)),
    case(np.linalg.cross, np.linalg.cross, normal(2, 3), normal(3)),
)
if hasattr(np, "matvec"):  # NumPy 2.2
    CASES += (
        *_all(np.matvec, (((3, 4), (4,)), ((2, 3, 4), (2, 4)), ((2, 3, 4), (4,)), ((3, 4), (5, 4)))),
        *_all(np.vecmat, (((3,), (3, 4)), ((2, 3), (2, 3, 4)), ((2, 3), (3, 4)), ((3,), (5, 3, 4)))),
    )
