"""
A convolutional net
===================

A net that looks at pictures through small windows: the same eight filters of 3 by 3 pixels at every place. It learns to
read handwritten digits, the 1797 images of 8 by 8 pixels that scikit-learn ships.
"""

import matplotlib.pyplot as plt
from scipy.signal import correlate2d
from sklearn.datasets import load_digits

import autodiff_numpy as np
from autodiff import grad
from autodiff_optim import adam

images, labels = load_digits(return_X_y=True)
images = images.reshape(-1, 8, 8) / 16
rng = np.random.default_rng(0)
order = rng.permutation(len(labels))
train, test = order[:1400], order[1400:]

# %%
# A convolution in plain NumPy: put the nine neighbours of each pixel beside each other; then one product of matrices
# applies all filters everywhere. Images have the axes (image, channel, row, column), filters (filter, channel, row,
# column).


def convolve(images, filters):
    count, channels, height, width = images.shape
    height, width = height - 2, width - 2
    neighbours = [images[:, :, row : row + height, column : column + width] for row in range(3) for column in range(3)]
    windows = np.stack(neighbours, axis=2).reshape(count, channels * 9, height * width)
    return (filters.reshape(len(filters), -1) @ windows).reshape(count, len(filters), height, width)


def halve(images):
    """Keep the largest of each 2 by 2 pixels."""
    n, channels, height, width = images.shape
    return np.max(images.reshape(n, channels, height // 2, 2, width // 2, 2), axis=(3, 5))


def features(net, images):
    return np.maximum(convolve(images[:, None], net["filters"]) + net["filter_biases"][:, None, None], 0)


def log_probabilities(net, images):
    inner = halve(features(net, images)).reshape(len(images), -1)
    scores = inner @ net["weights"] + net["biases"]
    return scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))


def loss(net, images, labels):
    return -np.mean(log_probabilities(net, images)[np.arange(len(labels)), labels])


def accuracy(net, chosen):
    return np.mean(np.argmax(log_probabilities(net, images[chosen]), axis=1) == labels[chosen])


# %%
# Train by Adam, on other 100 images in each step.
net = {
    "filters": rng.normal(0, 1 / 3, (8, 1, 3, 3)),
    "filter_biases": np.zeros(8),
    "weights": rng.normal(0, 0.1, (8 * 3 * 3, 10)),
    "biases": np.zeros(10),
}


def gradient(net, step):
    batch = train[np.arange(100 * step, 100 * step + 100) % len(train)]
    return grad(loss)(net, images[batch], labels[batch])


net = adam(gradient, net, num_iters=300, step_size=0.01)
print(f"{accuracy(net, train):.1%} of the training images, {accuracy(net, test):.1%} of the test images")
assert accuracy(net, test) > 0.97

# %%
# SciPy's convolution, of one image with one filter at a time, knows nothing of gradients; but it can tell us whether
# ours is right: the derivative of a sum of responses by a filter is the sum of the windows that the filter saw.
response = convolve(images[:5, None], net["filters"])
for image in range(5):
    for number in range(8):
        expected = correlate2d(images[image], net["filters"][number, 0], mode="valid")
        assert np.allclose(response[image, number], expected, atol=1e-12)
slope = grad(lambda filters: np.sum(convolve(images[:1, None], filters)))(net["filters"])
assert np.allclose(slope[0, 0], correlate2d(images[0], np.ones((6, 6)), mode="valid"), atol=1e-12)

# %%
# The filters; one image as each of them sees it; and images of all digits with what the net looks at: the gradient of
# its answer by the *pixels*. More ink on orange pixels makes it more certain, more ink on violet ones less.
shown = np.array([test[labels[test] == digit][3] for digit in range(10)])
by_pixels = grad(lambda pixels: np.sum(log_probabilities(net, pixels)[np.arange(10), np.arange(10)]))(images[shown])
by_pixels = by_pixels / np.max(np.abs(by_pixels), axis=(1, 2), keepdims=True)

figure, parts = plt.subplots(4, 1, figsize=(7, 5.6), layout="constrained")


def draw(axes, columns, pictures, title, **style):
    rows = len(pictures) // columns
    for place, picture in enumerate(pictures):
        row, column = divmod(place, columns)
        cell = axes.inset_axes((column / columns, 1 - (row + 1) / rows, 0.94 / columns, 0.94 / rows))
        cell.imshow(picture, **style)
        cell.set(xticks=[], yticks=[])
    axes.axis("off")
    axes.set_title(title, loc="left", fontsize=13)


signed = {"cmap": "PuOr_r", "vmin": -1, "vmax": 1}
draw(parts[0], 8, net["filters"][:, 0] / np.max(np.abs(net["filters"])), "Eight filters", **signed)
draw(parts[1], 8, features(net, images[shown[3:4]])[0], "A three, as they see it", cmap="cividis")
draw(parts[2], 10, images[shown], "Ten images", cmap="gray_r")
draw(parts[3], 10, by_pixels, "Where ink speaks for the digit (orange), or against it", **signed)
plt.show()
