"""Training loops are differentiable, in both modes: in step sizes, in other hyperparameters, in where they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff_optim
from autodiff import grad, hessian, make_jvp
from autodiff_optim import optimizers, schedules

TARGET = np.array([0.5, -1.0, 2.0])
START = np.array([1.0, 2.0, -3.0])


def loss(x: Any) -> Any:
    return np.sum(np.array([1.0, 3.0, 0.3]) * (x - TARGET) ** 2) + np.sum(np.sin(x))


def trained(optimizer: Any, start: Any, steps: int = 10) -> Any:
    """Return the loss after some steps."""
    params = {"x": start}
    state = optimizer.init(params)
    for _ in range(steps):
        gradient = {"x": grad(loss)(params["x"])}
        updates, state = optimizer.update(gradient, state, params)
        params = optimizers.apply_updates(params, updates)
    return loss(params["x"])


def slope(fun: Callable[[Any], Any], x: Any, direction: Any) -> float:
    """By differences, extrapolated to the fourth order."""
    h = 1e-3
    central = lambda h: (fun(x + h * direction) - fun(x - h * direction)) / (2 * h)
    return float((4 * central(h / 2) - central(h)) / 3)


#: A function of one hyperparameter, and where it is differentiated.
IN_ONE_NUMBER: dict[str, tuple[Callable[[Any], Any], float]] = {
    "sgd": (optimizers.sgd, 0.03),
    "momentum": (lambda m: optimizers.sgd(0.01, momentum=m), 0.7),
    "nesterov": (lambda m: optimizers.sgd(0.01, momentum=m, nesterov=True), 0.7),
    "rmsprop": (optimizers.rmsprop, 0.03),
    "rmsprop, decay": (lambda b: optimizers.rmsprop(0.03, b, bias_correction=True), 0.8),
    "rmsprop, centered": (lambda s: optimizers.rmsprop(0.03, initial_scale=s, centered=True), 0.8),
    "adagrad": (lambda s: optimizers.adagrad(0.1, s), 0.5),
    "adadelta": (lambda rho: optimizers.adadelta(rho=rho, eps=1e-3), 0.8),
    "adam": (optimizers.adam, 0.03),
    "adam, b1": (lambda b: optimizers.adam(0.03, b), 0.8),
    "adam, b2": (lambda b: optimizers.adam(0.03, b2=b), 0.9),
    "adam, eps": (lambda e: optimizers.adam(0.03, eps=e), 0.3),
    "adam, eps_root": (lambda e: optimizers.adam(0.03, eps_root=e), 0.3),
    "adamw": (lambda d: optimizers.adamw(0.03, weight_decay=d), 0.3),
    "amsgrad": (optimizers.amsgrad, 0.03),
    "nadam": (lambda b: optimizers.nadam(0.03, b, momentum_decay=0.1), 0.8),
    "radam": (lambda b: optimizers.radam(0.03, b2=b), 0.9),
    "lion": (optimizers.lion, 0.013),
    "adabelief": (lambda b: optimizers.adabelief(0.03, b, eps=1e-3), 0.8),
    "lamb": (optimizers.lamb, 0.03),
    "clipped": (lambda m: optimizers.chain(optimizers.clip_by_global_norm(m), optimizers.sgd(0.1)), 1.0),
    "clipped by entry": (lambda m: optimizers.chain(optimizers.clip(m), optimizers.sgd(0.1)), 1.1),
    "accumulated": (lambda lr: optimizers.accumulate(optimizers.adam(lr), 2), 0.03),
    "ema": (lambda b: optimizers.chain(optimizers.ema(b), optimizers.sgd(0.03)), 0.7),
    "cosine": (lambda lr: optimizers.adam(schedules.cosine(lr, 10)), 0.03),
    "cosine, exponent": (lambda e: optimizers.adam(schedules.cosine(0.03, 20, exponent=e)), 1.5),
    "warm-up": (lambda lr: optimizers.sgd(schedules.warmup_cosine(0.0, lr, 3, 12)), 0.03),
    "exponential": (lambda r: optimizers.sgd(schedules.exponential(0.03, 5, r, end_value=0.01)), 0.7),
    "piecewise": (lambda s: optimizers.sgd(schedules.piecewise(0.03, {4: s})), 0.7),
    "one cycle": (lambda lr: optimizers.sgd(schedules.one_cycle(10, lr)), 0.05),
    "polynomial": (lambda e: optimizers.sgd(schedules.polynomial(0.05, 0.01, e, 15)), 1.5),
    "own schedule": (lambda lr: optimizers.sgd(lambda step: lr / (1 + step)), 0.05),
}


@pytest.mark.parametrize("name", IN_ONE_NUMBER)
def test_derivatives_by_a_hyperparameter(name: str) -> None:
    optimizer, at = IN_ONE_NUMBER[name]
    fun = lambda value: trained(optimizer(value), START)
    expected = slope(fun, at, min(1.0, at))
    assert grad(fun)(at) * min(1.0, at) == pytest.approx(expected, rel=1e-6)
    assert make_jvp(fun)(at)(min(1.0, at))[1] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("name", [name for name in IN_ONE_NUMBER if name != "clipped by entry"])
def test_derivatives_by_the_initial_parameters(name: str) -> None:
    make, at = IN_ONE_NUMBER[name]
    fun = lambda start: trained(make(at), start)
    direction = np.array([0.3, -0.5, 0.2])
    expected = slope(fun, START, direction)
    assert grad(fun)(START) @ direction == pytest.approx(expected, rel=1e-5)
    assert make_jvp(fun)(START)(direction)[1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_second_derivatives(name: str) -> None:
    fun = lambda rate: trained(getattr(optimizers, name)(rate), START)
    assert hessian(fun)(0.03) == pytest.approx(slope(grad(fun), 0.03, 0.1) / 0.1, rel=1e-5)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam"])
def test_loops_with_the_signatures_of_autograd(name: str) -> None:
    loop = getattr(autodiff_optim, name)

    def fun(rate: Any, start: Any) -> Any:
        return loss(loop(lambda x, i: grad(loss)(x), start, num_iters=10, step_size=rate))

    by_rate, by_start = grad(fun, (0, 1))(0.02, START)
    direction = np.array([0.3, -0.5, 0.2])
    assert by_rate == pytest.approx(slope(lambda rate: fun(rate, START), 0.02, 0.1) / 0.1, rel=1e-6)
    assert by_start @ direction == pytest.approx(slope(lambda start: fun(0.02, start), START, direction), rel=1e-6)
    assert make_jvp(lambda rate: fun(rate, START))(0.02)(1.0)[1] == pytest.approx(by_rate, rel=1e-10)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_of_traced_step_sizes(dtype: Any) -> None:
    def fun(rate: Any) -> Any:
        optimizer = optimizers.adam(rate)
        x = START.astype(dtype)
        state = optimizer.init(x)
        for _ in range(2):
            updates, state = optimizer.update(x, state, x)
            x = optimizers.apply_updates(x, updates)
            assert x.dtype == updates.dtype == dtype
            assert all(moment.dtype == dtype for moment in (state[0].mean, state[0].square))
        return np.sum(x)

    assert grad(fun)(0.1) == pytest.approx(-np.sum(np.sign(START)) * 2, abs=0.2)


def test_gradients_of_zero_need_eps_root() -> None:
    def fun(rate: Any) -> Any:
        return trained(optimizers.adam(rate, eps_root=1e-8), TARGET) * 0 + rate

    def zero(start: Any) -> Any:
        optimizer = optimizers.adam(0.1, eps_root=1e-8)
        updates, _ = optimizer.update(start * 0.0, optimizer.init(start))
        return np.sum(updates)

    assert grad(fun)(0.1) == 1.0
    np.testing.assert_array_equal(grad(zero)(START), 0.0)


def test_clipping_has_a_derivative_where_all_gradients_are_zero() -> None:
    shrink = optimizers.clip_by_global_norm(1.0)
    np.testing.assert_array_equal(grad(lambda g: np.sum(shrink.update(g, shrink.init(g))[0]))(np.zeros(2)), 1.0)


def test_losses_that_reduce_the_step_may_be_traced() -> None:
    optimizer = optimizers.chain(optimizers.sgd(0.1), optimizers.reduce_on_plateau(0.5, patience=1))

    def fun(x: Any) -> Any:
        state = optimizer.init(x)
        for _ in range(2):
            updates, state = optimizer.update(2.0 * x, state, value=np.sum(x * 0.0))
            x = x + updates
        return np.sum(x)

    np.testing.assert_allclose(grad(fun)(START), 0.8 * 0.9)
