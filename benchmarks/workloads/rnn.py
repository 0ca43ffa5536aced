"""A recurrent network, 50 steps of 64 units on a batch of 32: weights shared by many operations."""

import numpy

from workloads.workload import Loss, Workload

STEPS, BATCH, FEATURES, UNITS, OUTPUTS = 50, 32, 64, 64, 8


def rnn(np) -> Loss:
    def loss(parameters, inputs, state, targets):
        for step in range(STEPS):
            state = np.tanh(inputs[step] @ parameters["input"] + state @ parameters["state"] + parameters["bias"])
        error = state @ parameters["output"] - targets
        return np.sum(error * error)

    return loss


def rnn_by_hand(parameters, inputs, state, targets):
    states = [state]
    for step in range(STEPS):
        state = numpy.tanh(inputs[step] @ parameters["input"] + state @ parameters["state"] + parameters["bias"])
        states.append(state)
    error = state @ parameters["output"] - targets
    value = numpy.sum(error * error)

    gradients = {name: numpy.zeros(parameter.shape) for name, parameter in parameters.items()}
    error = 2 * error
    gradients["output"] += state.T @ error
    delta = error @ parameters["output"].T
    for step in reversed(range(STEPS)):
        state = states[step + 1]
        delta = delta * (1 - state * state)
        gradients["input"] += inputs[step].T @ delta
        gradients["state"] += states[step].T @ delta
        gradients["bias"] += delta.sum(axis=0)
        delta = delta @ parameters["state"].T
    return value, gradients


def inputs(rng: numpy.random.Generator):
    parameters = {
        "input": rng.standard_normal((FEATURES, UNITS)) / FEATURES**0.5,
        "state": rng.standard_normal((UNITS, UNITS)) / UNITS**0.5,
        "bias": 0.1 * rng.standard_normal(UNITS),
        "output": rng.standard_normal((UNITS, OUTPUTS)) / UNITS**0.5,
    }
    return (
        parameters,
        rng.standard_normal((STEPS, BATCH, FEATURES)),
        numpy.zeros((BATCH, UNITS)),
        rng.standard_normal((BATCH, OUTPUTS)),
    )


RNN = Workload(
    name="rnn",
    about="RNN, 50 steps, 64 units, batch 32",
    inputs=inputs,
    loss=rnn,
    hand=rnn_by_hand,
)
