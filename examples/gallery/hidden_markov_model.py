"""
A hidden Markov model
=====================

A casino has a fair die and a loaded one, and changes them now and then. We see the rolls, not which die it is. The
probability of all rolls is a sum over every sequence of dice, which a short loop does step by step. Its derivative
holds what everybody wants to know: how probable each die was at each roll, and how often they were changed. The
backward algorithm is back-propagation through the forward algorithm.
"""

from itertools import product

import matplotlib.pyplot as plt
from scipy.optimize import minimize

import autodiff_numpy as np
from autodiff import grad, value_and_grad

# %%
# The model of the example in *Biological Sequence Analysis* (Durbin et al. 1998): the loaded die shows a six half of
# the time.
start = np.array([0.5, 0.5])
change = np.array([[0.95, 0.05], [0.1, 0.9]])
faces = np.array([[1 / 6] * 6, [0.1] * 5 + [0.5]])
rng = np.random.default_rng(7)
dice, rolls = [0], []
for _ in range(300):
    rolls.append(rng.choice(6, p=faces[dice[-1]]))
    dice.append(rng.choice(2, p=change[dice[-1]]))
dice, rolls = np.array(dice[:-1]), np.array(rolls)

# %%
# The forward algorithm, with logarithms, because the probability of 300 rolls is a very small number. It takes the
# logarithm of the probability of what is seen at each time, for each die.


def logsumexp(x, axis):
    top = np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def log_probability(log_start, log_change, log_seen):
    log_forward = log_start + log_seen[0]
    for seen in log_seen[1:]:
        log_forward = logsumexp(log_forward[:, None] + log_change, axis=0) + seen
    return logsumexp(log_forward, axis=0)


seen = np.log(faces).T[rolls]
total = log_probability(np.log(start), np.log(change), seen)
print(f"log of the probability of {len(rolls)} rolls: {total:.4f}")

# %%
# For five rolls, all 32 sequences of dice can be written down.
paths = np.array(list(product(range(2), repeat=5)))
each = np.log(start)[paths[:, 0]] + np.sum(np.log(change)[paths[:, :-1], paths[:, 1:]], axis=1)
each = each + np.sum(seen[np.arange(5), paths], axis=1)
assert np.isclose(log_probability(np.log(start), np.log(change), seen[:5]), np.log(np.sum(np.exp(each))))

# %%
# The gradient. By the logarithm of what is seen at a time: the probability of each die at that time, given *all* rolls.
# By the logarithm of a change: how often it is expected to have happened.
first, changes, posterior = grad(log_probability, (0, 1, 2))(np.log(start), np.log(change), seen)
assert np.allclose(np.sum(posterior, axis=1), 1)
assert np.isclose(np.sum(changes), len(rolls) - 1)
assert np.allclose(first, posterior[0])

# %%
# The textbook takes the forward and the backward algorithm for this; here they are, with scaled probabilities.
forward, backward = np.empty((300, 2)), np.ones((300, 2))
for t, face in enumerate(rolls):
    forward[t] = (start if t == 0 else forward[t - 1] @ change) * faces[:, face]
    forward[t] /= np.sum(forward[t])
for t in reversed(range(299)):
    backward[t] = change @ (faces[:, rolls[t + 1]] * backward[t + 1])
    backward[t] /= np.sum(backward[t])
gamma = forward * backward / np.sum(forward * backward, axis=1, keepdims=True)
xi = forward[:-1, :, None] * change * (np.exp(seen) * backward)[1:, None, :]
xi = np.sum(xi / np.sum(xi, axis=(1, 2), keepdims=True), axis=0)
assert np.allclose(posterior, gamma, rtol=1e-9)
assert np.allclose(changes, xi, rtol=1e-9)
correct = np.mean((posterior[:, 1] > 0.5) == dice)
print(f"the more probable die is the right one in {correct:.0%} of the rolls")
assert correct > 0.8

# %%
# Now nothing is known but the rolls. Any real numbers are parameters of a model, as a softmax makes probabilities of
# them; so an optimizer can look for the model that makes the rolls most probable.


def log_softmax(x):
    return x - logsumexp(x, axis=-1)[..., None]


def model(parameters):
    return log_softmax(parameters[:4].reshape(2, 2)), log_softmax(parameters[4:].reshape(2, 6))


def loss(parameters):
    log_change, log_faces = model(parameters)
    return -log_probability(np.log(start), log_change, log_faces.T[rolls])


guess = np.concatenate([[1, 0, 0, 1], np.zeros(6), np.arange(6) / 5])
found = minimize(value_and_grad(loss), guess, jac=True, method="BFGS", options={"gtol": 1e-4})
log_change, log_faces = model(found.x)
print(f"learnt after {found.nit} steps: {-found.fun:.4f}; a six with the loaded die: {np.exp(log_faces[1, 5]):.2f}")
assert -found.fun > total

# %%
# The usual way is expectation maximisation (Baum and Welch): divide the expected counts by their sums. The counts are
# the gradient, and at the optimum the step leads nowhere.
log_seen = log_faces.T[rolls]
counts, occupied = grad(log_probability, (1, 2))(np.log(start), log_change, log_seen)
shown = np.stack([np.sum(occupied[rolls == face], axis=0) for face in range(6)], axis=1)
assert np.allclose(np.exp(log_change), counts / np.sum(counts, axis=1, keepdims=True), atol=1e-4)
assert np.allclose(np.exp(log_faces), shown / np.sum(shown, axis=1, keepdims=True), atol=1e-4)

# %%
# Above, the rolls; shaded where the die was loaded. Below, what the gradient says, for the true and the learnt model.
time = np.arange(1, 301)
figure, (above, below) = plt.subplots(2, 1, figsize=(8, 5.5), sharex=True, layout="constrained")
for axes in (above, below):
    axes.fill_between(time, 0, 1, where=dice == 1, step="mid", transform=axes.get_xaxis_transform(), color="#E8E8E8")
six = rolls == 5
above.plot(time[~six], rolls[~six] + 1, "o", color="#0072B2", markersize=4, alpha=0.7)
above.plot(time[six], rolls[six] + 1, "o", color="#D55E00", markersize=6)
above.set(yticks=range(1, 7), ylabel="roll", title="300 rolls, the loaded die in the grey stretches")
below.plot(time, posterior[:, 1], color="#0072B2", linewidth=2.5, label="true model")
below.plot(time, occupied[:, 1], color="#E69F00", linewidth=2, linestyle="--", label="learnt model")
below.set(ylim=(-0.03, 1.03), xlim=(1, 300), xlabel="time", ylabel="probability of loaded")
figure.legend(*below.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=12)
plt.show()
