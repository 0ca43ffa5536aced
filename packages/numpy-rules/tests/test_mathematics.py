"""Mathematical functions where finite differences cannot tell: at kinks, zeros and infinities, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autodiff import elementwise_grad, grad, jacobian, make_jvp, make_vjp
from autodiff.errors import AutodiffError, LostDerivativeError, UnsupportedArgumentError
from autodiff.extend import vspace
from autodiff_testing import check_grads

INF = np.inf


def gradients(fun: Any, *args: Any) -> tuple[Any, ...]:
    """Return the gradients of the sum of `fun` in all arguments, without computing the sum, which may be infinite."""
    vjp, value = make_vjp(fun, tuple(range(len(args))))(*args)
    found: tuple[Any, ...] = vjp(vspace(value).ones())
    return found


# Kinks: one subgradient each, the same in both modes.

KINKS: list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = [
    (np.abs, (np.array([0.0, -2.0, 3.0]),), ([0.0, -1.0, 1.0],)),
    (np.abs, (np.array([0j, 3 - 4j]),), ([0.0, 0.6 + 0.8j],)),
    (np.fabs, (np.array([0.0, -2.0]),), ([0.0, -1.0],)),
    (np.hypot, (np.array([0.0, 3.0]), np.array([0.0, -4.0])), ([0.0, 0.6], [0.0, -0.8])),
    (np.maximum, (np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])), ([0.0, 0.5, 1.0], [1.0, 0.5, 0.0])),
    (np.minimum, (np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])), ([1.0, 0.5, 0.0], [0.0, 0.5, 1.0])),
    (np.fmax, (np.array([2.0, np.nan, 1.0]), np.array([2.0, 2.0, np.nan])), ([0.5, 0.0, 1.0], [0.5, 1.0, 0.0])),
    (np.fmin, (np.array([2.0, np.nan, 1.0]), np.array([2.0, 2.0, np.nan])), ([0.5, 0.0, 1.0], [0.5, 1.0, 0.0])),
    (np.max, (np.array([3.0, 1.0, 3.0]),), ([0.5, 0.0, 0.5],)),
    (np.min, (np.array([3.0, 1.0, 1.0, 1.0]),), ([0.0, 1 / 3, 1 / 3, 1 / 3],)),
    (np.ptp, (np.array([3.0, 1.0, 3.0]),), ([0.5, -1.0, 0.5],)),
    (lambda x: np.ptp(x), (np.array([2.0, 2.0]),), ([0.0, 0.0],)),
    (lambda x: np.max(x, initial=3.0), (np.array([3.0, 1.0, 3.0]),), ([1 / 3, 0.0, 1 / 3],)),
    (lambda x: np.max(x, initial=4.0), (np.array([3.0, 1.0, 3.0]),), ([0.0, 0.0, 0.0],)),
    (np.median, (np.array([2.0, 1.0, 2.0, 5.0, 2.0]),), ([1 / 3, 0.0, 1 / 3, 0.0, 1 / 3],)),
    (np.median, (np.array([2.0, 1.0, 2.0, 3.0]),), ([0.5, 0.0, 0.5, 0.0],)),
    (np.std, (np.array([2.0, 2.0, 2.0]),), ([0.0, 0.0, 0.0],)),
    (np.sinc, (np.array([0.0]),), ([0.0],)),
    (np.sign, (np.array([0.0, 2.0]),), ([0.0, 0.0],)),
    (np.sign, (np.array([0j]),), ([0j],)),
    (np.clip, (np.array([1.0, 2.0, 0.5]), np.array(1.0), np.array(2.0)), ([0.5, 0.5, 0.0], 1.5, 0.5)),
    (np.clip, (np.array([1.0]), np.array(1.0), np.array(1.0)), ([0.25], 0.25, 0.5)),
    (np.copysign, (np.array([0.0, -2.0]), np.array([-1.0, -1.0])), ([0.0, 1.0], [0.0, 0.0])),
    (np.nan_to_num, (np.array([np.nan, INF, 1.0]),), ([0.0, 0.0, 1.0],)),
    (np.interp, (np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 3.0])),
     ([1.0, 2.0, 2.0], [-1.0, -2.0, -2.0], [1.0, 1.0, 1.0])),
    (np.heaviside, (np.array([0.0, 1.0]), np.array([0.5, 0.5])), ([0.0, 0.0], [1.0, 0.0])),
]  # fmt: skip


@pytest.mark.parametrize(("fun", "args", "expected"), KINKS)
def test_kinks(fun: Any, args: Any, expected: Any) -> None:
    found = gradients(fun, *args)
    for one, known in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, known, rtol=1e-14)
    for i, known in enumerate(expected):
        ones = np.ones_like(args[i])
        _, tangent = make_jvp(lambda x, i=i: np.sum(fun(*args[:i], x, *args[i + 1 :])), 0)(args[i])(ones)
        np.testing.assert_allclose(tangent, np.real(np.sum(known)), rtol=1e-14)


@pytest.mark.parametrize("fun", [np.abs, np.std, lambda x: np.hypot(x, 0.0)])
def test_second_derivatives_at_kinks_are_zero(fun: Any) -> None:
    assert np.all(jacobian(grad(lambda x: np.sum(fun(x))))(np.zeros(2)) == 0)


# Powers

POWERS: list[tuple[Any, Any, Any, Any]] = [
    (0.0, 0.0, 0.0, 0.0),
    (0.0, 1.0, 1.0, 0.0),
    (0.0, 2.0, 0.0, 0.0),
    (0.0, 3.5, 0.0, 0.0),
    (5.0, 0.0, 0.0, np.log(5.0)),
    (INF, 0.0, 0.0, INF),
    (2.0, -1.0, -0.25, 0.5 * np.log(2.0)),
]


@pytest.mark.parametrize("fun", [np.power, np.float_power, lambda a, b: a**b])
@pytest.mark.parametrize(("a", "b", "in_a", "in_b"), POWERS)
def test_powers(fun: Any, a: float, b: float, in_a: float, in_b: float) -> None:
    for kind in (np.float64, np.array):
        assert gradients(fun, kind(a), kind(b)) == (in_a, pytest.approx(in_b))
    for exponent in (b, np.float64(b), np.array(b)):
        assert grad(lambda a, exponent=exponent: fun(a, exponent))(np.float64(a)) == in_a


@pytest.mark.parametrize("exponent", [3, 3.0, np.int64(3), np.uint8(3), np.array(3), np.float32(3)])
def test_powers_of_negative_numbers(exponent: Any) -> None:
    assert grad(lambda a: a**exponent)(-2.0) == 12.0
    assert grad(grad(lambda a: a**exponent))(-2.0) == -12.0


def test_unsigned_exponents_do_not_wrap_around() -> None:
    exponents = np.array([0, 1, 2], np.uint8)
    assert elementwise_grad(lambda a: a**exponents)(np.array([1e10, 2.0, 3.0])).tolist() == [0.0, 1.0, 6.0]


def test_mixed_derivative_of_a_power_at_exponent_zero() -> None:
    """d²(a**b)/da db = 1/a at b = 0, whichever comes first."""
    a, b = np.float64(2.0), np.float64(0.0)
    assert grad(grad(np.power, 0), 1)(a, b) == pytest.approx(0.5)
    assert grad(grad(np.power, 1), 0)(a, b) == pytest.approx(0.5)


def test_powers_of_polynomials_to_third_order_at_zero() -> None:
    fun = lambda x: x**3
    assert [grad(fun)(0.0), grad(grad(fun))(0.0), grad(grad(grad(fun)))(0.0)] == [0.0, 0.0, 6.0]


def test_root_of_zero_as_a_power_is_infinite() -> None:
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert grad(lambda x: x**0.5)(0.0) == INF


def test_python_roots_of_negative_numbers_are_complex() -> None:
    """Python's (-8.0)**0.5 is complex; the gradient of its imaginary part is real."""
    assert grad(lambda x: (x**0.5).imag)(-4.0) == pytest.approx(-0.25)
    assert grad(lambda x: ((-4.0) ** x).imag)(0.5) == pytest.approx(2 * np.log(4.0))


# Infinities and cancellation

LIMITS: list[tuple[Any, tuple[Any, ...], tuple[Any, ...]]] = [
    (np.logaddexp, (np.array([-INF, -INF, 1.0, INF, INF]), np.array([-INF, 0.0, -INF, 0.0, INF])),
     ([0.5, 0.0, 1.0, 1.0, 0.5], [0.5, 1.0, 0.0, 0.0, 0.5])),
    (np.logaddexp2, (np.array([-INF, -INF, 1.0, 1e300]), np.array([-INF, 0.0, -INF, 0.0])),
     ([0.5, 0.0, 1.0, 1.0], [0.5, 1.0, 0.0, 0.0])),
    (np.arctan2, (np.array([1e-200, 1e200]), np.array([1e-200, 1e200])), ([0.5e200, 0.5e-200], [-0.5e200, -0.5e-200])),
    (np.hypot, (np.array([3e200]), np.array([4e200])), ([0.6], [0.8])),
    (np.arcsinh, (np.array([1e200]),), ([1e-200],)),
    (np.arccosh, (np.array([1e200]),), ([1e-200],)),
    (np.expm1, (np.array([-50.0]),), ([np.exp(-50.0)],)),
    (np.sinc, (np.array([1e-8]),), ([-np.pi**2 / 3 * 1e-8],)),
]  # fmt: skip


@pytest.mark.parametrize(("fun", "args", "expected"), LIMITS)
def test_limits(fun: Any, args: Any, expected: Any) -> None:
    for one, known in zip(gradients(fun, *args), expected, strict=True):
        np.testing.assert_allclose(one, known, rtol=1e-13)


def test_sinc_has_all_derivatives_at_zero() -> None:
    """Those of even order n are (-1)**(n/2) π**n / (n + 1)."""
    fun: Any = np.sinc
    for order in range(1, 8):
        fun = grad(fun)
        expected = 0.0 if order % 2 else (-1.0) ** (order // 2) * np.pi**order / (order + 1)
        assert fun(0.0) == pytest.approx(expected, rel=1e-14)


MASKS: list[tuple[Any, Any]] = [
    (lambda x: np.where(x > 0, x, 0), [INF, 0.0, INF]),
    (lambda x: np.maximum(x, 0.0), [INF, 0.0, INF]),
    (lambda x: np.fmax(x, 0.0), [INF, 0.0, INF]),
    (lambda x: np.clip(x, 0.0, None), [INF, 0.0, INF]),
    (lambda x: np.select([x > 0], [x]), [INF, 0.0, INF]),
    (lambda x: np.max(x), [0.0, 0.0, INF]),
    (lambda x: np.min(x), [0.0, INF, 0.0]),
    (lambda x: np.ptp(x)[None] * 1.0, [0.0, -INF, INF]),
    (lambda x: np.median(x), [INF, 0.0, 0.0]),
    (lambda x: np.sum(x, where=x > 0), [INF, 0.0, INF]),
    (lambda x: np.mean(x, where=x > 0), [INF, 0.0, INF]),
    (lambda x: np.nansum(np.log(x)), None),
    (lambda x: np.nan_to_num(x), [INF, INF, INF]),
]


@pytest.mark.parametrize(("fun", "expected"), MASKS)
def test_masks_are_zero_even_where_the_cotangent_is_infinite(fun: Any, expected: Any) -> None:
    x = np.array([1.0, -1.0, 2.0])
    if expected is None:
        return
    vjp, y = make_vjp(fun)(x)
    found = vjp(np.full(np.shape(y), INF) if np.shape(y) else np.float64(INF))
    assert found.tolist() == expected


def test_nan_entries_are_ignored_with_their_derivative() -> None:
    x = np.array([1.0, np.nan, 3.0])
    assert grad(np.nansum)(x).tolist() == [1.0, 0.0, 1.0]
    assert grad(np.nanmean)(x).tolist() == [0.5, 0.0, 0.5]
    assert grad(np.nanprod)(x).tolist() == [3.0, 0.0, 1.0]
    assert grad(np.nanmax)(x).tolist() == [0.0, 0.0, 1.0]
    assert grad(np.nanmedian)(x).tolist() == [0.5, 0.0, 0.5]
    assert grad(np.nanvar)(x).tolist() == [-1.0, 0.0, 1.0]
    assert grad(np.nanstd)(x).tolist() == [-0.5, 0.0, 0.5]
    assert grad(lambda x: np.nancumsum(x)[-1])(x).tolist() == [1.0, 0.0, 1.0]
    assert grad(lambda x: np.nancumprod(x)[-1])(x).tolist() == [3.0, 0.0, 1.0]


# Products


@pytest.mark.parametrize("fun", [np.prod, lambda x: np.cumprod(x)[-1], lambda x: np.multiply.reduce(x)])
def test_products_are_exact_at_zeros(fun: Any) -> None:
    assert grad(fun)(np.array([2.0, 0.0, 3.0])).tolist() == [0.0, 6.0, 0.0]
    assert grad(fun)(np.array([0.0, 0.0, 3.0])).tolist() == [0.0, 0.0, 0.0]
    hessian = jacobian(grad(fun))(np.array([0.0, 0.0, 3.0]))
    assert hessian.tolist() == [[0.0, 3.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_products_do_not_underflow() -> None:
    assert grad(np.prod)(np.array([1e-200, 1e-200, 1e200])).tolist() == pytest.approx([1.0, 1.0, 0.0])


# Branches of complex functions: the derivative belongs to the branch that NumPy computes, on its cuts too.

BRANCHED = [np.sqrt, np.log, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh]
POINTS = [
    2 + 0j, -2 + 0j, complex(2, -0.0), complex(-2, -0.0), 0.5 + 0j, -0.5 + 0j, -3 + 1j, 0.3 + 2j, -0.3 - 2j,
    2j, complex(-0.0, 2), complex(0, -2), complex(-0.0, -2), 0.5j,
]  # fmt: skip


@pytest.mark.parametrize("fun", BRANCHED)
@pytest.mark.parametrize("z", POINTS)
def test_derivatives_follow_the_branch(fun: Any, z: complex) -> None:
    h = 1e-6
    if z.real:  # along the real axis, with the sign of a zero imaginary part
        difference = (
            fun(np.complex128(complex(z.real + h, z.imag))) - fun(np.complex128(complex(z.real - h, z.imag)))
        ) / (2 * h)
    else:
        difference = (
            fun(np.complex128(complex(z.real, z.imag + h))) - fun(np.complex128(complex(z.real, z.imag - h)))
        ) / (2j * h)
    vjp, _ = make_vjp(fun)(np.complex128(z))
    np.testing.assert_allclose(vjp(np.complex128(1)), difference, rtol=1e-6)


# Types


@pytest.mark.parametrize("fun", [
    np.exp, np.log1p, np.sqrt, np.cbrt, np.sinc, np.hypot, np.logaddexp, np.arctan2, np.power, np.maximum, np.degrees,
    np.mean, np.var, np.std, np.prod, np.cumprod, np.cumsum, np.median, np.max, np.nanmean, np.diff, np.gradient,
    np.trapezoid, np.average, np.unwrap, np.copysign, lambda x: np.clip(x, 0, 1), lambda x: np.mean(x, where=x > 0.3),
])  # fmt: skip
def test_single_precision_stays_single(fun: Any) -> None:
    x = np.array([0.2, 0.7, 1.3], np.float32)
    args = (x, x[::-1].copy()) if getattr(fun, "nin", 1) == 2 else (x,)
    for one in gradients(fun, *args):
        assert one.dtype == np.float32
    value, tangent = make_jvp(fun)(*args)(np.ones(3, np.float32))
    assert tangent.dtype == value.dtype == np.float32


def test_complex_losses_have_real_gradients_in_real_numbers() -> None:
    x = np.array([0.3, 0.7])
    for fun in (np.mean, np.prod, np.sum, lambda z: np.var(z) + 0j, lambda z: np.max(np.abs(z)) + 0j):
        found = grad(lambda x, fun=fun: np.real(fun(x * (1 + 2j))))(x)
        assert found.dtype == np.float64


def test_mean_in_another_precision() -> None:
    x = np.array([0.5, 1.5])
    assert grad(lambda x: np.mean(x, dtype=np.float32))(x).tolist() == [0.5, 0.5]


# Results that are constants

CONSTANTS = [
    np.floor,
    np.isnan,
    np.signbit,
    np.all,
    np.shape,
    np.ndim,
    np.size,
    np.isrealobj,
    np.round,
    lambda x: x > 0.3,
    lambda x: np.isclose(x, 0.5),
    lambda x: np.array_equal(x, x),
    lambda x: np.result_type(x, np.float32),
    np.array_repr,
]


@pytest.mark.parametrize("fun", CONSTANTS)
def test_constants_are_plain_values(fun: Any) -> None:
    x = np.array([0.2, 0.7])
    seen = []
    grad(lambda x: seen.append(fun(x)) or np.sum(x))(x)
    assert type(seen[0]) is type(fun(x))
    assert np.array_equal(seen[0], fun(x))


# Refusals

REFUSED = [
    lambda x: np.sum(x, dtype=np.float32),
    lambda x: np.max(x, 0, np.zeros(())),
    lambda x: np.var(x, dtype=np.float64),
    lambda x: np.var(x, 0, np.float64),
    lambda x: np.mean(x, 0, None, np.zeros(())),
    lambda x: np.cumsum(x, dtype=np.float32),
    lambda x: np.cumprod(x, 0, np.float32),
    lambda x: np.exp(x, where=np.array([True, False])),
    lambda x: np.median(x, overwrite_input=True),
    lambda x: np.nan_to_num(x, copy=False),
    lambda x: np.clip(x, 0, 1, np.zeros(2)),
    lambda x: np.clip(x, 0, 1, dtype=np.float32),
    lambda x: np.var(np.ones(2), mean=x),
]


@pytest.mark.parametrize("fun", REFUSED)
def test_refusals(fun: Any) -> None:
    x = np.array([0.2, 0.7])
    for call in (lambda: make_vjp(fun)(x), lambda: make_jvp(fun)(x)(x)):
        with pytest.raises((UnsupportedArgumentError, LostDerivativeError)):
            call()


def test_truncation_loses_no_derivative_silently() -> None:
    with pytest.raises(AutodiffError):
        grad(lambda x: float(x))(1.0)


def test_frexp_and_modf_split_into_a_value_and_a_constant() -> None:
    x = np.array([0.7, -3.3, 13.25])
    check_grads(lambda x: np.modf(x)[0] * np.modf(x)[1])(x)
    assert gradients(lambda x: np.frexp(x)[0], x)[0].tolist() == [1.0, 0.25, 0.0625]
