"""Many small operations in a row: nothing but the overhead of tracing."""

import numpy

from workloads.workload import Loss, Workload


def sine_chain(length: int, skip: dict[str, str] | None = None) -> Workload:
    """``sin(sin(… sin(x)))``, ``length`` times; also the ruler of the scaling measurement."""

    def program(np) -> Loss:
        def loss(x):
            for _ in range(length):
                x = np.sin(x)
            return np.sum(x)

        return loss

    def by_hand(x):
        visited = []
        for _ in range(length):
            visited.append(x)
            x = numpy.sin(x)
        value = numpy.sum(x)
        gradient = numpy.ones(x.shape)
        while visited:
            gradient *= numpy.cos(visited.pop())
        return value, gradient

    return Workload(
        name="chain",
        about=f"{length} times sin, 10 numbers",
        inputs=lambda rng: (rng.standard_normal(10),),
        loss=program,
        hand=by_hand,
        skip=skip or {},
    )


CHAIN = sine_chain(50)


def fan(np) -> Loss:
    def loss(x):
        for _ in range(1000):
            x = (x + x) / 2
        return np.sum(x)

    return loss


def fan_by_hand(x):
    for _ in range(1000):
        x = (x + x) / 2
    value = numpy.sum(x)
    gradient = numpy.ones(x.shape)
    for _ in range(1000):
        gradient = gradient / 2
        gradient = gradient + gradient
    return value, gradient


FAN = Workload(
    name="fan",
    about="1000 times (x + x) / 2, 10 numbers",
    inputs=lambda rng: (rng.standard_normal(10),),
    loss=fan,
    hand=fan_by_hand,
    skip={"jax-eager": "most of a second per gradient"},
)
