"""
Bayesian optimisation
=====================

Each evaluation of a function is expensive: an experiment, a day of computing. So think before each one. A Gaussian
process says what the function may be at any place, given the evaluations so far; from that follows by how much a place
is expected to improve on the best one. The next evaluation is where this expectation is largest, which gradients find.
"""

import matplotlib.pyplot as plt
from scipy.optimize import minimize
from scipy.special import ndtr

import autodiff_numpy as np
from autodiff import grad, value_and_grad

# %%
# The function to be minimised, by F. H. Branin, and its three lowest points, all at the height 0.397887.


def branin(x):
    a, b = x[..., 0], x[..., 1]
    return (b - 5.1 / (4 * np.pi**2) * a**2 + 5 / np.pi * a - 6) ** 2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(a) + 10


low, high = np.array([-5.0, 0.0]), np.array([10.0, 15.0])
lowest = np.array([[-np.pi, 12.275], [np.pi, 2.275], [9.42478, 2.475]])
assert np.allclose(branin(lowest), 0.397887, atol=1e-6)
assert np.allclose(grad(lambda x: np.sum(branin(x)))(lowest), 0, atol=1e-3)

# %%
# The Gaussian process. Its parameters are the logarithms of a variance and of two length scales; they are chosen to
# make the values seen so far most probable. Places are scaled to the unit square, values to deviation 1.


def covariance(parameters, a, b):
    distances = (a[:, None] - b) / np.exp(parameters[1:])
    return np.exp(parameters[0] - 0.5 * np.sum(distances**2, axis=-1))


def factor(parameters, places):
    return np.linalg.cholesky(covariance(parameters, places, places) + 1e-6 * np.eye(len(places)))


def misfit(parameters, places, values):
    """Return minus the log of the probability density of the parameters and the values."""
    lower = factor(parameters, places)
    whitened = np.linalg.solve(lower, values)
    prior = 0.5 * np.sum((parameters - np.log([2.0, 0.3, 0.3])) ** 2)
    return 0.5 * whitened @ whitened + np.sum(np.log(np.diag(lower))) + prior


# %%
# The expected improvement has a closed form with the normal distribution function, SciPy's ``ndtr``, which can be
# differentiated when ``autodiff-scipy`` is installed.


def improvement(x, parameters, places, values, lower):
    """Return the expected improvement on the best of the values at each place of `x`."""
    across = np.linalg.solve(lower, covariance(parameters, places, x))
    mean = across.T @ np.linalg.solve(lower, values)
    deviation = np.sqrt(np.exp(parameters[0]) - np.sum(across**2, axis=0) + 1e-9)
    z = (np.min(values) - mean) / deviation
    return deviation * (z * ndtr(z) + np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))


# %%
# It is the mean of what a normal variable is below the best value. Checked by drawing many.
places, values = np.array([[0.1, 0.2], [0.6, 0.7], [0.3, 0.9]]), np.array([-1.0, 0.4, 0.6])
parameters, x = np.log([2.0, 0.3, 0.3]), np.array([[0.25, 0.3]])
lower = factor(parameters, places)
across = np.linalg.solve(lower, covariance(parameters, places, x))
mean, variance = (across.T @ np.linalg.solve(lower, values))[0], 2 - across[:, 0] @ across[:, 0]
draws = np.random.default_rng(0).normal(mean, np.sqrt(variance), size=100_000)
assert np.isclose(improvement(x, parameters, places, values, lower)[0], np.mean(np.maximum(-1 - draws, 0)), rtol=0.02)


def next_place(parameters, places, values, rng):
    """Return where the expected improvement is largest: look at many places, and climb from the best of them."""
    lower = factor(parameters, places)
    candidates = rng.uniform(size=(500, 2))
    chances = improvement(candidates, parameters, places, values, lower)

    def loss(x):
        return -np.log(improvement(x[None], parameters, places, values, lower)[0] + 1e-100)

    best = candidates[np.argsort(chances)[-3:]]
    climbs = [minimize(value_and_grad(loss), x, jac=True, bounds=[(0, 1), (0, 1)]) for x in best]
    return min(climbs, key=lambda found: found.fun).x


# %%
# Start with six places, and choose 24 more.


def optimise(function, first, steps, rng):
    places = rng.uniform(size=(first, 2))
    heights = function(places)
    parameters = np.log([2.0, 0.3, 0.3])
    for _ in range(steps):
        values = (heights - np.mean(heights)) / np.std(heights)
        parameters = minimize(value_and_grad(misfit), parameters, args=(places, values), jac=True, method="BFGS").x
        place = next_place(parameters, places, values, rng)
        places, heights = np.append(places, place[None], axis=0), np.append(heights, function(place))
    return places, heights


rng = np.random.default_rng(3)
places, heights = optimise(lambda place: branin(low + (high - low) * place), first=6, steps=24, rng=rng)
best = low + (high - low) * places[np.argmin(heights)]
visits = low + (high - low) * places
print(f"best of {len(heights)}: {np.min(heights):.5f} at {best}")
assert np.min(heights) < 0.397887 + 0.005
nearest = np.min(np.linalg.norm(visits[:, None] - lowest, axis=-1), axis=0)
print("distances of the three lowest points from the nearest evaluation:", np.round(nearest, 2))
assert np.all(nearest < 0.5)

# %%
# Places drawn at random do not come near in as many evaluations; here are 500 such searches.
others = branin(low + (high - low) * rng.uniform(size=(500, 30, 2)))
gap = np.minimum.accumulate(heights) - 0.397887
random_gap = np.minimum.accumulate(others, axis=1) - 0.397887
print(f"too high by {gap[-1]:.4f}; by {np.median(random_gap[:, -1]):.1f} in half of the random searches")
assert gap[-1] < 0.01 * np.median(random_gap[:, -1])

# %%
# Where it looked (numbers count the evaluations, stars are the lowest points), and how near it came.
a, b = np.meshgrid(np.linspace(-5, 10, 150), np.linspace(0, 15, 150))
figure, (above, below) = plt.subplots(2, 1, figsize=(7, 9), height_ratios=(2, 1), layout="constrained")
above.contourf(a, b, np.log(branin(np.stack([a, b], axis=-1))), levels=14, cmap="Greys", alpha=0.6)
above.plot(*lowest.T, "*", color="#F0E442", markeredgecolor="black", markersize=34)
for number, visit in enumerate(visits, start=1):
    color = "#0072B2" if number > 6 else "#D55E00"
    frame = {"boxstyle": "circle,pad=0.2", "facecolor": color, "edgecolor": "white"}
    above.text(*visit, str(number), color="white", fontsize=10, ha="center", va="center", bbox=frame, clip_on=True)
above.set(xlim=(-5.4, 10.4), ylim=(-0.4, 15.4), title="Branin's function: 6 random places, and 24 chosen ones")

count = np.arange(1, 31)
below.fill_between(count, *np.quantile(random_gap, [0.1, 0.9], axis=0), color="#D55E00", alpha=0.25)
below.plot(count, np.median(random_gap, axis=0), "--", color="#D55E00", linewidth=2.5, label="random search")
below.plot(count, gap, color="#0072B2", linewidth=2.5, label="Bayesian optimisation")
below.set(yscale="log", xlim=(1, 30), xlabel="evaluations", ylabel="best, above the lowest")
below.legend(loc="lower left", fontsize=11)
plt.show()
