"""Each transform by itself: what it returns, what it checks, and what it is called."""

import inspect

import pytest

from autodiff import (
    deriv,
    elementwise_grad,
    grad,
    grad_and_aux,
    hessian,
    hessian_vector_product,
    holomorphic_grad,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    value_and_grad,
)
from autodiff.errors import InputError, IntegerInputError, OutputError


def loss(x, y):
    """The loss."""
    return x**2 * y**3


def test_grad():
    assert grad(loss)(2.0, 3.0) == 108.0
    assert grad(loss, 1)(2.0, 3.0) == 108.0
    assert grad(loss, (0, 1))(2.0, 3.0) == (108.0, 108.0)
    assert grad(loss, (1,))(2.0, 3.0) == (108.0,)


def test_value_and_grad():
    assert value_and_grad(loss)(2.0, 3.0) == (108.0, 108.0)
    assert value_and_grad(loss, ("y", "x"))(2.0, 1.0) == (4.0, (12.0, 4.0))


@pytest.mark.parametrize("aux", [None, "text", 3, [1.0, {"k": 2}], object()])
def test_auxiliary_results_pass_through(aux):
    function = lambda x: (x * x, aux)
    assert grad(function, has_aux=True)(3.0) == grad_and_aux(function)(3.0) == (6.0, aux)
    assert value_and_grad(function, has_aux=True)(3.0) == ((9.0, aux), 6.0)
    assert make_vjp(function, has_aux=True)(3.0)[1:] == (9.0, aux)


def test_auxiliary_results_are_plain_here_and_traced_outside():
    def inner(x):
        return x * x, {"cube": x**3}

    assert grad_and_aux(inner)(2.0) == (4.0, {"cube": 8.0})
    assert grad(lambda x: grad_and_aux(inner)(x)[1]["cube"])(2.0) == 12.0
    assert deriv(lambda x: make_vjp(inner, has_aux=True)(x)[2]["cube"])(2.0) == 12.0


@pytest.mark.parametrize("transform", [grad, value_and_grad, make_vjp])
def test_without_a_pair_there_is_no_auxiliary_result(transform):
    for result in (lambda x: x, lambda x: [x, 1], lambda x: (x, 1, 2), lambda x: {"a": x, "b": x}):
        with pytest.raises(OutputError, match=r"has_aux=True .* pair \(value, auxiliary\)"):
            transform(result, has_aux=True)(1.0)


def test_elementwise_grad_and_deriv_take_one_argument_of_several():
    assert elementwise_grad(loss, 1)(2.0, 3.0) == deriv(loss, "y")(2.0, 3.0) == 108.0
    assert elementwise_grad(lambda p: [p[0] ** 2, p[1] ** 3])([3.0, 2.0]) == [6.0, 12.0]
    assert deriv(lambda p: [p[0] ** 2, p[1] ** 3])([3.0, 2.0]) == [6.0, 12.0]


@pytest.mark.parametrize("transform", [elementwise_grad, deriv])
@pytest.mark.parametrize(
    "function",
    [
        lambda p: [p[0] * p[1], p[1]],
        lambda p: [p[1], p[0]],
        lambda p: p[0] + p[1],
        lambda p: [p[0], p[0]],
        lambda p: [p[0] + 1e-3 * p[1], p[1]],
    ],
)
def test_a_function_that_mixes_entries_has_no_elementwise_derivative(transform, function):
    with pytest.raises(OutputError, match=r"works entry by entry.*`jacobian`"):
        transform(function)([2.0, 3.0])
    with pytest.raises(OutputError):
        grad(lambda x: transform(function)([x, 3.0])[0])(2.0)


def test_deriv_of_curves():
    assert deriv(lambda t: {"x": t**2, "y": (t, 1.0)})(3.0) == {"x": 6.0, "y": (1.0, 0.0)}


@pytest.mark.parametrize("function", [lambda z: z.conjugate(), abs, lambda z: z.real, lambda z: z * z.imag])
def test_a_function_without_a_complex_derivative_has_no_deriv_at_a_complex_number(function):
    with pytest.raises(OutputError):
        deriv(function)(3 + 4j)


@pytest.mark.parametrize(
    "function",
    [
        lambda z: z.conjugate(),
        lambda z: z * z.conjugate(),
        lambda z: z.real + 0j,
        lambda z: z * abs(z),
        lambda z: z.imag * 1j,
    ],
)
def test_functions_that_are_not_holomorphic(function):
    with pytest.raises(OutputError, match="not holomorphic at this point"):
        holomorphic_grad(function)(0.6 + 0.8j)
    with pytest.raises(OutputError, match="holomorphic"):
        jacobian(function, mode="reverse")(0.6 + 0.8j)
    with pytest.raises(OutputError, match="holomorphic"):
        jacobian(function, mode="forward")(0.6 + 0.8j)


def test_holomorphic_grad_needs_complex_numbers():
    with pytest.raises(OutputError, match=r"complex argument; write `complex\(x\)`"):
        holomorphic_grad(lambda x: x * 1j)(1.0)
    with pytest.raises(OutputError, match="one complex number as its result, but abs returned a"):
        holomorphic_grad(abs)(1j)
    assert holomorphic_grad(lambda z, w: z * w**2, "w")(2j, w=1 + 1j) == 2 * 2j * (1 + 1j)
    assert holomorphic_grad(lambda p: p[0] * p[1])([1j, 2 + 0j]) == [2 + 0j, 1j]
    assert holomorphic_grad(holomorphic_grad(lambda z: z**3))(1j) == 6j


JACOBIANS = [
    (lambda x: x * x, 3.0, 6.0),
    (lambda x: [x, x * x, 5.0], 3.0, [1.0, 6.0, 0.0]),
    (lambda p: p[0] * p[1], [2.0, 3.0], [3.0, 2.0]),
    (lambda p: {"a": p[0] ** 2, "b": p[1]}, (2.0, 3.0), {"a": (4.0, 0.0), "b": (0.0, 1.0)}),
    (lambda z: z * z, 1 + 2j, 2 + 4j),
    (lambda x: (x, x * 1j), 2.0, (1.0, 1j)),
    (lambda x: (1 + 2j) * x, 2.0, 1 + 2j),
    (abs, 3 + 4j, 0.6 - 0.8j),
    (lambda z: (z.real, z.imag), 1 + 2j, (1.0, -1j)),
    (lambda x: (), 2.0, ()),
    (lambda x: None, 2.0, None),
]


@pytest.mark.parametrize("mode", ["auto", "forward", "reverse"])
@pytest.mark.parametrize("row", range(len(JACOBIANS)))
def test_jacobians_are_the_same_in_all_modes(row, mode):
    function, x, expected = JACOBIANS[row]
    assert (
        jacobian(function, mode=mode)(x) == pytest.approx(expected)
        if isinstance(expected, complex)
        else (jacobian(function, mode=mode)(x) == expected)
    )


def test_jacobian_refuses_unknown_modes():
    with pytest.raises(InputError, match=r"mode='backward'; the modes are 'auto', 'forward', 'reverse'"):
        jacobian(loss, mode="backward")


def test_auto_takes_the_mode_with_fewer_passes():
    runs = []

    def function(p):
        runs.append(None)
        return [sum(p) for _ in range(wide)]

    for wide, columns, expected in ((5, 2, 3), (2, 5, 1), (1, 1, 1)):
        runs.clear()
        assert jacobian(function)([1.0] * columns) == [[1.0] * columns] * wide
        assert len(runs) == expected  # one reverse pass that finds the sizes, and one for each column in forward mode


def test_hessians():
    assert hessian(lambda x: x**3)(2.0) == 12.0
    assert hessian(loss, "y")(2.0, 3.0) == 72.0
    assert hessian(lambda p: [p[0] ** 2 * p[1], p[1]])((2.0, 3.0)) == [
        ((6.0, 4.0), (4.0, 0.0)),
        ((0.0, 0.0), (0.0, 0.0)),
    ]
    assert hessian(hessian(lambda x: x**5))(2.0) == 240.0


def test_products_with_hessians():
    function = lambda p: p["x"] ** 2 * p["y"]
    point, vector, expected = {"x": 2.0, "y": 3.0}, {"x": 1.0, "y": 10.0}, {"x": 46.0, "y": 4.0}
    hvp, gradient = make_hvp(function)(point)
    assert gradient == {"x": 12.0, "y": 4.0}
    assert hvp(vector) == hvp(vector) == hessian_vector_product(function)(point, vector) == expected
    assert make_hvp(loss, (0, 1))(2.0, 3.0)[0]((1.0, 0.0)) == (54.0, 108.0)
    assert hessian_vector_product(loss, (0, 1))(2.0, 3.0, (1.0, 0.0)) == (54.0, 108.0)
    assert hessian_vector_product(loss, -1)(2.0, 3.0, 1.0) == 72.0
    assert hessian_vector_product(loss, "y")(2.0, 1.0, y=3.0) == 72.0
    with pytest.raises(InputError, match="last, the vector"):
        hessian_vector_product(lambda x: x)(2.0)


TRANSFORMS = {
    "grad": grad,
    "value_and_grad": value_and_grad,
    "elementwise_grad": elementwise_grad,
    "deriv": deriv,
    "holomorphic_grad": holomorphic_grad,
    "jacobian": jacobian,
    "hessian": hessian,
    "vjp": make_vjp,
    "jvp": make_jvp,
    "hvp": make_hvp,
    "hessian_vector_product": hessian_vector_product,
}
ALL = pytest.mark.parametrize("name", TRANSFORMS)


@ALL
def test_names_documentation_and_signature(name):
    made = TRANSFORMS[name](loss, "y")
    assert made.__name__ == f"{name}_of_loss"
    assert made.__doc__.startswith(f"{name} of loss with respect to argument 'y'")
    assert made.__doc__.endswith("The loss.")
    assert made.__module__ == __name__
    if name != "hessian_vector_product":  # which has one more argument
        assert list(inspect.signature(made).parameters) == ["x", "y"]


@ALL
def test_a_value_in_place_of_the_function_is_refused(name):
    for value in (3.0, None, "text", [loss]):
        with pytest.raises(InputError, match=r"takes a function, but got .*grad\(f\)\(x\)"):
            TRANSFORMS[name](value)


@ALL
def test_integers_are_refused(name):
    arguments = [1.0] if name == "hessian_vector_product" else []
    for integer in (3, True):
        with pytest.raises(IntegerInputError, match=rf"{integer}.*{float(integer)}"):  # noqa: PT012
            made = TRANSFORMS[name](lambda x: x * 1.0)(integer, *arguments)
            made(1.0)  # `make_jvp` traces only now


@ALL
def test_results_without_a_derivative_are_refused_as_results(name):
    arguments = [1.0] if name == "hessian_vector_product" else []
    point = 1j if name == "holomorphic_grad" else 1.0
    for result in ("text", object(), {1, 2}, [1.0, "text"]):
        with pytest.raises(OutputError, match=r"<lambda> returned"):  # noqa: PT012
            made = TRANSFORMS[name](lambda x, result=result: result)(point, *arguments)
            made(1.0)  # `make_jvp` traces only now


@pytest.mark.parametrize(
    ("name", "result", "message"),
    [
        ("grad", (1.0, 2.0), r"one real number, but <lambda> returned a tuple.*has_aux.*jacobian"),
        ("grad", None, r"one real number, but <lambda> returned a NoneType"),
        ("grad", 1j, r"one real number, but <lambda> returned a complex one.*holomorphic_grad"),
        ("value_and_grad", [1.0], r"one real number, but <lambda> returned a list"),
        ("vjp", None, None),
        ("elementwise_grad", 1j, r"real results, but <lambda> returned complex ones"),
        ("elementwise_grad", None, r"<lambda>"),
        ("holomorphic_grad", None, r"one complex number"),
        ("holomorphic_grad", (1j, 1j), r"one complex number"),
        ("hvp", (1.0,), r"one real number"),
    ],
)
def test_results_that_a_transform_cannot_use(name, result, message):
    point = 1j if name == "holomorphic_grad" else 1.0
    if message is None:
        TRANSFORMS[name](lambda x: result)(point)
        return
    with pytest.raises(OutputError, match=message):
        TRANSFORMS[name](lambda x: result)(point)
