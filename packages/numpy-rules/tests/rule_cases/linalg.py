"""Cases for solutions of equations, inverses, determinants and powers."""

from typing import Any

import numpy as np

from autodiff_numpy.rules.linalg import cofactors
from rule_cases import Case, case, complex_normal, normal, well_conditioned


def _complex_conditioned(*shape: int) -> Any:
    """Draw complex square matrices far from singular."""
    real = well_conditioned(*shape)
    return lambda rng: real(rng) + 1j * rng.normal(size=shape)


def _rank(rank: int, *shape: int, draw: Any = normal) -> Any:
    """Draw square matrices of a rank, with singular values that are far apart from one another."""
    return lambda rng: draw(*shape[:-1], rank)(rng) @ draw(*shape[:-2], rank, shape[-1])(rng)


def _solve(a: Any, b: Any) -> Case:
    return case(np.linalg.solve, np.linalg.solve, a, b)


def _powers(*exponents: int) -> tuple[Case, ...]:
    return tuple(
        case(np.linalg.matrix_power, lambda a, n=n: np.linalg.matrix_power(a, n), well_conditioned(3, 3))
        for n in exponents
    )


def _chain(*shapes: tuple[int, ...], draw: Any = normal, container: Any = list) -> Case:
    return case(
        np.linalg.multi_dot, lambda *xs: np.linalg.multi_dot(container(xs)), *(draw(*shape) for shape in shapes)
    )


CASES = (
    # solve
    _solve(well_conditioned(3, 3), normal(3)),
    _solve(well_conditioned(3, 3), normal(3, 2)),
    _solve(_complex_conditioned(3, 3), complex_normal(3, 2)),
    _solve(_complex_conditioned(3, 3), normal(3)),
    _solve(well_conditioned(3, 3), complex_normal(3)),
    _solve(well_conditioned(2, 4, 4), normal(4)),
    _solve(well_conditioned(2, 3, 3), normal(2, 3, 4)),
    _solve(well_conditioned(2, 3, 3), normal(3, 4)),
    _solve(well_conditioned(3, 3), normal(2, 3, 4)),
    _solve(well_conditioned(2, 1, 3, 3), normal(4, 3, 1)),
    _solve(well_conditioned(3, 3), normal(3, 0)),
    case(np.linalg.solve, lambda b: np.linalg.solve([[2.0, 1.0], [0.0, 3.0]], b), normal(2)),
    case(np.linalg.solve, lambda b: np.linalg.solve(np.array([[[2, 1], [0, 3]], [[1, 0], [1, 1]]]), b), normal(2)),
    case(np.linalg.solve, lambda a: np.linalg.solve(a, [1.0, 2.0, 3.0]), well_conditioned(3, 3)),
    case(np.linalg.solve, lambda a: np.linalg.solve(a, a.T), well_conditioned(3, 3)),
    # inv
    case(np.linalg.inv, np.linalg.inv, well_conditioned(3, 3)),
    case(np.linalg.inv, np.linalg.inv, well_conditioned(2, 4, 3, 3)),
    case(np.linalg.inv, np.linalg.inv, _complex_conditioned(3, 3)),
    case(np.linalg.inv, np.linalg.inv, normal(1, 1)),
    case(np.linalg.tensorinv, np.linalg.tensorinv, lambda rng: well_conditioned(6, 6)(rng).reshape(2, 3, 6, 1)),
    case(
        np.linalg.tensorinv,
        lambda a: np.linalg.tensorinv(a, ind=1),
        lambda rng: well_conditioned(6, 6)(rng).reshape(6, 2, 3),
    ),
    # det, also of singular matrices
    case(np.linalg.det, np.linalg.det, normal(3, 3)),
    case(np.linalg.det, np.linalg.det, normal(2, 3, 3)),
    case(np.linalg.det, np.linalg.det, complex_normal(3, 3)),
    case(np.linalg.det, np.linalg.det, complex_normal(2, 4, 4)),
    case(np.linalg.det, np.linalg.det, normal(1, 1)),
    case(np.linalg.det, np.linalg.det, np.zeros((0, 0))),
    case(np.linalg.det, np.linalg.det, _rank(3, 4, 4)),
    case(cofactors, cofactors, _rank(2, 4, 4), order=1),
    case(np.linalg.det, np.linalg.det, _rank(2, 3, 3, draw=complex_normal)),
    case(np.linalg.det, np.linalg.det, np.zeros((2, 2))),
    case(np.linalg.det, np.linalg.det, lambda rng: np.stack([np.eye(3), np.ones((3, 3)), rng.normal(size=(3, 3))])),
    case(np.linalg.det, np.linalg.det, well_conditioned(3, 3), order=3, float32=False),
    case(cofactors, cofactors, complex_normal(2, 3, 3)),
    case(cofactors, cofactors, _rank(1, 3, 3), order=1),
    # slogdet
    case(np.linalg.slogdet, np.linalg.slogdet, well_conditioned(3, 3)),
    case(np.linalg.slogdet, lambda a: np.linalg.slogdet(a)[1], well_conditioned(2, 3, 3)),
    case(np.linalg.slogdet, np.linalg.slogdet, _complex_conditioned(3, 3)),
    case(np.linalg.slogdet, lambda a: np.linalg.slogdet(a).sign, _complex_conditioned(2, 3, 3)),
    # matrix_power
    *_powers(0, 1, 2, 3, 5, 6, -1, -3),
    case(np.linalg.matrix_power, lambda a: np.linalg.matrix_power(a, n=3), complex_normal(2, 3, 3)),
    # multi_dot
    _chain((3, 4), (4, 2)),
    _chain((), ()),
    _chain((), (3, 4)),
    _chain((2, 3, 4), (4, 5)),
    _chain((4,), (2, 4, 5), draw=complex_normal),
    _chain((3, 4), (4, 2), (2, 5)),
    _chain((3, 4), (4, 2), (2, 5), (5, 3), draw=complex_normal),
    _chain((4,), (4, 2), (2, 5)),
    _chain((3, 4), (4, 2), (2,)),
    _chain((4,), (4, 2), (2,), container=tuple),
    _chain((4,), (4,)),
    case(np.linalg.multi_dot, lambda a: np.linalg.multi_dot([a, np.arange(8).reshape(4, 2), a]), normal(2, 4)),
    case(np.linalg.multi_dot, np.linalg.multi_dot, normal(3, 2, 2)),
    case(np.linalg.multi_dot, lambda a, b: np.linalg.multi_dot([a, b, b]), normal(2, 3), complex_normal(3, 3)),
    case(np.linalg.matrix_rank, lambda a: a * np.linalg.matrix_rank(a), normal(3, 2)),
)
