"""Where tables of cases come from: modules, packages, files, and what a plugin ships."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TypeAlias

from autodiff_testing.cases import Case

#: The group of entry points by which a plugin names the module that has its cases.
GROUP = "autodiff.cases"

#: Cases, or the module, the package, the name or the path of one, that has them.
Cases: TypeAlias = Iterable[Case] | ModuleType | str | Path


def load_cases(where: Cases) -> tuple[Case, ...]:
    """Return the cases of a table.

    Parameters
    ----------
    where : iterable of Case, module, str or Path
        The cases themselves; or what has them in a variable `CASES`: a module or a package, given as such, by its
        name, or by the path of its file or folder. Of a package, those of all its modules are taken. What is given by
        a path is imported as a script would be that stands beside it.

    Returns
    -------
    tuple of Case
        All of them.

    Raises
    ------
    ValueError
        When there are none, or something else stands among them.

    Examples
    --------
    >>> import numpy as np
    >>> from autodiff_testing import case
    >>> from autodiff_testing.draws import normal
    >>> len(load_cases([case(np.sin, np.sin, normal(3))]))
    1
    """
    if isinstance(where, ModuleType):
        return _of_module(where)
    if isinstance(where, Path) or (isinstance(where, str) and _is_path(where)):
        return _of_module(_import_path(Path(where)))
    if isinstance(where, str):
        return _of_module(_import(where))
    return _checked(where, "the table of cases")


def shipped_cases(plugin: str) -> tuple[Case, ...]:
    """Return the cases that the distribution of a plugin ships, named by its entry point in the group `GROUP`."""
    found = [entry for entry in entry_points(group=GROUP) if entry.name == plugin]
    return tuple(row for entry in found for row in _of_module(_import(entry.value)))


def _is_path(text: str) -> bool:
    return text.endswith(".py") or any(mark in text for mark in "/\\") or text in (".", "..")


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise ValueError(f"the cases in {name} cannot be imported: {error}") from error
        raise ValueError(
            f"there is no module {name!r} with cases. Give a module that can be imported, or a path such as "
            "`tests/cases.py`."
        ) from error
    except Exception as error:
        raise ValueError(f"the cases in {name} cannot be imported: {type(error).__name__}: {error}") from error


def _import_path(path: Path) -> ModuleType:
    path = path.resolve()
    if path.is_dir():
        path /= "__init__.py"
    if not path.is_file():
        raise ValueError(f"there is no file of cases {str(path)!r}.")
    folder, name = path.parent, path.stem
    if name == "__init__":
        folder, name = folder.parent, folder.name
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    module = _import(name)
    if Path(module.__file__ or "").resolve() != path:
        raise ValueError(
            f"the cases in {str(path)!r} cannot be imported: {name!r} is the name of another module, "
            f"{module.__file__}. Give the file another name."
        )
    return module


def _of_module(module: ModuleType) -> tuple[Case, ...]:
    modules = [module]
    for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
        modules.append(_import(found.name))  # noqa: PERF401  # imports are no comprehension
    tables = [(each.__name__, each.CASES) for each in modules if hasattr(each, "CASES")]
    if not tables:
        raise ValueError(f"{module.__name__} has no variable CASES, and so no cases.")
    return tuple(row for name, table in tables for row in _checked(table, f"CASES in {name}"))


def _checked(table: Iterable[Case], what: str) -> tuple[Case, ...]:
    if not isinstance(table, Iterable):
        raise ValueError(f"{what} must be a sequence of cases, but is {table!r}.")
    rows = tuple(table)
    for row in rows:
        if not isinstance(row, Case):
            raise ValueError(f"{what} must hold nothing but cases, made by `autodiff_testing.case`, but has {row!r}.")
    return rows
