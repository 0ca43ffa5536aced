"""The results as Markdown, for people, and as JSON, for other programs."""

import json
import platform
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from libraries import Library
from measure import REFERENCE, Row
from scaling import flatness

Table = list[list[str]]
EMPTY = "-"


@dataclass
class Report:
    """Everything that one run has found out."""

    libraries: Sequence[Library]
    command: str
    samples: int
    times: list[Row] = field(default_factory=list)
    memory: list[Row] = field(default_factory=list)
    scaling: list[Row] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Whatever was measured, in the order of the tables."""
        return [*self.times, *self.memory, *self.scaling]

    def failures(self) -> list[str]:
        """One line for every cell that raised or was wrong."""
        return [f"{row.name}, {library}: {why}" for row in self.rows() for library, why in row.failures.items()]

    def markdown(self) -> str:
        """The setting, a table per kind of measurement, and why cells are empty."""
        parts = [self.setting()]
        if self.times:
            parts += ["## Time relative to hand-written NumPy", self.ratios(self.times, "µs", 1e-6)]
        if self.memory:
            parts += ["## Peak extra memory relative to hand-written NumPy", self.ratios(self.memory, "MiB", 2**20)]
        if self.scaling:
            parts += ["## Time per operation in a chain of sin, µs", self.costs()]
        if notes := self.notes():
            parts.append(bullets(notes))
        if failures := self.failures():
            parts += ["## Failures", bullets(textwrap.shorten(line, 160) for line in failures)]
        return "\n\n".join(parts) + "\n"

    def setting(self) -> str:
        """What somebody needs to know to believe the numbers, or to make them again."""
        versions = dict.fromkeys(f"{library.distribution} {library.version()}" for library in self.libraries)
        return (
            f"`{self.command}` on {processor()}, one thread; "
            f"Python {platform.python_version()}, {', '.join(versions)}. "
            f"Medians of {self.samples} interleaved samples of process CPU time for value and gradient together; "
            "lower is better. All results were equal before they were timed."
        )

    def ratios(self, rows: Sequence[Row], unit: str, scale: float) -> str:
        """The reference in a unit, everybody else as a ratio to it."""
        others = [library for library in self.libraries if library.name != REFERENCE]
        table = [["workload", f"hand-written, {unit}", *(library.title for library in others)]]
        for row in rows:
            cells = [cell(row, library.name, row.ratio(library.name)) for library in others]
            table.append([row.about, cell(row, REFERENCE, row.median(REFERENCE) / scale), *cells])
        return markdown_table(table)

    def costs(self) -> str:
        """Absolute costs by length, and how flat they are."""
        asked = [library for library in self.libraries if any(library.name not in row.left_out for row in self.scaling)]
        table = [["operations", *(library.title for library in asked)]]
        for row in self.scaling:
            costs = [row.median(library.name) * 1e6 if library.name in row.samples else None for library in asked]
            table.append([row.about, *(cell(row, lib.name, cost) for lib, cost in zip(asked, costs, strict=True))])
        flat = [flatness(self.scaling, library.name) for library in asked]
        table.append(["dearest / cheapest, up to 100,000", *(EMPTY if x is None else number(x) for x in flat)])
        return markdown_table(table)

    def notes(self) -> list[str]:
        """Why a cell is empty, once per reason."""
        titles = {library.name: library.title for library in self.libraries}
        reasons: dict[str, tuple[list[str], list[str]]] = {}
        for row in self.rows():
            for library, why in row.left_out.items():
                abouts, libraries = reasons.setdefault(why, ([], []))
                abouts.append(row.about)
                libraries.append(titles[library])
        return [
            f"{EMPTY} ({', '.join(dict.fromkeys(libraries))}; {'; '.join(dict.fromkeys(abouts))}): {why}."
            for why, (abouts, libraries) in reasons.items()
        ]

    def write(self, path: Path) -> None:
        """Markdown at ``path`` and JSON with every sample beside it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.markdown(), encoding="utf-8")
        document = {
            "command": self.command,
            "processor": processor(),
            "python": platform.python_version(),
            "versions": {library.name: library.version() for library in self.libraries},
            "times": [asdict(row) for row in self.times],
            "memory": [asdict(row) for row in self.memory],
            "scaling": [asdict(row) for row in self.scaling],
        }
        path.with_suffix(".json").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")


def processor() -> str:
    """The name of the CPU, which Linux does not tell `platform`."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def number(value: float) -> str:
    """About three digits, never an exponent."""
    decimals = 3 if value < 0.1 else 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:.{decimals}f}"


def cell(row: Row, library: str, value: float | None) -> str:
    """The text of a cell, whether or not there is a number for it."""
    if library in row.failures:
        return "failed"
    return EMPTY if value is None else number(value)


def markdown_table(table: Table) -> str:
    """Padded, so that it reads well in a terminal too: the first column left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = [
        [first.ljust(widths[0]), *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))]
        for first, *rest in table
    ]
    return "\n".join("| " + " | ".join(line) + " |" for line in [aligned[0], rule, *aligned[1:]])


def bullets(lines: Iterable[str]) -> str:
    """A Markdown list."""
    return "\n".join(f"* {line}" for line in lines)
