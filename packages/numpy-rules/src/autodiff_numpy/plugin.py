"""What autodiff learns from this package: the answers to its hooks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autodiff.extend import Batching, BoxEntry, Rule, VSpaceEntry, hookimpl
from autodiff_numpy import vspace
from autodiff_numpy.array_making import asarray
from autodiff_numpy.batching import ArrayBatching
from autodiff_numpy.box import ArrayBox
from autodiff_numpy.coercion import array_operand
from autodiff_numpy.rules import TABLES


@hookimpl
def autodiff_describe() -> str:
    """Say what the plugin covers."""
    return f"NumPy {np.__version__}"


@hookimpl
def autodiff_boxes() -> Iterable[BoxEntry]:
    """Put arrays, NumPy's scalars and Python's numbers into `ArrayBox`."""
    value_types = (np.ndarray, *dict.fromkeys(vspace.FLOATING), float, complex)
    integers = dict.fromkeys(vspace.INTEGER)
    return [BoxEntry(ArrayBox, value_types, {**integers, np.ndarray: array_operand, list: asarray, tuple: asarray})]


@hookimpl
def autodiff_vspaces() -> Iterable[VSpaceEntry]:
    """Give the vector spaces of arrays and numbers."""
    return vspace.VSPACES


@hookimpl
def autodiff_primitives() -> Iterable[Any]:
    """Name the functions that hand boxes to us by NumPy's protocols: all that have rules."""
    return [rule.fun for table in TABLES for rule in table]


@hookimpl
def autodiff_batching() -> Iterable[Batching]:
    """Stack arrays for `vmap`."""
    return [ArrayBatching()]


@hookimpl
def autodiff_rules() -> Iterable[Rule]:
    """Give the rules of all tables."""
    return [rule for table in TABLES for rule in table]
