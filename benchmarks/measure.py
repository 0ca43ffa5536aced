"""From workloads and libraries to rows of numbers: prepare, check, measure."""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from checking import check
from libraries import Prepare
from memory import peak_bytes
from timing import Step, in_turns
from workloads import Workload

REFERENCE = "hand"


@dataclass
class Row:
    """The measurements of one workload."""

    name: str
    about: str
    unit: str
    """"seconds" of CPU time per gradient or per operation, or "bytes" at the peak."""
    samples: dict[str, list[float]] = field(default_factory=dict)
    """By library; entries with the same position were measured in the same round."""
    left_out: dict[str, str] = field(default_factory=dict)
    """Libraries that were not asked, and why."""
    failures: dict[str, str] = field(default_factory=dict)
    """Libraries that raised or whose result is wrong: errors of the run."""

    def median(self, library: str) -> float:
        """In the unit of the row."""
        return median(self.samples[library])

    def ratio(self, library: str, reference: str = REFERENCE) -> float | None:
        """The median over the rounds of the ratio within a round; None where either was not measured."""
        if library not in self.samples or reference not in self.samples:
            return None
        return median(a / b for a, b in zip(self.samples[library], self.samples[reference], strict=True))


def prepare(workload: Workload, libraries: Mapping[str, Prepare], unit: str) -> tuple[Row, dict[str, Step]]:
    """The calls that are ready to be measured: those whose result equals the hand-written one."""
    row = Row(workload.name, workload.about, unit)
    inputs = workload.make_inputs()
    expected = workload.hand(*inputs)
    steps = {}
    for library, prepare_step in libraries.items():
        if library in workload.skip:
            row.left_out[library] = workload.skip[library]
            continue
        try:
            step = prepare_step(workload, inputs)
            check(step(), expected)
        except Exception as error:  # noqa: BLE001  # whatever a library raises is a failure of its cell, not of the run
            traceback.print_exception(error, limit=-3)
            row.failures[library] = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            steps[library] = step
    return row, steps


def measure_time(workload: Workload, libraries: Mapping[str, Prepare], samples: int, seconds: float) -> Row:
    """CPU seconds per gradient."""
    row, steps = prepare(workload, libraries, "seconds")
    row.samples = in_turns(steps, samples, seconds)
    return row


def measure_memory(workload: Workload, libraries: Mapping[str, Prepare]) -> Row:
    """Peak bytes; once, because the count is exact. The check has already run what a first call sets up."""
    row, steps = prepare(workload, libraries, "bytes")
    row.samples = {library: [float(peak_bytes(step))] for library, step in steps.items()}
    return row
