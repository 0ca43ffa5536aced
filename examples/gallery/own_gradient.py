"""
Your own gradient
=================

Sometimes you know better. The function :math:`\\log \\sum_i e^{x_i}` is a maximum with round corners, found everywhere
in statistics. Written as it stands, it breaks: :math:`e^{710}` is too large for a floating-point number. The usual
remedy is to subtract the maximum first. Here that function becomes a *primitive*, which is not looked into when it is
differentiated, and we say ourselves what its derivative is.
"""

import matplotlib.pyplot as plt
from scipy.special import softmax

import autodiff_numpy as np
from autodiff import grad, hessian, make_jvp
from autodiff.extend import defvjp, primitive


def naive_logsumexp(x):
    return np.log(np.sum(np.exp(x), axis=-1))


@primitive
def logsumexp(x):
    """Return log(sum(exp(x))) along the last axis."""
    top = np.max(x, axis=-1, keepdims=True)
    return top[..., 0] + np.log(np.sum(np.exp(x - top), axis=-1))


# %%
# ``defvjp`` takes a function for each argument. It gets the result ``y`` and the arguments, and returns what turns the
# gradient ``g`` by the result into the gradient by the argument. The derivative of :math:`y` by :math:`x_i` is
# :math:`e^{x_i - y}`, a number from 0 to 1, whatever :math:`x` is.
defvjp(logsumexp, lambda y, x: lambda g: g[..., None] * np.exp(x - y[..., None]))

x = np.array([1.0, 2.0, 3.0])
print("at", x, "the gradient is", grad(logsumexp)(x))
assert np.allclose(grad(logsumexp)(x), softmax(x), rtol=1e-14)
assert np.allclose(grad(logsumexp)(x), grad(naive_logsumexp)(x), rtol=1e-14)

# %%
# We wrote the derivative in NumPy, so it has a derivative itself; and forward mode follows from it.
p = softmax(x)
assert np.allclose(hessian(logsumexp)(x), np.diag(p) - np.outer(p, p), rtol=1e-14)
value, tangent = make_jvp(logsumexp)(x)(np.array([0.0, 0.0, 1.0]))
assert np.allclose(tangent, p[2], rtol=1e-14)

# %%
# With large numbers the naive one fails, and its gradient is not a number.
large = 1000 * x
with np.errstate(all="ignore"):
    print("at", large, "the naive gradient is", grad(naive_logsumexp)(large))
    assert np.all(np.isnan(grad(naive_logsumexp)(large)[1:]))
print("and ours is", grad(logsumexp)(large))
assert np.allclose(grad(logsumexp)(large), [0, 0, 1])

# %%
# A landscape: the smooth maximum of five planes, at heights about 710. The arrows are its gradients by position. No
# height depends on two points, so the gradient of the sum of all heights contains the gradient of each.
angles = 2 * np.pi * (np.arange(5) + 0.25) / 5
planes = 12 * np.stack([np.cos(angles), np.sin(angles)])


def height(points, maximum):
    return maximum(points @ planes + 700)


axis = np.linspace(-1.5, 1.5, 151)
points = np.stack(np.meshgrid(axis, axis), axis=-1)
coarse = points[7:-1:17, 7:-1:17]
arrows = grad(lambda points: np.sum(height(points, logsumexp)))(coarse)
with np.errstate(all="ignore"):
    broken = ~np.isfinite(height(points, naive_logsumexp))
expected = softmax(coarse @ planes, axis=-1) @ planes.T
assert np.allclose(arrows, expected, rtol=1e-10)
assert 0.1 < np.mean(broken) < 0.9

figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
filled = axes.contourf(axis, axis, height(points, logsumexp), levels=14, cmap="cividis")
axes.contourf(axis, axis, broken, levels=[0.5, 1.5], colors="none", hatches=["//"])
axes.contour(axis, axis, broken, levels=[0.5], colors="white", linewidths=2)
axes.quiver(*np.moveaxis(coarse, -1, 0), *np.moveaxis(arrows, -1, 0), color="white", width=0.006)
axes.set(aspect="equal", title="A smooth maximum, and its gradient\n(hatched: infinite in the naive form)")
figure.colorbar(filled, format="%d", shrink=0.9)
plt.show()
