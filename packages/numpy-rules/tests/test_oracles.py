"""The gradients of all functions beside those of JAX and HIPS autograd, for calls that are made up.

Where values agree and gradients do not, finite differences decide who is right.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import pytest
from argument_forms import Call, ObjectsError, Problem, functions, numbers, spread

import autodiff_numpy
from autodiff import make_jvp, make_vjp
from autodiff.errors import AutodiffError

FUNCTIONS = dict(entry for module in (np, np.linalg, np.fft) for entry in functions(module))


class Compared(NamedTuple):
    problem: Problem
    value: list[Any]
    gradient: tuple[Any, ...]


# Ours


def ours(name: str, problem: Problem) -> tuple[Any, tuple[Any, ...], float]:
    """Return the value, the gradient by reverse mode, and the derivative along a direction by forward mode."""
    fun = _function(autodiff_numpy, name)
    argnums = tuple(range(len(problem.which)))
    vjp, value = make_vjp(lambda *xs: problem.loss(np, fun, xs), argnums)(*problem.start)
    _, slope = make_jvp(lambda *xs: problem.loss(np, fun, xs), argnums)(*problem.start)(problem.step())
    return value, vjp(1.0), slope


class _Root(NamedTuple):
    numpy: Any


def _is_refused(error: Exception, call: Call) -> bool:
    """Whether this is a way to say no; NumPy itself does, where it was to make numbers of a list of traced values."""
    return isinstance(error, AutodiffError | ObjectsError) or any(isinstance(arg, list) for arg in call.args)


# Theirs


def of_autograd(name: str) -> Iterator[Compared]:
    autograd = pytest.importorskip("autograd")
    fun = _function(pytest.importorskip("autograd.numpy"), name)
    for call in spread(FUNCTIONS[name], 25):
        for problem in Problem(call).narrowed():
            argnums = tuple(range(len(problem.which)))
            try:
                with warnings.catch_warnings(action="error"):  # "output seems independent of input": it does not know
                    gradient = autograd.grad(lambda *xs, p=problem: p.loss(autograd.numpy, fun, xs), argnums)(
                        *problem.start
                    )
                yield Compared(problem, numbers(problem.value(fun)), gradient)
            except Exception:  # noqa: BLE001  it does not know this call
                continue
            break


def of_jax(name: str) -> Iterator[Compared]:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    fun = _function(jax.numpy, name)

    def differentiated(problem: Problem) -> Callable[..., Any]:
        argnums = tuple(range(len(problem.which)))
        return jax.grad(  # type: ignore[no-any-return]
            lambda *xs: (problem.loss(jax.numpy, fun, xs), numbers(problem.value(fun, xs))), argnums, has_aux=True
        )

    def is_traceable(problem: Problem) -> bool:
        try:
            jax.eval_shape(differentiated(problem), *problem.start)
        except Exception:  # noqa: BLE001  it does not know this call
            return False
        return True

    found = [
        next(filter(is_traceable, Problem(call).narrowed()), None) for call in spread(FUNCTIONS[name], 2)
    ]  # it is slow
    problems = [problem for problem in found if problem is not None]
    # One compilation for all calls, and a quick one, is ten times as fast as to run them one by one.
    run = jax.jit(lambda starts: [differentiated(p)(*start) for p, start in zip(problems, starts, strict=True)])
    starts = [problem.start for problem in problems]
    compiled = run.lower(starts).compile(compiler_options={"xla_backend_optimization_level": 0})
    for problem, (gradient, value) in zip(problems, compiled(starts), strict=True):
        yield Compared(problem, value, gradient)


def _function(library: Any, name: str) -> Callable[..., Any]:
    try:
        return attrgetter(name)(_Root(library))  # type: ignore[no-any-return]
    except AttributeError:
        pytest.skip(f"{library.__name__} has no {name}")


LIBRARIES = {"autograd": of_autograd, "jax": of_jax}


class Row(NamedTuple):
    """Calls for which another library has another gradient, and why; `right` is who is right by finite differences."""

    calls: str  # a regular expression
    reason: str
    right: str = "ours, forward"


# A row that is not needed fails the test. Nothing is accepted where finite differences say that autodiff is wrong.
_INVERSE_COSINE = Row("complex", "the wrong branch of the root, in the left half plane")
_TRANSPOSED = Row("axes=.*-1", "negative axes are not turned round rightly")
_FREEDOM = Row("correction=1|where", "`correction` and `where` are ignored")
_SCALE = Row("norm|n=|shape", "scaled for another `norm`, or for another length")
_NO_SPREAD = Row("number", "not a number where nothing deviates from the mean; 0 by our convention")
_MASK = Row("where", "`where` is ignored")

ACCEPTED: dict[tuple[str, str], Row] = {
    ("autograd", "numpy.acosh"): _INVERSE_COSINE,
    ("autograd", "numpy.kron"): Row("square, block", "three dimensions"),
    ("autograd", "numpy.mean"): _MASK,
    ("autograd", "numpy.permute_dims"): _TRANSPOSED,
    ("autograd", "numpy.prod"): _MASK,
    ("autograd", "numpy.repeat"): Row("axis=-1", "a negative axis"),
    ("autograd", "numpy.std"): _FREEDOM,
    ("autograd", "numpy.sum"): _MASK,
    ("autograd", "numpy.tile"): Row("wide, 2", "fewer numbers than dimensions"),
    ("autograd", "numpy.var"): _FREEDOM,
    ("autograd", "numpy.linalg.cholesky"): Row("square", "half of the gradient for matrices that are not symmetric"),
    ("autograd", "numpy.fft.irfft"): _SCALE,
    ("autograd", "numpy.fft.irfft2"): _SCALE,
    ("autograd", "numpy.fft.irfftn"): _SCALE,
    ("autograd", "numpy.fft.rfft"): _SCALE,
    ("autograd", "numpy.fft.rfft2"): _SCALE,
    ("jax", "numpy.acosh"): _INVERSE_COSINE,
    ("jax", "numpy.nanstd"): _NO_SPREAD,
    ("jax", "numpy.std"): _NO_SPREAD,
}


# Comparison


def disagreements(library: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield the calls for which gradients differ, and who is right by finite differences."""
    compared = False
    for problem, known, theirs in LIBRARIES[library](name):
        if not _close(known, numbers(problem.value(FUNCTIONS[name]))):
            continue  # the function means something else there
        try:
            value, gradient, pushed = ours(name, problem)
        except Exception as error:
            if not _is_refused(error, problem.call):
                raise
            continue
        compared = True
        if not np.isclose(value, problem.loss(np, FUNCTIONS[name], problem.start)):
            yield problem.call.text, "theirs, and the value"
            continue
        if _close(theirs, gradient) and np.isclose(pushed, problem.along(gradient), rtol=1e-7, atol=1e-8):
            continue
        said = {"ours": problem.along(gradient), "forward": pushed, "theirs": problem.along(theirs)}
        slope = problem.slope(FUNCTIONS[name])
        right = [who for who, found in said.items() if np.isclose(found, slope, rtol=1e-5, atol=1e-6)]
        yield problem.call.text, ", ".join(right) or "nobody"
    if not compared:
        pytest.skip(f"no call that {library} and autodiff know, and mean the same by")


def _close(found: Any, expected: Any) -> bool:
    pairs = list(zip(found, expected, strict=False))
    return len(found) == len(expected) and all(
        np.shape(a) == np.shape(b) and np.allclose(np.asarray(a), b, rtol=1e-7, atol=1e-8) for a, b in pairs
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_gradients_agree(library: str, name: str) -> None:
    found = dict(disagreements(library, name))
    row = ACCEPTED.get((library, name))
    if row is not None:
        assert found, f"{library} and autodiff agree on {name}: its row is not needed"
        found = {call: right for call, right in found.items() if not re.search(row.calls, call) or right != row.right}
    assert found == {}
