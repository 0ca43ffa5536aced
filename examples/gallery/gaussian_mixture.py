"""
A mixture of Gaussians
======================

Flowers of three species, and nobody says which is which. If each species has its own normal distribution of petals, all
flowers together are a sum of three, and what the three are can be found by climbing the likelihood. Usually that is
done by expectation maximisation, a method of its own for each kind of mixture. With a gradient it is one call of an
optimizer.
"""

import matplotlib.pyplot as plt
from scipy.optimize import minimize
from scipy.stats import multivariate_normal
from sklearn.datasets import load_iris
from sklearn.mixture import GaussianMixture

import autodiff_numpy as np
from autodiff import grad, hessian, value_and_grad

# %%
# The irises that E. Anderson measured: length and width of the petals.
iris = load_iris()
flowers = iris.data[:, 2:]

# %%
# A component has a weight, a mean, and a matrix :math:`L` with the covariance :math:`L L^T`. Any numbers will do as
# parameters: weights are a softmax, and the diagonal of :math:`L` consists of exponentials.


def unpack(parameters):
    scores, means, factors = np.split(parameters, [3, 9])
    factors = factors.reshape(3, 3)
    lower = np.zeros((3, 2, 2))
    lower[:, 0, 0], lower[:, 1, 1] = np.exp(factors[:, 0]), np.exp(factors[:, 1])
    lower[:, 1, 0] = factors[:, 2]
    return np.exp(scores) / np.sum(np.exp(scores)), means.reshape(3, 2), lower


def log_joint(parameters, points):
    """Return the log of weight times density, for each point and component."""
    weights, means, lower = unpack(parameters)
    differences = points[:, None] - means
    whitened = np.linalg.solve(lower, differences[..., None])[..., 0]
    log_scale = np.log(lower[:, 0, 0] * lower[:, 1, 1]) + np.log(2 * np.pi)
    return np.log(weights) - log_scale - 0.5 * np.sum(whitened**2, axis=-1)


def logsumexp(x):
    top = np.max(x, axis=-1)
    return top + np.log(np.sum(np.exp(x - top[..., None]), axis=-1))


def loss(parameters):
    return -np.mean(logsumexp(log_joint(parameters, flowers)))


# %%
# Start with equal weights, three flowers as means, and round distributions. With the Hessian, a method of Newton's kind
# takes few steps; the trust region keeps it from bold ones.
start = np.concatenate([np.zeros(3), flowers[[10, 60, 110]].ravel(), np.tile([-1.0, -1.0, 0.0], 3)])
path = [start]
found = minimize(
    value_and_grad(loss), start, jac=True, hess=hessian(loss), method="trust-exact", callback=path.append, tol=1e-7
)
best = found.x
weights, means, lower = unpack(best)
covariances = lower @ np.swapaxes(lower, 1, 2)
print(f"mean log likelihood {-loss(start):.4f} at the start, {-found.fun:.4f} after {found.nit} steps")
expected = sum(w * multivariate_normal(m, c).pdf(flowers) for w, m, c in zip(weights, means, covariances, strict=True))
assert np.isclose(-found.fun, np.mean(np.log(expected)))

# %%
# scikit-learn does it by expectation maximisation. From the same start it comes to the same place.
_, first_means, first_lower = unpack(start)
theirs = GaussianMixture(
    3,
    weights_init=np.ones(3) / 3,
    means_init=first_means,
    precisions_init=np.linalg.inv(first_lower) ** 2,  # of diagonal matrices
    reg_covar=0,
    tol=1e-12,
    max_iter=1000,
).fit(flowers)
print(f"by expectation maximisation: {theirs.score(flowers):.4f} after {theirs.n_iter_} steps")
assert np.isclose(-found.fun, theirs.score(flowers), rtol=1e-7)
assert np.allclose(weights, theirs.weights_, atol=1e-4)
assert np.allclose(means, theirs.means_, atol=1e-4)
assert np.allclose(covariances, theirs.covariances_, atol=1e-4)

# %%
# How probable is it that a flower belongs to a component? That is the gradient of `logsumexp`: how much the likelihood
# of the flower grows with that of the component.
belongs = grad(lambda joint: np.sum(logsumexp(joint)))(log_joint(best, flowers))
assert np.allclose(belongs, theirs.predict_proba(flowers), atol=1e-4)
correct = np.mean(np.argmax(belongs, axis=1) == iris.target)
print(f"{correct:.0%} of the flowers are with their species")
assert correct > 0.95

# %%
# Ellipses hold half, and nine tenths, of each component. The shape of a point is the species that the botanist saw.
colors = np.array([[0.0, 0.45, 0.70], [0.84, 0.37, 0.0], [0.0, 0.62, 0.45]])
figure, axes = plt.subplots(figsize=(7, 5.5), layout="constrained")
angle = np.linspace(0, 2 * np.pi, 100)
circle = np.stack([np.cos(angle), np.sin(angle)])
for mean, factor, color in zip(means, lower, colors, strict=True):
    for part in (0.5, 0.9):
        ellipse = mean[:, None] + np.sqrt(-2 * np.log(1 - part)) * factor @ circle
        axes.fill(*ellipse, color=color, alpha=0.15)
        axes.plot(*ellipse, color=color, linewidth=2)
moves = np.array([unpack(parameters)[1] for parameters in path])
for k, (species, marker) in enumerate(zip(iris.target_names, "os^", strict=True)):
    chosen = iris.target == k
    axes.plot([], [], marker, color="0.4", markersize=8, label=species)
    axes.scatter(*flowers[chosen].T, c=belongs[chosen] @ colors, marker=marker, s=45, edgecolor="white", linewidth=0.6)
    axes.plot(*moves[:, k].T, color="black", linewidth=1.5)
    axes.plot(*means[k], "X", color="black", markeredgecolor="white", markersize=13)
axes.set(xlabel="length of the petals in cm", ylabel="width in cm")
axes.set_title(f"Three components found without labels; {correct:.0%} agree")
axes.legend(loc="upper left", fontsize=11)
plt.show()
