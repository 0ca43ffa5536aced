"""Each optimizer beside its published formula, for one array; schedules beside numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autodiff_optim import optimizers, schedules

START = np.array([1.0, -2.0, 3.0])
LR = 0.1


def gradient(x: Any, t: int) -> Any:
    return np.array([1.0, 10.0, 0.3]) * (x - np.array([0.5, -1.0, 2.0])) + np.cos(t)


def sgd(x, g, t, m):
    m["v"] = 0.9 * m["v"] + g
    return x - LR * m["v"]


def nesterov(x, g, t, m):
    m["v"] = 0.9 * m["v"] + g
    return x - LR * (g + 0.9 * m["v"])


def rmsprop(x, g, t, m):
    m["s"] = 0.9 * m["s"] + 0.1 * g**2
    return x - LR * g / np.sqrt(m["s"] + 1e-8)


def centered(x, g, t, m):
    m["s"], m["m"] = 0.9 * m["s"] + 0.1 * g**2, 0.9 * m["m"] + 0.1 * g
    m["v"] = 0.5 * m["v"] + LR * g / np.sqrt(m["s"] - m["m"] ** 2 + 1e-8)
    return x - m["v"]


def adagrad(x, g, t, m):
    m["s"] = m["s"] + g**2
    return x - LR * g / np.sqrt(0.1 + m["s"] + 1e-7)


def adadelta(x, g, t, m):
    m["s"] = 0.9 * m["s"] + 0.1 * g**2
    step = -np.sqrt(m["d"] + 1e-6) / np.sqrt(m["s"] + 1e-6) * g
    m["d"] = 0.9 * m["d"] + 0.1 * step**2
    return x + LR * step


def moments(g, t, m):
    m["m"], m["s"] = 0.9 * m["m"] + 0.1 * g, 0.999 * m["s"] + 0.001 * g**2
    return m["m"] / (1 - 0.9**t), m["s"] / (1 - 0.999**t)


def adam(x, g, t, m):
    mean, square = moments(g, t, m)
    return x - LR * mean / (np.sqrt(square) + 1e-8)


def adamw(x, g, t, m):
    mean, square = moments(g, t, m)
    return x - LR * (mean / (np.sqrt(square) + 1e-8) + 0.01 * x)


def amsgrad(x, g, t, m):
    mean, square = moments(g, t, m)
    m["max"] = np.maximum(m["max"], square)
    return x - LR * mean / (np.sqrt(m["max"]) + 1e-8)


def nadam(x, g, t, m):
    _, square = moments(g, t, m)
    mean = 0.9 * m["m"] / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    return x - LR * mean / (np.sqrt(square) + 1e-8)


def radam(x, g, t, m):
    mean, square = moments(g, t, m)
    limit = 2 / (1 - 0.999) - 1
    rho = limit - 2 * t * 0.999**t / (1 - 0.999**t)
    if rho < 5:
        return x - LR * mean
    r = np.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
    return x - LR * r * mean / (np.sqrt(square) + 1e-8)


def radam_of_pytorch(x, g, t, m):
    mean, _ = moments(g, t, m)
    limit = 2 / (1 - 0.999) - 1
    rho = limit - 2 * t * 0.999**t / (1 - 0.999**t)
    if rho < 5:
        return x - LR * mean
    r = np.sqrt((rho - 4) * (rho - 2) * limit / ((limit - 4) * (limit - 2) * rho))
    return x - LR * r * mean * np.sqrt(1 - 0.999**t) / (np.sqrt(m["s"]) + 0.01)


def lion(x, g, t, m):
    step = np.sign(0.9 * m["m"] + 0.1 * g)
    m["m"] = 0.99 * m["m"] + 0.01 * g
    return x - LR * (step + 0.001 * x)


def adabelief(x, g, t, m):
    m["m"] = 0.9 * m["m"] + 0.1 * g
    m["s"] = 0.999 * m["s"] + 0.001 * (g - m["m"]) ** 2 + 1e-16
    return x - LR * m["m"] / (1 - 0.9**t) / (np.sqrt(m["s"] / (1 - 0.999**t)) + 1e-16)


def lamb(x, g, t, m):
    mean, square = moments(g, t, m)
    step = mean / (np.sqrt(square) + 1e-6) + 0.01 * x
    return x - LR * step * np.sqrt(np.sum(x**2)) / np.sqrt(np.sum(step**2))


FORMULAS: list[tuple[Any, Callable[..., Any]]] = [
    (optimizers.sgd(LR, momentum=0.9), sgd),
    (optimizers.sgd(LR, momentum=0.9, nesterov=True), nesterov),
    (optimizers.rmsprop(LR), rmsprop),
    (optimizers.rmsprop(LR, centered=True, momentum=0.5), centered),
    (optimizers.adagrad(LR), adagrad),
    (optimizers.adadelta(LR), adadelta),
    (optimizers.adam(LR), adam),
    (optimizers.adamw(LR, weight_decay=0.01), adamw),
    (optimizers.amsgrad(LR), amsgrad),
    (optimizers.nadam(LR), nadam),
    (optimizers.radam(LR), radam),
    (optimizers.radam(LR, eps=0.01, correct_eps=True), radam_of_pytorch),
    (optimizers.lion(LR), lion),
    (optimizers.adabelief(LR), adabelief),
    (optimizers.lamb(LR, weight_decay=0.01), lamb),
]


@pytest.mark.parametrize(("optimizer", "formula"), FORMULAS, ids=lambda value: getattr(value, "__name__", ""))
def test_formulas(optimizer: Any, formula: Callable[..., Any]) -> None:
    x, state = START, optimizer.init(START)
    expected, memory = START, dict.fromkeys(["v", "s", "m", "d", "max"], np.zeros(3))
    for t in range(1, 31):
        updates, state = optimizer.update(gradient(x, t), state, x)
        x = optimizers.apply_updates(x, updates)
        expected = formula(expected, gradient(expected, t), t, memory)
        np.testing.assert_allclose(x, expected, rtol=1e-10)


#: What PyTorch has otherwise: the sizes of the third step, for gradients of 1, 2 and 4 and a step size of 1.
IN_PYTORCHS_WAY: list[tuple[Any, float]] = [
    (optimizers.rmsprop(1.0, decay=0.75, eps=1.0, eps_in_sqrt=False), 4 / (np.sqrt((0.5625 + 4 * 0.75 + 16) / 4) + 1)),
    (optimizers.adagrad(1.0, initial_accumulator_value=4.0, eps=1.0, eps_in_sqrt=False), 4 / (np.sqrt(25) + 1)),
    (optimizers.amsgrad(1.0, 0.0, 0.5, eps=0.0, correct_maximum=True), 4 / np.sqrt((1 / 8 + 4 / 4 + 16 / 2) / 0.875)),
    (optimizers.nadam(1.0, 0.0, 0.5, eps=0.0, momentum_decay=0.5), 4 / np.sqrt((1 / 8 + 4 / 4 + 16 / 2) / 0.875)),
]  # fmt: skip


@pytest.mark.parametrize(("optimizer", "size"), IN_PYTORCHS_WAY)
def test_other_conventions(optimizer: Any, size: float) -> None:
    state = optimizer.init(0.0)
    for g in (1.0, 2.0, 4.0):
        updates, state = optimizer.update(g, state)
    assert updates == pytest.approx(-size, rel=1e-12)


def test_momentum_decay_of_nadam() -> None:
    """The weights of mean and gradient in step 1 are mu_2 / (1 - mu_1 mu_2) and (1 - mu_1) / (1 - mu_1) = 1."""
    mu = [0.9 * (1 - 0.5 * 0.96 ** (0.5 * t)) for t in (1, 2)]
    optimizer = optimizers.nadam(1.0, eps=0.0, momentum_decay=0.5)
    updates, _ = optimizer.update(2.0, optimizer.init(0.0))
    assert updates == pytest.approx(-(mu[1] / (1 - mu[0] * mu[1]) * 0.2 + 2.0) / 2.0, rel=1e-12)


SCHEDULES: list[tuple[Any, dict[int, float]]] = [
    (schedules.constant(0.5), {0: 0.5, 7: 0.5}),
    (schedules.linear(1.0, 3.0, 4, 2), {0: 1.0, 2: 1.0, 3: 1.5, 6: 3.0, 9: 3.0}),
    (schedules.polynomial(1.0, 0.0, 3, 2), {0: 1.0, 1: 0.125, 2: 0.0}),
    (schedules.exponential(8.0, 2, 0.25), {0: 8.0, 1: 4.0, 2: 2.0}),
    (schedules.exponential(8.0, 2, 0.25, 1, True, 1.0), {0: 8.0, 1: 8.0, 2: 8.0, 3: 2.0, 4: 2.0, 5: 1.0}),
    (schedules.exponential(1.0, 1, 2.0, end_value=3.0), {0: 1.0, 1: 2.0, 2: 3.0}),
    (schedules.cosine(2.0, 4, alpha=0.5), {0: 2.0, 2: 1.5, 4: 1.0, 8: 1.0}),
    (schedules.cosine(1.0, 2, exponent=2.0), {0: 1.0, 1: 0.25, 2: 0.0}),
    (schedules.warmup_cosine(0.0, 2.0, 2, 6, 1.0), {0: 0.0, 1: 1.0, 2: 2.0, 4: 1.5, 6: 1.0, 9: 1.0}),
    (schedules.warmup_cosine(0.0, 2.0, 0, 4), {0: 2.0, 2: 1.0, 4: 0.0}),
    (schedules.piecewise(1.0, {4: 0.5, 2: 0.1}), {0: 1.0, 1: 1.0, 2: 0.1, 3: 0.1, 4: 0.05}),
    (schedules.interpolated({1.5: 1.0, 3.5: 3.0}), {0: 1.0, 1: 1.0, 2: 1.5, 3: 2.5, 4: 3.0}),
    (schedules.interpolated({0: 0.0, 2: 4.0}, "cosine"), {0: 0.0, 1: 2.0, 2: 4.0}),
    (schedules.one_cycle(10, 1.0, 0.4, None, 4.0, 5.0), {0: 0.25, 2: 0.625, 4: 1.0, 7: 0.525, 10: 0.05}),
    (schedules.one_cycle(10, 1.0, 0.4, 0.8, 4.0, 5.0, "linear"), {0: 0.25, 4: 1.0, 8: 0.25, 9: 0.15, 10: 0.05}),
    (schedules.join([schedules.constant(1.0), schedules.linear(2.0, 0.0, 2)], [3]), {0: 1.0, 2: 1.0, 3: 2.0, 4: 1.0}),
]  # fmt: skip


@pytest.mark.parametrize(("schedule", "values"), SCHEDULES)
def test_schedules(schedule: Any, values: dict[int, float]) -> None:
    found = {step: schedule(step) for step in values}
    assert found == pytest.approx(values, abs=1e-12)
    assert all(type(value) is float for value in found.values())
    np.testing.assert_allclose(schedule(np.array(list(values))), list(values.values()), atol=1e-12)


def test_schedules_count_from_zero() -> None:
    optimizer = optimizers.sgd(lambda step: 10.0**-step)
    state, found = optimizer.init(0.0), []
    for _ in range(3):
        updates, state = optimizer.update(1.0, state)
        found.append(updates)
    assert found == pytest.approx([-1.0, -0.1, -0.01])


def test_plateaus() -> None:
    reduce = optimizers.reduce_on_plateau(0.5, patience=2, cooldown=2, min_scale=0.2, atol=0.5, rtol=0.0)
    state, found = reduce.init(0.0), []
    for loss in (9.0, 8.0, 7.6, 8.0, 8.0, 8.0, 8.0, 8.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0):
        updates, state = reduce.update(1.0, state, value=loss)
        found.append(updates)
    assert found == [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2]


def test_losses_are_averaged_before_they_count() -> None:
    reduce = optimizers.reduce_on_plateau(0.5, patience=1, accumulation_size=2)
    state, found = reduce.init(0.0), []
    for loss in (4.0, 2.0, 1.0, 3.0, 4.0, 4.0):
        updates, state = reduce.update(1.0, state, value=loss)
        found.append(updates)
    assert found == [1, 1, 1, 1, 1, 0.5]


def test_clipping() -> None:
    grads = {"a": np.array([3.0, 0.0]), "b": 4.0}
    for most, factor in ((1.0, 0.2), (5.0, 1.0), (7.0, 1.0)):
        shrink = optimizers.clip_by_global_norm(most)
        updates, _ = shrink.update(grads, shrink.init(grads))
        np.testing.assert_allclose(updates["a"], [3.0 * factor, 0.0], rtol=1e-15)
        assert updates["b"] == pytest.approx(4.0 * factor, rel=1e-15)
    large = np.array([3e4, 4e4], np.float16)  # its squares are infinite in half precision
    shrink = optimizers.clip_by_global_norm(1.0)
    np.testing.assert_allclose(shrink.update(large, shrink.init(large))[0], [0.6, 0.8], rtol=1e-3)
    assert shrink.update([], shrink.init([]))[0] == []
    unlimited = optimizers.clip_by_global_norm(np.finfo(float).max)  # whose square is infinite
    assert unlimited.update([3.0, 0.1], unlimited.init([0.0, 0.0]))[0] == [3.0, 0.1]
    cut = optimizers.clip(2.0)
    assert cut.update([-3.0, 1.0], cut.init([0.0, 0.0]))[0] == [-2.0, 1.0]


@pytest.mark.parametrize("mean", [True, False])
def test_accumulation_is_one_step_for_the_mean_or_the_sum(mean: bool) -> None:
    inner = optimizers.adam(0.1)
    optimizer = optimizers.accumulate(inner, lambda step: 2 if step == 0 else 3, mean=mean)
    gradients = np.arange(10.0).reshape(5, 2)
    state, plain = optimizer.init(np.zeros(2)), inner.init(np.zeros(2))
    for part in (gradients[:2], gradients[2:]):
        for g in part[:-1]:
            updates, state = optimizer.update(g, state)
            np.testing.assert_array_equal(updates, 0)
        updates, state = optimizer.update(part[-1], state)
        expected, plain = inner.update(np.mean(part, axis=0) if mean else np.sum(part, axis=0), plain)
        np.testing.assert_allclose(updates, expected, rtol=1e-14)


def test_masks() -> None:
    params = {"layers": [{"w": 1.0, "b": 2.0}, {"w": 3.0, "b": 4.0}], "scale": 5.0}
    masks: list[Any] = [
        {"layers": [{"w": True, "b": False}] * 2, "scale": False},
        lambda p: {"layers": [{"w": True, "b": False} for _ in p["layers"]], "scale": False},
    ]
    for mask in masks:
        decay = optimizers.add_decayed_weights(0.5, mask)
        updates, _ = decay.update(params, decay.init(params), params)
        assert updates == {"layers": [{"w": 1.5, "b": 2.0}, {"w": 4.5, "b": 4.0}], "scale": 5.0}
    branch = optimizers.masked(optimizers.sgd(1.0, momentum=0.5), {"layers": True, "scale": False})
    updates, state = branch.update(params, branch.init(params))
    assert updates == {"layers": [{"w": -1.0, "b": -2.0}, {"w": -3.0, "b": -4.0}], "scale": 5.0}
    assert state.inner[0].velocity["scale"] is None


def test_trust_ratio_where_a_norm_is_zero() -> None:
    ratio = optimizers.scale_by_trust_ratio(trust_coefficient=2.0)
    params, grads = [np.zeros(2), np.array([3.0, 4.0]), np.ones(2)], [np.ones(2), np.zeros(2), np.array([0.0, 2.0])]
    updates, _ = ratio.update(grads, ratio.init(params), params)
    np.testing.assert_allclose(updates, [[1.0, 1.0], [0.0, 0.0], [0.0, 2.0 * np.sqrt(2.0)]])
