"""The derivative of a function at a point as a linear map of flat vectors.

Argument and result are read in C order, a container leaf by leaf. The matrix of the map is that of `autodiff.jacobian`,
also where numbers are complex: du/dx - i du/dy for a real result of a complex argument, f'(z) for a holomorphic one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from autodiff import grad, make_jvp, make_vjp, vmap
from autodiff.argnums import Argnum, Argnums, argument_name, select
from autodiff.basis import check_chunk_size
from autodiff.containers import container_of, flatten, map_leaves, unflatten
from autodiff.errors import InputError, MutationError, OutputError
from autodiff.extend import Box, load_plugins, vspace
from autodiff.trace import box_type

#: A function of rows: ``(k, n)`` to ``(k, m)``.
Rows = Callable[[Any], Any]

#: From so many vectors on, with up to so many entries together, a batch is quicker than one after the other.
_MANY, _SHORT = 8, 2**16


class FlatDerivative:
    """The derivative of ``fun(*args, **kwargs)`` by one argument, an array."""

    def __init__(
        self,
        name: str,
        fun: Callable[..., Any],
        argnum: Argnum,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        chunk_size: int | None = None,
    ) -> None:
        check_chunk_size(chunk_size)
        self.name, self.chunk_size = name, chunk_size
        self.x, self.call = point(name, fun, argnum, args, kwargs)
        self._known: list[Any] = []  # the value, once it is known

    @cached_property
    def _recorded(self) -> tuple[Callable[[Any], Any], Any]:
        pull, value = make_vjp(self.call)(self.x)
        self._note(value)
        return pull, value

    @property
    def value(self) -> Any:
        """What the function returns."""
        if not self._known:
            self._note(self._recorded[1])
        return self._known[0]

    def _note(self, value: Any) -> None:
        """Keep a value of the function, which spares `value` a pass; or raise if it is not the one that is kept."""
        if any(isinstance(leaf, Box) for leaf in flatten(value)[0]):
            raise _traced(self.name, "a value that the function uses")
        if not self._known:
            self._known.append(map_leaves(np.array, value))
        known, found = flat(self.value), flat(value)
        if np.array_equal(known, found):
            return
        tolerance = self.epsilon**0.5
        if known.size != found.size or not np.allclose(known, found, rtol=tolerance, atol=0, equal_nan=True):
            raise MutationError(
                f"{self.name}: the function gave another value than before, at the same point. An array that it uses "
                "was changed, or it takes random numbers; so products would be with different matrices."
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of entries of the result and of the argument."""
        return sum(int(np.size(leaf)) for leaf in flatten(self.value)[0]), self.x.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the entries of the matrix."""
        return np.result_type(self.x.dtype, self._type_of_result)

    @property
    def _type_of_result(self) -> np.dtype[Any]:
        return np.result_type(*(np.result_type(leaf) for leaf in flatten(self.value)[0] or [self.x]))

    @property
    def epsilon(self) -> float:
        """The relative error of the coarsest type among the argument and the results."""
        types = [self.x.dtype, *map(np.result_type, flatten(self.value)[0])]
        return max(float(np.finfo(np.result_type(one, np.float16)).eps) for one in types)

    def forward(self, rows: Any) -> Any:
        """Multiply the matrix with vectors, which are the rows of an array; the results are rows, too."""
        rows = np.asarray(rows)
        if self.x.dtype.kind != "c" and rows.dtype.kind == "c":
            return self.forward(rows.real) + 1j * self.forward(rows.imag)
        rows = rows.astype(self.x.dtype, copy=False)
        found = self._by_rows(self._push, rows)
        if self.x.dtype.kind == "c" and self._type_of_result.kind != "c":
            found = found + 1j * self._by_rows(self._push, -1j * rows)
        return found

    def transposed(self, rows: Any) -> Any:
        """Multiply the transposed matrix with vectors, which are the rows of an array."""
        rows = np.asarray(rows)
        if self._type_of_result.kind != "c" and rows.dtype.kind == "c":
            return self.transposed(rows.real) + 1j * self.transposed(rows.imag)
        rows = rows.astype(self._type_of_result, copy=False)
        found = self._by_rows(self._pull, rows)
        if self._type_of_result.kind == "c" and self.x.dtype.kind != "c":
            found = found + 1j * self._by_rows(self._pull, -1j * rows)
        return found

    def check_holomorphic(self) -> None:
        """Raise if both argument and result are complex, and the map is not linear over the complex numbers."""
        if self.x.dtype.kind != "c" or self._type_of_result.kind != "c":
            return
        direction = np.random.default_rng(0).normal(size=self.x.size).astype(self.x.dtype)
        plain, turned = self._push(direction), self._push(1j * direction)
        if not np.allclose(turned, 1j * plain, rtol=float(np.finfo(self.x.dtype).eps) ** 0.5, atol=0, equal_nan=True):
            raise OutputError(
                f"{self.name} of a complex result with respect to a complex argument needs a holomorphic function, and "
                "this one is not holomorphic at this point. Differentiate its real and its imaginary part separately."
            )

    def _push(self, vector: Any) -> Any:
        value, tangent = make_jvp(self.call)(self.x)(np.reshape(vector, self.x.shape))
        self._note(value)
        return flat(tangent)

    def _pull(self, vector: Any) -> Any:
        pull, value = self._recorded
        leaves, structure = flatten(value)
        cotangents, start = [], 0
        for leaf in leaves:
            stop = start + int(np.size(leaf))
            part = np.reshape(vector[start:stop], np.shape(leaf))
            cotangents.append(part if np.result_type(leaf).kind == "c" else np.real(part))
            start = stop
        return flat(pull(unflatten(structure, cotangents)))

    def _by_rows(self, product: Rows, rows: Any) -> Any:
        """Apply a function of a vector to rows: to as many at once as are wanted, or as is quicker."""
        size = self.chunk_size
        if size is None:
            size = max(len(rows), 1) if len(rows) >= _MANY and rows.size <= _SHORT else 1
        chunks = [rows[start : start + size] for start in range(0, len(rows), size)]
        found = [self._at_once(product, chunk) for chunk in chunks]
        if any(isinstance(chunk, Box) for chunk in found):
            raise _traced(self.name, "a value that the function uses")
        return np.concatenate(found) if found else np.zeros((0, 0), rows.dtype)  # no colours: an empty pattern

    def _at_once(self, product: Rows, rows: Any) -> Any:
        if len(rows) > 1:
            try:
                return vmap(product)(rows)
            except Exception:  # noqa: BLE001
                # A rule, perhaps of the user's, can do with one vector what it cannot with a batch. If there is an
                # error with single vectors, too, it is raised from there.
                pass
        return np.stack([product(row) for row in rows])


def _traced(name: str, what: str) -> InputError:
    return InputError(
        f"{name}: {what} is traced by another transform, but what {name} returns is for plain numbers: it cannot be "
        "differentiated or batched. Take `jacobian`, `hessian`, `make_jvp` or `make_vjp`; or `stop_gradient` of the "
        "value where it counts as constant."
    )


def gradient_derivative(
    name: str,
    fun: Callable[..., Any],
    argnum: Argnum,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    chunk_size: int | None = None,
) -> FlatDerivative:
    """Return the derivative of the gradient. It is symmetric; `transposed` takes the fewest passes."""
    x, call = point(name, fun, argnum, args, kwargs)
    if x.dtype.kind == "c":
        raise InputError(
            f"{name}: argument {argument_name(fun, argnum)} of {getattr(fun, '__name__', 'the function')} is complex, "
            "and a Hessian with respect to complex numbers is not one matrix. Differentiate with respect to the real "
            "and the imaginary parts, as one vector of real numbers."
        )
    return FlatDerivative(name, grad(call), 0, (x,), {}, chunk_size)


def flat(value: Any) -> Any:
    """Return the entries of a value, a number or an array or a container of them, as one vector."""
    leaves = [np.ravel(leaf) for leaf in flatten(value)[0]]
    return leaves[0] if len(leaves) == 1 else np.concatenate(leaves) if leaves else np.zeros(0)


def point(
    name: str, fun: Callable[..., Any], argnum: Argnums, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, Callable[[Any], Any]]:
    """Return the argument by which is differentiated, an array, and the function of it alone."""
    if isinstance(argnum, tuple):
        raise InputError(
            f"{name} differentiates with respect to one argument, but argnum is {argnum!r}. Pass one vector, and take "
            "it apart in the function; or choose one argument."
        )
    load_plugins()
    (x,), call = select(fun, argnum, args, kwargs)
    if any(isinstance(leaf, Box) for leaf in flatten((args, kwargs))[0]):
        raise _traced(name, f"an argument of {getattr(fun, '__name__', 'the function')}")
    which = f"argument {argument_name(fun, argnum)} of {getattr(fun, '__name__', 'the function')}"
    if container_of(type(x)) is not None:
        raise InputError(
            f"{name}: {which} is a {type(x).__name__}, but must be an array, whose entries number the columns. Pass "
            "numpy.array(…) of its numbers, or one vector that is taken apart in the function."
        )
    box_type(x).check_input(x)
    x = np.array(x)  # its own: operators are used when the user may have changed theirs
    vspace(x)
    return x, call
