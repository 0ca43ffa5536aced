"""Einstein summation.  https://numpy.org/doc/stable/reference/generated/numpy.einsum.html

The transpose in one operand is an einsum again: the cotangent takes the operand's place, and the operand's subscripts
become the output. Three things cannot be said in that form and are put right afterwards: an index that only this
operand has, and that is summed, along which the cotangent is constant; an index that comes twice in the operand, off
whose diagonal the cotangent is zero; and an axis of length 1 that was broadcast.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import general, zero
from autodiff_numpy.checked import checked
from autodiff_numpy.operands import as_array

# Which letter an integer stands for, in the form einsum(a, [0, 1], b, [1, 2], [0, 2]).
_LETTERS = string.ascii_uppercase + string.ascii_lowercase


class _Sum(NamedTuple):
    """A call of einsum, its ellipses written out."""

    inputs: list[str]  # the subscripts of each operand
    output: str
    operands: list[Any]
    positions: list[int]  # of the operands among the arguments

    @classmethod
    def of(cls, args: tuple[Any, ...]) -> _Sum:
        """Read the arguments of einsum, which has accepted them already."""
        output: str | None
        if isinstance(args[0], str):
            left, arrow, right = args[0].replace(" ", "").partition("->")
            inputs, output = left.split(","), right if arrow else None
            positions = list(range(1, len(args)))
        else:
            inputs = [_subscripts(labels) for labels in args[1::2]]
            output = _subscripts(args[-1]) if len(args) % 2 else None
            positions = list(range(0, len(args) - 1, 2))
        operands = [as_array(args[i]) for i in positions]
        inputs, broadcast = _without_ellipses(inputs, operands)
        if output is None:
            letters = "".join(inputs)
            output = broadcast + "".join(sorted(x for x in {*letters} - {*broadcast} if letters.count(x) == 1))
        return cls(inputs, output.replace("...", broadcast), operands, positions)

    def lengths(self) -> dict[str, int]:
        """Return the length of each index; axes of length 1 are broadcast."""
        lengths: dict[str, int] = {}
        for subscripts, operand in zip(self.inputs, self.operands, strict=True):
            for index, length in zip(subscripts, operand.shape, strict=True):
                if length != 1 or index not in lengths:
                    lengths[index] = length
        return lengths


def _subscripts(labels: Any) -> str:
    """Return integer labels, among which there may be an Ellipsis, as letters."""
    return "".join("..." if label is Ellipsis else _LETTERS[label] for label in labels)


def _without_ellipses(inputs: list[str], operands: list[Any]) -> tuple[list[str], str]:
    """Write letters in place of ellipses, aligned at the right; return them too."""
    extra = [
        operand.ndim - len(subscripts.replace("...", "")) if "..." in subscripts else 0
        for subscripts, operand in zip(inputs, operands, strict=True)
    ]
    unused = [letter for letter in _LETTERS if not any(letter in subscripts for subscripts in inputs)]
    broadcast = "".join(unused[: max(extra, default=0)])
    return [
        subscripts.replace("...", broadcast[len(broadcast) - count :])
        for subscripts, count in zip(inputs, extra, strict=True)
    ], broadcast


def _transpose(call: _Sum, place: int, options: dict[str, Any]) -> Callable[[Any], Any]:
    """Return the transpose in the operand number `place`."""
    own, shape, lengths = call.inputs[place], call.operands[place].shape, call.lengths()
    others = call.output + "".join(call.inputs[:place] + call.inputs[place + 1 :])
    # The indices that the einsum can give: the first of equal ones, known to others, and not broadcast.
    given = [
        index in others and length == lengths[index] and index not in own[:axis]
        for axis, (index, length) in enumerate(zip(own, shape, strict=True))
    ]
    inputs = [*call.inputs[:place], call.output, *call.inputs[place + 1 :]]
    target = "".join(index for index, is_given in zip(own, given, strict=True) if is_given)
    subscripts = f"{','.join(inputs)}->{target}"
    mask = _diagonals(own, shape)
    before, after = call.operands[:place], call.operands[place + 1 :]

    def pull(g: Any) -> Any:
        summed = np.einsum(subscripts, *before, g, *after, **options)
        if not all(given):
            found = iter(summed.shape)
            summed = np.reshape(summed, [next(found) if is_given else 1 for is_given in given])
        if summed.shape != shape:
            summed = np.broadcast_to(summed, shape)
        return summed if mask is None else np.where(mask, summed, 0)

    return pull


def _diagonals(subscripts: str, shape: tuple[int, ...]) -> Any:
    """Return where the axes with equal subscripts have equal indices; None if there are no such axes."""
    mask: Any = None
    for axis, index in enumerate(subscripts):
        first = subscripts.index(index)
        if first != axis:
            places = [
                np.arange(shape[a]).reshape([-1 if b == a else 1 for b in range(len(shape))]) for a in (first, axis)
            ]
            equal = places[0] == places[1]
            mask = equal if mask is None else mask & equal
    return mask


def _check_keywords(*_: Any, **kwargs: Any) -> None:
    """Refuse keywords that change the type of the result."""
    for name, value in kwargs.items():
        if name not in ("optimize", "order") and value is not None and not (name == "casting" and value == "safe"):
            raise UnsupportedArgumentError(
                f"numpy.einsum cannot be differentiated with the argument `{name}`. Leave it out, and convert the "
                "operands or the result with `astype`."
            )


def _vjp_argnums(argnums: tuple[int, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Transpose in each of the traced operands."""
    call = _Sum.of(args)
    options = {"optimize": kwargs["optimize"]} if "optimize" in kwargs else {}
    pulls = [_transpose(call, call.positions.index(argnum), options) for argnum in argnums]
    return lambda g: tuple([pull(g) for pull in pulls])


def _jvp_argnums(
    argnums: tuple[int, ...], tangents: tuple[Any, ...], y: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Apply einsum itself, linear in each operand, to one tangent at a time."""
    terms = [
        np.einsum(*args[:argnum], tangent, *args[argnum + 1 :], **kwargs)
        for argnum, tangent in zip(argnums, tangents, strict=True)
    ]
    return sum(terms[1:], terms[0])


_EINSUM = general(np.einsum)
_EINSUM.vjp_argnums = _vjp_argnums
_EINSUM.jvp_argnums = _jvp_argnums

RULES = (
    checked(_EINSUM, _check_keywords),
    zero(np.einsum_path),
)
