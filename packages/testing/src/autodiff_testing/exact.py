"""What can be known of a derivative without finite differences: types, memory, repetition, linearity, transposition."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.containers import flatten
from autodiff.extend import unbox
from autodiff_testing.coordinates import largest_in_leaf, rounding
from autodiff_testing.guard import Guard, same, shares_memory, shares_within
from autodiff_testing.point import Point, draw, times
from autodiff_testing.problem import Kind, Problem

__tracebackhide__ = True  # in the tracebacks of pytest

#: A factor, about -1e-9, by which a derivative must scale exactly: -(2**-30).
_TINY = -(2.0**-30)


def check_function(point: Point) -> None:
    """The function must be finite, leave its arguments alone, and give the same value twice."""
    if point.changes_arguments:
        raise Problem(Kind.MUTATED, "", "the function changes its arguments in place")
    if not np.all(np.isfinite(point.at)):
        raise Problem(Kind.NOT_FINITE, "", "an argument has entries that are not finite numbers")
    if point.start.size and not point.finite.any():
        raise Problem(Kind.NOT_FINITE, "", "no entry of the function's value is a finite number")
    again = point.fun(*point.args)
    if not same(again, point.value):
        raise Problem(Kind.NONDETERMINISTIC_FUNCTION, "", "two calls at the same point gave different values")


def forward(point: Point, direction: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return the tangent along `direction`, after a look at what forward mode must always do right."""
    given, arguments = point.inputs.tangent(direction), Guard(point.args)
    value, tangent = point.forward(direction)
    _check_value(point, value, "fwd")
    _check_type(point.value, tangent, "fwd", "the tangent")
    if arguments.changed():
        raise Problem(Kind.MUTATED, "fwd", "forward mode changes the arguments in place")
    _check_aliases(tangent, {"the tangent that was passed in": given, "an argument": point.args}, "fwd", "the tangent")

    found = point.outputs.of(tangent)
    if not np.array_equal(point.push(direction), found, equal_nan=True):
        raise Problem(Kind.NONDETERMINISTIC, "fwd", "two forward passes gave different tangents")
    _Linearity(point, "fwd", point.push, Point.push).check(direction, found, rng)
    return found


def reverse(point: Point, cotangent: np.ndarray, rng: random.Random) -> np.ndarray:
    """Return the gradient for a cotangent, after a look at what reverse mode must always do right."""
    given, arguments = point.outputs.cotangent(cotangent), Guard(point.args)
    passed = Guard(given)
    pull, value = point.pullback()
    _check_value(point, value, "rev")
    gradient = pull(given)
    _check_type(point.args, gradient, "rev", "the gradient")
    if arguments.changed():
        raise Problem(Kind.MUTATED, "rev", "reverse mode changes the arguments in place")
    if passed.changed():
        raise Problem(Kind.MUTATED, "rev", "the backward pass changes its cotangent in place")
    others = {"the cotangent that was passed in": given, "an argument": point.args, "the value": value}
    _check_aliases(gradient, others, "rev", "the gradient")
    _check_repetition(point, pull, given, gradient)

    def apply(w: np.ndarray) -> np.ndarray:
        return point.inputs.of_cotangent(pull(point.outputs.cotangent(w)))

    found = point.inputs.of_cotangent(gradient)
    _Linearity(point, "rev", apply, Point.pull).check(cotangent, found, rng)
    return found


def check_transposed(
    point: Point, direction: np.ndarray, tangent: np.ndarray, cotangent: np.ndarray, gradient: np.ndarray
) -> None:
    """The modes must be each other's transpose: ⟨w, J u⟩ = ⟨Jᵀ w, u⟩."""
    forwards, backwards = times(cotangent, tangent), times(direction, gradient)
    difference = abs(float(forwards.sum() - backwards.sum()))
    tolerance = rounding(point.eps) * float(np.abs(forwards).sum() + np.abs(backwards).sum())
    tolerance += float(np.sum(np.abs(cotangent) * point.zero(point.size_of_tangent())))
    if difference <= tolerance:
        return
    noise = np.sum(np.abs(cotangent) * point.noise(lambda near: near.push(direction), point.size_of_tangent()))
    noise += np.sum(
        np.abs(direction) * point.noise(lambda near: near.pull(cotangent), point.size_of_gradient(cotangent))
    )
    if not difference <= tolerance + noise:
        raise Problem(
            Kind.MODES_DISAGREE, "rev",
            f"⟨w, J u⟩ is {forwards.sum():.10g} by forward mode, ⟨Jᵀ w, u⟩ is {backwards.sum():.10g} by reverse mode",
        )  # fmt: skip


def _check_value(point: Point, value: Any, mode: str) -> None:
    """The value must be that of the function, but for how NumPy's loops round in different layouts of memory."""
    _check_type(point.value, value, mode, "the value")
    found = point.outputs.of(value)
    tolerance = 16 * point.eps * point.size_of_tangent()
    with np.errstate(invalid="ignore"):  # infinite values
        different = ~(np.abs(found - point.start) <= tolerance) & ~(_same_nonfinite(found, point.start))
    if different.any():
        place = int(np.argmax(different))
        raise Problem(
            Kind.VALUE, mode, f"an entry of the value is {found[place]!r}, but {point.start[place]!r} without tracing"
        )


def _same_nonfinite(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    either: np.ndarray = (a == b) | (np.isnan(a) & np.isnan(b))
    return either


def _check_type(like: Any, vector: Any, mode: str, what: str) -> None:
    """A derivative must have the structure, shapes and types of the value it belongs to."""
    leaves, structure = flatten(like)
    found, found_structure = flatten(vector)
    if structure != found_structure:
        raise Problem(Kind.TYPE, mode, f"{what} has another structure than the value it belongs to")
    for leaf, part in zip(leaves, found, strict=True):
        if _type_of(leaf) != _type_of(part):
            raise Problem(Kind.TYPE, mode, f"{what} is {_describe(part)}, where {_describe(leaf)} is expected")


def _type_of(value: Any) -> tuple[tuple[int, ...], Any]:
    """Return the shape and the type of the entries; a Python float counts as a NumPy one."""
    array = np.asarray(unbox(value))
    return array.shape, array.dtype if array.dtype.kind in "fc" else np.dtype(float)


def _describe(value: Any) -> str:
    shape, dtype = _type_of(value)
    return f"of type {dtype} and shape {shape}"


def _check_aliases(derivative: Any, others: dict[str, Any], mode: str, what: str) -> None:
    for name, other in others.items():
        if mode == "rev" and shares_memory(derivative, other):
            raise Problem(Kind.ALIASED, mode, f"{what} shares memory with {name}")
    if mode == "rev" and shares_within(derivative):
        raise Problem(Kind.ALIASED, mode, f"two parts of {what} share memory")


def _check_repetition(point: Point, pull: Callable[[Any], Any], cotangent: Any, gradient: Any) -> None:
    """The same cotangent must give the same gradient, from this pullback and from a new one."""
    kept = Guard(gradient)
    again = pull(cotangent)
    if kept.changed():
        raise Problem(Kind.ALIASED, "rev", "a gradient changes when the pullback is called again")
    if same(again, gradient):
        return
    if same(point.pullback()[0](cotangent), gradient):
        raise Problem(
            Kind.SPENT, "rev",
            "the pullback gives another gradient when it is called again: it changes what it keeps, or its cotangent",
        )  # fmt: skip
    raise Problem(Kind.NONDETERMINISTIC, "rev", "two backward passes gave different gradients")


class _Linearity:
    """The linearity of one mode: in sums, at small scale, in the sign, and at zero.

    `apply` is the derivative at the point, `derivative` the same at any point.
    """

    def __init__(
        self,
        point: Point,
        mode: str,
        apply: Callable[[np.ndarray], np.ndarray],
        derivative: Callable[[Point, np.ndarray], np.ndarray],
    ) -> None:
        self.point, self.mode, self.apply, self.derivative = point, mode, apply, derivative
        self.codomain = point.outputs if mode == "fwd" else point.inputs

    def check(self, x: np.ndarray, y: np.ndarray, rng: random.Random) -> None:
        """Raise if the derivative, which is `y` along `x`, is not linear.

        What is added has the signs of `x`, and is looked at with the other signs: so nothing makes up for the loss of
        a sign.
        """
        other = np.abs(draw(rng, x.size)) * x
        single = self.apply(_TINY * other) / _TINY
        if self._differ(self.apply(x + other), (y, single), x):
            text = f"along u + v the derivative is not that along u, plus that along t v divided by t = {_TINY:.0e}"
            raise Problem(Kind.NOT_LINEAR, self.mode, text)
        if np.any(self.apply(0.0 * x)[np.isfinite(y)] != 0):
            raise Problem(Kind.NOT_LINEAR, self.mode, "the derivative along zero is not zero")

    @np.errstate(all="ignore")
    def _differ(self, found: np.ndarray, terms: tuple[np.ndarray, ...], x: np.ndarray) -> bool:
        """Whether a derivative is not the sum of others, by more than rounding."""
        size = self.point.size_of_tangent() if self.mode == "fwd" else self.point.size_of_gradient(x)
        sizes = sum(largest_in_leaf(term, self.codomain) for term in terms)
        underflow = self.point.tiny / abs(_TINY)
        excess = np.abs(found - sum(terms)) - rounding(self.point.eps) * sizes - self.point.zero(size) - underflow
        if not np.any(excess > 0):
            return False
        noise = self.point.noise(lambda near: self.derivative(near, x), size)
        return bool(np.any(excess > largest_in_leaf(noise, self.codomain)))
