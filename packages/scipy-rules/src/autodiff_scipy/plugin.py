"""What autodiff learns from this package: the answers to its hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import scipy

from autodiff.extend import Rule, hookimpl
from autodiff_scipy.rules import TABLES


@hookimpl
def autodiff_describe() -> str:
    """Say what the plugin covers."""
    return f"SciPy {scipy.__version__}: ufuncs of scipy.special"


@hookimpl
def autodiff_primitives() -> Iterable[Any]:
    """Name the functions that hand boxes to us by NumPy's protocols: ufuncs do."""
    return [rule.fun for table in TABLES for rule in table]


@hookimpl
def autodiff_rules() -> Iterable[Rule]:
    """Give the rules of all tables."""
    return [rule for table in TABLES for rule in table]
