"""Power series whose coefficients are computed when they are asked for.

So a series can be defined by itself: coefficient k by those of lower order, which are there by then.

Source: M. D. McIlroy, Power Series, Power Serious, J. Functional Programming 9 (1999).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Series:
    """The coefficients of a power series, each computed once, when it is asked for; None stands for zero."""

    __slots__ = ("_coefficient", "_known")

    def __init__(self, value: Any, coefficient: Callable[[int], Any]) -> None:
        self._known = [value]
        self._coefficient: Callable[[int], Any] | None = coefficient

    def __getitem__(self, k: int) -> Any:
        known = self._known
        while len(known) <= k:
            assert self._coefficient is not None  # as long as any are missing
            known.append(self._coefficient(len(known)))
        return known[k]

    def up_to(self, k: int) -> list[Any]:
        """Return the coefficients from the first to number `k`."""
        self[k]
        return self._known[: k + 1]

    def known(self) -> list[Any]:
        """Return the coefficients that have been computed so far."""
        return list(self._known)

    def forget(self) -> None:
        """Forget what the coefficients are computed from: nobody will ask for more."""
        self._coefficient = None


def added(total: Any, term: Any) -> Any:
    """Return the sum of two terms, of which the first may be None, for zero."""
    return term if total is None else total + term


def convolution(multiply: Callable[[Any, Any], Any], left: Series, right: Series) -> Callable[[int], Any]:
    """Return ``coefficient(k)`` of the product of two series."""

    def coefficient(k: int) -> Any:
        total = None
        for a, b in zip(left.up_to(k), reversed(right.up_to(k)), strict=True):
            if a is not None and b is not None:
                total = multiply(a, b) if total is None else total + multiply(a, b)
        return total

    return coefficient
