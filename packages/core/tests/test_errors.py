"""Every error is raised by something, and says what happened, for which function and argument, why, and what to do."""

import inspect
import math
import operator
import sys
from unittest import mock

import pytest

from autodiff import custom_root, errors, fixed_point, grad, hessian, jacobian, make_jvp, make_vjp
from autodiff.batching import one_plain_value
from autodiff.debug import debug_nans, draw_graph
from autodiff.errors import AutodiffError
from autodiff.extend import (
    Hold,
    Keeper,
    defvjp,
    elementwise,
    linear,
    primitive,
    register_rules,
    register_vspace,
    vspace,
)


def loss(rate, count=1.0):
    return rate * count


@primitive
def ruleless(x):
    return x


@primitive
def half_known(x, rate, axis=None):
    return x * rate


register_rules([linear(half_known, lambda g, x, rate: g * rate)])


@primitive
def broken(x):
    return x


defvjp(broken, lambda ans, x: lambda g: (g, g))


def escaped():
    kept = []
    grad(lambda x: kept.append(x) or x)(1.0)
    return kept[0] * 2.0


def batched_value():
    raise one_plain_value("float()", sys._getframe())


def looked_at(fun, *, infs=False):
    with debug_nans(infs=infs):
        grad(fun)(1.0)


def without_matplotlib():
    with mock.patch.dict(sys.modules, {"matplotlib": None, "matplotlib.figure": None}):
        draw_graph(loss)(1.0)


class Cell:
    """A number that can be changed."""

    def __init__(self, value):
        self.value = value


class CellHold(Hold):
    """Remembers the number."""

    def __init__(self, value):
        self.value, self.mark = value, None

    def release(self):
        pass

    def seal(self):
        self.mark = self.value.value

    def broken(self):
        return self.value.value != self.mark


class CellKeeper(Keeper):
    """Keeps cells as they are."""

    def keep(self, value, holds):
        holds[id(value)] = CellHold(value)
        return value


register_vspace(lambda cell: vspace(cell.value), Cell, same=None, keeper=CellKeeper())


@primitive
def scaled(x, cell):
    return x * cell.value


register_rules([linear(scaled, lambda g, x, cell: g * cell.value)])


def mutated():
    cell = Cell(2.0)
    vjp, _ = make_vjp(lambda x: scaled(x, cell))(1.0)
    assert vjp(1.0) == 2.0
    cell.value = 3.0
    return vjp


# class: what raises it, and what the message must contain (function, argument, reason, remedy)
CAUSES = {
    "InputError": [
        (lambda: grad(loss)("text"), ["loss", "rate", "str", "register_container"]),
        (lambda: grad(loss, "speed")(1.0), ["loss", "speed", "rate, count", "Pass"]),
        (lambda: grad(loss(1.0)), ["grad", "float", "grad(f)(x)"]),
        (lambda: jacobian(loss, mode="up"), ["jacobian", "mode='up'", "auto"]),
    ],
    "IntegerInputError": [
        (lambda: grad(loss)(3), ["loss", "rate", "3", "int", "3.0"]),
        (lambda: grad(loss, "count")(3.0, count=True), ["loss", "count", "True", "bool", "1.0"]),
        (lambda: make_jvp(loss, (0, 1))(3.0, 4)((1.0, 1.0)), ["loss", "count", "4", "int", "4.0"]),
        (lambda: grad(loss)([1.0, 2]), ["loss", "rate", "2", "int", "2.0"]),
    ],
    "OutputError": [
        (lambda: grad(lambda x: (x, x))(1.0), ["grad", "<lambda>", "tuple", "jacobian"]),
        (lambda: grad(lambda x: x * 1j)(1.0), ["grad", "<lambda>", "complex", "holomorphic_grad"]),
        (lambda: grad(lambda x: "text")(1.0), ["<lambda>", "str", "no derivative", "has_aux"]),
        (lambda: make_vjp(lambda x: {1.0})(1.0), ["<lambda>", "set"]),
    ],
    "MissingRuleError": [
        (lambda: grad(ruleless)(1.0), ["ruleless", "no rule", "defvjp", "stop_gradient", "plugins"]),
        (lambda: make_jvp(ruleless)(1.0)(1.0), ["ruleless", "no rule", "defvjp"]),
    ],
    "UnsupportedArgumentError": [
        (lambda: grad(half_known, 1)(1.0, 2.0), ["half_known", "rate", "constant"]),
        (lambda: grad(half_known)(1.0, 2.0, axis=3), ["half_known", "axis", "does not know", "separate step"]),
    ],
    "LostDerivativeError": [
        (lambda: grad(float)(1.0), ["float()", "derivative would be lost", "stop_gradient"]),
        (lambda: make_jvp(lambda x: [1, 2][x])(1.0)(1.0), ["index", "derivative would be lost", "stop_gradient"]),
    ],
    "EscapedBoxError": [
        (escaped, ["after the differentiation", "outside of the differentiated function", "has_aux", "stop_gradient"]),
    ],
    "BatchedValueError": [
        (batched_value, ["float()", "different in each example", "vmap", "numpy.where", "loop"]),
    ],
    "MutationError": [
        (lambda: mutated()(1.0), ["Cell", "changed in place", "uses", "change a copy"]),
    ],
    "RuleError": [
        (lambda: grad(broken)(1.0), ["broken", "argument 0", "*", "tuple(*, *)"]),
    ],
    "StructureError": [
        (lambda: make_vjp(lambda x: [x, x])(1.0)[0]([1.0]), ["cotangent", "list(*, *)", "list(*)", "Pass the same"]),
        (lambda: make_vjp(lambda x: x)(1.0)[0](1j), ["cotangent", "float", "complex"]),
        (lambda: make_jvp(lambda x: x)(1.0)("1"), ["tangent", "float", "str"]),
    ],
    "NonFiniteError": [
        (
            lambda: looked_at(lambda x: x * math.inf * 0.0),
            ["operator.mul", "NaN", "test_errors.py", "Operands", "infs"],
        ),
        (
            lambda: looked_at(lambda x: 1e200 * x * 1e200, infs=True),
            ["operator.mul", "an infinity", "test_errors.py", "1e+200", "Keep the operands"],
        ),
    ],
    "MissingPackageError": [
        (without_matplotlib, ["draw_graph", "Matplotlib", "`pip install matplotlib`", 'format="svg"']),
    ],
    "SolutionError": [
        (lambda: fixed_point(loss, 1.0, 0.99, max_iter=5), ["loss", "5 steps", "`max_iter`", "Allow", "`custom_root`"]),
        (lambda: grad(custom_root(loss, lambda f, x: x), 1)(1.0, 1.0), ["loss", "do not hold", "more steps"]),
        (lambda: grad(custom_root(loss, lambda f, x: x), 1)(1.0, 0.0), ["singular", "at the solution", "Look for"]),
    ],
    "PluginError": [
        (lambda: register_rules([elementwise(half_known, 1)]), ["half_known", "the user", "defvjp"]),
        (lambda: register_rules([elementwise(operator.neg, 1)]), ["operator.neg", "autodiff itself", "name"]),
    ],
}
CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, AutodiffError) and kind is not AutodiffError
}


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_has_a_cause(name):
    assert CAUSES[name]


@pytest.mark.parametrize(("name", "row"), [(name, i) for name, rows in CAUSES.items() for i in range(len(rows))])
def test_messages_say_where_what_why_and_what_to_do(name, row):
    cause, words = CAUSES[name][row]
    with pytest.raises(CLASSES[name]) as caught:
        cause()
    assert type(caught.value) is CLASSES[name]
    message = str(caught.value)
    assert [word for word in words if word not in message] == [], message
    assert message.endswith((".", "`"))


def test_the_tree_at_the_top_of_the_file_is_the_tree():
    drawn = errors.__doc__
    for name, kind in CLASSES.items():
        assert name in drawn
        for base in kind.__bases__:
            assert base.__name__ in drawn
    for name in ("PluginWarning", "PerformanceWarning"):
        assert issubclass(vars(errors)[name], UserWarning)
        assert name in drawn


@pytest.mark.parametrize("name", CLASSES)
def test_each_class_has_a_manual_page(name):
    assert len(CLASSES[name].__doc__.splitlines()[0]) > 30


def test_builtin_classes_catch_them_as_well():
    with pytest.raises(TypeError):
        grad(loss)(3)
    with pytest.raises(NotImplementedError):
        grad(ruleless)(1.0)
    with pytest.raises(RuntimeError):
        escaped()
    with pytest.raises(ValueError, match="cotangent"):
        make_vjp(lambda x: x)(1.0)[0](1j)


def test_an_error_of_the_user_is_left_alone():
    class Own(Exception):  # noqa: N818
        pass

    def fails(x):
        raise Own("as it was")

    for transform in (grad, jacobian, hessian, lambda f: lambda x: make_jvp(f)(x)(1.0), make_vjp):
        with pytest.raises(Own, match="as it was") as caught:
            transform(fails)(1.0)
        assert caught.value.__cause__ is None
