"""Functions of parameters, with any result, as functions of a vector that return a vector: residuals, constraints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse

from autodiff import jacobian
from autodiff.containers import flatten
from autodiff.errors import InputError, OutputError, StructureError
from autodiff.extend import Box
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.not_finite import Guard
from autodiff_scipy import Sparsity, SparsityError, jacobian_operator, jacobian_sparsity, sparse_jacobian


class FlatFunction:
    """``fun(params, *args, **kwargs)`` between vectors of real numbers; `what` names its result in errors.

    It is what a solver is about, or a constraint `beside` that.

    The entries of the result stand in the vector leaf by leaf in C order. Complex ones are two: all real parts of a
    leaf stand before its imaginary parts.
    """

    def __init__(
        self,
        fun: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        flat: FlatParameters,
        guard: Guard,
        what: str,
        *,
        beside: bool = False,
    ) -> None:
        self.fun, self.args, self.kwargs = fun, args, kwargs
        self.flat, self.guard, self.what, self.beside = flat, guard, what, beside
        self.size: int | None = None  # how many numbers it has returned so far
        self.sparsity: Sparsity | None = None  # the pattern that was found last
        self._jacobian = jacobian(self.traceable)

    def traceable(self, vector: Any) -> Any:
        """Return the result at a vector, plain or traced, as a vector."""
        leaves = flatten(self.fun(self.flat.params(vector), *self.args, **self.kwargs))[0]
        parts: list[Any] = []
        for leaf in leaves:
            part = np.ravel(leaf)
            if part.dtype.kind not in "fciub":
                raise OutputError(
                    f"{self.flat.function}: {self.what} must be made of numbers, but has a {type(leaf).__name__}."
                )
            parts += [np.real(part), np.imag(part)] if part.dtype.kind == "c" else [part]
        result = parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else np.zeros(0)
        self._check_size(result.size)
        return result

    def _check_size(self, size: int) -> None:
        if self.size is None:
            self.size = size
        if size != self.size:
            raise StructureError(
                f"{self.flat.function}, evaluation {self.guard.evaluations}: {self.what} has {size} entries, but had "
                f"{self.size} before. It must have the same number wherever it is evaluated."
            )

    def value(self, vector: Any) -> Any:
        """Return the result as a vector."""
        self.guard.evaluations += 1
        value = self.traceable(np.asarray(vector, float))
        if isinstance(value, Box):
            raise InputError(
                f"{self.flat.function}: {self.what} depends on a value that is traced by an outer transform, but a "
                "solver's steps are not differentiated. Differentiate the solution by `autodiff.custom_root`, or use "
                "`stop_gradient` of this value."
            )
        value = value.astype(float)
        self.guard.check(vector, value, what=self.what, good=not self.beside)
        return value

    def dense(self, vector: Any) -> Any:
        """Return the Jacobian, by forward or reverse mode as needs fewer passes."""
        matrix = self._jacobian(np.array(vector, float)).astype(float)
        self.guard.check(vector, 0.0, matrix, what=self.what)
        return matrix

    def find_sparsity(self, vector: Any) -> Sparsity:
        """Find the pattern of the Jacobian, which holds where the function takes the same branches as at this point."""
        self.sparsity = jacobian_sparsity(self.traceable)(np.array(vector, float))
        return self.sparsity

    def sparse(self, sparsity: Any = None) -> Callable[[Any], Any]:
        """Return the function that makes the Jacobian as a sparse matrix.

        A pattern that is given must hold at all points. One that was found is found again where it does not hold.
        """
        given = sparsity if sparsity is None or isinstance(sparsity, Sparsity) else Sparsity(sparsity)

        def matrix(vector: Any) -> Any:
            vector = np.array(vector, float)
            try:
                known = given or self.sparsity or self.find_sparsity(vector)
                found = sparse_jacobian(self.traceable, sparsity=known)(vector)
            except SparsityError:
                if given is not None:
                    raise
                found = sparse_jacobian(self.traceable, sparsity=self.find_sparsity(vector))(vector)
            self.guard.check(vector, 0.0, np.asarray(np.abs(found).sum(axis=0)), what=self.what)
            return sparse.csr_matrix(found)  # the class that all versions of SciPy's solvers know

        return matrix

    def operator(self, vector: Any) -> Any:
        """Return the Jacobian as a linear operator, whose products are passes in forward and in reverse mode."""
        operator = jacobian_operator(self.traceable)(np.array(vector, float))
        self.guard.check(vector, 0.0, operator.rmatvec(np.ones(operator.shape[0])), what=self.what)
        return operator
