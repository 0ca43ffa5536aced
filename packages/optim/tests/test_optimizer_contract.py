"""What all transformations promise: nothing of the caller's changes, types stay, states are containers of arrays."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import grad, vmap
from autodiff.containers import flatten, map_leaves
from autodiff_optim import optimizers, schedules

TRANSFORMATIONS: dict[str, Any] = {
    "sgd": optimizers.sgd(0.1),
    "momentum": optimizers.sgd(0.1, momentum=0.9),
    "nesterov": optimizers.sgd(0.1, momentum=0.9, nesterov=True),
    "rmsprop": optimizers.rmsprop(0.1, momentum=0.5),
    "rmsprop, corrected": optimizers.rmsprop(0.1, bias_correction=True),
    "rmsprop, centered": optimizers.rmsprop(0.1, centered=True),
    "adagrad": optimizers.adagrad(0.1),
    "adadelta": optimizers.adadelta(weight_decay=0.1),
    "adam": optimizers.adam(0.1),
    "adamw": optimizers.adamw(0.1, weight_decay=0.1),
    "amsgrad": optimizers.amsgrad(0.1),
    "nadam": optimizers.nadam(0.1, momentum_decay=0.004),
    "radam": optimizers.radam(0.1),
    "lion": optimizers.lion(0.1),
    "adabelief": optimizers.adabelief(0.1),
    "lamb": optimizers.lamb(0.1, weight_decay=0.1),
    "ema": optimizers.ema(0.9),
    "schedule": optimizers.adam(schedules.cosine(0.1, 100)),
    "decay by schedule": optimizers.adamw(0.1, weight_decay=schedules.linear(0.1, 0.0, 5)),
    "clipped": optimizers.chain(optimizers.clip_by_global_norm(1.0), optimizers.clip(0.5), optimizers.adam(0.1)),
    "masked": optimizers.masked(optimizers.adam(0.1), lambda p: {**map_leaves(lambda _: True, p), "w": False}),
    "accumulated": optimizers.accumulate(optimizers.adam(0.1), 2),
    "empty": optimizers.chain(),
}


class Layer(NamedTuple):
    weight: Any
    bias: Any


def parameters(dtype: Any = float) -> Any:
    rng = np.random.default_rng(3)
    return {
        "w": rng.normal(size=(40, 30)).astype(dtype),  # large enough to be worked on alone
        "layers": [Layer(rng.normal(size=(2, 3)).astype(dtype), rng.normal(size=3).astype(dtype)) for _ in range(2)],
        "scale": np.asarray(rng.normal(), dtype),
        "empty": np.zeros((0, 2), dtype),
    }


def gradients(params: Any, step: int) -> Any:
    rng = np.random.default_rng(step)
    return map_leaves(lambda x: np.asarray(rng.normal(size=x.shape), x.dtype), params)


def run(optimizer: Any, params: Any, steps: int = 4) -> tuple[Any, Any]:
    state = optimizer.init(params)
    for step in range(steps):
        updates, state = optimizer.update(gradients(params, step), state, params)
        params = optimizers.apply_updates(params, updates)
    return params, state


def assert_equal(found: Any, expected: Any) -> None:
    leaves, structure = flatten(found)
    others, other = flatten(expected)
    assert structure == other
    for a, b in zip(leaves, others, strict=True):
        assert (type(a), np.shape(a), a.dtype) == (type(b), np.shape(b), b.dtype)
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", TRANSFORMATIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:divide by zero", "ignore:invalid value")
def test_types_and_containers_stay(name: str, dtype: Any) -> None:
    params = parameters(dtype)
    found, state = run(TRANSFORMATIONS[name], params)
    for leaf, start in zip(flatten(found)[0], flatten(params)[0], strict=True):
        assert type(leaf) is np.ndarray
        assert (leaf.dtype, leaf.shape) == (start.dtype, start.shape)
    assert flatten(found)[1] == flatten(params)[1]
    for leaf in flatten(state)[0]:
        assert type(leaf) is np.ndarray
        assert leaf.shape == () or leaf.dtype == dtype
    assert flatten(state)[1] == flatten(TRANSFORMATIONS[name].init(params))[1]


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_nothing_of_the_callers_changes(name: str) -> None:
    optimizer, params = TRANSFORMATIONS[name], parameters()
    _, state = run(optimizer, params)
    grads = gradients(params, 7)
    before = copy.deepcopy((params, grads, state))
    updates, new = optimizer.update(grads, state, params)
    optimizers.apply_updates(params, updates)
    optimizer.update(grads, new, params)
    assert_equal((params, grads, state), before)
    again, _ = optimizer.update(grads, state, params)
    assert_equal(again, updates)


@pytest.mark.parametrize("name", TRANSFORMATIONS)
def test_in_place_is_the_same_to_the_last_bit(name: str) -> None:
    params = parameters()
    training = optimizers.InPlace(TRANSFORMATIONS[name], params)
    arrays = flatten(training.params)[0]
    for step in range(4):
        training.update(gradients(params, step))
    expected, state = run(TRANSFORMATIONS[name], params)
    assert_equal(training.params, expected)
    assert_equal(training.state, state)
    assert all(a is b for a, b in zip(arrays, flatten(training.params)[0], strict=True))
    assert_equal(params, parameters())


@pytest.mark.parametrize("name", [name for name in TRANSFORMATIONS if name not in {"clipped", "masked"}])
def test_small_arrays_come_out_as_if_alone(name: str) -> None:
    params = parameters()
    together, _ = run(TRANSFORMATIONS[name], params)
    leaves, _ = flatten(params)
    for i, leaf in enumerate(leaves):
        alone, state = leaf, TRANSFORMATIONS[name].init(leaf)
        for step in range(4):
            g = flatten(gradients(params, step))[0][i]
            updates, state = TRANSFORMATIONS[name].update(g, state, alone)
            alone = optimizers.apply_updates(alone, updates)
        np.testing.assert_array_equal(alone, flatten(together)[0][i])


@pytest.mark.parametrize("name", [name for name in TRANSFORMATIONS if name != "masked"])
def test_python_floats_stay(name: str) -> None:
    params: Any = [1.0, 2.0, np.float32(3.0), np.float32(4.0)]
    optimizer = TRANSFORMATIONS[name]
    state = optimizer.init(params)
    for _ in range(3):
        updates, state = optimizer.update([0.5, np.float64(-1.5), np.array(2.0), 1.5], state, params)
        params = optimizers.apply_updates(params, updates)
    assert [type(x) for x in params] == [float, float, np.float32, np.float32]


@pytest.mark.parametrize("name", ["momentum", "adam", "adagrad", "clipped", "accumulated"])
def test_arrays_of_another_library(name: str) -> None:
    array = pytest.importorskip("dask.array")
    start = np.arange(6.0)
    x, state = array.from_array(start, chunks=3), TRANSFORMATIONS[name].init(array.from_array(start, chunks=3))
    expected, plain = start, TRANSFORMATIONS[name].init(start)
    for _ in range(3):
        updates, state = TRANSFORMATIONS[name].update(2.0 * x, state, x)
        x = optimizers.apply_updates(x, updates)
        updates, plain = TRANSFORMATIONS[name].update(2.0 * expected, plain, expected)
        expected = optimizers.apply_updates(expected, updates)
    assert isinstance(x, array.Array)
    assert any(isinstance(leaf, array.Array) for leaf in flatten(state)[0])
    np.testing.assert_allclose(x.compute(), expected, rtol=1e-12)


def test_resuming_from_a_state() -> None:
    params, optimizer = parameters(), optimizers.adam(0.1)
    half, state = run(optimizer, params, 2)
    kept = copy.deepcopy((half, state))
    training = optimizers.InPlace(optimizer, half, state)
    for step in (2, 3):
        training.update(gradients(params, step))
    assert_equal(training.params, run(optimizer, params)[0])
    assert_equal((half, state), kept)


def test_in_place_with_keywords_and_foreign_transformations() -> None:
    class Halved:
        def init(self, params: Any) -> Any:
            return ()

        def update(self, grads: Any, state: Any, params: Any = None) -> Any:
            return map_leaves(lambda g: g / 2, grads), state

    optimizer = optimizers.chain(Halved(), optimizers.sgd(1.0), optimizers.reduce_on_plateau(0.5, 1))
    assert optimizer.extra == ("value",)
    training = optimizers.InPlace(optimizer, np.zeros(2))
    for _ in range(2):
        training.update(np.ones(2), value=3.0)
    np.testing.assert_array_equal(training.params, [-0.75, -0.75])


@pytest.mark.parametrize("moves", [False, True])
def test_in_place_leaves_alone_what_a_state_keeps(moves: bool) -> None:
    class Anchor:
        """Pulls towards the parameters at the start, or those of the step before."""

        def init(self, params: Any) -> Any:
            return params

        def update(self, grads: Any, state: Any, params: Any = None) -> Any:
            pulled = map_leaves(lambda g, x, anchor: g + 0.5 * (x - anchor), grads, params, state)
            return pulled, map_leaves(np.transpose, params) if moves else state

    optimizer, params = optimizers.chain(Anchor(), optimizers.sgd(0.1)), {"x": np.ones(3), "y": np.zeros(2)}
    training = optimizers.InPlace(optimizer, params)
    for step in range(4):
        training.update(gradients(params, step))
    assert_equal(training.params, run(optimizer, params)[0])


def test_only_what_takes_a_keyword_gets_it() -> None:
    optimizer = optimizers.masked(
        optimizers.accumulate(optimizers.chain(optimizers.adam(1.0), optimizers.reduce_on_plateau(0.5, 1)), 1), True
    )
    assert optimizer.extra == ("donate", "value")
    state = optimizer.init(0.0)
    for expected in (-1.0, -0.5):
        updates, state = optimizer.update(1.0, state, value=1.0, donate=True)
        assert updates == pytest.approx(expected)


@pytest.mark.parametrize("name", ["momentum", "adam", "rmsprop", "clipped", "accumulated"])
def test_one_optimizer_for_each_example_of_a_batch(name: str) -> None:
    starts = np.random.default_rng(1).normal(size=(3, 4))

    def trained(x: Any) -> Any:
        state = TRANSFORMATIONS[name].init(x)
        for _ in range(3):
            updates, state = TRANSFORMATIONS[name].update(x**2, state, x)
            x = optimizers.apply_updates(x, updates)
        return x

    np.testing.assert_allclose(vmap(trained)(starts), [trained(x) for x in starts], rtol=1e-12)


def test_a_batch_of_step_sizes() -> None:
    def trained(rate: Any) -> Any:
        optimizer = optimizers.adam(rate)
        updates, _ = optimizer.update(np.array([1.0, -2.0]), optimizer.init(np.zeros(2)))
        return updates

    np.testing.assert_allclose(vmap(trained)(np.array([0.1, 0.2])), [[-0.1, 0.1], [-0.2, 0.2]], rtol=1e-6)


def test_donated_states_are_not_overwritten_where_a_derivative_needs_them() -> None:
    """The velocity is what the derivative with respect to the step size consists of."""
    for size in (10, 5000):  # kept as copies, and locked
        g = np.ones(size)

        def final(rate: Any, g: Any = g, size: int = size) -> Any:
            training = optimizers.InPlace(optimizers.sgd(rate, momentum=0.5), np.zeros(size))
            for _ in range(3):
                training.update(g)
            return np.sum(training.params)

        assert grad(final)(0.1) == pytest.approx(-size * (1 + 1.5 + 1.75))
