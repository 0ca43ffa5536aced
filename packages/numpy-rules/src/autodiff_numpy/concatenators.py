"""``r_`` and ``c_``, which join what stands between brackets, for traced operands.

They only move entries. NumPy is told to join the positions of the entries instead, and so says where each comes from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autodiff.errors import UnsupportedArgumentError
from autodiff_numpy.array_making import as_operand, holds_box


class Concatenator:
    """What ``r_`` or ``c_`` of NumPy is, also for traced operands.

    Parameters
    ----------
    numpys : object
        ``numpy.r_`` or ``numpy.c_``.
    name : str
        What it is called.

    Examples
    --------
    >>> from autodiff import jacobian
    >>> import autodiff_numpy as np
    >>> jacobian(lambda x: np.r_[x, 0.0, 2 * x])(1.0)
    array([1., 0., 2.])
    """

    def __init__(self, numpys: Any, name: str) -> None:
        self._numpys, self._name = numpys, name

    def __getitem__(self, key: Any) -> Any:
        parts = key if isinstance(key, tuple) else (key,)
        if not any(map(holds_box, parts)):
            return self._numpys[key]
        if isinstance(parts[0], str) and parts[0] in ("r", "c"):
            raise UnsupportedArgumentError(
                f'numpy.{self._name}["{parts[0]}", …] makes a numpy.matrix, which cannot hold traced values. Leave the '
                f'"{parts[0]}" out, and reshape the result.'
            )
        positions: list[Any] = []
        entries: list[Any] = []
        count = 0
        for part in parts:
            if isinstance(part, str):
                positions.append(part)
                continue
            operand = as_operand(self._numpys[part].reshape(-1) if isinstance(part, slice) else part)
            shape, size = np.shape(operand), np.size(operand)
            positions.append(np.arange(count, count + size).reshape(shape) if shape else count)
            entries.append(np.reshape(operand, -1))
            count += size
        return np.concatenate(entries)[self._numpys[tuple(positions)]]

    def __len__(self) -> int:
        return 0


r_, c_ = Concatenator(np.r_, "r_"), Concatenator(np.c_, "c_")
