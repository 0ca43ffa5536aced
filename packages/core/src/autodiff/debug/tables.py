"""Tables as text, and units."""

from __future__ import annotations

from typing import Any


def table(head: tuple[str, ...], sides: str, rows: list[tuple[Any, ...]]) -> str:
    """Return a table as text. `sides` has ``<`` for each column that is set to the left, ``>`` for others."""
    cells = [head, *[tuple(map(str, row)) for row in rows]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True))
        for row in [*cells[:1], tuple("-" * width for width in widths), *cells[1:]]
    ]
    return "\n".join(line.rstrip() for line in lines)


def memory(size: float) -> str:
    """Return a number of bytes with a unit, such as ``1.5 MB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"


def milliseconds(seconds: float) -> str:
    """Return a time in milliseconds."""
    return f"{1000 * seconds:.3f}"
