"""
A recurrent net learns to add
=============================

A recurrent net reads a sequence step by step and remembers some numbers in between. This one reads two binary numbers,
the digits for 1 first, and writes their sum. Nobody tells it about carrying: it has to find out that there is something
to remember. It practises with numbers of eight digits, and is then tested with numbers of a hundred.
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import grad
from autodiff_optim import adam

rng = np.random.default_rng(1)


def exercises(count, digits):
    """Return pairs of numbers, with the axes (digit, exercise, which of the two), and the digits of the sums."""
    pairs = rng.integers(0, 2, size=(digits, count, 2))
    pairs[-1] = 0  # room for the last carry
    sums = np.zeros((digits, count), dtype=int)
    carry = np.zeros(count, dtype=int)
    for place in range(digits):
        carry, sums[place] = np.divmod(pairs[place, :, 0] + pairs[place, :, 1] + carry, 2)
    return pairs.astype(float), sums.astype(float)


# %%
# The net is a loop. Each step makes a new state from the old one and two digits; a weighted sum of the state says
# whether the digit of the sum is rather 1 (positive) or 0 (negative).


def run(net, pairs):
    """Return the scores of all digits, and all states."""
    state = np.zeros((pairs.shape[1], len(net["biases"])))
    scores, states = [], []
    for digits in pairs:
        state = np.tanh(digits @ net["from_digits"] + state @ net["from_state"] + net["biases"])
        scores.append(state @ net["to_score"])
        states.append(state)
    return np.stack(scores), np.stack(states)


def loss(net, pairs, sums):
    scores, _ = run(net, pairs)
    return np.mean(np.logaddexp(0, scores) - sums * scores)


units = 8
net = {
    "from_digits": rng.normal(0, 0.7, (2, units)),
    "from_state": rng.normal(0, 0.35, (units, units)),
    "biases": np.zeros(units),
    "to_score": rng.normal(0, 0.35, units),
}
losses = []


def gradient(net, step):
    pairs, sums = exercises(50, 8)
    if step % 10 == 0:
        losses.append(loss(net, pairs, sums))
    return grad(loss)(net, pairs, sums)


net = adam(gradient, net, num_iters=800, step_size=0.02)
print("loss:", np.round(losses[::10], 4))
assert losses[0] > 0.6
assert losses[-1] < 0.02

# %%
# The examination: a thousand sums of numbers with a hundred digits. Not one digit may be wrong.
pairs, sums = exercises(1000, 100)
scores, states = run(net, pairs)
wrong = np.sum((scores > 0) != sums)
print(f"{wrong} of {sums.size} digits are wrong")
assert wrong == 0

# %%
# What has it learnt to remember? We can compute what is carried on, and look for it among the hidden numbers.
carried = np.zeros((101, 1000))
for place in range(100):
    carried[place + 1] = pairs[place].sum(axis=1) + carried[place] >= 2
correlation = np.array([np.corrcoef(carried[1:].ravel(), states[:, :, unit].ravel())[0, 1] for unit in range(units)])
print("correlation of the hidden numbers with the carry:", np.round(correlation, 2))
assert np.max(np.abs(correlation)) > 0.9

# %%
# One exercise as it is written on paper, most significant digit on the left, and the hidden numbers under each column.
# The uppermost row is the one that has become the carry.
length = 20
order = np.argsort(-np.abs(correlation))
shown = (states[:length, 0] * np.sign(correlation))[::-1, order].T

figure, (paper, memory) = plt.subplots(2, 1, figsize=(7, 5), height_ratios=(1, 1.6), sharex=True, layout="constrained")
first, second = pairs[:length, 0].T
rows = {"carry": carried[1 : length + 1, 0], "first": first, "second": second, "sum": scores[:length, 0] > 0}
for row, (name, digits) in enumerate(rows.items()):
    for column, digit in enumerate(digits[::-1]):
        color = {"carry": "#D55E00", "sum": "#0072B2"}.get(name, "black")
        paper.text(column, row, int(digit), ha="center", va="center", fontsize=15, color=color)
paper.axhline(2.5, color="black")
paper.set(ylim=(3.6, -0.6), yticks=range(4), yticklabels=rows)
paper.spines[:].set_visible(False)
paper.tick_params(length=0, labelbottom=False, labelsize=12)
memory.imshow(shown, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
memory.set(xticks=[], yticks=[], ylabel="hidden numbers")
memory.set_xlabel(r"$\longleftarrow$ the net reads from right to left", fontsize=12)
paper.set_title("A sum, and what the net remembers at each digit")
plt.show()
