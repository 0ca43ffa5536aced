"""A multilayer perceptron for digits, 784-200-100-10 on a batch of 256: matrix products, and little else."""

from itertools import pairwise

import numpy

from workloads.workload import Loss, Workload

SIZES = (784, 200, 100, 10)
BATCH = 256


def mlp(np) -> Loss:
    def loss(layers, images, one_hot):
        *hidden, (last_weights, last_bias) = layers
        activations = images
        for weights, bias in hidden:
            activations = np.tanh(activations @ weights + bias)
        logits = activations @ last_weights + last_bias
        logits = logits - np.max(logits, axis=1, keepdims=True)
        log_probabilities = logits - np.log(np.sum(np.exp(logits), axis=1, keepdims=True))
        return -np.sum(log_probabilities * one_hot) / len(images)

    return loss


def mlp_torch(torch) -> Loss:
    def loss(layers, images, one_hot):
        *hidden, (last_weights, last_bias) = layers
        activations = images
        for weights, bias in hidden:
            activations = torch.tanh(activations @ weights + bias)
        logits = activations @ last_weights + last_bias
        return torch.nn.functional.cross_entropy(logits, one_hot)

    return loss


def mlp_by_hand(layers, images, one_hot):
    *hidden, (last_weights, last_bias) = layers
    activations = [images]
    for weights, bias in hidden:
        activations.append(numpy.tanh(activations[-1] @ weights + bias))
    logits = activations[-1] @ last_weights + last_bias
    logits = logits - numpy.max(logits, axis=1, keepdims=True)
    exponentials = numpy.exp(logits)
    totals = numpy.sum(exponentials, axis=1, keepdims=True)
    value = -numpy.sum((logits - numpy.log(totals)) * one_hot) / len(images)

    delta = (exponentials / totals - one_hot) / len(images)
    gradients = []
    for (weights, _), activation in zip(reversed(layers), reversed(activations), strict=True):
        gradients.append((activation.T @ delta, delta.sum(axis=0)))
        if activation is not images:
            delta = (delta @ weights.T) * (1 - activation * activation)
    return value, gradients[::-1]


def inputs(rng: numpy.random.Generator):
    layers = [
        (rng.standard_normal((fan_in, fan_out)) / fan_in**0.5, 0.1 * rng.standard_normal(fan_out))
        for fan_in, fan_out in pairwise(SIZES)
    ]
    one_hot = numpy.eye(SIZES[-1])[rng.integers(0, SIZES[-1], BATCH)]
    return layers, rng.random((BATCH, SIZES[0])), one_hot


MLP = Workload(
    name="mlp",
    about="MLP 784-200-100-10, batch 256",
    inputs=inputs,
    loss=mlp,
    hand=mlp_by_hand,
    torch=mlp_torch,
)
