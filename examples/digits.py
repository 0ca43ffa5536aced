"""Train a neural network, written in plain NumPy, on handwritten digits: `hatch run demo`.

The data are the 1797 images of 8 by 8 pixels of the UCI collection, which scikit-learn ships. The network, the loss and
the optimizer are the NumPy code below; the gradient is one call of `value_and_grad`.
"""

from __future__ import annotations

import argparse
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # draw to a file; no window is needed
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import autodiff_numpy as np
from autodiff import value_and_grad

SIZES = (64, 128, 64, 10)
EPOCHS = 40
BATCH = 64
RATE = 2e-3
DECAY = 1e-4  # weight of the squared parameters in the loss
WANTED = 0.96  # test accuracy after all epochs


def new_network(rng: Any) -> list[dict[str, Any]]:
    """Return the parameters of all layers, drawn as He et al. 2015 recommend."""
    return [{"weights": rng.normal(0, np.sqrt(2 / n), (n, m)), "biases": np.zeros(m)} for n, m in pairwise(SIZES)]


def log_probabilities(network: list[dict[str, Any]], images: Any) -> Any:
    *hidden, last = network
    for layer in hidden:
        images = np.maximum(images @ layer["weights"] + layer["biases"], 0)
    scores = images @ last["weights"] + last["biases"]
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return scores - np.log(np.sum(np.exp(scores), axis=1, keepdims=True))


def loss(network: list[dict[str, Any]], images: Any, labels: Any) -> Any:
    """Return the mean of -log p(label | image), and a little for large weights."""
    chosen = log_probabilities(network, images)[np.arange(len(labels)), labels]
    return -np.mean(chosen) + DECAY * sum(np.sum(layer["weights"] ** 2) for layer in network)


def train(network: list[dict[str, Any]], data: Any, epochs: int, rng: Any) -> tuple[list[float], list[float]]:
    """Change the parameters by Adam (Kingma and Ba 2015, algorithm 1); return loss and test accuracy of each epoch."""
    images, test_images, labels, test_labels = data
    loss_and_gradient = value_and_grad(loss)
    means = [{name: np.zeros_like(value) for name, value in layer.items()} for layer in network]
    squares = [{name: np.zeros_like(value) for name, value in layer.items()} for layer in network]
    losses, accuracies = [], []
    step = 0
    with tqdm(range(epochs), unit="epoch") as progress:
        for epoch in progress:
            rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
            order = rng.permutation(len(labels))
            total = 0.0
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH]
                value, gradient = loss_and_gradient(network, images[batch], labels[batch])
                total += value * len(batch)
                step += 1
                for layer, slopes, mean, square in zip(network, gradient, means, squares, strict=True):
                    for name, slope in slopes.items():
                        mean[name] += 0.1 * (slope - mean[name])
                        square[name] += 0.001 * (slope**2 - square[name])
                        scale = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
                        layer[name] -= rate * mean[name] / (1 - 0.9**step) / scale
            losses.append(float(total / len(order)))
            guesses = np.argmax(log_probabilities(network, test_images), axis=1)
            accuracies.append(float(np.mean(guesses == test_labels)))
            progress.set_postfix(loss=f"{losses[-1]:.4f}", test=f"{accuracies[-1]:.1%}")
    return losses, accuracies


def draw(network: list[dict[str, Any]], data: Any, losses: list[float], accuracies: list[float], path: Path) -> None:
    """Save the learning curve, and the test images that the network is least certain of."""
    _, images, _, labels = data
    figure, axes = plt.subplot_mosaic(
        [["loss", "digits"], ["accuracy", "digits"]], figsize=(13, 6.4), width_ratios=(1, 1.7), layout="constrained"
    )
    epochs = range(1, len(losses) + 1)
    for name, values, color, title in (
        ("loss", losses, "tab:blue", f"Loss on the training images: {losses[-1]:.4f}"),
        ("accuracy", accuracies, "tab:green", f"Accuracy on the test images: {accuracies[-1]:.1%}"),
    ):
        axes[name].plot(epochs, values, color=color, linewidth=2)
        axes[name].set_title(title, loc="left")
        axes[name].grid(which="both", alpha=0.25)
        axes[name].spines[["top", "right"]].set_visible(False)
    axes["loss"].set_yscale("log")
    axes["accuracy"].axhline(WANTED, color="0.5", linestyle=":")
    axes["accuracy"].text(len(losses), WANTED, f"at least {WANTED:.0%} wanted", color="0.4", ha="right", va="top")
    axes["accuracy"].yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axes["accuracy"].set_xlabel("epoch")

    probabilities = np.exp(log_probabilities(network, images))
    guesses = np.argmax(probabilities, axis=1)
    rows, columns = 5, 8
    shown = np.argsort(np.max(probabilities, axis=1))[: rows * columns]
    digits = axes["digits"]
    digits.axis("off")
    title = f"The {len(shown)} of {len(labels)} test images that the network is least certain of, and its guesses"
    digits.set_title(title, loc="left")
    for place, i in enumerate(shown):
        right = guesses[i] == labels[i]
        row, column = divmod(place, columns)
        cell = digits.inset_axes((column / columns, 1 - (row + 1) / rows, 0.94 / columns, 0.82 / rows))
        cell.imshow(images[i].reshape(8, 8), cmap="gray_r", interpolation="bicubic")
        cell.set(xticks=[], yticks=[])
        color = "0.25" if right else "tab:red"
        cell.set_title(f"{guesses[i]}" if right else f"{guesses[i]}, is {labels[i]}", color=color, fontsize=10, pad=2)
        for spine in cell.spines.values():
            spine.set(color=color, linewidth=0.8 if right else 2.5)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0, help="of the initial parameters and the order of the images")
    parser.add_argument("--output", type=Path, default=Path("digits.png"), help="the figure")
    options = parser.parse_args()

    if options.epochs < 1:
        parser.error("--epochs must be at least 1")

    images, labels = load_digits(return_X_y=True)
    data = train_test_split(images / 16, labels, test_size=0.2, stratify=labels, random_state=0)
    rng = np.random.default_rng(options.seed)
    network = new_network(rng)
    losses, accuracies = train(network, data, options.epochs, rng)
    draw(network, data, losses, accuracies, options.output)
    print(f"{sum(value.size for layer in network for value in layer.values())} parameters")
    print(f"{len(data[2])} training images: loss {losses[-1]:.4f}")
    print(f"{len(data[3])} test images: accuracy {accuracies[-1]:.2%}")
    print(f"figure: {options.output.resolve()}")
    if options.epochs >= EPOCHS and accuracies[-1] < WANTED:
        sys.exit(f"The accuracy is below {WANTED:.0%}.")


if __name__ == "__main__":
    main()
