"""The history of a run: named columns of numbers, each with the step at which it was taken."""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autodiff.errors import InputError
from autodiff_optim.errors import MissingExtraError
from autodiff_optim.training_callbacks import Callback

if TYPE_CHECKING:
    from autodiff_optim.runs import Run


class History(Callback):
    """Records the losses of a run, and what the loss returns besides.

    ``history["loss"]`` are the losses of the steps, ``history["epoch_loss"]`` their means over each epoch,
    ``history["validation"]`` the losses on validation data. Where these functions return dicts, the numbers in it have
    columns of their own, so that no two may have the same name. `fit` makes a history if there is none among its
    callbacks, and begins a new record in the one that it is given.

    Examples
    --------
    >>> history = History()
    >>> history.record("loss", 1, 0.5)
    >>> history.record("loss", 2, 0.25)
    >>> history["loss"], history.steps("loss")
    (array([0.5 , 0.25]), array([1, 2]))
    """

    def __init__(self) -> None:
        # Rows, so that an interrupt finds none half done.
        self._columns: dict[str, list[tuple[int, float]]] = {"loss": []}
        self._sources: dict[str, str] = {}
        self._epoch_start = 0

    @property
    def names(self) -> list[str]:
        """The names of the columns, in the order in which they began."""
        return list(self._columns)

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> np.ndarray:
        return np.array([value for _, value in self._column(name)])

    def steps(self, name: str) -> np.ndarray:
        """Return the steps at which the numbers of a column were taken; the first step is number 1."""
        return np.array([step for step, _ in self._column(name)], dtype=int)

    def _column(self, name: str) -> list[tuple[int, float]]:
        try:
            return self._columns[name]
        except KeyError:
            raise InputError(
                f"the history has no column {name!r}; it has {', '.join(map(repr, self._columns))}."
            ) from None

    def record(self, name: str, step: int, value: float) -> None:
        """Append a number to a column, which begins with it if there is none."""
        self._columns.setdefault(name, []).append((step, float(value)))

    def on_start(self, run: Run) -> None:
        self._columns, self._sources, self._epoch_start = {"loss": []}, {}, 0

    def _record(self, source: str, name: str, step: int, value: float) -> None:
        """Record a number that `fit` has; two of them in one column would pass for one that jumps."""
        owner = {"loss": "the loss", "epoch_loss": "the loss"}.get(name) or self._sources.setdefault(name, source)
        if owner != source:
            raise InputError(
                f"{source} returned a number called {name!r}, but this column of the history has the numbers of "
                f"{owner}. Give it another name, such as {'validation_' + name!r}."
            )
        self.record(name, step, value)

    def on_step(self, run: Run) -> None:
        self.record("loss", run.step, run.loss)
        if isinstance(run.aux, dict):
            for name, value in run.aux.items():
                if np.ndim(value) == 0 and np.isrealobj(value):
                    self._record("the auxiliary dict of the loss", name, run.step, value)

    def on_validation(self, run: Run) -> None:
        for name, value in run.validation.items():
            self._record("the validation", name, run.step, value)

    def on_epoch(self, run: Run) -> None:
        rows = self._columns["loss"]
        first = bisect.bisect_right(rows, self._epoch_start, key=lambda row: row[0])
        if first < len(rows):
            self.record("epoch_loss", run.step, float(np.mean([value for _, value in rows[first:]])))
        self._epoch_start = run.step

    def state(self) -> Any:
        return {
            "epoch_start": self._epoch_start,
            "columns": {name: (self.steps(name), self[name]) for name in self._columns},
            "sources": dict(self._sources),
        }

    def restore(self, state: Any, run: Run) -> None:
        self._epoch_start, self._sources = state["epoch_start"], state["sources"]
        self._columns = {
            name: list(zip(steps.tolist(), values.tolist(), strict=True))
            for name, (steps, values) in state["columns"].items()
        }

    def plot(self, names: Iterable[str] | None = None, *, ax: Any = None) -> Any:
        """Draw the columns over the steps; needs Matplotlib, the extra `plot`.

        Parameters
        ----------
        names : iterable of str, optional
            Which columns; all if not given.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure if not given.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn into.
        """
        ax = _new_axes() if ax is None else ax
        drawn = self.names if names is None else list(names)
        for name in drawn:
            many = len(self.steps(name)) > 100
            ax.plot(self.steps(name), self[name], "-" if many else ".-", label=name, linewidth=1 if many else 2)
        if drawn and all(np.all(self[name] > 0) for name in drawn):
            ax.set_yscale("log")
        ax.set_xlabel("step")
        if drawn:
            ax.legend()
        return ax


def _new_axes() -> Any:
    try:
        import matplotlib.pyplot as plt  # noqa: PLC0415  # an optional package
    except ImportError as error:
        raise MissingExtraError(
            'History.plot needs Matplotlib: `pip install "autodiff-optim[plot]"`. The numbers are in `history["loss"]`.'
        ) from error
    return plt.figure(layout="constrained").add_subplot()
