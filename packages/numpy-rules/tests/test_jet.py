"""Taylor mode on arrays: against nested forward mode and closed forms, and how the work grows."""

import itertools
import math
import random

import numpy as np
import pytest

from autodiff import deriv, derivatives, grad, hessian, jacobian, jet, make_jvp, vmap
from autodiff.containers import flatten, unflatten
from autodiff.errors import OutputError, StructureError, UnsupportedArgumentError
from autodiff.extend import vspace
from autodiff.taylor import JetTrace
from autodiff_testing.case_tables import load_cases

X = np.array([0.3, 0.55, 0.8])


def nested(fun, order):
    for _ in range(order):
        fun = deriv(fun)
    return fun


ELEMENTWISE = [
    np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh, np.arcsinh, np.arctanh,
    np.exp, np.expm1, np.exp2, np.log, np.log2, np.log10, np.log1p, np.sqrt, np.cbrt, np.square, np.reciprocal,
    np.abs, np.sinc, np.i0, np.degrees, np.negative,
    lambda x: np.arccosh(x + 2), lambda x: x**3, lambda x: x**-1.5, lambda x: 2.0**x, lambda x: x**x,
    lambda x: np.power(x, X),
    lambda x: np.arctan2(x, 2 - x), lambda x: np.hypot(x, x * x), lambda x: np.logaddexp(x, x * x),
    lambda x: np.exp(-x * x) / (1 + np.exp(x)), lambda x: np.where(x > 0.5, np.sin(x), x**2),
    lambda x: np.maximum(x, 0.5) * x, lambda x: np.clip(x, 0.4, 0.6) * x, lambda x: np.fmod(x, 0.5) * x,
    lambda x: np.floor(x) * x, lambda x: np.cumsum(x) - np.cumsum(x) + np.sort(x) ** 2,
    lambda x: np.polyval([1.0, 2.0, 3.0], x), lambda x: np.stack([x, x * x])[1] * x[::1],
]  # fmt: skip


@pytest.mark.parametrize("fun", ELEMENTWISE, ids=lambda f: getattr(f, "__name__", "composed"))
def test_derivatives_are_those_of_nested_forward_mode(fun):
    for k, found in enumerate(derivatives(fun, 5)(X)):
        np.testing.assert_allclose(found, nested(fun, k)(X), rtol=1e-8, atol=1e-9)


CLOSED = {
    "sin": (np.sin, lambda k: np.sin(X + k * np.pi / 2)),
    "exp": (np.exp, lambda k: np.exp(X)),
    "log": (np.log, lambda k: (-1) ** (k - 1) * math.factorial(k - 1) / X**k if k else np.log(X)),
    "reciprocal": (np.reciprocal, lambda k: (-1) ** k * math.factorial(k) / X ** (k + 1)),
    "sqrt": (np.sqrt, lambda k: math.prod(0.5 - i for i in range(k)) * X ** (0.5 - k)),
    "sinh": (np.sinh, lambda k: np.cosh(X) if k % 2 else np.sinh(X)),
    "exp2": (np.exp2, lambda k: np.log(2) ** k * 2**X),
    "cube": (lambda x: x**3, lambda k: math.prod(range(3, 3 - k, -1)) * X ** (3 - k) if k < 4 else 0 * X),
    "ratio": (lambda x: x / (1 - x), lambda k: math.factorial(k) / (1 - X) ** (k + 1) - (k == 0)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms_to_order_eight(name):
    fun, known = CLOSED[name]
    for k, found in enumerate(derivatives(fun, 8)(X)):
        np.testing.assert_allclose(found, known(k), rtol=1e-9)


def test_powers_at_zero():
    found = derivatives(lambda x: x**4 + x**0 + np.prod(np.stack([x, x, x]), axis=0), 5)(np.zeros(2))
    np.testing.assert_allclose(found, [[1, 1], [0, 0], [0, 0], [6, 6], [24, 24], [0, 0]])


# Functions of whole arrays, along curves: the derivatives of t -> fun(x + t v) by nested forward mode

RNG = np.random.default_rng(0)
A, V = RNG.normal(size=(3, 3)) + 3 * np.eye(3), RNG.normal(size=(3, 3))


def twice(x):
    y = np.sin(x)
    y[0] = y[1] * x[0]
    y[1] += np.sin(x)[0]  # the sine itself has not been changed
    return y


WHOLE = {
    "matmul": lambda x: x @ x.T @ np.sin(x),
    "constant matmul": lambda x: A @ x @ V,
    "inv": np.linalg.inv,
    "solve": lambda x: np.linalg.solve(x, x[0] ** 2),
    "det": np.linalg.det,
    "slogdet": lambda x: np.linalg.slogdet(x)[1],
    "cholesky": lambda x: np.linalg.cholesky(x @ x.T),
    "eigh": lambda x: np.linalg.eigh(x + x.T),
    "qr": lambda x: np.linalg.qr(x),
    "svd": lambda x: np.linalg.svd(x)[1],
    "norm": np.linalg.norm,
    "sum": lambda x: np.sum(x * x, axis=0) + x.mean(axis=-1, keepdims=True),
    "variance": lambda x: np.var(x, axis=1),
    "prod": lambda x: np.prod(x, axis=1),
    "max": lambda x: np.max(x, axis=1) * x.min(),
    "einsum": lambda x: np.einsum("ij,jk->ik", x, x * x),
    "outer": lambda x: np.outer(x[0], x[1]) + np.kron(x[0], x[:, :1].T).reshape(3, 3),
    "indexing": lambda x: x[[0, 0, 2]] * x[:, ::-1],
    "assignment": twice,
    "concatenate": lambda x: np.concatenate([x, np.ones((1, 3)), x * x]),
    "fft": lambda x: np.abs(np.fft.fft(x)),
    "logsumexp": lambda x: np.log(np.sum(np.exp(x - x.max()))),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "divmod": lambda x: divmod(x, 0.7)[1] * x,
    "median": lambda x: np.median(x, axis=0) ** 3,
    "interp": lambda x: np.interp(x, [-9.0, 0.0, 9.0], [0.0, 2.0, 1.0]) * x,
}


@pytest.mark.parametrize("name", WHOLE)
def test_derivatives_along_a_line(name):
    fun = WHOLE[name]
    along = lambda t: fun(A + t * V)
    value, terms = jet(fun, (A,), ([V, 0 * V, 0 * V, 0 * V],))
    by_line = derivatives(along, 4)(0.0)
    for k, found in enumerate([value, *terms]):
        expected = nested(along, k)(0.0)
        for one, other, third in zip(
            *(part if isinstance(part, tuple) else (part,) for part in (found, expected, by_line[k])), strict=True
        ):
            np.testing.assert_allclose(one, other, rtol=1e-8, atol=1e-8)
            np.testing.assert_allclose(third, other, rtol=1e-8, atol=1e-8)


def test_a_curve_that_bends():
    terms = [V, V @ V, -V]
    curve = lambda t: A + V * t + V @ V * (t**2 / 2) - V * (t**3 / 6)
    found = jet(np.linalg.inv, (A,), (terms,))[1]
    for k in range(3):
        np.testing.assert_allclose(found[k], nested(lambda t: np.linalg.inv(curve(t)), k + 1)(0.0), rtol=1e-9)


def test_types_and_shapes_are_those_of_the_value():
    value, terms = jet(lambda x: (x.sum(), x @ x, 1j * x), (X.astype(np.float32),), ([np.ones(3, np.float32)] * 2,))
    for row in (value, *terms):
        assert [np.asarray(part).dtype for part in row] == [np.float32, np.float32, np.complex64]
        assert [np.shape(part) for part in row] == [(), (), (3,)]
    found = derivatives(np.tanh, 3)(X.astype(np.float32))
    assert [part.dtype for part in found] == [np.float32] * 4


def test_complex_arrays():
    z = X + 1j * X[::-1]
    for k, found in enumerate(derivatives(lambda z: np.sin(z) / z, 4)(z)):
        np.testing.assert_allclose(found, nested(lambda z: np.sin(z) / z, k)(z), rtol=1e-9)
    fun = lambda t: np.abs(np.exp(1j * t) + 2) + np.angle(t + 1j)
    for k, found in enumerate(derivatives(fun, 4)(X)):
        np.testing.assert_allclose(found, nested(fun, k)(X), rtol=1e-9)


def test_results_share_no_memory():
    x = X.copy()
    value, (first, second) = jet(lambda x: x[:2], (x,), ([x, x],))
    assert not any(np.shares_memory(a, b) for a, b in [(first, x), (second, x), (first, second)])
    assert first.flags.writeable
    np.testing.assert_array_equal(value, x[:2])


def test_empty_arrays():
    value, (first,) = jet(lambda x: x * np.sin(x), (np.zeros((0, 2)),), ([np.zeros((0, 2))],))
    assert value.shape == first.shape == (0, 2)
    assert [part.shape for part in derivatives(np.tanh, 2)(np.zeros(0))] == [(0,)] * 3


# Nesting


def test_gradient_of_a_jet_and_jet_of_a_gradient():
    loss = lambda x: np.sum(np.tanh(x @ A) ** 2)
    v = np.array([1.0, -1.0, 2.0])
    second = lambda x: jet(loss, (x,), ([v, 0 * v],))[1][1]
    assert second(X) == pytest.approx(v @ hessian(loss)(X) @ v)
    np.testing.assert_allclose(grad(second)(X), np.einsum("ijk,j,k", jacobian(hessian(loss))(X), v, v))
    np.testing.assert_allclose(jet(grad(loss), (X,), ([v],))[1][0], hessian(loss)(X) @ v)
    np.testing.assert_allclose(jet(grad(loss), (X,), ([v, 0 * v],))[1][1], grad(second)(X))


def test_jet_of_checkpoints_vmaps_and_jacobians():
    fun = lambda x: jacobian(lambda y: np.sin(y) * x)(x) @ x
    np.testing.assert_allclose(jet(fun, (X,), ([X, 0 * X],))[1][1], nested(lambda t: fun(X * (1 + t)), 2)(0.0))
    fun = lambda x: vmap(lambda y: y * np.sum(np.exp(y)))(np.stack([x, x * x]))
    np.testing.assert_allclose(jet(fun, (X,), ([X, 0 * X],))[1][1], nested(lambda t: fun(X * (1 + t)), 2)(0.0))


def test_vmap_of_derivatives():
    rows = vmap(derivatives(np.tanh, 3))(X)
    np.testing.assert_allclose(rows, derivatives(np.tanh, 3)(X))
    stacked = vmap(lambda x, v: jet(lambda x: np.sum(x) ** 3, (x,), ([v, v],))[1][1])(A, V)
    each = [jet(lambda x: np.sum(x) ** 3, (x,), ([v, v],))[1][1] for x, v in zip(A, V, strict=True)]
    np.testing.assert_allclose(stacked, each)


# The work: how often a primitive is applied to values, of whatever order


def work(monkeypatch, fun, x, order):
    calls = 0
    process = JetTrace.process

    def counted(self, primitive, args, kwargs):
        nonlocal calls
        calls += 1
        return process(self, primitive, args, kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(JetTrace, "process", counted)
        jet(fun, (x,), ([x] * order,))
    return calls


def network(x):
    for _ in range(3):
        x = np.tanh(A @ x)
    return np.sum(x**2)


@pytest.mark.parametrize("fun", [np.tanh, np.sin, np.exp, network, lambda x: x / (1 + x * x)])
def test_the_number_of_applications_does_not_grow_with_the_order(monkeypatch, fun):
    assert work(monkeypatch, fun, X, 12) == work(monkeypatch, fun, X, 4)


@pytest.mark.parametrize(
    "fun", [np.log, np.arctan, np.sinc, np.arccosh, lambda x: x**2.5, lambda x: np.hypot(x, 1.0), np.linalg.norm]
)
def test_the_number_of_applications_grows_at_most_linearly(monkeypatch, fun):
    counts = [work(monkeypatch, fun, X + 1.5 * (fun is np.arccosh), order) for order in (4, 8, 12)]
    assert counts[2] - counts[1] <= 4 * 12
    assert counts[2] - counts[1] <= counts[1] - counts[0]


def test_the_number_of_applications_of_einsum_grows_like_a_polynomial(monkeypatch):
    counts = [work(monkeypatch, lambda x: np.einsum("i,ij,j", x, A, x), X, order) for order in (5, 10)]
    assert counts[1] <= 5 * counts[0]
    counts = [work(monkeypatch, lambda x: np.linalg.multi_dot([x, A, x]), X, order) for order in (4, 8)]
    assert counts[1] <= 8 * counts[0]


# Errors


def test_functions_that_mix_entries_are_refused():
    with pytest.raises(OutputError, match="entry by entry"):
        derivatives(lambda x: x * np.sum(x), 2)(X)
    with pytest.raises(OutputError, match="entry by entry"):
        derivatives(np.sum, 2)(X)
    with pytest.raises(OutputError, match="entry by entry"):  # the Jacobian is diagonal, at this point
        derivatives(lambda x: x + x[::-1] ** 2, 2)(np.zeros(3))


def test_series_of_the_wrong_shape():
    with pytest.raises(StructureError, match="a term of the series"):
        jet(np.sum, (X,), ([np.ones(4)],))


def test_the_first_term_is_that_of_make_jvp():
    value, (tangent,) = jet(np.linalg.inv, (A,), ([V],))
    expected = make_jvp(np.linalg.inv)(A)(V)
    np.testing.assert_allclose([value, tangent], expected)


def test_operands_of_traces_inside_and_outside():
    p, z = np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, -1.0])

    def inside(x):  # 2 x z
        return grad(lambda z: np.sum(x * z * z))(z)

    def slope(w):
        return np.sum(jet(inside, (w * p,), ([p, 0 * p],))[1][0] * w)

    assert np.isclose(grad(slope)(2.0), 2 * np.sum(z * p))
    assert np.isclose(grad(lambda w: np.sum(jet(inside, (w * p,), ([p],))[0]))(2.0), 2 * np.sum(z * p))


# All rules

#: The first forms of each function.
FORMS = [
    (case, dtype)
    for _, forms in itertools.groupby(load_cases("rule_cases"), key=lambda case: case.fun)
    for case in itertools.islice(forms, 4)
    for dtype in case.dtypes
    if dtype != "float32"
]


@pytest.mark.once
@pytest.mark.parametrize(("case", "dtype"), [pytest.param(*form, id=f"{form[0].name}-{form[1]}") for form in FORMS])
@pytest.mark.filterwarnings("ignore:numpy.fix is deprecated:DeprecationWarning")
def test_every_rule_serves_taylor_mode(case, dtype):
    args = case.draw(0, dtype)
    leaves, structure = flatten(args)
    rng = random.Random(1)
    first, second = ([vspace(leaf).random(rng) for leaf in leaves] for _ in range(2))
    zeros = [vspace(leaf).zeros() for leaf in leaves]
    order = 3 if case.order > 1 else 1

    def fun(*args):
        return case.call(*args, **case.kwargs)

    def along(t):
        moved = [x + v * t + w * (t * t / 2) for x, v, w in zip(leaves, first, second, strict=True)]
        return fun(*unflatten(structure, moved))

    rows = [unflatten(structure, row) for row in (first, second, zeros)]
    series = lambda order: [[row[i] for row in rows[:order]] for i in range(len(args))]
    try:
        value, terms = jet(fun, args, series(order))
    except UnsupportedArgumentError:  # the third derivative of a determinant that is zero
        value, terms = jet(fun, args, series(2))
    for k, found in enumerate([value, *terms]):
        for one, other in zip(flatten(found)[0], flatten(nested(along, k)(0.0))[0], strict=True):
            scale = np.max(np.abs(other), initial=1.0)
            np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-7 * scale)


def test_functions_of_a_complex_number_are_holomorphic():
    z = 1 + 2j
    for found, expected in zip(
        derivatives(lambda z: (z**3, [np.exp(z)]), 3)(z), [z**3, 3 * z**2, 6 * z, 6], strict=True
    ):
        assert np.isclose(found[0], expected)
        assert np.isclose(found[1][0], np.exp(z))
    for fun in (lambda z: z * np.conj(z), lambda z: np.abs(z) ** 2, np.real, lambda z: (z, np.imag(z))):
        with pytest.raises(OutputError, match="not holomorphic"):
            derivatives(fun, 2)(z)
    with pytest.raises(OutputError, match="not holomorphic"):
        derivatives(lambda z: z * np.conj(z), 2)(0j)  # in second order only
