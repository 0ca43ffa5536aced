"""The competitors: each turns a workload into a call without arguments that returns the derivative.

For a gradient that is ``(value, gradient)``, because both are what a training step uses and what every tracer computes
anyway; the hand-written functions return both too, so all columns do the same work.

Libraries are imported when they are asked for: one that is not installed costs its column, not the run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy

import derivatives
from derivatives import Transform
from timing import Step
from trees import leaves, map_leaves
from workloads import Workload

Prepare = Callable[[Workload, tuple[Any, ...]], Step]
"""From a workload and its inputs (NumPy arrays; the first is differentiated) to the call that is timed."""


def by_hand() -> Prepare:
    """The reference."""
    return lambda workload, inputs: partial(workload.hand, *inputs)


def numpy_like(namespace: Any, transforms: Mapping[str, Transform]) -> Prepare:
    """A library that differentiates the shared source as it stands, through its own ``np`` or NumPy's."""
    return lambda workload, inputs: partial(transforms[workload.derivative](workload.loss(namespace)), *inputs)


def autodiff() -> Prepare:
    """This library, under ``import autodiff_numpy as np``."""
    return numpy_like(import_module("autodiff_numpy"), derivatives.autodiff(import_module("autodiff")))


def autodiff_plain() -> Prepare:
    """The same library under unmodified ``import numpy as np``: boxes take part in NumPy's own protocols."""
    return numpy_like(numpy, derivatives.autodiff(import_module("autodiff")))


def autograd() -> Prepare:
    """HIPS autograd, under ``import autograd.numpy as np``."""
    return numpy_like(import_module("autograd.numpy"), derivatives.autograd(import_module("autograd")))


def torch() -> Prepare:
    """PyTorch on the CPU, eagerly; tensors are made once, outside the timed call."""
    module = import_module("torch")
    module.set_num_threads(1)

    def prepare(workload: Workload, inputs: tuple[Any, ...]) -> Step:
        arguments = map_leaves(lambda leaf: module.from_numpy(numpy.array(leaf)), inputs)
        parameters = [leaf.requires_grad_(workload.derivative == "gradient") for leaf in leaves(arguments[0])]
        loss = (workload.torch or workload.loss)(module)
        if workload.derivative != "gradient":
            return partial(derivatives.torch(module.func)[workload.derivative](loss), *arguments)

        def step() -> tuple[Any, Any]:
            value = loss(*arguments)
            return value.detach(), module.autograd.grad(value, parameters)

        return step

    return prepare


def jax(*, jit: bool) -> Prepare:
    """JAX in double precision like the others; arrays are put on the device once, outside the timed call."""
    module = import_module("jax")
    module.config.update("jax_enable_x64", True)

    def prepare(workload: Workload, inputs: tuple[Any, ...]) -> Step:
        arguments = map_leaves(module.numpy.asarray, inputs)
        derivative = derivatives.jax(module)[workload.derivative](workload.loss(module.numpy))
        if jit:
            derivative = module.jit(derivative)
        return lambda: module.block_until_ready(derivative(*arguments))  # dispatch returns before the work is done

    return prepare


@dataclass(frozen=True)
class Library:
    """A column of the table."""

    name: str
    title: str
    modules: tuple[str, ...]
    distribution: str
    load: Callable[[], Prepare]

    def installed(self) -> bool:
        """Whether its modules exist. A module that exists and fails to import is an error, not an absence."""
        for module in self.modules:
            try:
                import_module(module)
            except ModuleNotFoundError as error:
                if error.name != module:
                    raise
                return False
        return True

    def version(self) -> str:
        """What the report says about it."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:  # a source tree on the path
            return "(not installed)"


LIBRARIES = (
    Library("hand", "hand-written", ("numpy",), "numpy", by_hand),
    Library("autodiff", "autodiff", ("autodiff", "autodiff_numpy"), "autodiff-core", autodiff),
    Library("autodiff-plain", "autodiff, plain numpy", ("autodiff", "autodiff_numpy"), "autodiff-core", autodiff_plain),
    Library("autograd", "autograd", ("autograd",), "autograd", autograd),
    Library("torch", "torch", ("torch",), "torch", torch),
    Library("jax", "jax.jit", ("jax",), "jax", partial(jax, jit=True)),
    Library("jax-eager", "jax eager", ("jax",), "jax", partial(jax, jit=False)),
)
