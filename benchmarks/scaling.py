"""Whether an operation costs the same in a short program and in a long one.

A tape is flat. A graph of linked objects gets slower with its length, by cache misses and by the garbage collector
walking through it, and one that is walked or freed recursively ends at some length altogether.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from libraries import Prepare
from measure import Row, prepare
from timing import Step, in_turns, sample
from workloads import Workload
from workloads.chains import sine_chain

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
LONGEST = 1_000_000

SKIP = dict.fromkeys(("jax", "jax-eager"), "minutes for the longest chains")
SKIP_LONGEST = SKIP | dict.fromkeys(("autograd", "torch"), "only asked of ours")


def chain_of(length: int, skip: dict[str, str]) -> Workload:
    """The ruler at one length."""
    return replace(sine_chain(length, skip), name=f"chain-{length}", about=f"{length:,}")


def measure_scaling(libraries: Mapping[str, Prepare], samples: int, seconds: float) -> list[Row]:
    """CPU seconds per operation, one row per length; the lengths take turns as well, so that drift hits them alike."""
    rows: dict[int, Row] = {}
    steps: dict[tuple[int, str], Step] = {}
    for length in LENGTHS:
        rows[length], ready = prepare(chain_of(length, SKIP), libraries, "seconds")
        steps |= {(length, library): step for library, step in ready.items()}
    for (length, library), times in in_turns(steps, samples, seconds).items():
        rows[length].samples[library] = [time / length for time in times]
    return [*rows.values(), measure_longest(libraries)]


def measure_longest(libraries: Mapping[str, Prepare]) -> Row:
    """A million operations once: the question is whether it ends well."""
    row, steps = prepare(chain_of(LONGEST, SKIP_LONGEST), libraries, "seconds")
    row.samples = {library: [sample(step, 1) / LONGEST] for library, step in steps.items()}
    return row


def flatness(rows: Sequence[Row], library: str) -> float | None:
    """The dearest operation by the cheapest over `LENGTHS`; the single run of `LONGEST` does not count."""
    costs = [row.median(library) for row in rows if library in row.samples and row.name != f"chain-{LONGEST}"]
    return max(costs) / min(costs) if len(costs) == len(LENGTHS) else None
