"""
A Bayesian neural net
=====================

A neural net gives an answer everywhere, also where it has seen no data. If its weights are not numbers but probability
distributions, it knows what it does not know. The true distribution given the data is out of reach; so we take normal
distributions, and make them as like the true one as possible. That takes nothing but a function for the log of the
density, and its gradient: black-box variational inference (Ranganath et al. 2014, Kucukelbir et al. 2017).
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import value_and_grad, vmap
from autodiff_optim import adam

# %%
# The mean and the covariance of the weights are to be found. Draw weights as mean + factor · noise: then the average of
# the log density is a function of the mean and the factor, with a gradient. The entropy, which is added, keeps the
# distribution wide. `vmap` evaluates the density for all draws at once.


def spread(parameters):
    """Return the factor of the covariance: a triangular matrix with a positive diagonal."""
    return np.tril(parameters["below"], -1) + np.diag(np.exp(parameters["log_diagonal"]))


def infer(log_density, size, draws, steps, rng):
    """Return mean and factor, and the evidence bound (ELBO) at each step."""

    def minus_bound(parameters, noise):
        weights = parameters["mean"] + noise @ spread(parameters).T
        entropy = np.sum(parameters["log_diagonal"]) + 0.5 * size * np.log(2 * np.pi * np.e)
        return -np.mean(vmap(log_density)(weights)) - entropy

    bounds = []

    def gradient(parameters, step):
        half = rng.normal(size=(draws // 2, size))
        value, slopes = value_and_grad(minus_bound)(parameters, np.concatenate([half, -half]))
        bounds.append(-value)
        return slopes

    found = {
        "mean": rng.normal(size=size),
        "log_diagonal": np.full(size, -3.0),
        "below": np.zeros((size, size)),
    }
    for step_size in (0.03, 0.01, 0.003):
        found = adam(gradient, found, num_iters=steps // 3, step_size=step_size)
    return found["mean"], spread(found), np.array(bounds)


# %%
# Try it where the answer is known. For a linear model the true distribution is normal, with a known mean and covariance.
rng = np.random.default_rng(0)
noise = 0.15
features = np.stack([np.ones(30), np.linspace(-1, 2, 30)], axis=1)
answers = features @ np.array([0.5, -1.0]) + noise * rng.normal(size=30)


def log_density_linear(weights):
    return -0.5 * np.sum(weights**2) - 0.5 * np.sum((answers - features @ weights) ** 2) / noise**2


mean, factor, _ = infer(log_density_linear, size=2, draws=200, steps=900, rng=rng)
true_covariance = np.linalg.inv(np.eye(2) + features.T @ features / noise**2)
true_mean = true_covariance @ features.T @ answers / noise**2
print("linear model: mean", mean, "covariance", (factor @ factor.T).tolist())
print("      exactly     ", true_mean, "          ", true_covariance.tolist())
assert np.max(np.abs(mean - true_mean)) < 0.005
assert np.max(np.abs(factor @ factor.T - true_covariance)) < 0.0002

# %%
# Now a net with two hidden layers, and data with a gap. Between layers stands a bump, :math:`e^{-x^2}`.


def truth(x):
    return 0.5 * x + np.cos(1.6 * x)


x = np.concatenate([rng.uniform(-3, -0.5, 35), rng.uniform(1.5, 3, 25)])
y = truth(x) + noise * rng.normal(size=len(x))
hidden = 20


def net(weights, x):
    slopes, shifts, heights = np.reshape(weights, (3, hidden))
    return np.tanh(x[:, None] * slopes * 1.5 + 3 * shifts) @ heights * 3/np.sqrt(hidden)


def log_density(weights):
    return -0.5 * np.sum(weights**2)  - 0.5 * np.sum((y - net(weights, x)) ** 2) / noise**2


import time
t=time.process_time()
mean, factor, bounds = infer(log_density, size=3 * hidden, draws=10, steps=2400, rng=rng)
print(time.process_time()-t, bounds[::200])

places = np.linspace(-5, 5, 201)
weights = mean + rng.normal(size=(400, len(mean))) @ factor.T
functions = vmap(lambda weights: net(weights, places))(weights)
low, high = np.quantile(functions, [0.05, 0.95], axis=0)
figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
axes.fill_between(places, low, high, color="#56B4E9", alpha=0.4, label="90 % sure")
axes.plot(places, functions[:6].T, color="#0072B2", linewidth=1)
axes.plot(places, truth(places), "--", color="black")
axes.plot(x, y, "o", color="#D55E00", markersize=7, markeredgecolor="white")
plt.show()
