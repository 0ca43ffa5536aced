"""Calls with stacks of examples among their arguments, and what batching rules do with them."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

from autodiff.extend import Primitive

np: Any = numpy  # whose annotations do not know that traced arrays take part in its protocols


class Stacked(NamedTuple):
    """A call with stacks among its arguments."""

    primitive: Primitive
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    batched: tuple[bool, ...]  # which arguments are stacks, or hold some
    parts: tuple[Any, ...]  # the same, for each leaf of an argument

    @property
    def call(self) -> Callable[..., Any]:
        """The function, in a form that takes traced stacks."""
        return self.primitive.call

    @property
    def size(self) -> int:
        """The number of examples, of a call whose first argument is a stack."""
        return int(self.args[0].shape[0])

    def ndim(self, place: int) -> int:
        """Return the number of axes of an argument in each example."""
        return int(np.ndim(self.args[place])) - self.batched[place]

    def first_only(self) -> bool:
        """Whether the first argument is a stack, and no other holds one."""
        return self.parts[0] is True and not any(self.batched[1:])

    def named(self) -> dict[str, Any]:
        """Return all arguments but the first by their names; raise `UnknownNames` if NumPy does not tell them."""
        if len(self.args) == 1:
            return self.kwargs.copy()
        parameters = self.primitive.parameters()
        names = [parameter.name for parameter in parameters] if parameters else _UNTOLD.get(self.primitive.fun, ())
        if len(names) < len(self.args):
            raise UnknownNames
        return {**dict(zip(names[1:], self.args[1:], strict=False)), **self.kwargs}


class UnknownNames(Exception):  # noqa: N818  # no error: such a function is applied to one example after the other
    """A function was called with arguments by position, and NumPy does not tell what they are."""


#: The parameters of functions whose signature NumPy does not tell before version 2.4.
_UNTOLD: dict[Any, tuple[str, ...]] = {numpy.concatenate: ("arrays", "axis")}

BatchingRule = Callable[[Stacked], Any]


def with_axes(stack: Any, count: int) -> Any:
    """Insert axes of length 1 behind that of the examples."""
    shape = stack.shape
    return np.reshape(stack, (shape[0], *(1,) * count, *shape[1:])) if count else stack


def shifted_axes(axis: Any, ndim: int) -> Any:
    """Return axes of an example as axes of the stack; None where there is no such axis."""
    if isinstance(axis, (tuple, list)):
        axes = [shifted_axes(one, ndim) for one in axis]
        return None if None in axes else tuple(axes)
    axis = operator.index(axis)
    return axis % ndim + 1 if -ndim <= axis < ndim else None
