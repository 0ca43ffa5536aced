"""
A neural Turing machine
=======================

A net with a memory to write into and to read from, like the tape of Turing's machine. Where it writes and reads is not
one place but a distribution over all of them, so everything is smooth, and the program that the machine runs can be
learnt by gradients. The task: read a sequence, then repeat it. We train with sequences of 1 to 6 steps. If the machine
has understood, and not learnt by heart, it copies 20 steps as well. The architecture is that of A. Graves, G. Wayne and
I. Danihelka, `Neural Turing Machines <https://arxiv.org/abs/1410.5401>`_, with a smaller controller.
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import value_and_grad
from autodiff_optim import adam

rng = np.random.default_rng(2)
bits, places, width, hidden = 4, 24, 8, 32

# %%
# The task. Arrays have the axes (step, exercise, channel). One more channel than bits says: now it is your turn.


def exercises(count, length):
    sequences = rng.integers(0, 2, size=(length, count, bits)).astype(float)
    inputs = np.zeros((2 * length + 1, count, bits + 1))
    inputs[:length, :, :bits] = sequences
    inputs[length, :, bits] = 1
    return inputs, sequences


# %%
# A head pays attention to the places of the memory. It may look for a content, by a key; or stay where it was; then it
# may move by one place in either direction; finally it makes the distribution sharper.


def sigmoid(x):
    return 0.5 * (np.tanh(x / 2) + 1)


def softplus(x):
    return np.logaddexp(0, x)


def softmax(x):
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return powers / np.sum(powers, axis=-1, keepdims=True)


def attend(memory, before, orders):
    """Return the new attention, with the axes (exercise, head, place)."""
    key, strength, gate, move, sharpness = np.split(orders, np.cumsum([width, 1, 1, 3]), axis=-1)
    key = np.tanh(key)
    squares = np.sum(key**2, axis=-1, keepdims=True) * np.sum(memory**2, axis=-1)[:, None]
    likeness = key @ np.swapaxes(memory, 1, 2) / np.sqrt(squares + 1e-6)
    by_content = softmax(softplus(strength) * likeness)
    attention = before + sigmoid(gate) * (by_content - before)
    back, stay, on = np.split(softmax(move), 3, axis=-1)
    attention = back * np.roll(attention, -1, axis=-1) + stay * attention + on * np.roll(attention, 1, axis=-1)
    attention = attention ** (1 + softplus(sharpness))
    return attention / np.sum(attention, axis=-1, keepdims=True)


# %%
# In each step a small net, the controller, sees the input and what was read last, and gives orders to two heads: the
# first reads, the second erases and adds.
per_head = width + 6


def run(net, inputs):
    """Return the scores of the bits, and the attention, in all steps."""
    count = inputs.shape[1]
    memory, read = np.full((count, places, width), 1e-3), np.zeros((count, width))
    attention = np.zeros((count, 2, places))
    attention[:, :, 0] = 1
    scores, attentions = [], []
    for seen in inputs:
        state = np.tanh(np.concatenate([seen, read], axis=1) @ net["see"] + net["see_bias"])
        orders = state @ net["act"] + net["act_bias"]
        to_heads, erase, add = np.split(orders, [2 * per_head, 2 * per_head + width], axis=1)
        attention = attend(memory, attention, to_heads.reshape(count, 2, per_head))
        writing = attention[:, 1, :, None]
        memory = memory * (1 - writing * sigmoid(erase)[:, None]) + writing * np.tanh(add)[:, None]
        read = np.sum(attention[:, 0, :, None] * memory, axis=1)
        scores.append(np.concatenate([state, read], axis=1) @ net["say"] + net["say_bias"])
        attentions.append(attention)
    return np.stack(scores), np.stack(attentions)


def loss(net, inputs, sequences):
    """Return -log2 p(bit), on average: 1 for guessing, 0 for knowing."""
    scores = run(net, inputs)[0][-len(sequences) :]
    return np.mean(np.logaddexp(0, scores) - sequences * scores) / np.log(2)


# %%
# Train, with short sequences first. Gradients through many steps are very long at times: those are made shorter.
net = {
    "see": rng.normal(0, 0.3, (bits + 1 + width, hidden)),
    "see_bias": np.zeros(hidden),
    "act": rng.normal(0, 0.6, (hidden, 2 * per_head + 2 * width)),
    "act_bias": np.zeros(2 * per_head + 2 * width),
    "say": rng.normal(0, 0.3, (hidden + width, bits)),
    "say_bias": np.zeros(bits),
}
net["act_bias"][[width + 1, per_head + width + 1]] = -3.0  # heads stay where they are, unless they learn better
losses = []


def gradient(net, step):
    length = int(rng.integers(1, 4 + step // 50))
    value, slopes = value_and_grad(loss)(net, *exercises(16, length))
    losses.append(value)
    norm = np.sqrt(sum(np.sum(slope**2) for slope in slopes.values()))
    return {name: slope / max(norm, 1) for name, slope in slopes.items()}


net = adam(gradient, net, num_iters=200, step_size=0.01)
for first in range(0, 200, 40):
    print(f"steps {first:3} to {first + 39:3}: {np.mean(losses[first : first + 40]):.3f} bits lost of each")

# %%
# The examination.
for length in (5, 10, 20):
    inputs, sequences = exercises(200, length)
    scores, attentions = run(net, inputs)
    wrong = np.mean((scores[-length:] > 0) != sequences)
    print(f"length {length:2}: {wrong:.3%} of the bits are wrong")
    assert wrong < 0.01

# %%
# One copy of 20 steps. Below, where the machine writes (orange) and reads (blue): it invented a tape, and the loop that
# walks along it twice.
figure, parts = plt.subplots(3, 1, figsize=(7, 6.5), height_ratios=(5, 4, 16), sharex=True, layout="constrained")
parts[0].imshow(inputs[:, 0].T, cmap="Greys", aspect="auto")
parts[0].set_title("input, and the signal to begin", loc="left")
parts[1].imshow(sigmoid(scores[:, 0]).T * (np.arange(41) > 20), cmap="Greys", vmin=0, vmax=1, aspect="auto")
parts[1].set_title("output", loc="left")
reading, writing = np.moveaxis(attentions[:, 0], 0, -1)
orange, blue = np.array([0.84, 0.37, 0.0]), np.array([0.0, 0.45, 0.70])
colors = 1 - writing[..., None] * (1 - orange) - reading[..., None] * (1 - blue)
parts[2].imshow(np.clip(colors, 0, 1), aspect="auto")
parts[2].set_title("attention: writing (orange), reading (blue)", loc="left")
parts[2].set(xlabel="step", ylabel="place in the memory")
for axes in parts[:2]:
    axes.set_yticks([])
plt.show()
