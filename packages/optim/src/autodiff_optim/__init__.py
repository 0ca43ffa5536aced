"""Optimizers for programs differentiated by autodiff; parameters in any container.

>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff_optim import sgd
>>> gradient = grad(lambda p: np.sum((p["x"] - 3.0) ** 2))
>>> best = sgd(lambda p, i: gradient(p), {"x": np.zeros(2)}, num_iters=200, step_size=0.1, mass=0.5)
>>> np.round(best["x"], 6)
array([3., 3.])
"""

from autodiff_optim import optimizers, schedules
from autodiff_optim.first_order import adam, rmsprop, sgd

__all__ = ["adam", "optimizers", "rmsprop", "schedules", "sgd"]
