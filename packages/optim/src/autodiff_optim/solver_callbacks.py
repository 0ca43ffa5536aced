"""A user's callback as a solver calls it: with parameters in their container, and the end that it may ask for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize
from scipy.optimize import OptimizeResult

from autodiff_optim.flat_parameters import FlatParameters

#: Fields of SciPy's results that are gradients, if they are vectors.
GRADIENTS = ("jac", "grad", "lagrangian_grad")
STOPPED = 99  # the status that SciPy gives a solver which was stopped


def restored(result: Any, flat: FlatParameters) -> Any:
    """Return a copy of SciPy's result, with the container back in place in what has the shape of the parameters."""
    result = OptimizeResult(result)
    result.x = flat.params(result.x)
    for name in GRADIENTS:
        if isinstance(result.get(name), np.ndarray) and result[name].shape == (flat.size,):
            result[name] = flat.gradient(result[name])
    if "allvecs" in result:
        result.allvecs = [flat.params(vector) for vector in result.allvecs]
    return result


class Callback:
    """SciPy calls this with its intermediate result, or with a vector where the solver has no more to tell.

    The user's function has a parameter `intermediate_result`, and gets a result, or others: it gets the parameters, and
    the result as well if it takes two.
    """

    def __init__(
        self,
        user: Callable[..., Any],
        flat: FlatParameters,
        value: Callable[[Any], float],
        bounds: scipy.optimize.Bounds | None,
    ) -> None:
        self.user, self.flat, self.value, self.bounds = user, flat, value, bounds
        parameters = inspect.signature(user).parameters.values()
        self.by_name = [parameter.name for parameter in parameters] == ["intermediate_result"]
        by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        self.by_two = len([p for p in by_position if p.default is p.empty]) > 1
        self.stopped_at: Any = None

    def __call__(self, intermediate_result: Any) -> Any:
        known = isinstance(intermediate_result, OptimizeResult)
        vector = self._complete(np.array(intermediate_result.x if known else intermediate_result))
        try:
            if not (self.by_name or self.by_two):
                return self.user(self.flat.params(vector))
            told = intermediate_result if known else {"fun": self.value(vector)}
            result = restored({**told, "x": vector}, self.flat)
            return self.user(intermediate_result=result) if self.by_name else self.user(result.x, result)
        except StopIteration:
            self.stopped_at = vector
            raise

    def _complete(self, vector: Any) -> Any:
        """Put back the entries that COBYLA leaves out, as their bounds are equal."""
        missing = self.flat.size - vector.size
        if not missing or self.bounds is None:
            return vector
        fixed = np.argsort(self.bounds.ub - self.bounds.lb, kind="stable")[:missing]
        complete = self.bounds.lb.copy()
        complete[np.setdiff1d(np.arange(self.flat.size), fixed)] = vector
        return complete

    def with_vector(self, xk: Any) -> Any:
        """Do the same, under a signature by which SciPy knows that a vector is wanted."""
        return self(xk)


def stopped(callback: Callback, evaluations: int) -> Any:
    """Return the result of a solver that knows nothing of callbacks which raise ``StopIteration``."""
    vector = callback.stopped_at
    return OptimizeResult(
        x=vector,
        fun=callback.value(vector),
        nfev=evaluations,
        success=False,
        status=STOPPED,
        message="`callback` raised `StopIteration`.",
    )
