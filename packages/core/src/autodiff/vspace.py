"""Vector spaces: what a tangent or cotangent of a value looks like.

The derivative of a function at x maps small changes of x, the *tangents*, to changes of the result. Gradients are
*cotangents*: they turn a tangent into a number, by `inner`. Both live in the vector space of the value: same shape,
same type. Plugins add spaces for their types; this file has those of Python's numbers.

Complex numbers: the cotangent of a real function u of z = x + iy is du/dx - i du/dy, so that the change of u along
the tangent t is the real part of cotangent * t. `inner` is this pairing; it makes the transpose of a holomorphic
function's derivative multiplication with the same complex number.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from autodiff.errors import StructureError
from autodiff.keeping import KEEPERS, Keeper
from autodiff.trace import BatchBox, Box, kind_of, not_differentiable


class UniformRandom(Protocol):
    """What `VSpace.random` needs: ``random.Random`` has it, and so has ``numpy.random.Generator``."""

    def random(self) -> float:
        """Return a number from the interval [0, 1)."""
        ...


class VSpace(ABC):
    """The vector space of a value. Equal spaces have equal shapes and types."""

    __slots__ = ()

    #: Number of entries, complex ones counted once.
    size: int
    #: Whether the entries are complex.
    iscomplex: bool
    #: Whether vectors can be written into, as arrays can and numbers can't.
    mutable: bool = False
    #: The shape of the value; () for a number.
    shape: tuple[int, ...]

    @abstractmethod
    def zeros(self) -> Any:
        """Return the zero vector, newly made."""

    @abstractmethod
    def ones(self) -> Any:
        """Return the vector whose entries are all one."""

    @abstractmethod
    def basis(self) -> Iterator[Any]:
        """Yield the `size` unit vectors in C order; the complex space has no others, as i times them is implied."""

    @abstractmethod
    def random(self, rng: UniformRandom) -> Any:
        """Return a vector with entries drawn from the interval [-1, 1)."""

    @abstractmethod
    def inner(self, cotangent: Any, tangent: Any) -> Any:
        """Return the real number Re(sum(cotangent * tangent)): the change along `tangent`."""

    @abstractmethod
    def project(self, vector: Any) -> Any:
        """Bring a vector of a larger space into this one.

        Sums over the entries that broadcasting had copied, drops the imaginary part where this space is real, and
        converts the type: the transpose of how values of this space had been turned into those of the larger one.
        """

    @abstractmethod
    def expand(self, vector: Any) -> Any:
        """Bring a vector of a smaller space into this one, by broadcasting and conversion: `project` transposed."""

    def contains(self, vector: Any) -> bool:
        """Whether a plain vector is an element of this space, of the right type and shape."""
        return type(vector) in SPACES and vspace(vector) == self

    @abstractmethod
    def own(self, vector: Any) -> Any:
        """Return a copy that shares no memory with anything."""

    @abstractmethod
    def is_close(self, a: Any, b: Any) -> bool:
        """Whether two plain vectors agree but for rounding. NaN agrees with NaN."""

    @abstractmethod
    def stack(self, rows: list[Any], row: VSpace) -> Any:
        """Arrange vectors of the space `row`, one for each basis vector, in the shape ``self.shape + row.shape``."""

    @abstractmethod
    def stack_last(self, columns: list[Any], column: VSpace) -> Any:
        """Arrange vectors of the space `column`, one for each basis vector: ``column.shape + self.shape``."""

    def unreduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        """Broadcast the result of a reduction over `axis` to this space. The result may be read-only."""
        raise NotImplementedError(f"{self!r} has no axes to reduce over")

    def reduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        """Sum a vector of this space over `axis`: `unreduce` transposed."""
        raise NotImplementedError(f"{self!r} has no axes to reduce over")

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return a + b

    def scale(self, vector: Any, factor: Any) -> Any:
        """Return vector * factor."""
        return vector * factor

    def covector(self, cotangent: Any) -> Any:
        """Return the tangent along which the value grows fastest: the complex conjugate."""
        return cotangent.conjugate() if self.iscomplex else cotangent


# Value type -> function that makes the space of such a value.
SPACES: dict[type, Callable[[Any], VSpace]] = {}

# Value type -> a cheap test whether two values of this type have the same space. Elementwise operations learn by it
# that nothing was broadcast or converted, which a comparison of whole VSpaces would be too slow for.
SAME_SPACE: dict[type, Callable[[Any, Any], bool]] = {}

# Value types all of whose values have the same space: numbers.
UNIFORM: set[type] = set()

# Operands that never broadcast the other one nor change its type.
WEAK = frozenset({int, float})


def register_vspace(
    make: Callable[[Any], VSpace],
    *value_types: type,
    same: Callable[[Any, Any], bool] | None,
    keeper: Keeper | None = None,
) -> None:
    """Declare the vector space of values of some types.

    Parameters
    ----------
    make : callable
        ``make(value) -> VSpace``.
    *value_types : type
        Exact types of values; subclasses are registered separately.
    same : callable or None
        ``same(a, b)``: a cheap test whether two values of the same type have the same space.
        None: values of the same type always have equal spaces.
    keeper : Keeper, optional
        How values are kept until the backward pass, if they can be changed in place.
    """
    for value_type in value_types:
        SPACES[value_type] = make
        if same is None:
            UNIFORM.add(value_type)
        else:
            SAME_SPACE[value_type] = same
        if keeper is not None:
            KEEPERS[value_type] = keeper


def vspace(value: Any) -> VSpace:
    """Return the vector space of a value, boxed or not.

    Examples
    --------
    >>> vspace(2.0).zeros()
    0.0
    >>> vspace(1j) == vspace(2 + 3j)
    True
    """
    make = SPACES.get(type(value))
    if make is None:
        while make is None and isinstance(value, Box):
            value = value.value
            make = SPACES.get(type(value))
        if make is None:
            raise not_differentiable(value)
    return make(value)


def spaces_of(leaves: list[Any]) -> list[VSpace | None]:
    """Return the spaces of leaves; None for those of other types, which are constants."""
    return [vspace(leaf) if kind_of(leaf) in SPACES else None for leaf in leaves]


def same_space(a: Any, b: Any) -> bool:
    """Whether two values have the same vector space, decided cheaply; False may also mean "not sure"."""
    kind = type(a)
    if kind is not type(b):
        return False
    if kind in SAME_SPACE:
        return SAME_SPACE[kind](a, b)
    if kind in UNIFORM:
        return True
    if issubclass(kind, BatchBox):
        return a.same_space(b)  # type: ignore[no-any-return]
    return issubclass(kind, Box) and same_space(a.value, b.value)


class NumberSpace(VSpace):
    """The real numbers as Python floats, or the complex ones as Python complex numbers."""

    __slots__ = ("iscomplex", "kind")

    size = 1
    shape = ()

    def __init__(self, kind: type[float | complex]) -> None:
        self.kind = kind
        self.iscomplex = kind is complex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberSpace) and self.kind is other.kind

    def __hash__(self) -> int:
        return hash((NumberSpace, self.kind))

    def __repr__(self) -> str:
        return f"NumberSpace({self.kind.__name__})"

    def zeros(self) -> Any:
        return self.kind(0.0)

    def ones(self) -> Any:
        return self.kind(1.0)

    def basis(self) -> Iterator[Any]:
        yield self.ones()

    def random(self, rng: UniformRandom) -> Any:
        real = 2 * rng.random() - 1
        return complex(real, 2 * rng.random() - 1) if self.iscomplex else real

    def inner(self, cotangent: Any, tangent: Any) -> Any:
        product = cotangent * tangent
        return product.real if self.iscomplex else product

    def project(self, vector: Any) -> Any:
        if isinstance(vector, Box):
            return vector if self.iscomplex else vector.real  # type: ignore[attr-defined]  # boxes of numbers have it
        if self.iscomplex:
            return complex(vector)
        return float(vector.real)

    def expand(self, vector: Any) -> Any:
        return self.project(vector)

    def own(self, vector: Any) -> Any:
        return self.project(vector)

    def unreduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        return vector if axis is None else super().unreduce(vector, axis, keepdims)

    def reduce(self, vector: Any, axis: Any, keepdims: bool) -> Any:
        return vector if axis is None else super().reduce(vector, axis, keepdims)

    def is_close(self, a: Any, b: Any) -> bool:
        return bool(abs(a - b) <= 1e-7 * max(abs(a), abs(b))) or (a != a and b != b) or a == b

    def stack(self, rows: list[Any], row: VSpace) -> Any:
        return rows[0]

    def stack_last(self, columns: list[Any], column: VSpace) -> Any:
        return columns[0]


REAL, COMPLEX = NumberSpace(float), NumberSpace(complex)
register_vspace(lambda _: REAL, float, int, bool, same=None)  # integers: as constants beside traced numbers
register_vspace(lambda _: COMPLEX, complex, same=None)


def check_member(vector: Any, space: VSpace, what: str, *, drop_imaginary: bool = False) -> Any:
    """Return `vector` in the type of `space`, or raise if it does not belong there; `what` names it in the error."""
    kind = kind_of(vector)
    try:
        given = vspace(vector)
    except TypeError:
        given = None
    if given == space and kind not in (int, bool):
        return vector
    if given is None or given.shape != space.shape or (given.iscomplex and not (space.iscomplex or drop_imaginary)):
        shown = f"of type {kind.__name__}" if given is None else f"an element of {given!r}"
        raise StructureError(f"{what} must be an element of {space!r}, but is {shown}.")
    return space.expand(vector)
