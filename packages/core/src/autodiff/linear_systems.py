"""Linear equations A x = b, where A is a function that is linear over the real numbers.

Vectors may be containers. A complex entry counts as two real ones, as A need not be linear over the complex numbers:
derivatives of functions that are not holomorphic are not.

A small system is written out as a matrix and solved by elimination, which finds out for certain whether it has one
solution. A large one is solved by GMRES, which needs nothing but products with A.

Source: Y. Saad and M. H. Schultz, GMRES, SIAM J. Sci. Stat. Comput. 7 (1986).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from autodiff.containers import Structure, flatten, unflatten
from autodiff.errors import SolutionError
from autodiff.products import spaces_and_structure
from autodiff.vspace import VSpace

#: A linear function of vectors of one space.
Operator = Callable[[Any], Any]

#: Up to how many real unknowns the matrix is written out.
SMALL = 32
#: After how many steps GMRES begins anew from what it has found, and how often it does.
STEPS, CYCLES = 300, 10


class Vectors(NamedTuple):
    """The real vector space of values with these leaves and this structure."""

    spaces: list[VSpace]
    structure: Structure

    @property
    def size(self) -> int:
        """The number of real entries."""
        return sum(space.size * (1 + space.iscomplex) for space in self.spaces)

    def inner(self, a: Any, b: Any) -> float:
        """Return the inner product of two vectors of real entries."""
        parts = zip(self.spaces, flatten(a)[0], flatten(b)[0], strict=True)
        return float(sum(space.inner(space.covector(x), y) for space, x, y in parts))

    def norm(self, a: Any) -> float:
        """Return the Euclidean length, also where its square is too small or too large for a number."""
        square = self.inner(a, a)
        if (square < 2.0**-100 or square == math.inf) and not self._is_zero_or_infinite(a):
            unit = 2.0**60 if square < 1 else 2.0**-60
            return self.norm(self.scale(a, unit)) / unit
        return math.sqrt(square)

    def _is_zero_or_infinite(self, a: Any) -> bool:
        """Whether all entries are, which a multiplication does not change."""
        return all(space.is_close(leaf, leaf * 0.5) for space, leaf in zip(self.spaces, flatten(a)[0], strict=True))

    def add(self, a: Any, b: Any, factor: float = 1.0) -> Any:
        """Return ``a + factor * b``."""
        return unflatten(self.structure, [x + y * factor for x, y in zip(flatten(a)[0], flatten(b)[0], strict=True)])

    def scale(self, a: Any, factor: float) -> Any:
        """Return ``factor * a``."""
        return unflatten(self.structure, [x * factor for x in flatten(a)[0]])

    def zeros(self) -> Any:
        """Return the zero vector."""
        return unflatten(self.structure, [space.zeros() for space in self.spaces])

    def basis(self) -> Iterator[Any]:
        """Yield a vector for each real entry."""
        zeros = [space.zeros() for space in self.spaces]
        for place, space in enumerate(self.spaces):
            for vector in space.basis():
                for unit in (vector, vector * 1j) if space.iscomplex else (vector,):
                    yield unflatten(self.structure, [*zeros[:place], unit, *zeros[place + 1 :]])

    def epsilon(self) -> float:
        """Return the relative error of the arithmetic, of the coarsest leaf: by it 3 (4/3 - 1) - 1 is not zero."""
        errors = [0.0]
        for space in self.spaces:
            if space.size:
                one = space.ones()
                off = (one * (4.0 / 3.0) - one) * 3.0 - one
                errors.append(math.sqrt(float(space.inner(space.covector(off), off)) / space.size))
        return max(errors)


def solve_linear(operator: Operator, b: Any) -> Any:
    """Return the x with ``operator(x) = b``, a vector like `b`.

    Parameters
    ----------
    operator : callable
        A function that is linear over the real numbers, from vectors like `b` to vectors like `b`.
    b : number, array or container of them
        The right-hand side.

    Returns
    -------
    number, array or container of them
        The solution.

    Raises
    ------
    SolutionError
        When the operator is singular, or the iteration does not converge.

    Examples
    --------
    >>> solve_linear(lambda x: (x[0] + x[1], x[0] - x[1]), (3.0, 1.0))
    (2.0, 1.0)
    """
    vectors = Vectors(*spaces_and_structure(b))
    if not math.isfinite(vectors.norm(b)):
        raise SolutionError(
            "a linear system for a derivative has a right-hand side with infinite entries or NaN: the function, or "
            "its derivative, is not finite at the solution."
        )
    return _eliminate(vectors, operator, b) if vectors.size <= SMALL else _gmres(vectors, operator, b)


def _eliminate(vectors: Vectors, operator: Operator, b: Any) -> Any:
    """Solve a small system by Gaussian elimination."""
    basis = list(vectors.basis())
    columns = [[vectors.inner(unit, column) for unit in basis] for column in map(operator, basis)]
    rows = [[*row, vectors.inner(unit, b)] for row, unit in zip(zip(*columns, strict=True), basis, strict=True)]
    x = vectors.zeros()
    for unit, entry in zip(basis, triangular_solution(eliminated(rows, vectors.epsilon())), strict=True):
        x = vectors.add(x, unit, entry)
    return x


def eliminated(rows: list[list[float]], epsilon: float) -> list[list[float]]:
    """Return the rows of a system, with the right-hand side in the last column, in triangular form.

    Rows are scaled first. A pivot that is but rounding, compared with its column, tells that the matrix is singular.
    """
    size = len(rows)
    sizes = [max((abs(entry) for entry in row[:-1]), default=0.0) for row in rows]
    if not all(map(math.isfinite, sizes)):
        raise SolutionError("the Jacobian of a system of equations has infinite entries or NaN at the solution.")
    if not all(sizes):
        raise singular()
    rows = [[entry / largest for entry in row] for row, largest in zip(rows, sizes, strict=True)]
    scales = [max(abs(row[j]) for row in rows) for j in range(size)]
    for j in range(size):
        best = max(range(j, size), key=lambda i: abs(rows[i][j]))
        rows[j], rows[best] = rows[best], rows[j]
        pivot = rows[j]
        if not abs(pivot[j]) > size * epsilon * scales[j]:
            raise singular()
        for i in range(j + 1, size):
            factor = rows[i][j] / pivot[j]
            if factor:
                rows[i] = [entry - factor * above for entry, above in zip(rows[i], pivot, strict=True)]
    return rows


def triangular_solution(rows: list[list[float]]) -> list[float]:
    """Solve a triangular system whose right-hand side is in the last column."""
    size = len(rows)
    x = [0.0] * size
    for i in reversed(range(size)):
        x[i] = (rows[i][-1] - sum(rows[i][j] * x[j] for j in range(i + 1, size))) / rows[i][i]
    return x


def singular() -> SolutionError:
    """Return the error for a system that has no solution, or many."""
    return SolutionError(
        "the Jacobian of a system of equations is singular at the solution, which therefore has no derivative: the "
        "implicit function theorem does not hold. Look for equations that follow from others, unknowns that none "
        "determines, or a double root."
    )


def _gmres(vectors: Vectors, operator: Operator, b: Any) -> Any:
    """Solve a large system by GMRES, begun anew as long as it becomes better."""
    epsilon, length = vectors.epsilon(), vectors.norm(b)
    x, rest, left = vectors.zeros(), b, length
    stretch = 0.0  # by how much the operator has stretched a vector
    for _ in range(CYCLES):
        if left <= 10 * epsilon * (length + stretch * vectors.norm(x)):  # what rounding makes of an exact solution
            break
        step, largest = _cycle(vectors, operator, rest, left, epsilon)
        stretch = max(stretch, largest)
        candidate = vectors.add(x, step)
        rest = vectors.add(b, operator(candidate), -1.0)
        before, left = left, vectors.norm(rest)
        if not left < 0.9 * before:
            left = before
            break
        x = candidate
    terms = stretch * vectors.norm(x)  # about as large are the numbers that cancel in the product with the solution
    if terms * epsilon * vectors.size > length:
        raise singular()
    if left <= min(100 * epsilon * math.sqrt(vectors.size) * (length + terms), math.sqrt(epsilon) * length):
        return x
    raise SolutionError(
        f"a linear system for a derivative, of {vectors.size} unknowns, was not solved: what is left of the right-hand "
        f"side is {left / length:.1e} of it. The Jacobian may be singular at the solution. If it is not, pass a solver "
        "as `linear_solve`."
    )


def _cycle(vectors: Vectors, operator: Operator, rest: Any, left: float, epsilon: float) -> tuple[Any, float]:
    """Return the best approximation in a Krylov space, and the largest stretching that was seen.

    The orthogonal basis of the space is made by modified Gram-Schmidt, twice; the least-squares problem is kept
    triangular by Givens rotations.
    """
    basis = [vectors.scale(rest, 1 / left)]
    rotations: list[tuple[float, float]] = []
    columns: list[list[float]] = []
    remains = [left]
    stretch = 0.0
    while len(columns) < min(STEPS, vectors.size):
        new = operator(basis[-1])
        length = vectors.norm(new)
        stretch = max(stretch, length)
        column = [0.0] * len(basis)
        for _ in range(2):
            for i, known in enumerate(basis):
                part = vectors.inner(known, new)
                column[i] += part
                new = vectors.add(new, known, -part)
        below = vectors.norm(new)
        for i, (c, s) in enumerate(rotations):
            column[i], column[i + 1] = c * column[i] + s * column[i + 1], c * column[i + 1] - s * column[i]
        diagonal = math.hypot(column[-1], below)
        if not diagonal > epsilon * stretch:  # the operator maps the space to a smaller one
            break
        c, s = column[-1] / diagonal, below / diagonal
        column[-1] = diagonal
        rotations.append((c, s))
        columns.append(column)
        remains[-1:] = [c * remains[-1], -s * remains[-1]]
        if below <= epsilon * length or abs(remains[-1]) <= epsilon * left:
            break
        basis.append(vectors.scale(new, 1 / below))
    size = len(columns)
    rows = [[column[i] if i < len(column) else 0.0 for column in columns] + [remains[i]] for i in range(size)]
    step = vectors.zeros()
    for known, entry in zip(basis, triangular_solution(rows), strict=False):
        step = vectors.add(step, known, entry)
    return step, stretch
