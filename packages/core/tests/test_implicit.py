"""Implicit functions of numbers: `custom_root`, `fixed_point` and the solver of linear systems."""

import cmath
import math
import random
from typing import NamedTuple

import pytest

from autodiff import (
    checkpoint,
    custom_root,
    deriv,
    derivatives,
    fixed_point,
    grad,
    hessian,
    jacobian,
    make_jvp,
    make_vjp,
    vmap,
)
from autodiff.errors import EscapedBoxError, InputError, IntegerInputError, SolutionError, StructureError
from autodiff.linear_systems import SMALL, solve_linear


def newton(f, x):
    """Newton's method with a difference quotient: what is never traced may do anything."""
    for _ in range(50):
        h = 1e-6 * (abs(x) + 1e-6)
        x = x - f(x) * 2 * h / (f(x + h) - f(x - h))
    return x


square_root = custom_root(lambda x, a: x * x - a, newton)
MODES = [grad, deriv]


def nested(transforms, fun):
    for transform in transforms:
        fun = transform(fun)
    return fun


@pytest.mark.parametrize("first", MODES)
@pytest.mark.parametrize("second", MODES)
@pytest.mark.parametrize("third", MODES)
def test_every_order_in_every_mode(first, second, third):
    fun = lambda a: square_root(1.0, a)
    known = [2.0, 0.25, -0.03125, 0.01171875]
    for order in range(4):
        assert nested([first, second, third][:order], fun)(4.0) == pytest.approx(known[order])


def test_two_parameters_of_a_transcendental_equation():
    kepler = custom_root(lambda x, e, m: x - e * x**3 - m, newton)
    x = kepler(0.0, 0.1, 0.5)
    slope = 1 / (1 - 0.3 * x * x)
    assert grad(kepler, (1, 2))(0.0, 0.1, 0.5) == pytest.approx((x**3 * slope, slope))
    value, tangent = make_jvp(kepler, (1, 2))(0.0, 0.1, 0.5)((2.0, 3.0))
    assert (value, tangent) == pytest.approx((x, 2 * x**3 * slope + 3 * slope))
    h = 1e-5
    second = (kepler(0.0, 0.1, 0.5 + h) - 2 * x + kepler(0.0, 0.1, 0.5 - h)) / h**2
    assert grad(grad(kepler, 2), 2)(0.0, 0.1, 0.5) == pytest.approx(second, rel=1e-4)
    mixed = grad(grad(kepler, 1), 2)(0.0, 0.1, 0.5)
    assert mixed == pytest.approx(grad(grad(kepler, 2), 1)(0.0, 0.1, 0.5))
    assert mixed == pytest.approx(deriv(grad(kepler, 2), 1)(0.0, 0.1, 0.5))


class Market(NamedTuple):
    price: float
    amount: float


def clear(f, guess):
    """Newton's method for two equations, with difference quotients."""
    p, q = guess
    for _ in range(40):
        a, b = f(Market(p, q))
        h = 1e-6
        (pa, pb), (qa, qb) = f(Market(p + h, q)), f(Market(p, q + h))
        j = [[(pa - a) / h, (qa - a) / h], [(pb - b) / h, (qb - b) / h]]
        det = j[0][0] * j[1][1] - j[0][1] * j[1][0]
        p, q = p - (j[1][1] * a - j[0][1] * b) / det, q - (j[0][0] * b - j[1][0] * a) / det
    return Market(p, q)


def test_an_equilibrium_with_containers():
    def excess(x, params, *, tax):
        demand = params["demand"][0] - params["demand"][1] * x.price
        supply = params["supply"] * (x.price - tax)
        return Market(x.amount - demand, x.amount - supply)

    equilibrium = custom_root(excess, clear)
    params = {"demand": [10.0, 2.0], "supply": 3.0, "name": "wheat", "year": 1848, "none": None}

    def price(demand, supply, tax):
        return equilibrium(Market(1.0, 1.0), {**params, "demand": demand, "supply": supply}, tax=tax).price

    known = lambda demand, supply, tax: (demand[0] + supply * tax) / (demand[1] + supply)
    args = ([10.0, 2.0], 3.0, 0.5)
    assert price(*args) == pytest.approx(known(*args))
    found, expected = grad(price, (0, 1, 2))(*args), grad(known, (0, 1, 2))(*args)
    assert found[0] == pytest.approx(expected[0])
    assert found[1:] == pytest.approx(expected[1:])
    assert deriv(lambda t: price(*args[:2], t))(0.5) == pytest.approx(expected[2])
    rows, known_rows = hessian(price, 0)(*args), hessian(known, 0)(*args)
    assert [entry for row in rows for entry in row] == pytest.approx([x for row in known_rows for x in row], abs=1e-9)


def test_the_solution_as_a_container():
    both = custom_root(lambda x, a: [x[0] * x[0] - a, x[1] - x[0] * a], lambda f, x: [2.0, 8.0])
    assert jacobian(both, 1)([1.0, 1.0], 4.0) == pytest.approx([0.25, 2 + 1.0])
    vjp, value = make_vjp(both, 1)([1.0, 1.0], 4.0)
    assert value == [2.0, 8.0]
    assert vjp([1.0, 10.0]) == pytest.approx(30.25)


def test_the_guess_has_no_influence():
    assert grad(square_root, (0, 1))(1.0, 4.0) == (0.0, 0.25)
    assert deriv(square_root)(1.0, 4.0) == 0.0
    assert grad(lambda a: square_root(a, a))(4.0) == 0.25
    assert grad(lambda a: grad(lambda b: square_root(a, b))(4.0))(1.0) == 0.0


def test_arguments_by_name():
    root = custom_root(lambda x, a, b=1.0: x * x - a * b, newton)
    assert grad(root, "b")(1.0, a=2.0, b=2.0) == pytest.approx(0.5)
    assert root.__name__ == "root_of_<lambda>"


def test_no_derivative_is_taken_of_the_solver():
    calls = []

    def solve(f, x):
        calls.append(type(f(x)))
        return 2.0

    root = custom_root(lambda x, a: x * x - a, solve)
    assert grad(grad(root, 1), 1)(1.0, 4.0) == pytest.approx(-0.03125)
    assert calls == [float]


# Complex numbers


def test_a_holomorphic_root():
    root = custom_root(lambda z, a: z * z - a, lambda f, z: cmath.sqrt(3 + 4j))
    assert root(1j, 3 + 4j) == 2 + 1j
    _, tangent = make_jvp(root, 1)(1j, 3 + 4j)(1j)
    assert tangent == pytest.approx(1j / (2 * (2 + 1j)))
    assert grad(lambda a: root(1j, a).real)(3 + 4j) == pytest.approx(1 / (2 * (2 + 1j)))
    second = derivatives(root, 2, 1)(1j, 3 + 4j)[2]
    assert second == pytest.approx(-0.25 * (2 + 1j) ** -3)


def test_equations_that_are_not_holomorphic():
    """Solve z + conj(z)/2 = a, which is 1.5 x = Re a and 0.5 y = Im a."""
    root = custom_root(lambda z, a: z + z.conjugate() / 2 - a, lambda f, z: 2 + 4j)
    _, tangent = make_jvp(root, 1)(0j, 3 + 2j)(1 + 1j)
    assert tangent == pytest.approx(1 / 1.5 + 2j)
    assert grad(lambda a: root(0j, a).real)(3 + 2j) == pytest.approx(1 / 1.5)
    assert grad(lambda a: root(0j, a).imag)(3 + 2j) == pytest.approx(-2j)


def test_a_real_root_of_a_complex_parameter():
    root = custom_root(lambda x, z: x * x - abs(z) ** 2, newton)
    z = 3 + 4j
    assert grad(root, 1)(1.0, z) == pytest.approx(z.conjugate() / 5)


# With other transforms


def test_within_other_transforms():
    fun = lambda a: square_root(1.0, a) * a
    known = [8.0, 3.0, 0.75 / 2, -0.375 / 8]
    assert derivatives(fun, 3)(4.0) == pytest.approx(known)
    assert grad(checkpoint(fun))(4.0) == pytest.approx(3.0)
    assert [float(x) for x in vmap(grad(fun))([4.0, 9.0])] == pytest.approx([3.0, 4.5])
    assert [float(x) for x in vmap(square_root)([1.0, 2.0], [4.0, 9.0])] == pytest.approx([2.0, 3.0])


def test_roots_of_roots():
    """Solve y = sqrt(a + y), an equation with a root in it."""
    outer = custom_root(lambda y, a: y - square_root(1.0, a + y), newton)
    known = lambda a: (1 + (1 + 4 * a) ** 0.5) / 2
    for order in range(3):
        for mode in MODES:
            found = nested([mode] * order, lambda a: outer(1.0, a))(2.0)
            assert found == pytest.approx(nested([deriv] * order, known)(2.0))


def test_a_minimum_that_is_differentiated():
    """The minimiser of a loss is the root of its gradient."""
    loss = lambda x, a: (x - a) ** 2 + x**4
    minimiser = custom_root(grad(loss), newton)
    x = minimiser(0.5, 1.0)
    assert grad(minimiser, 1)(0.5, 1.0) == pytest.approx(2 / (2 + 12 * x * x))


# Fixed points


@pytest.mark.parametrize("mode", MODES)
def test_fixed_points_against_unrolled_iterations(mode):
    step = lambda x, a, b: a / (1 + x * x) + b * x / 4

    def unrolled(a):
        x = 1.0
        for _ in range(200):
            x = step(x, a, 0.3)
        return x

    implicit = lambda a: fixed_point(step, 1.0, a, 0.3)
    for order in range(4):
        assert nested([mode] * order, implicit)(0.7) == pytest.approx(nested([deriv] * order, unrolled)(0.7), rel=1e-8)


def test_fixed_points_in_containers():
    heron = lambda x, a: {"x": (x["x"] + a / x["x"]) / 2, "y": x["x"] * a}
    found = grad(lambda a: fixed_point(heron, {"x": 1.0, "y": 0.0}, a)["y"])(4.0)
    assert found == pytest.approx(3.0)


def test_fixed_points_of_any_size_and_at_zero():
    for unit in (1e-170, 1e-30, 1.0, 1e30, 1e170):
        slope = grad(lambda a: fixed_point(lambda x, a: x / 2 + (a / 2 / x) * unit, unit, a))(4.0 * unit)  # noqa: B023
        assert slope == pytest.approx(0.25)
    assert fixed_point(lambda x, a: x * a, 1.0, 0.5) == pytest.approx(0.0, abs=1e-11)
    assert grad(lambda a: fixed_point(lambda x, a: x * 0.5 + a, 0.0, a))(0.0) == pytest.approx(2.0)


def test_options_of_fixed_points():
    step = lambda x, a: x / 2 + a
    rough = fixed_point(step, 0.0, 1.0, tol=1e-2)
    assert abs(rough - 2) < 0.1
    assert rough != pytest.approx(2.0)
    with pytest.raises(SolutionError, match=r"`max_iter`.*`tol`"):
        fixed_point(step, 0.0, 1.0, max_iter=3)
    for options in ({"tol": 0.0}, {"tol": -1.0}, {"tol": math.nan}, {"max_iter": 0}, {"max_iter": 1.5}):
        with pytest.raises(InputError, match=next(iter(options))):
            fixed_point(step, 0.0, 1.0, **options)
    with pytest.raises(InputError, match="takes a function"):
        fixed_point(3.0, 0.0)
    for diverging in (lambda x: x * x, lambda x: 2 * x + 1, lambda x: 1e10 * x, lambda x: math.nan * x):
        with pytest.raises(SolutionError, match="NaN"):
            fixed_point(diverging, 2.0, max_iter=2000)
    with pytest.raises(StructureError, match="of which a fixed point is taken"):
        fixed_point(lambda x: (x, x), 2.0)


# Errors


def test_closures_over_traced_values_are_refused():
    with pytest.raises(EscapedBoxError, match="none of its arguments"):
        grad(lambda a: custom_root(lambda x: x * x - a, newton)(1.0))(4.0)
    with pytest.raises(EscapedBoxError, match="none of its arguments"):
        grad(lambda a: grad(lambda b: custom_root(lambda x, b: x * x - a * b, newton)(1.0, b))(1.0))(4.0)
    with pytest.raises(EscapedBoxError, match="none of its arguments"):
        deriv(lambda a: fixed_point(lambda x: x / 2 + a, 1.0))(4.0)


def test_a_singular_jacobian():
    double = custom_root(lambda x, a: (x - a) ** 2, lambda f, x: 3.0)
    assert double(1.0, 3.0) == 3.0
    for mode in MODES:
        with pytest.raises(SolutionError, match="singular"):
            mode(double, 1)(1.0, 3.0)
    dependent = custom_root(lambda x, a: [x[0] + x[1] - a, 2 * (x[0] + x[1] - a)], lambda f, x: [1.0, 2.0])
    with pytest.raises(SolutionError, match="singular"):
        jacobian(dependent, 1)([1.0, 1.0], 3.0)
    free = custom_root(lambda x, a: [x[0] - a, 0.0], lambda f, x: [3.0, 7.0])
    with pytest.raises(SolutionError, match="singular"):
        jacobian(free, 1)([1.0, 1.0], 3.0)


def test_units_do_not_make_a_jacobian_singular():
    root = custom_root(lambda x, a: [x[0] - 1e-20 * a, 1e15 * (x[1] - 1e12 * x[0] * a)], lambda f, x: [2e-20, 4e-8])
    assert jacobian(root, 1)([0.0, 0.0], 2.0) == pytest.approx([1e-20, 4e-8], rel=1e-12)


def test_equations_that_do_not_hold():
    lazy = custom_root(lambda x, a: x * x - a, lambda f, x: x)
    assert lazy(1.0, 4.0) == 1.0
    with pytest.raises(SolutionError, match="do not hold"):
        grad(lazy, 1)(1.0, 4.0)
    assert grad(lazy, 1)(2.0, 4.0) == 0.25
    with pytest.raises(SolutionError, match="do not hold"):
        grad(custom_root(lambda x, a: x * x - a, lambda f, x: math.nan), 1)(1.0, 4.0)


def test_a_linear_solver_of_ones_own():
    asked = []

    def divide(operator, b):
        asked.append(b)
        return b / operator(1.0)

    root = custom_root(lambda x, a: x * x - a, newton, linear_solve=divide)
    assert grad(grad(root, 1), 1)(1.0, 4.0) == pytest.approx(-0.03125)
    assert asked
    for wrong in (lambda operator, b: b, lambda operator, b: math.nan * b):
        with pytest.raises(SolutionError, match="`linear_solve`"):
            grad(custom_root(lambda x, a: x * x - a, newton, linear_solve=wrong), 1)(1.0, 4.0)
    with pytest.raises(StructureError, match="`linear_solve`"):
        grad(custom_root(lambda x, a: x * x - a, newton, linear_solve=lambda operator, b: (b, b)), 1)(1.0, 4.0)


def test_what_does_not_fit():
    f = lambda x, a: x * x - a
    with pytest.raises(IntegerInputError, match="the guess"):
        custom_root(f, newton)(1, 4.0)
    with pytest.raises(StructureError, match="the solution"):
        custom_root(f, lambda f, x: [2.0])(1.0, 4.0)
    with pytest.raises(StructureError, match="the solution"):
        custom_root(f, lambda f, x: 2j)(1.0, -4.0)
    with pytest.raises(StructureError, match="returned"):
        custom_root(lambda x, a: (x, a), newton)(1.0, 4.0)
    with pytest.raises(StructureError, match="returned"):
        custom_root(lambda x, a: x * 1j, newton)(1.0, 4.0)
    with pytest.raises(InputError, match="`solve`"):
        custom_root(f, None)
    with pytest.raises(InputError, match="`linear_solve`"):
        custom_root(f, newton, linear_solve=3)
    with pytest.raises(InputError, match="takes a function"):
        custom_root(3.0, newton)
    assert custom_root(f, lambda f, x: 2)(1.0, 4.0) == 2.0
    assert type(custom_root(f, lambda f, x: 2)(1.0, 4.0)) is float


# Linear systems


def system(size, seed, shift):
    rng = random.Random(seed)
    matrix = [[rng.uniform(-1, 1) + shift * (i == j) for j in range(size)] for i in range(size)]
    b = [rng.uniform(-1, 1) for _ in range(size)]
    return matrix, b, lambda x: [sum(a * v for a, v in zip(row, x, strict=True)) for row in matrix]


@pytest.mark.parametrize("size", [1, 2, 7, SMALL, SMALL + 1])
@pytest.mark.parametrize("shift", [0.0, 10.0])
def test_linear_systems(size, shift):
    _, b, operator = system(size, size, shift)
    assert operator(solve_linear(operator, b)) == pytest.approx(b, abs=1e-11)


@pytest.mark.parametrize("size", [2, SMALL, SMALL + 2])
def test_singular_linear_systems(size):
    matrix, b, operator = system(size, 1, 0.0)
    matrix[-1] = [2 * entry for entry in matrix[0]]
    with pytest.raises(SolutionError, match="singular"):
        solve_linear(operator, b)
    with pytest.raises(SolutionError, match="singular"):
        solve_linear(lambda x: [0.0 * entry for entry in x], b)


@pytest.mark.parametrize("size", [3, SMALL + 1])
def test_linear_systems_with_infinite_entries(size):
    b = [1.0] * size
    with pytest.raises(SolutionError, match="NaN"):
        solve_linear(lambda x: x, [math.inf] * size)
    with pytest.raises(SolutionError):
        solve_linear(lambda x: [math.nan * entry for entry in x], b)


def test_linear_systems_without_unknowns_or_right_hand_side():
    assert solve_linear(lambda x: x, []) == []
    assert solve_linear(lambda x: [2 * entry for entry in x], [0.0] * 40) == [0.0] * 40
