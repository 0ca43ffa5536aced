"""Optimizers made of pure transformations of gradients, with the names and the meaning of Optax.

``init(params)`` makes a state; ``update(grads, state, params)`` turns a gradient into an update and a new state;
`apply_updates` adds the update to the parameters. Parameters, gradients and states are containers of floating-point
arrays, and none of them is changed.

>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff_optim import optimizers
>>> optimizer = optimizers.adam(0.1)
>>> params = {"x": np.zeros(2)}
>>> state = optimizer.init(params)
>>> for _ in range(300):
...     grads = grad(lambda p: np.sum((p["x"] - 3.0) ** 2))(params)
...     updates, state = optimizer.update(grads, state, params)
...     params = optimizers.apply_updates(params, updates)
>>> np.round(params["x"], 3)
array([3., 3.])

The functions `autodiff_optim.sgd`, `rmsprop` and `adam` are something else: whole loops, with autograd's signatures.
"""

from autodiff_optim.optimizers.accumulating import accumulate
from autodiff_optim.optimizers.adams import adabelief, adam, adamw, amsgrad, lamb, lion, nadam, radam
from autodiff_optim.optimizers.adaptive import (
    scale_by_adam,
    scale_by_amsgrad,
    scale_by_belief,
    scale_by_lion,
    scale_by_nadam,
    scale_by_radam,
)
from autodiff_optim.optimizers.chaining import chain
from autodiff_optim.optimizers.clipping import clip, clip_by_global_norm
from autodiff_optim.optimizers.descent import adadelta, adagrad, rmsprop, sgd
from autodiff_optim.optimizers.hyperparameters import HyperparameterError
from autodiff_optim.optimizers.in_place import InPlace
from autodiff_optim.optimizers.masking import masked
from autodiff_optim.optimizers.moments import (
    ema,
    scale_by_adadelta,
    scale_by_rms,
    scale_by_rss,
    scale_by_stddev,
    trace,
)
from autodiff_optim.optimizers.plateau import reduce_on_plateau
from autodiff_optim.optimizers.scaling import (
    add_decayed_weights,
    scale,
    scale_by_learning_rate,
    scale_by_schedule,
    scale_by_trust_ratio,
)
from autodiff_optim.optimizers.transformation import Transformation, apply_updates

__all__ = [
    "HyperparameterError",
    "InPlace",
    "Transformation",
    "accumulate",
    "adabelief",
    "adadelta",
    "adagrad",
    "adam",
    "adamw",
    "add_decayed_weights",
    "amsgrad",
    "apply_updates",
    "chain",
    "clip",
    "clip_by_global_norm",
    "ema",
    "lamb",
    "lion",
    "masked",
    "nadam",
    "radam",
    "reduce_on_plateau",
    "rmsprop",
    "scale",
    "scale_by_adadelta",
    "scale_by_adam",
    "scale_by_amsgrad",
    "scale_by_belief",
    "scale_by_learning_rate",
    "scale_by_lion",
    "scale_by_nadam",
    "scale_by_radam",
    "scale_by_rms",
    "scale_by_rss",
    "scale_by_schedule",
    "scale_by_stddev",
    "scale_by_trust_ratio",
    "sgd",
    "trace",
]
