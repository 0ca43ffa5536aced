"""
A fixed point: the orbit of a planet
====================================

A planet that nobody can see makes its star move, to us and away from us. The velocity follows from the orbit by
Kepler's equation, :math:`E - e \\sin E = M`, which no formula solves: :math:`E` is found by iteration. The derivative
of the solution does not need the iteration. It follows from the equation alone, and with it the orbit can be fitted to
velocities of the star.
"""

import matplotlib.pyplot as plt
from scipy.optimize import least_squares

import autodiff_numpy as np
from autodiff import custom_root, elementwise_grad, fixed_point, grad, jacobian

# %%
# First the simple way: put a guess of :math:`E` into :math:`M + e \sin E`, and what comes out again, until nothing
# changes. That is a fixed point, and its derivative by the eccentricity is known.


def inserted(E, e, M):
    return M + e * np.sin(E)


def anomaly(e):
    return fixed_point(inserted, 1.0, e, 1.0)


E = anomaly(0.6)
assert np.isclose(E - 0.6 * np.sin(E), 1.0)
assert np.isclose(grad(anomaly)(0.6), np.sin(E) / (1 - 0.6 * np.cos(E)), rtol=1e-10)

# %%
# One may as well differentiate the loop. The result is the same, but every step of it must be remembered.


def loop(e):
    E = 1.0
    for _ in range(100):
        E = inserted(E, e, 1.0)
    return E


assert np.isclose(grad(loop)(0.6), grad(anomaly)(0.6), rtol=1e-10)

# %%
# Any solver will do. This one is Newton's method for many :math:`M` at once. As each equation has its own unknown, the
# Jacobian is diagonal, and we say how to solve a linear system with it.


def newton(f, E):
    for _ in range(50):
        step = f(E) / elementwise_grad(f)(E)
        E = E - step
        if np.max(np.abs(step)) < 1e-13:
            return E
    raise RuntimeError("Newton's method has not converged.")


def kepler(E, e, M):
    return E - e * np.sin(E) - M


def diagonal(operator, b):
    return b / operator(np.ones(len(b)))


solved = custom_root(kepler, newton, linear_solve=diagonal)
M = np.linspace(-3, 3, 50)
E = solved(M, 0.6, M)
by_e, by_m = jacobian(solved, (1, 2))(M, 0.6, M)
assert np.allclose(by_e, np.sin(E) / (1 - 0.6 * np.cos(E)))
assert np.allclose(by_m, np.diag(1 / (1 - 0.6 * np.cos(E))))

# %%
# The velocity of the star: the unknowns are the logarithm of its amplitude, the logarithm of the period, the form
# :math:`(h, k) = (e \cos\omega, e \sin\omega)`, the time when the planet is next to the star, and the velocity of the
# whole system.


def velocity(unknowns, times):
    amplitude, period, h, k, nearest, drift = unknowns
    e = np.sqrt(h**2 + k**2)
    M = 2 * np.pi * (times - nearest) / np.exp(period)
    M = M - 2 * np.pi * np.round(M / (2 * np.pi))
    E = solved(M + 0.85 * e * np.sign(M), e, M)
    x, y = (np.cos(E) - e) / (1 - e * np.cos(E)), np.sqrt(1 - e**2) * np.sin(E) / (1 - e * np.cos(E))
    return drift + np.exp(amplitude) * ((x * h - y * k) / e + h)


truth = np.array([np.log(60.0), np.log(21.3), 0.6 * np.cos(0.9), 0.6 * np.sin(0.9), 8.0, 12.0])
rng = np.random.default_rng(4)
times = np.sort(rng.uniform(0, 160, 50))
seen = velocity(truth, times) + rng.normal(0, 5, 50)

# %%
# Fit them. The deviation of the errors is 5 m/s.
names = ["log amplitude", "log period", "h", "k", "nearest", "drift"]


def errors(unknowns):
    return (velocity(unknowns, times) - seen) / 5


guess = np.array([np.log(40.0), np.log(21.0), 0.2, 0.2, 9.0, 0.0])
found = least_squares(errors, guess, jac=jacobian(errors, mode="forward"), method="lm")
sure = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))
for name, value, error, true in zip(names, found.x, sure, truth, strict=True):
    print(f"{name:13}: {value:8.4f} +- {error:.4f}, truth {true:8.4f}")
assert np.all(np.abs(found.x - truth) < 3 * sure)
assert 25 < 2 * found.cost < 70  # 44 degrees of freedom

# %%
# Any differentiable thing can be asked of the orbit. Here, the error of the eccentricity, by its gradient.


def eccentricity(unknowns):
    return np.hypot(unknowns[2], unknowns[3])


slope = grad(eccentricity)(found.x)
e = eccentricity(found.x)
error = np.sqrt(slope @ np.linalg.inv(found.jac.T @ found.jac) @ slope)
print(f"eccentricity: {e:.3f} +- {error:.3f}, truth 0.6")
assert abs(e - 0.6) < 3 * error

# %%
# Above, the velocities of all rounds in one. Below, the orbit that follows, with the planet at 24 times of equal
# distance: near the star it is fast.
period, nearest = np.exp(found.x[1]), found.x[4]
phase = np.linspace(-0.5, 0.5, 400)
figure, (above, below) = plt.subplots(2, 1, figsize=(7, 8.5), height_ratios=(1, 1.15), layout="constrained")
folded = (times - nearest) / period
above.plot(phase, velocity(found.x, nearest + phase * period), color="#0072B2", linewidth=2.5, label="fit")
above.errorbar(folded - np.round(folded), seen, 5, fmt="o", color="#D55E00", markersize=6, label="measured")
above.set(xlabel=f"part of a round of {period:.2f} days", ylabel="velocity of the star in m/s", xlim=(-0.5, 0.5))
above.set_title("A star with a planet")
above.legend(loc="upper left", fontsize=11)


def place(E):
    """Return where the planet is, in the plane of its orbit, seen from the star."""
    angle = np.arctan2(found.x[3], found.x[2])
    x, y = np.cos(E) - e, np.sqrt(1 - e**2) * np.sin(E)
    return np.stack([x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)])


M = 2 * np.pi * (np.arange(24) - 11.5) / 24
below.plot(*place(np.linspace(-np.pi, np.pi, 200)), color="#0072B2", linewidth=2.5)
below.plot(*place(solved(M + 0.85 * e * np.sign(M), e, M)), "o", color="#0072B2", markersize=9, markeredgecolor="white")
below.plot(0, 0, "*", color="#E69F00", markeredgecolor="black", markersize=26)
below.set(aspect="equal", title=f"the orbit, of eccentricity {e:.2f}")
below.axis("off")
plt.show()
