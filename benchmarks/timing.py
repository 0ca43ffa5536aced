"""CPU time of several competitors, in turns.

*CPU time*, because under load wall time charges preemption to whoever happens to run. *In turns*, because clock speed
and caches drift: every round times every competitor once, and ratios are taken within a round. The order is shuffled
from round to round, so that nobody always runs in the cache that the same neighbour left behind.

Rounds are many and samples short: the halves of a pair that lie close together see the same machine. With the same
function entered twice, 61 rounds of 5 ms put its ratio to itself within about 1 % of 1; 21 rounds of 20 ms, which take
longer, only within 2 to 7 %.

The garbage collector stays on, as it is for users. Everything that exists before the first sample is frozen out of
its sight, because walking through the modules of other libraries is not a cost of the one being timed.
"""

import gc
import random
from collections.abc import Callable, Hashable, Mapping
from itertools import repeat
from math import ceil
from time import process_time
from typing import Any, TypeVar

import numpy

Step = Callable[[], Any]
Name = TypeVar("Name", bound=Hashable)


def sample(step: Step, calls: int) -> float:
    """CPU seconds for ``calls`` calls."""
    start = process_time()
    for _ in repeat(None, calls):
        step()
    return process_time() - start


def calls_to_fill(step: Step, seconds: float) -> int:
    """How many calls take about ``seconds``: doubled until the estimate rests on a quarter of that time."""
    calls = 1
    while (elapsed := sample(step, calls)) < seconds / 4:
        calls *= 2
    return max(1, ceil(calls * seconds / elapsed))


def settle_allocator() -> None:
    """Bring glibc's allocator to the state that a program with large arrays soon reaches by itself.

    Freeing a mapped block raises the size from which blocks are mapped, up to 32 MiB. Until then every array of a
    megabyte is mapped and faulted in anew, and timings depend on what ran before: autograd's MLP by a third.
    Other allocators take no notice.
    """
    numpy.ones(31 * 2**20 // 8)


def in_turns(steps: Mapping[Name, Step], samples: int, seconds: float) -> dict[Name, list[float]]:
    """Time each step ``samples`` times for about ``seconds`` each: CPU seconds per call, one entry per round."""
    settle_allocator()
    calls = {name: calls_to_fill(step, seconds) for name, step in steps.items()}
    times: dict[Name, list[float]] = {name: [] for name in steps}
    order, shuffle = list(steps), random.Random(0).shuffle
    gc.collect()
    gc.freeze()
    try:
        for _ in range(samples):
            shuffle(order)
            for name in order:
                times[name].append(sample(steps[name], calls[name]) / calls[name])
    finally:
        gc.unfreeze()
    return times
