"""Plain values that a differentiation keeps until its backward pass.

The derivative of ``x * a`` needs the value that `a` had. Traced values never change, but a plain array is the user's,
who may write into it at any time: it may be a buffer that the next step of a loop fills anew. So plain values
go through the `Keeper` of their type on their way to the tape. It hands out a copy where that is cheap; what is large
stays as it is, and there is a `Hold` on it, which makes changing it an error.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from autodiff.containers import container_of, flatten, unflatten
from autodiff.errors import MutationError


class Hold(ABC):
    """A value that must not change, because a tape has it."""

    value: Any

    @abstractmethod
    def release(self) -> None:
        """Allow changes again, as far as the hold prevents them: the function has returned."""

    @abstractmethod
    def seal(self) -> None:
        """Remember what the value is like."""

    @abstractmethod
    def broken(self) -> bool:
        """Whether the value has been changed since it was sealed; False if it was not."""


class Keeper(ABC):
    """How values of a mutable type are kept."""

    @abstractmethod
    def keep(self, value: Any, holds: dict[Any, Hold]) -> Any:
        """Return what to keep of `value`: a copy; or the value itself, with a hold on it among `holds`."""


#: Type -> its keeper. Values of other types never change.
KEEPERS: dict[type, Keeper] = {}


def keep(value: Any, holds: dict[Any, Hold]) -> Any:
    """Return what to keep of a value, or of a container of values."""
    kind = type(value)
    keeper = KEEPERS.get(kind)
    if keeper is not None:
        return keeper.keep(value, holds)
    if container_of(kind) is None:
        return value
    leaves, structure = flatten(value)
    return unflatten(structure, [keep(leaf, holds) for leaf in leaves])


def check(holds: Iterable[Hold]) -> None:
    """Raise if a value has been changed.

    Raises
    ------
    MutationError
        When one has.
    """
    for hold in holds:
        if hold.broken():
            shape = getattr(hold.value, "shape", "")
            raise MutationError(
                f"{type(hold.value).__name__} {shape}, which the differentiated function was called with, uses or has "
                "returned, was changed in place since. The derivative needs the values that it had. Compute the "
                "derivative first, or change a copy."
            )
