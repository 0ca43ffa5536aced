"""What is public: the names that the reference must have, by walking the modules."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

#: The modules whose names each get a page. Those of `autodiff_numpy` are NumPy's and get a table.
MODULES = (
    "autodiff",
    "autodiff.extend",
    "autodiff.errors",
    "autodiff_numpy.array_types",
    "autodiff_numpy.random",
    "autodiff_scipy",
    "autodiff_optim",
    "autodiff_testing",
    "autodiff_testing.strategies",
    "autodiff_testing.draws",
)


def names_of(module_name: str) -> list[str]:
    """Return the public names of a module: `__all__`, or else the functions and classes that it defines."""
    module = importlib.import_module(module_name)
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module_name}
    return sorted(name for name, value in own.items() if not name.startswith("_") and is_documented(value))


def is_documented(value: Any) -> bool:
    """Whether a value is a function or a class, whose docstring is its own."""
    return inspect.isroutine(value) or inspect.isclass(value)


def public() -> Iterator[tuple[str, str, Any]]:
    """Yield module, name and value of everything public."""
    for module_name in MODULES:
        module = importlib.import_module(module_name)
        for name in names_of(module_name):
            yield module_name, name, getattr(module, name)
