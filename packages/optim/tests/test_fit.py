"""`fit` is the loop that one would write by hand, and says clearly what is wrong with its input."""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import autodiff
import autodiff_optim
from autodiff.errors import AutodiffError, InputError, IntegerInputError, OutputError, StructureError
from autodiff_optim import (
    Callback,
    Checkpoint,
    DataError,
    EarlyStopping,
    History,
    MissingExtraError,
    NaNGuard,
    NotFiniteError,
    Progress,
    data_parallel,
    fit,
    load_checkpoint,
    save_checkpoint,
)


class Velocity(NamedTuple):
    count: int
    velocity: Any


class Momentum:
    """The protocol, in its smallest form: containers of arrays, and a state that is a NamedTuple."""

    def __init__(self, rate: float = 0.1, mass: float = 0.9) -> None:
        self.rate, self.mass = rate, mass

    def init(self, params: Any) -> Velocity:
        return Velocity(0, autodiff.extend.map_leaves(lambda leaf: 0 * leaf, params))

    def update(self, grads: Any, state: Velocity, params: Any) -> tuple[Any, Velocity]:
        moved = autodiff.extend.map_leaves(lambda v, g: self.mass * v - self.rate * g, state.velocity, grads)
        return moved, Velocity(state.count + 1, moved)


X = np.random.default_rng(0).normal(size=(23, 3))
Y = X @ np.array([1.0, -2.0, 0.5]) + 0.3


def loss(p: Any, x: Any, y: Any) -> Any:
    return np.mean((x @ p["w"] + p["b"] - y) ** 2)


def start() -> dict[str, Any]:
    return {"w": np.zeros(3), "b": 0.0}


def by_hand(epochs: int, batch_size: int, seed: int, *, drop_last: bool = False) -> tuple[Any, list[float]]:
    rng, params, optimizer, losses = np.random.default_rng(seed), start(), Momentum(), []
    state = optimizer.init(params)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            rows = order[i : i + batch_size]
            if drop_last and len(rows) < batch_size:
                continue
            value, grads = autodiff.value_and_grad(loss)(params, X[rows], Y[rows])
            updates, state = optimizer.update(grads, state, params)
            params = {name: params[name] + updates[name] for name in params}
            losses.append(value)
    return params, losses


@pytest.mark.parametrize("drop_last", [False, True])
def test_it_is_the_loop_one_would_write(drop_last: bool) -> None:
    params, losses = by_hand(4, 5, 7, drop_last=drop_last)
    initial = start()
    result = fit(loss, initial, (X, Y), Momentum(), batch_size=5, epochs=4, seed=7, drop_last=drop_last)
    np.testing.assert_array_equal(result.params["w"], params["w"])
    assert result.params["b"] == params["b"]
    assert type(result.params["b"]) is float
    np.testing.assert_array_equal(result.history["loss"], losses)
    assert result.step == result.state.count == 4 * (4 if drop_last else 5)
    assert result.reason == "epochs"
    np.testing.assert_array_equal(initial["w"], 0)
    epochs = result.history["loss"].reshape(4, -1).mean(axis=1)
    np.testing.assert_allclose(result.history["epoch_loss"], epochs, rtol=1e-15)


def test_a_generator_is_taken_as_it_is() -> None:
    rng = np.random.default_rng(7)
    result = fit(loss, start(), (X, Y), Momentum(), batch_size=5, epochs=4, seed=rng)
    np.testing.assert_array_equal(result.params["w"], by_hand(4, 5, 7)[0]["w"])
    assert rng.bit_generator.state != np.random.default_rng(7).bit_generator.state


@dataclasses.dataclass
class Table:
    x: Any
    y: Any


@pytest.mark.parametrize(
    ("data", "function"),
    [
        ((X, Y), loss),
        ({"x": X, "y": Y}, lambda p, batch: loss(p, batch["x"], batch["y"])),
        (Table(X, Y), lambda p, batch: loss(p, batch.x, batch.y)),
        ((X, {"y": Y}), lambda p, x, rest: loss(p, x, rest["y"])),
        (np.column_stack([X, Y]), lambda p, rows: loss(p, rows[:, :3], rows[:, 3])),
        (lambda rng: ((X[i], Y[i]) for i in np.split(rng.permutation(23), [5, 10, 15, 20])), loss),
    ],
    ids=["tuple", "dict", "dataclass", "nested", "array", "function"],
)
def test_data_in_all_forms(data: Any, function: Any) -> None:
    result = fit(function, start(), data, Momentum(), batch_size=None if callable(data) else 5, epochs=3, seed=7)
    np.testing.assert_allclose(result.params["w"], by_hand(3, 5, 7)[0]["w"], rtol=1e-12)


def test_batches_that_are_read_anew_in_each_epoch_or_only_once() -> None:
    class Loader:
        def __iter__(self) -> Any:
            return iter([(X[:10], Y[:10]), (X[10:], Y[10:])])

    assert fit(loss, start(), Loader(), Momentum(), epochs=3).step == 6
    assert fit(loss, start(), iter(Loader()), Momentum(), num_steps=2).step == 2
    assert fit(loss, start(), iter(Loader()), Momentum(), epochs=1).step == 2
    with pytest.raises(DataError, match=r"no batches in epoch 2.*read once") as caught:
        fit(loss, start(), iter(Loader()), Momentum(), epochs=2)
    assert caught.value.fit_result.step == 2


def test_without_shuffling_and_as_a_whole() -> None:
    seen: list[Any] = []

    def watched(p: Any, x: Any, y: Any) -> Any:
        seen.append(x)
        return loss(p, x, y)

    fit(watched, start(), (X, Y), Momentum(), batch_size=10, epochs=1, shuffle=False)
    assert [len(x) for x in seen] == [10, 10, 3]
    np.testing.assert_array_equal(np.concatenate(seen), X)
    seen.clear()
    fit(watched, start(), (X, Y), Momentum(), num_steps=2)
    assert [len(x) for x in seen] == [23, 23]


@pytest.mark.parametrize(
    "value",
    [np.ones(2, np.float32), np.float32(1), np.array(1.0), 1.0, np.ones(2, complex), 1j, np.ones(2, np.complex64)],
    ids=lambda value: f"{type(value).__name__}-{np.asarray(value).dtype}",
)
def test_leaves_keep_their_types(value: Any) -> None:
    data = np.ones((4, 2))
    result = fit(lambda p, x: np.sum(np.abs(p * x[0, 0]) ** 2), value, data, Momentum(), batch_size=2, epochs=2)
    assert type(result.params) is type(value)
    assert np.asarray(result.params).dtype == np.asarray(value).dtype
    assert np.shape(result.params) == np.shape(value)


def test_aux_and_validation_are_recorded() -> None:
    def with_aux(p: Any, x: Any, y: Any) -> Any:
        return loss(p, x, y), {"largest": np.max(np.abs(p["w"])), "shape": x.shape}

    result = fit(with_aux, start(), (X, Y), Momentum(), batch_size=5, epochs=2, seed=0, has_aux=True, validation=(X, Y))
    history = result.history
    assert history.names == ["loss", "largest", "validation", "epoch_loss"]
    assert history.steps("validation").tolist() == [5, 10]
    assert history["validation"][-1] == loss(result.params, X, Y)

    def several(p: Any) -> Any:
        return {"error": loss(p, X, Y), "norm": np.linalg.norm(p["w"])}

    result = fit(loss, start(), (X, Y), Momentum(), num_steps=7, validation=several, validate_every=3)
    assert result.history.steps("norm").tolist() == [3, 6]
    with pytest.raises(InputError, match=r"no column 'losses'; it has 'loss'"):
        result.history["losses"]


def test_two_numbers_do_not_share_a_column_of_the_history(tmp_path: Path) -> None:
    def with_aux(p: Any, x: Any, y: Any) -> Any:
        return loss(p, x, y), {"error": 1.0}

    arguments: Any = {"epochs": 2, "callbacks": [Checkpoint(tmp_path / "run.npz")]}
    with pytest.raises(InputError, match=r"the validation returned .* 'loss', but .* of the loss.*'validation_loss'"):
        fit(loss, start(), (X, Y), Momentum(), validation=lambda p: {"loss": 1.0}, **arguments)
    fit(with_aux, start(), (X, Y), Momentum(), has_aux=True, **arguments)
    more: Any = {"has_aux": True, "validation": lambda p: {"error": 2.0}, "epochs": 3, "resume": tmp_path / "run.npz"}
    with pytest.raises(InputError, match=r"'error', but this column .* the auxiliary dict of the loss"):
        fit(with_aux, start(), (X, Y), Momentum(), **more)


def test_early_stopping_ends_and_restores() -> None:
    values = iter([5.0, 4.0, 4.5, 3.9, 3.95, np.nan, 3.99, 1.0])
    seen: list[Any] = []

    def validation(p: Any) -> float:
        seen.append(p)
        return next(values)

    stopping = EarlyStopping(3)
    result = fit(loss, start(), (X, Y), Momentum(), epochs=99, validation=validation, callbacks=[stopping])
    assert (result.reason, result.step, stopping.best, stopping.best_step) == ("early stopping", 7, 3.9, 4)
    assert result.params is seen[3]
    values = iter([5.0, 4.0, 3.95, 3.9])
    stopping = EarlyStopping(2, min_delta=0.5, restore_best=False)
    result = fit(loss, start(), (X, Y), Momentum(), epochs=99, validation=validation, callbacks=stopping)
    assert (result.step, stopping.best, result.params is seen[-1]) == (4, 4.0, True)


def test_early_stopping_by_the_loss_of_the_epochs() -> None:
    result = fit(
        loss,
        start(),
        (X, Y),
        Momentum(3.0),
        batch_size=8,
        epochs=50,
        callbacks=[EarlyStopping(2, monitor="epoch_loss")],
    )
    assert result.reason == "early stopping"
    assert result.step < 150
    with pytest.raises(InputError, match="needs validation data"):
        fit(loss, start(), (X, Y), Momentum(), epochs=1, callbacks=[EarlyStopping(2)])
    with pytest.raises(InputError, match="has only 'validation'"):
        fit(loss, start(), (X, Y), Momentum(), epochs=1, validation=(X, Y), callbacks=[EarlyStopping(2, monitor="auc")])


def test_hooks_and_their_order() -> None:
    calls: list[tuple[str, int, int, int]] = []

    class Log(Callback):
        """Its hooks follow."""

    def logged(name: str) -> Any:
        return lambda self, run: calls.append((name, run.step, run.epoch, run.batch))

    for name in ("on_start", "on_step", "on_validation", "on_epoch", "on_saved_step", "on_end"):
        setattr(Log, name, logged(name))
    fit(loss, start(), (X, Y), Momentum(), batch_size=12, epochs=1, validation=(X, Y), callbacks=[Log()])
    assert calls == [
        ("on_start", 0, 0, 0),
        ("on_step", 1, 0, 1),
        ("on_saved_step", 1, 0, 1),
        ("on_step", 2, 0, 2),
        ("on_saved_step", 2, 0, 2),
        ("on_validation", 2, 1, 0),
        ("on_epoch", 2, 1, 0),
        ("on_saved_step", 2, 1, 0),
        ("on_end", 2, 1, 0),
    ]


def test_a_callback_can_end_the_run() -> None:
    class Enough(Callback):
        def on_step(self, run: Any) -> None:
            if run.step == 3:
                run.stop("enough")

    result = fit(loss, start(), (X, Y), Momentum(), batch_size=5, epochs=9, callbacks=[Enough()])
    assert (result.step, result.reason) == (3, "enough")


class Interrupt(Callback):
    def __init__(self, error: BaseException) -> None:
        self.error = error

    def on_step(self, run: Any) -> None:
        if run.step == 3:
            raise self.error


def test_the_keyboard_ends_the_training_and_nothing_else() -> None:
    calls = 0

    def slow(p: Any, x: Any, y: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        return loss(p, x, y)

    expected = fit(loss, start(), (X, Y), Momentum(), batch_size=5, num_steps=3, seed=0)
    for found in (
        fit(slow, start(), (X, Y), Momentum(), batch_size=5, epochs=9, seed=0),
        fit(
            loss,
            start(),
            (X, Y),
            Momentum(),
            batch_size=5,
            epochs=9,
            seed=0,
            callbacks=[Interrupt(KeyboardInterrupt())],
        ),
    ):
        assert (found.step, found.reason) == (3, "interrupted")
        np.testing.assert_array_equal(found.params["w"], expected.params["w"])
        assert found.state.count == 3


def test_other_errors_keep_what_was_reached() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        fit(loss, start(), (X, Y), Momentum(), batch_size=5, epochs=9, callbacks=[Interrupt(ZeroDivisionError())])
    assert caught.value.fit_result.step == 3
    assert caught.value.fit_result.reason == "error"
    assert "fit_result" in caught.value.__notes__[0]


def test_all_callbacks_are_told_of_the_end(tmp_path: Path) -> None:
    class Fails(Callback):
        def on_end(self, run: Any) -> None:
            raise ZeroDivisionError

    callbacks = [Fails(), Checkpoint(tmp_path / "run.npz", every=100)]
    with pytest.raises(ZeroDivisionError) as caught:
        fit(loss, start(), (X, Y), Momentum(), num_steps=3, callbacks=callbacks)
    result = caught.value.fit_result
    assert (result.step, result.reason) == (3, "num_steps")
    saved = load_checkpoint(tmp_path / "run.npz", part="params")
    np.testing.assert_array_equal(saved["w"], result.params["w"])


# Numbers that are not finite ------------------------------------------------------------------------------------------


def poisoned(kind: str) -> tuple[Any, Any]:
    """Return a loss and an optimizer of which the third step is not finite."""
    optimizer: Any = Momentum()
    calls = 0

    def function(p: Any, x: Any, y: Any) -> Any:
        nonlocal calls
        calls += 1
        value = loss(p, x, y)
        if calls != 3:
            return value
        if kind == "loss":
            return value * np.inf
        return value + 0 * np.sqrt(p["w"][1] - p["w"][1]) if kind == "gradient" else value

    if kind == "update":
        original = optimizer.update

        def update(grads: Any, state: Any, params: Any) -> Any:
            updates, new = original(grads, state, params)
            return ({"w": updates["w"] * np.array([1, np.nan, 1]), "b": 0.0} if calls == 3 else updates), new

        optimizer.update = update
    return function, optimizer


@pytest.mark.parametrize(
    ("kind", "leaf", "text"),
    [
        ("loss", None, "step 3: the loss is inf"),
        ("gradient", "params['w']", r"step 3: the gradient by params\['w'\] is nan at \[1\], and not finite in 1 of 3"),
        ("update", "params['w']", r"step 3: the update of params\['w'\] is nan at \[1\]"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")
def test_what_is_not_finite_stops_with_the_last_good_parameters(kind: str, leaf: str | None, text: str) -> None:
    function, optimizer = poisoned(kind)
    arguments: Any = {"batch_size": 5, "epochs": 2, "seed": 0}
    good = fit(loss, start(), (X, Y), Momentum(), **{**arguments, "num_steps": 1})  # the loss after the second is bad
    with pytest.raises(NotFiniteError, match=text) as caught:
        fit(function, start(), (X, Y), optimizer, **arguments)
    error = caught.value
    assert isinstance(error, AutodiffError)
    assert (error.step, error.leaf) == (3, leaf)
    np.testing.assert_array_equal(error.params["w"], good.params["w"])
    assert error.fit_result.params is error.params
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.step, copy.leaf, str(copy)) == (error.step, error.leaf, str(error))

    function, optimizer = poisoned(kind)
    result = fit(function, start(), (X, Y), optimizer, callbacks=[NaNGuard("stop")], **arguments)
    assert (result.reason, result.step) == ("not finite", 2)
    np.testing.assert_array_equal(result.params["w"], good.params["w"])

    function, optimizer = poisoned(kind)
    guard = NaNGuard("skip")
    result = fit(function, start(), (X, Y), optimizer, callbacks=[guard], **arguments)
    assert (result.reason, result.step, result.state.count, guard.skipped) == ("epochs", 10, 9, 1)
    assert result.history.steps("loss").tolist() == [1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert np.isfinite(result.params["w"]).all()


def test_the_first_step_keeps_the_initial_parameters_and_skipping_has_a_limit() -> None:
    initial = start()
    with pytest.raises(NotFiniteError, match="step 1: the loss is nan") as caught:
        fit(lambda p, x, y: loss(p, x, y) * np.nan, initial, (X, Y), Momentum(), epochs=1)
    assert caught.value.params is initial
    guard = NaNGuard(limit=4)
    with pytest.raises(NotFiniteError, match="step 5") as caught:
        fit(lambda p, x, y: loss(p, x, y) * np.nan, initial, (X, Y), Momentum(), epochs=9, callbacks=[guard])
    assert guard.skipped == 4
    assert "skipped 4 steps in succession" in caught.value.__notes__[0]
    with pytest.raises(NotFiniteError, match="step 1"):
        fit(lambda p, x: p * np.nan * x[0, 0], 1.0, X, Momentum(), epochs=1, callbacks=[NaNGuard("raise")])


def test_large_numbers_whose_squares_overflow_are_finite() -> None:
    result = fit(lambda p, x: np.sum(p * 1e200), np.ones(3), np.ones(2), Momentum(1e-200), num_steps=2)
    np.testing.assert_allclose(result.params, 1 - 1 - 1.9)


# Bad input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ((X, Y[:20]), r"data\[1\] has 20 examples, its first axis, but data\[0\] has 23"),
        ({"x": X, "y": {"z": Y[:1]}}, r"data\['y'\]\['z'\] has 1 examples"),
        (np.zeros((0, 3)), r"data has no examples: .* shape \(0, 3\)"),
        ((), r"data has no arrays"),
        (None, r"data has no arrays"),
        ((X, 3.0), r"data\[1\] is a float, which is no array"),
        ((X, np.array(3.0)), r"data\[1\] is a single number"),
        ((X, Y.tolist()), r"data\[1\]\[0\] is a float, .*numpy.asarray"),
        ([X, Y], r"data is a list, .*tuple\(data\).*lambda rng: data"),
        (iter(()), r"no batches in epoch 1"),
        ("text", r"no array"),
        (3, r"data is a int, which is no array"),
        (lambda rng: None, r"must return an iterable of batches, but returned None"),
    ],
)
def test_bad_data(data: Any, text: str) -> None:
    with pytest.raises(DataError, match=text):
        fit(loss, start(), data, Momentum(), epochs=1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"batch_size": 0}, "from 1 to 23.*got 0"),
        ({"batch_size": 24}, "from 1 to 23.*got 24"),
        ({"batch_size": 2.0}, "from 1 to 23.*got 2.0"),
        ({"batch_size": True}, "from 1 to 23.*got True"),
        ({"epochs": None}, "needs `epochs` or `num_steps`"),
        ({"epochs": -1}, "epochs an integer of at least 0.*not -1"),
        ({"num_steps": 1.5}, "num_steps an integer"),
        ({"validate_every": 0}, "validate_every an integer of at least 1"),
        ({"seed": "seed"}, "Generator as seed, not 'seed'"),
        ({"seed": -1}, "as seed, not -1"),
        ({"optimizer": Momentum}, "an instance"),
        ({"optimizer": autodiff.grad}, "`init` and `update`"),
        ({"params": {}}, "params without numbers"),
        ({"callbacks": [print]}, "subclasses of Callback"),
        ({"callbacks": print}, "subclasses of Callback"),
        ({"data": lambda rng: [(X, Y)], "batch_size": 3}, "batches already, a function"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], text: str) -> None:
    usual: dict[str, Any] = {
        "loss": loss, "params": start(), "data": (X, Y), "optimizer": Momentum(), "batch_size": 5, "epochs": 1,
    }  # fmt: skip
    with pytest.raises(InputError, match=text):
        fit(**{**usual, **arguments})


def test_bad_validation_data() -> None:
    for value in ("low", None, np.ones(2), {"error": 1j}):
        with pytest.raises(OutputError, match=r"the validation's '(validation|error)' must be one real number, but is"):
            fit(loss, start(), (X, Y), Momentum(), epochs=1, validation=lambda p, value=value: value)
    with pytest.raises(DataError, match=r"validation\[1\] has 3 examples"):
        fit(loss, start(), (X, Y), Momentum(), epochs=1, validation=(X, Y[:3]))


def test_bad_arguments_of_callbacks() -> None:
    for make, text in (
        (lambda: EarlyStopping(0), "positive integer as patience, not 0"),
        (lambda: EarlyStopping(2, min_delta=-1), "min_delta"),
        (lambda: NaNGuard("ignore"), '"skip", "stop" or "raise", not \'ignore\''),
    ):
        with pytest.raises(InputError, match=text):
            make()


def test_bad_losses_gradients_and_updates() -> None:
    arguments: Any = {"epochs": 1}
    with pytest.raises(OutputError, match="one real number"):
        fit(lambda p, x, y: x @ p["w"], start(), (X, Y), Momentum(), **arguments)
    with pytest.raises(OutputError, match="the loss must be one real number"):
        fit(loss, start(), (X, Y), Momentum(), value_and_grad=lambda p, x, y: (1j, p), **arguments)
    with pytest.raises(OutputError, match=r"value_and_grad must return a pair \(value, gradient\), but .* a float"):
        fit(loss, start(), (X, Y), Momentum(), value_and_grad=lambda p, x, y: 1.0, **arguments)
    with pytest.raises(IntegerInputError):
        fit(lambda p, x: np.sum(p * x[0, 0]), np.ones(2, int), X, Momentum(), **arguments)
    with pytest.raises(StructureError, match=r"the gradient must have the structure dict\(b=\*, w=\*\)"):
        fit(loss, start(), (X, Y), Momentum(), value_and_grad=lambda p, x, y: (1.0, [1.0]), **arguments)

    class Grows(Momentum):
        def update(self, grads: Any, state: Any, params: Any) -> Any:
            return {"w": np.zeros((2, 3)), "b": 0.0}, state

    class Alone(Momentum):
        def update(self, grads: Any, state: Any, params: Any) -> Any:
            return grads["w"]

    with pytest.raises(OutputError, match=r"`update` of the optimizer must return a pair .* a ndarray"):
        fit(loss, start(), (X, Y), Alone(), **arguments)
    with pytest.raises(StructureError, match=r"params\['w'\], of shape \(3,\), into .* shape \(2, 3\)"):
        fit(loss, start(), (X, Y), Grows(), **arguments)


@pytest.mark.parametrize("params", [3, np.array(3), np.float32(1.0)])
def test_updates_that_parameters_cannot_take(params: Any) -> None:
    update = 0.5j if isinstance(params, np.floating) else 0.5
    with pytest.raises(InputError, match=r"the update turns params, of type \w+, into .* which is none"):
        fit(loss, params, X, Momentum(), num_steps=1, value_and_grad=lambda p, x: (1.0, update))


def test_the_names_for_training_are_documented() -> None:
    assert list(autodiff_optim.__all__) == sorted(set(autodiff_optim.__all__))
    for name in autodiff_optim.__all__:
        found = getattr(autodiff_optim, name)
        assert len(inspect.getdoc(found) or "") > 30, name
    for function in (fit, data_parallel, save_checkpoint, load_checkpoint):
        text = inspect.getdoc(function) or ""
        assert "Examples\n--------\n" in text
        for parameter in inspect.signature(function).parameters:
            assert f"{parameter}" in text.partition("Returns\n")[0], parameter
    for name in (
        "fitting",
        "runs",
        "batches",
        "training_callbacks",
        "history",
        "checkpoints",
        "data_parallel",
        "errors",
    ):
        path = Path(autodiff_optim.__file__).with_name(f"{name}.py")
        source = path.read_text(encoding="utf-8")
        assert source.startswith('"""'), path.name
        assert source.count("\n") <= 400, path.name


# Extras ---------------------------------------------------------------------------------------------------------------


def test_progress_shows_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    fit(loss, start(), (X, Y), Momentum(), batch_size=5, epochs=2, validation=(X, Y), callbacks=[Progress(ncols=120)])
    shown = capsys.readouterr().err
    assert "10/10" in shown
    assert "loss=" in shown


@pytest.mark.parametrize(("name", "extra"), [("tqdm", "progress"), ("matplotlib", "plot")])
def test_missing_extras_are_named(name: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def missing(module: str, *args: Any, **kwargs: Any) -> Any:
        if module.partition(".")[0] == name:
            raise ImportError(module)
        return importing(module, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=rf"autodiff-optim\[{extra}\]"):
        Progress() if name == "tqdm" else History().plot()


def test_the_history_is_plotted() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    figure = pytest.importorskip("matplotlib.figure").Figure()
    result = fit(loss, start(), (X, Y), Momentum(), batch_size=5, epochs=2, validation=(X, Y))
    ax = result.history.plot(["loss", "validation"], ax=figure.add_subplot())
    assert [line.get_label() for line in ax.lines] == ["loss", "validation"]
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), result.history["loss"])
    assert ax.get_yscale() == "log"
    with pytest.raises(InputError, match="no column 'accuracy'"):
        result.history.plot(["accuracy"], ax=ax)
