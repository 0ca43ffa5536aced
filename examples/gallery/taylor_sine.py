"""
The sine as a Taylor series
===========================

A program with a loop that ends when the numbers say so, differentiated like any other; then the other way round: the
Taylor series of a function, found by differentiating it.
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import derivatives, grad

# %%
# Add terms of the series until they do not matter any more. How many that are depends on ``x``. `grad` does not read
# this code, it runs it, so loops and branches need no special form.


def sine(x):
    total = term = x
    n = 1
    while abs(term) > 1e-17:
        n += 2
        term = -term * x * x / (n * (n - 1))
        total = total + term
    return total


cosine = grad(sine)
for x in (0.1, 1.0, 3.0):
    print(f"x = {x}: derivative {cosine(x):.15f}, difference from the cosine {cosine(x) - np.cos(x):.0e}")
    assert abs(sine(x) - np.sin(x)) < 1e-14
    assert abs(cosine(x) - np.cos(x)) < 1e-14
    assert abs(grad(grad(cosine))(x) + np.cos(x)) < 1e-13

# %%
# Now from the function to its series. `derivatives` finds all derivatives up to an order in one run; divided by
# :math:`n!` they are the coefficients.
order = 17
factorials = np.cumprod(np.append(1.0, np.arange(1.0, order + 1)))
coefficients = np.array(derivatives(np.sin, order)(0.0)) / factorials
print("1 / coefficients of odd degree:", np.round(1 / coefficients[1:8:2]))
assert np.allclose(coefficients[:6], [0, 1, 0, -1 / 6, 0, 1 / 120], rtol=1e-15)

# %%
# Each further term follows the sine for a little longer. The derivative of each sum, found by `grad` as well, follows
# the cosine.


def partial_sum(x, degree):
    return sum(c * x**n for n, c in enumerate(coefficients[: degree + 1]) if c != 0)


x = np.linspace(-8, 8, 300)
slope = grad(lambda x, degree: np.sum(partial_sum(x, degree)))
assert np.max(np.abs(partial_sum(x, order) - np.sin(x))[np.abs(x) < 3]) < 1e-7
assert np.max(np.abs(slope(x, order) - np.cos(x))[np.abs(x) < 3]) < 1e-6

figure, (above, below) = plt.subplots(2, 1, figsize=(7, 6), sharex=True, layout="constrained")
for degree in range(1, order + 1, 4):
    style = {"color": plt.get_cmap("viridis")((degree - 1) / order), "linewidth": 2}
    above.plot(x, partial_sum(x, degree), label=f"degree {degree}", **style)
    below.plot(x, slope(x, degree), **style)
for axes, name in ((above, "sin"), (below, "cos")):
    axes.plot(x, getattr(np, name)(x), color="black", linestyle="--", label="the function")
    axes.set(ylim=(-2.2, 2.2), ylabel=name)
    axes.grid(alpha=0.25)
above.set_title("Sums of the Taylor series, and their derivatives")
figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
below.set(xlabel="x", xlim=(-8, 8))
plt.show()
