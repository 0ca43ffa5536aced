"""`check_grads`: derivatives against finite differences, and the two modes against each other."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autodiff import make_jvp, make_vjp
from autodiff.containers import flatten, unflatten
from autodiff.extend import VSpace, unbox, vspace

MODES = ("fwd", "rev")


def check_grads(
    fun: Callable[..., Any], modes: Sequence[str] = MODES, order: int = 2, *, seed: int = 0
) -> Callable[..., None]:
    """Make a function that checks the derivatives of `fun` at its arguments.

    Parameters
    ----------
    fun : callable
        A function of real or complex numbers, arrays and containers of them; so is its result.
    modes : sequence of {"fwd", "rev"}
        Which modes to check.
    order : int
        Up to which order: derivatives of derivatives are checked in all combinations of the modes.
    seed : int
        For the random directions.

    Returns
    -------
    callable
        With the arguments of `fun`, all of which are differentiated, and keywords, which are not. It returns nothing,
        and raises AssertionError when a derivative is wrong.

    Examples
    --------
    >>> import numpy as np
    >>> check_grads(lambda x, y: np.sin(x) * y)(np.array([0.1, 0.7]), 3.0)
    """
    unknown = set(modes) - set(MODES)
    if unknown or not modes:
        raise ValueError(f"modes are {MODES}, got {tuple(modes)!r}")
    if order < 1:
        raise ValueError(f"order must be at least 1, got {order!r}")

    def check(*args: Any, **kwargs: Any) -> None:
        rng = random.Random(seed)
        _check(lambda *new: fun(*new, **kwargs), args, tuple(modes), order, rng, getattr(fun, "__name__", repr(fun)))

    return check


def _check(
    fun: Callable[..., Any], args: tuple[Any, ...], modes: tuple[str, ...], order: int, rng: random.Random, name: str
) -> None:
    argnum = tuple(range(len(args)))
    direction = random_like(args, rng)
    value = fun(*args)
    cotangent = random_like(value, rng)
    eps = precision((args, value))
    expected, error = directional_derivative(lambda t: inner(cotangent, fun(*shifted(args, direction, t)), value), eps)
    scale = abs(expected) + magnitude(cotangent) * 1e-8
    products = {}
    if "fwd" in modes:
        forward_value, tangent = make_jvp(fun, argnum)(*args)(direction)
        assert_same_values(value, forward_value, f"{name}: the value in forward mode")
        assert_like(value, tangent, f"{name}: the tangent")
        products["fwd"] = inner(cotangent, tangent, value)
    if "rev" in modes:
        vjp, reverse_value = make_vjp(fun, argnum)(*args)
        assert_same_values(value, reverse_value, f"{name}: the value in reverse mode")
        gradient = vjp(cotangent)
        assert_like(args, gradient, f"{name}: the gradient")
        products["rev"] = inner(gradient, direction, args)
    noise = sum(magnitude(c) * magnitude(v) for c, v in zip(flatten(cotangent)[0], flatten(value)[0], strict=True))
    for mode, product in products.items():
        tolerance = 10 * error + 100 * eps**0.75 * scale + 1000 * eps * noise
        if not abs(product - expected) <= tolerance:
            raise AssertionError(
                f"{name}: mode {mode!r} gives {product!r} where finite differences give {expected!r} ± {error:.1e} "
                f"(ratio {product / expected if expected else float('nan'):.6g})."
            )
    if len(products) == 2 and not abs(products["fwd"] - products["rev"]) <= 1e4 * eps * scale:
        raise AssertionError(f"{name}: the two modes disagree: {products}")
    if order > 1:
        if "fwd" in modes:
            _check(
                lambda *new: make_jvp(fun, argnum)(*new)(direction)[1], args, modes, order - 1, rng, f"jvp of {name}"
            )
        if "rev" in modes:
            _check(
                lambda g, *new: make_vjp(fun, argnum)(*new)[0](g),
                (cotangent, *args), modes, order - 1, rng, f"vjp of {name}",
            )  # fmt: skip


def random_like(value: Any, rng: random.Random) -> Any:
    """Return a random vector of the space of `value`, which may be a container."""
    leaves, structure = flatten(value)
    return unflatten(structure, [vspace(leaf).random(rng) for leaf in leaves])


def shifted(args: Any, direction: Any, t: float) -> Any:
    """Return ``args + t * direction``, in the types of `args`."""
    leaves, structure = flatten(args)
    return unflatten(
        structure,
        [vspace(leaf).expand(leaf + t * step) for leaf, step in zip(leaves, flatten(direction)[0], strict=True)],
    )


def inner(cotangent: Any, vector: Any, like: Any) -> float:
    """Return the pairing of a cotangent with a vector; both belong to the space of `like`."""
    spaces: list[VSpace] = [vspace(leaf) for leaf in flatten(like)[0]]
    pairs = zip(spaces, flatten(cotangent)[0], flatten(vector)[0], strict=True)
    return float(sum(unbox(space.inner(_wide(c), _wide(v))) for space, c, v in pairs))


def _wide(value: Any) -> Any:
    """Return a value in double precision, so that pairings do not lose digits."""
    return value if isinstance(value, (float, complex)) else np.asarray(value).astype(np.result_type(value, np.float64))


def magnitude(vector: Any) -> float:
    """Return the largest absolute value in a container of vectors."""
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in flatten(vector)[0]), default=0.0)


def precision(args: Any) -> float:
    """Return the coarsest machine precision among the arguments."""
    return max((float(np.finfo(np.result_type(leaf)).eps) for leaf in flatten(args)[0]), default=2.0**-52)


def directional_derivative(fun: Callable[[float], float], eps: float) -> tuple[float, float]:
    """Return f'(0) and an estimate of its error.

    Ridders' method: central differences with shrinking steps, extrapolated to step zero (C. J. F. Ridders, Advances
    in Engineering Software 4 (1982) 75-76). The estimate is the smallest change between neighbouring extrapolations,
    and what rounding of the function's values, with machine precision `eps`, makes of the difference quotient.
    """
    shrink, step = 1.6, 0.05
    previous: list[float] = []
    best, error = 0.0, float("inf")
    for _ in range(14):
        ahead, behind = fun(step), fun(-step)
        row = [(ahead - behind) / (2 * step)]
        rounding = eps * max(abs(ahead), abs(behind)) / step
        factor = shrink**2
        for known in previous:
            row.append((factor * row[-1] - known) / (factor - 1))
            factor *= shrink**2
            change = max(abs(row[-1] - row[-2]), abs(row[-1] - known)) + rounding
            if change < error:
                best, error = row[-1], change
        previous = row
        step /= shrink
    return best, error


def assert_same_values(expected: Any, found: Any, what: str) -> None:
    """Raise unless two containers hold the same values."""
    for e, f in zip(flatten(expected)[0], flatten(found)[0], strict=True):
        tolerance = 16 * precision(e)  # NumPy's loops may round differently for different layouts in memory
        if not np.allclose(f, e, rtol=tolerance, atol=tolerance * magnitude(e), equal_nan=True):
            raise AssertionError(f"{what} is {f!r}, not {e!r}")


def _type(value: Any) -> tuple[tuple[int, ...], Any]:
    """Return the shape and the type of the entries; a Python float counts as a NumPy one."""
    return vspace(value).shape, np.asarray(unbox(value)).dtype


def assert_like(like: Any, vector: Any, what: str) -> None:
    """Raise unless `vector` has the structure, shapes and types of `like`."""
    leaves, structure = flatten(like)
    found, found_structure = flatten(vector)
    if structure != found_structure:
        raise AssertionError(f"{what} has another structure than the value it belongs to")
    for leaf, part in zip(leaves, found, strict=True):
        if _type(leaf) != _type(part):
            raise AssertionError(f"{what} is an element of {vspace(part)!r}, not of {vspace(leaf)!r}")
