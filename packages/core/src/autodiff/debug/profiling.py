"""`profile`: how often each operation is applied, how long it takes, and how much memory its results need."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from autodiff.debug.describing import bytes_of, type_of
from autodiff.debug.places import Place
from autodiff.debug.tables import memory, milliseconds, table
from autodiff.debug.watching import Operation, Watcher, watching
from autodiff.errors import InputError


@dataclass
class Costs:
    """What operations cost: times in seconds, without what other operations within them take."""

    name: str
    calls: int = 0
    forward: float = 0.0
    pulls: int = 0
    backward: float = 0.0
    bytes: int = 0

    @property
    def total(self) -> float:
        """Forward and backward time."""
        return self.forward + self.backward


class _Event(NamedTuple):
    """An operation, applied or pulled back."""

    name: str
    place: Place | None
    stage: str  # "forward", "backward", or "pass" for a whole backward pass
    start: float
    duration: float
    own: float  # duration without that of the events within
    counts: bool  # not for what an outer trace sees of the same application
    bytes: int
    type: str


_KEYS: dict[str, Callable[[_Event], str]] = {
    "primitive": lambda event: event.name,
    "line": lambda event: str(event.place or "unknown"),
}
_COLUMNS = ("name", "calls", "forward", "pulls", "backward", "total", "bytes")


class Profile:
    """What `profile` has measured. ``str`` makes a table of it, by primitives; `table` makes others."""

    def __init__(self) -> None:
        self._events: list[tuple[int, _Event]] = []
        self._start = time.perf_counter()
        self._end: float | None = None

    @property
    def seconds(self) -> float:
        """How long the block took; so far, if it is not over."""
        return (time.perf_counter() if self._end is None else self._end) - self._start

    def end(self) -> None:
        """Note that the block is over."""
        self._end = time.perf_counter()

    def costs(self, by: str = "primitive") -> list[Costs]:
        """Return the costs of each primitive, or of each line of the program: ``by="line"``."""
        if by not in _KEYS:
            raise InputError(f'costs can be summed up by="primitive" or by="line", not by={by!r}.')
        found: dict[str, Costs] = {}
        for _, event in self._events:
            if event.stage == "pass":
                continue
            key = _KEYS[by](event)
            costs = found.setdefault(key, Costs(key))
            if event.stage == "forward":
                costs.calls += event.counts
                costs.forward += event.own
                costs.bytes += event.bytes
            else:
                costs.pulls += event.counts
                costs.backward += event.own
        return list(found.values())

    def table(self, by: str = "primitive", sort: str = "total") -> str:
        """Return a table as text.

        Parameters
        ----------
        by : {"primitive", "line"}
            What has a row.
        sort : {"total", "name", "calls", "forward", "pulls", "backward", "bytes"}
            The column by which rows are sorted: names from A to Z, numbers from the largest.
        """
        if sort not in _COLUMNS:
            raise InputError(f"tables can be sorted by {', '.join(_COLUMNS)}, not by {sort!r}.")
        costs = sorted(self.costs(by), key=lambda c: getattr(c, sort), reverse=sort != "name")
        rows: list[tuple[Any, ...]] = [
            (c.name, c.calls, milliseconds(c.forward), c.pulls, milliseconds(c.backward), memory(c.bytes))
            for c in costs
        ]
        rest = self.seconds - sum(c.total for c in costs)
        rows.append(("everything else", "", milliseconds(rest), "", "", ""))
        return table((by, "calls", "forward ms", "pulls", "backward ms", "results"), "<>>>>>", rows)

    def __str__(self) -> str:
        return self.table()

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Write a file that https://ui.perfetto.dev and ``chrome://tracing`` show as a timeline.

        Parameters
        ----------
        path : str or path
            The file, which is overwritten; its name should end in ``.json``.
        """
        events = [
            {
                "name": event.name,
                "cat": event.stage,
                "ph": "X",
                "ts": 1e6 * event.start,
                "dur": 1e6 * event.duration,
                "pid": os.getpid(),
                "tid": thread,
                "args": {"line": str(event.place), "result": event.type, "bytes": event.bytes}
                if event.place
                else {"result": event.type},
            }
            for thread, event in self._events
        ]
        Path(path).write_text(json.dumps({"traceEvents": events, "displayTimeUnit": "ms"}), encoding="utf-8")


class _Going(threading.local):
    """What is being timed in this thread, from the outside in: names, and the time that events within took."""

    def __init__(self) -> None:
        self.stack: list[list[Any]] = []


class _Stopwatch(Watcher):
    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._begin = time.perf_counter()
        self._going = _Going()

    def apply(
        self, operation: Operation, args: tuple[Any, ...], kwargs: dict[str, Any], proceed: Callable[[], Any]
    ) -> Any:
        return self._timed(operation.name, operation.place, "forward", proceed)

    def pull(
        self, operation: Operation, g: Any, residuals: Any, cotangents: list[Any] | None, proceed: Callable[[], Any]
    ) -> Any:
        return self._timed(operation.name, operation.place, "backward", proceed)

    def backward(self, cotangent: Any, proceed: Callable[[], Any]) -> Any:
        return self._timed("backward pass", None, "pass", proceed)

    def _timed(self, name: str, place: Place | None, stage: str, proceed: Callable[[], Any]) -> Any:
        stack = self._going.stack
        again = bool(stack) and stack[-1][:2] == [name, stage] == [name, "forward"]
        stack.append([name, stage, 0.0])
        start = time.perf_counter()
        result = None
        try:
            result = proceed()
            return result
        finally:
            duration = time.perf_counter() - start
            own = duration - stack.pop()[2]
            size, kind = (0, "") if again or stage != "forward" else (bytes_of(result), type_of(result))
            event = _Event(name, place, stage, start - self._begin, duration, own, not again, size, kind)
            self._profile._events.append((threading.get_ident(), event))
            if stack:
                stack[-1][2] += time.perf_counter() - start  # the notes taken here are nobody's time


@contextmanager
def profile() -> Iterator[Profile]:
    """Measure what the differentiations within a block spend their time on.

    Yields
    ------
    Profile
        ``print`` shows, when the block is over, for each primitive how often it was applied, the time this took, the
        time for its derivative in backward passes, and the memory of its results. ``table(by="line")`` shows the same
        by lines of the program; ``export_chrome_trace(path)`` writes a timeline.

    Notes
    -----
    Times of a primitive include what the trace does to record it, and not what other primitives within it take. What is
    not traced, as all that does not depend on arguments of the differentiation, stands in the row "everything else",
    with the time that Python takes in between, and that the measurement takes: it makes small operations several times
    slower. Every one is remembered, so that a block should be left after some rounds of a training, not after all. Only
    this thread and this task are looked at. Outside of the block this costs nothing.

    Examples
    --------
    >>> from autodiff import grad
    >>> from autodiff.debug import profile
    >>> with profile() as measured:
    ...     slope = grad(lambda x: x * x * x + x)(2.0)
    >>> [(row.name, row.calls, row.pulls) for row in measured.costs()]
    [('operator.mul', 2, 2), ('operator.add', 1, 1)]
    >>> print(measured.table(sort="calls"))
    primitive  calls  forward ms  pulls  backward ms  results
    ...
    """
    measured = Profile()
    try:
        with watching(_Stopwatch(measured)):
            yield measured
    finally:
        measured.end()
