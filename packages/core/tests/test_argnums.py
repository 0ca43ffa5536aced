"""Arguments are chosen by position, by name, or several at once; positions and names are the same thing."""

import functools

import pytest

from autodiff import deriv, grad, hessian_vector_product, jacobian, make_hvp, make_jvp, make_vjp, value_and_grad
from autodiff.errors import InputError, IntegerInputError


def f(x, y, z=5.0):
    return x * y**2 * z**3


DX = 4.0**2 * 125  # at x=3, y=4, z=5
DY = 3.0 * 8 * 125
DZ = 3.0 * 16 * 75


@pytest.mark.parametrize(
    ("argnum", "args", "kwargs", "expected"),
    [
        (0, (3.0, 4.0), {}, DX),
        (1, (3.0, 4.0), {}, DY),
        (2, (3.0, 4.0, 5.0), {}, DZ),
        (-1, (3.0, 4.0, 5.0), {}, DZ),
        (-2, (3.0, 4.0, 5.0), {}, DY),
        (-3, (3.0, 4.0, 5.0), {}, DX),
        ("x", (3.0, 4.0), {}, DX),
        ("y", (3.0, 4.0), {}, DY),
        ("z", (3.0, 4.0), {"z": 5.0}, DZ),
        ("z", (3.0, 4.0, 5.0), {}, DZ),
        ("y", (3.0,), {"y": 4.0}, DY),
        (1, (3.0,), {"y": 4.0}, DY),
        (2, (3.0,), {"z": 5.0, "y": 4.0}, DZ),
        (0, (), {"z": 5.0, "y": 4.0, "x": 3.0}, DX),
        ("x", (), {"z": 5.0, "y": 4.0, "x": 3.0}, DX),
        ((0,), (3.0, 4.0), {}, (DX,)),
        ((0, 1), (3.0, 4.0), {}, (DX, DY)),
        ((1, 0), (3.0, 4.0), {}, (DY, DX)),
        (("z", 0, "y"), (3.0, 4.0), {"z": 5.0}, (DZ, DX, DY)),
    ],
)
def test_choice(argnum, args, kwargs, expected):
    assert grad(f, argnum)(*args, **kwargs) == expected
    assert jacobian(f, argnum, mode="forward")(*args, **kwargs) == expected


@pytest.mark.parametrize(
    ("args", "kwargs"), [((3.0, 4.0, 5.0), {}), ((3.0, 4.0), {"z": 5.0}), ((3.0,), {"y": 4.0, "z": 5.0})]
)
def test_a_negative_argnum_means_the_same_argument_however_it_is_passed(args, kwargs):
    assert grad(f, -1)(*args, **kwargs) == DZ


def test_every_transform_takes_positions_and_names():
    assert value_and_grad(f, "y")(3.0, y=4.0) == (6000.0, DY)
    assert deriv(f, "y")(3.0, 4.0) == DY
    assert make_vjp(f, ("y", "x"))(3.0, 4.0)[0](1.0) == (DY, DX)
    assert make_jvp(f, ("y", "x"))(3.0, 4.0)((1.0, 0.0)) == (6000.0, DY)
    assert make_hvp(f, "y")(3.0, 4.0)[0](1.0) == 2 * 3.0 * 125
    assert hessian_vector_product(f, "y")(3.0, 4.0, 10.0) == 20 * 3.0 * 125
    assert hessian_vector_product(f, (0, 1))(3.0, 4.0, (1.0, 0.0)) == (0.0, 2 * 4.0 * 125)


class Model:
    scale = 2.0

    def loss(self, x):
        return self.scale * x * x

    @functools.partial(grad, argnum=1)
    def slope(self, x):
        return self.scale * x * x

    def __call__(self, x):
        return self.loss(x)


def test_methods_callable_objects_partials_and_wrapped_functions():
    assert grad(Model().loss)(3.0) == grad(Model().loss, "x")(x=3.0) == 12.0
    assert Model().slope(3.0) == 12.0
    assert grad(Model())(3.0) == grad(Model(), "x")(3.0) == 12.0
    assert grad(functools.partial(f, y=4.0), "x")(3.0) == DX
    assert grad(grad(f, "x"), "y")(3.0, 4.0) == 2 * 4.0 * 125  # the signature is passed on


def test_variable_arguments():
    def total(*xs, **named):
        return sum(x * x for x in xs) + named["k"] ** 3

    assert grad(total, (0, 2, "k"))(1.0, 2.0, 3.0, k=2.0) == (2.0, 6.0, 12.0)
    assert grad(total, -1)(1.0, 2.0, k=2.0) == 4.0


def test_keyword_only_arguments():
    def only(*, a, b):
        return a * b

    assert grad(only, ("b", "a"))(a=2.0, b=3.0) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("argnum", "args", "kwargs", "message"),
    [
        (3, (3.0, 4.0, 5.0), {}, r"argnum 3 of f: this call passes 3 arguments"),
        (-4, (3.0, 4.0, 5.0), {}, r"argnum -4 of f"),
        (2, (3.0, 4.0), {}, r"argnum 2 of f: this call passes 2 arguments"),
        ("z", (3.0, 4.0), {}, r"'z'.*a default value is not enough"),
        ("w", (3.0, 4.0), {}, r"'w'.*Its parameters: x, y, z"),
        ((), (3.0, 4.0), {}, r"empty tuple"),
        ((0, "x"), (3.0, 4.0), {}, r"more than once"),
        (True, (3.0, 4.0), {}, r"argnum must be .* not True"),
        (1.0, (3.0, 4.0), {}, r"argnum must be .* not 1.0"),
        ([0, 1], (3.0, 4.0), {}, r"argnum must be .* not \[0, 1\]"),
        (None, (3.0, 4.0), {}, r"argnum must be .* not None"),
        (False, (3.0, 4.0), {}, r"argnum must be .* not False"),
    ],
)
def test_a_choice_that_makes_no_sense_is_refused(argnum, args, kwargs, message):
    with pytest.raises(InputError, match=message):
        grad(f, argnum)(*args, **kwargs)


class Ambiguous:
    """Like an array of several entries, of which a comparison has no truth value."""

    def __eq__(self, other):
        raise ValueError("ambiguous")

    __hash__ = None


def test_a_value_in_place_of_argnum_is_told_where_it_belongs():
    with pytest.raises(InputError, match=r"write `grad\(f\)\(x\)`, not `grad\(f, x\)`"):
        grad(f, Ambiguous())(3.0, 4.0)


def test_wrong_calls_raise_what_python_raises():
    with pytest.raises(TypeError, match=r"missing 1 required positional argument: 'y'"):
        grad(f)(3.0)
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'w'"):
        grad(f)(3.0, 4.0, w=1.0)


def test_integers_beside_the_differentiated_argument_are_welcome():
    assert grad(lambda x, n: x**n)(2.0, 3) == 12.0
    with pytest.raises(IntegerInputError):
        grad(lambda x, n: x**n, 1)(2.0, 3)
