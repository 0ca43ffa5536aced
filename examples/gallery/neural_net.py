"""
A neural net
============

Three spirals, wound into each other. No straight line separates them; a net with two hidden layers does. Its parameters
are a list of dicts, the gradient is a list of dicts of the same form, and Adam takes both as they are.
"""

from itertools import pairwise

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import grad
from autodiff_optim import adam

rng = np.random.default_rng(0)

# %%
# The data: points along three arms, with some noise; a part of them is kept for the test.


def spirals(points):
    """Return points of the plane, and to which arm each belongs."""
    arm = rng.integers(3, size=points)
    radius = np.sqrt(rng.uniform(0.02, 1, size=points))
    angle = 2 * np.pi * arm / 3 + 9 * radius + rng.normal(0, 0.2, size=points)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1), arm


inputs, arms = spirals(600)
test_inputs, test_arms = spirals(600)

# %%
# The net and its loss: the mean of :math:`-\log p(\text{right arm})`, and a little for large weights.


def new_net(sizes):
    return [
        {"weights": rng.normal(0, 1 / np.sqrt(n), (n, m)), "biases": rng.normal(0, 0.5, m)} for n, m in pairwise(sizes)
    ]


def log_probabilities(net, x):
    for layer in net[:-1]:
        x = np.tanh(x @ layer["weights"] + layer["biases"])
    scores = x @ net[-1]["weights"] + net[-1]["biases"]
    return scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))


def loss(net):
    chosen = log_probabilities(net, inputs)[np.arange(len(arms)), arms]
    return -np.mean(chosen) + 1e-5 * sum(np.sum(layer["weights"] ** 2) for layer in net)


def accuracy(net, inputs, arms):
    return np.mean(np.argmax(log_probabilities(net, inputs), axis=1) == arms)


# %%
# Train. Parameters are never changed in place, so we may keep the nets on the way.
kept = {}


def keep(net, step, gradient):
    if step in {0, 60, 150}:
        kept[step] = net


net = adam(lambda net, step: grad(loss)(net), new_net([2, 32, 32, 3]), keep, num_iters=500, step_size=0.02)
kept[500] = net
for step, seen in kept.items():
    print(f"step {step:3}: loss {loss(seen):.4f}, {accuracy(seen, test_inputs, test_arms):.1%} of new points right")
assert loss(kept[0]) > 1
assert loss(net) < 0.1
assert accuracy(net, test_inputs, test_arms) > 0.97

# %%
# Any entry of the gradient, compared with finite differences.
gradient = grad(loss)(kept[0])
moved = [dict(layer) for layer in kept[0]]
moved[1]["weights"] = moved[1]["weights"] + 1e-6 * np.eye(32)
slope = (loss(moved) - loss(kept[0])) / 1e-6
assert np.isclose(slope, np.trace(gradient[1]["weights"]), rtol=1e-4, atol=1e-7)

# %%
# What the net thinks of every place of the plane, as it learns. The colours of places are mixed by their probabilities.
colors = np.array([[0.0, 0.45, 0.70], [0.84, 0.37, 0.0], [0.95, 0.90, 0.25]])
axis = np.linspace(-1.15, 1.15, 120)
plane = np.stack(np.meshgrid(axis, axis), axis=-1)
figure, rows = plt.subplots(2, 2, figsize=(7, 7.4), layout="constrained")
for axes, (step, seen) in zip(rows.flat, kept.items(), strict=True):
    probabilities = np.exp(log_probabilities(seen, plane.reshape(-1, 2))).reshape(120, 120, 3)
    image = 0.35 + 0.65 * probabilities @ colors
    axes.imshow(np.clip(image, 0, 1), extent=(-1.15, 1.15, -1.15, 1.15), origin="lower", interpolation="bilinear")
    axes.scatter(*test_inputs[:300].T, c=colors[test_arms[:300]], s=14, edgecolor="black", linewidth=0.4)
    axes.set_title(f"step {step}: {accuracy(seen, test_inputs, test_arms):.0%} right", fontsize=13)
    axes.set(xticks=[], yticks=[])
plt.show()
