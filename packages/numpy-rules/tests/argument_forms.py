"""Calls of NumPy's functions with made-up arguments, for comparisons with other libraries.

Nobody says which arguments a function takes: the same ones are offered to all functions, and a call that NumPy refuses
is none. So no function can be forgotten.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

RNG = np.random.default_rng(5)


class ObjectsError(TypeError):
    """NumPy has made an array of objects, which are traced."""


class Call(NamedTuple):
    """The arguments of a call."""

    text: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        return self.text


NUMBER, VECTOR, ROW = 0.65, np.array([0.41, 1.3, 0.7, 2.2]), np.array([0.35, 1.2, 0.8])
COLUMN = np.array([[0.55], [1.45]])
WIDE = np.array([[0.31, 0.92, 0.43], [0.77, 0.25, 0.88]])
SQUARE = np.array([[2.1, 0.3, 0.15], [0.4, 1.7, -0.2], [0.05, 0.6, 2.6]])
BLOCK = RNG.uniform(0.2, 1.8, (2, 3, 3))
SIGNED = np.array([[-0.45, 0.85, -1.35], [1.75, -0.95, 0.28]])
COMPLEX = np.array([0.4 + 0.7j, -1.3 + 0.2j, 0.7 - 1.1j, 0.2 + 0.9j])
COMPLEX_SQUARE = SQUARE + 1j * np.array([[0.2, -0.5, 0.3], [0.7, 0.1, -0.4], [0.35, -0.15, 0.6]])

#: What reads or writes files, changes how NumPy works, prints, or makes matrices or arbitrary numbers.
LEFT_OUT = {
    "asmatrix", "bmat", "empty_like", "from_dlpack", "frombuffer", "fromfile", "genfromtxt", "get_include", "info",
    "load", "loadtxt", "save", "savetxt", "savez", "savez_compressed", "set_printoptions", "setbufsize", "seterr",
    "seterrcall", "show_config", "show_runtime", "test",
}  # fmt: skip

#: What is offered as the only argument, and as the first of several.
FIRST = {
    "number": NUMBER, "vector": VECTOR, "wide": WIDE, "signed": SIGNED, "square": SQUARE, "block": BLOCK,
    "complex": COMPLEX, "complex_square": COMPLEX_SQUARE,
}  # fmt: skip

#: Pairs: broadcast both ways, with integers, and with masks and indices.
PAIRS = {
    "vector, vector": (VECTOR, VECTOR[::-1] * 1.07),
    "wide, row": (WIDE, ROW),
    "row, wide": (ROW, WIDE),
    "signed, column": (SIGNED, COLUMN),
    "column, signed": (COLUMN, SIGNED),
    "number, wide": (NUMBER, WIDE),
    "wide, number": (WIDE, NUMBER),
    "square, row": (SQUARE, ROW),
    "row, square": (ROW, SQUARE),
    "square, square": (SQUARE, SQUARE.T * 0.9 + 0.1),
    "wide, square": (WIDE, SQUARE),
    "block, square": (BLOCK, SQUARE),
    "square, block": (SQUARE, BLOCK),
    "complex, complex": (COMPLEX, COMPLEX[::-1] * (1.1 - 0.3j)),
    "complex, vector": (COMPLEX, VECTOR),
    "vector, complex": (VECTOR, COMPLEX),
    "complex_square, square": (COMPLEX_SQUARE, SQUARE),
    "wide, 2": (WIDE, 2),
    "square, -1": (SQUARE, -1),
    "2, vector": (2, VECTOR),
    "3, wide": (3, WIDE),
    "vector, indices": (VECTOR, np.array([2, 0, -1, 2])),
    "indices, vector": (np.array([2, 0, 1, 2]), VECTOR),
    "wide, columns": (WIDE, np.array([[0, 2, 2], [1, 1, 0]])),
    "vector, mask": (VECTOR, np.array([True, False, True, True])),
    "mask, vector": (np.array([True, False, True, True]), VECTOR),
    "wide, shape": (WIDE, (3, 2)),
    "row, shape": (ROW, (2, 3)),
    "block, axes": (BLOCK, (0, 1)),
    "text, vector": ("i->", VECTOR),
    "text, square": ("ij->ji", SQUARE),
}

TRIPLES = {
    "wide, row, column": (WIDE, ROW, COLUMN),
    "row, column, wide": (ROW, COLUMN, WIDE),
    "signed, -number, number": (SIGNED, -NUMBER, NUMBER),
    "number, vector, vector": (0.9, np.sort(VECTOR), VECTOR * 0.7),
    "vector, vector, vector": (VECTOR * 0.8 + 0.3, np.sort(VECTOR), VECTOR[::-1] * 0.7),
    "mask, wide, signed": (WIDE > 0.5, WIDE, SIGNED),
    "mask, row, column": (WIDE > 0.5, ROW, COLUMN),
    "wide, 1, row": (WIDE, 1, ROW),
    "vector, indices, vector": (VECTOR, np.arange(4), VECTOR * 0.3),
    "wide, columns, 1": (WIDE, np.array([[0, 2, 2], [1, 1, 0]]), 1),
    "wide, columns, -1": (WIDE, np.array([[0, 2], [1, -1]]), -1),
    "block, 0, -1": (BLOCK, 0, -1),
    "block, 2, 1": (BLOCK, 2, 1),
    "number, number, 5": (NUMBER, 2.4, 5),
    "complex, complex, 3": (0.6 + 0.2j, 1.5 - 0.4j, 3),
    "wide, square, 1": (WIDE, SQUARE, 1),
    "text, wide, square": ("ij,jk", WIDE, SQUARE),
    "text, block, square": ("...ij,kj->ki...", BLOCK, SQUARE),
    "vector, vector, valid": (VECTOR, VECTOR[:2] * 1.2, "valid"),
    "complex, vector, same": (COMPLEX, VECTOR[:2] * 1.2, "same"),
}

#: Lists of arrays, for functions that join and the like.
LISTS = {
    "[row, row]": ([ROW, ROW * 2.0],),
    "[wide, signed]": ([WIDE, SIGNED],),
    "[square, wide]": ([SQUARE, WIDE],),
    "[square, block]": ([SQUARE, BLOCK],),
    "[complex, vector]": ([COMPLEX, VECTOR],),
    "[wide, square, row]": ([WIDE, SQUARE, ROW],),
    "[[wide, column]]": ([[WIDE, COLUMN], [SQUARE, np.ones((3, 1))]],),
    "[masks], [wide, signed]": ([WIDE > 0.5, WIDE > 0.3], [WIDE, SIGNED], NUMBER),
    "1, [row, row]": (np.array([1, 0, 1]), [ROW, ROW * 2.0]),
}

#: What is passed by name besides, to functions that have such a parameter.
NAMED: dict[str, tuple[Any, ...]] = {
    "axis": (0, -1, (0, -1), None),
    "axes": ((0, -1), (1, 0), (2, 0, 1)),
    "keepdims": (True,),
    "ddof": (1,),
    "correction": (1,),
    "where": (WIDE > 0.4,),
    "initial": (0.3,),
    "n": (2, 5, -1),
    "s": ((2, 4),),
    "norm": ("ortho", "forward"),
    "ord": (1, np.inf, -np.inf, 2, -2, "nuc", "fro", 3),
    "p": (1, "fro", -np.inf),
    "order": ("F",),
    "k": (1, -1),
    "offset": (1, -1),
    "rowvar": (False,),
    "bias": (True,),
    "weights": (ROW, WIDE),
    "aweights": (ROW,),
    "prepend": (0.4,),
    "append": (0.4,),
    "mode": ("full", "valid", "same", "reduced", "complete", "wrap", "clip", "reflect", "symmetric", "edge", "raw"),
    "method": ("lower", "midpoint", "nearest", "hazen"),
    "full_matrices": (False,),
    "compute_uv": (False,),
    "hermitian": (True,),
    "UPLO": ("U",),
    "upper": (True,),
    "left": (NUMBER,),
    "right": (NUMBER,),
    "period": (2.0,),
    "dx": (0.5,),
    "x": (ROW,),
    "endpoint": (False,),
    "base": (3.0,),
    "include_initial": (True,),
    "increasing": (True,),
    "N": (2,),
    "indexing": ("ij",),
    "sparse": (True,),
    "discont": (1.0,),
    "nan": (NUMBER,),
    "total_repeat_length": (),
    "decimals": (1,),
    "rcond": (1e-3,),
    "edge_order": (1,),
    "deg": (True,),
    "density": (True,),
    "bins": (3,),
    "shift": (1, (1, -1)),
    "source": (0,),
    "kth": (1,),
    "descending": (True,),
}  # fmt: skip


POSITIONAL = tuple(
    Call(name, values, {})
    for name, values in itertools.chain(
        ((name, (value,)) for name, value in FIRST.items()), PAIRS.items(), TRIPLES.items(), LISTS.items()
    )
)


def functions(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the public functions of a module of NumPy, with their full names; only one of several names."""
    seen = set()
    for name in sorted(set(dir(module)) - LEFT_OUT):
        found = getattr(module, name) if not name.startswith("_") else None
        if callable(found) and not inspect.isclass(found) and found not in seen:
            seen.add(found)
            yield f"{module.__name__}.{name}", found


def calls(fun: Callable[..., Any]) -> Iterator[Call]:
    """Yield the calls that NumPy knows: by position, and with one or two keywords besides."""
    try:
        names = [name for name in inspect.signature(fun).parameters if name in NAMED]
    except ValueError:
        names = []
    options = [{name: value} for name in names for value in NAMED[name]]
    if "axis" in names:
        others = [{name: NAMED[name][0]} for name in names if name != "axis"]
        options += [{"axis": axis} | other for other in others for axis in (0, -1, (0, -1))]
    for call in POSITIONAL:
        if is_known(fun, call):
            yield call
        for kwargs in options:
            text = ", ".join([call.text, *(f"{name}={_text(value)}" for name, value in kwargs.items())])
            named = Call(text, call.args, kwargs)
            if is_known(fun, named):
                yield named


def spread(fun: Callable[..., Any], count: int) -> list[Call]:
    """Choose some of the calls, spread evenly."""
    every = list(calls(fun))
    return every[:: max(1, -(-len(every) // count))]


def _text(value: Any) -> str:
    return f"array{np.shape(value)}" if isinstance(value, np.ndarray) else repr(value)


def is_known(fun: Callable[..., Any], call: Call) -> bool:
    """Whether NumPy makes finite numbers of these arguments."""
    try:
        values = numbers(Problem(call).value(fun))
    except Exception:  # noqa: BLE001  whatever NumPy raises
        return False
    return bool(values) and all(np.all(np.isfinite(value)) for value in values)


# Calls as functions of their real and complex arguments


def numbers(value: Any) -> list[Any]:
    """Return the real and complex arrays and numbers in arguments or in a result; they may be traced."""
    if isinstance(value, (list, tuple)):
        return [number for entry in value for number in numbers(entry)]
    if _kind(value) == "O":
        raise ObjectsError("an array of objects: NumPy made it of a list of traced values")
    return [value] if _kind(value) in ("f", "c") else []


def _kind(value: Any) -> str:
    if hasattr(value, "dtype"):
        return str(getattr(value.dtype, "kind", ""))
    plain = getattr(value, "value", getattr(value, "_value", value))  # of a traced number
    return "c" if isinstance(plain, complex) else "f" if isinstance(plain, float) else ""


class Problem:
    """A call as a function of some of its numbers, made one real number by uneven weights."""

    def __init__(self, call: Call, which: Sequence[int] | None = None) -> None:
        self.call = call
        self._arguments = [list(call.args), list(call.kwargs.values())]
        self._leaves = numbers(self._arguments)
        self.which = range(len(self._leaves)) if which is None else which

    @property
    def start(self) -> tuple[Any, ...]:
        return tuple(_copy(self._leaves[place]) for place in self.which)

    def narrowed(self) -> Iterator[Problem]:
        """Yield problems in fewer and fewer of the numbers: keywords and settings may have no derivative."""
        ways = [range(len(self._leaves)), range(len(numbers(self._arguments[0]))), range(1), range(1, 2)]
        for place, way in enumerate(ways):
            if way and way[-1] < len(self._leaves) and way not in ways[:place]:
                yield Problem(self.call, way)

    def value(self, fun: Callable[..., Any], values: Sequence[Any] | None = None) -> Any:
        """Call the function with other numbers."""
        leaves = dict(enumerate(self._leaves)) | dict(zip(self.which, values or (), strict=values is not None))
        args, options = _filled(self._arguments, iter(leaves.values()))
        return fun(*args, **dict(zip(self.call.kwargs, options, strict=True)))

    def loss(self, xp: Any, fun: Callable[..., Any], values: Sequence[Any]) -> Any:
        total = 0.0
        for place, result in enumerate(numbers(self.value(fun, values))):
            steps = 1.0 + place + np.arange(np.size(np.empty(np.shape(result)))).reshape(np.shape(result))
            weights = np.cos(1.7 * steps) + (1j * np.sin(1.3 * steps) if _kind(result) == "c" else 0)
            total = total + xp.sum(xp.real(weights * result))
        return total

    def step(self) -> tuple[Any, ...]:
        """Return a direction."""
        rng = np.random.default_rng(1)
        return tuple(
            rng.normal(size=np.shape(x)) + (1j * rng.normal(size=np.shape(x)) if _kind(x) == "c" else 0)
            for x in self.start
        )

    def slope(self, fun: Callable[..., Any]) -> float:
        """Return the derivative along `step`, by differences of fourth order."""

        def at(t: float) -> Any:
            return self.loss(np, fun, [x + t * way for x, way in zip(self.start, self.step(), strict=True)])

        h = 1e-4
        return float((8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h))

    def along(self, gradient: Sequence[Any]) -> float:
        """Return what a gradient says of the derivative along `step`."""
        products = [np.sum(np.asarray(g) * way) for g, way in zip(gradient, self.step(), strict=True)]
        return float(np.real(sum(products)))


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _filled(structure: Any, leaves: Iterator[Any]) -> Any:
    """Rebuild arguments with other numbers in their places."""
    if isinstance(structure, (list, tuple)):
        return type(structure)([_filled(entry, leaves) for entry in structure])
    return _copy(next(leaves) if numbers(structure) else structure)
