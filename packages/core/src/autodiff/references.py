"""How often a value is referred to by what a tape keeps of it.

Who wants to change an array in memory must know who else has it. Python counts all references; those of the tape do no
harm, as what it keeps is a version that nobody else sees.
"""

from __future__ import annotations

from types import CellType, FunctionType
from typing import Any


def count_references(holder: Any, value: Any) -> int:
    """Count the references to `value` in `holder`, which is made of tuples, lists, dicts and closures."""
    count, seen, holders = 0, set[int](), [holder]
    while holders:
        holder = holders.pop()
        if holder is value:
            count += 1
        elif id(holder) not in seen:
            seen.add(id(holder))
            holders.extend(_parts(holder))
    return count


def _parts(holder: Any) -> Any:
    if isinstance(holder, (tuple, list)):
        return holder
    if isinstance(holder, dict):
        return holder.values()
    if isinstance(holder, FunctionType):
        return holder.__closure__ or ()
    return (holder.cell_contents,) if isinstance(holder, CellType) else ()
