"""Draws: how the arguments of a case are made, from a seeded generator.

A draw is a function of a NumPy generator. The same seed gives the same numbers in every run and on every machine.
Entries are unequal, so that a mix-up of two of them shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Draw: TypeAlias = Callable[[np.random.Generator], Any]


def normal(*shape: int) -> Draw:
    """Draw normally distributed numbers.

    Parameters
    ----------
    *shape : int
        Of the array. Without any, it is one number.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> normal(2, 3)(np.random.default_rng(0)).shape
    (2, 3)
    """
    return lambda rng: rng.normal(size=shape)


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Draw numbers from an interval: for functions that have values there only.

    Parameters
    ----------
    low, high : float
        The ends of the interval.
    *shape : int
        Of the array.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> x = uniform(-1.0, 1.0, 100)(np.random.default_rng(0))
    >>> bool(np.all(np.abs(x) < 1))
    True
    """
    return lambda rng: rng.uniform(low, high, size=shape)


def positive(*shape: int) -> Draw:
    """Draw numbers between 0.5 and 2.5.

    Parameters
    ----------
    *shape : int
        Of the array.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> bool(np.all(positive(100)(np.random.default_rng(0)) >= 0.5))
    True
    """
    return uniform(0.5, 2.5, *shape)


def apart(*shape: int) -> Draw:
    """Draw numbers in random order no two of which are closer than 0.3, none of them near 0: for maxima and sorts.

    Parameters
    ----------
    *shape : int
        Of the array.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> x = apart(3, 4)(np.random.default_rng(0))
    >>> bool(np.diff(np.sort(x.ravel())).min() > 0.3)
    True
    """

    def draw(rng: np.random.Generator) -> Any:
        size = int(np.prod(shape))
        return rng.permutation(0.35 * (np.arange(size) - size // 2) + 0.15 + rng.uniform(0, 0.04, size)).reshape(shape)

    return draw


def complex_normal(*shape: int) -> Draw:
    """Draw complex numbers, normally distributed.

    Parameters
    ----------
    *shape : int
        Of the array.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> complex_normal(3)(np.random.default_rng(0)).dtype
    dtype('complex128')
    """
    return lambda rng: rng.normal(size=shape) + 1j * rng.normal(size=shape)


def well_conditioned(*shape: int) -> Draw:
    """Draw square matrices, stacked along all but the last two axes, far from singular.

    Parameters
    ----------
    *shape : int
        Of the array; the last two are equal.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> bool(np.linalg.cond(well_conditioned(3, 3)(np.random.default_rng(0))) < 10)
    True
    """
    return lambda rng: rng.normal(size=shape) + 2.0 * shape[-1] * np.eye(shape[-1])


def positive_definite(*shape: int) -> Draw:
    """Draw symmetric positive definite matrices, stacked along all but the last two axes.

    Parameters
    ----------
    *shape : int
        Of the array; the last two are equal.

    Returns
    -------
    callable
        Takes a generator, returns an array.

    Examples
    --------
    >>> import numpy as np
    >>> a = positive_definite(3, 3)(np.random.default_rng(0))
    >>> bool(np.all(a == a.T)), bool(np.all(np.linalg.eigvalsh(a) >= 2))
    (True, True)
    """

    def draw(rng: np.random.Generator) -> Any:
        a = rng.normal(size=shape)
        return a @ np.swapaxes(a, -1, -2) + 2.0 * np.eye(shape[-1])

    return draw
