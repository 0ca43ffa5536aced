"""Batches: which examples a step sees, in which order.

Data are either arrays that share their first axis, in any container, or batches that somebody else makes. A batch is
the tuple of arguments that the loss gets after the parameters. What an epoch yields depends on the generator's state
at its start alone, so that an epoch can be entered again in the middle.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

import numpy as np

from autodiff.containers import Structure, container_of, flatten, leaf_paths, unflatten
from autodiff.errors import InputError
from autodiff_optim.counts import is_count
from autodiff_optim.errors import DataError

Batch = tuple[Any, ...]


class Batches(Protocol):
    """What `fit` asks of data."""

    @property
    def per_epoch(self) -> int | None:
        """How many batches an epoch has; None if that is not known before its end."""
        ...

    @property
    def signature(self) -> dict[str, Any]:
        """What must be the same when a run is resumed."""
        ...

    def epoch(self, rng: np.random.Generator, skip: int) -> Iterator[Batch]:
        """Yield the batches of an epoch, without the first `skip`."""
        ...


def arguments(batch: Any) -> Batch:
    """Return a batch as arguments of the loss: a plain tuple is several of them, everything else is one."""
    return batch if type(batch) is tuple else (batch,)


class Rows:
    """Arrays with a common first axis, in a container.

    Parameters
    ----------
    data : array or container of arrays
        The first axis counts the examples.
    name : str
        What the data are called in errors.

    Attributes
    ----------
    count : int
        How many examples there are; at least one.
    """

    def __init__(self, data: Any, name: str = "data") -> None:
        leaves, self._structure = flatten(data)
        paths = list(leaf_paths(self._structure, name))
        self._leaves = [_as_array(leaf, path) for leaf, path in zip(leaves, paths, strict=True)]
        self.count = _common_length(self._leaves, paths, name, self._structure)

    @property
    def whole(self) -> Any:
        """All the examples."""
        return unflatten(self._structure, self._leaves)

    def take(self, rows: Any) -> Any:
        """Return the examples with these indices, an array or a slice, in the same container."""
        return unflatten(self._structure, [leaf[rows] for leaf in self._leaves])


def _as_array(leaf: Any, path: str) -> Any:
    """Return an array, or what has a shape and gives rows without being one, such as a sparse matrix."""
    if not isinstance(leaf, np.ndarray):
        if hasattr(leaf, "__array__"):
            leaf = np.asarray(leaf)
        elif not (hasattr(leaf, "shape") and hasattr(leaf, "__getitem__")):
            raise DataError(
                f"{path} is a {type(leaf).__name__}, which is no array. Data are arrays whose first axis counts the "
                "examples, in tuples, dicts or other containers; turn lists of numbers into arrays by "
                "`numpy.asarray`. Batches that you make yourself come from an iterator, or a function that returns one."
            )
    if not leaf.shape:
        raise DataError(f"{path} is a single number. Data are arrays whose first axis counts the examples.")
    return leaf


def _common_length(leaves: list[Any], paths: list[str], name: str, structure: Structure) -> int:
    if not leaves:
        raise DataError(f"{name} has no arrays: it is {unflatten(structure, [])!r}.")
    count = int(leaves[0].shape[0])
    for leaf, path in zip(leaves, paths, strict=True):
        if leaf.shape[0] != count:
            raise DataError(
                f"{path} has {leaf.shape[0]} examples, its first axis, but {paths[0]} has {count}. All arrays must "
                "have the same number of examples."
            )
    if not count:
        raise DataError(f"{name} has no examples: the first axis of {paths[0]}, of shape {leaves[0].shape}, is empty.")
    return count


class ArrayBatches:
    """Batches of a fixed size from arrays, in a new random order in each epoch."""

    def __init__(self, data: Any, batch_size: int | None, *, shuffle: bool, drop_last: bool) -> None:
        self._rows = Rows(data)
        count = self._rows.count
        if batch_size is not None and not (is_count(batch_size) and batch_size <= count):
            raise InputError(
                f"fit takes as batch_size an integer from 1 to {count}, the number of examples, or None for all of "
                f"them at once, but got {batch_size!r}."
            )
        self._size = count if batch_size is None else int(batch_size)
        self._shuffle = bool(shuffle) and batch_size is not None
        self.per_epoch = count // self._size if drop_last else -(-count // self._size)
        self.signature = {
            "examples": count,
            "batch_size": self._size,
            "shuffle": self._shuffle,
            "drop_last": bool(drop_last),
        }

    def epoch(self, rng: np.random.Generator, skip: int) -> Iterator[Batch]:
        order = rng.permutation(self._rows.count) if self._shuffle else None
        starts = range(skip * self._size, self.per_epoch * self._size, self._size)
        slices = (slice(start, start + self._size) for start in starts)
        return (arguments(self._rows.take(rows if order is None else order[rows])) for rows in slices)


class StreamBatches:
    """Batches that somebody else makes: an iterable, or a function of the generator that returns one."""

    per_epoch: int | None = None

    def __init__(self, source: Iterable[Any] | Callable[[np.random.Generator], Iterable[Any]]) -> None:
        self._source = source
        self.signature: dict[str, Any] = {}

    def epoch(self, rng: np.random.Generator, skip: int) -> Iterator[Batch]:
        source: Any = self._source
        source = source(rng) if callable(source) else source
        if not isinstance(source, Iterable):
            raise DataError(f"data is a function that must return an iterable of batches, but returned {source!r}.")
        batches = iter(source)
        found = sum(1 for _ in itertools.islice(batches, skip))
        if found < skip:
            raise DataError(f"the checkpoint was written after batch {skip} of an epoch, but data gave only {found}.")
        return map(arguments, batches)


def batches_of(data: Any, batch_size: int | None, *, shuffle: bool, drop_last: bool) -> Batches:
    """Decide whether `data` are arrays or batches.

    Lists are refused, as they could be either: a list of two arrays, or of two batches.
    """
    if type(data) is list:
        raise DataError(
            "data is a list, which could be a list of arrays or a list of batches. Write `tuple(data)` for arrays "
            "whose first axis counts the examples, and `lambda rng: data` for batches."
        )
    made = container_of(type(data)) is None and (callable(data) or isinstance(data, Iterable))
    made = made and not isinstance(data, str | bytes)
    if not made or hasattr(data, "shape") or hasattr(data, "__array__"):
        return ArrayBatches(data, batch_size, shuffle=shuffle, drop_last=drop_last)
    if batch_size is not None:
        raise InputError(
            f"fit got batch_size={batch_size!r} together with data that are batches already, a {type(data).__name__}. "
            "Leave out batch_size, or pass arrays."
        )
    return StreamBatches(data)
