"""
An LSTM writes
==============

A model of text guesses the next letter from the letters before. This one is an LSTM (long short-term memory): a
recurrent net with cells that keep a number until a gate, which is learnt as well, lets go of it. It reads the little
rhyme below until it nearly knows it by heart, and then writes one itself.
"""

from itertools import pairwise

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import grad
from autodiff_optim import adam

text = """
this is the hill that the walker climbed.
this is the fog that covered the hill that the walker climbed.
this is the slope that he felt with his feet
in the fog that covered the hill that the walker climbed.
this is the step that he took up the slope that he felt with his feet
in the fog that covered the hill that the walker climbed.
this is the height that was gained by the step that he took up the slope that he felt with his feet
in the fog that covered the hill that the walker climbed.
this is the chain of the rules that he knew,
that told him the height that was gained by the step that he took up the slope that he felt with his feet
in the fog that covered the hill that the walker climbed.
this is the tape that remembers the way and is read from the end
to follow the chain of the rules that he knew,
that told him the height that was gained by the step that he took up the slope that he felt with his feet
in the fog that covered the hill that the walker climbed.
""".replace("\n", " ").strip()

letters = sorted(set(text))
codes = np.array([letters.index(letter) for letter in text])
print(f"{len(text)} letters, {len(letters)} different ones")

# %%
# All gates are computed by one product of matrices. The state of the net is what it says, ``out``, and what it keeps,
# ``cell``.


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2) + 1)


def step(net, letter, out, cell):
    """Read one letter of each text of the batch; return the scores of the next one, and the new state."""
    gates = net["from_letter"][letter] + out @ net["from_out"] + net["biases"]
    admit, keep, show, news = np.split(gates, 4, axis=-1)
    cell = sigmoid(keep + 1) * cell + sigmoid(admit) * np.tanh(news)
    out = sigmoid(show) * np.tanh(cell)
    return out @ net["to_scores"], out, cell


def loss(net, passages):
    """Return the mean of -log2 p(next letter): the bits that one letter costs. The axes are (place, passage)."""
    out = cell = np.zeros((passages.shape[1], units))
    total = 0.0
    for letter, following in pairwise(passages):
        scores, out, cell = step(net, letter, out, cell)
        log_sum = np.log(np.sum(np.exp(scores), axis=-1))
        total = total + np.mean(log_sum - scores[np.arange(len(following)), following])
    return total / np.log(2) / (len(passages) - 1)


# %%
# Train on passages of 32 letters, 16 at a time, and keep the nets on the way.
rng = np.random.default_rng(0)
units = 48
net = {
    "from_letter": rng.normal(0, 0.3, (len(letters), 4 * units)),
    "from_out": rng.normal(0, 1 / np.sqrt(units), (units, 4 * units)),
    "biases": np.zeros(4 * units),
    "to_scores": rng.normal(0, 0.3, (units, len(letters))),
}
kept = {}


def passages():
    return codes[np.arange(33)[:, None] + rng.integers(0, len(codes) - 33, size=16)]


def keep(net, iteration, gradient):
    if iteration in {0, 30, 80}:
        kept[iteration] = net


net = adam(lambda net, i: grad(loss)(net, passages()), net, keep, num_iters=160, step_size=0.015)
kept[160] = net

# %%
# How good is that? Who knows how frequent letters are, and no more, needs the entropy of these frequencies; who knows
# which letter follows which, less.
alone = np.bincount(codes) / len(codes)
pairs = np.histogram2d(codes[:-1], codes[1:], bins=np.arange(len(letters) + 1))[0] / (len(codes) - 1)


def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


by_pairs = entropy(pairs) - entropy(pairs.sum(axis=1))
print(f"bits a letter: {entropy(alone):.2f} by frequencies, {by_pairs:.2f} by pairs of letters")
bits = {steps: loss(seen, codes[:, None]) for steps, seen in kept.items()}
for steps, reached in bits.items():
    print(f"  by the net after {steps:3} steps: {reached:.2f}")
assert bits[160] < 0.3 < by_pairs < entropy(alone) < bits[0]

# %%
# Now it writes: it draws a letter by its probabilities, reads it, and so on.


def write(net, length):
    """Return a text, and how much of a surprise each of its letters was, in bits."""
    out, cell = np.zeros((1, units)), np.zeros((1, units))
    written, surprise = " ", [0.0]
    while len(written) < length:
        scores, out, cell = step(net, np.array([letters.index(written[-1])]), out, cell)
        probabilities = np.exp(scores[0]) / np.sum(np.exp(scores[0]))
        chosen = rng.choice(len(letters), p=probabilities)
        written += letters[chosen]
        surprise.append(-np.log2(probabilities[chosen]))
    return written, np.array(surprise)


writings = {steps: write(seen, 96) for steps, seen in kept.items()}
words = write(net, 1000)[0].replace(".", "").replace(",", "").split()[:-1]
known = np.mean([word in text.replace(".", "").replace(",", "").split() for word in words])
print(f"{known:.0%} of its words are words of the rhyme")
assert known > 0.8

# %%
# The darker a letter's ground, the more of a surprise it was to the net that wrote it.
figure, parts = plt.subplots(4, 1, figsize=(7, 6.4), layout="constrained")
for axes, (steps, (written, surprise)) in zip(parts, writings.items(), strict=True):
    axes.imshow(surprise.reshape(3, 32), cmap="Oranges", vmin=0, vmax=10, aspect="auto")
    for place, letter in enumerate(written):
        axes.text(place % 32, place // 32, letter, ha="center", va="center", family="monospace", fontsize=13)
    axes.set_title(f"after {steps} steps: {bits[steps]:.2f} bits a letter", loc="left", fontsize=12)
    axes.set(xticks=[], yticks=[])
figure.colorbar(parts[0].images[0], ax=parts, label="surprise in bits", location="bottom", aspect=50)
plt.show()
