"""Write the pages of the reference before Sphinx reads them: one for each public name, tables of contents, the hooks.

Everything is found by walking the modules, so that nothing public can be missing.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from public_names import MODULES, names_of
from sphinx.application import Sphinx

import autodiff_numpy
from autodiff import hookspecs
from autodiff.extend import load_plugins, primitive_of
from autodiff.rule import Zero

NUMPY = """
The namespaces ``linalg``, ``fft``, ``polynomial`` and ``random`` are there as well; :doc:`/coverage` lists their
functions. The column *rule* says *yes* where a function has a rule of its own, *0* where it is piecewise constant.
The others are types, constants, functions that are made of others, and functions that raise an error if they are
asked for a derivative.
"""
#: The files that are listed first on the pages of modules; the others follow by the alphabet of their first names.
FIRST = (
    "autodiff.gradients",
    "autodiff.matrices",
    "autodiff.primitive",
    "autodiff.define",
    "autodiff.products",
    "autodiff.matrix_products",
)
TABLE = ".. list-table::\n   :header-rows: 1\n   :widths: auto\n"


def write_pages(app: Sphinx) -> None:
    """Write all pages into `generated/reference`."""
    folder = Path(app.srcdir, "generated", "reference")
    folder.mkdir(parents=True, exist_ok=True)
    pages = {"hooks": hooks(), "autodiff_numpy": numpy_names()}
    for module_name in MODULES:
        pages[f"{module_name}.module"] = contents(module_name)
        for name in names_of(module_name):
            pages[f"{module_name}.{name}"] = page(module_name, name)
    for old in folder.glob("*.rst"):
        if old.stem not in pages:
            old.unlink()
    for stem, text in pages.items():
        path = folder / f"{stem}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def titled(title: str, mark: str = "=") -> str:
    """Return a heading."""
    return f"{title}\n{mark * len(title)}\n"


def page(module_name: str, name: str) -> str:
    """Return the page of a function, a class or a value, with the programs of the gallery that use it."""
    value = getattr(importlib.import_module(module_name), name)
    full = f"{module_name}.{name}"
    if inspect.isclass(value):
        directive = "autoexception" if issubclass(value, BaseException) else "autoclass"
        members = "   :members:\n" if _is_ours(value) else ""  # those of NumPy are in its reference
        body = f".. {directive}:: {full}\n{members}"
    elif inspect.isroutine(value):
        body = f".. autofunction:: {full}\n"
    else:
        body = (
            f".. py:data:: {name}\n\n   A value of the class ``{type(value).__module__}.{type(value).__qualname__}``.\n"
        )
    examples = f".. minigallery:: {full}\n   :add-heading: Programs that use it\n   :heading-level: -\n"
    return f"{titled(name)}\n.. currentmodule:: {module_name}\n\n{body}\n{examples}"


def contents(module_name: str) -> str:
    """Return the page of a module: its docstring, and its names by the files that they are made in."""
    module = importlib.import_module(module_name)
    groups: dict[str, list[str]] = {}
    for name in sorted(names_of(module_name), key=lambda name: _place(getattr(module, name))):
        groups.setdefault(_heading(getattr(module, name), module_name), []).append(name)
    parts = [titled(module_name), f".. automodule:: {module_name}\n   :no-members:\n"]
    for heading, names in groups.items():
        if len(groups) > 1:
            parts.append(titled(heading, "-"))
        parts.append(f".. currentmodule:: {module_name}\n\n.. autosummary::\n")
        parts.append("".join(f"   {name}\n" for name in names))
    parts.append(".. toctree::\n   :hidden:\n")
    parts.append("".join(f"   {name} <{module_name}.{name}>\n" for name in names_of(module_name)))
    return "\n".join(parts)


def _is_ours(kind: type) -> bool:
    """Whether a class inherits from classes of ours and of Python only."""
    return all(
        base.__module__.startswith("autodiff") or base.__module__ in sys.stdlib_module_names for base in kind.mro()
    )


def _place(value: Any) -> int:
    """Return where the file of a function stands in `FIRST`; sorting keeps the rest in order."""
    home = getattr(value, "__module__", None)
    return FIRST.index(home) if home in FIRST else len(FIRST)


def _heading(value: Any, module_name: str) -> str:
    """Return what the file of a function says that it is about, up to the first stop."""
    home = getattr(value, "__module__", None) or ""
    about = (inspect.getdoc(sys.modules.get(home)) or "").partition("\n")[0]
    if home == module_name or not home.startswith("autodiff") or not about:
        return "Other"
    return about.partition(":")[0].rstrip(".").replace("`", "``")


def numpy_names() -> str:
    """Return the table of the names in `autodiff_numpy`, which are NumPy's."""
    load_plugins()
    rows = ["   * - name\n     - in NumPy's reference\n     - rule\n"]
    for name in sorted(names_of("autodiff_numpy"), key=str.lower):
        value = getattr(autodiff_numpy, name)
        kind = _rule(value)
        link = f"`numpy.{name} <https://numpy.org/doc/stable/reference/generated/numpy.{name}.html>`__"
        rows.append(f"   * - ``{name}``\n     - {link if kind else ''}\n     - {kind}\n")
    return "\n".join(
        [
            titled("autodiff_numpy"),
            ".. py:module:: autodiff_numpy\n",
            inspect.cleandoc(autodiff_numpy.__doc__ or ""),
            NUMPY,
            TABLE,
            "".join(rows),
        ]
    )


def _rule(value: Any) -> str:
    if not callable(value) or inspect.isclass(value):
        return ""
    rule = primitive_of(value).rule
    return "" if rule is None else "0" if isinstance(rule, Zero) else "yes"


def hooks() -> str:
    """Return the reference of the hooks of plugins, from their docstrings."""
    found = [value for name, value in vars(hookspecs).items() if name.startswith("autodiff_")]
    parts = [titled("Hooks of plugins"), inspect.cleandoc(hookspecs.__doc__ or ""), ""]
    for hook in found:
        returns = str(inspect.signature(hook).return_annotation)
        parts += [
            titled(hook.__name__, "-"),
            f".. py:function:: autodiff.hookspecs.{hook.__name__}() -> {returns}",
            "   :no-index-entry:\n   :no-contents-entry:\n",
            *(f"   {line}" for line in inspect.cleandoc(hook.__doc__ or "").splitlines()),
            "",
        ]
    return "\n".join(parts)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
