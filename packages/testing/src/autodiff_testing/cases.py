"""Cases: calls of functions whose derivatives are to be checked, as rows of tables."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from autodiff.containers import flatten, map_leaves
from autodiff.primitive import primitive_of
from autodiff_testing.checks import check_grads, check_order


@dataclass(frozen=True, eq=False)
class Case:
    """One call whose derivatives are checked in all its arguments.

    Attributes
    ----------
    fun : callable
        The function whose rule is checked.
    call : callable
        What is differentiated: the function itself, or another one that applies it.
    args : tuple
        Its arguments: values, and functions that draw them from a generator; also in containers.
    order : int
        Up to which order.
    float32, complex128 : bool
        Whether the same is checked in single precision, which is done at first order, and with complex numbers, whose
        magnitudes are those of the numbers that are drawn.
    kwargs : mapping
        Keywords of the call, which are not differentiated.
    label : str
        What is special about the case.

    Examples
    --------
    >>> import numpy as np
    >>> from autodiff_testing.draws import normal
    >>> row = case(np.sum, np.sum, normal(3, 4), kwargs={"axis": 0}, complex128=True)
    >>> row.dtypes
    ('float64', 'float32', 'complex128')
    >>> row.check("complex128")
    >>> print(row)
    numpy.sum of (3, 4), axis=0
    """

    fun: Callable[..., Any]
    call: Callable[..., Any]
    args: tuple[Any, ...]
    order: int = 2
    float32: bool = True
    complex128: bool = False
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    label: str = ""

    def __post_init__(self) -> None:
        if not all(map(callable, (self.fun, self.call))):
            raise ValueError(
                f"a case is made of a function, of the call that is differentiated, and of that one's arguments, but "
                f"got {self.fun!r} and {self.call!r}. Write `case(np.sin, np.sin, normal(3))`."
            )
        if not self.args:
            raise ValueError(f"a case of {self.name} has no arguments: there is nothing to differentiate.")
        check_order(self.order)

    @property
    def name(self) -> str:
        """The name of the function whose rule is checked, with its module."""
        return primitive_of(self.fun).name

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The types of numbers with which the case is checked."""
        return ("float64", *(("float32",) if self.float32 else ()), *(("complex128",) if self.complex128 else ()))

    def draw(self, seed: int = 0, dtype: str = "float64") -> tuple[Any, ...]:
        """Return the arguments, the same ones for the same seed.

        Parameters
        ----------
        seed : int
            Of the generator.
        dtype : {"float64", "float32", "complex128"}
            "float64" leaves the numbers as they are drawn, also complex ones; integers always stay.
        """
        args = drawn(self.args, seed)
        if dtype == "float64":
            return args
        convert: Callable[[Any], Any] = _single if dtype == "float32" else _Turn(seed)
        return tuple(map_leaves(convert, args))

    def check(self, dtype: str = "float64", order: int | None = None, seed: int = 0) -> None:
        """Check the derivatives.

        Parameters
        ----------
        dtype : {"float64", "float32", "complex128"}
            The type of numbers.
        order : int, optional
            Up to which order, if the case does not ask for less.
        seed : int
            Of the arguments and of the random directions.

        Raises
        ------
        CheckError
            When a derivative is wrong.
        """
        order = self.order if order is None else min(self.order, order)
        check = check_grads(self.call, order=1 if dtype == "float32" else order, seed=seed)
        check(*self.draw(seed, dtype), **self.kwargs)

    def form(self) -> str:
        """Describe the call: shapes of the arguments, keywords, the label, and where a function of one's own stands."""
        words = [_shapes(self.draw())]
        words += [f"{name}={short(value)}" for name, value in self.kwargs.items()]
        words += [self.label] if self.label else []
        words += [_whose(self.call)] if not _is(self.call, self.fun) else []
        return ", ".join(words)

    def __str__(self) -> str:
        return f"{self.name} of {self.form()}"


def case(
    fun: Callable[..., Any],
    call: Callable[..., Any],
    *args: Any,
    order: int = 2,
    float32: bool = True,
    complex128: bool = False,
    kwargs: Mapping[str, Any] | None = None,
    label: str = "",
) -> Case:
    """Make a case: one row of a table.

    Parameters
    ----------
    fun : callable
        The function whose rule is checked.
    call : callable
        What is differentiated: the function itself, or another one that applies it.
    *args : object
        Values, and draws such as ``normal(3, 4)``.
    order, float32, complex128, kwargs, label
        As in `Case`.

    Returns
    -------
    Case
        The row.

    Examples
    --------
    >>> import numpy as np
    >>> from autodiff_testing.draws import normal, positive
    >>> CASES = (
    ...     case(np.log, np.log, positive(3, 4)),
    ...     case(np.sum, lambda x: np.sum(x, axis=-1), normal(3, 4)),
    ... )
    >>> for row in CASES:
    ...     row.check()
    """
    return Case(fun, call, args, order, float32, complex128, dict(kwargs or {}), label)


def drawn(args: Iterable[Any], seed: int) -> tuple[Any, ...]:
    """Return arguments with numbers instead of draws."""
    rng = np.random.default_rng(seed)
    return tuple(map_leaves(lambda leaf: leaf(rng) if callable(leaf) else leaf, tuple(args)))


def _is(call: Callable[..., Any], fun: Callable[..., Any]) -> bool:
    return inspect.unwrap(call) is inspect.unwrap(fun)  # `primitive` wraps


def _whose(call: Callable[..., Any]) -> str:
    """Name a function that is not the one whose rule is checked."""
    code = getattr(call, "__code__", None)
    if code is None:
        return str(getattr(call, "__name__", call))
    return f"{PurePath(code.co_filename).name}:{code.co_firstlineno}"


def _single(leaf: Any) -> Any:
    kind = np.result_type(leaf).kind
    return np.asarray(leaf).astype({"f": np.float32, "c": np.complex64}[kind]) if kind in "fc" else leaf


class _Turn:
    """Makes numbers complex: each is turned in the complex plane by a random angle of at most one radian.

    So magnitudes stay, matrices with a dominant diagonal keep it, and what is positive keeps a positive real part.
    """

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng((seed, 1))

    def __call__(self, leaf: Any) -> Any:
        if np.result_type(leaf).kind != "f":
            return leaf
        return leaf * np.exp(1j * self._rng.uniform(-1, 1, np.shape(leaf)))


def _shapes(args: tuple[Any, ...]) -> str:
    def shape(leaf: Any) -> str:
        if isinstance(leaf, np.ndarray):
            return ("complex " if leaf.dtype.kind == "c" else "") + str(leaf.shape)
        return "number" if np.isscalar(leaf) else type(leaf).__name__

    def describe(arg: Any) -> str:
        leaves, structure = flatten(arg)
        if structure.kind is None:
            return shape(arg)
        return f"{structure.kind.__name__} of {', '.join(map(shape, leaves)) or 'nothing'}"

    return ", ".join(map(describe, args))


def short(value: Any) -> str:
    """Return a text for a value of an argument."""
    return f"an array {value.shape}" if isinstance(value, np.ndarray) else repr(value)
