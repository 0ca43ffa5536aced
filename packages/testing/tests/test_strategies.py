"""The Hypothesis strategies have the properties that they promise, reach the awkward cases, and shrink."""

import inspect
import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from hypothesis.extra import numpy as hnp

from autodiff_testing import check_grads, strategies
from autodiff_testing.strategies import (
    away_from_kinks,
    axis_arguments,
    broadcastable_args,
    containers,
    distinct_arrays,
    indices,
    well_conditioned_matrices,
)

pytestmark = pytest.mark.once

MANY = settings(max_examples=200, deadline=None)
FEW = settings(max_examples=20, deadline=None)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)
REAL = st.sampled_from([np.float32, np.float64])


def reaches(strategy, condition):
    """Whether the strategy generates something of which the condition holds."""
    only_once = settings(max_examples=3000, deadline=None, database=None, phases=[Phase.generate])
    find(strategy, condition, settings=only_once)
    return True


# Broadcasting ---------------------------------------------------------------------------------------------------------


@MANY
@given(st.integers(1, 4).flatmap(lambda n: st.tuples(st.just(n), broadcastable_args(n, max_dims=2, max_side=5))))
def test_arguments_broadcast(drawn):
    number, args = drawn
    assert len(args) == number
    assert all(isinstance(a, np.ndarray) and a.dtype == float and a.ndim <= 2 for a in args)
    assert max(np.broadcast_shapes(*(a.shape for a in args)), default=0) <= 5
    assert all(np.all(np.abs(a) <= 8) and np.all(a * 64 == np.round(a * 64)) for a in args)


@pytest.mark.parametrize(
    "condition",
    [
        lambda a, b: a.ndim < b.ndim,
        lambda a, b: a.ndim > b.ndim,
        lambda a, b: a.shape == () != b.shape,
        lambda a, b: a.shape != () == b.shape,
        lambda a, b: a.ndim == b.ndim == 2 and a.shape[0] == 1 < b.shape[0] and b.shape[1] == 1 < a.shape[1],
        lambda a, b: a.size == 0 and b.size == 1,
        lambda a, b: a.shape == b.shape and a.size > 1,
    ],
)
def test_arguments_broadcast_both_ways(condition):
    assert reaches(broadcastable_args(2, max_dims=2), lambda args: condition(*args))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.complex64, np.complex128])
def test_arguments_have_the_type_and_elements_asked_for(dtype):
    @settings(max_examples=50, deadline=None)
    @given(broadcastable_args(2, dtype), broadcastable_args(3, dtype, st.just(0.5), min_side=1))
    def check(pair, halves):
        assert all(a.dtype == dtype for a in pair + halves)
        assert all(a.size and np.all(a == 0.5) for a in halves)

    check()


# Axes and indices -----------------------------------------------------------------------------------------------------


@MANY
@given(SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), axis_arguments(len(shape)))))
def test_axes_are_valid(drawn):
    shape, axis = drawn
    np.sum(np.ones(shape), axis=axis)


@pytest.mark.parametrize(
    "condition",
    [
        lambda axis: axis is None,
        lambda axis: axis == 2,
        lambda axis: axis == -3,
        lambda axis: axis == (),
        lambda axis: isinstance(axis, tuple) and len(axis) == 3 and min(axis) < 0 <= max(axis),
        lambda axis: isinstance(axis, tuple) and len(axis) == 2 and axis[0] % 3 > axis[1] % 3,
    ],
)
def test_axes_of_all_forms(condition):
    assert reaches(axis_arguments(3), condition)


@MANY
@given(axis_arguments(2, none=False, tuples=False))
def test_axes_without_the_forms_that_a_function_does_not_take(axis):
    assert type(axis) is int


@MANY
@given(st.data(), SHAPES)
def test_indices_are_valid(data, shape):
    np.ones(shape)[data.draw(indices(shape))]


@MANY
@given(st.data(), SHAPES)
def test_basic_indices_are_basic(data, shape):
    array = np.ones(shape)
    result = array[data.draw(indices(shape, advanced=False))]
    assert not isinstance(result, np.ndarray) or result.size == 0 or np.shares_memory(result, array)


def arrays_of(index, kind):
    return [part for part in (index if isinstance(index, tuple) else (index,)) if _kind(part) == kind]


def _kind(part):
    return part.dtype.kind if isinstance(part, np.ndarray) else type(part).__name__


@pytest.mark.parametrize(
    "condition",
    [
        lambda index: isinstance(index, int),
        lambda index: index is Ellipsis,
        lambda index: arrays_of(index, "NoneType"),
        lambda index: any(part.step not in {None, 1} for part in arrays_of(index, "slice")),
        lambda index: isinstance(index, np.ndarray) and index.dtype == bool and index.ndim == 3 and index.any(),
        lambda index: isinstance(index, tuple) and arrays_of(index, "b") and arrays_of(index, "slice"),
        lambda index: any(np.unique(part).size < part.size for part in arrays_of(index, "i")),
        lambda index: any((part < 0).any() for part in arrays_of(index, "i")),
        lambda index: any(part.size == 0 for part in arrays_of(index, "i")),
        lambda index: len({part.shape for part in arrays_of(index, "i")}) == 2,
        lambda index: isinstance(index, tuple) and "islicei" in "".join(map(_kind, index)),  # apart: the axes move
    ],
)
def test_indices_of_all_forms(condition):
    assert reaches(indices((3, 4, 2)), lambda index: bool(condition(index)))


# Matrices -------------------------------------------------------------------------------------------------------------


@st.composite
def matrices_with_options(draw):
    """Generate a matrix, and how it was asked for."""
    options = {
        "dtype": draw(st.sampled_from([np.float32, np.float64, np.complex64, np.complex128])),
        "symmetric": draw(st.booleans()),
        "positive_definite": draw(st.booleans()),
        "separated": draw(st.booleans()),
        "condition": draw(st.sampled_from([1.0, 2.0, 10.0, 1000.0])),
        "batch": draw(st.sampled_from([(), 2, (0,), (2, 1)])),
    }
    return draw(well_conditioned_matrices(**options)), options


@MANY
@given(matrices_with_options())
def test_matrices_are_as_promised(drawn):
    a, options = drawn
    batch = options["batch"]
    n = a.shape[-1]
    assert a.dtype == options["dtype"]
    assert 1 <= n <= 4
    assert a.shape == (*((batch,) if isinstance(batch, int) else batch), n, n)
    near = 100 * float(np.finfo(a.dtype).eps) * options["condition"]
    singular = np.linalg.svd(a, compute_uv=False)
    assert np.all(singular >= 1 - near)
    assert np.all(singular <= options["condition"] + near)
    if options["symmetric"] or options["positive_definite"]:
        assert np.array_equal(a, np.conj(np.swapaxes(a, -1, -2)))
    if options["positive_definite"]:
        assert np.all(np.linalg.eigvalsh(a) >= 1 - near)
    if options["separated"]:
        assert np.all(-np.diff(singular) >= (options["condition"] - 1) / (2 * n) - near)


def test_matrices_vary():
    assert reaches(well_conditioned_matrices(), lambda a: len(a) == 4 and np.count_nonzero(a) == 16)
    assert reaches(well_conditioned_matrices(), lambda a: np.linalg.cond(a) > 5)
    signs = lambda a: set(np.sign(np.linalg.eigvalsh(a)))
    assert reaches(well_conditioned_matrices(symmetric=True), lambda a: signs(a) == {-1, 1})
    assert reaches(well_conditioned_matrices(dtype=complex), lambda a: np.abs(a.imag).max() > 0.1)
    batches = hnp.array_shapes(min_dims=0, max_dims=2, max_side=2)
    assert reaches(well_conditioned_matrices(batch=batches), lambda a: a.ndim == 4)


def test_matrices_shrink_to_the_identity():
    assert np.array_equal(find(well_conditioned_matrices(), lambda a: len(a) == 3), np.eye(3))


def test_arguments_without_derivatives():
    with pytest.raises(InvalidArgument, match="dtype must be real or complex floating point, got int64"):
        broadcastable_args(2, np.int64)


@pytest.mark.parametrize("options", [{"condition": 0.5}, {"condition": float("nan")}, {"dtype": int}])
def test_impossible_matrices(options):
    with pytest.raises(InvalidArgument, match=r"condition|dtype"):
        well_conditioned_matrices(**options)


# Points ---------------------------------------------------------------------------------------------------------------

KINKS = st.lists(st.integers(-20, 20).map(lambda k: k / 2), max_size=3)


@MANY
@given(st.data(), SHAPES, KINKS, REAL)
def test_entries_keep_away_from_kinks(data, shape, kinks, dtype):
    x = data.draw(away_from_kinks(shape, kinks, 0.3, low=-6, high=7, dtype=dtype))
    assert x.shape == shape
    assert x.dtype == dtype
    assert all(np.all(np.abs(x - kink) >= 0.3) for kink in kinks)
    assert np.all((x >= -6) & (x <= 7))


def test_entries_on_all_sides_of_kinks():
    three = away_from_kinks((), [-1.0, 1.0])
    assert reaches(three, lambda x: x < -1)
    assert reaches(three, lambda x: -1 < x < 0)
    assert reaches(three, lambda x: 0 < x < 1)
    assert reaches(three, lambda x: x > 1)
    assert abs(find(away_from_kinks(()), lambda x: True) - 0.1) < 1e-6
    assert find(away_from_kinks((2,), [5.0]), lambda x: True).tolist() == [0, 0]


def test_no_room_between_kinks():
    with pytest.raises(InvalidArgument, match=r"nothing between low=0 and high=1 has a distance of 0.6 from all of \["):
        away_from_kinks(3, [0.5], 0.6, low=0, high=1)


@MANY
@given(SHAPES.flatmap(lambda shape: st.tuples(st.just(shape), distinct_arrays(shape, 0.25))), REAL)
def test_distinct_entries_differ_by_the_gap(drawn, dtype):
    shape, x = drawn
    assert x.shape == shape
    assert all(abs(a - b) >= 0.25 for a, b in itertools.combinations(x.ravel().tolist(), 2))


@FEW
@given(distinct_arrays(SHAPES, dtype=np.float32))
def test_distinct_entries_in_single_precision(x):
    assert x.dtype == np.float32
    assert np.all(np.diff(np.sort(x, axis=None)) >= 0.1)


def test_distinct_entries_in_any_order():
    for order in itertools.permutations(range(3)):
        assert reaches(distinct_arrays(3), lambda x, order=order: tuple(np.argsort(x)) == order)


# Containers -----------------------------------------------------------------------------------------------------------


def leaves_of(value):
    if isinstance(value, (list, tuple, dict)):
        parts = value.values() if isinstance(value, dict) else value
        return [leaf for part in parts for leaf in leaves_of(part)]
    return [value]


@MANY
@given(containers())
def test_containers_hold_arrays_and_numbers(value):
    assert isinstance(value, (list, tuple, dict))
    leaves = leaves_of(value)
    assert leaves
    assert all(type(leaf) is float or (isinstance(leaf, np.ndarray) and leaf.dtype == float) for leaf in leaves)


@FEW
@given(containers(st.just("leaf")))
def test_containers_of_other_leaves(value):
    assert set(leaves_of(value)) == {"leaf"}


def test_containers_are_nested():
    deep = lambda value: (
        isinstance(value, dict)
        and any(isinstance(part, tuple) and any(isinstance(inner, list) for inner in part) for part in value.values())
    )
    assert reaches(containers(), deep)
    assert reaches(containers(), lambda value: len({type(leaf) for leaf in leaves_of(value)}) == 2)
    assert len(leaves_of(find(containers(), lambda value: isinstance(value, dict)))) == 1


# With check_grads -----------------------------------------------------------------------------------------------------


@FEW
@given(broadcastable_args(2))
def test_gradients_of_add(args):
    check_grads(np.add)(*args)


@FEW
@given(broadcastable_args(2, np.complex128))
def test_gradients_of_complex_multiply(args):
    check_grads(np.multiply)(*args)


@FEW
@given(axis_arguments(3), st.booleans())
def test_gradients_of_sum(axis, keepdims):
    check_grads(lambda x: np.sum(x**2, axis=axis, keepdims=keepdims))(np.linspace(-1.0, 2.0, 24).reshape(2, 3, 4))


@FEW
@given(indices((3, 4)))
def test_gradients_of_getitem(index):
    check_grads(lambda x: x[index] ** 2)(np.linspace(-1.0, 2.0, 12).reshape(3, 4))


@FEW
@given(well_conditioned_matrices(3, batch=st.sampled_from([(), (2,)])))
def test_gradients_of_inv(a):
    check_grads(np.linalg.inv)(a)


@FEW
@given(well_conditioned_matrices(3, positive_definite=True))
def test_gradients_of_cholesky(a):
    check_grads(lambda b: np.linalg.cholesky((b + b.T) / 2))(a)


@FEW
@given(distinct_arrays((2, 3)), axis_arguments(2, tuples=False))
def test_gradients_of_sort(x, axis):
    check_grads(lambda x: np.sort(x, axis=axis))(x)


@FEW
@given(away_from_kinks((2, 2)))
def test_gradients_of_abs(x):
    check_grads(np.abs)(x)


@FEW
@given(containers())
def test_gradients_of_a_program_of_containers(value):
    def squares(part):
        if isinstance(part, dict):
            return {key: squares(inner) for key, inner in part.items()}
        if isinstance(part, (list, tuple)):
            return type(part)(map(squares, part))
        return np.sum(part**2)

    check_grads(lambda p: {"parts": squares(p), "sum": sum(np.sum(leaf * 3) for leaf in leaves_of(p))})(value)


# The module -----------------------------------------------------------------------------------------------------------


def test_every_strategy_is_documented():
    assert strategies.__all__ == sorted(strategies.__all__)
    for name in strategies.__all__:
        function = getattr(strategies, name)
        text = inspect.getdoc(function)
        assert "Examples\n--------\n" in text
        for parameter in inspect.signature(function).parameters:
            assert parameter in text.partition("Returns\n")[0].partition("Parameters\n")[2], f"{name}: {parameter}"


def test_without_hypothesis_the_error_names_the_extra():
    program = "import sys; sys.modules['hypothesis'] = None; import autodiff_testing.strategies"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: autodiff_testing.strategies needs Hypothesis")
    assert "pip install autodiff-testing[hypothesis]" in last
