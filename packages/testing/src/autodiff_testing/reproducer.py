"""A program to paste that runs into the same problem."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from autodiff.extend import unbox

WIDTH = 118
_PRINTED = 64  # entries of an array
_DEFAULTS = {"modes": ("fwd", "rev"), "order": 2, "full": False, "rtol": 0.0}  # the seed is always named


def reproducer(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """Return the lines of a program that repeats a check."""
    writer = _Writer()
    given = [writer.code(arg) for arg in args]
    given += [f"{key}={writer.code(value)}" for key, value in kwargs.items()]
    settings = "".join(
        f", {key}={value!r}" for key, value in options.items() if key not in _DEFAULTS or value != _DEFAULTS[key]
    )
    head = writer.function(fun)
    lines = [*sorted(writer.imports), "from autodiff_testing import check_grads", *head, *writer.large]
    call = f"check_grads(fun{settings})("
    if len(call) + sum(map(len, given)) + 2 * len(given) < WIDTH:
        return [*lines, f"{call}{', '.join(given)})"]
    return [*lines, call, *(line for part in given for line in _wrapped(f"{part},")), ")"]


class _Writer:
    """Writes values as Python code, and notes what has to be imported for it."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.large: list[str] = []

    def function(self, fun: Any) -> list[str]:
        """Return the lines that define `fun`."""
        place = place_of(fun)
        if place is not None:
            module, name = place
            outer, _, inner = name.partition(".")
            if not inner:
                return [f"from {module} import {name} as fun"]
            return [f"from {module} import {outer}", f"fun = {name}"]
        code = getattr(inspect.unwrap(fun), "__code__", None)
        where = f"{code.co_filename}:{code.co_firstlineno}" if code else repr(fun)
        known = getattr(fun, "__qualname__", None) or getattr(fun, "__name__", type(fun).__name__)
        return [f"fun = ...  # {known}, {where}"]

    def code(self, value: Any) -> str:
        """Return Python code for a value."""
        value = unbox(value)
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, np.generic):
            self.imports.add("import numpy as np")
            return f"np.{type(value).__name__}({self._number(value.item())})"
        if isinstance(value, np.dtype):
            self.imports.add("import numpy as np")
            return f"np.{value!r}"
        if isinstance(value, (float, complex)):
            return self._number(value)
        if isinstance(value, dict):
            inner = "{" + ", ".join(f"{key!r}: {self.code(part)}" for key, part in value.items()) + "}"
            return inner if type(value) is dict else f"{self._class(type(value))}({inner})"
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return f"{self._class(type(value))}({', '.join(map(self.code, value))})"
        if isinstance(value, (list, tuple)):
            inner = ", ".join(map(self.code, value))
            return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (f"{f.name}={self.code(getattr(value, f.name))}" for f in dataclasses.fields(value) if f.init)
            return f"{self._class(type(value))}({', '.join(fields)})"
        if callable(value) and (place := place_of(value)) is not None:
            self.imports.add(f"from {place[0]} import {place[1].partition('.')[0]}")
            return place[1]
        return repr(value)

    def _array(self, array: np.ndarray) -> str:
        if array.size > _PRINTED:
            name = f"array_{len(self.large)}"
            self.large.append(f"{name} = ...  # {array.dtype} of shape {array.shape}, too large to print")
            return name
        self.imports.add("import numpy as np")
        if not array.size:
            return f"np.empty({array.shape}, dtype={str(array.dtype)!r})"
        values = array.tolist()
        if array.dtype.kind == "f" and array.dtype != float:  # shorter, and the same after rounding
            values = np.array([float(str(x)) for x in array.reshape(-1)]).reshape(array.shape).tolist()
        kind = "" if array.dtype in (np.dtype(float), np.dtype(complex)) else f", dtype={str(array.dtype)!r}"
        code = f"np.array({self._number(values)}{kind})"
        if array.flags.c_contiguous:
            return code
        if array.flags.f_contiguous:
            return f"np.asfortranarray({code})"
        return f"np.repeat({code}, 2, axis=-1)[..., ::2]"  # some other layout

    def _number(self, value: Any) -> str:
        text = repr(value)
        if "nan" in text or "inf" in text:
            self.imports.add("from numpy import inf, nan")
        return text.replace("nanj", "nan*1j").replace("infj", "inf*1j")

    def _class(self, kind: type) -> str:
        self.imports.add(f"from {kind.__module__} import {kind.__qualname__.partition('.')[0]}")
        return kind.__qualname__


def place_of(fun: Any) -> tuple[str, str] | None:
    """Return the module and the name by which a function can be imported, if that gives this very function."""
    name = getattr(fun, "__qualname__", None) or getattr(fun, "__name__", None)
    if not isinstance(name, str) or "<" in name:
        return None
    for module in (getattr(fun, "__module__", None), "numpy"):  # ufuncs do not say where they come from
        if module and module != "__main__" and _found(module, name) is fun:
            return module, name
    return None


def _found(module: str, name: str) -> Callable[..., Any] | None:
    value: Any = sys.modules.get(module)
    for part in name.split("."):
        value = getattr(value, part, None)
    return value  # type: ignore[no-any-return]


def _wrapped(code: str) -> list[str]:
    """Break an argument after commas, where it stands between brackets; not when it has strings with spaces."""
    if "' " in code.replace("', ", "").replace("': ", "") or " '" in code.replace(", '", ""):
        return [f"    {code}"]
    return textwrap.wrap(
        code, WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False, break_on_hyphens=False
    )
