"""Checkpointing: less memory, the same numbers."""

import itertools

import pytest

from autodiff import checkpoint, deriv, grad, jacobian, make_jvp, make_vjp, stop_gradient, value_and_grad
from autodiff.errors import AutodiffError
from autodiff.extend import defvjp, primitive

MODES = pytest.mark.parametrize("transform", [grad, deriv])


@checkpoint
def step(x, w=2.0, *, offset=0.0):
    """One step."""
    return x * w + x * x + offset


FUNCTIONS = {
    "once": lambda x: step(x),
    "twice": lambda x: step(step(x)),
    "nested": checkpoint(lambda x: step(x) * checkpoint(step)(x)),
    "traced keywords": lambda x: step(x=x, w=x, offset=x * x),
    "containers": lambda x: checkpoint(lambda p, *, q: {"r": p["a"] * q[0], "s": (p["a"], 3.0)})({"a": x}, q=[x])["r"],
    "several results": lambda x: (lambda a, b: a * b)(*checkpoint(lambda x: (x * x, x + 1.0))(x)),  # noqa: PLC3002
    "a result that is not used": lambda x: checkpoint(lambda x: (x * x, x + 1.0))(x)[1],
    "no traced argument": lambda x: x * step(2.0),
    "constant result": lambda x: checkpoint(lambda y: 5.0)(x) * x,
    "integer result": lambda x: checkpoint(lambda y: 5)(x) * x,
    "result with an integer": lambda x: checkpoint(lambda y: (5, y * y))(x)[1],
    "result with a text": lambda x: checkpoint(lambda y: {"a": y * y, "t": "text"})(x)["a"],
    "argument with a text": lambda x: checkpoint(lambda y, how: y * y)({"v": x, "how": "text"}["v"], how="text"),
    "closure over a traced value": lambda x: checkpoint(lambda y: x * y * y)(x),
    "closure over a stopped value": lambda x: checkpoint(lambda y, c: c * y)(x, stop_gradient(x)),
    "inner derivative": checkpoint(lambda x: grad(lambda y: y * y * x)(x)),
    "inside of an inner derivative": lambda x: grad(checkpoint(lambda y: y * y * x))(x),
    "branches": checkpoint(lambda x: x * x if x > 1.0 else 7.0 * x),
}
ORIGINALS = {
    "once": lambda x: 2 * x + x * x,
    "twice": lambda x: (lambda y: 2 * y + y * y)(2 * x + x * x),  # noqa: PLC3002
    "nested": lambda x: (2 * x + x * x) ** 2,
    "traced keywords": lambda x: 3 * x * x,
    "containers": lambda x: x * x,
    "several results": lambda x: x**3 + x**2,
    "a result that is not used": lambda x: x + 1,
    "no traced argument": lambda x: 8 * x,
    "constant result": lambda x: 5 * x,
    "integer result": lambda x: 5 * x,
    "result with an integer": lambda x: x * x,
    "result with a text": lambda x: x * x,
    "argument with a text": lambda x: x * x,
    "closure over a traced value": lambda x: x**3,
    "closure over a stopped value": lambda x: stop_gradient(x) * x,
    "inner derivative": lambda x: 2 * x * x,
    "inside of an inner derivative": lambda x: 2 * x * x,
    "branches": lambda x: x * x,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_checkpoints_change_nothing(name):
    checked, plain = FUNCTIONS[name], ORIGINALS[name]
    assert value_and_grad(checked)(3.0) == value_and_grad(plain)(3.0)
    assert make_jvp(checked)(3.0)(1.0) == make_jvp(plain)(3.0)(1.0)
    for modes in itertools.product([grad, deriv], repeat=3):
        for order in (2, 3):
            a, b = checked, plain
            for mode in modes[:order]:
                a, b = mode(a), mode(b)
            assert a(3.0) == b(3.0)


def test_it_keeps_name_and_documentation_and_plain_calls():
    assert step(3.0) == 15.0
    assert step.__doc__.endswith("One step.")
    assert "step" in step.__name__


def test_what_is_kept_is_forgotten_and_made_again():
    calls, kept = [], []

    class Residual:
        count = 0

        def __init__(self):
            Residual.count += 1

        def __del__(self):
            Residual.count -= 1

    @primitive
    def square(x):
        calls.append(x)
        return x * x

    def maker(y, x):
        residual = Residual()

        def pull(g, residual=residual):
            kept.append(Residual.count)
            return 2.0 * x * g

        return pull

    defvjp(square, maker)

    def chain(x):
        for _ in range(5):
            x = square(x)
        return x

    def long(x, wrap):
        for _ in range(4):
            x = wrap(chain)(x)
        return x

    expected = grad(lambda x: long(x, lambda f: f))(1.01)
    assert max(kept) == 20
    calls.clear()
    kept.clear()
    assert grad(lambda x: long(x, checkpoint))(1.01) == pytest.approx(expected)
    assert len(calls) == 40  # each of the 20 squares runs forward, and again in the backward pass
    assert max(kept) == 5


@MODES
def test_a_function_that_does_not_give_the_same_again_gives_an_error_or_the_right_derivative(transform):
    def function(x):
        for factor in (2.0, 5.0):
            x = checkpoint(lambda x: x * factor)(x)  # noqa: B023  # the closure sees the last factor afterwards
        return x

    try:
        found = transform(function)(1.0)
    except AutodiffError:
        return
    assert found == 10.0


def test_errors_inside_pass_through():
    @checkpoint
    def fails(x):
        raise LookupError("on purpose")

    with pytest.raises(LookupError, match="on purpose"):
        grad(fails)(1.0)
    with pytest.raises(AutodiffError, match="checkpoint takes a function"):
        checkpoint(3.0)


def test_pullbacks_may_be_used_again():
    vjp, _ = make_vjp(lambda x: (step(x), step(step(x))))(3.0)
    first = vjp((1.0, 10.0))
    assert first == vjp((1.0, 10.0)) == 8.0 + 10.0 * 32.0 * 8.0
    assert jacobian(lambda x: (step(x), step(step(x))))(3.0) == (8.0, 256.0)
