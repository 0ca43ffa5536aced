"""Windows of an array: `sliding_window_view`, beside its cases in the tables."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from autodiff import grad, jacobian, vmap
from autodiff.errors import UnsupportedArgumentError

X = np.random.default_rng(0).normal(size=(2, 5, 6))


def test_the_gradient_of_a_convolution_by_its_input_and_by_its_filters() -> None:
    filters = np.random.default_rng(1).normal(size=(3, 2, 2))

    def by_windows(x, filters):
        return np.einsum("nijhw,fhw->nfij", sliding_window_view(x, (2, 2), axis=(1, 2)), filters)

    def by_shifts(x, filters):
        places = [(row, column) for row in range(2) for column in range(2)]
        return sum(x[:, None, r : r + 4, c : c + 5] * filters[:, r, c, None, None] for r, c in places)

    def slopes(convolve):
        return grad(lambda x, filters: np.sum(np.sin(convolve(x, filters))), (0, 1))(X, filters)

    for found, expected in zip(slopes(by_windows), slopes(by_shifts), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(("shape", "options"), [((2, 3), {}), (2, {"axis": 0}), ((2, 2, 1), {"axis": (-1, 0, 0)})])
def test_batches(shape: object, options: dict[str, object]) -> None:
    expected = np.stack([sliding_window_view(x, shape, **options) for x in X])
    np.testing.assert_array_equal(vmap(lambda x: sliding_window_view(x, shape, **options))(X), expected)
    np.testing.assert_array_equal(vmap(lambda x: sliding_window_view(x, shape, *options.values()))(X), expected)


def test_windows_to_write_into_are_refused() -> None:
    with pytest.raises(UnsupportedArgumentError, match="writeable"):
        grad(lambda x: np.sum(sliding_window_view(x, 2, writeable=True)))(np.ones(3))


def test_the_jacobian_consists_of_zeros_and_ones() -> None:
    expected = [[[1, 0, 0], [0, 1, 0]], [[0, 1, 0], [0, 0, 1]]]
    np.testing.assert_array_equal(jacobian(lambda x: sliding_window_view(x, 2))(np.ones(3)), expected)
