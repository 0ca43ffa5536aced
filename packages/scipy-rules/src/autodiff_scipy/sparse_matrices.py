"""Jacobians and Hessians as sparse matrices, from as many products as the sparsity pattern has colours.

A product with the sum of columns that share no row has the entries of all of them, each in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from autodiff.argnums import Argnum
from autodiff.basis import check_chunk_size
from autodiff.errors import InputError
from autodiff.matrices import MODES
from autodiff.naming import named
from autodiff_scipy.colouring import Colouring
from autodiff_scipy.dependence import SparsityError
from autodiff_scipy.flat_derivative import FlatDerivative, Rows, gradient_derivative
from autodiff_scipy.sparsity import Sparsity, hessian_sparsity, jacobian_sparsity


def sparse_jacobian(
    fun: Callable[..., Any],
    argnum: Argnum = 0,
    *,
    sparsity: Any = None,
    mode: str = "auto",
    chunk_size: int | None = None,
    check: bool | None = None,
) -> Callable[..., Any]:
    """Make the function that returns the Jacobian of `fun` as a sparse matrix.

    Parameters
    ----------
    fun : callable
        A function of an array; its result is an array, a number or a container of them. If both are complex, it must
        be holomorphic.
    argnum : int or str
        The argument with respect to which it is differentiated.
    sparsity : Sparsity or array_like, optional
        What can be other than zero: the result of `jacobian_sparsity`, or a matrix, dense or sparse. None: it is found
        at each call, which takes one run of `fun` and longer than the derivatives themselves. In a loop, find it once.
    mode : {"auto", "forward", "reverse"}
        Whether groups of columns are pushed forward or groups of rows are pulled back. "auto" takes what needs fewer
        passes; between equals, forward mode.
    chunk_size : int, optional
        How many groups are taken at once, in a batch; None: as is quicker.
    check : bool, optional
        Whether the matrix is compared with one more product, in a random direction, which finds out whether the pattern
        lacks an entry. None: if `sparsity` is given, as it could be that of another function or another point.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a `scipy.sparse.csr_array` with a row for each entry of the result and a
        column for each entry of the argument, in C order. Every entry of the pattern is stored, zeros included.

    Raises
    ------
    SparsityError
        When the pattern has another shape than the Jacobian, lacks an entry, or would need gigabytes.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> sparse_jacobian(lambda x: x[1:] * x[:-1])(x).toarray()
    array([[2., 1., 0.],
           [0., 3., 2.]])
    """
    check_chunk_size(chunk_size)
    if mode not in MODES:
        raise InputError(f"sparse_jacobian got mode={mode!r}; the modes are {', '.join(map(repr, MODES))}.")
    given = _given(sparsity)

    @named("sparse_jacobian", fun, argnum)
    def jacobian_function(*args: Any, **kwargs: Any) -> Any:
        derivative = FlatDerivative("sparse_jacobian", fun, argnum, args, kwargs, chunk_size)
        known = given or jacobian_sparsity(fun, argnum)(*args, **kwargs)
        if known.shape[1] != derivative.x.size:
            raise _misfit(known, "columns", derivative.x.size, "argument")
        forward = mode == "forward" or (mode == "auto" and _is_forward(known))
        pattern, colouring = (known.pattern, known.columns) if forward else (known.pattern.T.tocsr(), known.rows)
        product = derivative.forward if forward else derivative.transposed
        if not forward:
            _check_rows(known, derivative)
        compressed = product(_seeds(colouring))
        _check_rows(known, derivative)
        derivative.check_holomorphic()
        matrix = _expanded(pattern, colouring, compressed, derivative.dtype)
        if check or (check is None and given is not None):
            _check_product(matrix, product, derivative.epsilon)
        return matrix if forward else matrix.T.tocsr()

    return jacobian_function


def sparse_hessian(
    fun: Callable[..., Any],
    argnum: Argnum = 0,
    *,
    sparsity: Any = None,
    chunk_size: int | None = None,
    check: bool | None = None,
) -> Callable[..., Any]:
    """Make the function that returns the Hessian of `fun` as a sparse matrix.

    Parameters
    ----------
    fun : callable
        A function of an array of real numbers, whose result is a real number.
    argnum : int or str
        The argument with respect to which it is differentiated.
    sparsity : Sparsity or array_like, optional
        What can be other than zero: the result of `hessian_sparsity`, or a symmetric matrix, dense or sparse. None: it
        is found at each call. In a loop, find it once.
    chunk_size : int, optional
        How many groups of columns are taken at once, in a batch; None: as is quicker.
    check : bool, optional
        Whether the matrix is compared with one more product, as for `sparse_jacobian`. None: if `sparsity` is given.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a symmetric `scipy.sparse.csr_array` with a row and a column for each entry
        of the argument, in C order. Every entry of the pattern is stored, zeros included.

    Raises
    ------
    SparsityError
        When the pattern is not symmetric, has another shape than the Hessian, or lacks an entry.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> sparse_hessian(lambda x: np.sum(x[1:] * x[:-1] ** 2))(x).toarray()
    array([[4., 2., 0.],
           [2., 6., 4.],
           [0., 4., 0.]])
    """
    check_chunk_size(chunk_size)
    given = _given(sparsity)
    if given is not None:
        given.check_symmetric()

    @named("sparse_hessian", fun, argnum)
    def hessian_function(*args: Any, **kwargs: Any) -> Any:
        derivative = gradient_derivative("sparse_hessian", fun, argnum, args, kwargs, chunk_size)
        known = given or hessian_sparsity(fun, argnum)(*args, **kwargs)
        if known.shape[1] != derivative.x.size:
            raise _misfit(known, "columns", derivative.x.size, "argument")
        compressed = derivative.transposed(_seeds(known.symmetric))
        matrix = _mirrored(known.pattern, known.symmetric, compressed, derivative.dtype)
        if check or (check is None and given is not None):
            _check_product(matrix, derivative.transposed, derivative.epsilon)
        return matrix

    return hessian_function


def _given(sparsity: Any) -> Sparsity | None:
    return sparsity if sparsity is None or isinstance(sparsity, Sparsity) else Sparsity(sparsity)


def _is_forward(known: Sparsity) -> bool:
    """Whether groups of columns are not more than those of rows, of which there is one for each entry of a column."""
    longest = int(np.bincount(known.pattern.indices).max(initial=0))
    return known.columns.count <= longest or known.columns.count <= known.rows.count


def _check_rows(known: Sparsity, derivative: FlatDerivative) -> None:
    if known.shape[0] != derivative.shape[0]:
        raise _misfit(known, "rows", derivative.shape[0], "result")


def _misfit(known: Sparsity, lines: str, size: int, what: str) -> SparsityError:
    place = lines == "columns"
    return SparsityError(
        f"the sparsity pattern has the shape {known.shape}, with {known.shape[place]} {lines}, but the {what} of the "
        f"function has {size} entries. Find the pattern for arguments of the same shape."
    )


def _seeds(colouring: Colouring) -> Any:
    """Return for each colour the sum of the unit vectors of its columns, as a row."""
    return (colouring.colours == np.arange(colouring.count)[:, None]).astype(float)


def _places(pattern: Any) -> tuple[Any, Any]:
    """Return the row and the column of each stored entry, in order."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr)), pattern.indices


def _expanded(pattern: Any, colouring: Colouring, compressed: Any, dtype: Any) -> Any:
    """Put the entries of the products, one for each colour, in their places."""
    rows, columns = _places(pattern)
    entries = compressed[colouring.colours[columns], rows] if len(compressed) else np.zeros(0)
    return sparse.csr_array((entries.astype(dtype), pattern.indices.copy(), pattern.indptr.copy()), pattern.shape)


def _mirrored(pattern: Any, colouring: Colouring, compressed: Any, dtype: Any) -> Any:
    """Put the entries of products with a symmetric matrix in their places, each read off where it stands alone."""
    rows, columns = _places(pattern)
    upper, lower = np.maximum(rows, columns), np.minimum(rows, columns)  # the same for both places of an entry
    colours, count = colouring.colours, colouring.count
    alone = np.bincount(rows * count + colours[columns], minlength=len(colours) * count) == 1
    there = alone[upper * count + colours[lower]]
    row, column = np.where(there, upper, lower), np.where(there, lower, upper)
    entries = compressed[colours[column], row] if count else np.zeros(0)
    return sparse.csr_array((entries.astype(dtype), pattern.indices.copy(), pattern.indptr.copy()), pattern.shape)


def _check_product(matrix: Any, product: Rows, epsilon: float) -> None:
    """Raise if the product of the matrix with a random vector is another one than the derivative says."""
    vector = np.random.default_rng(0).normal(size=matrix.shape[1])
    right, found = product(vector[None])[0], matrix @ vector
    scale = np.abs(matrix) @ np.abs(vector) + np.abs(right)
    near = np.abs(found - right) <= epsilon**0.5 * scale
    wrong = np.flatnonzero(~near & np.isfinite(right))
    if len(wrong):
        raise SparsityError(
            f"the sparsity pattern lacks entries that are not zero at this point: {len(wrong)} of {len(right)} entries "
            f"of a product are wrong, the first is number {wrong[0]}. A pattern that was found at another point does "
            "not hold where the function takes other branches. Find it at this point, or pass a larger one."
        )
