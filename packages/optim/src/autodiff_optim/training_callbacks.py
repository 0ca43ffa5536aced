"""Callbacks: what happens beside the steps of `fit`, such as stopping early, or writing checkpoints."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any, Literal

from autodiff.containers import flatten, unflatten
from autodiff.errors import InputError
from autodiff_optim.checkpoints import check_folder
from autodiff_optim.counts import is_count
from autodiff_optim.errors import MissingExtraError, NotFiniteError

if TYPE_CHECKING:
    from autodiff_optim.runs import Run

WhenNotFinite = Literal["raise", "skip", "stop"]


class Callback:
    """Base class of callbacks: `fit` calls the methods that a subclass has.

    A step calls `on_step`, then `on_validation` if there is one after this step, then `on_saved_step`. The end of an
    epoch calls `on_validation`, `on_epoch` and `on_saved_step`. Callbacks are called in the order in which they were
    passed, the history first. All get the run, whose attributes `Run` describes; ``run.stop("my reason")`` ends it.

    Examples
    --------
    >>> class Patience(Callback):
    ...     def on_step(self, run):
    ...         if run.loss < 0.1:
    ...             run.stop("good enough")
    """

    def on_start(self, run: Run) -> None:
        """Before the first step: forget earlier runs. `restore` comes after this, if a run is resumed."""

    def on_step(self, run: Run) -> None:
        """After a step: `run.params` and `run.state` are new, `run.loss` is that of the batch, before the step."""

    def on_validation(self, run: Run) -> None:
        """After a validation: `run.validation` has the numbers by name."""

    def on_epoch(self, run: Run) -> None:
        """After all batches of an epoch, and the validation."""

    def on_saved_step(self, run: Run) -> None:
        """When everything else is done for a step or an epoch: what is saved now continues exactly."""

    def on_not_finite(self, run: Run, error: NotFiniteError) -> WhenNotFinite | None:
        """Say what to do when a loss, a gradient or an update is not finite: "raise", "skip", "stop"; None for no say.

        The first callback that has a say decides; where none has, the error is raised. "skip" goes on with the next
        batch, and leaves parameters and state as they are.
        """
        return None

    def on_end(self, run: Run) -> None:
        """When the run ends, also by an error, for which `run.reason` is "error"."""

    def state(self) -> Any:
        """Return what a checkpoint has to keep: dicts, lists and tuples of arrays, numbers, strings and None."""
        return None

    def restore(self, state: Any, run: Run) -> None:
        """Take back what `state` had returned."""


class EarlyStopping(Callback):
    """Stops when a number has not become smaller for a while.

    Parameters
    ----------
    patience : int
        How many times in succession it may fail to improve.
    min_delta : float
        By how much it has to be smaller than the smallest before, to count as better.
    monitor : str
        Which number: "validation", the loss on the validation data, or the name of another number of the validation,
        counted at each validation; or "epoch_loss", the mean loss of the training batches, counted at each epoch.
    restore_best : bool
        Whether the result has the parameters at which the number was smallest. They are those after the step for a
        validation, and those at the end of the epoch for "epoch_loss".

    Attributes
    ----------
    best : float
        The smallest number so far.
    best_step : int
        When that was.
    """

    def __init__(
        self, patience: int, *, min_delta: float = 0.0, monitor: str = "validation", restore_best: bool = True
    ) -> None:
        if not is_count(patience):
            raise InputError(f"EarlyStopping takes a positive integer as patience, not {patience!r}.")
        if not min_delta >= 0:
            raise InputError(f"EarlyStopping takes as min_delta a number that is not negative, not {min_delta!r}.")
        self.patience, self.min_delta, self.monitor, self.restore_best = patience, min_delta, monitor, restore_best
        self._forget()

    def _forget(self) -> None:
        self.best, self.best_step, self._failures = math.inf, 0, 0
        self._best_params: Any = None

    def on_start(self, run: Run) -> None:
        self._forget()
        if self.monitor != "epoch_loss" and not run.has_validation:
            raise InputError(
                f"EarlyStopping(monitor={self.monitor!r}) needs validation data: pass `validation` to fit, or "
                'EarlyStopping(monitor="epoch_loss") to look at the loss on the training data.'
            )

    def on_validation(self, run: Run) -> None:
        if self.monitor == "epoch_loss":
            return
        if self.monitor not in run.validation:
            names = ", ".join(map(repr, run.validation))
            raise InputError(f"EarlyStopping(monitor={self.monitor!r}): the validation has only {names}.")
        self._look(run.validation[self.monitor], run)

    def on_epoch(self, run: Run) -> None:
        if self.monitor == "epoch_loss" and "epoch_loss" in run.history:
            self._look(run.history["epoch_loss"][-1], run)

    def _look(self, value: float, run: Run) -> None:
        if value < self.best - self.min_delta:
            self.best, self.best_step, self._failures = float(value), run.step, 0
            if self.restore_best:
                self._best_params = run.params
            return
        self._failures += 1
        if self._failures >= self.patience:
            run.stop("early stopping")

    def on_end(self, run: Run) -> None:
        if self._best_params is not None:
            run.result_params = self._best_params

    def state(self) -> Any:
        best = None if self._best_params is None else flatten(self._best_params)[0]
        return {"best": self.best, "best_step": self.best_step, "failures": self._failures, "params": best}

    def restore(self, state: Any, run: Run) -> None:
        self.best, self.best_step, self._failures = state["best"], state["best_step"], state["failures"]
        if state["params"] is not None:
            self._best_params = unflatten(flatten(run.params)[1], state["params"])


class Checkpoint(Callback):
    """Writes checkpoints from which `fit` continues bit for bit: ``fit(..., resume=path)``.

    The file is written under another name and put in place when it is complete, and the one before is kept, see
    `save_checkpoint`. It has the parameters, the state of the optimizer, the state of the random generator, the
    position within the epoch, the history, and the states of the callbacks. The parameters alone are read by
    ``load_checkpoint(path, like=params, part="params")``.

    Parameters
    ----------
    path : path
        The file, by convention with the ending ``.npz``.
    every : int, optional
        After how many steps; after each epoch if not given. One more is written at the end, also when the run was
        interrupted from the keyboard, but not after an error.
    """

    def __init__(self, path: str | os.PathLike[str], every: int | None = None) -> None:
        if every is not None and not is_count(every):
            raise InputError(f"Checkpoint takes as `every` a positive integer or None, not {every!r}.")
        self.path, self.every = path, every
        self._saved: tuple[int, int, int] | None = None  # where the run was

    def on_start(self, run: Run) -> None:
        check_folder(self.path)  # now, and not after the first epoch
        self._saved = None

    def on_saved_step(self, run: Run) -> None:
        if run.batch == 0 if self.every is None else run.batch > 0 and run.step % self.every == 0:
            self._save(run)

    def on_end(self, run: Run) -> None:
        if run.settled and run.reason != "error":
            self._save(run)

    def _save(self, run: Run) -> None:
        here = (run.step, run.epoch, run.batch)
        if here != self._saved:  # twice the same would push out the previous one
            run.save(self.path)
            self._saved = here


class NaNGuard(Callback):
    """Says what happens when a loss, a gradient or an update is NaN or infinite.

    Parameters
    ----------
    action : {"skip", "stop", "raise"}
        "skip" leaves out the step and goes on with the next batch; "stop" ends the run, and the result has the last
        parameters at which everything was finite; "raise" is what happens without this callback.
    limit : int
        How many steps in succession may be skipped, before the error is raised all the same.

    Attributes
    ----------
    skipped : int
        How many steps were left out.
    """

    def __init__(self, action: WhenNotFinite = "skip", *, limit: int = 10) -> None:
        if action not in {"skip", "stop", "raise"}:
            raise InputError(f'NaNGuard takes "skip", "stop" or "raise", not {action!r}.')
        self.action, self.limit = action, limit
        self.skipped, self._in_succession = 0, 0

    def on_start(self, run: Run) -> None:
        self.skipped, self._in_succession = 0, 0

    def on_step(self, run: Run) -> None:
        self._in_succession = 0

    def on_not_finite(self, run: Run, error: NotFiniteError) -> WhenNotFinite:
        if self.action != "skip":
            return self.action
        if self._in_succession >= self.limit:
            error.add_note(f"NaNGuard has skipped {self._in_succession} steps in succession before this one.")
            return "raise"
        self.skipped += 1
        self._in_succession += 1
        return "skip"

    def state(self) -> Any:
        return {"skipped": self.skipped, "in_succession": self._in_succession}

    def restore(self, state: Any, run: Run) -> None:
        self.skipped, self._in_succession = state["skipped"], state["in_succession"]


class Progress(Callback):
    """Shows a progress bar, by tqdm, the extra `progress`.

    Parameters
    ----------
    **options
        What tqdm takes, such as ``desc="training"`` or ``file=sys.stdout``.
    """

    def __init__(self, **options: Any) -> None:
        try:
            from tqdm.auto import tqdm  # noqa: PLC0415  # an optional package
        except ImportError as error:
            raise MissingExtraError('Progress needs tqdm: `pip install "autodiff-optim[progress]"`.') from error
        self._make, self._options = tqdm, options
        self._bar: Any = None
        self._validation = ""

    def on_start(self, run: Run) -> None:
        options = {"unit": "step", "total": run.total_steps, "initial": run.step, **self._options}
        self._bar = self._make(**options)

    def on_step(self, run: Run) -> None:
        self._bar.set_postfix_str(f"loss={run.loss:.4g}{self._validation}", refresh=False)
        self._bar.update(run.step - self._bar.n)

    def on_validation(self, run: Run) -> None:
        self._validation = "".join(f", {name}={value:.4g}" for name, value in run.validation.items())

    def on_end(self, run: Run) -> None:
        if self._bar is not None:
            self._bar.close()
