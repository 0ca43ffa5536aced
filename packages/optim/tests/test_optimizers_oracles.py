"""Every optimizer and schedule, step by step, beside those of Optax, PyTorch and HIPS autograd."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest

import autodiff_optim
from autodiff_optim import optimizers, schedules

STEPS = 100
RNG = np.random.default_rng(5)
START = {"w": RNG.normal(size=(3, 2)), "b": RNG.normal(size=4)}
CURVATURE = {"w": RNG.uniform(0.5, 2, size=(3, 2)), "b": RNG.uniform(0.5, 2, size=4)}
NOISE = [{name: RNG.normal(size=x.shape) for name, x in START.items()} for _ in range(STEPS)]


def gradient(params: Any, step: int) -> Any:
    """Of a loss with noise: it depends on the parameters, so that an error in a step shows in all that follow."""
    return {name: CURVATURE[name] * np.asarray(x) + NOISE[step][name] for name, x in params.items()}


def ours(optimizer: Any) -> Iterator[Any]:
    params, state = START, optimizer.init(START)
    for step in range(STEPS):
        updates, state = optimizer.update(gradient(params, step), state, params)
        params = optimizers.apply_updates(params, updates)
        yield params


def in_place(optimizer: Any) -> Iterator[Any]:
    training = optimizers.InPlace(optimizer, START)
    for step in range(STEPS):
        training.update(gradient(training.params, step))
        yield training.params


def of_optax(optax: Any, optimizer: Any) -> Iterator[Any]:
    jax = pytest.importorskip("jax")
    params = jax.tree.map(jax.numpy.asarray, START)
    state, update = optimizer.init(params), jax.jit(optimizer.update)
    for step in range(STEPS):
        updates, state = update(gradient(params, step), state, params)
        params = optax.apply_updates(params, updates)
        yield params


def of_torch(torch: Any, make: Callable[..., Any]) -> Iterator[Any]:
    params = {name: torch.nn.Parameter(torch.tensor(x)) for name, x in START.items()}
    optimizer = make(list(params.values()))
    for step in range(STEPS):
        now = {name: x.detach().numpy() for name, x in params.items()}
        for name, g in gradient(now, step).items():
            params[name].grad = torch.tensor(g)
        optimizer.step()
        yield {name: x.detach().numpy() for name, x in params.items()}


def assert_same_path(found: Iterable[Any], expected: Iterable[Any]) -> None:
    for step, (a, b) in enumerate(zip(found, expected, strict=True)):
        for name in START:
            np.testing.assert_allclose(a[name], np.asarray(b[name]), rtol=0, atol=1e-10, err_msg=f"{name}, step {step}")


@pytest.fixture
def optax() -> Any:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    return pytest.importorskip("optax")


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch")


#: Names and keywords which Optax has as well.
OF_OPTAX = [
    ("sgd", {}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "nesterov": True}),
    ("rmsprop", {}),
    ("rmsprop", {"decay": 0.8, "eps": 1e-3, "eps_in_sqrt": False, "initial_scale": 1.0}),
    ("rmsprop", {"momentum": 0.8, "nesterov": True, "bias_correction": True}),
    ("rmsprop", {"centered": True, "initial_scale": 0.5, "momentum": 0.8}),
    ("rmsprop", {"centered": True, "bias_correction": True, "eps": 1e-2}),
    ("adagrad", {}),
    ("adagrad", {"initial_accumulator_value": 0.0, "eps": 1e-3}),
    ("adadelta", {}),
    ("adadelta", {"rho": 0.8, "eps": 1e-3, "weight_decay": 0.1}),
    ("adam", {}),
    ("adam", {"b1": 0.8, "b2": 0.9, "eps": 1e-3, "eps_root": 1e-3}),
    ("adamw", {}),
    ("adamw", {"weight_decay": 0.1, "mask": {"w": True, "b": False}}),
    ("amsgrad", {}),
    ("amsgrad", {"b2": 0.9, "eps_root": 1e-3}),
    ("nadam", {}),
    ("nadam", {"b1": 0.8, "b2": 0.9, "eps_root": 1e-3}),
    ("radam", {}),
    ("radam", {"b2": 0.9, "threshold": 4.5}),
    ("lion", {}),
    ("lion", {"b1": 0.8, "b2": 0.9, "weight_decay": 0.1}),
    ("adabelief", {}),
    ("adabelief", {"b1": 0.8, "eps": 1e-4, "eps_root": 1e-6}),
    ("lamb", {}),
    ("lamb", {"weight_decay": 0.1}),
]


@pytest.mark.parametrize(("name", "options"), OF_OPTAX)
def test_optimizers_of_optax(optax: Any, name: str, options: dict[str, Any]) -> None:
    own, other = (getattr(module, name)(0.01, **options) for module in (optimizers, optax))
    expected = list(of_optax(optax, other))
    assert_same_path(ours(own), expected)
    assert_same_path(in_place(own), expected)


@pytest.mark.parametrize("name", ["adam", "adamw", "lamb", "sgd"])
def test_schedules_as_step_sizes(optax: Any, name: str) -> None:
    own = getattr(optimizers, name)(schedules.warmup_cosine(0.0, 0.02, 10, 80, 0.001))
    schedule = optax.warmup_cosine_decay_schedule(0.0, 0.02, 10, 80, 0.001)
    other = getattr(optax, name)(lambda step: schedule(step.astype(float)))  # of an int32, Optax makes a float32
    assert_same_path(ours(own), of_optax(optax, other))


#: What joins transformations: a function of either module, and what is called otherwise there.
JOINED: list[tuple[str, Callable[[Any], Any]]] = [
    ("clipping by norm", lambda lib: lib.chain(lib.clip_by_global_norm(2.0), lib.adam(0.01))),
    ("clipping", lambda lib: lib.chain(lib.clip(0.5), lib.sgd(0.01, momentum=0.9))),
    ("decay in the gradient", lambda lib: lib.chain(lib.add_decayed_weights(0.1), lib.adam(0.01))),
    ("decay by schedule", lambda lib: lib.adamw(0.01, weight_decay=lambda step: 0.1 / (step + 1))),
    ("masked", lambda lib: lib.masked(lib.sgd(0.01), {"w": True, "b": False})),
    ("averages", lambda lib: lib.chain(lib.ema(0.9), lib.scale(-0.01))),
    ("averages as they are", lambda lib: lib.chain(lib.ema(0.9, debias=False), lib.scale_by_learning_rate(0.01))),
    ("trust", lambda lib: lib.chain(lib.scale_by_trust_ratio(0.1, 0.5, 1e-3), lib.scale(-0.01))),
]


@pytest.mark.parametrize(("about", "build"), JOINED)
def test_joined_transformations_of_optax(optax: Any, about: str, build: Callable[[Any], Any]) -> None:
    assert_same_path(ours(build(optimizers)), of_optax(optax, build(optax)))


@pytest.mark.parametrize("mean", [True, False])
@pytest.mark.parametrize("every", [1, 3, lambda step: 1 + (step > 4) * 2])
def test_accumulation_of_optax(optax: Any, every: Any, mean: bool) -> None:
    own = optimizers.accumulate(optimizers.adam(0.01), every, mean=mean)
    other = optax.MultiSteps(optax.adam(0.01), every, use_grad_mean=mean, accumulator_dtype=np.float64)
    assert_same_path(ours(own), of_optax(optax, other))


#: Ours, and the class of `torch.optim` with its keywords.
OF_TORCH: list[tuple[Any, str, dict[str, Any]]] = [
    (optimizers.sgd(0.01), "SGD", {"lr": 0.01}),
    (optimizers.sgd(0.01, momentum=0.9), "SGD", {"lr": 0.01, "momentum": 0.9}),
    (optimizers.sgd(0.01, momentum=0.9, nesterov=True), "SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    (optimizers.rmsprop(0.01, decay=0.99, eps_in_sqrt=False), "RMSprop", {}),
    (
        optimizers.rmsprop(0.01, decay=0.99, eps_in_sqrt=False, centered=True, momentum=0.5),
        "RMSprop",
        {"centered": True, "momentum": 0.5},
    ),
    (optimizers.adagrad(0.01, initial_accumulator_value=0.0, eps=1e-10, eps_in_sqrt=False), "Adagrad", {}),
    (
        optimizers.adagrad(lambda step: 0.1 / (1 + 0.2 * step), 0.5, 1e-10, eps_in_sqrt=False),
        "Adagrad",
        {"lr": 0.1, "lr_decay": 0.2, "initial_accumulator_value": 0.5},
    ),
    (optimizers.adadelta(), "Adadelta", {}),
    (optimizers.adadelta(0.5, weight_decay=0.1), "Adadelta", {"lr": 0.5, "weight_decay": 0.1}),
    (optimizers.adam(0.001), "Adam", {}),
    (optimizers.chain(optimizers.add_decayed_weights(0.1), optimizers.adam(0.001)), "Adam", {"weight_decay": 0.1}),
    (optimizers.adamw(0.001, weight_decay=0.01), "AdamW", {}),
    (optimizers.amsgrad(0.001, correct_maximum=True), "Adam", {"amsgrad": True}),
    (optimizers.nadam(0.002, momentum_decay=0.004), "NAdam", {}),
    (optimizers.radam(0.001, correct_eps=True), "RAdam", {}),
]  # fmt: skip


@pytest.mark.parametrize(("own", "name", "options"), OF_TORCH, ids=lambda value: value if type(value) is str else "")
def test_optimizers_of_torch(torch: Any, own: Any, name: str, options: dict[str, Any]) -> None:
    assert_same_path(ours(own), of_torch(torch, lambda params: getattr(torch.optim, name)(params, **options)))


#: Our schedule, and the name and the arguments of the same of Optax.
SCHEDULES_OF_OPTAX: list[tuple[Any, str, tuple[Any, ...]]] = [
    (schedules.constant(0.3), "constant_schedule", (0.3,)),
    (schedules.linear(1.0, 0.1, 50, 10), "linear_schedule", (1.0, 0.1, 50, 10)),
    (schedules.polynomial(1.0, 0.1, 2.5, 50, 10), "polynomial_schedule", (1.0, 0.1, 2.5, 50, 10)),
    (schedules.exponential(0.1, 10, 0.5), "exponential_decay", (0.1, 10, 0.5)),
    (schedules.exponential(0.1, 10, 0.5, 5, True, 0.02), "exponential_decay", (0.1, 10, 0.5, 5, True, 0.02)),
    (schedules.exponential(0.1, 10, 1.5, 5, False, 0.2), "exponential_decay", (0.1, 10, 1.5, 5, False, 0.2)),
    (schedules.cosine(0.1, 90, 0.1, 2.0), "cosine_decay_schedule", (0.1, 90, 0.1, 2.0)),
    (schedules.warmup_cosine(0.01, 0.1, 20, 90, 0.003), "warmup_cosine_decay_schedule", (0.01, 0.1, 20, 90, 0.003)),
    (schedules.warmup_cosine(0.01, 0.1, 0, 90), "warmup_cosine_decay_schedule", (0.01, 0.1, 0, 90)),
    (schedules.piecewise(0.1, {50: 0.1, 10: 0.5}), "piecewise_constant_schedule", (0.1, {50: 0.1, 10: 0.5})),
    (schedules.one_cycle(90, 0.1), "cosine_onecycle_schedule", (90, 0.1)),
    (schedules.one_cycle(90, 0.1, 0.2, 0.7, 20, 50, "linear"), "linear_onecycle_schedule", (90, 0.1, 0.2, 0.7, 20, 50)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("own", "name", "args"), SCHEDULES_OF_OPTAX, ids=lambda value: value if type(value) is str else ""
)
def test_schedules_of_optax(optax: Any, own: Any, name: str, args: tuple[Any, ...]) -> None:
    other = getattr(optax, name)(*args)
    expected = [float(other(step)) for step in range(STEPS)]
    np.testing.assert_allclose([own(step) for step in range(STEPS)], expected, rtol=0, atol=1e-10)
    np.testing.assert_allclose(own(np.arange(STEPS)), expected, rtol=0, atol=1e-10)


#: Our schedule, and the class of `torch.optim.lr_scheduler` with its keywords, for a step size of 0.1.
SCHEDULES_OF_TORCH: list[tuple[Any, str, dict[str, Any]]] = [
    (schedules.constant(0.1), "ConstantLR", {"factor": 1.0}),
    (schedules.linear(0.02, 0.1, 40), "LinearLR", {"start_factor": 0.2, "total_iters": 40}),
    (schedules.polynomial(0.1, 0.0, 2.0, 40), "PolynomialLR", {"power": 2.0, "total_iters": 40}),
    (schedules.exponential(0.1, 1, 0.95), "ExponentialLR", {"gamma": 0.95}),
    (schedules.exponential(0.1, 30, 0.5, staircase=True), "StepLR", {"step_size": 30, "gamma": 0.5}),
    (schedules.piecewise(0.1, {10: 0.5, 50: 0.5}), "MultiStepLR", {"milestones": [10, 50], "gamma": 0.5}),
    (schedules.cosine(0.1, 99, alpha=0.01), "CosineAnnealingLR", {"T_max": 99, "eta_min": 0.001}),
    (
        schedules.interpolated({0: 0.1 / 25, 29: 0.1, 99: 0.1 / 25e4}, "cosine"),
        "OneCycleLR",
        {"max_lr": 0.1, "total_steps": 100, "cycle_momentum": False},
    ),
    (
        schedules.interpolated({0: 0.1 / 25, 29: 0.1, 99: 0.1 / 25e4}),
        "OneCycleLR",
        {"max_lr": 0.1, "total_steps": 100, "cycle_momentum": False, "anneal_strategy": "linear"},
    ),
]


@pytest.mark.parametrize(
    ("own", "name", "options"), SCHEDULES_OF_TORCH, ids=lambda value: value if type(value) is str else ""
)
def test_schedules_of_torch(torch: Any, own: Any, name: str, options: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    for step in range(STEPS - 1):
        assert own(step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=0, abs=1e-10), step
        optimizer.step()
        scheduler.step()


LOSSES = [float(x) for x in np.round(np.exp(-0.05 * np.arange(STEPS)) + 0.3 * RNG.uniform(size=STEPS), 3)]
PLATEAUS: list[dict[str, Any]] = [
    {"factor": 0.5, "patience": 3},
    {"factor": 0.5, "patience": 2, "cooldown": 4, "min_scale": 0.1},
    {"factor": 0.9, "patience": 1, "rtol": 0.1},
    {"factor": 0.9, "patience": 1, "rtol": 0.0, "atol": 0.05, "min_scale": 0.01},
]


def scales(optimizer: Any, compiled: Callable[[Any], Any] = lambda update: update) -> Iterator[float]:
    state, update = optimizer.init(0.0), compiled(lambda state, loss: optimizer.update(1.0, state, value=loss))
    for loss in LOSSES:
        updates, state = update(state, loss)
        yield float(updates)


@pytest.mark.parametrize("options", [*PLATEAUS, {"factor": 0.5, "patience": 2, "accumulation_size": 4}])
def test_plateaus_of_optax(optax: Any, options: dict[str, Any]) -> None:
    own, other = optimizers.reduce_on_plateau(**options), optax.contrib.reduce_on_plateau(**options)
    expected = [*scales(other, pytest.importorskip("jax").jit)]
    np.testing.assert_allclose([*scales(own)], expected, rtol=1e-6)  # of a float, Optax makes float32
    assert min(scales(own)) < 1


@pytest.mark.parametrize("options", PLATEAUS)
def test_plateaus_of_torch(torch: Any, options: dict[str, Any]) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        factor=options["factor"],
        patience=options["patience"] - 1,
        threshold=options.get("atol") or options.get("rtol", 1e-4),
        threshold_mode="abs" if "atol" in options else "rel",
        cooldown=options.get("cooldown", 0),
        min_lr=options.get("min_scale", 0.0),
        eps=0.0,
    )
    for loss, scale in zip(LOSSES, scales(optimizers.reduce_on_plateau(**options)), strict=True):
        scheduler.step(loss)
        assert scale == pytest.approx(optimizer.param_groups[0]["lr"], rel=0, abs=1e-10)


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adam"])
@pytest.mark.parametrize("options", [{}, {"num_iters": 20, "step_size": 0.03}])
def test_loops_of_autograd(name: str, options: dict[str, Any]) -> None:
    theirs = getattr(pytest.importorskip("autograd.misc.optimizers"), name)
    own = getattr(autodiff_optim, name)
    seen: dict[str, list[Any]] = {"own": [], "theirs": []}

    def run(which: str, optimizer: Any) -> Any:
        record = lambda x, i, g: seen[which].append((x, i, g))
        return optimizer(lambda x, i: gradient(x, i % STEPS), START, callback=record, **options)

    found, expected = run("own", own), run("theirs", theirs)
    for (x, i, g), (x2, i2, g2) in zip(
        [*seen["own"], (found, 0, found)], [*seen["theirs"], (expected, 0, expected)], strict=True
    ):
        assert i == i2
        for key in START:
            np.testing.assert_allclose(x[key], x2[key], rtol=0, atol=1e-12)
            np.testing.assert_allclose(g[key], g2[key], rtol=0, atol=1e-12)
