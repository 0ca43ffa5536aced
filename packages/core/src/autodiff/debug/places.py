"""Which line of the user's an operation comes from."""

from __future__ import annotations

import linecache
import os
import sys
from types import CodeType, FrameType
from typing import NamedTuple

#: Packages whose code is not the user's; and all whose names begin with "autodiff_".
_LIBRARIES = frozenset({"autodiff", "numpy", "scipy", "functools", "contextlib"})


class Place(NamedTuple):
    """A line of a program."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{os.path.basename(self.file)}:{self.line} in {self.function}"  # noqa: PTH119  # `<stdin>` is no path

    @property
    def source(self) -> str:
        """The text of the line, or nothing where Python has not kept it."""
        return linecache.getline(self.file, self.line).strip()


def user_place(end: CodeType | None = None) -> Place | None:
    """Return the innermost line that is being executed outside of this library, NumPy and SciPy.

    The search goes outwards, up to a frame with the code `end`.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code is not end:
        if not _is_library(frame):
            return Place(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)
        frame = frame.f_back
    return None


def _is_library(frame: FrameType) -> bool:
    root = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    # Examples in docstrings run under the name of their module, from files such as "<doctest …>".
    return (root in _LIBRARIES or root.startswith("autodiff_")) and not frame.f_code.co_filename.startswith("<")
