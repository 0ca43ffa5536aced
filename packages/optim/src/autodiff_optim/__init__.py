"""Optimizers for programs differentiated by autodiff; parameters in any container.

>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff_optim import sgd
>>> gradient = grad(lambda p: np.sum((p["x"] - 3.0) ** 2))
>>> best = sgd(lambda p, i: gradient(p), {"x": np.zeros(2)}, num_iters=200, step_size=0.1, mass=0.5)
>>> np.round(best["x"], 6)
array([3., 3.])
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from autodiff_optim import optimizers, schedules
from autodiff_optim.checkpoints import load_checkpoint, save_checkpoint
from autodiff_optim.data_parallel import data_parallel
from autodiff_optim.errors import CheckpointError, DataError, MissingExtraError, NotFiniteError, WorkerError
from autodiff_optim.first_order import adam, rmsprop, sgd
from autodiff_optim.fitting import fit
from autodiff_optim.history import History
from autodiff_optim.runs import FitResult, Run
from autodiff_optim.training_callbacks import Callback, Checkpoint, EarlyStopping, NaNGuard, Progress

if TYPE_CHECKING:
    from autodiff_optim.minimizing import minimize
    from autodiff_optim.roots import root
    from autodiff_optim.sums_of_squares import least_squares

# What needs SciPy is imported when it is used first: `scipy.optimize` takes much longer to import than all of the rest.
_HOMES = {"least_squares": "sums_of_squares", "minimize": "minimizing", "root": "roots"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"autodiff_optim.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


__all__ = [
    "Callback",
    "Checkpoint",
    "CheckpointError",
    "DataError",
    "EarlyStopping",
    "FitResult",
    "History",
    "MissingExtraError",
    "NaNGuard",
    "NotFiniteError",
    "Progress",
    "Run",
    "WorkerError",
    "adam",
    "data_parallel",
    "fit",
    "least_squares",
    "load_checkpoint",
    "minimize",
    "optimizers",
    "rmsprop",
    "root",
    "save_checkpoint",
    "schedules",
    "sgd",
]
