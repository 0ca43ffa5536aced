"""Which rules a function's derivative is made of, and where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, MethodType
from typing import Any, NamedTuple

import numpy as np

from autodiff.containers import container_of, flatten, unflatten
from autodiff.extend import Box, Primitive, Trace, load_plugins, unbox


class Application(NamedTuple):
    """A primitive, and what it was applied to."""

    primitive: Primitive
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def alone(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return the primitive as a function of those arguments that have a derivative, and these."""
        free = [i for i, arg in enumerate(self.args) if _differentiable(arg)]

        def fun(*new: Any) -> Any:
            args = list(self.args)
            for i, arg in zip(free, new, strict=True):
                args[i] = arg
            return self.primitive.call(*args, **self.kwargs)

        return fun, tuple(self.args[i] for i in free)


def _differentiable(value: Any) -> bool:
    leaves, _ = flatten(value)
    return bool(leaves) and all(getattr(np.asarray(leaf), "dtype", np.dtype(object)).kind in "fc" for leaf in leaves)


class Recorder(Trace):
    """A trace that differentiates nothing: it notes which primitives are applied, and to what."""

    __slots__ = ("applied",)

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[Application] = []

    def process(self, primitive: Primitive, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        args, kwargs = _opened(args), _opened(kwargs)
        y = primitive.call(*args, **kwargs)
        self.applied.append(Application(primitive, args, kwargs))
        return self._boxed(y)

    def _boxed(self, y: Any) -> Any:
        if container_of(type(y)) is not None:
            leaves, structure = flatten(y)
            return unflatten(structure, [self._boxed(leaf) for leaf in leaves])
        try:
            return self.box(y, None)
        except TypeError:  # an integer or a text
            return y


def _opened(value: Any) -> Any:
    leaves, structure = flatten(value)
    return unflatten(structure, [unbox(leaf) if isinstance(leaf, Box) else leaf for leaf in leaves])


def applied(fun: Any, args: tuple[Any, ...]) -> list[Application]:
    """Return the primitives that ``fun(*args)`` applies to what depends on its arguments, with plain arguments."""
    load_plugins()
    recorder = Recorder()
    leaves, structure = flatten(args)
    fun(*unflatten(structure, [recorder.box(leaf, None) for leaf in leaves]))
    return recorder.applied


def places(primitive: Primitive) -> list[str]:
    """Return the places, ``file:line``, of the functions that the rule of a primitive is written with."""
    if primitive.rule is None:
        return []
    found = dict.fromkeys(f"{code.co_filename}:{code.co_firstlineno}" for code in _codes(vars(primitive.rule), set()))
    return [place for place in found if "/autodiff/" not in place.replace("\\", "/")] or list(found)


def _codes(value: Any, seen: set[int]) -> Iterator[CodeType]:
    """Yield the code of all functions inside a rule: in its tables, its closures and its objects."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, MethodType):
        value = value.__func__
    if isinstance(value, FunctionType):
        yield value.__code__
        for cell in value.__closure__ or ():
            yield from _codes(cell.cell_contents, seen)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _codes(part, seen)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _codes(part, seen)
    elif type(value).__module__.startswith("autodiff") and hasattr(value, "__dict__"):
        yield from _codes(vars(value), seen)
