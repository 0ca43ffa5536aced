"""What happens when a loss, a residual or a derivative is infinite or not a number: the solver stops, by an error."""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import InputError
from autodiff_optim.errors import NotFiniteError
from autodiff_optim.flat_parameters import FlatParameters

POLICIES = ("raise", "pass")


class Guard:
    """Counts evaluations, remembers the last parameters where all was finite, and raises where something is not."""

    def __init__(self, flat: FlatParameters, policy: str) -> None:
        if policy not in POLICIES:
            raise InputError(
                f"{flat.function} got not_finite={policy!r}. It is 'raise', to stop with an error, or 'pass', to hand "
                "values that are not finite on to the solver."
            )
        self.flat, self.policy = flat, policy
        self.evaluations = 0
        self.last_good: Any = None

    def check(
        self, vector: Any, value: Any, gradient: Any = None, *, what: str = "the loss", good: bool = False
    ) -> None:
        """Raise unless a value at `vector` is finite, and so is the gradient, a vector too, or the matrix.

        With `good`, these are all that must be finite for parameters to be called good.
        """
        if np.isfinite(value).all() and (gradient is None or np.isfinite(gradient).all()):
            if good:
                self.last_good = np.array(vector)
        elif self.policy == "raise":
            raise self._error(value, gradient, what)

    def _error(self, value: Any, gradient: Any, what: str) -> NotFiniteError:
        flat, leaf, parts = self.flat, None, []
        if not np.isfinite(value).all():
            wrong = np.flatnonzero(~np.isfinite(np.ravel(value)))
            first = np.ravel(value)[wrong[0]]
            several = np.size(value) > 1
            parts.append(f"{what} is {first}" + (f" in {len(wrong)} entries, the first is number {wrong[0]}" * several))
        if gradient is not None and not np.isfinite(gradient).all():
            columns = np.reshape(gradient, (-1, flat.size))
            row = columns[~np.isfinite(columns).all(axis=1)][0]
            leaf = next(flat.not_finite(row)).name
            others = [other.name for other in flat.not_finite(row)][1:]
            parts.append(
                f"the derivative of {what} is not finite, by {flat.place_of(row)}"
                + (f", and by {', '.join(others)}" if others else "")
            )
        good = None if self.last_good is None else flat.params(self.last_good)
        kept = (
            "There was no evaluation before where all was finite: begin elsewhere."
            if good is None
            else "The attribute `params` of this error has the last parameters where all was finite."
        )
        return NotFiniteError(
            f"{flat.function}, evaluation {self.evaluations}: {'; '.join(parts)}. {kept} Bound the parameters, or pass "
            'not_finite="pass" if the solver may try such points.',
            good,
            self.evaluations,
            leaf,
        )
