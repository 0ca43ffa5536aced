"""
A Gaussian process
==================

Regression without a formula: the function may be any, as long as values at near places are alike. How near, how large,
and how noisy the data are, are three numbers, and the data tell what they are: they are chosen to make the data as
probable as possible. That takes the gradient of a probability density, through a Cholesky factorisation.
"""

import matplotlib.pyplot as plt
from scipy.optimize import minimize
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

import autodiff_numpy as np
from autodiff import grad, hessian, value_and_grad

# %%
# Some noisy measurements of a function, with a gap.


def truth(x):
    return np.sin(1.5 * x) + 0.3 * x


rng = np.random.default_rng(7)
inputs = np.concatenate([rng.uniform(-5, 0.2, 20), rng.uniform(2.3, 4.5, 10)])
outputs = truth(inputs) + rng.normal(0, 0.25, 30)

# %%
# The covariance of two values falls with the distance of their places. Parameters are logarithms: the variance of the
# function, its length scale, the variance of the noise.


def covariance(parameters, a, b):
    return np.exp(parameters[0] - 0.5 * (a[:, None] - b) ** 2 / np.exp(parameters[1]) ** 2)


def factor(parameters):
    noise = np.exp(parameters[2]) * np.eye(len(inputs))
    return np.linalg.cholesky(covariance(parameters, inputs, inputs) + noise)


def loss(parameters):
    """Return minus the log of the probability density of the outputs."""
    lower = factor(parameters)
    whitened = np.linalg.solve(lower, outputs)
    return 0.5 * whitened @ whitened + np.sum(np.log(np.diag(lower))) + 0.5 * len(inputs) * np.log(2 * np.pi)


# %%
# Start with a guess, and go where the gradient leads.
path = [np.zeros(3)]
found = minimize(value_and_grad(loss), path[0], jac=True, method="BFGS", tol=1e-8, callback=path.append)
best = found.x
print(f"log likelihood {-loss(path[0]):.3f} at the start, {-found.fun:.3f} after {found.nit} steps")
assert np.max(np.abs(grad(loss)(best))) < 1e-5

# %%
# The Hessian says how sure we may be of the three numbers: there, second derivatives of the Cholesky factorisation are
# taken. The true noise has the standard deviation 0.25.
errors = np.sqrt(np.diag(np.linalg.inv(hessian(loss)(best))))
for name, value, error in zip(("variance", "length scale", "noise variance"), best, errors, strict=True):
    print(f"{name}: {np.exp(value):.3f}, times or divided by {np.exp(error):.2f}")
assert abs(best[2] - 2 * np.log(0.25)) < 2 * errors[2]

# %%
# Predictions: mean and standard deviation of the function, given the data.


def predict(parameters, x):
    lower = factor(parameters)
    across = np.linalg.solve(lower, covariance(parameters, inputs, x))
    mean = across.T @ np.linalg.solve(lower, outputs)
    return mean, np.sqrt(np.exp(parameters[0]) - np.sum(across**2, axis=0))


x = np.linspace(-6, 6, 241)
mean, deviation = predict(best, x)
inside = (x > -5) & (x < 4.5)
assert np.all(np.abs(truth(x) - mean)[inside] < 3 * deviation[inside])

# %%
# scikit-learn has the same process, with derivatives written by hand. The likelihood, its gradient at every step, and
# the predictions agree.
kernel = ConstantKernel() * RBF() + WhiteKernel()
theirs = GaussianProcessRegressor(kernel, optimizer=None).fit(inputs[:, None], outputs)
for parameters in path:
    value, gradient = theirs.log_marginal_likelihood(parameters, eval_gradient=True)
    assert np.isclose(-loss(parameters), value, rtol=1e-9)
    assert np.allclose(-grad(loss)(parameters), gradient, rtol=1e-6, atol=1e-7)

theirs.kernel_ = kernel.clone_with_theta(best)
fitted = GaussianProcessRegressor(theirs.kernel_, optimizer=None).fit(inputs[:, None], outputs)
their_mean, their_deviation = fitted.predict(x[:, None], return_std=True)
assert np.allclose(mean, their_mean, rtol=1e-6, atol=1e-8)
assert np.allclose(deviation**2 + np.exp(best[2]), their_deviation**2, rtol=1e-6)  # theirs is of a new measurement

# %%
# Above, the prediction: the band is where the function should be. It widens in the gap, and where the data end. Below,
# how probable the data are under each length scale and noise, and the way of the optimiser.
lengths, noises = np.linspace(-1.2, 1.4, 40), np.linspace(-5, 0.7, 40)
heights = np.array([[-loss(np.array([best[0], length, noise])) for length in lengths] for noise in noises])
figure, (above, below) = plt.subplots(2, 1, figsize=(7, 8.5), height_ratios=(1.2, 1), layout="constrained")
above.fill_between(x, mean - 2 * deviation, mean + 2 * deviation, color="#56B4E9", alpha=0.4, label="95 % sure")
above.plot(x, mean, color="#0072B2", linewidth=2.5, label="prediction")
above.plot(x, truth(x), color="black", linewidth=1.5, linestyle="--", label="truth")
above.plot(inputs, outputs, "o", color="#D55E00", markersize=8, markeredgecolor="white", label="measured")
above.set(xlim=(-6, 6), ylim=(-3.8, 5.2), title="30 noisy measurements, and what follows from them")
above.legend(loc="upper left", fontsize=11, ncols=2)

levels = -found.fun - np.array([40, 30, 23, 17, 12, 8, 5, 3, 1.5, 0.5, 0])
filled = below.contourf(np.exp(lengths), np.exp(noises / 2), heights, levels=levels, cmap="cividis", extend="min")
below.plot(*np.exp(np.array(path)[:, 1:] * [1, 0.5]).T, "o-", color="white", markeredgecolor="black", markersize=7)
below.plot(*np.exp(best[1:] * [1, 0.5]), "*", color="#D55E00", markeredgecolor="white", markersize=22)
below.set(xscale="log", yscale="log", xlabel="length scale", ylabel="standard deviation of the noise")
below.set_xticks([0.5, 1, 2], ["0.5", "1", "2"])
below.set_xticks([], minor=True)
below.set_yticks([0.1, 0.2, 0.5, 1], ["0.1", "0.2", "0.5", "1"])
below.set_yticks([], minor=True)
below.set_title("log of the probability density of the data")
figure.colorbar(filled, format="%.0f")
plt.show()
