"""Logistic regression on 100 examples of 5 features: a dozen small operations, where fixed costs show."""

import numpy

from workloads.workload import Loss, Workload


def logistic(np) -> Loss:
    def loss(weights, inputs, targets):
        predictions = 0.5 * (np.tanh(inputs @ weights / 2) + 1)
        likelihoods = predictions * targets + (1 - predictions) * (1 - targets)
        return -np.sum(np.log(likelihoods))

    return loss


def logistic_by_hand(weights, inputs, targets):
    predictions = 0.5 * (numpy.tanh(inputs @ weights / 2) + 1)
    likelihoods = predictions * targets + (1 - predictions) * (1 - targets)
    value = -numpy.sum(numpy.log(likelihoods))
    return value, inputs.T @ (predictions - targets)


LOGISTIC = Workload(
    name="logistic",
    about="logistic regression, 100x5",
    inputs=lambda rng: (
        rng.standard_normal(5),
        rng.standard_normal((100, 5)),
        rng.integers(0, 2, 100).astype(float),
    ),
    loss=logistic,
    hand=logistic_by_hand,
)
