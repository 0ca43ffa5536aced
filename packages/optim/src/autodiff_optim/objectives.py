"""A loss as a function of one vector, with the derivatives that a solver may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff import hessian, make_hvp, value_and_grad
from autodiff.containers import container_of
from autodiff.errors import InputError, OutputError
from autodiff.extend import Box
from autodiff_optim.flat_parameters import FlatParameters
from autodiff_optim.not_finite import Guard


class Objective:
    """``fun(params, *args)``, a real number, of the vector in which the parameters stand."""

    def __init__(self, fun: Callable[..., Any], args: tuple[Any, ...], flat: FlatParameters, guard: Guard) -> None:
        self.fun, self.args, self.flat, self.guard = fun, args, flat, guard
        self._value_and_grad = value_and_grad(fun)
        self._make_hvp = make_hvp(fun)
        self._point: Any = None  # where `_hvp` is the product with the Hessian
        self._hvp: Callable[[Any], Any] | None = None

    def value(self, vector: Any) -> float:
        """Return the loss, without differentiation: the function needs no rules."""
        self.guard.evaluations += 1
        value = self._number(self.fun(self.flat.params(vector), *self.args))
        self.guard.check(vector, value, good=True)
        return value

    def value_and_gradient(self, vector: Any) -> tuple[float, Any]:
        """Return the loss and its gradient as a vector, from one pass."""
        self.guard.evaluations += 1
        value, gradient = self._value_and_grad(self.flat.params(vector), *self.args)
        value = self._number(value)
        gradient = self.flat.gradient_vector(gradient)
        self.guard.check(vector, value, gradient, good=True)
        return value, gradient

    def hessian_product(self, vector: Any, direction: Any) -> Any:
        """Return the Hessian times a direction: a pass back through the gradient, which is kept for the next one."""
        if self._hvp is None or not np.array_equal(vector, self._point):
            self._point = np.array(vector)
            self._hvp, _ = self._make_hvp(self.flat.params(vector), *self.args)
        product = self.flat.gradient_vector(self._hvp(self.flat.params(direction)))
        self.guard.check(vector, 0.0, product, what="the gradient of the loss")
        return product

    def hessian(self, vector: Any) -> Any:
        """Return all second derivatives, as a matrix."""
        matrix = hessian(lambda x: self.fun(self.flat.params(x), *self.args))(np.array(vector, float))
        self.guard.check(vector, 0.0, matrix, what="the gradient of the loss")
        return matrix

    def _number(self, value: Any) -> float:
        if type(value) is np.float64 or type(value) is float:
            return float(value)
        name = getattr(self.fun, "__name__", "the function")
        if isinstance(value, Box):
            raise InputError(
                f"{self.flat.function}: {name} uses a value that is traced by an outer transform, but a solver's steps "
                "are not differentiated. Differentiate the solution by `autodiff.custom_root`, or use `stop_gradient` "
                "of this value."
            )
        shape = np.shape(value) if container_of(type(value)) is None else None
        if shape != () or np.result_type(value).kind not in "fiub":
            what = type(value).__name__ if not shape else f"{type(value).__name__} of shape {shape}"
            raise OutputError(
                f"{self.flat.function} needs a function that returns one real number, but {name} returned a "
                f"{what}. Sum what it returns; for the least sum of squares there is `least_squares`, for equations "
                "`root`."
            )
        return float(value)
