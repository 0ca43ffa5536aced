"""Draws with traced parameters: the numbers are NumPy's, the derivatives those of the same draw."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import autodiff_numpy as traced
from autodiff import grad, jacobian, make_jvp
from autodiff.errors import LostDerivativeError, UnsupportedArgumentError
from autodiff_numpy.random import Generator, default_rng

# Method -> parameters, each of which is differentiated.
DRAWN = {
    "normal": (0.5, 1.5),
    "laplace": (0.5, 1.5),
    "logistic": (0.5, 1.5),
    "gumbel": (0.5, 1.5),
    "uniform": (0.5, 1.5),
    "exponential": (1.5,),
    "rayleigh": (1.5,),
    "lognormal": (0.5, 0.7),
    "weibull": (1.5,),
    "pareto": (1.5,),
    "power": (1.5,),
    "triangular": (-1.0, 0.2, 2.0),
}
STEP = 1e-6


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("size", [None, 4, (2, 3)])
def test_derivatives_of_a_draw(name: str, size: object) -> None:
    parameters = np.array(DRAWN[name])

    def draw(parameters: np.ndarray) -> np.ndarray:
        return getattr(default_rng(1), name)(*parameters, size=size)

    plain = getattr(np.random.default_rng(1), name)(*parameters, size=size)
    value, tangent = make_jvp(draw)(parameters)(np.ones(len(parameters)))
    assert np.allclose(value, plain, rtol=1e-12)
    assert np.allclose(tangent, (draw(parameters + STEP) - draw(parameters - STEP)) / (2 * STEP), atol=1e-7)
    assert np.allclose(np.sum(jacobian(draw)(parameters), axis=-1), tangent)


@pytest.mark.parametrize("name", DRAWN)
def test_parameters_are_broadcast_and_named(name: str) -> None:
    first, *rest = DRAWN[name]
    column = first + np.zeros((2, 1))

    def draw(column: np.ndarray) -> np.ndarray:
        return getattr(default_rng(1), name)(column, *rest, size=(2, 3))

    assert np.allclose(make_jvp(draw)(column)(column)[0], draw(column), rtol=1e-12)
    found = jacobian(draw)(column)
    assert found.shape == (2, 3, 2, 1)
    assert np.all(found[0, :, 1] == 0)
    with pytest.raises(ValueError, match="shape"):
        jacobian(lambda column: getattr(default_rng(1), name)(column, *rest, size=(3, 4)))(column)


def test_lists_and_defaults() -> None:
    assert grad(lambda x: np.sum(default_rng(0).normal([x, 2 * x], size=2)))(1.0) == 3.0
    assert grad(lambda x: default_rng(0).normal(scale=x))(1.0) == np.random.default_rng(0).normal()
    with pytest.raises(ValueError, match="scale < 0"):
        grad(lambda x: default_rng(0).normal(scale=x))(-1.0)


def test_other_draws_are_numpys() -> None:
    ours, numpys = default_rng(3), np.random.default_rng(3)
    assert isinstance(ours, np.random.Generator)
    assert ours.normal(1.0, 2.0) == numpys.normal(1.0, 2.0)
    assert np.all(ours.integers(0, 9, 5) == numpys.integers(0, 9, 5))
    assert np.all(ours.beta(1.0, 2.0, size=3) == numpys.beta(1.0, 2.0, size=3))
    assert np.all(ours.multivariate_normal([0, 1], np.eye(2)) == numpys.multivariate_normal([0, 1], np.eye(2)))
    assert ours.gamma(2.0) == numpys.gamma(2.0)
    assert np.all(ours.permutation(5) == numpys.permutation(5))
    assert np.all(ours.choice(5, 3) == numpys.choice(5, 3))
    again = pickle.loads(pickle.dumps(ours))
    assert type(again) is type(copy.deepcopy(ours)) is type(ours.spawn(1)[0]) is Generator
    assert again.random() == ours.random()
    assert traced.random.SeedSequence is np.random.SeedSequence


def test_gamma_in_its_scale() -> None:
    shapes = np.array([0.5, 2.0])
    value, tangent = make_jvp(lambda s: default_rng(0).gamma(shapes, s))(3.0)(1.0)
    assert np.allclose(value, np.random.default_rng(0).gamma(shapes, 3.0))
    assert np.allclose(tangent, value / 3.0)
    with pytest.raises(UnsupportedArgumentError, match="standard_gamma"):
        grad(lambda a: default_rng(0).gamma(a))(3.0)


def test_multivariate_normal() -> None:
    mean, cov = np.array([1.0, -1.0]), np.array([[2.0, 0.5], [0.5, 1.0]])

    def draw(mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
        return default_rng(0).multivariate_normal(mean, cov, 3, method="cholesky")

    plain = np.random.default_rng(0).multivariate_normal(mean, cov, 3, method="cholesky")
    assert np.allclose(make_jvp(draw, (0, 1))(mean, cov)((mean, cov))[0], plain)
    direction = np.array([[0.3, 0.1], [0.1, -0.2]])
    tangent = make_jvp(lambda cov: draw(mean, cov))(cov)(direction)[1]
    difference = draw(mean, cov + STEP * direction) - draw(mean, cov - STEP * direction)
    assert np.allclose(tangent, difference / (2 * STEP), atol=1e-7)
    moved = jacobian(lambda mean: default_rng(0).multivariate_normal(mean, cov))(mean)
    assert np.allclose(moved, np.eye(2))
    with pytest.raises(UnsupportedArgumentError, match="cholesky"):
        jacobian(lambda cov: default_rng(0).multivariate_normal(mean, cov))(cov)


def test_entries_are_picked() -> None:
    x = np.arange(6.0).reshape(3, 2)
    for draw in (
        lambda rng, x: rng.permutation(x),
        lambda rng, x: rng.permutation(x, axis=1),
        lambda rng, x: rng.choice(x, 2),
        lambda rng, x: rng.choice(x, (2, 2), replace=True, p=[0.5, 0.5], axis=1),
        lambda rng, x: rng.choice(x, 2, replace=False, shuffle=False),
    ):
        value, tangent = make_jvp(lambda x, draw=draw: draw(default_rng(0), x))(x)(x)
        assert np.all(value == draw(np.random.default_rng(0), x))
        assert np.all(tangent == value)
    with pytest.raises(UnsupportedArgumentError, match="`p`"):
        jacobian(lambda p: default_rng(0).choice(2, p=p))(np.array([0.5, 0.5]))


@pytest.mark.parametrize(
    ("name", "others"), [("poisson", ()), ("binomial", (0.5,)), ("beta", (1.0,)), ("standard_t", ()), ("wald", (1.0,))]
)
def test_distributions_that_are_refused(name: str, others: tuple[float, ...]) -> None:
    with pytest.raises(UnsupportedArgumentError, match=rf"Generator\.{name}"):
        grad(lambda x: getattr(default_rng(0), name)(x, *others))(3.0)


@pytest.mark.parametrize("rng", [np.random.default_rng(0), np.random.RandomState(0), np.random])
@pytest.mark.parametrize("name", ["normal", "uniform", "exponential", "poisson", "gamma", "standard_t"])
def test_numpys_own_draws_refuse_traced_parameters(rng: object, name: str) -> None:
    for x in (2.0, np.float64(2.0), np.array([2.0, 3.0])):
        with pytest.raises(LostDerivativeError, match=r"autodiff_numpy\.random"):
            jacobian(lambda x: getattr(rng, name)(x) + x)(x)
