"""
A Bayesian neural net
=====================

A neural net gives an answer everywhere, also where it has seen no data. If its weights are not numbers but probability
distributions, it can say that it does not know. The true distribution, given the data, is out of reach. So we take
normal distributions, and make them as like the true one as possible. That takes nothing but a function for the log of
the density, and its gradient: black-box variational inference (Ranganath et al. 2014).
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import value_and_grad, vmap
from autodiff_optim import adam

# %%
# Each weight gets a mean and a deviation, which are to be found. Draw weights as mean + deviation · noise: then the
# average of the log density is a function of means and deviations, with a gradient. The entropy, which is added, keeps
# the distributions wide. `vmap` evaluates the density for all draws at once.


def infer(log_density, mean, rng, draws=10):
    """Return means and deviations, and the evidence bound (ELBO) of each step."""

    def minus_bound(parameters, noise):
        mean, log_deviation = parameters
        entropy = np.sum(log_deviation) + 0.5 * len(mean) * np.log(2 * np.pi * np.e)
        return -np.mean(vmap(log_density)(mean + np.exp(log_deviation) * noise)) - entropy

    def gradient(parameters, step):
        noise = rng.normal(size=(draws // 2, len(mean)))
        value, slopes = value_and_grad(minus_bound)(parameters, np.concatenate([noise, -noise]))
        bounds.append(-value)
        return slopes

    bounds = []
    parameters = adam(gradient, (mean, np.full(len(mean), -4.0)), num_iters=700, step_size=0.03)
    mean, log_deviation = adam(gradient, parameters, num_iters=500, step_size=0.01)
    return mean, np.exp(log_deviation), np.array(bounds)


# %%
# Try it where the answer is known. For a linear model the true distribution is normal. The best approximation with
# independent weights has its mean; its variances are the inverses of the diagonal of the precision matrix.
rng = np.random.default_rng(0)
noise = 0.15
features = np.stack([np.ones(30), np.linspace(-1, 2, 30)], axis=1)
answers = features @ np.array([0.5, -1.0]) + noise * rng.normal(size=30)


def log_density_linear(weights):
    return -0.5 * np.sum(weights**2) - 0.5 * np.sum((answers - features @ weights) ** 2) / noise**2


mean, deviation, _ = infer(log_density_linear, np.zeros(2), rng)
precision = np.eye(2) + features.T @ features / noise**2
exact_mean = np.linalg.solve(precision, features.T @ answers / noise**2)
exact_deviation = 1 / np.sqrt(np.diag(precision))
print("linear model: means", np.round(mean, 4), "deviations", np.round(deviation, 4))
print("     exactly:      ", np.round(exact_mean, 4), "          ", np.round(exact_deviation, 4))
assert np.max(np.abs(mean - exact_mean)) < 0.002
assert np.allclose(deviation, exact_deviation, rtol=0.15)

# %%
# Now a net with forty hidden units, of the form of a bump, and data with a gap.


def truth(x):
    return np.cos(2 * x) + 0.3 * x


def data(points):
    x = np.concatenate([rng.uniform(-3, -0.7, points), rng.uniform(1.2, 3, points)])
    return x, truth(x) + noise * rng.normal(size=len(x))


def net(weights, x):
    slopes, shifts, heights = np.reshape(weights, (3, -1))
    return np.exp(-((1.5 * x[:, None] * slopes + 2 * shifts) ** 2)) @ heights / 2


def log_density(weights):
    scale = 2 * np.pi * noise**2
    errors = (y - net(weights, x)) / noise
    return -0.5 * np.sum(weights**2 + np.log(2 * np.pi)) - 0.5 * np.sum(errors**2) - 0.5 * len(y) * np.log(scale)


x, y = data(30)
mean, deviation, bounds = infer(log_density, rng.normal(size=120), rng)
print(f"bound on the log evidence: {bounds[0]:.0f} at the start, {np.mean(bounds[-100:]):.0f} at the end")
assert np.mean(bounds[-100:]) > bounds[0] + 500

# %%
# Predictions are made by many nets, drawn from the distribution. New measurements should be in the band, with their
# noise, about 95 times of 100. In the gap, the nets disagree.
weights = mean + deviation * rng.normal(size=(500, 120))


def predict(places):
    return vmap(lambda weights: net(weights, places))(weights)


new_x, new_y = data(500)
new_low, new_high = np.quantile(predict(new_x) + noise * rng.normal(size=(500, 1000)), [0.025, 0.975], axis=0)
inside = np.mean((new_low < new_y) & (new_y < new_high))
print(f"{inside:.0%} of new measurements are in the band")
assert 0.88 < inside < 0.99

places = np.linspace(-3.5, 3.5, 141)
functions = predict(places)
low, high = np.quantile(functions, [0.025, 0.975], axis=0)
gap = (places > -0.2) & (places < 0.7)
known = ((places > -2.8) & (places < -0.9)) | ((places > 1.4) & (places < 2.8))
widths = np.mean((high - low)[gap]), np.mean((high - low)[known])
print(f"width of the band: {widths[0]:.2f} in the gap, {widths[1]:.2f} where there are data")
assert widths[0] > 3 * widths[1]
assert np.all((low < truth(places)) & (truth(places) < high), where=gap)

# %%
# Five of the nets, and where 95 of 100 are.
figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
axes.fill_between(places, low, high, color="#56B4E9", alpha=0.35, label="95 % of the nets")
axes.plot(places, functions[:5].T, color="#0072B2", linewidth=1.2)
axes.plot([], [], color="#0072B2", linewidth=1.2, label="five of them")
axes.plot(places, truth(places), "--", color="black", linewidth=1.5, label="truth")
axes.plot(x, y, "o", color="#D55E00", markersize=7, markeredgecolor="white", label="measured")
axes.set(xlim=(-3.5, 3.5), ylim=(-2.2, 3.6), title="Nets that agree where there are data")
axes.legend(loc="upper left", fontsize=11, ncols=2)
plt.show()
