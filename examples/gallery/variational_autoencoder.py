"""
A variational autoencoder
=========================

A net that invents handwritten digits. One half of it, the decoder, turns two numbers into an image. The other half
guesses from an image which two numbers it could come from, and how sure that is. Both are trained together, by a bound
on the probability of the images (Kingma and Welling 2014); the gradient goes through random draws.
"""

from itertools import pairwise

import matplotlib.pyplot as plt
from scipy.stats import norm
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

import autodiff_numpy as np
from autodiff import value_and_grad
from autodiff_optim import adam

# %%
# The 1797 images of 8 by 8 pixels that scikit-learn ships; brightness is from 0 to 1. The last 297 are for the test.
digits = load_digits()
images, test_images = np.split(digits.data / 16, [1500])
labels, test_labels = np.split(digits.target, [1500])
rng = np.random.default_rng(0)

# %%
# Two nets with a hidden layer each. The encoder returns means and log deviations of the two numbers, the decoder the
# log odds that a pixel is bright.


def new_net(sizes):
    return [(rng.normal(0, 1 / np.sqrt(n), (n, m)), np.zeros(m)) for n, m in pairwise(sizes)]


def apply(net, x):
    for weights, biases in net[:-1]:
        x = np.tanh(x @ weights + biases)
    weights, biases = net[-1]
    return x @ weights + biases


def encode(net, images):
    out = apply(net, images)
    return out[:, :2], out[:, 2:]


def log_likelihood(net, codes, images):
    """Return the log of the probability of each image, given its code: pixels are independent."""
    odds = apply(net, codes)
    return np.sum(images * odds - np.logaddexp(0, odds), axis=-1)


# %%
# The bound: how well an image comes back from a draw of its code, minus how far the distribution of the code is from a
# standard normal one. The latter, Kullback and Leibler's divergence, has a closed form.


def divergence(means, log_deviations):
    return 0.5 * np.sum(means**2 + np.exp(2 * log_deviations) - 1 - 2 * log_deviations, axis=-1)


def bound(nets, images, noise):
    means, log_deviations = encode(nets["encoder"], images)
    codes = means + np.exp(log_deviations) * noise
    return np.mean(log_likelihood(nets["decoder"], codes, images) - divergence(means, log_deviations))


def train(nets, steps, step_size):
    def gradient(nets, step):
        chosen = rng.integers(len(images), size=100)
        _, slopes = value_and_grad(lambda nets: -bound(nets, images[chosen], rng.normal(size=(100, 2))))(nets)
        return slopes

    return adam(gradient, nets, num_iters=steps, step_size=step_size)


start = {"encoder": new_net([64, 64, 4]), "decoder": new_net([2, 64, 64])}
nets = train(train(start, 1500, 0.01), 500, 0.002)
bounds = []
for name, seen in (("training", images), ("test", test_images)):
    noise = rng.normal(size=(len(seen), 2))
    bounds.append(bound(nets, seen, noise))
    print(f"bound for the {name} images: {bound(start, seen, noise):.2f} before, {bounds[-1]:.2f} after")
assert min(bounds) > -26

# %%
# Is it a bound? The probability of an image is an average over all codes, which can be found, if slowly, by drawing
# codes near the right ones and weighing them. And the divergence is the average of a difference of log densities.
means, log_deviations = encode(nets["encoder"], test_images)
noise = rng.normal(size=(200, len(test_images), 2))
codes = means + np.exp(log_deviations) * noise
log_ratio = 0.5 * np.sum(noise**2 - codes**2, axis=-1) + np.sum(log_deviations, axis=-1)
assert np.isclose(np.mean(-log_ratio), np.mean(divergence(means, log_deviations)), rtol=0.02)
log_weights = log_likelihood(nets["decoder"], codes, test_images) + log_ratio
log_probability = np.mean(np.logaddexp.reduce(log_weights, axis=0) - np.log(200))
print(f"log probability of the test images: {log_probability:.2f}")
assert bounds[1] < log_probability < bounds[1] + 2

# %%
# Nobody told the net which digit an image shows. Still, images of the same digit have codes that are near each other.
train_codes = encode(nets["encoder"], images)[0]
guesses = KNeighborsClassifier(15).fit(train_codes, labels).predict(means)
correct = np.mean(guesses == test_labels)
print(f"right about {correct:.0%} of the test images, from two numbers and the digits of their neighbours")
assert correct > 0.6

# %%
# Above, what the decoder makes of the codes of a grid. Below, the codes of the images, each shown by its digit.
side = 13
levels = norm.ppf((np.arange(side) + 0.5) / side)
grid = np.stack(np.meshgrid(levels, levels[::-1]), axis=-1).reshape(-1, 2)
invented = 1 / (1 + np.exp(-apply(nets["decoder"], grid)))
tiles = np.pad(invented.reshape(side, side, 8, 8), ((0, 0), (0, 0), (1, 1), (0, 0)))
sheet = tiles.swapaxes(1, 2).reshape(10 * side, 8 * side)
figure, (above, below) = plt.subplots(2, 1, figsize=(6.5, 12.5), layout="constrained")
above.imshow(sheet, cmap="gray_r", interpolation="bicubic", aspect=0.8)
above.set(xticks=[], yticks=[], title="Invented digits")
colors = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#B8A800", "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F", "#882255"]
for digit, color in enumerate(colors):
    below.scatter(*norm.cdf(train_codes[labels == digit]).T, s=45, marker=f"${digit}$", color=color, linewidth=0)
below.set(aspect="equal", xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[], title="Where real digits are on this map")
plt.show()
