"""Peak memory: a program that needs to keep nothing for its gradient, and one that needs everything."""

import numpy

from workloads.workload import Loss, Workload

NOT_COUNTED = "its allocator is not seen by tracemalloc"
SKIP = dict.fromkeys(("torch", "jax", "jax-eager"), NOT_COUNTED)


def additions(np) -> Loss:
    def loss(x):
        for _ in range(100):
            x = x + 1
        return np.sum(x)

    return loss


def additions_by_hand(x):
    for _ in range(100):
        x = x + 1
    return numpy.sum(x), numpy.ones(x.shape)


ADD_MEMORY = Workload(
    name="add-memory",
    about="100 times x + 1, 1000x1000",
    inputs=lambda rng: (rng.standard_normal((1000, 1000)),),
    loss=additions,
    hand=additions_by_hand,
    skip=SKIP,
)


def tanh_chain(np) -> Loss:
    def loss(x):
        for _ in range(200):
            x = np.tanh(x)
        return np.sum(x)

    return loss


def tanh_chain_by_hand(x):
    outputs = []
    for _ in range(200):
        x = numpy.tanh(x)
        outputs.append(x)
    value = numpy.sum(x)
    gradient = numpy.ones(x.shape)
    while outputs:
        output = outputs.pop()
        gradient *= 1 - output * output
    return value, gradient


TANH_MEMORY = Workload(
    name="tanh-memory",
    about="200 times tanh, 200x1000",
    inputs=lambda rng: (rng.standard_normal((200, 1000)),),
    loss=tanh_chain,
    hand=tanh_chain_by_hand,
    skip=SKIP,
)
