"""A run of training: where it stands, how it takes a step, and how it is saved and resumed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

import numpy as np

from autodiff.containers import flatten, flatten_like, leaf_paths, unflatten
from autodiff.errors import InputError, StructureError
from autodiff_optim.batches import Batch
from autodiff_optim.checkpoints import StoredTree, save_checkpoint
from autodiff_optim.errors import CheckpointError, DataError, NotFiniteError
from autodiff_optim.finite import describe_not_finite, first_not_finite, is_finite
from autodiff_optim.history import History
from autodiff_optim.optimizers.leaves import like
from autodiff_optim.outputs import pair, real_number
from autodiff_optim.plans import Plan
from autodiff_optim.training_callbacks import Callback
from autodiff_optim.tree_text import require_plain

_HOOKS = (
    "on_start", "on_step", "on_validation", "on_epoch", "on_saved_step", "on_not_finite", "on_end",
)  # fmt: skip


class FitResult(NamedTuple):
    """What `fit` returns.

    Attributes
    ----------
    params : number, array or container of them
        The parameters; the best ones where `EarlyStopping` restores them.
    state : container
        The state of the optimizer after the last step.
    history : History
        The losses: ``history["loss"]``, ``history.plot()``.
    step : int
        How many steps were taken, those before a checkpoint included.
    reason : str
        Why it ended: "epochs" or "num_steps", when that many were done; "interrupted" by the keyboard; "early
        stopping"; "not finite", when ``NaNGuard("stop")`` has ended it; what a callback said to ``run.stop``; or
        "error", in the attribute `fit_result` of an exception.
    """

    params: Any
    state: Any
    history: History
    step: int
    reason: str


class _Point(NamedTuple):
    """Where a run stands. It is replaced as a whole, so that an interrupt finds all of the old or all of the new."""

    params: Any
    state: Any
    step: int = 0
    epoch: int = 0
    batch: int = 0


class Run:
    """What callbacks see of a run.

    Attributes
    ----------
    params, state
        The parameters and the state of the optimizer. They must not be changed.
    step : int
        How many steps were taken, those that were skipped included.
    epoch : int
        How many epochs are complete.
    batch : int
        How many batches of the present epoch were used; 0 at the end of an epoch.
    loss : float
        The loss of the last step, before its update.
    aux : object
        What the loss has returned besides, with `has_aux`.
    validation : dict
        The numbers of the last validation.
    history : History
        What was recorded so far.
    rng : numpy.random.Generator
        The generator of the order of the examples.
    total_steps : int or None
        After how many steps the run ends, if that is known.
    has_validation : bool
        Whether there will be validations.
    settled : bool
        Whether all callbacks have finished with the last step.
    result_params
        Parameters for the result, in place of the last ones; None if there are no others.
    reason : str
        Why the run ends, in `on_end`.
    """

    def __init__(self, plan: Plan, params: Any, callbacks: list[Callback]) -> None:
        self._plan = plan
        own = next((callback for callback in callbacks if isinstance(callback, History)), None)
        self.history = own or History()
        self._callbacks: list[Callback] = [self.history, *(c for c in callbacks if c is not self.history)]
        self._hooks = {name: [getattr(c, name) for c in self._callbacks if _has(c, name)] for name in _HOOKS}
        self._leaves, self._structure = flatten(params)
        self._paths = list(leaf_paths(self._structure, "params"))
        self._at = _Point(params, plan.optimizer.init(params))
        self._good = params  # the last parameters where loss and gradient were finite
        self._keywords = "value" in getattr(plan.optimizer, "extra", ())
        self._epoch_start = self._now = plan.rng.bit_generator.state
        self.loss = float("nan")
        self.aux: Any = None
        self.validation: dict[str, float] = {}
        self.has_validation = plan.validation is not None
        self.settled = False
        self.result_params: Any = None
        self._stopped: str | None = None  # by a callback
        self.reason = "error"  # until there is a better one

    @property
    def params(self) -> Any:
        return self._at.params

    @property
    def state(self) -> Any:
        return self._at.state

    @property
    def step(self) -> int:
        return self._at.step

    @property
    def epoch(self) -> int:
        return self._at.epoch

    @property
    def batch(self) -> int:
        return self._at.batch

    @property
    def rng(self) -> np.random.Generator:
        return self._plan.rng

    @property
    def total_steps(self) -> int | None:
        plan, per_epoch = self._plan, self._plan.batches.per_epoch
        ends = [plan.num_steps, None if plan.epochs is None or per_epoch is None else plan.epochs * per_epoch]
        return min((end for end in ends if end is not None), default=None)

    def stop(self, reason: str) -> None:
        """End the run after this step, for a reason that the result will name."""
        self._stopped = reason

    # Running ---------------------------------------------------------------------------------------------------------

    def go(self, resume: str | os.PathLike[str] | None) -> FitResult:
        """Run to the end, or until the keyboard interrupts it."""
        try:
            try:
                if resume is None:
                    self._call("on_start")
                else:
                    self._resume(StoredTree(resume))
                self.settled = True
                self._train()
            finally:
                with contextlib.ExitStack() as ends:  # each is called, also when another one has failed
                    for function in reversed(self._hooks["on_end"]):
                        ends.callback(function, self)
        except BaseException as error:
            error.fit_result = self._result()  # type: ignore[attr-defined]  # exceptions take attributes
            if self._at.step:
                error.add_note("What was reached in training before this error is in its attribute `fit_result`.")
            raise
        return self._result()

    def _train(self) -> None:
        try:
            self._loop()
        except KeyboardInterrupt:
            self.reason = "interrupted"

    def _result(self) -> FitResult:
        params = self._at.params if self.result_params is None else self.result_params
        return FitResult(params, self._at.state, self.history, self._at.step, self.reason)

    def _call(self, hook: str) -> None:
        for function in self._hooks[hook]:
            function(self)

    def _over(self) -> bool:
        plan, at = self._plan, self._at
        if self._stopped is not None:
            self.reason = self._stopped
        elif plan.num_steps is not None and at.step >= plan.num_steps:
            self.reason = "num_steps"
        elif plan.epochs is not None and at.epoch >= plan.epochs:
            self.reason = "epochs"
        else:
            return False
        return True

    def _loop(self) -> None:
        while not self._over():
            for batch in self._open_epoch():
                self._step(batch)
                if self._at.batch != self._plan.batches.per_epoch and self._over():
                    return
            self._close_epoch()

    def _open_epoch(self) -> Iterator[Batch]:
        rng, skip = self._plan.rng, self._at.batch
        if not skip:
            self._epoch_start = rng.bit_generator.state
            return self._plan.batches.epoch(rng, 0)
        now = rng.bit_generator.state
        rng.bit_generator.state = self._epoch_start
        batches = self._plan.batches.epoch(rng, skip)
        rng.bit_generator.state = now
        return batches

    def _close_epoch(self) -> None:
        at = self._at
        if not at.batch:
            raise DataError(
                f"data gave no batches in epoch {at.epoch + 1}. An iterator can be read once only: for more than one "
                "epoch, pass a function that returns a new one, `lambda rng: ...`."
            )
        self.settled = False
        self._at = at._replace(epoch=at.epoch + 1, batch=0)
        if self._plan.validate_every is None:
            self._validate()
        self._call("on_epoch")
        self._settle()

    def _settle(self) -> None:
        self._now = self._plan.rng.bit_generator.state
        self.settled = True
        self._call("on_saved_step")

    def _validate(self) -> None:
        if self._plan.validation is not None:
            self.validation = self._plan.validation(self._at.params)
            self._call("on_validation")

    # A step ----------------------------------------------------------------------------------------------------------

    def _step(self, batch: Batch) -> None:
        at, optimizer = self._at, self._plan.optimizer
        value, grads = pair(self._plan.gradient(at.params, *batch), "value_and_grad", "(value, gradient)")
        value, aux = pair(value, "the loss", "(value, auxiliary)") if self._plan.has_aux else (value, None)
        loss = real_number(value, "the loss")
        leaves = flatten_like(self._structure, grads, "the gradient")
        if not is_finite(loss):
            return self._not_finite("the loss", None, value)
        bad = first_not_finite(leaves)
        if bad is not None:
            return self._not_finite("the gradient by {}", bad, leaves[bad])
        keywords = {"value": loss} if self._keywords else {}
        updated = optimizer.update(grads, at.state, at.params, **keywords)
        updates, state = pair(updated, "`update` of the optimizer", "(updates, state)")
        changes = flatten_like(self._structure, updates, "the updates of the optimizer")
        bad = first_not_finite(changes)
        if bad is not None:
            return self._not_finite("the update of {}", bad, changes[bad])
        moved = self._moved(changes)
        self.settled = False
        self._good, self._leaves = at.params, moved
        self._at = _Point(unflatten(self._structure, moved), state, at.step + 1, at.epoch, at.batch + 1)
        self.loss, self.aux = loss, aux
        return self._finish_step()

    def _finish_step(self) -> None:
        self._call("on_step")
        every = self._plan.validate_every
        if every is not None and self._at.step % every == 0:
            self._validate()
        self._settle()

    def _moved(self, changes: list[Any]) -> list[Any]:
        """Return the leaves of the new parameters, with the types of the old ones."""
        leaves = []
        for leaf, change, path in zip(self._leaves, changes, self._paths, strict=True):
            new = leaf + change
            if not (type(new) is type(leaf) is np.ndarray and new.shape == leaf.shape and new.dtype is leaf.dtype):
                new = _in_place_of(leaf, new, path)  # seldom
            leaves.append(new)
        return leaves

    def _not_finite(self, what: str, place: int | None, leaf: Any) -> None:
        """Do with a step that failed what the callbacks say."""
        at, path = self._at, None if place is None else self._paths[place]
        error = NotFiniteError(
            f"step {at.step + 1}: {what.format(path)} {describe_not_finite(leaf)}. The last parameters where all "
            "was finite are in the attribute `params` of this error. Take a smaller step size, or clip the gradients; "
            'the callback NaNGuard("skip") leaves out such steps.',
            self._good,
            at.step + 1,
            path,
        )
        says = (function(self, error) for function in self._hooks["on_not_finite"])
        action = next((said for said in says if said is not None), "raise")
        if action == "skip":
            self.settled = False
            self._at = at._replace(step=at.step + 1, batch=at.batch + 1)
            self._settle()
            return
        self.result_params = self._good
        if action == "raise":
            raise error
        self.stop("not finite")

    # Saving ----------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a checkpoint with everything from which the run can be resumed."""
        at = self._at
        states = [(type(callback).__name__, callback.state()) for callback in self._callbacks]
        position = {
            "step": at.step,
            "epoch": at.epoch,
            "batch": at.batch,
            "stopped": self._stopped,
            "loss": self.loss,
            "validation": self.validation,
            "generator": self._now,
            "generator_at_epoch": self._epoch_start,
            "data": self._plan.batches.signature,
        }
        callbacks = [(name, state) for name, state in states if state is not None]
        for name, state in callbacks:
            require_plain(state, f"the state of the callback {name}")
        save_checkpoint(path, {"params": at.params, "state": at.state, "run": position, "callbacks": callbacks})

    def _resume(self, stored: StoredTree) -> None:
        """Go where a checkpoint was written."""
        run = stored.part("run").plain()
        for name, here in self._plan.batches.signature.items():
            if run["data"].get(name) != here:
                _refuse(stored, f"was written with {name} {run['data'].get(name)!r}, but this run has {here!r}")
        kind, here = run["generator"]["bit_generator"], self._now["bit_generator"]
        if kind != here:
            _refuse(stored, f"has the state of a {kind} generator, but `seed` is a {here}")
        params = stored.part("params").like(self._at.params)
        state = stored.part("state").like(self._at.state)
        self._at = _Point(params, state, run["step"], run["epoch"], run["batch"])
        self._leaves = flatten(params)[0]
        self._good, self._stopped = params, run["stopped"]
        self.loss, self.validation = run["loss"], run["validation"]
        self._epoch_start, self._now = run["generator_at_epoch"], run["generator"]
        self._plan.rng.bit_generator.state = self._now
        self._call("on_start")
        waiting = list(self._callbacks)
        for name, kept in stored.part("callbacks").plain():
            callback = next((c for c in waiting if type(c).__name__ == name), None)
            if callback is None:
                _refuse(stored, f"has the state of a callback {name}, but there is none in `callbacks`")
            waiting.remove(callback)
            callback.restore(kept, self)


def _refuse(stored: StoredTree, why: str) -> NoReturn:
    raise CheckpointError(f"{stored.name} {why}. Resume a run with the arguments with which it was begun.")


def _in_place_of(leaf: Any, new: Any, path: str) -> Any:
    if np.shape(new) != np.shape(leaf):
        raise StructureError(
            f"the update turns {path}, of shape {np.shape(leaf)}, into a value of shape {np.shape(new)}."
        )
    try:
        return like(new, leaf)
    except (TypeError, AttributeError) as error:
        raise InputError(
            f"the update turns {path}, of type {getattr(leaf, 'dtype', type(leaf).__name__)}, into {new!r}, which is "
            "none. Integers cannot be trained; mark them by `autodiff.Static`."
        ) from error


def _has(callback: Callback, hook: str) -> bool:
    return getattr(type(callback), hook) is not getattr(Callback, hook)
