"""What is public: the names that the reference must have, by walking the packages.

A module is public if it has `__all__`, or is one of those that need none. So a new one cannot be forgotten here.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path.parent for path in ROOT.glob("packages/*/src/*/__init__.py"))

#: Modules without `__all__`: what they define is public.
WITHOUT_LIST = ("autodiff.errors", "autodiff_numpy.array_types", "autodiff_testing.draws")


def _modules() -> Iterator[str]:
    """Yield the names of the public modules. Those of NumPy's namespaces are not among them: they get a table."""
    for package in PACKAGES:
        for path in sorted(package.rglob("*.py")):
            parts = path.relative_to(package.parent).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            is_numpys = name == "autodiff_numpy" or name.startswith("autodiff_numpy.polynomial")
            if not is_numpys and (name in WITHOUT_LIST or "\n__all__" in path.read_text(encoding="utf-8")):
                yield name


#: The modules whose names each get a page.
MODULES = tuple(_modules())


def names_of(module_name: str) -> list[str]:
    """Return the public names of a module: `__all__` without modules, or else the functions and classes of its own."""
    module = importlib.import_module(module_name)
    if hasattr(module, "__all__"):
        return sorted(name for name in module.__all__ if not inspect.ismodule(getattr(module, name)))
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module_name}
    return sorted(name for name, value in own.items() if not name.startswith("_") and is_documented(value))


def is_documented(value: Any) -> bool:
    """Whether a value is a function or a class, whose docstring is its own."""
    return inspect.isroutine(value) or inspect.isclass(value)


def public() -> Iterator[tuple[str, str]]:
    """Yield module and name of everything public."""
    for module_name in MODULES:
        for name in names_of(module_name):
            yield module_name, name
