"""Functions of the library that a plugin's rules are for, and which of them have no rule."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from autodiff.extend import Rule, primitive_of
from autodiff.primitive import PRIMITIVES


def without_rule(rules: Iterable[Rule]) -> dict[str, tuple[str, ...]]:
    """Return the public functions that have no rule, by the modules that the functions with rules come from.

    The modules are those of one package: of the one that most of the rules are for.

    Parameters
    ----------
    rules : iterable of Rule
        The rules of a plugin.

    Returns
    -------
    dict of str to tuple of str
        Names of modules, and names of functions in them.

    Examples
    --------
    >>> import math
    >>> from autodiff.extend import elementwise, primitive
    >>> "cos" in without_rule([elementwise(primitive(math.sin), lambda y, x: math.cos(x))])["math"]
    True
    """
    functions = [primitive_of(rule.fun).fun for rule in rules]
    homes = Counter(home for function in functions if (home := _home(function)) is not None)
    packages = Counter[str]()
    for home, number in homes.items():
        packages[home.partition(".")[0]] += number
    if not packages:
        return {}
    package = packages.most_common(1)[0][0]
    ruled = {id(function) for function in functions}
    ruled |= {id(known.fun) for known in PRIMITIVES.values() if known.rule is not None}
    return {
        home: tuple(name for name, function in _public(sys.modules[home]) if id(function) not in ruled)
        for home in sorted(homes)
        if home.partition(".")[0] == package
    }


def _home(function: Callable[..., Any]) -> str | None:
    """Return the public module in which users find a function."""
    name = getattr(function, "__name__", None)
    if not isinstance(name, str):
        return None
    module = getattr(function, "__module__", None)
    if module is None:  # universal functions do not tell
        return _exporter(name, function)
    parts = module.removeprefix("_").split(".")
    for length in range(1, len(parts) + 1):
        candidate = ".".join(parts[:length])
        found = sys.modules.get(candidate)
        if found is not None and _is_public(candidate) and vars(found).get(name) is function:
            return candidate
    return None


def _exporter(name: str, function: Callable[..., Any]) -> str | None:
    """Return the highest module that has a function in its `__all__`."""
    homes = [
        home
        for home, module in list(sys.modules.items())
        if _is_public(home) and vars(module).get(name) is function and name in vars(module).get("__all__", ())
    ]
    return min(homes, key=lambda home: (home.count("."), home), default=None)


def _is_public(module: str) -> bool:
    return not any(part.startswith("_") for part in module.split("."))


def _public(module: ModuleType) -> list[tuple[str, Any]]:
    """Return the functions that a module offers; classes, and what comes from other packages, do not count."""
    contents = vars(module)
    package = module.__name__.partition(".")[0]
    names = contents.get("__all__")
    if names is None:
        names = [
            name
            for name, value in contents.items()
            if not name.startswith("_") and str(getattr(value, "__module__", None)).partition(".")[0] == package
        ]
    found = [(name, contents.get(name)) for name in sorted(names)]
    return [(name, value) for name, value in found if callable(value) and not isinstance(value, type)]
