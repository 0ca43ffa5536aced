"""Gradients of a batch in parts, which an executor computes at the same time."""

from __future__ import annotations

import functools
import importlib
import itertools
import pickle
import sys
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, Literal, NamedTuple

from autodiff.containers import flatten, flatten_like, unflatten
from autodiff.errors import InputError
from autodiff_optim.batches import Rows
from autodiff_optim.counts import is_count
from autodiff_optim.errors import WorkerError
from autodiff_optim.optimizers.leaves import like
from autodiff_optim.outputs import pair


def data_parallel(
    value_and_grad: Callable[..., Any],
    executor: Executor,
    *,
    shards: int = 4,
    reduction: Literal["mean", "sum"] = "mean",
    has_aux: bool = False,
    timeout: float | None = None,
) -> Callable[..., Any]:
    """Make a function that computes value and gradient of a batch in shards, on the workers of an executor.

    Parameters
    ----------
    value_and_grad : callable
        ``value_and_grad(params, *batch) -> (value, gradient)``, such as ``autodiff.value_and_grad(loss)``.
    executor : concurrent.futures.Executor
        A pool of threads or processes, ``client.get_executor()`` of Dask, or any other.
    shards : int
        Into how many parts of about the same size a batch is split; fewer if it has fewer examples. It is not taken
        from the machine, as results depend on it in their last digits. Choose the number of workers, or a multiple.
    reduction : {"mean", "sum"}
        What the loss is over the examples. For a mean, shards count by their sizes; for a sum, they are added. A term
        that does not depend on the examples, such as a penalty of large parameters, is right in a mean only.
    has_aux : bool
        Whether the value is a pair (value, auxiliary). The results have a tuple of what the shards return, of which
        `fit` records nothing.
    timeout : float, optional
        For how many seconds to wait for a shard before an error is raised.

    Returns
    -------
    callable
        ``(params, *batch) -> (value, gradient)``, with arrays in the batch that have the same first length, in any
        containers. It is the mean, or the sum, in the order of the shards, whichever is ready first: the same bits on
        every machine with the same libraries, for the same number of shards.

    Raises
    ------
    WorkerError
        When the function fails for a shard, which the error names; a process died; or the time is over. It keeps the
        parameters.
    DataError
        When a batch is empty, or has arrays of different lengths.

    Notes
    -----
    Functions travel to processes by pickle, which takes only what stands at the top level of a module. With
    cloudpickle, which Dask brings (the extra `dask`), lambdas, closures and ``value_and_grad(loss)`` travel as well.

    A pool of processes is broken when one of them dies; the error says so. Dask gives the shard to another worker.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> import numpy as np
    >>> import autodiff
    >>> loss = lambda w, x: np.mean((x @ w) ** 2)
    >>> x = np.arange(6.0).reshape(3, 2)
    >>> with ThreadPoolExecutor(2) as pool:
    ...     value, gradient = data_parallel(autodiff.value_and_grad(loss), pool)(np.ones(2), x)
    >>> np.round(value, 6), np.round(gradient, 6)
    (np.float64(35.666667), array([30.666667, 40.666667]))
    """
    if not callable(value_and_grad):
        raise InputError(f"data_parallel takes a function of parameters and batch, not {value_and_grad!r}.")
    if isinstance(executor, type) or not callable(getattr(executor, "submit", None)):
        raise InputError(
            f"data_parallel takes an executor of concurrent.futures, with a method `submit`, not {executor!r}. For "
            "Dask, pass `client.get_executor()`."
        )
    if not is_count(shards):
        raise InputError(f"data_parallel takes a positive integer as shards, not {shards!r}.")
    if reduction not in {"mean", "sum"}:
        raise InputError(f'data_parallel takes "mean" or "sum" as reduction, not {reduction!r}.')
    function = _portable(value_and_grad) if _is_process_pool(executor) else value_and_grad

    def parallel(params: Any, *batch: Any) -> Any:
        rows = Rows(batch, "batch")
        cuts = _cuts(rows.count, shards)
        found = _Call(params, cuts, timeout).collect(executor, function, rows)
        results = [pair(each, "value_and_grad", "(value, gradient)") for each in found]
        weights = [(cut.stop - cut.start) / rows.count for cut in cuts] if reduction == "mean" else [1.0] * len(cuts)
        if has_aux:
            results = [(pair(value, "the loss", "(value, auxiliary)"), gradient) for value, gradient in results]
        values = [value[0] if has_aux else value for value, _ in results]
        total = sum(weight * value for weight, value in zip(weights, values, strict=True))
        gradient = _weighted_sum(weights, [gradient for _, gradient in results])
        return ((total, tuple(value[1] for value, _ in results)) if has_aux else total), gradient

    return parallel


def _cuts(count: int, shards: int) -> list[slice]:
    """Split `count` rows into slices whose lengths differ by one at most."""
    shards = min(shards, count)
    ends = [count * i // shards for i in range(shards + 1)]
    return [slice(start, end) for start, end in itertools.pairwise(ends)]


def _weighted_sum(weights: list[float], gradients: list[Any]) -> Any:
    """Add from the first to the last, so that rounding does not depend on which was ready first."""
    leaves, structure = flatten(gradients[0])
    total = [weights[0] * leaf for leaf in leaves]
    for weight, gradient in zip(weights[1:], gradients[1:], strict=True):
        found = flatten_like(structure, gradient, "the gradient of a shard")
        total = [sum_ + weight * leaf for sum_, leaf in zip(total, found, strict=True)]
    return unflatten(structure, map(like, total, leaves))


class _Call(NamedTuple):
    """The shards of one batch, on their way."""

    params: Any
    cuts: list[slice]
    timeout: float | None

    def collect(self, executor: Executor, function: Callable[..., Any], rows: Rows) -> list[Any]:
        """Return the results of all shards, in their order; if one fails, the others are cancelled."""
        futures: list[Future[Any]] = []
        results: list[Any] = []
        try:
            for cut in self.cuts:
                futures.append(executor.submit(function, self.params, *rows.take(cut)))  # noqa: PERF401  # finished ones count
            for future in futures:
                results.append(future.result(self.timeout))  # noqa: PERF401  # as above
        except Exception as error:
            late = len(futures) > len(results) and not futures[len(results)].done()
            raise self._failure(len(results), error, late=late) from error
        finally:
            for future in futures:
                future.cancel()
        return results

    def _failure(self, shard: int, error: Exception, *, late: bool) -> WorkerError:
        if isinstance(error, BrokenExecutor):
            reason = (
                f"a worker died, killed perhaps for want of memory ({type(error).__name__}: {error}). The pool cannot "
                "be used any more: make a new one. Dask's executor gives the work of a worker that died to another one."
            )
        elif isinstance(error, TimeoutError) and late:
            reason = f"there was no result within {self.timeout} seconds."
        else:
            reason = f"{type(error).__name__}: {error}."
        cut = self.cuts[shard]
        return WorkerError(
            f"shard {shard} of {len(self.cuts)}, rows {cut.start} to {cut.stop - 1} of the batch: {reason} "
            "The parameters are in the attribute `params` of this error.",
            self.params,
            shard,
        )


class _Pickled:
    """A function that cloudpickle has turned into bytes, which every process reads once."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __call__(self, *args: Any) -> Any:
        return _read(self._content)(*args)


_read = functools.lru_cache(maxsize=8)(pickle.loads)


def _is_process_pool(executor: Executor) -> bool:
    module = sys.modules.get("concurrent.futures.process")  # slow to import, and there already if it was used
    return module is not None and isinstance(executor, module.ProcessPoolExecutor)


def _portable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what does the same and can be pickled."""
    try:
        pickle.dumps(function)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        try:
            cloudpickle = importlib.import_module("cloudpickle")
        except ImportError:
            raise InputError(
                f"data_parallel cannot send {getattr(function, '__qualname__', function)!r} to a process: {error}. "
                "Define a function at the top level of a module which calls `value_and_grad(loss)(params, *batch)`, or "
                'install cloudpickle, which takes lambdas and closures: `pip install "autodiff-optim[dask]"`.'
            ) from error
        return _Pickled(cloudpickle.dumps(function))
    return function
