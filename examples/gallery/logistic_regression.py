"""
Logistic regression
===================

The probability of "yes" is a smooth step, :math:`1 / (1 + e^{-z})`, of a weighted sum :math:`z` of the inputs. To find
the weights, make the data that were seen as probable as possible: first by walking along the gradient, then by Newton's
method, which needs second derivatives.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression

import autodiff_numpy as np
from autodiff import grad, hessian

# %%
# Four points with three inputs each, the example that HIPS autograd's tutorial begins with.
points = np.array([[0.52, 1.12, 0.77], [0.88, -1.08, 0.15], [0.52, 0.06, -1.30], [0.74, -2.49, 1.39]])
answers = np.array([True, True, False, True])


def sigmoid(z):
    return 0.5 * (np.tanh(z / 2) + 1)


def loss_of_four(weights):
    probabilities = sigmoid(points @ weights)
    return -np.sum(np.log(np.where(answers, probabilities, 1 - probabilities)))


weights = np.zeros(3)
print(f"loss before: {loss_of_four(weights):.4f}")
assert np.isclose(loss_of_four(weights), 4 * np.log(2))  # each answer has the probability 1/2
for _ in range(100):
    weights = weights - 0.01 * grad(loss_of_four)(weights)
print(f"loss after 100 steps: {loss_of_four(weights):.4f}")
assert np.isclose(loss_of_four(weights), 1.06727067579, atol=1e-11)

# %%
# Now 569 tumours, benign or malignant: the Breast Cancer Wisconsin data, which scikit-learn ships. Of the 30 numbers
# about each we take two, so that there is something to look at.
everything, benign = load_breast_cancer(return_X_y=True)
inputs, names = everything[:, [20, 27]], ["worst radius", "worst concave points"]
malignant = benign == 0
mean, deviation = np.mean(inputs, axis=0), np.std(inputs, axis=0)


def score(parameters, inputs):
    return (inputs - mean) / deviation @ parameters[:2] + parameters[2]


def loss(parameters):
    z = score(parameters, inputs)
    return np.sum(np.logaddexp(0, z) - malignant * z) + 0.5 * np.sum(parameters[:2] ** 2)


# %%
# Newton's method solves a linear system with the Hessian. Once it is close, each step doubles the number of right
# digits.
parameters = np.zeros(3)
for step in range(8):
    gradient = grad(loss)(parameters)
    print(f"step {step}: loss {loss(parameters):8.4f}, length of the gradient {np.linalg.norm(gradient):.0e}")
    parameters = parameters - np.linalg.solve(hessian(loss)(parameters), gradient)
assert np.linalg.norm(grad(loss)(parameters)) < 1e-10

accuracy = np.mean((score(parameters, inputs) > 0) == malignant)
print(f"right about {accuracy:.1%} of the tumours")
assert accuracy > 0.93

# %%
# scikit-learn minimises the same loss, and finds the same weights.
theirs = LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit((inputs - mean) / deviation, malignant)
assert np.max(np.abs(parameters - np.append(theirs.coef_[0], theirs.intercept_))) < 1e-4

# %%
# Each tumour, and the probability that the model gives to "malignant".
low, high = np.min(inputs, axis=0), np.max(inputs, axis=0)
plane = np.stack(np.meshgrid(np.linspace(low[0], high[0], 200), np.linspace(low[1], high[1], 200)), axis=-1)
figure, axes = plt.subplots(figsize=(7, 5.5), layout="constrained")
colors = {"benign": "#2166AC", "malignant": "#B2182B"}
probability = sigmoid(score(parameters, plane))
filled = axes.contourf(*np.moveaxis(plane, -1, 0), probability, levels=np.linspace(0, 1, 11), cmap="RdBu_r", alpha=0.6)
axes.contour(*np.moveaxis(plane, -1, 0), probability, levels=[0.5], colors="black", linestyles="--")
for name, marker, chosen in (("benign", "o", ~malignant), ("malignant", "^", malignant)):
    axes.scatter(
        *inputs[chosen].T, s=32, marker=marker, color=colors[name], edgecolor="white", linewidth=0.6, label=name
    )
axes.set(xlabel=names[0], ylabel=names[1], title=f"569 tumours, {accuracy:.0%} on the right side of the line")
axes.legend(loc="upper right")
figure.colorbar(filled, label="probability of malignant")
plt.show()
