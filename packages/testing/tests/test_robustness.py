"""Right derivatives are never flagged: at any scale, in any type, near kinks and in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff.extend import defvjp, primitive
from autodiff_testing import CheckError, check_grads

SEEDS = range(4)

pytestmark = pytest.mark.once


def spread(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw numbers of either sign from 1e-8 to 1e8."""
    return np.asarray(10.0 ** rng.uniform(-8, 8, shape) * rng.choice([-1, 1], shape))


def positive(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Draw positive numbers from 1e-8 to 1e8."""
    return np.abs(spread(rng, *shape))


# Functions that are smooth for all positive numbers, with one argument.
SMOOTH: dict[str, Callable[[Any], Any]] = {
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "square": np.square,
    "cube": lambda x: x**3,
    "power": lambda x: x**1.7,
    "negative power": lambda x: x**-0.5,
    "reciprocal": np.reciprocal,
    "exponential": lambda x: np.exp(-x),
    "tanh": np.tanh,
    "arctan": np.arctan,
    "norm": np.linalg.norm,
    "sum": np.sum,
    "mean": np.mean,
    "variance": np.var,
    "deviation": np.std,
    "cumsum": np.cumsum,
    "product": np.prod,
    "logsumexp": lambda x: np.log(np.sum(np.exp(x - np.max(x)))),
    "ratio": lambda x: x / (1.0 + x),
    "difference": lambda x: x[1:] - x[:-1],
    "reversed": lambda x: x[::-1],
    "outer": lambda x: np.outer(x, 1 / x),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [1e-8, 1e-4, 1.0, 1e4, 1e8])
@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # overflow and underflow
def test_one_scale(name: str, scale: float, seed: int) -> None:
    x = scale * np.random.default_rng(seed).uniform(0.5, 2.0, 4)
    if name == "logsumexp" and scale > 1:
        x = x / scale * 10
    check_grads(SMOOTH[name], seed=seed)(x)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sorted(set(SMOOTH) - {"logsumexp", "product"}))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_many_scales_in_one_array(name: str, seed: int) -> None:
    check_grads(SMOOTH[name], order=1, seed=seed)(positive(np.random.default_rng(seed), 5))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize(
    "function", [np.add, np.multiply, np.divide, np.hypot, np.arctan2, lambda a, b: np.log(a) * b, lambda a, b: a @ b]
)
def test_two_arguments_of_different_scales(function: Callable[..., Any], scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_grads(function, seed=seed)(scale * rng.uniform(0.5, 2.0, 3), rng.uniform(0.5, 2.0, 3) / scale)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", sorted(set(SMOOTH) - {"product"}))
def test_single_precision(name: str, seed: int) -> None:
    x = np.random.default_rng(seed).uniform(0.5, 2.0, 5).astype(np.float32)
    check_grads(SMOOTH[name], order=2, seed=seed)(x)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "function",
    [
        np.exp, np.sin, np.square, np.conj, np.real, np.imag, np.abs, np.angle, np.sqrt, np.log, np.fft.fft, np.sum,
        lambda z: z * np.conj(z), lambda z: 1 / z, lambda z: z @ z, lambda z: np.abs(z) ** 2 + 1j * z,
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [np.complex128, np.complex64])
def test_complex_numbers(function: Callable[..., Any], kind: type, seed: int) -> None:
    rng = np.random.default_rng(seed)
    z = rng.uniform(0.5, 2.0, 4) * np.exp(1j * rng.uniform(0.2, 1.3, 4))
    check_grads(function, order=2 if kind is np.complex128 else 1, seed=seed)(z.astype(kind))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("function", "shift"),
    [
        (np.abs, 0.0), (lambda x: np.maximum(x, 0.0), 0.0), (np.sort, 0.0), (np.max, 0.0), (np.median, 0.0),
        (lambda x: np.clip(x, -1.0, 1.0), 0.0), (np.sign, 0.0), (np.floor, 0.25), (lambda x: x % 1.0, 0.25),
        (lambda x: np.where(x > 0, x, x**2), 0.0), (lambda x: np.partition(x, 2), 0.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("gap", [1e-3, 1e-2, 0.1])
def test_kinks_elsewhere(function: Callable[..., Any], shift: float, gap: float, seed: int) -> None:
    """The point is close to a kink, at 0 or at ±1, or between entries, but not in it."""
    rng = np.random.default_rng(seed)
    x = rng.permutation(np.array([-1.5, -1.0 - gap, -gap, gap, 0.3, 0.3 + gap, 1.0 - gap, 2.2])) + shift
    check_grads(function, seed=seed)(x)


def with_slope(function: Callable[..., Any], slope: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return a function with a derivative of its own choice at its kinks."""
    made = primitive(lambda x: function(x))
    defvjp(made, lambda y, x: lambda g: g * slope(x))
    return made


@pytest.mark.parametrize("choice", [-1.0, -0.5, 0.0, 0.3, 1.0])
def test_any_value_between_the_slopes_is_right_at_a_kink(choice: float) -> None:
    own = with_slope(np.abs, lambda x: np.where(x == 0, choice, np.sign(x)))
    for seed in SEEDS:
        check_grads(own, seed=seed)(np.array([0.0, 1.3, 0.0, -0.4]))
    check_grads(own)(0.0)


@pytest.mark.parametrize("choice", [-1.2, 1.001, 5.0])
def test_other_values_are_wrong_at_a_kink(choice: float) -> None:
    own = with_slope(np.abs, lambda x: np.where(x == 0, choice, np.sign(x)))
    with pytest.raises(CheckError) as info:
        check_grads(own)(np.array([0.0, 1.3, -0.4]))
    assert "kink" in info.value.diagnosis


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (np.maximum, (np.array([1.0, 2.0]), np.array([1.0, 0.5]))),
        (np.max, (np.array([2.0, 1.0, 2.0]),)),
        (lambda x: np.clip(x, 0.0, 1.0), (np.array([0.0, 1.0, 0.5]),)),
        (np.linalg.norm, (np.zeros(3),)),
        (np.sort, (np.array([2.0, 1.0, 2.0]),)),
        (np.abs, (np.array([0j, 1 + 1j]),)),
    ],
)
def test_ties_and_kinks(function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    for seed in SEEDS:
        check_grads(function, seed=seed)(*args)


class Pair(NamedTuple):
    a: Any
    b: Any


X = np.array([0.7, -1.3, 2.1])

OTHER: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "constant": (lambda x: np.ones(3), (X,)),
    "constant number": (lambda x: 3.0, (X,)),
    "partly constant": (lambda x: (np.sin(x), np.zeros(2), 3.0), (X,)),
    "integers beside": (lambda x: (np.sin(x), np.argmax(x), 7), (X,)),
    "a mask beside": (lambda x: (np.sin(x), x > 0), (X,)),
    "nothing beside": (lambda x: (np.sin(x), None), (X,)),
    "empty": (np.sin, (np.zeros((0, 3)),)),
    "sum of nothing": (np.sum, (np.zeros((0, 3)),)),
    "empty beside": (lambda x, y: np.concatenate([x, y]), (X, np.zeros(0))),
    "no axes": (np.sin, (np.array(0.7),)),
    "NumPy number": (np.sin, (np.float64(0.7),)),
    "single precision number": (np.sin, (np.float32(0.7),)),
    "Python numbers": (lambda x, y: x**2 * y, (3.0, -2.0)),
    "Python complex": (lambda z: z * z, (1.0 + 2.0j,)),
    "mixed": (lambda x, y, z: x * y + z, (2.0, X, X.astype(np.float32))),
    "real and complex": (lambda x, z: x * z, (X, X + 1j)),
    "single and double": (lambda x, y: np.sin(x) * y, (X.astype(np.float32), X)),
    "dict": (lambda p: p["w"] @ p["x"], ({"w": np.outer(X, X + 1), "x": X},)),
    "named tuple": (lambda p: Pair(p.a * p.b, np.sum(p.a)), (Pair(X, 2.0),)),
    "nested": (lambda p: [p[0]["a"] * 2, (p[1],)], ([{"a": X}, 3.0],)),
    "a leaf of each scale": (lambda p: (p["a"] ** 2, p["b"] ** 2), ({"a": 1e-8 * X, "b": 1e8 * X},)),
    "large offset": (lambda x: 1e8 + np.sin(x), (X,)),
    "larger offset": (lambda x: 1e6 * (1 + 1e-6 * x**2), (X,)),
    "cancelling": (lambda x: (x + 1e6) - 1e6, (X,)),
    "exactly cancelling": (lambda x: np.sin(x) - np.sin(x), (X,)),
    "nearly cancelling": (lambda x: np.sqrt(x * x + 1) ** 2 - x * x, (X,)),
    "zeros": (lambda x: x**2, (np.zeros(3),)),
    "a zero of a product": (np.prod, (np.array([0.0, 2.0, 3.0]),)),
    "infinite elsewhere": (np.log, (np.array([0.0, 1.0]),)),
    "linear": (lambda x: np.cumsum(x)[::2], (X,)),
    "iterative": (lambda x: np.linalg.solve(np.eye(3) + np.outer(x, x), x), (X,)),
    "one by one": (lambda a: np.linalg.cholesky(a @ a.T), (np.array([[3.25]]),)),
    "oscillating": (lambda x: np.sin(100 * x), (X,)),
    "a jump of the second derivative": (lambda x: x * np.abs(x), (np.array([0.0, 1.2]),)),
    "tiny": (np.sin, (5e-324,)),
    "very large": (lambda x: 2.0 * x, (1e200,)),
    "single precision inside": (lambda x: np.sum(x.astype(np.float32)), (X,)),
    "steep": (lambda x: np.tanh(1e3 * (x - 0.7)), (X,)),
    "not contiguous": (lambda x: np.sin(x), (np.arange(1.0, 13.0).reshape(3, 4)[:, ::2].T,)),
    "large": (lambda x: np.tanh(x) / 2, (np.linspace(-3, 3, 5000).reshape(50, 100),)),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OTHER)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_right_functions_pass(name: str, seed: int) -> None:
    function, args = OTHER[name]
    order = 2
    check_grads(function, order=order, seed=seed)(*args)


@pytest.mark.parametrize("name", ["dict", "mixed", "real and complex", "Python numbers", "iterative", "nested"])
def test_right_functions_pass_entry_by_entry(name: str) -> None:
    function, args = OTHER[name]
    check_grads(function, full=True)(*args)


def test_an_error_in_one_entry_of_many_scales_is_found() -> None:
    """Whatever is tolerated above, 1e-5 in one entry is not."""
    for scale in (1e-8, 1.0, 1e8):
        for place in range(6):
            error = np.zeros(6)
            error[place] = 1e-5
            own = with_slope(np.square, lambda x, error=error: 2 * x * (1 + error))
            for seed in SEEDS:
                for modes in (("fwd",), ("rev",)):
                    with pytest.raises(CheckError):
                        check_grads(own, modes, 1, seed=seed)(scale * np.linspace(1, 2, 6))


# Compositions of these, at random points; without those that amplify rounding.
STEPS: tuple[Callable[[Any], Any], ...] = (
    np.sin, np.tanh, np.square, np.abs, np.arctan, np.cumsum, np.sort, np.negative, np.exp, np.log1p, np.cbrt,
    lambda x: x**3, lambda x: np.maximum(x, 0.1), lambda x: np.clip(x, -1, 1), lambda x: x[::-1], lambda x: x + 10.0,
    lambda x: x / (1 + x @ x), lambda x: np.outer(x, x) @ x, lambda x: x[np.array([0, 2, 2])], lambda x: 1e5 * x,
    lambda x: np.sqrt(1 + x * x), lambda x: np.real(np.fft.ifft(np.fft.fft(x) * np.array([1, 2, 3]))),
    lambda x: x - x[:1] / 2,
    lambda x: np.linalg.solve(np.eye(3) + np.outer(x, x) / (1 + x @ x), x), lambda x: np.where(x > 0.3, x, 0.0),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_compositions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for kind in (float, float, np.float32):
        chosen = [STEPS[i] for i in rng.integers(len(STEPS), size=rng.integers(1, 4))]
        x = (10.0 ** rng.integers(-2, 2) * rng.uniform(0.3, 0.9, 3)).astype(kind)

        def composed(x: Any, chosen: list[Callable[[Any], Any]] = chosen) -> Any:
            for step in chosen:
                x = step(x)
            return x

        value = composed(x)
        if np.all(np.isfinite(value)) and np.max(np.abs(value)) < 1e10:
            check_grads(composed, order=2 if kind is float else 1, seed=seed)(x)


# What cannot be decided -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "word"),
    [
        (np.sqrt, 0.0, "end of the function's domain"),
        (np.arccos, 1.0, "end of the function's domain"),
        (lambda x: np.abs(x) ** 0.3, 0.0, "power 0.3"),
        (np.cbrt, 0.0, "power 0.33"),
        (np.floor, 1.0, "jumps"),
        (np.sign, 0.0, "jumps"),
        (np.sin, 1e20, "varies too quickly"),
    ],
)
def test_singular_points_are_named(function: Callable[..., Any], x: float, word: str) -> None:
    """They are named also where warnings of the rules are errors."""
    for arg in (x, np.array([x, 0.5])):
        for seed in SEEDS:
            with pytest.raises(CheckError, match="finite differences cannot decide") as info:
                check_grads(function, seed=seed)(arg)
            assert word in info.value.diagnosis
            assert "rules that were applied" not in str(info.value)


@pytest.mark.parametrize("kind", ["single", "half"])
def test_rounding_inside_is_named(kind: str) -> None:
    narrow = {"single": np.float32, "half": np.float16}[kind]
    for function in (
        lambda x: np.sin(x.astype(narrow)).astype(float),
        lambda x: np.sin(x).astype(narrow).astype(float),
    ):
        with pytest.raises(CheckError) as info:
            check_grads(function)(X)
        assert f"rounds to {kind} precision" in info.value.diagnosis


def test_noise_is_named() -> None:
    def noisy(x: Any) -> Any:
        return np.sin(x) + 1e-3 * np.sin(1e12 * x)

    with pytest.raises(CheckError) as info:
        check_grads(noisy)(X)
    assert "noise" in info.value.diagnosis


@pytest.mark.parametrize("x", [np.array([np.nan, 1.0]), np.array([np.inf]), float("nan")])
def test_arguments_are_finite(x: Any) -> None:
    with pytest.raises(CheckError) as info:
        check_grads(lambda x: x * 2.0)(x)
    assert "finite" in info.value.diagnosis


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_are_finite() -> None:
    with pytest.raises(CheckError, match="finite"):
        check_grads(np.log)(np.array([-1.0, -2.0]))
