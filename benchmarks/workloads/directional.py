"""Derivatives along a direction, and of higher order."""

from typing import Any

import numpy

from workloads.chains import CHAIN
from workloads.rnn import RNN, STEPS
from workloads.workload import Loss, Workload

LENGTH = 50


def chain_by_hand(x, direction):
    for _ in range(LENGTH):
        direction = numpy.cos(x) * direction
        x = numpy.sin(x)
    return numpy.sum(x), numpy.sum(direction)


CHAIN_JVP = Workload(
    name="chain-jvp",
    about="50 times sin, 10 numbers, along a direction",
    inputs=lambda rng: (rng.standard_normal(10), rng.standard_normal(10)),
    loss=CHAIN.loss,
    hand=chain_by_hand,
    derivative="jvp",
)


def rnn_by_hand(parameters, inputs, state, targets, direction):
    change = numpy.zeros(state.shape)
    for step in range(STEPS):
        before, moved = state, change
        state = numpy.tanh(inputs[step] @ parameters["input"] + before @ parameters["state"] + parameters["bias"])
        change = inputs[step] @ direction["input"] + before @ direction["state"] + direction["bias"]
        change = (change + moved @ parameters["state"]) * (1 - state * state)
    error = state @ parameters["output"] - targets
    moved = state @ direction["output"] + change @ parameters["output"]
    return numpy.sum(error * error), 2 * numpy.sum(error * moved)


def rnn_inputs(rng: numpy.random.Generator) -> tuple[Any, ...]:
    inputs = RNN.inputs(rng)
    return (*inputs, {name: rng.standard_normal(parameter.shape) for name, parameter in inputs[0].items()})


RNN_JVP = Workload(
    name="rnn-jvp",
    about="RNN, 50 steps, along a direction",
    inputs=rnn_inputs,
    loss=RNN.loss,
    hand=rnn_by_hand,
    derivative="jvp",
)


def tanh(np) -> Loss:
    return np.tanh


def fourth_by_hand(x):
    y = numpy.tanh(x)
    square = y * y
    return (1 - square) * y * (16 - 24 * square)


FOURTH = Workload(
    name="fourth",
    about="fourth derivative of tanh, 200 numbers",
    inputs=lambda rng: (rng.standard_normal(200),),
    loss=tanh,
    hand=fourth_by_hand,
    derivative="fourth",
)
