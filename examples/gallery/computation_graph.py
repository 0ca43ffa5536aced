"""
Drawing the computation graph
=============================

To differentiate a program, autodiff follows its numbers. What happens to a number that is followed is up to a *trace*:
reverse mode, forward mode and batches are three of them. Here is a fourth, in thirty lines. It writes down which number
was computed from which, so that the program can be drawn. Traces nest: so the program may be one that computes a
gradient, and we see what back-propagation does.
"""

from typing import NamedTuple

import matplotlib.pyplot as plt
from matplotlib.patches import PathPatch
from matplotlib.path import Path

import autodiff_numpy as np
from autodiff import grad, value_and_grad
from autodiff.extend import Box, Trace, load_plugins

# %%
# A number that is followed travels in a *box*, which holds the number, its trace, and a note of the trace's own: here,
# its place in the list of all results. `process` is called for each function that meets such a box.


class Place(NamedTuple):
    number: int


class Graph(Trace):
    def __init__(self):
        super().__init__()
        self.steps = []  # for each result: name, function, arguments, value

    def input(self, name, value):
        self.steps.append((name, None, (), value))
        return self.box(value, Place(len(self.steps) - 1))

    def process(self, primitive, args, kwargs):
        value = primitive.call(*[arg.value if self.follows(arg) else arg for arg in args], **kwargs)
        places = tuple(arg.node if self.follows(arg) else arg for arg in args)
        self.steps.append((primitive.name, lambda *args: primitive.call(*args, **kwargs), places, value))
        return self.box(value, Place(len(self.steps) - 1))

    def follows(self, value):
        return isinstance(value, Box) and value.owner is self


def graph_of(function, **inputs):
    """Return the steps of a function, and its results, in boxes."""
    load_plugins()  # which makes known that arrays can be followed
    graph = Graph()
    results = function(*[graph.input(name, value) for name, value in inputs.items()])
    return graph.steps, results


# %%
# A function of two numbers, and the steps of it and of its gradient. The first are among the second.


def f(x, y):
    return np.sin(x * y) / y


point = {"x": np.float64(2.0), "y": np.float64(0.6)}
forward, _ = graph_of(f, **point)
steps, (value, slopes) = graph_of(value_and_grad(f, (0, 1)), **point)
results = {box.node.number: name for name, box in zip(("f", "∂f/∂x", "∂f/∂y"), (value, *slopes), strict=True)}
names = [name.split(".")[-1] for name, *_ in steps]
print("the function:", ", ".join(names[: len(forward)]))
print("back-propagation:", ", ".join(names[len(forward) :]))
assert [name for name, *_ in forward] == [name for name, *_ in steps[: len(forward)]]
assert np.allclose([steps[place][3] for place in results], [f(**point), *grad(f, (0, 1))(*point.values())])

# %%
# The graph is a program. Going through its steps with other inputs gives the gradient there.


def run(steps, inputs):
    values = list(inputs)
    for _, function, args, _ in steps[len(values) :]:
        values.append(function(*[values[arg.number] if isinstance(arg, Place) else arg for arg in args]))
    return values


values = run(steps, [-0.7, 1.9])
assert np.allclose([values[place] for place in results], [f(-0.7, 1.9), *grad(f, (0, 1))(-0.7, 1.9)])
assert np.isclose(grad(f)(-0.7, 1.9), np.cos(-0.7 * 1.9))

# %%
# To draw it, each result is put above all that it was computed from. A line on its way through a layer gets a place in
# it as results do. Then everything moves, again and again, to the middle of its neighbours, as far as the others in its
# layer let it.


def layout(parents):
    """Return the layer of each node, and beyond these of passing lines; and the way of each line through them."""
    layers, ways = [], []
    for lower in parents:
        layers.append(1 + max((layers[parent] for parent in lower), default=-1))
    for node, lower in enumerate(parents):
        for parent in lower:
            between = range(layers[parent] + 1, layers[node])
            ways.append([parent, *range(len(layers), len(layers) + len(between)), node])
            layers.extend(between)
    return np.array(layers), ways


def arrange(layers, ways):
    """Return how far to the right everything is."""
    near = np.zeros((len(layers), len(layers)))
    for way in ways:
        near[way[:-1], way[1:]] = near[way[1:], way[:-1]] = 1
    right = np.arange(len(layers)) % 5.0
    for _ in range(50):
        for layer in range(max(layers) + 1):
            inside = np.flatnonzero(layers == layer)
            wanted = near[inside] @ right / np.sum(near[inside], axis=1)
            order, at = np.argsort(wanted), np.sort(wanted)
            for i in range(1, len(at)):
                at[i] = max(at[i], at[i - 1] + 1)
            right[inside[order]] = at + np.mean(wanted) - np.mean(at)
    return right


parents = [[arg.number for arg in args if isinstance(arg, Place)] for _, _, args, _ in steps]
layers, ways = layout(parents)
right = arrange(layers, ways)
for node, lower in enumerate(parents):
    assert all(layers[parent] < layers[node] for parent in lower)
for layer in range(max(layers) + 1):
    assert np.all(np.diff(np.sort(right[layers == layer])) > 0.99)

# %%
# Blue: the function. Orange: back-propagation, which uses results of the function. (`autodiff.debug` has a finished
# tool, `draw_graph`.)
times = "\N{MULTIPLICATION SIGN}"
signs = {"mul": times, "multiply": times, "add": "+", "truediv": "÷", "divide": "÷", "neg": "-"}
figure, axes = plt.subplots(figsize=(7, 8), layout="constrained")
for way in ways:
    places = np.stack([right[way], layers[way]], axis=1)
    bends = np.stack([places[1:-1], (places[1:-1] + places[2:]) / 2], axis=1).reshape(-1, 2)
    bends[-1:] = places[-1]
    line = [places[0], *bends] if len(bends) else places
    codes = [Path.MOVETO] + [Path.CURVE3 if len(bends) else Path.LINETO] * (len(line) - 1)
    axes.add_patch(PathPatch(Path(line, codes), facecolor="none", edgecolor="0.6", linewidth=2))
for node, (name, (*_, value)) in enumerate(zip(names, steps, strict=True)):
    lines = [results[node]] if node in results else []
    text = "\n".join([*lines, str(signs.get(name, name)), f"{value:.2f}"])
    color = "#0072B2" if node < len(forward) else "#D55E00"
    frame = {"boxstyle": "round,pad=0.4", "facecolor": color, "edgecolor": "white"}
    axes.text(right[node], layers[node], text, ha="center", va="center", color="white", fontsize=13, bbox=frame)
axes.set(xlim=(min(right) - 0.4, max(right) + 0.4), ylim=(-0.4, max(layers) + 0.5))
axes.set_title("sin(xy) / y and its derivatives at x = 2, y = 0.6")
axes.axis("off")
plt.show()
