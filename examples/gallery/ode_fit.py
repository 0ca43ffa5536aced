"""
Fitting a differential equation
===============================

Hares eat grass, lynxes eat hares. Lotka and Volterra's equations say how both populations rise and fall, up to four
rates that nobody can measure. They follow from counts of the animals: solve the equations with a loop, compare with the
counts, and differentiate all of it.
"""

import matplotlib.pyplot as plt
from scipy.integrate import solve_ivp
from scipy.optimize import least_squares

import autodiff_numpy as np
from autodiff import grad, jacobian, vmap

# %%
# The equations, and the classical method of Runge and Kutta, as one writes them down.


def change(populations, rates):
    hares, lynxes = populations
    birth, eaten, death, fed = rates
    return np.stack([birth * hares - eaten * hares * lynxes, fed * hares * lynxes - death * lynxes])


def simulate(rates, populations, years):
    """Return the populations at the beginning of each quarter."""
    h = 1 / 4
    history = [populations]
    for _ in range(4 * years):
        k1 = change(populations, rates)
        k2 = change(populations + h / 2 * k1, rates)
        k3 = change(populations + h / 2 * k2, rates)
        k4 = change(populations + h * k3, rates)
        populations = populations + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        history.append(populations)
    return np.array(history)


true_rates, true_start = np.array([0.55, 0.028, 0.8, 0.024]), np.array([34.0, 6.0])
exact = solve_ivp(
    lambda t, y: change(y, true_rates), (0, 20), true_start, t_eval=np.arange(21), rtol=1e-10, atol=1e-10
).y.T
assert np.allclose(simulate(true_rates, true_start, 20)[::4], exact, rtol=2e-3)

# %%
# Counts are wrong by a factor, about 1.25 up or down: so logarithms are compared. The unknowns are logarithms, too, as
# all of them are positive: the four rates, and the two populations at the start. The sum of the squared errors is
# minimised by the method of Levenberg and Marquardt, which wants the Jacobian of all errors. With few unknowns, forward
# mode is the better one: it carries six derivatives along with the loop.


def errors(unknowns, counts):
    populations = simulate(np.exp(unknowns[:4]), np.exp(unknowns[4:]), len(counts) - 1)[::4]
    return np.ravel(np.log(counts / populations))


def fit(counts):
    """Return the unknowns, their covariance, and the deviation of the errors."""
    guess = np.log(np.array([0.5, 0.02, 0.5, 0.02, 30.0, 5.0]))
    found = least_squares(errors, guess, jac=jacobian(errors, mode="forward"), args=(counts,), method="lm")
    variance = 2 * found.cost / (len(found.fun) - len(guess))
    return found.x, variance * np.linalg.inv(found.jac.T @ found.jac), np.sqrt(variance)


# %%
# First with counts that are made up, where the right answer is known.
rng = np.random.default_rng(3)
truth = np.log(np.concatenate([true_rates, true_start]))
counts = exact * np.exp(0.25 * rng.normal(size=exact.shape))
unknowns, covariance, deviation = fit(counts)
sure = np.sqrt(np.diag(covariance))
names = ["birth", "eaten", "death", "fed", "hares", "lynxes"]
for name, unknown, factor, true in zip(names, np.exp(unknowns), np.exp(sure), np.exp(truth), strict=True):
    print(f"{name:6}: {unknown:6.3f}, times or divided by {factor:.3f}; truth {true:6.3f}")
assert np.all(np.abs(unknowns - truth) < 3 * sure)
assert np.all(sure < 0.2)
assert 0.18 < deviation < 0.32

# %%
# At the solution the gradient of the sum of squares is zero; here it is computed backwards through the loop.
slope = grad(lambda unknowns: np.sum(errors(unknowns, counts) ** 2))
assert np.max(np.abs(slope(unknowns))) < 1e-3 * np.max(np.abs(slope(truth)))

# %%
# Then with pelts that the Hudson's Bay Company bought from 1900 to 1920, in thousands (Hewitt 1921). B. Carpenter drew
# from the posterior of the same model with Stan (2018), with the means 0.55, 0.028, 0.80 and 0.024 for the rates.
hares = "30 47.2 70.2 77.4 36.3 20.6 18.1 21.4 22 25.4 27.1 40.3 57 76.6 52.3 19.5 11.2 7.6 14.6 16.2 24.7"
lynxes = "4 6.1 9.8 35.2 59.4 41.7 19 13 8.3 9.1 7.4 8 12.3 19.5 45.7 51.1 29.7 15.8 9.7 10.1 8.6"
pelts = np.stack([np.array(numbers.split(), float) for numbers in (hares, lynxes)], axis=1)
unknowns, covariance, deviation = fit(pelts)
print("rates of the hares and lynxes of Canada:", np.round(np.exp(unknowns[:4]), 3))
assert np.allclose(np.exp(unknowns[:4]), [0.55, 0.028, 0.80, 0.024], rtol=0.05)

# %%
# How sure are we of the curves? Draw unknowns from the normal distribution around the solution, and simulate them all
# in one batch.
draws = rng.multivariate_normal(unknowns, covariance, size=300)
years = 1900 + np.arange(81) / 4
curves = vmap(lambda unknowns: simulate(np.exp(unknowns[:4]), np.exp(unknowns[4:]), 20))(draws)
low, high = np.quantile(curves, [0.05, 0.95], axis=0)
best = simulate(np.exp(unknowns[:4]), np.exp(unknowns[4:]), 20)
assert np.all((low < best) & (best < high))

figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
for name, column, color, marker in (("hares", 0, "#0072B2", "o"), ("lynxes", 1, "#D55E00", "^")):
    axes.fill_between(years, low[:, column], high[:, column], color=color, alpha=0.25)
    axes.plot(years, best[:, column], color=color, linewidth=2.5)
    axes.plot(years[::4], pelts[:, column], marker, color=color, markersize=8, markeredgecolor="white", label=name)
axes.set(xlim=(1900, 1920), xticks=range(1900, 1921, 5), ylim=(0, None), ylabel="thousands of pelts")
axes.set_title("Hares and lynxes in Canada, and the fitted equations")
axes.legend(loc="upper right", fontsize=11)
plt.show()
