"""`saved_residuals`: what a tape keeps for the backward pass, and for which lines of the program."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import partial
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from autodiff.argnums import Argnums
from autodiff.debug.describing import bytes_of, type_of
from autodiff.debug.places import Place
from autodiff.debug.tables import memory, table
from autodiff.debug.watching import Operation, WatchedPull, Watcher, short, watching
from autodiff.naming import named
from autodiff.primitive import Primitive
from autodiff.products import record
from autodiff.reverse import ReverseTrace
from autodiff.rule import Rule
from autodiff.trace import Box
from autodiff.vspace import VSpace


@dataclasses.dataclass
class SavedLine:
    """What is kept for one operation on one line of the program, of all rounds of a loop together.

    An array counts where it is needed first: for the operation that is recorded before the others.
    """

    place: Place | None
    name: str
    count: int = 0
    types: list[str] = dataclasses.field(default_factory=list)
    bytes: int = 0


@dataclasses.dataclass(frozen=True)
class SavedResiduals:
    """What a tape keeps: ``str`` makes a table of it.

    `total` are the bytes that are kept besides the arguments; `arguments` the bytes of arguments that are needed.
    """

    lines: tuple[SavedLine, ...]
    total: int
    arguments: int

    def __str__(self) -> str:
        rows: list[tuple[Any, ...]] = [
            (line.place or "unknown", line.name, line.count, _several(line.types), memory(line.bytes))
            for line in sorted(self.lines, key=lambda line: -line.bytes)
        ]
        rows.append(("in all", "", sum(line.count for line in self.lines), "", memory(self.total)))
        text = table(("line", "operation", "times", "kept", "memory"), "<<><>", rows)
        return f"{text}\nbesides {memory(self.arguments)} of arguments" if self.arguments else text


def _several(types: list[str]) -> str:
    counts = {text: types.count(text) for text in types}
    texts = [text if count == 1 else f"{count} x {text}" for text, count in counts.items()]
    return ", ".join(texts[:3]) + (", …" if len(texts) > 3 else "")


def saved_residuals(fun: Callable[..., Any], argnum: Argnums = 0) -> Callable[..., SavedResiduals]:
    """Make a function that returns what reverse mode keeps of `fun` for the backward pass, by lines of the program.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them.
    argnum : int, str or tuple of them
        The arguments that are differentiated.

    Returns
    -------
    callable
        With the arguments of `fun`; returns `SavedResiduals`, of which ``str`` makes a table with the lines that need
        most on top.

    Notes
    -----
    An array that several operations need is kept once, and counts once. A view keeps the whole array. `checkpoint`
    keeps less.

    Examples
    --------
    >>> saved = saved_residuals(lambda x, y: x * y * y, (0, 1))(2.0, 3.0)
    >>> saved.total, saved.arguments  # x * y is kept, besides x and y
    (8, 16)
    """

    @named("saved_residuals", fun, argnum)
    def saved(*args: Any, **kwargs: Any) -> SavedResiduals:
        with watching(Watcher()):
            trace = ReverseTrace()
            record(trace, fun, argnum, args, kwargs, any_result=True)
        arguments = {id(_memory_of(value)) for value in _kept([args, kwargs, trace._inputs], set())}
        return _collected(trace._recorded, arguments)

    return saved


def _collected(tape: list[Any], arguments: set[int]) -> SavedResiduals:
    """Sum up what the entries of a tape keep; `arguments` are the identities of what exists anyway."""
    lines: dict[tuple[Any, str], SavedLine] = {}
    seen = set(arguments)
    of_arguments: dict[int, int] = {}
    walked: set[int] = set()
    for _, pull, _, _, residuals in tape:
        operation: Operation | None = pull.operation if isinstance(pull, WatchedPull) else None
        place, name = (operation.place, short(operation.name)) if operation else (None, "unknown")
        line = lines.setdefault((place, name), SavedLine(place, name))
        line.count += 1
        for value in _kept([pull, residuals], walked):
            whole = _memory_of(value)
            if id(whole) in arguments:
                of_arguments[id(whole)] = bytes_of(whole)
            elif id(whole) not in seen:
                seen.add(id(whole))
                line.types.append(type_of(whole))
                line.bytes += bytes_of(whole)
    kept = tuple(line for line in lines.values() if line.bytes)
    return SavedResiduals(kept, sum(line.bytes for line in kept), sum(of_arguments.values()))


def _memory_of(value: Any) -> Any:
    """Return the array whose memory an array is a view of."""
    while hasattr(getattr(value, "base", None), "nbytes"):
        value = value.base
    return value


def _kept(holders: list[Any], walked: set[int]) -> Iterator[Any]:
    """Yield the numbers and arrays that are kept alive, through containers, closures, objects and other tapes."""
    while holders:
        holder = holders.pop()
        while isinstance(holder, Box):
            holders.append(holder.node)
            holder = holder.value
        if isinstance(getattr(holder, "nbytes", None), int) or isinstance(holder, float | complex):
            yield holder
        elif id(holder) not in walked:
            walked.add(id(holder))
            holders.extend(_parts(holder))


def _parts(holder: Any) -> Any:
    if isinstance(holder, (tuple, list, set, frozenset)):
        return holder
    if isinstance(holder, dict):
        return holder.values()
    if isinstance(holder, FunctionType):
        return (*(holder.__closure__ or ()), *(holder.__defaults__ or ()))
    if isinstance(holder, CellType):
        return _content(holder)
    if isinstance(holder, partial):
        return (holder.func, holder.args, holder.keywords)
    if isinstance(holder, MethodType):
        return (holder.__self__,)
    if isinstance(holder, WatchedPull):
        return (holder.pull,)
    if isinstance(holder, ReverseTrace):
        return holder._recorded if holder.ended else holder.tape
    if isinstance(holder, (Rule, Primitive, VSpace, ModuleType, type)):
        return ()  # they exist anyway
    return getattr(holder, "__dict__", {}).values()


def _content(cell: CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:  # empty: a variable that has not been assigned yet
        return ()
