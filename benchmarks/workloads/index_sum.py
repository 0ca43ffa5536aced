"""A Python loop over array elements: what a gradient costs where the program is written with indices."""

import numpy

from workloads.workload import Loss, Workload

SIZE = 500


def index_sum(np) -> Loss:
    def loss(x):
        total = 0.0
        for i in range(SIZE - 1):
            total = total + x[i] * x[i + 1]
        return total

    return loss


def index_sum_by_hand(x):
    """A loop as well: the row asks what the loop costs, not what vectorising it would save."""
    total = 0.0
    gradient = numpy.zeros(SIZE)
    for i in range(SIZE - 1):
        left, right = x[i], x[i + 1]
        total = total + left * right
        gradient[i] += right
        gradient[i + 1] += left
    return total, gradient


INDEX_SUM = Workload(
    name="index-sum",
    about="sum of x[i] * x[i+1] in a loop, n = 500",
    inputs=lambda rng: (rng.standard_normal(SIZE),),
    loss=index_sum,
    hand=index_sum_by_hand,
    skip={"jax-eager": "most of a second per gradient"},
)
