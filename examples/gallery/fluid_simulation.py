"""
Smoke with a plan
=================

A flow carries smoke along. Which flow must it be at first, so that after 25 steps the smoke makes a picture? The
simulation is fifteen lines of NumPy, and `value_and_grad` differentiates through all of its steps: how the last picture
changes with every velocity at the beginning. An optimizer of SciPy does the rest.
"""

import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from scipy.optimize import minimize

import autodiff_numpy as np
from autodiff import value_and_grad

size, steps = 45, 25  # an odd size: the shortest waves of an even one have no direction
rows, columns = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")

# %%
# The flow lives on a grid whose ends meet. It neither creates nor destroys fluid: by the Fourier transform, take away
# from the velocity all that diverges. Viscosity, on the way, damps the fast waves.
frequency = 2 * np.pi * np.fft.fftfreq(size)
wave = np.stack(np.meshgrid(frequency, frequency, indexing="ij"))
square = np.sum(wave**2, axis=0)
damping = np.exp(-0.1 * square)
damping[0, 0] = 0  # the fluid as a whole stays where it is


def flow(velocity):
    """Return the part of the velocity that does not diverge, a little damped."""
    spectrum = np.fft.fft2(velocity)
    along = np.sum(wave * spectrum, axis=0) / np.where(square == 0, 1, square)
    return np.real(np.fft.ifft2((spectrum - wave * along) * damping))


# %%
# To carry a field along for one step, look where the fluid at each place came from, between four points of the grid.


def carry(field, velocity):
    row, column = rows - velocity[0], columns - velocity[1]
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    down, right = row - top, column - left
    above, below, left, beside = top % size, (top + 1) % size, left % size, (left + 1) % size
    return (1 - down) * ((1 - right) * field[..., above, left] + right * field[..., above, beside]) + down * (
        (1 - right) * field[..., below, left] + right * field[..., below, beside]
    )


def simulate(velocity, smoke):
    """Return the smoke at the beginning and after every step."""
    frames = [smoke]
    velocity = flow(velocity)
    for _ in range(steps):
        velocity = flow(carry(velocity, velocity))
        frames.append(carry(frames[-1], velocity))
    return frames


# %%
# At first the smoke is a disc; in the end it shall be a heart, or nearly so.
across, up = (columns - size / 2 + 0.5) / size * 2.8, (size / 2 - 0.5 - rows) / size * 2.8
smoke = 0.5 - 0.5 * np.tanh(6 * (across**2 + up**2 - 1))
heart = 0.5 - 0.5 * np.tanh(6 * (across**2 + up**2 - 0.85 - np.cbrt(across**2) * up))


def loss(flat):
    """Return how far the last picture is from the heart, and a little for flows that are rough."""
    velocity = flat.reshape(2, size, size)
    rough = np.mean((velocity - np.roll(velocity, 1, axis=1)) ** 2 + (velocity - np.roll(velocity, 1, axis=2)) ** 2)
    return np.mean((simulate(velocity, smoke)[-1] - heart) ** 2) + 1e-3 * rough


start = np.zeros(2 * size * size)
found = minimize(value_and_grad(loss), start, jac=True, method="L-BFGS-B", options={"maxiter": 40})
best = found.x.reshape(2, size, size)
frames = simulate(best, smoke)
print(f"{start.size} unknowns: loss {loss(start):.4f} without a flow, {found.fun:.4f} after {found.nit} steps")
assert np.mean((frames[-1] - heart) ** 2) < 0.1 * np.mean((smoke - heart) ** 2)

# %%
# Are the numbers right? The fluid does not diverge; smoke is not lost by much; and the gradient is that of finite
# differences.
still = flow(best)
divergence = np.fft.ifft2(np.sum(1j * wave * np.fft.fft2(still), axis=0))
assert np.max(np.abs(divergence.real)) < 1e-12
assert abs(np.sum(frames[-1]) / np.sum(smoke) - 1) < 0.05
somewhere, direction = np.random.default_rng(0).normal(size=(2, start.size))
gradient = value_and_grad(loss)(somewhere)[1]
slope = (loss(somewhere + 1e-6 * direction) - loss(somewhere - 1e-6 * direction)) / 2e-6
print(f"slope along a random direction: {gradient @ direction:.8f}, by finite differences {slope:.8f}")
assert np.isclose(gradient @ direction, slope, rtol=1e-5)

# %%
# From the disc to the heart. The arrows are the velocity at the beginning.
figure, parts = plt.subplots(2, 3, figsize=(7, 5), layout="constrained")
for axes, number in zip(parts.flat, range(0, steps + 1, steps // 5), strict=True):
    axes.imshow(frames[number], cmap="magma", vmin=0, vmax=1, interpolation="bilinear")
    axes.set(xticks=[], yticks=[])
    axes.set_title(f"step {number}", fontsize=13)
thin = (slice(1, None, 4), slice(1, None, 4))
parts[0, 0].quiver(columns[thin], rows[thin], still[1][thin], -still[0][thin], color="#1E88E5", width=0.014, scale=5)

# %%
# The same as a film. It stays for a while at the end.
film, axes = plt.subplots(figsize=(4, 4), layout="constrained")
image = axes.imshow(smoke, cmap="magma", vmin=0, vmax=1, interpolation="bilinear")
axes.set(xticks=[], yticks=[])


def show(number):
    image.set_data(frames[min(number, steps)])
    return [image]


animation = FuncAnimation(film, show, frames=steps + 15, interval=80, blit=True)
plt.show()
