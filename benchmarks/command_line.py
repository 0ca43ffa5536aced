"""The command: what to measure, with whom, and where the results go."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from libraries import LIBRARIES, Library
from limits import SCALING, judge
from measure import REFERENCE, measure_memory, measure_time
from report import Report
from scaling import measure_scaling
from workloads import MEMORY, TIMED

SAMPLES, QUICK_SAMPLES = 61, 7
SECONDS = 0.005
"""CPU seconds per sample: far above the resolution of the clock, short enough for many turns."""

SCALING_SAMPLES = 11
"""Fewer: the long chains take most of a second each, and average over that time by themselves."""

WORKLOADS = [workload.name for workload in (*TIMED, *MEMORY)]


def parser() -> argparse.ArgumentParser:
    """The options; ``--help`` shows them."""
    parser = argparse.ArgumentParser(prog="python benchmarks/run.py", description=__doc__)
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=[*WORKLOADS, SCALING],
        help=f"measure this and nothing else; may be repeated: {', '.join([*WORKLOADS, SCALING])}",
    )  # fmt: skip
    parser.add_argument(
        "--libraries", metavar="A,B", type=lambda text: text.split(","), default=[x.name for x in LIBRARIES],
        help=f"columns besides the hand-written one: {', '.join(x.name for x in LIBRARIES[1:])}",
    )  # fmt: skip
    parser.add_argument("--samples", type=int, help=f"samples per cell ({SAMPLES})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_SAMPLES} samples: a rough picture")
    parser.add_argument("--scaling", action="store_true", help="measure the cost per operation at growing lengths too")
    parser.add_argument("--gate", action="store_true", help="check the limits too: exit 1 if one is exceeded")
    parser.add_argument("--output", metavar="FILE", type=Path, help="write Markdown here and JSON beside it")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 0, or 1 when a limit is exceeded, or else 2 when a library failed or was wrong."""
    options = parser().parse_args(arguments)
    if unknown := set(options.libraries) - {library.name for library in LIBRARIES}:
        parser().error(f"unknown library: {', '.join(sorted(unknown))}")

    libraries = [library for library in LIBRARIES if library.name in (REFERENCE, *options.libraries)]
    libraries = [library for library in libraries if available(library)]
    selected = set(options.only or WORKLOADS)
    if options.scaling or (options.gate and not options.only):
        selected.add(SCALING)
    samples = options.samples or (QUICK_SAMPLES if options.quick else SAMPLES)

    command = " ".join(["python benchmarks/run.py", *(sys.argv[1:] if arguments is None else arguments)])
    report = Report(libraries, command, samples)
    fill(report, selected)
    print(report.markdown())
    if options.output:
        report.write(options.output)

    verdicts = judge({row.name: row for row in report.rows()}, report.scaling, selected) if options.gate else []
    for verdict in verdicts:
        print(verdict)
    if not all(verdict.passed for verdict in verdicts):
        return 1
    return 2 if report.failures() else 0


def available(library: Library) -> bool:
    """Whether a library can take part; says so if not."""
    installed = library.installed()
    if not installed:
        say(f"{library.title}: left out, {' or '.join(library.modules)} is not installed\n")
    return installed


def fill(report: Report, selected: set[str]) -> None:
    """Measure what is selected."""
    prepares = {library.name: library.load() for library in report.libraries}
    progress = Progress(len(selected))
    for workload in TIMED:
        if workload.name in selected:
            with progress(workload.name):
                report.times.append(measure_time(workload, prepares, report.samples, SECONDS))
    for workload in MEMORY:
        if workload.name in selected:
            with progress(workload.name):
                report.memory.append(measure_memory(workload, prepares))
    if SCALING in selected:
        with progress(SCALING):
            report.scaling += measure_scaling(prepares, min(report.samples, SCALING_SAMPLES), SECONDS)


class Progress:
    """A line per workload: how far the run is, and how long this one took."""

    def __init__(self, total: int) -> None:
        self.total, self.started = total, 0

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        self.started += 1
        say(f"[{self.started}/{self.total}] {name} … ")
        start = time.perf_counter()
        yield
        say(f"{time.perf_counter() - start:.1f} s\n")


def say(text: str) -> None:
    """Progress goes to standard error, results to standard output."""
    print(text, end="", file=sys.stderr, flush=True)
