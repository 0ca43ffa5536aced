"""Bad use of the checks is a clear error, which is not that of a wrong derivative."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff.errors import AutodiffError, IntegerInputError
from autodiff_testing import CheckError, check_grads, check_jvp, check_vjp, combo_check

X = np.array([0.7, -1.3, 2.1])


@pytest.mark.parametrize(
    "modes", ["fwd", "rev", "forward", "", (), [], ("fwd", "both"), ("forward",), None, 3, (1,), [["fwd"]]]
)
def test_modes_are_a_sequence_of_known_ones(modes: Any) -> None:
    with pytest.raises(ValueError, match="modes are a sequence of"):
        check_grads(np.sin, modes)


@pytest.mark.parametrize("order", [0, -1, 2.0, "2", None, True, (1,)])
def test_orders_are_positive_integers(order: Any) -> None:
    with pytest.raises(ValueError, match="order must be"):
        check_grads(np.sin, order=order)


@pytest.mark.parametrize("rtol", [-1e-3, float("nan"), "small", None])
def test_tolerances_are_numbers(rtol: Any) -> None:
    with pytest.raises(ValueError, match="rtol must be"):
        check_grads(np.sin, rtol=rtol)


@pytest.mark.parametrize("seed", [None, 1.5, "0", True])
def test_seeds_are_integers(seed: Any) -> None:
    with pytest.raises(ValueError, match="seed must be an int"):
        check_grads(np.sin, seed=seed)


@pytest.mark.parametrize("fun", [3.0, None, np.ones(3), "sin"])
def test_what_is_checked_is_a_function(fun: Any) -> None:
    for check in (check_grads, combo_check, check_vjp, check_jvp):
        with pytest.raises(ValueError, match="takes a function"):
            check(fun)


def test_arguments_are_needed() -> None:
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_grads(lambda: 1.0)()
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_grads(lambda x=1.0: x)(x=2.0)
    with pytest.raises(ValueError, match="nothing to differentiate"):
        check_grads(lambda p: 1.0)({})


@pytest.mark.parametrize("arg", [3, np.arange(3), [1, 2], True])
def test_integers_are_refused_by_name(arg: Any) -> None:
    with pytest.raises(IntegerInputError, match="real or complex numbers"):
        check_grads(lambda x: np.sum(np.asarray(x) * 1.0) if not isinstance(x, list) else x[0] * 1.0)(arg)


@pytest.mark.parametrize("arg", ["text", object(), np.int8(1), lambda x: x])
def test_other_arguments_are_refused(arg: Any) -> None:
    with pytest.raises(AutodiffError) as info:
        check_grads(lambda x: 1.0)(arg)
    assert not isinstance(info.value, CheckError)


@pytest.mark.parametrize("result", [None, (), {}, [None]])
def test_a_function_returns_something(result: Any) -> None:
    with pytest.raises(AutodiffError, match="returned nothing"):
        check_grads(lambda x: result)(X)


@pytest.mark.parametrize("result", ["text", object()])
def test_a_function_returns_numbers(result: Any) -> None:
    with pytest.raises(AutodiffError, match="return"):
        check_grads(lambda x: result)(X)


def test_what_the_function_raises_is_passed_on() -> None:
    def broken(x: Any) -> Any:
        raise KeyError("no such thing")

    with pytest.raises(KeyError, match="no such thing"):
        check_grads(broken)(X)
