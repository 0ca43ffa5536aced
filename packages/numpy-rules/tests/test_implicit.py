"""Implicit functions of arrays: against formulas, unrolled iterations and finite differences, with solvers of SciPy."""

import numpy as np
import pytest

from autodiff import (
    custom_root,
    deriv,
    fixed_point,
    grad,
    hessian,
    hessian_vector_product,
    jacobian,
    jet,
    make_jvp,
    make_vjp,
    vmap,
)
from autodiff.errors import EscapedBoxError, IntegerInputError, MutationError, SolutionError, StructureError
from autodiff.linear_systems import SMALL, solve_linear
from autodiff_testing import check_grads

RNG = np.random.default_rng(0)
A = RNG.normal(size=(4, 4)) + 4 * np.eye(4)
B = RNG.normal(size=4)


def newton(f, x):
    """Newton's method with the Jacobian of f itself, on plain arrays."""
    for _ in range(30):
        x = x - np.linalg.solve(jacobian(f)(x), f(x))
    return x


def heron(f, x):
    for _ in range(60):
        x = x - f(x) / (2 * x)
    return x


square_root = custom_root(lambda x, a: x * x - a, heron)


def test_square_roots_entry_by_entry():
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    guess = np.ones((2, 2))
    np.testing.assert_allclose(square_root(guess, a), np.sqrt(a))
    np.testing.assert_allclose(grad(lambda a: np.sum(square_root(guess, a)))(a), 0.5 / np.sqrt(a))
    np.testing.assert_allclose(jacobian(square_root, 1)(guess, a), jacobian(np.sqrt)(a), atol=1e-12)
    np.testing.assert_allclose(hessian(square_root, 1)(guess, a), hessian(np.sqrt)(a), atol=1e-12)
    third = jacobian(hessian(lambda a: square_root(np.ones(2), a)))
    np.testing.assert_allclose(third(a[0]), jacobian(hessian(np.sqrt))(a[0]), atol=1e-12)
    check_grads(lambda a: square_root(guess, a))(a)


linear_root = custom_root(lambda x, A, b: A @ x - b, lambda f, x: x - np.linalg.solve(jacobian(f)(x), f(x)))


def test_a_linear_system():
    solve = lambda A, b: linear_root(np.zeros(4), A, b)
    np.testing.assert_allclose(solve(A, B), np.linalg.solve(A, B))
    vjp, _ = make_vjp(solve, (0, 1))(A, B)
    known, _ = make_vjp(np.linalg.solve, (0, 1))(A, B)
    for argnum in (0, 1):
        np.testing.assert_allclose(vjp(B)[argnum], known(B)[argnum], atol=1e-12)
        np.testing.assert_allclose(make_vjp(solve, argnum)(A, B)[0](B), known(B)[argnum], atol=1e-12)
    value, tangent = make_jvp(solve, (0, 1))(A, B)((A.T, B**2))
    expected = make_jvp(np.linalg.solve, (0, 1))(A, B)((A.T, B**2))
    np.testing.assert_allclose([value, tangent], expected)
    loss = lambda A, b: np.sum(np.sin(solve(A, b)))
    known = lambda A, b: np.sum(np.sin(np.linalg.solve(A, b)))
    np.testing.assert_allclose(hessian(loss)(A, B), hessian(known)(A, B), atol=1e-12)
    np.testing.assert_allclose(hessian_vector_product(loss)(A, B, A.T), hessian_vector_product(known)(A, B, A.T))
    check_grads(solve)(A, B)


@pytest.mark.parametrize("size", [SMALL, SMALL + 1, 80])
def test_small_and_large_systems(size):
    M = RNG.normal(size=(size, size)) / np.sqrt(size) + 2 * np.eye(size)
    b = RNG.normal(size=size)
    solve = lambda M, b: linear_root(np.zeros(size), M, b)
    found = grad(lambda M, b: np.sum(solve(M, b) ** 2), (0, 1))(M, b)
    known = grad(lambda M, b: np.sum(np.linalg.solve(M, b) ** 2), (0, 1))(M, b)
    np.testing.assert_allclose(found[0], known[0], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found[1], known[1], rtol=1e-8, atol=1e-10)
    value, tangent = make_jvp(solve, 1)(M, b)(b)
    np.testing.assert_allclose(tangent, value, rtol=1e-9)


def test_a_large_system_that_converges_slowly():
    n = 150
    laplacian = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    b = RNG.normal(size=n)
    x = solve_linear(lambda x: laplacian @ x, b)
    np.testing.assert_allclose(x, np.linalg.solve(laplacian, b), rtol=1e-8)


@pytest.mark.parametrize("seed", range(5))
def test_a_large_system_without_a_solution(seed):
    b = np.random.default_rng(seed).normal(size=150)
    singular = np.diag(np.r_[0.0, np.linspace(1, 2, 149)])
    with pytest.raises(SolutionError, match="singular"):
        solve_linear(lambda x: singular @ x, b)


# Equations in containers


def reactions(x, rates, *, total):
    """Chemical equilibrium: a + b <-> c, with what there is of each atom."""
    a, b, c = x["free"][0], x["free"][1], x["bound"]
    return {"free": np.stack([a + c - total[0], b + c - total[1]]), "bound": rates["on"] * a * b - rates["off"] * c}


def equilibrate(f, x):
    def flat(v):
        y = f({"free": v[:2], "bound": v[2]})
        return np.append(y["free"], y["bound"])

    v = np.append(x["free"], x["bound"])
    for _ in range(40):
        steps = 1e-7 * np.eye(3)
        v = v - np.linalg.solve(np.stack([(flat(v + s) - flat(v)) / 1e-7 for s in steps], 1), flat(v))
    return {"free": v[:2], "bound": v[2]}


def test_an_equilibrium_with_containers():
    root = custom_root(reactions, equilibrate)
    guess = {"free": np.ones(2), "bound": 0.5}
    total = np.array([2.0, 3.0])

    def bound(rates, total):
        return root(guess, rates, total=total)["bound"]

    def known(rates, total):
        s = np.sum(total) + rates["off"] / rates["on"]
        return (s - np.sqrt(s**2 - 4 * np.prod(total))) / 2

    rates = {"on": 2.0, "off": 0.5}
    assert bound(rates, total) == pytest.approx(known(rates, total))
    found, expected = grad(bound, (0, 1))(rates, total), grad(known, (0, 1))(rates, total)
    assert found[0] == pytest.approx(expected[0])
    np.testing.assert_allclose(found[1], expected[1])
    np.testing.assert_allclose(hessian(bound, 1)(rates, total), hessian(known, 1)(rates, total), atol=1e-9)
    np.testing.assert_allclose(
        jacobian(grad(bound, 0), 1)(rates, total)["on"], jacobian(grad(known), 1)(rates, total)["on"]
    )
    check_grads(lambda r: root(guess, r, total=total))(rates)


# Fixed points


def test_a_fixed_point_against_unrolled_iterations():
    W = A / 20
    step = lambda x, W, b: np.tanh(W @ x + b)

    def unrolled(W, b):
        x = np.zeros(4)
        for _ in range(100):
            x = step(x, W, b)
        return x

    implicit = lambda W, b: fixed_point(step, np.zeros(4), W, b)
    np.testing.assert_allclose(implicit(W, B), unrolled(W, B), atol=1e-11)
    for argnum in (0, 1):
        for mode in ("forward", "reverse"):
            found = jacobian(implicit, argnum, mode=mode)(W, B)
            np.testing.assert_allclose(found, jacobian(unrolled, argnum)(W, B), atol=1e-9)
    np.testing.assert_allclose(hessian(implicit, 1)(W, B), hessian(unrolled, 1)(W, B), atol=1e-8)
    found = jet(lambda b: implicit(W, b), (B,), ([B, 0 * B, 0 * B],))[1]
    np.testing.assert_allclose(found, jet(lambda b: unrolled(W, b), (B,), ([B, 0 * B, 0 * B],))[1], atol=1e-8)
    check_grads(implicit)(W, B)


def test_fixed_points_in_single_precision():
    step = lambda x, a: x / 2 + a / (2 * x)
    a = np.array([2.0, 3.0], np.float32)
    x, slope = (
        fixed_point(step, np.ones(2, np.float32), a),
        jacobian(lambda a: fixed_point(step, np.ones_like(a), a))(a),
    )
    assert x.dtype == slope.dtype == np.float32
    np.testing.assert_allclose(np.diag(slope), 0.5 / np.sqrt(a), rtol=1e-5)
    large = np.linspace(1, 2, 100, dtype=np.float32)
    slope = grad(lambda a: np.sum(fixed_point(step, np.ones_like(a), a)))(large)
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, 0.5 / np.sqrt(large), rtol=1e-4)


def test_complex_arrays():
    a = np.array([3 + 4j, 1 - 2j])
    guess = np.sqrt(a) + 0.1
    root = lambda a: square_root(guess, a)
    np.testing.assert_allclose(jacobian(root)(a), np.diag(0.5 / np.sqrt(a)), atol=1e-12)
    loss, known = lambda a: np.sum(np.abs(root(a)) ** 3), lambda a: np.sum(np.abs(np.sqrt(a)) ** 3)
    np.testing.assert_allclose(grad(loss)(a), grad(known)(a))
    check_grads(root)(a)
    mixed = custom_root(lambda z, a: z + 0.5 * np.conj(z) - a, lambda f, z: a.real / 1.5 + 2j * a.imag)
    np.testing.assert_allclose(make_jvp(mixed, 1)(a, a)(a)[1], mixed(a, a))
    check_grads(lambda a: np.abs(mixed(a, a)), order=1)


# Solvers of SciPy


def test_the_solvers_of_scipy():
    optimize = pytest.importorskip("scipy.optimize")

    def solve(f, x):
        found = optimize.root(f, x, tol=1e-13)
        if not found.success:
            raise ArithmeticError(found.message)
        return found.x

    circle = custom_root(lambda x, r, s: np.stack([x[0] ** 2 + x[1] ** 2 - r**2, x[1] - s * x[0]]), solve)
    known = lambda r, s: r / np.sqrt(1 + s**2) * np.stack([1.0, s])
    found = jacobian(lambda r, s: circle(np.ones(2), r, s), (0, 1))(2.0, 0.5)
    np.testing.assert_allclose(found, jacobian(known, (0, 1))(2.0, 0.5), atol=1e-9)
    np.testing.assert_allclose(
        hessian(lambda s: circle(np.ones(2), 2.0, s))(0.5), hessian(lambda s: known(2.0, s))(0.5), atol=1e-8
    )
    with pytest.raises(ArithmeticError):
        circle(np.ones(2), 2j.imag, np.nan)

    kepler = custom_root(lambda E, e, M: E - e * np.sin(E) - M, lambda f, _: optimize.brentq(f, -10, 10, xtol=1e-14))
    E = kepler(0.0, 0.3, 1.0)
    slope = 1 / (1 - 0.3 * np.cos(E))
    np.testing.assert_allclose(grad(kepler, (1, 2))(0.0, 0.3, 1.0), (np.sin(E) * slope, slope))
    assert grad(grad(kepler, 2), 2)(0.0, 0.3, 1.0) == pytest.approx(-0.3 * np.sin(E) * slope**3)
    assert deriv(deriv(kepler, 2), 2)(0.0, 0.3, 1.0) == pytest.approx(-0.3 * np.sin(E) * slope**3)


def test_a_linear_solver_of_scipy():
    sparse = pytest.importorskip("scipy.sparse.linalg")
    calls = []

    def gmres(operator, b):
        calls.append(b.shape)
        matrix = sparse.LinearOperator((b.size, b.size), matvec=operator, dtype=b.dtype)
        return sparse.gmres(matrix, b, rtol=1e-12)[0]

    root = custom_root(lambda x, A, b: A @ x - b, newton, linear_solve=gmres)
    loss = lambda A: np.sum(root(np.zeros(4), A, B) ** 2)
    np.testing.assert_allclose(grad(loss)(A), grad(lambda A: np.sum(np.linalg.solve(A, B) ** 2))(A))
    assert calls == [(4,)]


# With other transforms


def test_vmap_solves_one_by_one():
    a = np.array([[1.0, 4.0], [9.0, 2.0], [3.0, 5.0]])
    np.testing.assert_allclose(vmap(square_root)(np.ones((3, 2)), a), np.sqrt(a))
    np.testing.assert_allclose(vmap(square_root, (None, 0))(np.ones(2), a), np.sqrt(a))
    slopes = vmap(lambda a: grad(lambda a: np.sum(square_root(np.ones(2), a)))(a))(a)
    np.testing.assert_allclose(slopes, 0.5 / np.sqrt(a))
    solutions = vmap(lambda b: linear_root(np.zeros(4), A, b))(np.stack([B, 2 * B]))
    np.testing.assert_allclose(solutions, np.linalg.solve(A, np.stack([B, 2 * B]).T).T)
    np.testing.assert_allclose(grad(lambda a: np.sum(vmap(square_root)(np.ones((3, 2)), a)))(a), 0.5 / np.sqrt(a))


def test_a_layer_in_a_longer_program():
    def loss(W, b):
        x = np.sin(W @ b)
        y = fixed_point(lambda y, x, W: np.tanh(0.1 * W @ y + x), np.zeros(4), x, W)
        y[0] = 0.0 * y[1]
        return np.sum(y * linear_root(x, W, y))

    check_grads(loss)(A, B)


# Promises


def test_parameters_that_are_overwritten_are_found():
    big = np.eye(200) * 2
    b = np.ones(200)
    vjp, _ = make_vjp(lambda b: linear_root(np.zeros(200), big, b))(b)
    try:
        big[0, 0] = 5.0
        result = vjp(b)
    except (MutationError, ValueError):
        return
    np.testing.assert_allclose(result, 0.5 * b)  # a copy was made


def test_results_share_no_memory():
    guess = np.ones(2)
    keep = custom_root(lambda x, a: x - a, lambda f, x: x)
    x = keep(guess, np.ones(2))
    assert not np.shares_memory(x, guess)
    gradient = grad(lambda a: np.sum(keep(guess, a) ** 2))(np.ones(2))
    np.testing.assert_array_equal(gradient, [2.0, 2.0])
    np.testing.assert_array_equal(grad(lambda g: np.sum(keep(g, np.ones(2))))(guess), [0.0, 0.0])


def test_solvers_may_write_into_the_guess():
    def in_place(f, x):
        for _ in range(60):
            x -= f(x) / (2 * x)
        return x

    guess = np.ones(2)
    np.testing.assert_allclose(custom_root(lambda x, a: x * x - a, in_place)(guess, np.array([4.0, 9.0])), [2, 3])
    np.testing.assert_array_equal(guess, [1, 1])


def test_what_does_not_fit():
    f = lambda x, a: x - a
    with pytest.raises(IntegerInputError, match="the guess"):
        custom_root(f, newton)(np.array([1, 2]), 1.0)
    with pytest.raises(StructureError, match="the solution"):
        custom_root(f, lambda f, x: np.ones(1))(1.0, 1.0)
    with pytest.raises(StructureError, match="returned"):
        custom_root(lambda x, a: np.sum(x) - a, newton)(np.ones(2), 1.0)
    with pytest.raises(StructureError, match="returned"):
        fixed_point(lambda x, a: x / 2 + a, np.ones(2), np.ones((3, 2)))
    with pytest.raises(EscapedBoxError, match="none of its arguments"):
        grad(lambda a: np.sum(custom_root(lambda x: x * x - a, heron)(np.ones(2))))(np.ones(2))
    with pytest.raises(SolutionError, match="max_iter"):
        fixed_point(lambda x: -x, np.ones(2))
    with pytest.raises(SolutionError, match="singular"):
        grad(lambda a: np.sum(custom_root(lambda x, a: (x - a) ** 2, lambda f, x: x)(np.ones(2), a)))(np.ones(2))


def test_empty_arrays():
    assert square_root(np.zeros(0), np.zeros(0)).shape == (0,)
    assert grad(lambda a: np.sum(square_root(np.zeros(0), a)))(np.zeros(0)).shape == (0,)


def test_equations_may_write_into_their_unknowns():
    def step(x):
        x[:] = np.cos(x)
        return x

    def residual(x, a):
        x -= a
        return x

    guess = np.ones(2)
    np.testing.assert_allclose(fixed_point(step, guess), 0.7390851332151607)
    np.testing.assert_array_equal(custom_root(residual, lambda f, x: x - f(x))(guess, 4.0), 4.0)
    np.testing.assert_array_equal(guess, 1.0)
