"""Logistic regression: four points by gradient descent, then 569 tumours by Newton's method.

The second part takes the Breast Cancer Wisconsin data, which scikit-learn ships, and compares the result with that of
scikit-learn's own logistic regression.
"""

from __future__ import annotations

import argparse

from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

import autodiff_numpy as np
from autodiff import grad, hessian, value_and_grad


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2) + 1)


def four_points(steps: int) -> None:
    inputs = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
    targets = np.array([True, True, False, True])

    def loss(weights):
        probability = sigmoid(inputs @ weights)
        return -np.sum(np.log(np.where(targets, probability, 1 - probability)))

    print("Four points, by gradient descent")
    weights = np.zeros(3)
    first = loss(weights)
    gradient = grad(loss)
    for step in range(steps):
        if step % max(steps // 5, 1) == 0:
            print(f"  step {step:3}: loss {loss(weights):.4f}")
        weights = weights - 0.01 * gradient(weights)
    print(f"  step {steps:3}: loss {loss(weights):.4f}, weights {np.round(weights, 3)}")
    assert abs(first - 4 * np.log(2)) < 1e-12  # each label has the probability 1/2 at first
    assert loss(weights) < first
    if steps == 100:  # the numbers in the tutorial of HIPS autograd
        assert abs(first - 2.77258872224) < 1e-11
        assert abs(loss(weights) - 1.06727067579) < 1e-11


def tumours() -> None:
    inputs, labels = load_breast_cancer(return_X_y=True)
    inputs, test_inputs, labels, test_labels = train_test_split(inputs, labels, stratify=labels, random_state=0)
    mean, deviation = np.mean(inputs, axis=0), np.std(inputs, axis=0)
    inputs, test_inputs = (inputs - mean) / deviation, (test_inputs - mean) / deviation

    def scores(parameters, points):
        return points @ parameters["weights"] + parameters["bias"]

    def loss(parameters):
        z = scores(parameters, inputs)
        return np.sum(np.logaddexp(0, z) - labels * z) + 0.5 * np.sum(parameters["weights"] ** 2)

    # The Hessian of a function of a dict is a dict of dicts. For Newton's step it must be one matrix.
    def matrix(second):
        by_weights, by_bias = second["weights"], second["bias"]
        return np.vstack(
            [
                np.column_stack([by_weights["weights"], by_weights["bias"]]),
                np.append(by_bias["weights"], by_bias["bias"]),
            ]
        )

    print("569 tumours, 30 features, by Newton's method")
    parameters = {"weights": np.zeros(30), "bias": 0.0}
    length = np.inf
    for step in range(20):
        value, gradient = value_and_grad(loss)(parameters)
        vector = np.append(gradient["weights"], gradient["bias"])
        length = np.linalg.norm(vector)
        print(f"  step {step:3}: loss {value:9.4f}, length of the gradient {length:.1e}")
        if length < 1e-9:
            break
        update = np.linalg.solve(matrix(hessian(loss)(parameters)), vector)
        parameters = {"weights": parameters["weights"] - update[:-1], "bias": parameters["bias"] - update[-1]}

    accuracy = np.mean((scores(parameters, test_inputs) > 0) == test_labels)
    theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(inputs, labels)
    difference = np.max(np.abs(parameters["weights"] - theirs.coef_[0]))
    print(f"  {len(test_labels)} tumours kept for the test: accuracy {accuracy:.1%}")
    print(f"  largest difference from scikit-learn's weights: {difference:.0e}")
    assert length < 1e-9
    assert accuracy > 0.95
    assert difference < 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=100, help="of gradient descent on the four points")
    options = parser.parse_args()
    four_points(options.steps)
    tumours()


if __name__ == "__main__":
    main()
