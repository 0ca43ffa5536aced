"""Cases for Einstein summation."""

from typing import Any

import numpy as np

from rule_cases import Case, case, complex_normal, normal


def _einsum(subscripts: str, *shapes: tuple[int, ...], draw: Any = normal, **kwargs: Any) -> Case:
    """Make a case for operands of these shapes."""
    return case(np.einsum, lambda *xs: np.einsum(subscripts, *xs, **kwargs), *(draw(*shape) for shape in shapes))


CASES = (
    _einsum("ij,jk->ik", (3, 4), (4, 2)),
    _einsum("ij,jk->ki", (3, 4), (4, 2), draw=complex_normal),
    _einsum("ij,jk", (3, 4), (4, 2)),
    _einsum("ba,ca", (3, 4), (2, 4)),
    _einsum("b,a", (3,), (4,)),
    _einsum("ba", (3, 4)),
    _einsum("Ba", (3, 4)),
    _einsum("i,i", (3,), (3,)),
    _einsum(" i j , j -> i ", (3, 4), (4,)),
    # ellipses
    _einsum("...ij,...jk->...ik", (2, 3, 4), (2, 4, 5)),
    _einsum("...ij,...jk", (2, 3, 4), (2, 4, 5)),
    _einsum("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
    _einsum("...i,...i", (2, 3), (3,)),
    _einsum("...i,...i->...", (1, 2, 3), (4, 1, 3), draw=complex_normal),
    _einsum("i...,i...->...", (3, 2), (3, 4, 2)),
    _einsum("i...j->j...i", (2, 3, 4, 5)),
    _einsum("...,...", (2, 3), ()),
    _einsum("...->...", (2, 3)),
    _einsum("...ii->...i", (2, 3, 3)),
    _einsum("ij,...->...ij", (2, 3), (4,)),
    # indices that one operand has alone, summed
    _einsum("ij->i", (3, 4)),
    _einsum("ij->", (3, 4)),
    _einsum("ij,k->i", (3, 4), (2,)),
    _einsum("ijk,j->j", (3, 4, 2), (4,)),
    # an index twice in one operand
    _einsum("ii", (3, 3)),
    _einsum("ii->i", (3, 3)),
    _einsum("iji->j", (3, 2, 3)),
    _einsum("iijj->ji", (2, 2, 3, 3)),
    _einsum("iii->i", (3, 3, 3)),
    _einsum("ii,i->i", (3, 3), (3,)),
    _einsum("ii,jj->ij", (3, 3), (2, 2), draw=complex_normal),
    _einsum("ii,ij,jj", (3, 3), (3, 2), (2, 2)),
    # axes of length 1 and 0
    _einsum("i,i->i", (1,), (3,)),
    _einsum("ij,ij->", (1, 3), (2, 1)),
    _einsum("ij,jk->ik", (3, 1), (4, 2)),
    _einsum("i,i->", (3,), (1,)),
    _einsum("ij,jk->ik", (0, 4), (4, 2)),
    _einsum("ij,jk->ik", (3, 0), (0, 2)),
    _einsum("ij,j->", (1, 0), (1,)),
    # several operands, none of them special
    _einsum("ij,jk,kl->il", (3, 4), (4, 2), (2, 5)),
    _einsum("i,j,k->kji", (2,), (3,), (4,)),
    _einsum("ijk,ja,ka,ia->a", (2, 3, 4), (3, 5), (4, 5), (2, 5)),
    _einsum(",i->i", (), (3,)),
    # optimize
    _einsum("ij,jk,kl->il", (3, 4), (4, 2), (2, 5), optimize=True),
    _einsum("ij,jk,kl->il", (3, 4), (4, 2), (2, 5), optimize="optimal"),
    _einsum("ij,jk,kl->il", (3, 4), (4, 2), (2, 5), optimize=["einsum_path", (0, 1), (0, 1)]),
    _einsum("...i,ij,jj->...", (2, 3), (3, 4), (4, 4), optimize="greedy"),
    _einsum("ij,jk,k->i", (3, 1), (4, 2), (2,), optimize=True),
    _einsum("ij,jk->ik", (3, 4), (4, 2), order="F"),
    # mixed types, numbers and constants
    case(np.einsum, lambda a, b: np.einsum("ij,jk->ik", a, b), normal(3, 4), complex_normal(4, 2)),
    case(np.einsum, lambda a, b: np.einsum(",i", a, b), 0.7, normal(3), order=1),
    case(np.einsum, lambda a: np.einsum("ij,j", a, [1, 2, 3]), normal(2, 3)),
    case(np.einsum, lambda a: np.einsum("ij,jk,k", np.arange(6).reshape(2, 3), a, [1.0, 2.0]), normal(3, 2)),
    case(np.einsum, lambda a: np.einsum("ij,kj,ik", a, a, np.ones((2, 2))), normal(2, 3)),
    # labels as integers
    case(np.einsum, lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [2, 0]), normal(3, 4), normal(4, 2)),
    case(np.einsum, lambda a, b: np.einsum(a, [1, 0], b, [0, 2]), normal(4, 3), normal(3, 2)),
    case(np.einsum, lambda a, b: np.einsum(a, [..., 0, 30], b, [30, 2], [..., 0, 2]), normal(2, 3, 4), normal(4, 2)),
    case(np.einsum, lambda a: np.einsum(a, [27, 3]), normal(2, 3)),
    case(np.einsum_path, lambda a: a * len(np.einsum_path("ij,jk,kl", a, a, a)[0]), normal(3, 3)),
)
