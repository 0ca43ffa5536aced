"""Containers are flattened at the boundary of a transform: user code sees the real thing."""

import collections
import copy
import dataclasses
import pickle
from typing import Any, NamedTuple

import pytest

from autodiff import Static, checkpoint, deriv, grad, hessian, jacobian, make_jvp, make_vjp, value_and_grad
from autodiff.containers import describe, flatten, leaf_paths, map_leaves, unflatten
from autodiff.errors import AutodiffError, InputError, IntegerInputError, StructureError
from autodiff.extend import primitive, register_container


class Named(NamedTuple):
    a: Any
    b: Any

    @property
    def product(self):
        return self.a * self.b


Plain = collections.namedtuple("Plain", ["a", "b"])  # noqa: PYI024


@dataclasses.dataclass
class Data:
    a: Any
    b: Any = 1.0

    @property
    def product(self):
        return self.a * self.b


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: Any
    b: Any

    def __post_init__(self):
        if not isinstance(self.a, float):
            raise TypeError("only plain numbers here")


@dataclasses.dataclass
class Layer:
    weight: Any
    kind: str = dataclasses.field(metadata={"static": True})
    count: int = dataclasses.field(metadata={"static": True})

    def __call__(self, x):
        assert self.kind == "tanh"
        return x * self.weight**self.count


class Registered:
    def __init__(self, a, b, label):
        self.a, self.b, self.label = a, b, label

    def __eq__(self, other):
        return (self.a, self.b, self.label) == (other.a, other.b, other.label)

    __hash__ = None


register_container(
    Registered, lambda r: ((r.a, r.b), r.label), lambda label, children: Registered(*children, label=label)
)

# value, function of it, gradient
CASES = {
    "tuple": ((2.0, 3.0), lambda p: p[0] * p[1] ** 2, (9.0, 12.0)),
    "list": ([2.0, 3.0], lambda p: p[0] * p[1] ** 2, [9.0, 12.0]),
    "list as a list": ([2.0, 3.0], lambda p: sum([*p, p[-1], *p[1:]]) + 0.0 * len(p), [1.0, 3.0]),
    "dict": ({"a": 2.0, "b": 3.0}, lambda p: p["a"] * p["b"] ** 2, {"a": 9.0, "b": 12.0}),
    "items": ({"a": 2.0, "b": 3.0}, lambda p: sum(k == "b" and v * v for k, v in p.items()), {"a": 0.0, "b": 6.0}),
    "ordered dict": (
        collections.OrderedDict(z=2.0, a=3.0),
        lambda p: next(iter(p.values())) * p["a"],
        collections.OrderedDict(z=3.0, a=2.0),
    ),
    "mixed keys": ({1: 2.0, "b": 3.0, None: 5.0}, lambda p: p[1] * p["b"] * p[None], {1: 15.0, "b": 10.0, None: 6.0}),
    "named tuple": (Named(2.0, 3.0), lambda p: p.product, Named(3.0, 2.0)),
    "plain named tuple": (Plain(2.0, 3.0), lambda p: p.a * p[1], Plain(3.0, 2.0)),
    "dataclass": (Data(2.0, 3.0), lambda p: p.product, Data(3.0, 2.0)),
    "frozen dataclass with checks": (Frozen(2.0, 3.0), lambda p: p.a * p.b, Frozen(3.0, 2.0)),
    "registered class": (Registered(2.0, 3.0, "x"), lambda p: p.a * p.b, Registered(3.0, 2.0, "x")),
    "none": ({"a": 2.0, "b": None}, lambda p: p["a"] ** 2 if p["b"] is None else 0.0, {"a": 4.0, "b": None}),
    "empty": ([[], 2.0, (), {}], lambda p: p[1] ** 2, [[], 4.0, (), {}]),
    "nested": (
        {"layers": [(2.0, [3.0]), Named(4.0, {"x": 5.0})], "scale": Data(6.0, None)},
        lambda p: p["layers"][0][0] * p["layers"][0][1][0] + p["layers"][1].a * p["layers"][1].b["x"] * p["scale"].a,
        {"layers": [(3.0, [2.0]), Named(30.0, {"x": 24.0})], "scale": Data(20.0, None)},
    ),
    "the same value twice": ((lambda x: [x, x])(float("2.5")), lambda p: p[0] * p[0] * p[1], [12.5, 6.25]),  # noqa: PLC3002
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradients_have_the_structure_of_the_argument(name):
    value, function, expected = CASES[name]
    before = copy.deepcopy(value)
    found = grad(function)(value)
    assert type(found) is type(value)
    assert found == expected
    assert value == before
    assert value_and_grad(lambda p: function(p) * 1.0)(value) == (function(value), expected)


@pytest.mark.parametrize("name", CASES)
def test_forward_mode_gives_the_same(name):
    value, function, expected = CASES[name]
    direction = unflatten(flatten(value)[1], [float(i + 1) for i in range(len(flatten(value)[0]))])
    along = sum(t * g for t, g in zip(flatten(direction)[0], flatten(expected)[0], strict=True))
    assert make_jvp(function)(value)(direction)[1] == pytest.approx(along, rel=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_flatten_and_unflatten_are_inverse(name):
    value, _, _ = CASES[name]
    leaves, structure = flatten(value)
    rebuilt = unflatten(structure, leaves)
    assert rebuilt == value
    assert type(rebuilt) is type(value)
    assert structure == flatten(rebuilt)[1]
    assert len(flatten(unflatten(structure, leaves))[0]) == len(leaves)
    if isinstance(value, dict):
        assert list(rebuilt) == list(value)


@pytest.mark.parametrize("name", CASES)
def test_containers_as_results(name):
    value, _, _ = CASES[name]
    vjp, found = make_vjp(lambda x: map_leaves(lambda leaf: leaf * x, value))(2.0)
    assert found == map_leaves(lambda leaf: leaf * 2.0, value)
    assert vjp(value) == pytest.approx(sum(leaf * leaf for leaf in flatten(value)[0]))
    assert deriv(lambda x: map_leaves(lambda leaf: leaf * x, value))(2.0) == value


def test_results_share_nothing_with_the_arguments():
    p = {"a": [1.0], "b": [2.0]}
    value, gradient = value_and_grad(lambda p: (p["a"][0] * p["b"][0], p), has_aux=True)(p)
    aux = value[1]
    assert aux == p
    assert aux is not p
    assert aux["a"] is not p["a"]
    gradient["a"].append("scribble")
    assert p == {"a": [1.0], "b": [2.0]}


def test_what_the_function_does_to_its_container_stays_inside():
    def function(p):
        p.append(p[0] * p[1])
        p[0] = 7.0
        return p[-1] * p[0]

    p = [2.0, 3.0]
    assert grad(function)(p) == [21.0, 14.0]
    assert p == [2.0, 3.0]


def test_the_order_of_keys_is_of_no_account_but_kept():
    a, b = {"x": 1.0, "y": 2.0}, {"y": 20.0, "x": 10.0}
    assert flatten(a)[1] == flatten(b)[1]
    assert list(grad(lambda p: p["x"] * p["y"])(b)) == ["y", "x"]
    assert make_jvp(lambda p: p["x"] + 3.0 * p["y"])(a)(b)[1] == 70.0
    assert make_vjp(lambda x: {"x": x, "y": 3.0 * x})(1.0)[0]({"y": 10.0, "x": 1.0}) == 31.0


def test_jacobians_and_hessians_are_nested_in_both_structures():
    def function(p):
        return {"s": p["a"] * p["b"], "t": [p["a"] ** 2]}

    point = {"a": 2.0, "b": 3.0}
    expected = {"s": {"a": 3.0, "b": 2.0}, "t": [{"a": 4.0, "b": 0.0}]}
    for mode in ("forward", "reverse", "auto"):
        assert jacobian(function, mode=mode)(point) == expected
    assert hessian(lambda p: p["a"] ** 2 * p["b"])(point) == {"a": {"a": 6.0, "b": 4.0}, "b": {"a": 4.0, "b": 0.0}}
    assert jacobian(lambda x, y: (x * y, y), (0, 1))(2.0, 3.0) == ((3.0, 2.0), (0.0, 1.0))


# Ways to copy a value, which must not lose its derivative.
COPIES = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "deepcopy of a list": lambda x: copy.deepcopy([x])[0],
    "asdict": lambda x: dataclasses.asdict(Data(x))["a"],
    "astuple": lambda x: dataclasses.astuple(Data(x))[0],
    "replace": lambda x: dataclasses.replace(Data(0.0), a=x).a,
    "_replace": lambda x: Named(0.0, 0.0)._replace(a=x).a,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
}


@pytest.mark.parametrize("transform", [grad, deriv])
@pytest.mark.parametrize("name", COPIES)
def test_copies_keep_the_derivative_or_refuse(name, transform):
    copied = COPIES[name]
    try:
        found = transform(lambda x: x * copied(x))(3.0)
    except AutodiffError:
        assert name == "pickle"  # no copy in this process: an error is the right answer
    else:
        assert found == 6.0


def test_boxes_in_containers_of_the_same_call_reach_a_primitive():
    first = primitive(lambda pair: pair[0])
    assert first((1.0, 2.0)) == 1.0


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ([1.0, 2], IntegerInputError, r"2.*int.*2\.0"),
        ((True, 2.0), IntegerInputError, r"True.*bool.*1\.0"),
        ({"a": "text"}, InputError, r"builtins\.str"),
        (collections.defaultdict(float, a=1.0), InputError, r"collections\.defaultdict"),
        ({1.0, 2.0}, InputError, r"builtins\.set.*register_container"),
        (object(), InputError, r"builtins\.object.*register a box"),
    ],
)
@pytest.mark.parametrize("transform", [grad, deriv, jacobian, lambda f: lambda x: make_vjp(f)(x)])
def test_what_cannot_be_differentiated_is_refused(transform, value, error, message):
    with pytest.raises(error, match=message):
        transform(lambda p: 1.0)(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "*"),
        ([1.0, (2.0, None)], "list(*, tuple(*, NoneType()))"),
        ({"w": [1.0, 2.0], "b": 3.0}, "dict(b=*, w=list(*, *))"),
        (Named(1.0, 2.0), "Named(*, *)"),
        ({"n": Static(2), "x": 1.0}, "dict(n=Static(2), x=*)"),
        (Layer(1.0, "tanh", 3), "Layer(*, Static('tanh'), Static(3))"),
    ],
)
def test_structures_are_described_in_messages(value, text):
    assert describe(flatten(value)[1]) == text


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (1.0, ["x"]),
        ((), []),
        ([1.0, (2.0,), None], ["x[0]", "x[1][0]"]),
        ({"w": [1.0], 3: 2.0}, ["x['w'][0]", "x[3]"]),
        (collections.OrderedDict(b=1.0, a=2.0), ["x['a']", "x['b']"]),
        (Named(1.0, Data(2.0)), ["x.a", "x.b.a", "x.b.b"]),
        (Layer(1.0, "dense", 2), ["x.weight"]),
        ({"static": Static("name"), "x": 1.0}, ["x['x']"]),
        (Registered(1.0, 2.0, "r"), ["x[0]", "x[1]"]),
    ],
)
def test_leaves_are_named_as_python_would_take_them_out(value, paths):
    leaves, structure = flatten(value)
    assert list(leaf_paths(structure, "x")) == paths
    for leaf, path in zip(leaves, paths, strict=True):
        if not isinstance(value, Registered):
            assert eval(path, {"x": value}) == leaf


def test_a_structure_that_does_not_fit_is_refused_with_both_structures():
    message = r"must have the structure dict\(a=\*, b=\*\), but has dict\(a=\*\)"
    with pytest.raises(StructureError, match=message):
        make_jvp(lambda p: p["a"])({"a": 1.0, "b": 2.0})({"a": 1.0})


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: grad(checkpoint(f))])
def test_static_entries_stay_as_they_are(transform):
    found = transform(lambda layer: layer(2.0))(Layer(3.0, "tanh", 2))
    assert found == Layer(12.0, "tanh", 2)
    found = transform(lambda p: p["x"] ** p["n"].value)({"x": 2.0, "n": Static(3), "names": [Static("a"), None]})
    assert found == {"x": 12.0, "n": Static(3), "names": [Static("a"), None]}


def test_second_derivatives_with_static_entries():
    found = hessian(lambda layer: layer(2.0))(Layer(3.0, "tanh", 2))
    assert found == Layer(Layer(4.0, "tanh", 2), "tanh", 2)


def test_static_entries_belong_to_the_structure():
    point = {"x": 2.0, "n": Static([1, 2])}
    assert make_jvp(lambda p: {"y": p["x"], "n": p["n"]})(point)({"x": 3.0, "n": Static([1, 2])}) == (
        {"y": 2.0, "n": Static([1, 2])},
        {"y": 3.0, "n": Static([1, 2])},
    )
    with pytest.raises(StructureError, match=r"n=Static\(\[1, 2\]\).*but has dict\(n=Static\(0\)"):
        make_jvp(lambda p: p["x"])(point)({"x": 3.0, "n": Static(0)})
    assert len({flatten(point)[1], flatten(point)[1]}) == 1


def test_leaves_of_several_values_together():
    assert map_leaves(max, (1.0, [5.0]), (2.0, [4.0]), (0.0, [6.0])) == (2.0, [6.0])
    with pytest.raises(StructureError, match=r"value number 2 must have the structure tuple\(\*, \*\)"):
        map_leaves(max, (1.0, 2.0), (1.0,))
