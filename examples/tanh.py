"""Differentiate tanh six times, by applying `elementwise_grad` to itself, and draw all the derivatives."""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")  # draw to a file; no window is needed
import matplotlib.pyplot as plt
from numpy.polynomial import Polynomial

import autodiff_numpy as np
from autodiff import elementwise_grad

ORDERS = 6


def tanh(x):
    return (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path("tanh.png"), help="the figure")
    options = parser.parse_args()

    x = np.linspace(-7, 7, 700)
    figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
    # As y' = 1 - y², every derivative of y = tanh(x) is a polynomial in y. The chain rule leads from one to the next.
    derivative, polynomial = tanh, Polynomial([0, 1])
    for order in range(ORDERS + 1):
        found, expected = derivative(x), polynomial(np.tanh(x))
        error = np.max(np.abs(found - expected)) / np.max(np.abs(expected))
        print(f"derivative {order}: from {found.min():9.4f} to {found.max():9.4f}, relative error {error:.0e}")
        assert error < 1e-10
        label = f"$\\tanh^{{({order})}}$" if order else "$\\tanh$"
        axes.plot(x, found / np.max(np.abs(found)), color=plt.cm.viridis(order / (ORDERS + 0.7)), label=label)
        derivative = elementwise_grad(derivative)
        polynomial = polynomial.deriv() * Polynomial([1, 0, -1])
    axes.set(xlabel="x", title="tanh and its first six derivatives, each divided by its largest value")
    axes.margins(x=0)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    figure.savefig(options.output, dpi=120)
    print(f"figure: {options.output.resolve()}")


if __name__ == "__main__":
    main()
