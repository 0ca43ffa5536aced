"""What is refused, and what the message says: which leaf or hyperparameter, what was expected, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autodiff_optim
from autodiff.errors import AutodiffError, InputError, IntegerInputError, StructureError
from autodiff_optim import optimizers, schedules
from autodiff_optim.optimizers import HyperparameterError

PARAMS = {"w": [np.zeros((2, 3)), 1.0], "b": np.zeros(3)}
NAN = float("nan")
LONELY_RATIO = optimizers.scale_by_trust_ratio()


def update(grads: Any, optimizer: Any = None, params: Any = PARAMS) -> Any:
    optimizer = optimizers.adam(0.1) if optimizer is None else optimizer
    return optimizer.update(grads, optimizer.init(PARAMS), params)


GRADIENTS: list[tuple[Any, str]] = [
    ({"w": [np.zeros((2, 3)), 1.0], "b": np.zeros(4)}, "gradient['b'] must be floating-point and of shape (3,)"),
    ({"w": [np.zeros((3, 2)), 1.0], "b": np.zeros(3)}, "gradient['w'][0] must be floating-point and of shape (2, 3)"),
    ({"w": [np.zeros((2, 3)), np.zeros(1)], "b": np.zeros(3)}, "gradient['w'][1] must be floating-point and of"),
    ({"w": [np.zeros((2, 3), int), 1.0], "b": np.zeros(3)}, "gradient['w'][0] must be floating-point"),
    ({"w": [np.zeros((2, 3)), 1j], "b": np.zeros(3)}, "gradient['w'][1] must be floating-point"),
    ({"w": [np.zeros((2, 3)), 1.0]}, "missing: gradient['b']"),
    ({"w": [np.zeros((2, 3)), 1.0], "b": np.zeros(3), "c": 0.0}, "not expected: gradient['c']"),
    ({"w": (np.zeros((2, 3)), 1.0), "b": np.zeros(3)}, "has dict(b=*, w=tuple(*, *))"),
]  # fmt: skip


@pytest.mark.parametrize(("grads", "message"), GRADIENTS)
@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.adam(0.1),
        optimizers.lamb(0.1),
        optimizers.add_decayed_weights(0.1),
        optimizers.accumulate(optimizers.sgd(0.1), 2),
        optimizers.chain(optimizers.adam(0.1), optimizers.clip(1.0)),
    ],
)
def test_gradients_that_do_not_fit(optimizer: Any, grads: Any, message: str) -> None:
    with pytest.raises(StructureError, match=re.escape(message)):
        update(grads, optimizer)


@pytest.mark.parametrize(("grads", "message"), GRADIENTS)
def test_updates_that_do_not_fit(grads: Any, message: str) -> None:
    with pytest.raises(StructureError, match=re.escape(message.replace("gradient", "updates"))):
        optimizers.apply_updates(PARAMS, grads)
    with pytest.raises(StructureError, match=re.escape(message)):
        optimizers.InPlace(optimizers.adam(0.1), PARAMS).update(grads)


@pytest.mark.parametrize("optimizer", [optimizers.scale(1.0), optimizers.clip_by_global_norm(1.0)])
def test_gradients_that_are_no_floats(optimizer: Any) -> None:
    with pytest.raises(IntegerInputError, match=re.escape("gradient['b'] is of type int64")):
        optimizer.update({"a": 1.0, "b": np.zeros(2, np.int64)}, optimizer.init(1.0))


PARAMETERS: list[tuple[Any, type, str]] = [
    ({"a": 1.0, "n": 3}, IntegerInputError, "params['n'] is of type int"),
    ([np.zeros(2, np.int32)], IntegerInputError, "params[0] is of type int32"),
    (np.array([True]), IntegerInputError, "params is of type bool"),
    ({"z": np.zeros(2, complex)}, InputError, "params['z'] is complex"),
    ({"z": 1j}, InputError, "params['z'] is complex"),
    ({"name": "adam"}, InputError, "params['name'] is of type builtins.str"),
    ([np.array([None])], InputError, "params[0] is of type numpy.ndarray"),
]


@pytest.mark.parametrize(("params", "error", "message"), PARAMETERS)
@pytest.mark.parametrize(
    "use",
    [
        optimizers.adam(0.1).init,
        optimizers.sgd(0.1).init,
        optimizers.clip_by_global_norm(1.0).init,
        optimizers.reduce_on_plateau().init,
        lambda params: optimizers.apply_updates(params, params),
        lambda params: optimizers.InPlace(optimizers.sgd(0.1), params),
        lambda params: autodiff_optim.sgd(lambda x, i: x, params),
    ],
)
def test_parameters_that_cannot_be_trained(use: Callable[[Any], Any], params: Any, error: type, message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        use(params)


@pytest.mark.parametrize("wrong", [optimizers.adam, 3, None])
def test_what_is_no_transformation(wrong: Any) -> None:
    for use, name in (
        (optimizers.chain, "chain"),
        (lambda each: optimizers.masked(each, True), "masked"),
        (lambda each: optimizers.accumulate(each, 2), "accumulate"),
        (lambda each: optimizers.InPlace(each, PARAMS), "InPlace"),
    ):
        with pytest.raises(InputError, match=f"{name} takes an optimizer, an instance with `init` and `update`"):
            use(wrong)


def test_states_of_something_else() -> None:
    adam, sgd = optimizers.adam(0.1), optimizers.sgd(0.1, momentum=0.9)
    with pytest.raises(StructureError, match="CountedMeanAndSquare, but got a Velocity"):
        adam.update(PARAMS, sgd.init(PARAMS))
    with pytest.raises(StructureError, match="tuple of 2 states"):
        adam.update(PARAMS, adam.init(PARAMS)[:1])
    with pytest.raises(StructureError, match="but got a dict"):
        optimizers.accumulate(adam, 2).update(PARAMS, {})
    with pytest.raises(StructureError, match=re.escape("gradient['w'] must be floating-point and of shape (3,)")):
        adam.update({"w": np.zeros(2)}, adam.init({"w": np.zeros(3)}))
    first, last = adam.init(PARAMS)
    with pytest.raises(StructureError, match="missing: state"):
        adam.update(PARAMS, (first._replace(square={"b": np.zeros(3)}), last))


def test_parameters_are_asked_for() -> None:
    for optimizer, name in ((optimizers.adamw(0.1), "add_decayed_weights"), (LONELY_RATIO, "scale_by_trust_ratio")):
        with pytest.raises(InputError, match=rf"`{name}` needs the parameters: call `update\(grads, state, params\)`"):
            update(PARAMS, optimizer, None)


def test_unknown_keywords() -> None:
    optimizer = optimizers.chain(optimizers.adam(0.1), optimizers.reduce_on_plateau())
    state = optimizer.init(PARAMS)
    with pytest.raises(InputError, match=r"takes no keyword `velocity`.* takes `donate`, `value`"):
        optimizer.update(PARAMS, state, PARAMS, velocity=1.0)
    with pytest.raises(InputError, match="takes no keyword `value`"):
        optimizers.sgd(0.1).update(PARAMS, optimizers.sgd(0.1).init(PARAMS), value=1.0)
    with pytest.raises(InputError, match=r"`reduce_on_plateau` needs the loss: .* value=loss\)"):
        optimizer.update(PARAMS, state, PARAMS)
    for value in ("low", np.ones(2)):
        with pytest.raises(InputError, match="`value` must be the loss, one real number"):
            optimizer.update(PARAMS, state, PARAMS, value=value)


HYPERPARAMETERS: list[tuple[Callable[[], Any], str]] = [
    (lambda: optimizers.sgd(-0.1), "`learning_rate` must be a finite number that is at least 0, but is -0.1"),
    (lambda: optimizers.sgd(NAN), "`learning_rate`"),
    (lambda: optimizers.sgd(float("inf")), "`learning_rate`"),
    (lambda: optimizers.sgd("0.1"), "`learning_rate` must be a finite number that is at least 0, but is '0.1'"),
    (lambda: optimizers.sgd(True), "`learning_rate`"),
    (lambda: optimizers.sgd(np.ones(2)), "`learning_rate`"),
    (lambda: optimizers.sgd(0.1, momentum=1.0), "`decay` must be at least 0 and less than 1"),
    (lambda: optimizers.sgd(0.1, nesterov=True), "`nesterov` looks ahead along a momentum"),
    (lambda: optimizers.rmsprop(0.1, nesterov=True), "`nesterov`"),
    (lambda: optimizers.rmsprop(0.1, decay=-0.1), "`decay`"),
    (lambda: optimizers.rmsprop(0.1, eps=-1e-8), "`eps`"),
    (lambda: optimizers.rmsprop(0.1, initial_scale=-1.0), "`initial_scale`"),
    (lambda: optimizers.adagrad(0.1, initial_accumulator_value=NAN), "`initial_accumulator_value`"),
    (lambda: optimizers.adadelta(rho=2.0), "`rho`"),
    (lambda: optimizers.adam(0.1, b1=1.5), "`b1`"),
    (lambda: optimizers.adam(0.1, b2=NAN), "`b2`"),
    (lambda: optimizers.adam(0.1, eps_root=-1.0), "`eps_root`"),
    (lambda: optimizers.adamw(0.1, weight_decay=-1.0), "`weight_decay`"),
    (lambda: optimizers.radam(0.1, threshold=3.0), "`threshold` must be a finite number that is at least 4"),
    (lambda: optimizers.nadam(0.1, momentum_decay=-1.0), "`momentum_decay`"),
    (lambda: optimizers.scale(NAN), "`factor`"),
    (lambda: optimizers.clip(0.0), "`max_delta` must be a finite number greater than 0"),
    (lambda: optimizers.clip_by_global_norm(-1.0), "`max_norm`"),
    (lambda: optimizers.accumulate(optimizers.sgd(0.1), 0), "`every` must be a whole number that is at least 1"),
    (lambda: optimizers.accumulate(optimizers.sgd(0.1), 2.0), "`every`"),
    (lambda: update(PARAMS, optimizers.accumulate(optimizers.sgd(0.1), lambda step: 0)), "`every(0)`"),
    (lambda: optimizers.scale_by_trust_ratio(min_norm=-1.0), "`min_norm`"),
    (lambda: optimizers.reduce_on_plateau(factor=1.0), "`factor`"),
    (lambda: optimizers.reduce_on_plateau(patience=0), "`patience`"),
    (lambda: optimizers.reduce_on_plateau(rtol=0.0), "`rtol`"),
    (lambda: optimizers.reduce_on_plateau(cooldown=-1), "`cooldown`"),
    (lambda: update(PARAMS, optimizers.sgd(lambda step: -1.0)), "`learning_rate(0)`"),
    (lambda: update(PARAMS, optimizers.sgd(lambda step: NAN)), "`learning_rate(0)`"),
    (lambda: update(PARAMS, optimizers.adamw(0.1, weight_decay=lambda step: None)), "`weight_decay(0)`"),
    (lambda: autodiff_optim.adam(lambda x, i: x, 1.0, step_size=-1.0), "`step_size`"),
    (lambda: schedules.constant("fast"), "`value`"),
    (lambda: schedules.linear(1.0, 0.0, 0), "`transition_steps`"),
    (lambda: schedules.polynomial(1.0, 0.0, -1, 5), "`power`"),
    (lambda: schedules.exponential(1.0, 5, 0.0), "`decay_rate`"),
    (lambda: schedules.exponential(1.0, 5, 0.5, -1), "`transition_begin`"),
    (lambda: schedules.cosine(NAN, 5), "`init_value`"),
    (lambda: schedules.cosine(1.0, 2.5), "`decay_steps`"),
    (lambda: schedules.warmup_cosine(0.0, 1.0, 5, 5), "`decay_steps` must be a whole number that is at least 6"),
    (lambda: schedules.piecewise(1.0, {5: -1.0}), "`boundaries_and_scales[5]`"),
    (lambda: schedules.interpolated({}), "`points`"),
    (lambda: schedules.interpolated({0: 1.0}, "square"), "`shape` must be one of 'linear', 'cosine', but is 'square'"),
    (lambda: schedules.one_cycle(10, 1.0, 0.5, 0.4), "`pct_final`"),
    (lambda: schedules.one_cycle(1, 1.0, 0.3, 0.8), "`pct_final`"),
    (lambda: schedules.one_cycle(10, 1.0, div_factor=0.0), "`div_factor`"),
    (lambda: schedules.join([schedules.constant(1.0)], [3]), "`boundaries`"),
    (lambda: schedules.join([schedules.constant(1.0)] * 3, [3, 2]), "`boundaries`"),
]


@pytest.mark.parametrize(("make", "message"), HYPERPARAMETERS)
def test_hyperparameters(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(HyperparameterError, match=re.escape(message)) as caught:
        make()
    assert isinstance(caught.value, AutodiffError)
    assert isinstance(caught.value, ValueError)


MASKS: list[tuple[Any, str]] = [
    ({"w": True}, "missing: mask['b']"),
    ({"w": [True], "b": True}, "missing: mask['w'][1]"),
    ({"w": 1, "b": True}, "mask['w'] must be True, False or a list"),
    ([True, True], "mask must be True, False or a dict"),
    ({"w": True, "b": np.ones(3, bool)}, "mask['b'] must be True, False or a bool"),
]


@pytest.mark.parametrize(("mask", "message"), MASKS)
def test_masks_that_do_not_fit(mask: Any, message: str) -> None:
    with pytest.raises(StructureError, match=re.escape(message)):
        optimizers.masked(optimizers.sgd(0.1), mask).init(PARAMS)
