"""Forward mode: pushforwards."""

import pytest

from autodiff import deriv, grad, make_jvp
from autodiff.errors import EscapedBoxError, StructureError


def several(x, y):
    return {"product": x * y, "pair": (x + y, 3.0), "nothing": None}


def test_the_pushforward_gives_value_and_tangent_in_the_structure_of_the_result():
    jvp = make_jvp(several, (0, 1))(2.0, 5.0)
    assert jvp((1.0, 0.0)) == (
        {"product": 10.0, "pair": (7.0, 3.0), "nothing": None},
        {"product": 5.0, "pair": (1.0, 0.0), "nothing": None},
    )
    assert jvp((10.0, 100.0))[1] == {"product": 250.0, "pair": (110.0, 0.0), "nothing": None}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x, 5.0),
        (lambda x: [x, (x * x, 3.0)], [5.0, (20.0, 0.0)]),
        (lambda x: 3.0, 0.0),
        (lambda x: (), ()),
        (lambda x: None, None),
    ],
)
def test_pushforwards_of_all_kinds_of_results(function, expected):
    assert make_jvp(function)(2.0)(5.0)[1] == expected


def test_one_argument_of_several():
    assert make_jvp(lambda x, y: x * y * y, "y")(2.0, 5.0)(1.0) == (50.0, 20.0)


def test_a_container_moves_along_a_container():
    def norm(p):
        return p["x"] ** 2 + p["y"][0] ** 2 + p["y"][1] ** 2

    assert make_jvp(norm)({"x": 1.0, "y": (2.0, 3.0)})({"y": (1.0, 0.0), "x": 10.0}) == (14.0, 24.0)


def test_curves_have_velocities():
    assert deriv(lambda t: {"x": t * t, "y": [t, 1.0]})(3.0) == {"x": 6.0, "y": [1.0, 0.0]}


def test_a_tangent_may_itself_be_traced():
    assert grad(lambda v: make_jvp(lambda x: x**3)(2.0)(v)[1] * v)(5.0) == 2 * 12.0 * 5.0


@pytest.mark.parametrize(
    ("tangent", "reason"),
    [((1.0,), "tuple"), (1j, "complex"), ("1", "str"), (None, "NoneType")],
)
def test_a_tangent_that_does_not_fit_is_refused(tangent, reason):
    with pytest.raises(StructureError, match=rf"the tangent must .*{reason}"):
        make_jvp(lambda x: x * x)(3.0)(tangent)


def test_integers_serve_as_tangents_of_numbers():
    assert make_jvp(lambda x: x * x)(3.0)(2) == (9.0, 12.0)


def test_a_real_tangent_serves_for_a_complex_number():
    assert make_jvp(lambda z: z * z)(1 + 2j)(1.0) == (-3 + 4j, 2 + 4j)


def test_a_box_that_outlives_its_trace_is_an_error():
    kept = []
    deriv(lambda x: kept.append(x) or x)(2.0)
    for use in (lambda x: x + 1.0, lambda x: -x, lambda x: 2.0 * x):
        with pytest.raises(EscapedBoxError, match="after the differentiation"):
            use(kept[0])
