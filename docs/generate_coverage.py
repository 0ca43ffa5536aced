"""Write `coverage.md`: every rule for NumPy with what the audit says about it. Run it by `hatch run docs:coverage`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autodiff.elementwise import Elementwise
from autodiff.extend import Rule, primitive_of
from autodiff.rule import Zero
from autodiff_numpy import rules
from autodiff_testing.audit import audit
from autodiff_testing.audit_report import RuleAudit
from autodiff_testing.case_tables import load_cases

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "packages" / "numpy-rules" / "tests" / "rule_cases"
PAGE = Path(__file__).with_name("coverage.md")

HEAD = """\
# Coverage of NumPy

<!-- Made by `hatch run docs:coverage`; do not edit. -->

Every function below has a derivative in forward and in reverse mode, and to every order, since rules are written with
functions that have rules. The rest was found out by the audit of autodiff-testing, with NumPy {numpy}: each call was
compared with finite differences in both modes, to second order in double precision and to first order in single
precision, and the two modes with each other. {total} calls were checked, of {functions} functions;
{failed} failed.

| column | says |
|---|---|
| derivative | "0" for functions that are piecewise constant |
| arguments | options of the function that its rule understands; others are refused by name if they are given |
| complex | whether calls with complex numbers were checked |
| calls | how many were checked |

Methods of arrays, operators, `ufunc.outer`, `reduce` of `add`, `multiply`, `maximum` and `minimum`, and `accumulate`
of `add` and `multiply` use the rules of the functions; where `reduce` or `accumulate` of another ufunc has a
derivative, it raises `MissingRuleError`. What values derivatives have at kinks and for complex numbers is in
[conventions](conventions.md). A function that is not below raises `MissingRuleError` or another error that says what
to do. `hatch run docs:coverage` makes this page; `python -m autodiff_testing audit numpy` makes an audit of your
installation.
"""


def rules_by_file() -> Iterator[tuple[Any, tuple[Rule, ...]]]:
    """Yield the modules with tables of rules, and the tables."""
    for found in pkgutil.iter_modules(rules.__path__):
        module = importlib.import_module(f"{rules.__name__}.{found.name}")
        if getattr(module, "RULES", None):
            yield module, module.RULES


def heading(module: Any) -> str:
    """Make a heading of the first line of a docstring, which ends in a link to NumPy's reference if there is one."""
    title, _, link = module.__doc__.splitlines()[0].rstrip(".").partition(".  ")
    return f"## {title}\n\n[NumPy's reference]({link})\n" if link else f"## {title}\n"


def options(rule: Rule) -> str:
    """Return the names of the options that a rule understands."""
    if isinstance(rule, (Elementwise, Zero)):
        return ""
    accepted: Any = getattr(rule, "_accepted", None)
    known = primitive_of(rule.fun).parameters() or ()
    optional = [p.name for p in known if p.default is not p.empty]
    if accepted is None or accepted.names is None:
        return ", ".join(f"`{name}`" for name in optional if name not in ("out", "like"))
    return ", ".join(f"`{name}`" for name in optional if name in accepted.names and name != "out")


def row(rule: Rule, result: RuleAudit) -> str:
    """Return the row of a rule."""
    name = result.name.removeprefix("numpy.")
    derivative = "0" if isinstance(rule, Zero) else "✓"
    is_complex = any("complex" in form.text for form in result.forms if form.outcome == "passed")
    return f"| `{name}` | {derivative} | {options(rule)} | {'✓' if is_complex else ''} | {result.counts['passed']} |"


def is_public(result: RuleAudit) -> bool:
    """Whether a rule is that of a function of NumPy, and not of a helper of ours."""
    return result.name.startswith("numpy.")


def page() -> str:
    """Return the text of the page."""
    table = audit("numpy", load_cases(CASES))
    results = {rule.name: rule for rule in table.rules if is_public(rule)}
    counts = [rule.counts for rule in results.values()]
    parts = [
        HEAD.format(
            numpy=np.__version__,
            functions=len(results),
            total=sum(count["passed"] + count["failed"] for count in counts),
            failed=sum(count["failed"] for count in counts),
        )
    ]
    for module, rows in rules_by_file():
        named = [(rule, results.get(primitive_of(rule.fun).name)) for rule in rows]
        lines = [row(rule, result) for rule, result in named if result is not None]
        if lines:
            header = ["| function | derivative | arguments | complex | calls |", "|---|---|---|---|---|"]
            parts.append("\n".join([heading(module), *header, *lines, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")
