"""Cases for histograms."""

import numpy as np

from rule_cases import case, complex_normal, normal, positive

DATA = np.array([0.2, 1.7, 0.9, 2.6, 3.1, 0.4, 1.1, 2.2])
OTHER = np.array([0.1, 0.8, 0.3, 0.9, 0.45, 0.6, 0.2, 0.7])
EDGES = np.array([0.0, 0.5, 2.0, 3.5])

CASES = (
    case(np.bincount, lambda w: np.bincount([3, 1, 3, 0], w), normal(4)),
    case(np.bincount, lambda w: np.bincount(np.array([3, 1, 3, 0]), weights=w, minlength=7), normal(4)),
    case(np.bincount, lambda w: np.bincount(np.zeros(0, int), w, 2), normal(0)),
    case(np.histogram_bin_edges, np.histogram_bin_edges, normal(6)),
    case(np.histogram_bin_edges, lambda a: np.histogram_bin_edges(a, "sturges"), normal(3, 5)),
    case(np.histogram_bin_edges, lambda a: a * np.histogram_bin_edges(a, 2, (0, 1)), normal(3)),
    case(np.histogram_bin_edges, lambda a: np.histogram_bin_edges(a, 3), np.array([2.0]), float32=False),
    case(np.histogram_bin_edges, lambda e: np.histogram_bin_edges([1, 2], e), EDGES),
    case(np.histogram, lambda w: np.histogram(DATA, 4, weights=w)[0], normal(8)),
    case(np.histogram, lambda w: np.histogram(DATA, EDGES, weights=w)[0], complex_normal(8)),
    case(np.histogram, lambda w: np.histogram(DATA.reshape(2, 4), 5, (0.3, 2.9), weights=w)[0], normal(2, 4)),
    case(np.histogram, lambda w: np.histogram([1, 2, 2, 3], [1, 2, 3], weights=w)[0], normal(4)),
    case(np.histogram, lambda a, w: np.histogram(a, 4, density=True, weights=w), DATA, positive(8)),
    case(np.histogram, lambda a: np.histogram(a, 4, density=True), DATA),
    case(np.histogram, lambda a: np.histogram(a, "sturges")[1], DATA),
    case(np.histogram, lambda e: np.histogram(DATA, e, None, True), EDGES),
    case(np.histogram2d, lambda w: np.histogram2d(DATA, OTHER, 3, weights=w)[0], normal(8)),
    case(np.histogram2d, lambda w: np.histogram2d(DATA, OTHER, EDGES, weights=w)[0], normal(8)),
    case(np.histogram2d, lambda w: np.histogram2d(DATA, OTHER, [EDGES, 2], None, True, w)[0], positive(8)),
    case(np.histogram2d, lambda x, y: np.histogram2d(x, y, (3, 2), density=True), DATA, OTHER),
    case(np.histogram2d, lambda y: np.histogram2d(DATA, y, 3, [[0, 4], None])[2], OTHER),
    case(np.histogramdd, lambda w: np.histogramdd(np.stack([DATA, OTHER, DATA], 1), 2, weights=w)[0], normal(8)),
    case(np.histogramdd, lambda w: np.histogramdd([DATA, OTHER], (EDGES, 3), weights=w)[0], normal(8)),
    case(np.histogramdd, lambda w: np.histogramdd(DATA, 3, weights=w)[0], normal(8)),
    case(np.histogramdd, lambda s: np.histogramdd(s, 3, density=True), np.stack([DATA, OTHER], 1)),
    case(np.histogramdd, lambda x, y: np.histogramdd([x, y], 3, density=True), DATA, OTHER),
)
