"""Rules that write where they must not, hand out what is not theirs, depend on chance, or are not linear."""

import numpy as np

from autodiff.extend import Box, defvjp, linear
from wrong_rules import A, Row, V, form, new, row, vjp

_RNG = np.random.default_rng(1)


def _scaled_in_place(g):
    g *= 2.0
    return g.copy()


def _write_into_cotangent():
    def pull(g):
        result = 2.0 * g
        g[...] = 0.0
        return result

    return vjp(lambda x: 2.0 * x, lambda y, x: pull)()


def _write_into_argument():
    def maker(y, x):
        def pull(g):
            result = g * np.cos(x)
            x[0] += 1e-3
            return result

        return pull

    return vjp(np.sin, lambda y, x: maker(y, x))()


def _write_into_residual():
    def maker(y, x):
        kept = np.cos(x)

        def pull(g):
            kept[...] *= g
            return kept.copy()

        return pull

    return vjp(np.sin, lambda y, x: maker(y, x))()


def _function_writes():
    def fun(x):
        x[0] = 1.0
        return 2.0 * x

    return vjp(fun, lambda y, x: lambda g: 2.0 * g)()


def _counting():
    calls = []
    made = new(np.sin)
    defvjp(made, lambda y, x: lambda g: calls.append(0) or g * np.cos(x) * (1 + 1e-4 * len(calls)))
    return made


def _drifting():
    calls = []
    made = new(lambda x: calls.append(0) or x + 1e-4 * len(calls))
    defvjp(made, lambda y, x: lambda g: g)
    return made


ROWS: tuple[Row, ...] = (
    row("a view", form(linear, np.flip, lambda g, x: g[::-1], fresh=True), V, words=("copy", "fresh")),
    row(
        "the cotangent itself", form(linear, lambda x: 1.0 * x, lambda g, x: g, fresh=True), V, words=("copy", "fresh")
    ),
    row("the cotangent overwritten", _write_into_cotangent, V, modes=("rev",), words=("cotangent", "in place")),
    row(
        "the cotangent scaled in place",
        vjp(lambda x: 2.0 * x, lambda y, x: _scaled_in_place),
        V,
        modes=("rev",),
        words=("cotangent", "in place"),
    ),
    row("an argument overwritten by the rule", _write_into_argument, V, words=("argument", "in place")),
    row("an argument overwritten by the function", _function_writes, V, words=("function", "in place")),
    row("a residual overwritten", _write_into_residual, V, modes=("rev",), words=("keeps", "in place")),
    row(
        "a rule that draws",
        vjp(np.sin, lambda y, x: lambda g: g * np.cos(x) * (1 + 0.1 * _RNG.normal())),
        V,
        words="random numbers or changes its own state",
    ),
    row("a rule that counts", _counting, V, words="its own state"),
    row(
        "a function that draws",
        vjp(lambda x: x + _RNG.normal(), lambda y, x: lambda g: g),
        V,
        words=("function", "random"),
    ),
    row("a function that counts", _drifting, V, words=("function", "its own state")),
    row(
        "zero at small scale",
        vjp(np.sin, lambda y, x: lambda g: np.where(abs(g) < 1e-6, 0.0, g) * np.cos(x)),
        V,
        words=("small", "zero"),
    ),
    row("a threshold", vjp(np.sin, lambda y, x: lambda g: np.clip(g, -0.3, 0.3) * np.cos(x)), V, words=("cut off",)),
    row("quadratic", vjp(np.sin, lambda y, x: lambda g: g * g * np.cos(x)), V, words=("square",)),
    row("magnitudes", vjp(np.sin, lambda y, x: lambda g: abs(g) * np.cos(x)), V, words=("magnitude",)),
    row(
        "a term of its own",
        vjp(np.sin, lambda y, x: lambda g: g * np.cos(x) + 0.01),
        V,
        words=("constant", "along zero"),
    ),
    row(
        "rounded to single precision",
        vjp(np.sin, lambda y, x: lambda g: g.astype(np.float32).astype(float) * np.cos(x)),
        V,
        words=("single precision",),
    ),
    row(
        "rounded to half precision",
        vjp(np.sin, lambda y, x: lambda g: (g * np.cos(x)).astype(np.float16).astype(float)),
        A,
        words="half precision",
    ),
    row(
        "another value when traced",
        lambda: lambda x: 2.0 * x if isinstance(x, Box) else 3.0 * x,
        V,
        words=("value", "traced"),
    ),
)
