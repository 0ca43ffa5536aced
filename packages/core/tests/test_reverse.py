"""Reverse mode: pullbacks."""

import pytest

from autodiff import make_vjp, value_and_grad
from autodiff.errors import EscapedBoxError, StructureError
from autodiff.extend import elementwise, primitive_of, register_rules
from autodiff.reverse import ReverseTrace


def several(x, y):
    return {"product": x * y, "pair": (x + y, 3.0), "nothing": None}


def test_the_pullback_takes_and_gives_the_structures_of_the_function():
    vjp, value = make_vjp(several, (0, 1))(2.0, 5.0)
    assert value == {"product": 10.0, "pair": (7.0, 3.0), "nothing": None}
    assert vjp({"product": 1.0, "pair": (0.0, 0.0), "nothing": None}) == (5.0, 2.0)
    assert vjp({"product": 0.0, "pair": (1.0, 0.0), "nothing": None}) == (1.0, 1.0)
    assert vjp({"product": 0.0, "pair": (0.0, 1.0), "nothing": None}) == (0.0, 0.0)
    assert vjp({"product": 2.0, "pair": (100.0, 7.0), "nothing": None}) == (110.0, 104.0)


@pytest.mark.parametrize(
    ("function", "cotangent", "expected"),
    [
        (lambda x: x, 3.0, 3.0),
        (lambda x: (x, x), (3.0, 4.0), 7.0),
        (lambda x: [x, [x * x, x]], [1.0, [10.0, 100.0]], 141.0),
        (lambda x: 5.0, 3.0, 0.0),
        (lambda x: (5.0, 6.0), (3.0, 4.0), 0.0),
        (lambda x: (), (), 0.0),
        (lambda x: None, None, 0.0),
        (lambda x: (x * 3.0, (lambda unused: x)(x * 7.0)), (1.0, 0.0), 3.0),  # noqa: PLC3002
    ],
)
def test_pullbacks_of_all_kinds_of_results(function, cotangent, expected):
    vjp, _ = make_vjp(function)(2.0)
    assert vjp(cotangent) == expected


def test_an_argument_that_is_not_used_has_a_zero_gradient():
    assert value_and_grad(lambda x, y, z: x * z, (0, 1, 2))(2.0, 3.0, 5.0) == (10.0, (5.0, 0.0, 2.0))


def test_the_pullback_is_linear_in_the_cotangent():
    vjp, _ = make_vjp(lambda x: (x**2, x**3))(2.0)
    a, b = vjp((1.0, 0.0)), vjp((0.0, 1.0))
    assert (a, b) == (4.0, 12.0)
    assert vjp((3.0, -2.0)) == 3 * a - 2 * b


def test_pullbacks_are_traced_through_by_outer_differentiations():
    vjp, _ = make_vjp(lambda x: x**3)(2.0)
    assert make_vjp(lambda g: vjp(g) * g)(5.0)[0](1.0) == 2 * 12.0 * 5.0


def test_the_auxiliary_output_is_not_differentiated():
    vjp, value, aux = make_vjp(lambda x: (x * x, {"twice": 2.0 * x, "text": "t"}), has_aux=True)(3.0)
    assert (vjp(1.0), value, aux) == (6.0, 9.0, {"twice": 6.0, "text": "t"})


def test_a_pullback_made_inside_outlives_its_trace_only_as_an_error():
    kept = []

    def outer(x):
        kept.append(make_vjp(lambda y: x * y)(1.0)[0])
        return kept[0](2.0) * x

    assert value_and_grad(outer)(3.0) == (18.0, 12.0)
    with pytest.raises(EscapedBoxError):
        kept[0](2.0) * 1.0


@pytest.mark.parametrize(
    ("cotangent", "reason"),
    [((1.0,), "tuple"), (1j, "complex"), ("1", "str"), (None, "NoneType"), ({"a": 1.0}, "dict")],
)
def test_a_cotangent_that_does_not_fit_is_refused(cotangent, reason):
    vjp, _ = make_vjp(lambda x: x * x)(3.0)
    with pytest.raises(StructureError, match=rf"the cotangent must .*{reason}"):
        vjp(cotangent)


def test_integers_serve_as_cotangents_of_numbers():
    assert make_vjp(lambda x: x * x)(3.0)[0](2) == 12.0


def test_a_value_is_computed_once():
    """Also where a short cut finds, from the value, that it does not apply."""
    calls = []

    def root(x):
        calls.append(x)
        return x**0.5

    register_rules([elementwise(root, lambda y, x: 0.5 / y)])
    trace = ReverseTrace()
    y = trace.unary(primitive_of(root), trace.input(-4.0))
    assert y.value == pytest.approx(2j)
    assert calls == [-4.0]
