"""`trace_of` and `print_trace`: a program as a trace sees it, line by line."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from autodiff.containers import Structure, children, flatten
from autodiff.debug.describing import constant, type_of
from autodiff.debug.following import FollowingTrace, can_follow, follow, opened
from autodiff.debug.places import Place
from autodiff.debug.watching import Watcher, operation_in_progress, short, stage, watching
from autodiff.naming import named
from autodiff.primitive import Primitive
from autodiff.rule import Zero
from autodiff.trace import Box, frozen


@dataclasses.dataclass(frozen=True)
class Equation:
    """One line of a program: an operation, and what it is applied to.

    Values are known by numbers. `results` are the numbers of the leaves of the result, `types` their types and shapes,
    `operands` the arguments as they are shown, and `sources` the numbers among these. `place` is the user's line, and
    `stage` says which part of a backward pass this is: ``derivative of numpy.sin``, for example, or nothing.
    """

    results: tuple[int, ...]
    name: str
    operands: tuple[str, ...]
    sources: tuple[int, ...]
    types: tuple[str, ...]
    place: Place | None
    stage: str

    @property
    def comment(self) -> str:
        """Where the line comes from."""
        return ", ".join([str(part) for part in (self.place, self.stage) if part])


@dataclasses.dataclass(frozen=True)
class Listing:
    """A program as it was traced: ``str`` makes a text of it.

    `inputs` are triples with the number, the name and the type of what was followed; `outputs` shows the result, with
    numbers for values, and `returned` has these numbers.
    """

    function: str
    inputs: tuple[tuple[int, str, str], ...]
    equations: tuple[Equation, ...]
    outputs: str
    returned: tuple[int, ...]

    def __str__(self) -> str:
        width = len(str(max([0, *(max(e.results, default=0) for e in self.equations), len(self.inputs)])))
        lines = [(f"{number:>{width}}: {name}", kind, "argument") for number, name, kind in self.inputs]
        for e in self.equations:
            numbers = ", ".join(map(str, e.results)).rjust(width)
            kinds = e.types[0] if len(e.types) == 1 else f"({', '.join(e.types)})"
            lines.append((f"{numbers}: {e.name} {', '.join(e.operands)}".rstrip(), kinds, e.comment))
        texts = [f"{text} -> {kind}" for text, kind, _ in lines]
        column = min(max(map(len, texts), default=0), 60)
        body = [f"{text:<{column}}  # {line[2]}".rstrip(" #") for text, line in zip(texts, lines, strict=True)]
        return "\n".join([self.function, *body, f"return {self.outputs}"])


class _ListingTrace(FollowingTrace):
    """Write down what is applied. The node of a box is its number."""

    __slots__ = ("_constants", "_names", "equations", "inputs_seen", "numbers")

    def __init__(self, names: list[str]) -> None:
        super().__init__()
        self.equations: list[Equation] = []
        self.inputs_seen: list[tuple[int, str, str]] = []
        self.numbers = 0
        self._names = names
        self._constants: dict[int, tuple[int, Any]] = {}  # arrays that are not followed, such as masks, by identity

    def inputs(self, leaves: list[Any]) -> list[Any]:
        boxes = []
        for leaf, name in zip(leaves, self._names, strict=True):
            if can_follow(leaf):
                self.inputs_seen.append((self._number(), name, type_of(leaf)))
                boxes.append(self.box(frozen(leaf), self.numbers - 1))
            else:
                boxes.append(leaf)
        return boxes

    def nodes(
        self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], results: list[Any]
    ) -> list[Any]:
        operation: Any = operation_in_progress()
        numbers = [self._number() for _ in results]
        shown = [self.shown(arg) for arg in args] + [f"{name}={self.shown(arg)}" for name, arg in kwargs.items()]
        sources = [self._known(leaf) for leaf in flatten((args, kwargs))[0]]
        self.equations.append(
            Equation(
                tuple(numbers),
                short(primitive.name),
                tuple(shown),
                tuple(number for number in sources if number is not None),
                tuple(map(type_of, results)),
                operation.place,
                stage(operation, short),
            )
        )
        for number, leaf in zip(numbers, results, strict=True):
            if getattr(leaf, "shape", ()) and (primitive.rule.__class__ is Zero or not can_follow(leaf)):
                self._constants[id(leaf)] = number, leaf
        return numbers

    def _number(self) -> int:
        self.numbers += 1
        return self.numbers - 1

    def _known(self, leaf: Any) -> int | None:
        """Return the number of a leaf, if it has one."""
        if self.owns(leaf):
            node: int = leaf.node
            return node
        number, value = self._constants.get(id(leaf), (None, None))
        return number if value is leaf else None

    def shown(self, value: Any) -> str:
        """Return how an argument, or a result of the function, is shown."""
        number = self._known(value)
        if number is not None:
            return f"%{number}"
        parts = None if isinstance(value, Box) or value is None else children(value)
        if parts is None or not any(self._known(leaf) is not None for leaf in flatten(value)[0]):
            return constant(value)
        if isinstance(value, dict):
            return f"{{{', '.join(f'{key!r}: {self.shown(part)}' for key, part in value.items())}}}"
        text = ", ".join(map(self.shown, parts))
        if type(value) in (list, tuple):
            return f"[{text}]" if type(value) is list else f"({text})"
        return f"{type(value).__name__}({text})"


def _names(fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[str]:
    """Return the names of the leaves of the arguments, in the order of `flatten`."""
    try:
        bound = inspect.signature(fun).bind(*args, **kwargs).arguments
        parameters = [p for p in inspect.signature(fun).parameters.values() if p.name in bound]
    except (TypeError, ValueError):  # a function whose signature Python cannot tell
        parameters = []
    by_position: list[str] = []
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            by_position.append(parameter.name)
        elif parameter.kind is parameter.VAR_POSITIONAL:
            by_position += [f"{parameter.name}[{i}]" for i in range(len(args) - len(by_position))]
    by_position += [f"argument {i}" for i in range(len(by_position), len(args))]
    found = [name for path, arg in zip(by_position, args, strict=False) for name in _paths(path, flatten(arg)[1])]
    return found + [name for key in sorted(kwargs) for name in _paths(key, flatten(kwargs[key])[1])]


def _paths(path: str, structure: Structure) -> Iterator[str]:
    if structure.kind is None:
        yield path
        return
    keys = structure.auxiliary[0] if issubclass(structure.kind, dict) else range(len(structure.children))
    for key, child in zip(keys, structure.children, strict=True):
        yield from _paths(f"{path}[{key!r}]", child)


def listed(fun: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Listing, Any]:
    """Run ``fun(*args, **kwargs)``; return what it does, and its value."""
    with watching(Watcher()):  # so that what happens in backward passes is known by the operations it belongs to
        trace = _ListingTrace(_names(fun, args, kwargs))
        output = follow(trace, fun, args, kwargs)
    returned = tuple(leaf.node for leaf in flatten(output)[0] if trace.owns(leaf))
    name = f"{getattr(fun, '__name__', 'function')}({', '.join(f'%{number}' for number, _, _ in trace.inputs_seen)}):"
    listing = Listing(name, tuple(trace.inputs_seen), tuple(trace.equations), trace.shown(output), returned)
    return listing, opened(trace, output)


def trace_of(fun: Callable[..., Any]) -> Callable[..., Listing]:
    """Make a function that returns what `fun` does: the operations on its arguments, in order.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them, gradients included: ``trace_of(grad(f))``.

    Returns
    -------
    callable
        With the arguments of `fun`; returns a `Listing`, of which ``str`` makes a text. Each line has a number, by
        which later lines refer to the value; the operation; type and shape; and the user's line, in gradients with
        the operation whose derivative it is.

    Notes
    -----
    What does not depend on the arguments is not traced, but shown as a constant. Of a branch, what was taken is
    listed, and of a loop each round. `Listing` has the same as data.

    Examples
    --------
    >>> from autodiff import grad
    >>> listing = trace_of(lambda x, y: (x * y + 1.0) * x)(2.0, 3.0)
    >>> [(line.name, line.operands) for line in listing.equations]
    [('mul', ('%0', '%1')), ('add', ('%2', '1.0')), ('mul', ('%3', '%0'))]
    >>> sorted({line.stage for line in trace_of(grad(lambda x: x * x))(2.0).equations})
    ['', 'derivative of mul', 'sum of cotangents']
    """

    @named("trace", fun)
    def listing_of(*args: Any, **kwargs: Any) -> Listing:
        return listed(fun, args, kwargs)[0]

    return listing_of


def print_trace(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that does what `fun` does, and prints the operations on its arguments, line by line.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them.

    Returns
    -------
    callable
        The same function; each call prints what `trace_of` returns.

    Examples
    --------
    >>> print_trace(lambda x, y: (x * y + 1.0) * x)(2.0, 3.0)
    <lambda>(%0, %1):
    0: x -> float            # argument
    1: y -> float            # argument
    2: mul %0, %1 -> float   # <doctest ...:1 in <lambda>
    3: add %2, 1.0 -> float  # <doctest ...:1 in <lambda>
    4: mul %3, %0 -> float   # <doctest ...:1 in <lambda>
    return %4
    14.0
    """

    @named("print_trace", fun)
    def printing(*args: Any, **kwargs: Any) -> Any:
        listing, value = listed(fun, args, kwargs)
        print(listing)  # noqa: T201  # what it is for
        return value

    return printing
