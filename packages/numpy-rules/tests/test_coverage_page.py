"""The page of the documentation that lists all rules is up to date: `hatch run docs:coverage` writes it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from autodiff.extend import primitive_of
from autodiff_numpy.rules import TABLES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "coverage.md"


def test_the_page_lists_every_rule() -> None:
    text = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w.]+)` \|", text, re.MULTILINE)
    names = [primitive_of(rule.fun).name for table in TABLES for rule in table]
    ruled = [name.removeprefix("numpy.") for name in names if name.startswith("numpy.")]
    assert sorted(set(ruled) - set(listed)) == [], "write the page anew"
    newer = [name for name in listed if name not in ruled and _exists(name)]
    assert newer == [], "write the page anew"
    assert len(listed) == len(set(listed))
    assert re.search(r"\n0 failed\.\n", text)


def _exists(name: str) -> bool:
    """Whether the installed NumPy has the function; the page is written with the newest one."""
    value = np
    for part in name.split("."):
        value = getattr(value, part, None)  # type: ignore[assignment]
    return value is not None
