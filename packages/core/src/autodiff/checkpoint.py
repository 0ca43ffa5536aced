"""Checkpointing: recompute in the backward pass instead of storing in the forward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autodiff.constants import stop_gradient
from autodiff.containers import flatten, unflatten
from autodiff.errors import AutodiffError, RuleError
from autodiff.general import General
from autodiff.naming import named
from autodiff.primitive import Primitive
from autodiff.products import forward_pass, reverse_pass
from autodiff.trace import Box, ManyValues, bind, is_variable
from autodiff.vspace import spaces_of


def checkpoint(fun: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function that keeps nothing but its arguments for the backward pass, and runs again when it comes.

    Parameters
    ----------
    fun : callable
        Any function of numbers, arrays and containers of them, also by keyword; so is its result. It must give the same
        result when called again.

    Returns
    -------
    callable
        The same function: less memory and, in reverse mode, one more evaluation of `fun`.

    Notes
    -----
    A traced value that `fun` takes from its closure cannot be seen from outside. When that happens the call is
    traced in the ordinary way: right, but without saving memory. Pass such values as arguments.

    Examples
    --------
    >>> from autodiff import grad
    >>> grad(checkpoint(lambda x: x**3))(2.0)
    12.0
    """
    name = f"checkpoint({getattr(fun, '__name__', 'function')})"

    @named("checkpoint", fun)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = flatten((args, kwargs))
        boxes = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Box)]
        traced = [place for place in boxes if is_variable(leaves[place])]
        batched = [place for place in boxes if place not in traced]  # integers, different in each example
        if not traced:
            return fun(*args, **kwargs)

        def run(traced_leaves: list[Any], batched_leaves: list[Any]) -> Any:
            filled = list(leaves)
            for place, leaf in zip(traced + batched, traced_leaves + batched_leaves, strict=True):
                filled[place] = leaf
            new_args, new_kwargs = unflatten(structure, filled)
            return fun(*new_args, **new_kwargs)

        run.__module__, run.__qualname__ = "autodiff", name
        known = Primitive(run)
        known.adopt(_recomputing(run))
        try:
            return bind(known, ([leaves[place] for place in traced], [leaves[place] for place in batched]), {})
        except Exception as error:
            # `fun` closes over a traced value, and has returned it, or has written it into an array that was plain, as
            # arguments are here: then it is traced like any other code. NumPy's error has ours as its cause.
            if not any(isinstance(e, (AutodiffError, ManyValues)) for e in (error, error.__cause__, error.__context__)):
                raise
            return fun(*args, **kwargs)

    return checkpointed


def _recomputing(run: Callable[..., Any]) -> General:
    """Return the rule that differentiates `run`, in its first argument, by running it again under a trace."""

    def vjp_argnums(_: Any, y: Any, args: Any, kwargs: Any) -> Any:
        def pullback(g: Any) -> Any:
            value, pull, _ = reverse_pass(run, 0, args, {}, any_result=True)
            _check_same(value, y)
            return (pull(g),)

        return pullback

    rule = General(run)
    rule.vjp_argnums = vjp_argnums
    rule.jvp_argnums = lambda _, tangents, _y, args, _k: forward_pass(run, 0, args, {}, tangents[0], any_result=True)[1]
    return rule


def _check_same(value: Any, before: Any) -> None:
    """Raise if the function gave something else this time."""
    leaves, before_leaves = (stop_gradient(flatten(part)[0]) for part in (value, before))
    pairs = zip(leaves, before_leaves, strict=False)
    if len(leaves) == len(before_leaves) and all(
        space is None or space.is_close(a, b) for space, (a, b) in zip(spaces_of(leaves), pairs, strict=True)
    ):
        return
    raise RuleError(
        "a checkpointed function did not give the same result when it was run again for the backward pass. It "
        "depends on something that has changed meanwhile, such as a loop variable, a random number or a global. Pass "
        "that as an argument."
    )
