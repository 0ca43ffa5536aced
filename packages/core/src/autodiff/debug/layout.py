"""Where the nodes of a graph are drawn: in layers, from top to bottom, with few crossings and short edges.

The four steps of K. Sugiyama, S. Tagawa and M. Toda, Methods for visual understanding of hierarchical system
structures, IEEE Trans. Systems, Man, and Cybernetics 11 (1981): layers, so that edges point down; bends where an edge
crosses a layer; the order within layers; coordinates.
"""

from __future__ import annotations

import itertools
from bisect import bisect, insort
from collections.abc import Iterable
from typing import NamedTuple

Point = tuple[float, float]

_ACROSS, _DOWN = 24.0, 40.0  # room between nodes
_SWEEPS = 8


class Layout(NamedTuple):
    """Centres of the nodes, the points that each edge goes through, and the size of the whole."""

    centres: list[Point]
    routes: list[list[Point]]
    width: float
    height: float


def lay_out(sizes: list[tuple[float, float]], edges: list[tuple[int, int]]) -> Layout:
    """Lay out nodes of these sizes; edges are pairs of nodes and point from smaller numbers to larger ones."""
    count = len(sizes)
    layers = _layers(count, edges)
    widths, level = [width for width, _ in sizes], list(layers)
    chains: list[list[int]] = []
    for a, b in edges:
        bends = range(len(level), len(level) + layers[b] - layers[a] - 1)
        level += range(layers[a] + 1, layers[b])
        widths += [0.0] * len(bends)
        chains.append([a, *bends, b])
    above: list[list[int]] = [[] for _ in level]
    below: list[list[int]] = [[] for _ in level]
    for chain in chains:
        for upper, lower in itertools.pairwise(chain):
            below[upper].append(lower)
            above[lower].append(upper)
    rows: list[list[int]] = [[] for _ in range(max(level, default=-1) + 1)]
    for node in range(len(level)):
        rows[level[node]].append(node)
    rows = _ordered(rows, above, below)
    xs = _across(rows, above, below, widths)
    heights = [max(sizes[node][1] if node < count else 0.0 for node in row) for row in rows]
    tops = [sum(heights[:i]) + i * _DOWN for i in range(len(rows))]
    points = [(xs[node], tops[level[node]] + heights[level[node]] / 2) for node in range(len(level))]
    routes = []
    for first, *between, last in chains:
        route = [(xs[first], points[first][1] + sizes[first][1] / 2)]
        for bend in between:  # straight down, past the nodes of the layer
            top = tops[level[bend]]
            route += [(xs[bend], top), (xs[bend], top + heights[level[bend]])]
        routes.append([*route, (xs[last], points[last][1] - sizes[last][1] / 2)])
    right = max((x + w / 2 for x, w in zip(xs, widths, strict=True)), default=0.0)
    return Layout(points[:count], routes, right, tops[-1] + heights[-1] if rows else 0.0)


def _layers(count: int, edges: list[tuple[int, int]]) -> list[int]:
    """Give each node a layer below all that point to it; those that nothing points to stand close above the next."""
    layers = [0] * count
    entered = [False] * count
    for a, b in sorted(edges, key=lambda edge: edge[1]):
        layers[b] = max(layers[b], layers[a] + 1)
        entered[b] = True
    for node in range(count):
        following = [layers[b] for a, b in edges if a == node]
        if not entered[node] and following:
            layers[node] = min(following) - 1
    return layers


def _ordered(rows: list[list[int]], above: list[list[int]], below: list[list[int]]) -> list[list[int]]:
    """Order the rows, sweeping down and up: each node goes where the mean of its neighbours is. Keep the best."""
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(_SWEEPS):
        rows = [list(row) for row in rows]
        neighbours, order = (above, range(1, len(rows))) if sweep % 2 == 0 else (below, range(len(rows) - 2, -1, -1))
        for i in order:
            fixed = rows[i - 1 if sweep % 2 == 0 else i + 1]
            place = {node: position for position, node in enumerate(fixed)}
            own = {node: position for position, node in enumerate(rows[i])}
            rows[i].sort(key=lambda node: _mean((place[n] for n in neighbours[node]), own[node]))
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: list[list[int]], below: list[list[int]]) -> int:
    """Count pairs of edges between neighbouring rows that cross."""
    count = 0
    for upper, lower in itertools.pairwise(rows):
        place = {node: position for position, node in enumerate(lower)}
        ends: list[int] = []
        for node in upper:
            new = [place[n] for n in below[node]]
            count += sum(len(ends) - bisect(ends, end) for end in new)
            for end in new:
                insort(ends, end)
    return count


def _across(rows: list[list[int]], above: list[list[int]], below: list[list[int]], widths: list[float]) -> list[float]:
    """Return the horizontal coordinates of the centres, from zero for the left edge on."""
    xs = [0.0] * len(widths)
    for row in rows:
        _place(row, xs, [0.0] * len(row), widths)
    for sweep in range(2 * _SWEEPS):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            neighbours = above if sweep % 2 == 0 else below
            wishes = [_mean((xs[n] for n in neighbours[node]), xs[node]) for node in row]
            _place(row, xs, wishes, widths)
    left = min((x - w / 2 for x, w in zip(xs, widths, strict=True)), default=0.0)
    return [x - left for x in xs]


def _place(row: list[int], xs: list[float], wishes: list[float], widths: list[float]) -> None:
    """Put the nodes of a row where the sum of squared distances to their wishes is least, without overlaps.

    That is the isotonic regression of the wishes, after the room that nodes need has been taken off: neighbours that
    would overlap are pooled, and stand around the mean of what they wish.
    """
    offsets = [0.0]
    for a, b in itertools.pairwise(row):
        offsets.append(offsets[-1] + (widths[a] + widths[b]) / 2 + _ACROSS)
    pools: list[tuple[float, int]] = []  # sums of wishes, and how many
    for wish, offset in zip(wishes, offsets, strict=True):
        total, size = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            before, many = pools.pop()
            total, size = total + before, size + many
        pools.append((total, size))
    positions = [total / size for total, size in pools for _ in range(size)]
    for node, position, offset in zip(row, positions, offsets, strict=True):
        xs[node] = position + offset


def _mean(numbers: Iterable[float], default: float) -> float:
    values = list(numbers)
    return sum(values) / len(values) if values else default
