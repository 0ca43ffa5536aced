"""Gradients in shards are those of the whole batch, on every executor, whoever is ready first."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autodiff import value_and_grad
from autodiff.errors import InputError, OutputError, StructureError
from autodiff_optim import DataError, NotFiniteError, WorkerError, data_parallel, fit, optimizers

X = np.random.default_rng(0).normal(size=(23, 3))
Y = np.tanh(X @ np.array([1.0, -2.0, 0.5])) + 0.3
PARAMS = {"w": np.array([0.1, 0.2, 0.3]), "b": 0.5}


def loss(p: Any, x: Any, y: Any) -> Any:
    return np.mean((np.tanh(x @ p["w"] + p["b"]) - y) ** 2)


class AtOnce(Executor):
    """Computes when a task is submitted, in the order given by a key: the simplest executor."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # as executors do
            future.set_exception(error)
        return future


@pytest.fixture
def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def same(found: Any, expected: Any, rtol: float = 1e-13) -> None:
    value, gradient = found
    np.testing.assert_allclose(value, expected[0], rtol=rtol)
    assert gradient.keys() == expected[1].keys()
    for name in gradient:
        np.testing.assert_allclose(gradient[name], expected[1][name], rtol=rtol)
        assert type(gradient[name]) is type(expected[1][name])


@pytest.mark.parametrize("shards", [1, 2, 4, 23, 99])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_result_is_that_of_the_whole(shards: int, reduction: Any, threads: Executor) -> None:
    function = loss if reduction == "mean" else lambda p, x, y: loss(p, x, y) * len(y)
    whole = value_and_grad(function)
    same(data_parallel(whole, threads, shards=shards, reduction=reduction)(PARAMS, X, Y), whole(PARAMS, X, Y), 1e-12)


def test_the_order_of_completion_does_not_matter(threads: Executor) -> None:
    def late_first(p: Any, x: Any, y: Any) -> Any:
        time.sleep(0.05 if x[0, 0] == X[0, 0] else 0)
        return value_and_grad(loss)(p, x, y)

    found = data_parallel(late_first, threads, shards=5)(PARAMS, X, Y)
    expected = data_parallel(value_and_grad(loss), AtOnce(), shards=5)(PARAMS, X, Y)
    assert found[0] == expected[0]
    for name in PARAMS:
        np.testing.assert_array_equal(found[1][name], expected[1][name])


def test_containers_types_and_aux(threads: Executor) -> None:
    def with_aux(p: Any, batch: Any) -> Any:
        z = batch["x"] @ p[0]
        return np.mean(np.abs(z) ** 2 * p[1][0] * p[1][1] * p[1][2]), len(z)

    params = (np.ones(3, np.complex64), [np.array(2.0, np.float32), np.float32(0.5), 3.0])
    gradient = value_and_grad(with_aux, has_aux=True)
    (value, aux), found = data_parallel(gradient, threads, shards=3, has_aux=True)(params, {"x": X.astype("f4")})
    (whole, _), expected = gradient(params, {"x": X.astype("f4")})
    np.testing.assert_allclose(value, whole, rtol=1e-6)
    assert aux == (7, 8, 8)
    for one, other in zip((found[0], *found[1]), (expected[0], *expected[1]), strict=True):
        assert type(one) is type(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_training_with_shards(threads: Executor) -> None:
    arguments: Any = {"batch_size": 10, "epochs": 3, "seed": 0}
    expected = fit(loss, PARAMS, (X, Y), optimizers.adam(0.05), **arguments)
    gradient = data_parallel(value_and_grad(loss), threads)
    found = fit(loss, PARAMS, (X, Y), optimizers.adam(0.05), value_and_grad=gradient, **arguments)
    np.testing.assert_allclose(found.params["w"], expected.params["w"], rtol=1e-10)
    poisoned = data_parallel(value_and_grad(lambda p, x, y: loss(p, x, y) * np.nan), threads)
    with pytest.raises(NotFiniteError, match="step 1: the loss is nan"):
        fit(loss, PARAMS, (X, Y), optimizers.adam(0.05), value_and_grad=poisoned, **arguments)


# Errors ---------------------------------------------------------------------------------------------------------------


def test_an_error_names_the_shard_and_keeps_the_parameters(threads: Executor) -> None:
    def fails(p: Any, x: Any, y: Any) -> Any:
        if X[13, 0] in x[:, 0]:
            raise ZeroDivisionError("in the loss")
        return value_and_grad(loss)(p, x, y)

    with pytest.raises(WorkerError, match=r"shard 2 of 4, rows 11 to 16 .*: ZeroDivisionError: in the loss") as caught:
        data_parallel(fails, threads)(PARAMS, X, Y)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert (caught.value.shard, caught.value.params) == (2, PARAMS)
    with pytest.raises(WorkerError) as caught:
        fit(loss, PARAMS, (X, Y), optimizers.sgd(0.1), epochs=1, value_and_grad=data_parallel(fails, threads))
    assert caught.value.fit_result.params is PARAMS


def test_waiting_has_an_end() -> None:
    with ThreadPoolExecutor(1) as pool:
        slow = data_parallel(lambda p, x: time.sleep(0.3), pool, shards=2, timeout=0.05)
        with pytest.raises(WorkerError, match=r"shard 0 of 2, .* no result within 0.05 seconds"):
            slow(PARAMS, X)


def test_functions_that_return_something_else(threads: Executor) -> None:
    with pytest.raises(OutputError, match=r"value_and_grad must return a pair \(value, gradient\), but .* float64"):
        data_parallel(loss, threads)(PARAMS, X, Y)
    with pytest.raises(OutputError, match=r"the loss must return a pair \(value, auxiliary\), but .* float64"):
        data_parallel(value_and_grad(loss), threads, has_aux=True)(PARAMS, X, Y)


def test_bad_arguments(threads: Executor) -> None:
    for arguments, text in (
        ({"value_and_grad": 3}, "takes a function"),
        ({"executor": 2}, "`submit`, not 2"),
        ({"executor": ThreadPoolExecutor}, "`submit`, not <class"),
        ({"shards": 0}, "positive integer as shards, not 0"),
        ({"reduction": "max"}, '"mean" or "sum" as reduction, not \'max\''),
    ):
        usual: dict[str, Any] = {"value_and_grad": value_and_grad(loss), "executor": threads}
        with pytest.raises(InputError, match=text):
            data_parallel(**{**usual, **arguments})
    parallel = data_parallel(value_and_grad(loss), threads)
    with pytest.raises(DataError, match=r"batch\[1\] has 20 examples, its first axis, but batch\[0\] has 23"):
        parallel(PARAMS, X, Y[:20])
    with pytest.raises(DataError, match=r"batch has no examples"):
        parallel(PARAMS, X[:0], Y[:0])
    with pytest.raises(DataError, match=r"batch\[1\] is a float"):
        parallel(PARAMS, X, 0.5)
    differs = data_parallel(lambda p, x, y: (1.0, [0.0] * len(x)), threads)
    with pytest.raises(StructureError, match="gradient of a shard"):
        differs(PARAMS, X, Y)


def test_a_pool_that_is_closed() -> None:
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with pytest.raises(WorkerError, match=r"shard 0 of 4, .*cannot schedule new futures"):
        data_parallel(value_and_grad(loss), pool)(PARAMS, X, Y)


def test_functions_that_cannot_travel_are_refused_without_cloudpickle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with ProcessPoolExecutor(1) as pool:  # starts no process before there is work
        with pytest.raises(InputError, match=r"cannot send '.*loss' to a process.*cloudpickle"):
            data_parallel(value_and_grad(loss), pool)
        data_parallel(os.getpid, pool)


# Processes ------------------------------------------------------------------------------------------------------------

TASKS = """
import os, time
import numpy as np
from autodiff import value_and_grad

def loss(p, x, y):
    return np.mean((np.tanh(x @ p["w"] + p["b"]) - y) ** 2)

def loss_and_gradient(p, x, y):
    return value_and_grad(loss)(p, x, y)

def dies(p, x, y):
    if x[0, 0] > 1e6:
        os._exit(1)
    return loss_and_gradient(p, x, y)

def announced(folder):
    # The third shard says which process it is in, and waits to be killed; the next attempt finds the note, and works.
    def function(p, x, y):
        note = folder / "pid"
        if x[0, 0] == 2.0 and not note.exists():
            (folder / "partial").write_text(str(os.getpid()))
            (folder / "partial").replace(note)
            time.sleep(300)
        return loss_and_gradient(p, x, y)
    return function
"""


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a module that processes can import."""
    (tmp_path / "parallel_tasks.py").write_text(TASKS)
    paths = [str(tmp_path), *(p for p in sys.path if p)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.syspath_prepend(str(tmp_path))
    import parallel_tasks

    yield parallel_tasks
    sys.modules.pop("parallel_tasks")


def test_a_pool_of_processes(tasks: Any) -> None:
    expected = value_and_grad(loss)(PARAMS, X, Y)
    exact = data_parallel(value_and_grad(loss), AtOnce())(PARAMS, X, Y)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = data_parallel(tasks.loss_and_gradient, pool, timeout=100)(PARAMS, X, Y)
        same(found, expected)
        np.testing.assert_array_equal(found[1]["w"], exact[1]["w"])
        if importlib.util.find_spec("cloudpickle") is not None:
            same(data_parallel(value_and_grad(tasks.loss), pool, timeout=100)(PARAMS, X, Y), expected)
        bad = X.copy()
        bad[0, 0] = 1e9
        with pytest.raises(WorkerError, match=r"shard 0 .* a worker died, .*BrokenProcessPool.*make a new") as caught:
            data_parallel(tasks.dies, pool, timeout=100)(PARAMS, bad, Y)
        assert caught.value.params is PARAMS
        with pytest.raises(WorkerError, match="make a new one"):
            data_parallel(tasks.loss_and_gradient, pool, timeout=100)(PARAMS, X, Y)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
def test_dask_gives_the_work_of_a_worker_that_is_killed_to_another(tasks: Any, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    x = X.copy()
    x[[0, 5, 11, 17], 0] = 0.0, 1.0, 2.0, 3.0  # the first rows of the shards
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as cluster,
        distributed.Client(cluster, timeout=100) as client,
    ):
        executor = client.get_executor()
        whole = value_and_grad(tasks.loss)
        same(data_parallel(whole, executor, timeout=100)(PARAMS, X, Y), whole(PARAMS, X, Y))
        parallel = data_parallel(tasks.announced(tmp_path), executor, timeout=100)
        with ThreadPoolExecutor(1) as waiting:
            result = waiting.submit(parallel, PARAMS, x, Y)
            note, limit = tmp_path / "pid", time.monotonic() + 100
            while not note.exists():
                assert time.monotonic() < limit
                assert not result.done(), result.result()
                time.sleep(0.02)
            killed = int(note.read_text())
            os.kill(killed, signal.SIGKILL)
            found = result.result(100)
    same(found, value_and_grad(loss)(PARAMS, x, Y))
    exact = data_parallel(value_and_grad(loss), AtOnce())(PARAMS, x, Y)
    np.testing.assert_array_equal(found[1]["w"], exact[1]["w"])
