"""
Hamiltonian Monte Carlo
=======================

To draw points from a probability density, let a ball roll. The potential is minus the log of the density, the ball gets
a random push, rolls for a while without friction, and where it is then is the next draw. The force is a gradient, and
it is what lets the ball follow a bent, narrow valley over long distances.
"""

import matplotlib.pyplot as plt

import autodiff_numpy as np
from autodiff import grad, value_and_grad

# %%
# The density has the form of a banana: :math:`x_1` is normal with deviation 1, and :math:`x_2` is normal around
# :math:`x_1^2 / 2` with deviation 1/2. So the moments are known: :math:`x_2` has the mean 1/2 and the variance 3/4.


def log_density(x):
    return -0.5 * x[..., 0] ** 2 - 0.5 * ((x[..., 1] - 0.5 * x[..., 0] ** 2) / 0.5) ** 2


true_mean = np.array([0.0, 0.5])
true_variance = np.array([1.0, 0.75])

# %%
# A step of the leapfrog method keeps volumes, and nearly keeps the energy. Many balls can roll at once: the sum of
# their log densities has the gradients of all of them.
force = grad(lambda x: np.sum(log_density(x)))


def leapfrog(x, momentum, step):
    momentum = momentum + 0.5 * step * force(x)
    x = x + step * momentum
    return x, momentum + 0.5 * step * force(x)


def hamiltonian_monte_carlo(x, draws, steps, step, rng):
    """Return `draws` draws of each chain, and the part of them that was accepted."""
    kept, accepted = [], []
    for _ in range(draws):
        momentum = rng.normal(size=x.shape)
        energy = 0.5 * np.sum(momentum**2, axis=-1) - log_density(x)
        end = x
        for _ in range(steps):
            end, momentum = leapfrog(end, momentum, step * rng.uniform(0.8, 1.2))
        change = 0.5 * np.sum(momentum**2, axis=-1) - log_density(end) - energy
        accept = np.log(rng.uniform(size=len(x))) < -change
        x = np.where(accept[:, None], end, x)
        kept.append(x)
        accepted.append(accept)
    return np.array(kept), np.mean(accepted)


rng = np.random.default_rng(1)
balls, accepted = hamiltonian_monte_carlo(rng.normal(size=(500, 2)), draws=60, steps=20, step=0.12, rng=rng)
balls = balls[20:]  # the start is forgotten by then
print(f"{balls.shape[0] * balls.shape[1]} draws, {accepted:.0%} accepted")
print("means", np.mean(balls, axis=(0, 1)), "variances", np.var(balls, axis=(0, 1)))
assert accepted > 0.9
assert np.all(np.abs(np.mean(balls, axis=(0, 1)) - true_mean) < [0.05, 0.08])
assert np.allclose(np.var(balls, axis=(0, 1)), true_variance, rtol=0.1)

# %%
# For how long should it roll? The No-U-Turn sampler (Hoffman and Gelman 2014, algorithm 3) rolls it forwards and
# backwards, twice as long each time, until the two ends begin to come closer; then it takes one of the places on the
# way. Recursion and branches of the sampler are Python's; only the density is differentiated.
value_and_force = value_and_grad(log_density)


class Ball:
    def __init__(self, x, momentum, log_p, force):
        self.x, self.momentum, self.force = x, momentum, force
        self.energy = 0.5 * momentum @ momentum - log_p

    def roll(self, step):
        half = self.momentum + 0.5 * step * self.force
        x = self.x + step * half
        log_p, force = value_and_force(x)
        return Ball(x, half + 0.5 * step * force, log_p, force)


def tree(ball, direction, depth, slice_energy, step, rng):
    """Roll :math:`2^{depth}` steps; return both ends, a place, how many places are good, whether to go on, the path."""
    if depth == 0:
        end = ball.roll(direction * step)
        return end, end, end, int(end.energy <= slice_energy), end.energy < slice_energy + 1000, [end.x]
    back, front, place, good, go_on, path = tree(ball, direction, depth - 1, slice_energy, step, rng)
    if go_on:
        outer = front if direction > 0 else back
        *ends, other, more, go_on, rest = tree(outer, direction, depth - 1, slice_energy, step, rng)
        back, front = (back, ends[1]) if direction > 0 else (ends[0], front)
        if more and rng.uniform() < more / (good + more):
            place = other
        good, path = good + more, path + rest
        go_on = go_on and not turns_back(back, front)
    return back, front, place, good, go_on, path


def turns_back(back, front):
    across = front.x - back.x
    return across @ back.momentum < 0 or across @ front.momentum < 0


def no_u_turn(x, draws, step, rng):
    """Return draws, and all places that were visited for each."""
    kept, visited = [], []
    for _ in range(draws):
        place = Ball(x, rng.normal(size=2), *value_and_force(x))
        slice_energy = place.energy + rng.exponential()
        back, front, good, go_on, depth = place, place, 1, True, 0
        before, after = [], [x]
        while go_on and depth < 8:
            if rng.uniform() < 0.5:
                _, front, other, more, go_on, path = tree(front, 1, depth, slice_energy, step, rng)
                after = after + path
            else:
                back, _, other, more, go_on, path = tree(back, -1, depth, slice_energy, step, rng)
                before = before + path
            if go_on and rng.uniform() < more / good:
                place = other
            good, depth = good + more, depth + 1
            go_on = go_on and not turns_back(back, front)
        x = place.x
        kept.append(x)
        visited.append(np.array([*before[::-1], *after]))
    return np.array(kept), visited


# %%
# Four chains that start far from each other. R-hat compares the variance between chains with that within: near 1, they
# agree.


def r_hat(chains):
    within = np.mean(np.var(chains, axis=1, ddof=1), axis=0)
    between = np.var(np.mean(chains, axis=1), axis=0, ddof=1)
    return np.sqrt(1 - 1 / chains.shape[1] + between / within)


def halves(chains):
    return np.concatenate(np.split(chains, 2, axis=1))  # a chain that drifts does not agree with itself


starts = np.array([[-2.0, 4.0], [2.0, 4.0], [0.0, 3.0], [0.0, -3.0]])
runs = [no_u_turn(start, draws=650, step=0.2, rng=rng) for start in starts]
chains = np.array([draws for draws, _ in runs])[:, 50:]
steps = sum(len(path) - 1 for _, visited in runs for path in visited)
print(f"NUTS: {chains.shape[0]} chains of {chains.shape[1]} draws, {steps / len(runs) / 650:.0f} steps for each draw")
print("means", np.mean(chains, axis=(0, 1)), "variances", np.var(chains, axis=(0, 1)), "R-hat", r_hat(halves(chains)))
assert np.all(r_hat(halves(chains)) < 1.04)
assert np.all(np.abs(np.mean(chains, axis=(0, 1)) - true_mean) < 0.2)
assert np.allclose(np.var(chains, axis=(0, 1)), true_variance, rtol=0.3)

# %%
# How the ball rolls: from the black point both ways, until it turns back. A place on the way is the next draw.
a, b = np.meshgrid(np.linspace(-3.3, 3.3, 200), np.linspace(-1.7, 5.2, 200))
density = np.exp(log_density(np.stack([a, b], axis=-1)))
figure, axes = plt.subplots(figsize=(7, 6), layout="constrained")
axes.contourf(a, b, density, levels=[0.01, 0.05, 0.15, 0.35, 0.65, 1], cmap="Blues", vmax=1.6)
axes.plot(*chains[:, ::3].reshape(-1, 2).T, ".", color="#555555", markersize=5, label="some of the draws")
draws, visited = runs[1]
widest = np.argmax([np.ptp(path[:, 0]) for path in visited])
axes.plot(*visited[widest].T, "o-", color="#D55E00", markersize=7, linewidth=2.5, label="one roll")
axes.plot(*draws[widest - 1], "o", color="black", markersize=13, label="from here")
axes.plot(*draws[widest], "*", color="#F0E442", markeredgecolor="black", markersize=24, label="to here")
axes.set(xlabel="$x_1$", ylabel="$x_2$", title="Draws by the No-U-Turn sampler")
axes.legend(loc="upper center", fontsize=11)
plt.show()
