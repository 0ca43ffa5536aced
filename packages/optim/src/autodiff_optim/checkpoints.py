"""Checkpoints: nested numbers and arrays in one file, which is whole at every moment.

The file is an ``.npz`` of NumPy's: a member for each array, and a JSON text for the nesting and for Python's own
numbers. Nothing is pickled, so reading a file runs no code of its author's. What is written goes to a file beside it,
which takes the place of the old one when it is complete and on the disk; the old one is kept as the previous.
"""

from __future__ import annotations

import contextlib
import copy
import json
import os
import shutil
import threading
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from autodiff_optim.errors import CheckpointError
from autodiff_optim.tree_text import Node, decode, decode_plain, encode

_FORMAT = "autodiff checkpoint 1"
_TEXT = "tree"
#: An interrupt at the wrong moment makes that nobody waits for a writer; the next one has to.
_WRITING = threading.Lock()
#: What zipfile and NumPy raise for damaged files.
_DAMAGE = (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError, OSError, RuntimeError)


def previous_path(path: str | os.PathLike[str]) -> Path:
    """Return where the checkpoint before the last is: ``run.previous.npz`` beside ``run.npz``."""
    path = Path(path)
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def save_checkpoint(path: str | os.PathLike[str], tree: Any) -> None:
    """Write a nested value of numbers and arrays to a file, all or nothing.

    Parameters
    ----------
    path : path
        The file. If there is one, it is kept under the name that ends in ``.previous.npz``, in place of an older one.
    tree : container
        Arrays, numbers, strings and None in containers: lists, tuples, dicts, namedtuples, dataclasses, and what else
        is registered with `autodiff`.

    Returns
    -------
    None

    Raises
    ------
    CheckpointError
        When a leaf is something else; the error names it. Nothing has been written then. When there is no such folder.

    Notes
    -----
    A process that is killed, or a machine that loses power, leaves a complete file at `path`: the old or the new one.
    Two processes must not write to the same path.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.npz"
    >>> save_checkpoint(path, {"w": np.ones(2, np.float32), "rate": 0.1})
    >>> load_checkpoint(path)
    {'w': array([1., 1.], dtype=float32), 'rate': 0.1}
    """
    check_folder(path)
    path = Path(path)
    arrays: list[np.ndarray] = []
    text = json.dumps({"format": _FORMAT, "tree": encode(tree, arrays)})
    members = {str(i): array for i, array in enumerate(arrays)}
    members[_TEXT] = np.frombuffer(text.encode(), np.uint8)
    # Ctrl-C interrupts the main thread, at any instruction, which archives do not bear: another thread writes, and
    # leaving the block waits for it.
    with ThreadPoolExecutor(1) as writer:
        writer.submit(_write, path, members).result()


def check_folder(path: str | os.PathLike[str]) -> None:
    """Raise if there is no folder for this file."""
    folder = Path(path).parent
    if not folder.is_dir():
        raise CheckpointError(
            f"the checkpoint {os.fspath(path)!r} cannot be written: there is no folder {str(folder)!r}."
        )


def _write(path: Path, members: dict[str, np.ndarray]) -> None:
    partial = path.with_name(f"{path.name}.partial")
    with _WRITING:
        try:
            with partial.open("wb") as file:
                np.savez(file, **members)  # type: ignore[arg-type]  # there is no member `allow_pickle`
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _keep_previous(path)
        partial.replace(path)
        _sync_folder(path.parent)


def _keep_previous(path: Path) -> None:
    """Give the file a second name, so that there is a file at `path` all the time."""
    if not path.exists():
        return
    link = path.with_name(f"{path.name}.link")
    link.unlink(missing_ok=True)
    try:
        os.link(path, link)
    except OSError:  # a file system without links
        shutil.copyfile(path, link)
    link.replace(previous_path(path))


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk, where the system allows that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load_checkpoint(path: str | os.PathLike[str], like: Any = None, *, part: str | None = None) -> Any:
    """Read what `save_checkpoint` or the callback `Checkpoint` has written.

    Parameters
    ----------
    path : path
        The file.
    like : container, optional
        A value with the same containers, shapes and types, of which the numbers do not matter: the parameters at the
        start, ``optimizer.init(params)``. Needed if there are namedtuples or other classes in it, which are made
        from `like`, never by a name in the file.
    part : str, optional
        The key of a dict, of which only the value is read: "params" and "state" in the files of `Checkpoint`.

    Returns
    -------
    container
        What was saved: the same types, shapes and bits.

    Raises
    ------
    CheckpointError
        When there is no such file, it is damaged or no checkpoint, or does not fit `like`: the error names the leaf,
        what was expected and what was found.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.npz"
    >>> save_checkpoint(path, {"params": (1.0, 2.0), "step": 3})
    >>> load_checkpoint(path, like=(0.0, 0.0), part="params")
    (1.0, 2.0)
    """
    checkpoint = StoredTree(path) if part is None else StoredTree(path).part(part)
    return checkpoint.plain() if like is None else checkpoint.like(like)


class StoredTree:
    """What is in a file, or a part of it, before it is a nested value again."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.name = f"the checkpoint {os.fspath(path)!r}"
        self._path = "tree"
        self._node, self._arrays = _read(Path(path))

    def part(self, key: str) -> StoredTree:
        """Return the value of a key of a dict."""
        parts = dict(zip(self._node.get("labels", ()), self._node.get("children", ()), strict=True))
        if f"[{key!r}]" not in parts:
            raise CheckpointError(f"{self.name} has no part {key!r}; it has {', '.join(parts) or 'no parts'}.")
        found = copy.copy(self)
        found._node, found._path = parts[f"[{key!r}]"], key
        return found

    def plain(self) -> Any:
        """Make a value of dicts, lists, tuples and None."""
        return decode_plain(self._node, self._arrays, self.name, self._path)

    def like(self, value: Any) -> Any:
        """Make a value with the structure, shapes and types of another."""
        return decode(self._node, self._arrays, value, self.name, self._path)


def _read(path: Path) -> tuple[Node, list[np.ndarray]]:
    """Return the nesting and the arrays of a file, all of which are compared with their checksums."""
    if not path.exists():
        raise CheckpointError(f"there is no checkpoint {str(path)!r}.{_hint(path)}")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            text = json.loads(archive[_TEXT].tobytes().decode())
            arrays = [archive[str(i)] for i in range(len(archive.files) - 1)]
    except (*_DAMAGE, AttributeError, TypeError) as error:  # np.load returns an array if the file is an .npy
        raise CheckpointError(
            f"{str(path)!r} is damaged, or no checkpoint of autodiff_optim: {type(error).__name__}, {error}."
            f"{_hint(path)}"
        ) from error
    if not isinstance(text, dict) or text.get("format") != _FORMAT:
        raise CheckpointError(f"{str(path)!r} is not in the format {_FORMAT!r}.{_hint(path)}")
    return text["tree"], arrays


def _hint(path: Path) -> str:
    previous = previous_path(path)
    return f" The one before is {str(previous)!r}." if previous.exists() else ""
