"""Errors of training and minimisation. All are subclasses of `autodiff.errors.AutodiffError`.

NotFiniteError (ArithmeticError)    a loss, a gradient or an update is NaN or infinite
DataError (ValueError)              data from which no batches can be taken
CheckpointError (ValueError)        a file that is no checkpoint of this model
WorkerError (RuntimeError)          a part of a gradient that is computed elsewhere has failed
MissingExtraError (ImportError)     an optional package is not installed
"""

from __future__ import annotations

from typing import Any

from autodiff.errors import AutodiffError


class NotFiniteError(AutodiffError, ArithmeticError):
    """A loss, a residual, a derivative or an update is NaN or infinite, and the optimization has stopped.

    Look for a logarithm or a division by zero. In training, take a smaller step size, or clip the gradients; `fit` goes
    on, or stops quietly, where the callback ``NaNGuard`` says so. In minimisation, begin closer, bound the parameters,
    or write the function so that it is finite wherever a solver may look: a parameter that must be positive can be the
    exponential of another one. ``not_finite="pass"`` hands such values on to the solver.

    Attributes
    ----------
    params : number, array or container of them
        The last parameters at which everything was finite. If there were none, the initial ones in training, and None
        in minimisation.
    step : int
        The step, or the evaluation of a solver, that failed; the first is number 1.
    leaf : str or None
        The parameter whose derivative or update is not finite, such as ``params['w'][0]``; None for the value.
    """

    def __init__(self, message: str, params: Any = None, step: int | None = None, leaf: str | None = None) -> None:
        super().__init__(message)
        self.params = params
        self.step = step
        self.leaf = leaf


class DataError(AutodiffError, ValueError):
    """There are no batches to take from these data: they are empty, differ in length, or are no arrays."""


class CheckpointError(AutodiffError, ValueError):
    """A checkpoint cannot be written or read: the file is missing or damaged, or belongs to another model or run."""


class WorkerError(AutodiffError, RuntimeError):
    """A shard of a batch has failed in the executor of `data_parallel`: the cause is the error of the worker.

    Attributes
    ----------
    params : number, array or container of them
        The parameters of the call.
    shard : int
        Which of the shards it was; the first is number 0.
    """

    def __init__(self, message: str, params: Any = None, shard: int | None = None) -> None:
        super().__init__(message)
        self.params = params
        self.shard = shard


class MissingExtraError(AutodiffError, ImportError):
    """An optional package is not installed: the message names it, and the extra that brings it."""
