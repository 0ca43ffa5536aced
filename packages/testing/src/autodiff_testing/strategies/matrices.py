"""Matrices that are far from singular."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from autodiff_testing.strategies.numbers import LARGEST, Shape, arrays, inexact


def well_conditioned_matrices(
    max_side: int = 4,
    *,
    min_side: int = 1,
    batch: Shape | st.SearchStrategy[tuple[int, ...]] = (),
    dtype: Any = np.float64,
    symmetric: bool = False,
    positive_definite: bool = False,
    separated: bool = False,
    condition: float = 10.0,
) -> st.SearchStrategy[np.ndarray]:
    """Generate square matrices that are far from singular.

    Parameters
    ----------
    max_side, min_side : int
        The largest and the smallest number of rows.
    batch : tuple of int, or strategy
        The shape of a stack of matrices: the axes before the last two.
    dtype : dtype
        Real or complex.
    symmetric : bool
        Whether they are symmetric; complex ones are Hermitian.
    positive_definite : bool
        Whether they are that, too.
    separated : bool
        Whether singular values keep a distance from each other, of ``(condition - 1) / (2 * side)`` at least: without
        it the derivatives of singular vectors, and of eigenvectors of symmetric matrices, are large or do not exist.
    condition : float
        The largest condition number, the ratio of the largest to the smallest singular value. The smallest is at
        least 1.

    Returns
    -------
    strategy
        Of arrays of shape ``(*batch, n, n)``.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=10, deadline=None)
    ... @given(well_conditioned_matrices(batch=(2,), condition=5.0))
    ... def test(a):
    ...     assert np.all(np.linalg.cond(a) < 5.001)
    >>> test()
    """
    if not condition >= 1:
        raise InvalidArgument(f"a condition number is at least 1, got condition={condition!r}")
    dtype = inexact(dtype)
    hermitian = symmetric or positive_definite

    def of_shape(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray]:
        *batch, n, _ = shape
        rows = (1 if hermitian else 2) * n + 1  # of what becomes unitary matrices, and singular values
        return arrays((*batch, rows, n), np.dtype(complex if dtype.kind == "c" else float), None).map(assemble)

    def assemble(drawn: np.ndarray) -> np.ndarray:
        n = drawn.shape[-1]
        left = np.linalg.qr(drawn[..., :n, :])[0]
        values = _spectrum(drawn[..., -1, :].real / LARGEST, condition, separated)
        if hermitian:
            if positive_definite:
                values = np.abs(values)
            product = (left * values[..., None, :]) @ _adjoint(left)
            product = (product + _adjoint(product)) / 2  # but for rounding it is Hermitian already
        else:
            product = (left * values[..., None, :]) @ np.linalg.qr(drawn[..., n : 2 * n, :])[0]
        return np.asarray(product, dtype)

    batches = batch if isinstance(batch, st.SearchStrategy) else st.just((batch,) if isinstance(batch, int) else batch)
    shapes = st.builds(lambda batch, n: (*batch, n, n), batches, st.integers(min_side, max_side))
    return shapes.flatmap(of_shape)


def _spectrum(drawn: np.ndarray, condition: float, separated: bool) -> np.ndarray:
    """Turn numbers between -1 and 1 into ones of the same signs, with magnitudes between 1 and `condition`."""
    inside, n = np.abs(drawn), drawn.shape[-1]
    if separated:
        inside = (np.arange(n) + inside / 2) / n
    spread: np.ndarray = np.where(drawn < 0, -1, 1) * (1 + (condition - 1) * inside)
    return spread


def _adjoint(a: np.ndarray) -> np.ndarray:
    adjoint: np.ndarray = np.conj(np.swapaxes(a, -1, -2))
    return adjoint
