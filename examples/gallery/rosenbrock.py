"""
Down Rosenbrock's valley
========================

Rosenbrock's function has a curved valley with steep sides, and its minimum at (1, 1). It is easy to fall into the
valley and hard to follow it. Gradients show the way down; second derivatives know how the valley bends.
"""

import matplotlib.pyplot as plt
from scipy.optimize import minimize

import autodiff_numpy as np
from autodiff import grad, hessian, hessian_vector_product, value_and_grad


def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


start = np.array([-1.5, 1.5])

# %%
# By hand, first. Gradient descent must take steps small enough for the steep sides, and they are much too small for the
# flat ground of the valley.


def gradient_descent(x, steps, rate):
    path = [x]
    for _ in range(steps):
        path.append(path[-1] - rate * grad(rosenbrock)(path[-1]))
    return np.array(path)


descent = gradient_descent(start, 2000, 1e-3)
print(f"gradient descent: {len(descent) - 1} steps to {descent[-1]}")
assert 0.01 < rosenbrock(descent[-1]) < 0.2  # in the valley, and far from its end

# %%
# Newton's method divides by the Hessian. Where a full step would lead up, take half of it, or half of that.


def newton(x, tolerance):
    path = [x]
    while np.linalg.norm(grad(rosenbrock)(x)) > tolerance:
        step = np.linalg.solve(hessian(rosenbrock)(x), grad(rosenbrock)(x))
        while rosenbrock(x - step) > rosenbrock(x):
            step = step / 2
        x = x - step
        path.append(x)
    return np.array(path)


newtons = newton(start, 1e-10)
print(f"Newton: {len(newtons) - 1} steps to {newtons[-1]}")
assert len(newtons) < 25
assert np.max(np.abs(newtons[-1] - 1)) < 1e-9

# %%
# SciPy's optimizers take our derivatives. `value_and_grad` is what ``jac=True`` wants: both in one call.
path = [start]
found = minimize(value_and_grad(rosenbrock), start, jac=True, method="BFGS", callback=path.append, tol=1e-8)
bfgs = np.array(path)
print(f"BFGS: {found.nit} steps, {found.nfev} evaluations, to {found.x}")
assert np.max(np.abs(found.x - 1)) < 1e-6

# %%
# With a hundred unknowns, products of the Hessian with vectors are enough; the matrix is never made.
many = minimize(
    value_and_grad(rosenbrock),
    np.linspace(-1, 1, 100),
    jac=True,
    hessp=hessian_vector_product(rosenbrock),
    method="trust-ncg",
    tol=1e-8,
)
print(f"100 unknowns: {many.nit} steps by conjugate gradients, gradient {np.abs(many.jac).max():.0e}")
assert np.max(np.abs(many.x - 1)) < 1e-6

# %%
# All three paths, over lines of equal height. Heights are logarithmic, or the valley would look flat.
a, b = np.meshgrid(np.linspace(-2, 2, 300), np.linspace(-0.7, 3, 300))
heights = np.log10(100 * (b - a**2) ** 2 + (1 - a) ** 2)
figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
axes.contourf(a, b, heights, levels=np.linspace(-2.5, 3.5, 25), cmap="Greys_r", extend="both", alpha=0.6)
for name, path, color, width, marker in (
    (f"gradient descent, {len(descent) - 1} steps", descent, "#9AD0F0", 9, None),
    (f"BFGS, {len(bfgs) - 1} steps", bfgs, "#0050A0", 1.5, "s"),
    (f"Newton, {len(newtons) - 1} steps", newtons, "#D55E00", 1.5, "o"),
):
    axes.plot(path[:, 0], path[:, 1], label=name, color=color, linewidth=width, marker=marker)
axes.plot(*start, marker="o", markersize=10, color="black")
axes.annotate("start", start, (-10, 0), textcoords="offset points", ha="right", va="center", fontsize=12)
axes.plot(1, 1, marker="*", markersize=20, color="white", markeredgecolor="black", zorder=5)
axes.set(xlim=(-2, 2), ylim=(-0.7, 3), xlabel="$x_1$", ylabel="$x_2$", title="Three ways down Rosenbrock's valley")
axes.legend(loc="upper center", fontsize=11)
plt.show()
