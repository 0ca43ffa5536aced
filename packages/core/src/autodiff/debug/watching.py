"""How the tools look on: while one of them is at work, new traces are watched ones.

A watched trace is of a subclass of what it would be otherwise. It hands every operation to the *watchers*, as a
function that they have to call; and it writes a tape whose pulls do the same. Which trace is watched is decided when
it is made, by a constructor that replaces the ordinary one for as long as somebody watches, in whatever thread. When
the last one leaves, the constructors are put back: nothing of this file takes part in a differentiation that is not
watched.

Who watches is a context variable: other threads, and other tasks of the same one, are not watched.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from autodiff.debug.places import Place, user_place
from autodiff.primitive import Primitive
from autodiff.reverse import ReverseTrace
from autodiff.rule import Pull
from autodiff.trace import Trace

#: The name of what a backward pass does between the operations.
SUM = "sum of cotangents"


class Operation:
    """A primitive that a trace applies: its name, the user's line, and what watchers want to remember of it.

    `within` is the operation whose derivative is being computed in the backward pass, if this one is a part of that.
    """

    __slots__ = ("level", "name", "notes", "place", "within")

    def __init__(self, name: str, level: int, place: Place | None, within: Operation | None) -> None:
        self.name, self.level, self.place, self.within = name, level, place, within
        self.notes: dict[Watcher, Any] = {}


def short(name: str) -> str:
    """Return a function's name without its module."""
    return name.rpartition(".")[2]


def stage(operation: Operation, naming: Callable[[str], str] = str) -> str:
    """Return which part of a backward pass an operation is: ``derivative of sin``; nothing, if it is in none."""
    within = operation.within
    if within is None:
        return ""
    what = SUM if within.name == SUM else f"derivative of {naming(within.name)}"
    outer = stage(within, naming)
    return f"{what} in the {outer}" if outer else what


class Watcher:
    """What looks on. Each method must return what `proceed` returns."""

    def apply(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], proceed: Callable[[], Any]
    ) -> Any:
        """See an operation that a trace applies."""
        return proceed()

    def pull(
        self, operation: Operation, g: Any, residuals: Any, cotangents: list[Any] | None, proceed: Callable[[], Any]
    ) -> Any:
        """See how the cotangent `g` of its result is pulled back; to `cotangents`, if the pull adds to them itself."""
        return proceed()

    def backward(self, cotangent: Any, proceed: Callable[[], Any]) -> Any:
        """See a whole backward pass, which returns the cotangents of the inputs."""
        return proceed()


class _Running(NamedTuple):
    """An operation that is being applied or pulled back, and what was going on before."""

    operation: Operation
    pulling: bool
    outer: _Running | None


_WATCHERS: ContextVar[tuple[Watcher, ...]] = ContextVar("autodiff_watchers", default=())
_RUNNING: ContextVar[_Running | None] = ContextVar("autodiff_running", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let `watcher` look on while the block runs."""
    token = _WATCHERS.set((*_WATCHERS.get(), watcher))
    _CONSTRUCTORS.replace()
    try:
        yield
    finally:
        _CONSTRUCTORS.put_back()
        _WATCHERS.reset(token)


def operation_in_progress() -> Operation | None:
    """Return the operation that is being applied, or pulled back."""
    running = _RUNNING.get()
    return None if running is None else running.operation


@contextmanager
def _going_on(operation: Operation, *, pulling: bool) -> Iterator[None]:
    token = _RUNNING.set(_Running(operation, pulling, _RUNNING.get()))
    try:
        yield
    finally:
        _RUNNING.reset(token)


def _pulled() -> Operation | None:
    """Return the operation that is being pulled back, the innermost one."""
    running = _RUNNING.get()
    while running is not None and not running.pulling:
        running = running.outer
    return None if running is None else running.operation


@functools.cache
def _watched_class(kind: Any) -> Any:
    """Return the subclass of a class of traces whose operations are watched."""

    class Watched(kind):  # type: ignore[misc]  # any class of traces
        __slots__ = ()

        _autodiff_watches = True

        def unary(self, primitive: Primitive, x: Any) -> Any:
            return _apply(self, primitive, (x,), {}, functools.partial(super().unary, primitive, x))

        def binary(self, primitive: Primitive, a: Any, b: Any) -> Any:
            return _apply(self, primitive, (a, b), {}, functools.partial(super().binary, primitive, a, b))

        def linear(self, primitive: Primitive, x: Any, constant: Any) -> Any:
            proceed = functools.partial(super().linear, primitive, x, constant)
            return _apply(self, primitive, (x, constant), {}, proceed)

        def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            return _apply(self, primitive, args, kwargs, functools.partial(super().process, primitive, args, kwargs))

    Watched.__name__ = f"Watched{kind.__name__}"
    return Watched


def is_watched(kind: type[Trace]) -> bool:
    """Whether traces of this class are watched."""
    return hasattr(kind, "_autodiff_watches")


def _apply(
    trace: Trace, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any], proceed: Callable[[], Any]
) -> Any:
    """Show an operation of a watched trace to the watchers; it takes place when they `proceed`."""
    watchers, running = _WATCHERS.get(), _RUNNING.get()
    delegated = running is not None and not running.pulling and running.operation.level == trace.level
    if delegated or not watchers:  # methods of traces call one another
        return proceed()
    within = _pulled()
    place = user_place(_PULLING) or (None if within is None else within.place)
    operation = Operation(primitive.name, trace.level, place, within)
    with _going_on(operation, pulling=False):
        for watcher in watchers:
            proceed = functools.partial(watcher.apply, operation, args, kwargs, proceed)
        return proceed()


class WatchedPull:
    """The pull of an entry of a tape. It equals the pull that it stands for, of which sets say what it returns."""

    __slots__ = ("operation", "pull")

    def __init__(self, pull: Pull, operation: Operation) -> None:
        self.pull, self.operation = pull, operation

    def __call__(self, g: Any, residuals: Any, *rest: Any) -> Any:
        proceed: Callable[[], Any] = functools.partial(self.pull, g, residuals, *rest)
        with _going_on(self.operation, pulling=True):
            for watcher in _WATCHERS.get():
                proceed = functools.partial(
                    watcher.pull, self.operation, g, residuals, rest[0] if rest else None, proceed
                )
            return proceed()

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.pull

    def __hash__(self) -> int:
        return hash(self.pull)


#: Where the search for the user's line ends.
_PULLING = WatchedPull.__call__.__code__


class LabelledTape(list[Any]):
    """A tape whose entries know by which operation they were written."""

    def append(self, entry: Any) -> None:
        operation = operation_in_progress()
        super().append(entry if operation is None else labelled(entry, operation))


def labelled(entry: Any, operation: Operation) -> Any:
    """Return the entry of a tape with a watched pull."""
    node, pull, *rest = entry
    return (node, WatchedPull(pull, operation), *rest)


def _watch(trace: Trace) -> None:
    """Make a trace that has just been made a watched one."""
    if _WATCHERS.get() and not is_watched(type(trace)):
        trace.__class__ = _watched_class(type(trace))
        if isinstance(trace, ReverseTrace):
            trace.tape = LabelledTape()


#: Stands for what was recorded before anybody watched.
EARLIER = Operation("an earlier operation", 0, None, None)


class _Constructors:
    """Constructors of traces, and the start of the backward pass, as they are and as they are while somebody watches.

    Tapes that were recorded before somebody watched are labelled when they are read.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._ordinary: list[tuple[type, str, Any]] = []

    def replace(self) -> None:
        """Put the watching ones in place."""
        with self._lock:
            self._count += 1
            if self._count == 1:
                self._ordinary = [
                    (Trace, "__init__", Trace.__init__),
                    (ReverseTrace, "__init__", ReverseTrace.__init__),
                    (ReverseTrace, "pull", ReverseTrace.pull),
                    (ReverseTrace, "pull_stack", ReverseTrace.pull_stack),
                ]
                for kind, name, ordinary in self._ordinary:
                    setattr(kind, name, (_watching_constructor if name == "__init__" else _watching_pull)(ordinary))

    def put_back(self) -> None:
        """Put the ordinary ones back when nobody watches any more."""
        with self._lock:
            self._count -= 1
            if self._count == 0:
                for kind, name, ordinary in self._ordinary:
                    setattr(kind, name, ordinary)


def _watching_constructor(ordinary: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(ordinary)
    def construct(self: Trace, *args: Any, **kwargs: Any) -> None:
        ordinary(self, *args, **kwargs)
        _watch(self)

    return construct


def _watching_pull(ordinary: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(ordinary)
    def pull(self: ReverseTrace, output: Any, cotangent: Any, *args: Any, **kwargs: Any) -> Any:
        watchers = _WATCHERS.get()
        if watchers and not isinstance(self._recorded, LabelledTape):
            self._recorded = LabelledTape(labelled(entry, EARLIER) for entry in self._recorded)
        proceed: Callable[[], Any] = functools.partial(ordinary, self, output, cotangent, *args, **kwargs)
        for watcher in watchers:
            proceed = functools.partial(watcher.backward, cotangent, proceed)
        if not watchers:
            return proceed()
        within = _pulled()
        with _going_on(Operation(SUM, 0, user_place(), within), pulling=True):
            return proceed()

    return pull


_CONSTRUCTORS = _Constructors()
