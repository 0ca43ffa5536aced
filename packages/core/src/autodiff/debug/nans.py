"""`debug_nans`: the operation that first makes NaN of numbers without one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from autodiff.containers import flatten
from autodiff.debug.describing import has_infinity, has_nan, numbers_in, range_of, type_of
from autodiff.debug.following import FollowingTrace, follow, opened
from autodiff.debug.watching import EARLIER, Operation, Watcher, stage, watching
from autodiff.errors import NonFiniteError
from autodiff.naming import named
from autodiff.trace import Box

F = TypeVar("F", bound=Callable[..., Any])


class debug_nans:  # noqa: N801  # used like a function
    """Find the operation that first makes NaN of numbers without one, in the differentiations within a block.

    Parameters
    ----------
    infs : bool
        Whether an infinity that is made of finite numbers is an error as well.

    Raises
    ------
    NonFiniteError
        From the operation in question: in the function itself, in forward mode, or in the backward pass. It names the
        operation, the user's line, and the shapes and ranges of what went in. In a backward pass the line is that of
        the operation whose derivative is NaN.

    Notes
    -----
    Operations on traced values are looked at, in this thread and task; NumPy by itself, on plain arrays, is not. As a
    decorator, ``@debug_nans()`` follows the arguments of the function, so that a plain call is looked at as well. What
    has NaN among its operands may have NaN in its result: data with gaps are no error. Sums of cotangents, which are
    NaN when infinities of both signs meet, are looked at as long as there are no such data.

    Every result is looked through, which takes time. Outside of the block this costs nothing.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.debug import debug_nans
    >>> with debug_nans(infs=True):
    ...     grad(lambda x: x * 1e200 * x)(1e200)
    Traceback (most recent call last):
    ...
    autodiff.errors.NonFiniteError: operator.mul made an infinity of finite numbers, ...
    """

    def __init__(self, *, infs: bool = False) -> None:
        self._infs = infs
        self._entered: list[ExitStack] = []  # the same object may be entered again inside

    def __enter__(self) -> None:
        stack = ExitStack()
        stack.enter_context(watching(_NanWatcher(infs=self._infs)))
        self._entered.append(stack)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._entered.pop().close()

    def __call__(self, fun: F) -> F:
        """Make the function that runs `fun` and looks at all operations on its arguments."""

        @named("debug_nans", fun)
        def looked_at(*args: Any, **kwargs: Any) -> Any:
            with debug_nans(infs=self._infs):
                trace = FollowingTrace()
                return opened(trace, follow(trace, fun, args, kwargs))

        return looked_at  # type: ignore[return-value]  # the same signature


class _Note(NamedTuple):
    """What is remembered of an operation for the time when it is pulled back."""

    operands: str
    good: bool
    parents: list[int]


class _NanWatcher(Watcher):
    """Raise where bad numbers are made of good ones."""

    def __init__(self, *, infs: bool) -> None:
        self._infs = infs
        self._tolerant = False  # whether bad numbers went in somewhere, of which others may come

    def _is_bad(self, number: Any) -> bool:
        return has_nan(number) or (self._infs and has_infinity(number))

    def _bad(self, value: Any) -> str | None:
        """Return what the first bad number in `value` is, "value" or "tangent"; None if there is none."""
        return next((what for what, number in numbers_in(value) if self._is_bad(number)), None)

    def apply(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], proceed: Callable[[], Any]
    ) -> Any:
        operands = [leaf for leaf in flatten((args, kwargs))[0] if leaf is not None]
        good = not any(map(self._bad, operands))
        own = [leaf for leaf in operands if isinstance(leaf, Box) and leaf.owner.level == operation.level]
        parents = [box.node for box in own if isinstance(box.node, int)]
        operation.notes[self] = _Note(", ".join(map(type_of, operands)), good, parents)
        result = proceed()
        what = self._bad(result)
        if what is None or not good:
            self._tolerant |= not good
            return result
        subject = operation.name
        if what == "tangent":
            subject = f"the derivative of {subject}, in forward mode,"
        elif operation.within is not None:
            subject += f", in the {stage(operation)},"
        raise self._made(subject, result, operation, [("Operands", operands)])

    def pull(
        self, operation: Operation, g: Any, residuals: Any, cotangents: list[Any] | None, proceed: Callable[[], Any]
    ) -> Any:
        if g is not None and self._bad(g):
            if not self._tolerant:
                text = f"the cotangents of the result of {operation.name} add up to {self._name(g)}, though none is"
                raise NonFiniteError(f"{text}{_where(operation)}. {self._advice()}")
            return proceed()
        operands, good, parents = operation.notes.get(self) or _Note("unknown", not self._bad(residuals), [])
        self._tolerant |= not good
        if cotangents is not None:  # it adds to what may be bad already
            good = good and not self._bad([cotangents[node] for node in parents])
        vectors = proceed()
        if cotangents is not None:
            vectors = [cotangents[node] for node in parents]
        if good and self._bad(vectors):
            subject = f"the derivative of {operation.name}, in the backward pass,"
            details = [("Cotangent", g), ("Kept of operands and result", residuals)]
            raise self._made(subject, vectors, operation, details, f" Operands: {operands}.")
        return vectors if cotangents is None else None

    def backward(self, cotangent: Any, proceed: Callable[[], Any]) -> Any:
        self._tolerant |= self._bad(cotangent) is not None
        gradients = proceed()
        if not self._tolerant and self._bad(gradients):
            text = f"the cotangents of an argument add up to {self._name(gradients)}, though none is"
            raise NonFiniteError(f"{text}. {self._advice()}")
        return gradients

    def _name(self, value: Any) -> str:
        return "NaN" if any(has_nan(number) for _, number in numbers_in(value)) else "an infinity"

    def _made(
        self, subject: str, result: Any, operation: Operation, details: list[tuple[str, Any]], more: str = ""
    ) -> NonFiniteError:
        source = "finite numbers" if self._infs else "numbers without NaN"
        text = f"{subject} made {self._name(result)} of {source}{_where(operation)}.{more}"
        for name, value in (*details, ("Result", result)):
            for kind, title in (("value", name), ("tangent", f"{name}, tangents")):
                ranges = ", ".join(range_of(number) for found, number in numbers_in(value) if found == kind)
                text += f" {title}: {ranges}." if ranges else ""
        return NonFiniteError(f"{text} {self._advice()}")

    def _advice(self) -> str:
        if self._infs:
            return (
                "Keep the operands where function and derivative are finite: `where(x > 0, x, 1)` before `sqrt(x)`, "
                "for instance, not only after it; a larger floating-point type; logarithms of large products."
            )
        return (
            "If infinities are involved, `debug_nans(infs=True)` finds where they come from. Otherwise keep the "
            "operands where the function is defined: `where(x > 0, x, 1)` before `log(x)`, not only after it."
        )


def _where(operation: Operation) -> str:
    place, within = operation.place, operation.within
    if place is None:
        return ", of a differentiation that began before the block" if operation is EARLIER else ""
    text = f", at {place}" + (f": `{place.source}`" if place.source else "")
    if within is not None and within.place not in (None, place):  # a rule that the user has written
        text += f", for {within.place}"
    return text
