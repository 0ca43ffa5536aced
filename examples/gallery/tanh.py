"""
Derivatives of tanh
===================

``elementwise_grad`` takes a function and returns its derivative at every entry of an array. What it returns is a
function as well, so it can be differentiated again, and again. Here we do so six times.
"""

import matplotlib.pyplot as plt
from numpy.polynomial import Polynomial

import autodiff_numpy as np
from autodiff import elementwise_grad

# %%
# The function is ordinary NumPy code.


def tanh(x):
    return (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))


x = np.linspace(-4, 4, 400)
derivatives = [tanh]
for _ in range(6):
    derivatives.append(elementwise_grad(derivatives[-1]))

# %%
# Are they right? Every derivative of :math:`y = \tanh x` is a polynomial in :math:`y`, because :math:`y' = 1 - y^2`.
# The chain rule leads from one polynomial to the next: :math:`p_{n + 1}(y) = p_n'(y)\, (1 - y^2)`.
polynomial = Polynomial([0, 1])
for order, derivative in enumerate(derivatives):
    found, expected = derivative(x), polynomial(np.tanh(x))
    error = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
    print(f"derivative {order}: from {found.min():9.4f} to {found.max():9.4f}, relative error {error:.0e}")
    assert error < 1e-10
    polynomial = polynomial.deriv() * Polynomial([1, 0, -1])

# %%
# The sixth derivative has the range of 100. To see all of them, divide each by its largest value.
figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
for order, derivative in enumerate(derivatives):
    y = derivative(x)
    label = f"$\\tanh^{{({order})}}$" if order else "$\\tanh$"
    axes.plot(x, y / np.max(np.abs(y)), color=plt.get_cmap("viridis")(order / 6.5), linewidth=2, label=label)
axes.set(xlabel="x", title="tanh and its derivatives, scaled")
axes.margins(x=0)
axes.grid(alpha=0.25)
axes.legend(loc="upper left", frameon=False)
plt.show()
