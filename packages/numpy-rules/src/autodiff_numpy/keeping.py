"""How arrays are kept until the backward pass, see `autodiff.keeping`.

A small array is copied. A large one becomes read-only until the function that is being differentiated has returned, so
that NumPy itself refuses to write into it. This does not bind views of its memory that exist already. Therefore an
array that is a view itself is copied up to a larger size, and beyond that a fingerprint of it is taken.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from autodiff.extend import Hold, Keeper

#: Up to so many bytes, copying costs less than a lock does.
_SMALL = 1 << 15
#: The same for views, where a lock alone is not enough: copying costs less than taking fingerprints.
_SMALL_VIEW = 1 << 20

_WIDTH = 1024  # words in a row of a fingerprint


class ArrayKeeper(Keeper):
    """Copies small arrays, and locks large ones."""

    def keep(self, value: Any, holds: dict[Any, Hold]) -> Any:
        size = value.nbytes
        if size <= _SMALL:
            return value.copy("K")
        if value.base is None:
            if id(value) not in holds:
                holds[id(value)] = ArrayHold(value, [value])
            return value
        if size <= _SMALL_VIEW:
            return value.copy("K")
        place = (value.__array_interface__["data"][0], value.shape, value.strides, value.dtype)
        if place not in holds:  # views are made anew each time
            holds[place] = ArrayHold(value, _owners(value))
            holds[place].seal()
        return value


class ArrayHold(Hold):
    """A lock on an array and on those whose memory it shows."""

    def __init__(self, value: Any, owners: list[Any]) -> None:
        self.value = value
        self._owners = owners
        self._mark: Any = None
        for array in owners:
            _lock(array)

    def release(self) -> None:
        for array in reversed(self._owners):
            _unlock(array)

    def seal(self) -> None:
        if self._mark is None:
            self._mark = fingerprint(self.value)

    def broken(self) -> bool:
        return self._mark is not None and fingerprint(self.value) != self._mark


def fingerprint(array: Any) -> Any:
    """Return something that is different as soon as an entry of the array is, or two have changed places."""
    if array.dtype.hasobject:
        return [id(entry) for entry in array.flat]
    memory = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    whole = memory.size // (8 * _WIDTH) * (8 * _WIDTH)
    words = memory[:whole].view(np.uint64).reshape(-1, _WIDTH)
    # The change of one word shows in the sums of its row and of its column. Two words of different rows or columns
    # that change places change the sums of these.
    return words.sum(axis=0).tobytes(), words.sum(axis=1).tobytes(), memory[whole:].tobytes()


def _owners(array: Any) -> list[Any]:
    """Return the array and those whose memory it shows."""
    chain = []
    while isinstance(array, np.ndarray):
        chain.append(array)
        array = array.base
    return chain


# Arrays that this module has made read-only, by id: how often, and the array. Differentiations in several threads
# share their constants.
_locked: dict[int, list[Any]] = {}
_waiting: list[Any] = []  # views that may be written into again as soon as what they show may
_mutex = threading.Lock()


def _lock(array: Any) -> None:
    with _mutex:
        known = _locked.get(id(array))
        if known is not None:
            known[0] += 1
        elif array.flags.writeable:
            array.setflags(write=False)
            _locked[id(array)] = [1, array]


def _unlock(array: Any) -> None:
    with _mutex:
        known = _locked.get(id(array))
        if known is None:  # it was read-only before
            return
        known[0] -= 1
        if not known[0]:
            del _locked[id(array)]
            if not _made_writable(array):
                _waiting.append(array)
            elif _waiting:
                _waiting[:] = [view for view in _waiting if not _made_writable(view)]


def _made_writable(array: Any) -> bool:
    try:
        array.setflags(write=True)
    except ValueError:  # what it shows is read-only, and stays so if not by us
        return not any(id(owner) in _locked for owner in _owners(array.base))
    return True
