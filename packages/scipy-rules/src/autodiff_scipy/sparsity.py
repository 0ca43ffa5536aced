"""Sparsity patterns: which derivatives can be other than zero, and how few passes they need."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from autodiff import grad
from autodiff.argnums import Argnum
from autodiff.naming import named
from autodiff_scipy.colouring import Colouring, colour_columns, colour_symmetric
from autodiff_scipy.dependence import SparsityError
from autodiff_scipy.flat_derivative import point
from autodiff_scipy.sparsity_trace import dependence


class Sparsity:
    """A sparsity pattern, with the colourings that have been found for it.

    Parameters
    ----------
    pattern : array_like or scipy.sparse array
        A matrix that is not zero where a derivative may be other than zero. Of a sparse array all stored entries count.

    Attributes
    ----------
    pattern : scipy.sparse.csr_array
        The pattern, of booleans.

    Examples
    --------
    >>> import numpy as np
    >>> Sparsity(np.eye(3))
    Sparsity(shape=(3, 3), nnz=3)
    """

    def __init__(self, pattern: Any) -> None:
        if not sparse.issparse(pattern):
            pattern = np.asarray(pattern) != 0
        if pattern.ndim != 2:
            raise SparsityError(
                f"a sparsity pattern is a matrix, with a row for each entry of the result and a column for each of the "
                f"argument; this one has the shape {pattern.shape}."
            )
        rows = sparse.csr_array(pattern)
        if rows is pattern or not rows.has_canonical_format:
            rows = rows.copy()
            rows.sum_duplicates()
        ones = np.ones(rows.nnz, bool)
        self.pattern = sparse.csr_array((ones, rows.indices, rows.indptr), rows.shape)

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows and of columns."""
        return self.pattern.shape  # type: ignore[no-any-return]

    @property
    def nnz(self) -> int:
        """Number of entries that can be other than zero."""
        return int(self.pattern.nnz)

    @cached_property
    def columns(self) -> Colouring:
        """A colouring of the columns: columns of one colour share no row."""
        return colour_columns(self.pattern)

    @cached_property
    def rows(self) -> Colouring:
        """A colouring of the rows: rows of one colour share no column."""
        return colour_columns(sparse.csr_array(self.pattern.T))

    @cached_property
    def symmetric(self) -> Colouring:
        """A colouring of the columns of a symmetric matrix: each entry can be read off in one of its two places."""
        self.check_symmetric()
        return colour_symmetric(self.pattern)

    def check_symmetric(self) -> None:
        """Raise if the pattern is not that of a symmetric matrix."""
        if self.shape[0] != self.shape[1] or (self.pattern != self.pattern.T).nnz:
            raise SparsityError(
                f"the sparsity pattern of a Hessian must be symmetric, but this one, of shape {self.shape}, is not. "
                "Pass `pattern + pattern.T`, or that of `hessian_sparsity`."
            )

    def __repr__(self) -> str:
        return f"Sparsity(shape={self.shape}, nnz={self.nnz})"


def jacobian_sparsity(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Sparsity]:
    """Make the function that finds the sparsity pattern of the Jacobian of `fun`.

    It runs `fun` once, with an argument that notes for each value on which entries of the argument it may depend.
    Both sides of `numpy.where`, `numpy.maximum` and the like count, and products with a factor that is zero. Where
    Python decides by comparing values, or entries are picked by indices computed from values, the pattern holds for
    points where the same is decided.

    Parameters
    ----------
    fun : callable
        A function of an array; its result is an array, a number or a container of them.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a `Sparsity`, which `sparse_jacobian` takes, at any number of points. Rows
        belong to the entries of the result in C order, of a container leaf by leaf; columns to those of the argument.

    Raises
    ------
    SparsityError
        When nearly everything depends on everything, so that the pattern would need gigabytes.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian_sparsity(np.diff)(np.zeros(4)).pattern.toarray().astype(int)
    array([[1, 1, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """

    @named("jacobian_sparsity", fun, argnum)
    def find(*args: Any, **kwargs: Any) -> Sparsity:
        x, call = point("jacobian_sparsity", fun, argnum, args, kwargs)
        return Sparsity(dependence(call, x))

    return find


def hessian_sparsity(fun: Callable[..., Any], argnum: Argnum = 0) -> Callable[..., Sparsity]:
    """Make the function that finds the sparsity pattern of the Hessian of `fun`: of the Jacobian of its gradient.

    Parameters
    ----------
    fun : callable
        A function of an array, whose result is a real number.
    argnum : int or str
        The argument with respect to which it is differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a `Sparsity`, which is symmetric, and which `sparse_hessian` takes.

    See Also
    --------
    jacobian_sparsity : which says at what other points the pattern holds.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_sparsity(lambda x: np.sum(x[1:] * x[:-1]))(np.zeros(4)).pattern.toarray().astype(int)
    array([[0, 1, 0, 0],
           [1, 0, 1, 0],
           [0, 1, 0, 1],
           [0, 0, 1, 0]])
    """

    @named("hessian_sparsity", fun, argnum)
    def find(*args: Any, **kwargs: Any) -> Sparsity:
        x, call = point("hessian_sparsity", fun, argnum, args, kwargs)
        found = dependence(grad(call), x)
        return Sparsity(found + found.T)

    return find
