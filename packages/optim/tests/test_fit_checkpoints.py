"""A checkpoint is whole at every moment, and a run that is resumed from it is the run that was never stopped."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff import Static
from autodiff.containers import flatten
from autodiff.errors import AutodiffError, InputError
from autodiff_optim import (
    Callback,
    Checkpoint,
    CheckpointError,
    DataError,
    EarlyStopping,
    History,
    NaNGuard,
    checkpoints,
    fit,
    load_checkpoint,
    optimizers,
    save_checkpoint,
)


class State(NamedTuple):
    count: int
    mean: Any


class Other(NamedTuple):
    count: int
    mean: Any


def kind_of(leaf: Any) -> str:
    return f"{type(leaf).__name__} {getattr(leaf, 'dtype', '')}"


LEAVES = [
    np.array([[1.0, np.nan], [-0.0, np.inf]]),
    np.arange(3, dtype=np.float32),
    np.array([1 + 2j, np.nan]),
    np.array([True, False]),
    np.arange(4, dtype=np.int16),
    np.array(3.0, np.float32),
    np.zeros((0, 3)),
    np.array(["text", "äöü"]),
    np.array([1.0, 2.0], ">f8"),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.float32(0.1),
    np.complex64(1 + 1j),
    np.bool_(True),
    np.int64(-3),
    0.1,
    float("inf"),
    -0.0,
    5e-324,
    1 - 2j,
    3,
    2**100,
    True,
    "text",
]


@pytest.mark.parametrize("leaf", LEAVES, ids=kind_of)
@pytest.mark.parametrize("template", [False, True])
def test_leaves_return_as_they_were(leaf: Any, template: bool, tmp_path: Path) -> None:
    path = tmp_path / "leaf.npz"
    save_checkpoint(path, {"x": [leaf]})
    found = load_checkpoint(path, like={"x": [leaf]} if template else None)["x"][0]
    assert type(found) is type(leaf)
    assert getattr(found, "dtype", None) == getattr(leaf, "dtype", None)
    assert np.shape(found) == np.shape(leaf)
    if isinstance(leaf, np.ndarray | np.generic):
        assert found.tobytes() == leaf.tobytes()
    else:
        assert repr(found) == repr(leaf)


def test_arrays_keep_their_layout(tmp_path: Path) -> None:
    arrays = [np.arange(24.0).reshape(2, 3, 4).transpose(axes) for axes in ((0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0))]
    save_checkpoint(tmp_path / "a.npz", arrays)
    for array, found in zip(arrays, load_checkpoint(tmp_path / "a.npz"), strict=True):
        np.testing.assert_array_equal(found, array)
        assert found.strides == array.strides
        assert found.flags.writeable


def test_containers_return_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "tree.npz"
    plain = {"a": [(), None, (1.0, {})], 3: {"b": [np.ones(2)], ("t", 1): True}}
    save_checkpoint(path, plain)
    found = load_checkpoint(path)
    assert repr(found) == repr(plain)

    tree = {"s": State(1, {"w": np.ones(2)}), "o": OrderedDict(b=1.0, a=2.0), "f": Static(print)}
    save_checkpoint(path, tree)
    with pytest.raises(CheckpointError, match=r"tree\['s'\] .* is a State, a class of the program"):
        load_checkpoint(path)
    found = load_checkpoint(
        path, like={"s": State(0, {"w": np.zeros(2)}), "o": OrderedDict(b=0.0, a=0.0), "f": Static(print)}
    )
    assert repr(found) == repr(tree)
    assert type(load_checkpoint(path, like=State(0, {"w": np.zeros(2)}), part="s")) is State
    with pytest.raises(CheckpointError, match=r"has no part 'x'; it has \['s'\], \['o'\], \['f'\]"):
        load_checkpoint(path, part="x")


@pytest.mark.parametrize(
    ("like", "text"),
    [
        ({"w": np.zeros(3)}, r"tree should be a dict with \['w'\], but is a dict with \['s'\], \['w'\]"),
        (
            {"s": State(0, 0.0), "w": np.zeros(3)},
            r"tree\['w'\] should be .*shape \(3,\), but is .* float64 and shape \(2,\)",
        ),
        (
            {"s": State(0, 0.0), "w": np.zeros(2, "f4")},
            r"tree\['w'\] should be an array of float32 .*is an array of float64",
        ),
        ({"s": State(0, 0.0), "w": [1.0, 1.0]}, r"tree\['w'\] should be a list with \[0\], \[1\], but is an array"),
        ({"s": State(0, [0.0]), "w": np.zeros(2)}, r"tree\['s'\].mean should be a list with \[0\], but is a float"),
        ({"s": Other(0, 0.0), "w": np.zeros(2)}, r"tree\['s'\] should be a Other .* but is a State"),
        ({"s": 1.0, "w": np.zeros(2)}, r"tree\['s'\] should be a float, but is a State with .count, .mean"),
        ({"s": State(0.5, 0.0), "w": np.zeros(2)}, r"tree\['s'\].count should be a float, but is a int"),
        ({"s": State(0, 0j), "w": np.zeros(2)}, r"tree\['s'\].mean should be a complex, but is a float"),
    ],
)
def test_another_model_is_refused(like: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_checkpoint(path, {"s": State(3, 0.5), "w": np.ones(2)})
    with pytest.raises(CheckpointError, match=f"of another model: {text}"):
        load_checkpoint(path, like=like)


@dataclasses.dataclass
class Layer:
    w: Any
    kind: Any = dataclasses.field(metadata={"static": True})


def test_another_static_value_is_another_model(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    tree = {"layer": Layer(1.0, "relu"), "power": Static(3), "fun": Static(np.tanh)}
    save_checkpoint(path, tree)
    found = load_checkpoint(path, like=tree | {"fun": Static(np.exp)})  # functions have no text by which to know them
    assert found["layer"] == tree["layer"]
    with pytest.raises(CheckpointError, match=r"tree\['power'\] should be a Static with the static 2, .* one with 3"):
        load_checkpoint(path, like=tree | {"power": Static(2)})
    with pytest.raises(CheckpointError, match=r"\['layer'\] should be a Layer with the static 'tanh', .* with 'relu'"):
        load_checkpoint(path, like=tree | {"layer": Layer(1.0, "tanh")})


def test_numbers_of_python_and_numpy_may_take_the_place_of_each_other(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "a.npz", (3, np.float64(0.5), np.array(2)))
    assert load_checkpoint(tmp_path / "a.npz", like=(np.int32(0), 0.0, 1)) == (3, 0.5, 2)
    for one, other in ((0.5, np.float32(0.5)), (0.5j, np.complex64(0.5j)), (np.array(0.5, "f4"), 0.5), (1, 1.0)):
        for saved, like in ((one, other), (other, one)):
            save_checkpoint(tmp_path / "a.npz", saved)
            with pytest.raises(CheckpointError, match="tree should be"):
                load_checkpoint(tmp_path / "a.npz", like=like)


@pytest.mark.parametrize("leaf", [np.array([None]), object(), np.ma.masked_array([1.0], [True]), b"bytes"], ids=kind_of)
def test_what_cannot_be_kept_is_refused_before_anything_is_written(leaf: Any, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot have tree\['a'\]\[1\], "):
        save_checkpoint(tmp_path / "a.npz", {"a": [1.0, leaf]})
    assert not list(tmp_path.iterdir())


def test_files_that_are_missing_damaged_or_something_else(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with pytest.raises(CheckpointError, match=r"there is no checkpoint '.*a.npz'.$"):
        load_checkpoint(path)
    save_checkpoint(path, {"w": np.arange(100.0)})
    whole = path.read_bytes()
    damaged = [whole[:n] for n in (0, 1, 50, len(whole) // 2, len(whole) - 1)]
    middle = len(whole) // 3
    damaged.append(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    flags = whole.rindex(b"PK\x01\x02") + 8
    damaged.append(whole[:flags] + b"\x01" + whole[flags + 1 :])  # which says that a member is encrypted
    damaged.append(b"something else")
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=r"is damaged, or no checkpoint"):
            load_checkpoint(path)
    for other in ({"x": np.ones(3)}, {"tree": np.frombuffer(b'{"format": "x"}', np.uint8)}):
        np.savez(path, **other)
        with pytest.raises(CheckpointError, match=r"damaged, or no checkpoint|not in the format"):
            load_checkpoint(path)
    with path.open("wb") as file:
        np.save(file, np.ones(3))
    with pytest.raises(CheckpointError, match="damaged, or no checkpoint"):
        load_checkpoint(path)
    with pytest.raises(CheckpointError, match="damaged, or no checkpoint"):
        load_checkpoint(tmp_path)
    nowhere = tmp_path / "nowhere" / "a.npz"
    with pytest.raises(CheckpointError, match=r"there is no folder '.*nowhere'"):
        save_checkpoint(nowhere, 1.0)
    with pytest.raises(CheckpointError, match="there is no folder"):  # before the first step
        fit(lambda p, x: p / 0, 1.0, np.ones(1), optimizers.sgd(0.1), epochs=1, callbacks=[Checkpoint(nowhere)])


def test_keys_that_cannot_be_made_from_their_text(tmp_path: Path) -> None:
    tree = {np.int64(1): np.ones(1), float("inf"): 2.0}
    save_checkpoint(tmp_path / "a.npz", {"a": tree})
    assert load_checkpoint(tmp_path / "a.npz", like={"a": tree}) == {"a": tree}
    with pytest.raises(CheckpointError, match=r"tree\['a'\] in .* is a dict with keys that are no literals.*`like`"):
        load_checkpoint(tmp_path / "a.npz")


def test_the_previous_checkpoint_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.npz"
    for step in range(3):
        save_checkpoint(path, step)
    assert load_checkpoint(path) == 2
    assert load_checkpoint(tmp_path / "run.previous.npz") == 1
    path.write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"The one before is '.*run.previous.npz'"):
        load_checkpoint(path)

    def no_links(*_: Any) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(checkpoints.os, "link", no_links)
    save_checkpoint(path, 3)
    save_checkpoint(path, 4)
    assert (load_checkpoint(path), load_checkpoint(checkpoints.previous_path(path))) == (4, 3)

    def full(*_: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(checkpoints.os, "fsync", full)
    with pytest.raises(OSError, match="no space left"):
        save_checkpoint(path, 5)
    assert load_checkpoint(path) == 4
    assert sorted(p.name for p in tmp_path.iterdir()) == ["run.npz", "run.previous.npz"]


# Resuming -------------------------------------------------------------------------------------------------------------

X = np.random.default_rng(0).normal(size=(23, 3))
Y = np.tanh(X @ np.array([1.0, -2.0, 0.5])) + 0.3


def start() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    return {"w": rng.normal(size=(3, 4)).astype(np.float32), "v": [rng.normal(size=4), 0.0]}


def loss(p: Any, x: Any, y: Any) -> Any:
    return np.mean((np.tanh(x @ p["w"]) @ p["v"][0] + p["v"][1] - y) ** 2)


def optimizer() -> Any:
    return optimizers.adam(0.02)


def bits(value: Any) -> list[Any]:
    """Return the leaves of a value as what can be compared bit for bit."""
    return [(type(leaf), np.asarray(leaf).dtype, np.asarray(leaf).tobytes()) for leaf in flatten(value)[0]]


def everything(result: Any, *callbacks: Any) -> Any:
    history = [
        (name, result.history[name].tobytes(), result.history.steps(name).tolist()) for name in result.history.names
    ]
    states = [bits(callback.state()) for callback in callbacks]
    return bits(result.params), bits(result.state), history, states, result.step, result.reason


class Stop(Callback):
    """Ends a run as a failure of the machine would: by an error after a step."""

    def __init__(self, step: int) -> None:
        self.at = step

    def on_step(self, run: Any) -> None:
        if run.step == self.at:
            raise MemoryError


def by_rows(rng: Any) -> Any:
    """Draw rows one batch after the other, so that the generator is used within an epoch."""
    for _ in range(5):
        rows = rng.integers(23, size=5)
        yield X[rows], Y[rows]


SETTINGS: dict[str, dict[str, Any]] = {
    "shuffled": {"batch_size": 5},
    "in order, last left out": {"batch_size": 5, "shuffle": False, "drop_last": True},
    "all at once": {},
    "batches drawn": {"data": by_rows},
    "Mersenne Twister": {"batch_size": 5, "seed": lambda: np.random.Generator(np.random.MT19937(3))},
    "validated within": {"batch_size": 5, "validate_every": 2},
}


@pytest.mark.parametrize("every", [1, 3, None])
@pytest.mark.parametrize("setting", SETTINGS)
def test_resuming_is_as_if_it_had_never_stopped(setting: str, every: int | None, tmp_path: Path) -> None:
    def run(extra: list[Any], resume: Path | None = None) -> Any:
        arguments = {"data": (X, Y), "seed": lambda: 5, **SETTINGS[setting]}
        seed = arguments.pop("seed")()
        stopping, guard = EarlyStopping(99), NaNGuard()
        history = History()
        result = fit(
            loss, start(), optimizer=optimizer(), epochs=4, seed=seed, validation=(X, Y), resume=resume,
            callbacks=[*extra, stopping, guard, history], **arguments,
        )  # fmt: skip
        return everything(result, stopping, guard, history)

    expected = run([])
    path = tmp_path / "run.npz"
    steps = expected[-2]
    for stop in sorted({steps // 2, steps // 2 + 1, steps - 1}):
        path.unlink(missing_ok=True)
        with pytest.raises(MemoryError):
            run([Checkpoint(path, every), Stop(stop)])
        if path.exists():
            assert run([], path) == expected


def test_randomness_of_the_loss_goes_on_where_it_was(tmp_path: Path) -> None:
    def run(extra: list[Any], resume: Path | None = None) -> Any:
        rng = np.random.default_rng(3)

        def dropout(p: Any, x: Any, y: Any) -> Any:
            return loss(p, x * rng.integers(2, size=3), y)

        return fit(
            dropout, start(), (X, Y), optimizer(), batch_size=5, epochs=3, seed=rng, callbacks=extra, resume=resume
        )

    expected = everything(run([]))
    path = tmp_path / "run.npz"
    with pytest.raises(MemoryError):
        run([Checkpoint(path, 2), Stop(9)])
    assert everything(run([], path)) == expected


def test_early_stopping_is_resumed_and_stays(tmp_path: Path) -> None:
    values = [5.0, 4.0, 3.0, 3.5, 3.6, 3.7, 3.8]
    path = tmp_path / "run.npz"

    def run(callbacks: list[Any], resume: Path | None = None) -> tuple[Any, EarlyStopping]:
        stopping = EarlyStopping(3)
        result = fit(
            loss, start(), (X, Y), optimizer(), batch_size=12, epochs=20, seed=2, resume=resume,
            validation=lambda p: values[stopping.count], callbacks=[Count(stopping), stopping, *callbacks],
        )  # fmt: skip
        return result, stopping

    class Count(Callback):
        def __init__(self, stopping: Any) -> None:
            self.stopping = stopping

        def on_start(self, run: Any) -> None:
            self.stopping.count = run.epoch

        def on_epoch(self, run: Any) -> None:
            self.stopping.count = run.epoch

    expected, stopping = run([])
    assert (expected.reason, expected.step, stopping.best_step) == ("early stopping", 12, 6)
    for stop in (5, 9, 11):
        with pytest.raises(MemoryError):
            run([Checkpoint(path, 1), Stop(stop)])
        found, again = run([Checkpoint(path)], path)
        assert everything(found, again) == everything(expected, stopping)
    found, again = run([], path)  # it had ended, and stays so
    assert everything(found, again) == everything(expected, stopping)


def test_an_interrupt_of_the_keyboard_leaves_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    calls = 0

    def slow(p: Any, x: Any, y: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 8:
            raise KeyboardInterrupt
        return loss(p, x, y)

    arguments: Any = {"batch_size": 5, "epochs": 3, "seed": 2}
    expected = fit(loss, start(), (X, Y), optimizer(), **arguments)
    assert fit(slow, start(), (X, Y), optimizer(), callbacks=[Checkpoint(path, 1000)], **arguments).step == 7
    result = fit(loss, start(), (X, Y), optimizer(), resume=path, **arguments)
    assert everything(result) == everything(expected)
    params = load_checkpoint(path, like=start(), part="params")
    assert bits(params) == bits(fit(loss, start(), (X, Y), optimizer(), batch_size=5, num_steps=7, seed=2).params)


def test_more_epochs_are_a_longer_run(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    arguments: Any = {"batch_size": 5, "seed": 2, "validation": (X, Y)}
    expected = fit(loss, start(), (X, Y), optimizer(), epochs=5, **arguments)
    for shorter in ({"epochs": 2}, {"num_steps": 10}, {"num_steps": 12}):
        fit(loss, start(), (X, Y), optimizer(), callbacks=[Checkpoint(path)], **shorter, **arguments)
        result = fit(loss, start(), (X, Y), optimizer(), epochs=5, resume=path, **arguments)
        assert everything(result) == everything(expected)


def test_the_last_two_checkpoints_are_of_different_moments(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    arguments: Any = {"batch_size": 5, "seed": 2, "callbacks": [Checkpoint(path)]}
    fit(loss, start(), (X, Y), optimizer(), epochs=3, **arguments)
    assert load_checkpoint(path, part="run")["step"] == 15
    assert load_checkpoint(checkpoints.previous_path(path), part="run")["step"] == 10


def test_the_state_of_a_callback_that_could_not_be_read_again_is_refused(tmp_path: Path) -> None:
    class Keeps(Callback):
        def state(self) -> Any:
            return {"x": [State(1, 2.0)]}

    with pytest.raises(CheckpointError, match="the state of the callback Keeps has a State in it"):
        fit(loss, start(), (X, Y), optimizer(), epochs=1, callbacks=[Checkpoint(tmp_path / "run.npz"), Keeps()])
    with pytest.raises(InputError, match="as `every` a positive integer or None, not 0"):
        Checkpoint(tmp_path / "run.npz", every=0)


def test_a_checkpoint_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.npz"
    usual: dict[str, Any] = {
        "loss": loss, "params": start(), "data": (X, Y), "optimizer": optimizer(), "batch_size": 5, "epochs": 2,
        "seed": 0, "validation": (X, Y), "callbacks": [Checkpoint(path), EarlyStopping(5)],
    }  # fmt: skip
    fit(**usual)
    before = path.read_bytes()
    other = {**start(), "w": np.ones((3, 5), np.float32)}
    for change, text in (
        ({"batch_size": 6}, "was written with batch_size 5, but this run has 6"),
        ({"data": (X[:20], Y[:20])}, "was written with examples 23, but this run has 20"),
        ({"shuffle": False}, "shuffle True, but this run has False"),
        ({"seed": np.random.Generator(np.random.MT19937(0))}, "state of a PCG64 generator, but `seed` is a MT19937"),
        ({"callbacks": []}, "state of a callback EarlyStopping, but there is none"),
        ({"params": other}, r"params\['w'\] should be an array of float32 and shape \(3, 5\), but is .* \(3, 4\)"),
        ({"params": [1.0]}, r"params should be a list with \[0\], but is a dict"),
        ({"optimizer": optimizers.sgd(0.1)}, r"state should be"),
    ):
        with pytest.raises(CheckpointError, match=text) as caught:
            fit(**{**usual, **change}, resume=path)
        assert isinstance(caught.value, AutodiffError)
    with pytest.raises(CheckpointError, match="there is no checkpoint"):
        fit(**usual, resume=tmp_path / "other.npz")
    save_checkpoint(tmp_path / "model.npz", start())
    with pytest.raises(CheckpointError, match=r"has no part 'run'"):
        fit(**usual, resume=tmp_path / "model.npz")
    assert path.read_bytes() == before
    fit(loss, start(), lambda rng: [(X, Y)] * 3, optimizer(), num_steps=2, callbacks=[Checkpoint(path)])
    with pytest.raises(DataError, match="after batch 2 of an epoch, but data gave only 1"):
        fit(loss, start(), lambda rng: [(X, Y)], optimizer(), num_steps=4, resume=path)


# Killing --------------------------------------------------------------------------------------------------------------

KILLER = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from autodiff_optim import load_checkpoint, save_checkpoint
from autodiff_optim.checkpoints import previous_path

path = Path(sys.argv[1])


def write(first):
    for step in range(first, 10**9):
        arrays = [np.full(50_000, step), np.full((3, 7), float(step)), {"text": str(step)}]
        save_checkpoint(path, {"step": step, "arrays": arrays})


def consistent(path):
    tree = load_checkpoint(path)
    large, small, rest = tree["arrays"]
    assert np.all(large == tree["step"]) and np.all(small == tree["step"]) and rest == {"text": str(tree["step"])}
    return tree["step"]


rng = random.Random(0)
save_checkpoint(path, {"step": 0, "arrays": [np.full(50_000, 0), np.zeros((3, 7)), {"text": "0"}]})
last = 0
for _ in range(25):
    child = os.fork()
    if child == 0:
        write(last + 1)
    limit = time.monotonic() + rng.random() * 0.06
    seen = last
    try:
        while time.monotonic() < limit:  # readers do not see a file that is not whole, either
            step = consistent(path)
            assert step >= seen
            seen = step
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    last = consistent(path)
    if last > 0:
        assert 0 <= last - consistent(previous_path(path)) <= 1
print(last)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the processes that are killed are forked")
def test_killing_the_process_leaves_a_complete_checkpoint(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    command = [sys.executable, "-c", KILLER, str(tmp_path / "run.npz")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
