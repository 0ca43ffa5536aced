"""A step of Adam on 50 arrays: what an optimizer costs beside the loop that one would write."""

from functools import partial

import numpy

from workloads.workload import Loss, Workload

B1, B2, RATE, EPS = 0.9, 0.999, 0.001, 1e-8
STEPS = 10  # made before


def adam(np) -> Loss:
    from autodiff_optim import optimizers

    optimizer = optimizers.adam(RATE, B1, B2, EPS)
    moments, rest = optimizer.init([])

    def step(params, gradients, mean, square):
        state = moments._replace(count=numpy.asarray(STEPS), mean=mean, square=square), rest
        updates, (new, _) = optimizer.update(gradients, state, params)
        return optimizers.apply_updates(params, updates), (new.mean, new.square)

    return step


def adam_by_hand(params, gradients, means, squares):
    correction, correction2 = 1 - B1 ** (STEPS + 1), 1 - B2 ** (STEPS + 1)
    params, means, squares = list(params), list(means), list(squares)
    for i, gradient in enumerate(gradients):
        means[i] = B1 * means[i] + (1 - B1) * gradient
        squares[i] = B2 * squares[i] + (1 - B2) * gradient**2
        params[i] = params[i] - RATE * (means[i] / correction) / (numpy.sqrt(squares[i] / correction2) + EPS)
    return params, (means, squares)


def arrays(width: int, rng: numpy.random.Generator):
    shapes = [(width, width), (width,)] * 25
    normal = [[rng.standard_normal(shape) for shape in shapes] for _ in range(3)]
    return (*normal, [rng.uniform(0.1, 1.0, shape) for shape in shapes])


SKIP = dict.fromkeys(["autograd", "torch", "jax", "jax-eager"], "has no such function of arrays, or in another package")
ADAM_STEPS = tuple(
    Workload(
        name=f"adam-{width}",
        about=f"a step of Adam, 25 layers {width}x{width}",
        inputs=partial(arrays, width),
        loss=adam,
        hand=adam_by_hand,
        derivative="value",
        skip=SKIP,
    )
    for width in (8, 64, 256)
)
