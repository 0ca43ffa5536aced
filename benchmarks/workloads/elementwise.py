"""An expression on a million numbers: memory traffic and transcendental functions, where overhead vanishes."""

import numpy

from workloads.workload import Loss, Workload


def elementwise(np) -> Loss:
    def loss(x):
        return np.sum(np.exp(-0.1 * x * x) * np.sin(x) + np.tanh(x) / (1 + x * x))

    return loss


def elementwise_by_hand(x):
    square = x * x
    bell, sine = numpy.exp(-0.1 * square), numpy.sin(x)
    tanh, denominator = numpy.tanh(x), 1 + square
    quotient = tanh / denominator
    value = numpy.sum(bell * sine + quotient)
    gradient = bell * (numpy.cos(x) - 0.2 * x * sine) + (1 - tanh * tanh - 2 * x * quotient) / denominator
    return value, gradient


ELEMENTWISE = Workload(
    name="elementwise",
    about="expression on 1,000,000 numbers",
    inputs=lambda rng: (rng.standard_normal(1_000_000),),
    loss=elementwise,
    hand=elementwise_by_hand,
)
