"""The forms in which a table writes rules; on a little vector type, as a plugin of a stranger would add."""

import math
import operator

import pytest

from autodiff import (
    checkpoint,
    deriv,
    elementwise_grad,
    grad,
    hessian,
    jacobian,
    make_hvp,
    make_jvp,
    make_vjp,
    value_and_grad,
)
from autodiff.containers import flatten, map_leaves
from autodiff.extend import (
    Box,
    OperatorBox,
    VSpace,
    bilinear,
    elementwise,
    linear,
    primitive,
    reduction,
    register_box,
    register_rules,
    register_vspace,
    times,
    unbox,
    zero,
)


class Vector:
    """Numbers in a row. Operators work entry by entry, with numbers as well."""

    __array_ufunc__ = None

    def __init__(self, *entries):
        self.entries = list(entries)
        self.size = len(self.entries)  # as its space has it, for transposes

    def __eq__(self, other):
        return type(other) is Vector and self.entries == other.entries

    __hash__ = None

    def __repr__(self):
        return f"Vector{tuple(self.entries)}"

    def _with(self, other, function):
        if isinstance(other, Box):
            return NotImplemented
        others = other.entries if type(other) is Vector else [other] * len(self.entries)
        return Vector(*map(function, self.entries, others))

    __add__ = __radd__ = lambda self, other: self._with(other, operator.add)
    __mul__ = __rmul__ = lambda self, other: self._with(other, operator.mul)
    __sub__ = lambda self, other: self._with(other, operator.sub)
    __truediv__ = lambda self, other: self._with(other, operator.truediv)
    __neg__ = lambda self: self * -1.0
    __pos__ = lambda self: self * 1.0

    def __iadd__(self, other):
        self.entries = (self + other).entries
        return self


class VectorBox(OperatorBox):
    __slots__ = ()


class VectorSpace(VSpace):
    """Real vectors of one length."""

    iscomplex = False
    mutable = True

    def __init__(self, size):
        self.size = size
        self.shape = (size,)

    def __eq__(self, other):
        return isinstance(other, VectorSpace) and self.size == other.size

    def __hash__(self):
        return hash(self.size)

    def __repr__(self):
        return f"VectorSpace({self.size})"

    def zeros(self):
        return Vector(*[0.0] * self.size)

    def ones(self):
        return Vector(*[1.0] * self.size)

    def basis(self):
        for i in range(self.size):
            yield Vector(*[float(i == j) for j in range(self.size)])

    def random(self, rng):
        return Vector(*[2.0 * rng.random() - 1.0 for _ in range(self.size)])

    def inner(self, cotangent, tangent):
        return total(cotangent * tangent)

    def project(self, vector):
        return vector

    def expand(self, vector):
        return vector if type(unbox(vector)) is Vector else fill(vector, self.size)

    def own(self, vector):
        return vector * 1.0

    def is_close(self, a, b):
        return all(math.isclose(x, y, rel_tol=1e-7, abs_tol=1e-12) for x, y in zip(a.entries, b.entries, strict=True))

    def stack(self, rows, row):
        return rows

    def stack_last(self, columns, column):
        return columns

    def unreduce(self, vector, axis, keepdims):
        return fill(vector, self.size)

    def reduce(self, vector, axis, keepdims):
        return total(vector)


register_vspace(lambda v: VectorSpace(len(v.entries)), Vector, same=lambda a, b: len(a.entries) == len(b.entries))
register_box(VectorBox, Vector)

calls = []  # arguments that transposes and weights were given


@primitive
def total(v, axis=None, keepdims=False):
    return sum(v.entries)


@primitive
def fill(x, size):
    return Vector(*[x] * size)


@primitive
def squares(v, axis=None, scale=1.0):
    return scale * sum(x * x for x in v.entries)


@primitive
def dot(a, b, factor=1.0):
    return factor * sum(x * y for x, y in zip(a.entries, b.entries, strict=True))


@primitive
def entry(v, i):
    return v.entries[i]


@primitive
def unit(x, i, size):
    return Vector(*[x * float(i == j) for j in range(size)])


@primitive
def sine(v):
    return Vector(*map(math.sin, v.entries))


@primitive
def cosine(v):
    return Vector(*map(math.cos, v.entries))


@primitive
def reversed_(v, *, times=1, label=None):
    return Vector(*v.entries[::-1]) if times % 2 else v * 1.0


@primitive
def argmax(v):
    return v.entries.index(max(v.entries))


@primitive
def joined(vectors):
    return Vector(*[x for v in vectors for x in v.entries])


@primitive
def part(v, start, stop):
    return Vector(*v.entries[start:stop])


@primitive
def padded(v, start, size):
    return Vector(*[0.0] * start, *v.entries, *[0.0] * (size - start - len(v.entries)))


def join_transpose(g, vectors):
    assert all(isinstance(space, VSpace) for space in vectors)
    starts = [sum(space.size for space in vectors[:i]) for i in range(len(vectors))]
    return [part(g, start, start + space.size) for start, space in zip(starts, vectors, strict=True)]


TABLE = (
    reduction(total, 1),
    linear(fill, lambda g, x, size: total(g)),
    reduction(squares, lambda y, x, scale=1.0: 2.0 * scale * x),
    bilinear(
        dot,
        lambda g, a, b, factor=1.0: b * fill(g, a.size) * factor,
        lambda g, a, b, factor=1.0: a * fill(g, b.size) * factor,
    ),
    linear(entry, lambda g, v, i: unit(g, i, v.size)),
    linear(unit, lambda g, x, i, size: entry(g, i)),
    elementwise(sine, lambda y, x: cosine(x)),
    elementwise(cosine, times(lambda g, y, x: -(g * sine(x)))),
    linear(reversed_, lambda g, v, *, times=1: reversed_(g, times=times)),
    zero(argmax),
    linear(joined, join_transpose),
    linear(part, lambda g, v, start, stop: padded(g, start, v.size), fresh=True),
    linear(padded, lambda g, v, start, size: part(g, start, start + v.size)),
)
register_rules(TABLE)

V = Vector(0.5, 2.0, -1.0)
W = Vector(3.0, 1.0, 2.0)

# function of a vector, its gradient at V
GRADIENTS = {
    "reduction by a number": (lambda v: total(v * v), V * 2.0),
    "reduction with axis": (lambda v: total(v, axis=0, keepdims=False), V * 0.0 + 1.0),
    "reduction by a function": (lambda v: squares(v, scale=3.0), V * 6.0),
    "bilinear, left": (lambda v: dot(v, W), W),
    "bilinear, right": (lambda v: dot(W, v, factor=2.0), W * 2.0),
    "bilinear, both": (lambda v: dot(v, v), V * 2.0),
    "bilinear by keyword": (lambda v: dot(b=v, a=v), V * 2.0),
    "linear": (lambda v: entry(v, 1), Vector(0.0, 1.0, 0.0)),
    "linear, used again": (lambda v: entry(v, 1) * entry(v, 1) + entry(v, 0), Vector(1.0, 4.0, 0.0)),
    "linear with keyword": (lambda v: dot(reversed_(v, times=3), W), Vector(2.0, 1.0, 3.0)),
    "linear with even keyword": (lambda v: dot(reversed_(v, times=2), W), W),
    "linear with keyword that spells the default": (lambda v: dot(reversed_(v, label=None), W), Vector(2.0, 1.0, 3.0)),
    "linear of a container": (lambda v: squares(joined([v, W, v])), V * 4.0),
    "elementwise": (lambda v: total(sine(v)), Vector(*map(math.cos, V.entries))),
    "elementwise by product": (lambda v: total(cosine(v)), Vector(*[-math.sin(x) for x in V.entries])),
    "operators": (lambda v: total((v * v - v) / W + 2.0 * v), (V * 2.0 - Vector(1.0, 1.0, 1.0)) / W + 2.0),
    "zero": (lambda v: total(v) * argmax(v), V * 0.0 + 1.0),
    "as it is": (lambda v: dot(v, W) + 0.0 * entry(v, 0), W),
}


def close(a, b):
    return a.entries == pytest.approx(b.entries, rel=1e-14)


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    function, expected = GRADIENTS[name]
    value, gradient = value_and_grad(function)(V)
    assert value == function(V)
    assert type(gradient) is Vector
    assert close(gradient, expected)
    assert close(grad(checkpoint(function))(V), expected)


@pytest.mark.parametrize("name", GRADIENTS)
def test_forward_mode(name):
    function, expected = GRADIENTS[name]
    assert make_jvp(function)(V)(W) == (function(V), pytest.approx(total(expected * W), rel=1e-14))
    assert jacobian(function, mode="forward")(V) == pytest.approx(expected.entries, rel=1e-14)


@pytest.mark.parametrize("name", GRADIENTS)
def test_second_derivatives_agree_with_differences(name):
    function, _ = GRADIENTS[name]
    h = 1e-6
    gradient = grad(function)
    expected = (gradient(V + W * h) - gradient(V + W * -h)) / (2 * h)
    assert make_jvp(gradient)(V)(W)[1].entries == pytest.approx(expected.entries, abs=1e-8)
    assert make_hvp(function)(V)[0](W).entries == pytest.approx(expected.entries, abs=1e-8)
    assert grad(lambda v: make_jvp(function)(v)(W)[1])(V).entries == pytest.approx(expected.entries, abs=1e-8)
    assert make_jvp(lambda v: make_jvp(function)(v)(W)[1])(V)(W)[1] == pytest.approx(total(expected * W), abs=1e-7)


def test_elementwise_functions_have_elementwise_gradients():
    assert elementwise_grad(sine)(V) == deriv(sine)(V) == cosine(V)
    assert elementwise_grad(elementwise_grad(sine))(V) == -sine(V)
    assert close(hessian(lambda v: total(sine(v)))(V)[0], Vector(-math.sin(0.5), 0.0, 0.0))


# Results share memory with nothing

IDENTITIES = {
    "itself": lambda v: v,
    "plus": operator.pos,
    "twice": lambda v: (v, v),
    "sum": lambda v: v + v,
    "with zero": lambda v: (v + 0.0, v),
    "difference": lambda v: v - (-v),
    "reversed twice": lambda v: reversed_(reversed_(v)),
    "passed through": lambda v: {"a": v, "b": [v, W]},
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_gradients_alias_neither_cotangents_nor_each_other(name):
    vjp, value = make_vjp(IDENTITIES[name])(V)
    cotangent = map_leaves(lambda _: Vector(1.0, 2.0, 3.0), value)
    first, second = vjp(cotangent), vjp(cotangent)
    expected = Vector(*first.entries)
    for vector in flatten(cotangent)[0]:
        vector += Vector(100.0, 100.0, 100.0)
    first += Vector(100.0, 100.0, 100.0)
    assert second == expected
    assert Vector(0.5, 2.0, -1.0) == V
    assert vjp(map_leaves(lambda _: Vector(1.0, 2.0, 3.0), value)) == expected


def test_gradients_of_two_arguments_are_two():
    a, b = make_vjp(lambda x, y: x + y, (0, 1))(V, W)[0](cotangent := Vector(1.0, 1.0, 1.0))
    a += W
    assert b == cotangent == Vector(1.0, 1.0, 1.0)
    a, b = grad(lambda x, y: total(x) + total(y), (0, 1))(V, W)
    a += W
    assert b == Vector(1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", IDENTITIES)
def test_tangents_alias_nothing(name):
    direction = Vector(1.0, 2.0, 3.0)
    _, tangent = make_jvp(IDENTITIES[name])(V)(direction)
    leaves = flatten(tangent)[0]
    before = [Vector(*leaf.entries) for leaf in leaves]
    for i, leaf in enumerate(leaves):
        leaf += W
        assert [Vector(*other.entries) for other in leaves[i + 1 :]] == before[i + 1 :]
    assert direction == Vector(1.0, 2.0, 3.0)
    assert Vector(3.0, 1.0, 2.0) == W
