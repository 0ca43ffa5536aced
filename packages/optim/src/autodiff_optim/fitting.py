"""Training: `fit` takes steps of an optimizer on batches of data, with callbacks beside them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autodiff.containers import flatten
from autodiff.errors import InputError
from autodiff.gradients import value_and_grad as differentiate
from autodiff_optim.batches import Rows, arguments, batches_of
from autodiff_optim.counts import is_count
from autodiff_optim.optimizers.transformation import check_transformation
from autodiff_optim.outputs import real_number
from autodiff_optim.plans import Optimizer, Plan
from autodiff_optim.runs import FitResult, Run
from autodiff_optim.training_callbacks import Callback


def fit(
    loss: Callable[..., Any],
    params: Any,
    data: Any,
    optimizer: Optimizer,
    *,
    batch_size: int | None = None,
    epochs: int | None = None,
    num_steps: int | None = None,
    seed: Any = None,
    shuffle: bool = True,
    drop_last: bool = False,
    has_aux: bool = False,
    value_and_grad: Callable[..., Any] | None = None,
    validation: Any = None,
    validate_every: int | None = None,
    callbacks: Iterable[Callback] = (),
    resume: str | os.PathLike[str] | None = None,
) -> FitResult:
    """Minimise a loss over data, batch by batch.

    Parameters
    ----------
    loss : callable
        ``loss(params, *batch)``, a real number.
    params : number, array or container of them
        The parameters at the start. They are not changed.
    data : array, container of arrays, iterable or callable
        Arrays, the first axis of which counts the examples: a batch has some rows of each. If it is a tuple, as in
        ``(inputs, targets)``, its arrays are several arguments of the loss; another container is one argument. Or
        batches that you make: an iterable, which is read anew in each epoch, or a function that gets the random
        generator and returns an iterable for one epoch. A list is refused, as it could be both.
    optimizer : object with `init` and `update`
        ``init(params) -> state``, ``update(grads, state, params) -> (updates, state)``: one of
        `autodiff_optim.optimizers`, or of Optax' manner.
    batch_size : int, optional
        How many examples a batch has; all of them if not given. It is not larger than the data.
    epochs, num_steps : int, optional
        After how many rounds through the data, or batches, to end; whichever comes first if both are given. A run that
        is resumed counts those before the checkpoint.
    seed : int, numpy.random.Generator or what else `numpy.random.default_rng` takes, optional
        Of the order of the examples.
    shuffle : bool
        Whether the examples have a new random order in each epoch.
    drop_last : bool
        Whether the last batch of an epoch is left out if it is smaller than the others.
    has_aux : bool
        Whether the loss returns a pair of which only the first is minimised. If the second is a dict, the numbers in
        it are recorded in the history.
    value_and_grad : callable, optional
        ``value_and_grad(params, *batch) -> (value, gradient)``, in place of ``autodiff.value_and_grad(loss)``: the
        result of `data_parallel`, for example. With `has_aux`, the value is a pair.
    validation : array, container of arrays or callable, optional
        Data on which the loss is computed as a whole, as one batch; or ``validation(params)``, which returns a number
        or a dict of them.
    validate_every : int, optional
        After how many steps; after each epoch if not given.
    callbacks : iterable of Callback
        `Checkpoint`, `EarlyStopping`, `History`, `NaNGuard`, `Progress`, or your own.
    resume : path, optional
        A file that `Checkpoint` has written, from which the run continues bit for bit. The other arguments are those
        with which it was begun.

    Returns
    -------
    FitResult
        With the attributes `params`, `state`, `history`, `step` and `reason`.

    Raises
    ------
    NotFiniteError
        When a loss, a gradient or an update is NaN or infinite, unless `NaNGuard` says otherwise.
    DataError
        When data are empty, or their lengths differ.
    CheckpointError
        When the file cannot be resumed.

    Notes
    -----
    An interrupt from the keyboard ends the training and nothing else: the result has the parameters after the last
    complete step, and the reason "interrupted". Every other exception, also one that the loss raises, has the result
    so far in its attribute `fit_result`.

    Examples
    --------
    >>> from autodiff_optim.optimizers import sgd
    >>> x = np.linspace(-1, 1, 64)
    >>> squares = lambda p, x, y: np.mean((p["slope"] * x + p["offset"] - y) ** 2)
    >>> result = fit(squares, {"slope": 0.0, "offset": 0.0}, (x, 3 * x + 1), sgd(0.5), batch_size=16, epochs=40, seed=0)
    >>> round(result.params["slope"], 6), result.step, result.reason
    (3.0, 160, 'epochs')
    """
    check_transformation(optimizer, "fit")
    if not flatten(params)[0]:
        raise InputError(f"fit got params without numbers: {params!r}.")
    if epochs is None and num_steps is None:
        raise InputError("fit needs `epochs` or `num_steps`, to know when to end.")
    counts = {"epochs": (epochs, 0), "num_steps": (num_steps, 0), "validate_every": (validate_every, 1)}
    for name, (count, least) in counts.items():
        if count is not None and not is_count(count, least):
            raise InputError(f"fit takes as {name} an integer of at least {least}, or None, not {count!r}.")
    plan = Plan(
        gradient=differentiate(loss, has_aux=has_aux) if value_and_grad is None else value_and_grad,
        has_aux=has_aux,
        optimizer=optimizer,
        batches=batches_of(data, batch_size, shuffle=shuffle, drop_last=drop_last),
        epochs=epochs,
        num_steps=num_steps,
        rng=_generator(seed),
        validation=_validation(validation, loss, has_aux=has_aux),
        validate_every=validate_every,
    )
    return Run(plan, params, _checked(callbacks)).go(resume)


def _checked(callbacks: Any) -> list[Callback]:
    found: list[Any] = list(callbacks) if isinstance(callbacks, Iterable) else [callbacks]
    for callback in found:
        if not isinstance(callback, Callback):
            raise InputError(f"fit takes instances of subclasses of Callback as callbacks, not {callback!r}.")
    return found


def _generator(seed: Any) -> np.random.Generator:
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise InputError(f"fit takes an integer or a numpy.random.Generator as seed, not {seed!r}: {error}") from error


def _validation(
    validation: Any, loss: Callable[..., Any], *, has_aux: bool
) -> Callable[[Any], dict[str, float]] | None:
    """Return a function of the parameters that gives the numbers of a validation by name."""
    if validation is None:
        return None
    function = validation
    if not callable(validation):
        batch = arguments(Rows(validation, "validation").whole)

        def function(params: Any) -> Any:
            value = loss(params, *batch)
            return value[0] if has_aux else value

    def numbers(params: Any) -> dict[str, float]:
        found = function(params)
        named = found if isinstance(found, dict) else {"validation": found}
        return {name: real_number(value, f"the validation's {name!r}") for name, value in named.items()}

    return numbers
