"""Arguments that count something."""

from __future__ import annotations

from typing import Any

import numpy as np


def is_count(value: Any, least: int = 1) -> bool:
    """Whether a value is an integer, not a truth value, and not too small."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)
