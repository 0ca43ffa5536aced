"""The public names are those that were promised, and each is documented with an example that runs."""

import doctest
import inspect
from pathlib import Path

import pytest

import autodiff
import autodiff.debug
import autodiff.extend
from autodiff import errors

NAMES = """
grad value_and_grad grad_and_aux elementwise_grad deriv holomorphic_grad grad_named multigrad_dict jacobian hessian
value_and_jacobian value_and_hessian make_vjp make_jvp make_jvp_reversemode make_hvp make_ggnvp vector_jacobian_product
tensor_jacobian_product jacobian_vector_product hessian_vector_product hessian_tensor_product checkpoint stop_gradient
vmap jet derivatives custom_root fixed_point Static
""".split()  # noqa: SIM905

EXTEND = """
primitive defvjp defvjp_argnum defvjp_argnums defjvp defjvp_argnum defjvp_argnums def_linear nondifferentiable
notrace_primitive register_container Box Trace VSpace vspace hookimpl
elementwise linear bilinear reduction zero general
""".split()  # noqa: SIM905

FURTHER = """
BatchBox Batching BoxEntry ContainerEntry Elementwise Hold Keeper ManyValues OperatorBox Primitive Rule Same VSpaceEntry
bind differentiating flatten frozen has_box kind_of load_plugins lost_derivative map_leaves one_plain_value overwriting
partials primitive_of register_box register_rules register_vspace times unbox unflatten
""".split()  # noqa: SIM905

DEBUG = """
Costs Equation Listing Profile SavedLine SavedResiduals debug_nans draw_graph print_trace profile saved_residuals
trace_of
""".split()  # noqa: SIM905


def test_the_names_of_the_package():
    assert sorted(autodiff.__all__) == sorted(NAMES)
    assert [name for name in autodiff.__all__ if not hasattr(autodiff, name)] == []


def test_the_names_for_extensions():
    assert sorted(set(EXTEND) - set(autodiff.extend.__all__)) == []
    assert sorted(set(autodiff.extend.__all__) - set(EXTEND) - set(FURTHER)) == [], (
        "not promised: add it here or hide it"
    )
    assert sorted(set(FURTHER) - set(autodiff.extend.__all__)) == []
    assert [name for name in autodiff.extend.__all__ if not hasattr(autodiff.extend, name)] == []


def test_the_names_for_debugging():
    assert sorted(autodiff.debug.__all__) == sorted(DEBUG)
    assert [name for name in autodiff.debug.__all__ if not hasattr(autodiff.debug, name)] == []


def test_all_is_sorted_and_says_a_name_once():
    for module in (autodiff, autodiff.extend, autodiff.debug):
        assert list(module.__all__) == sorted(set(module.__all__))


PUBLIC = [(autodiff, name) for name in NAMES] + [(autodiff.extend, name) for name in EXTEND + FURTHER]
PUBLIC += [(autodiff.debug, name) for name in DEBUG]


@pytest.mark.parametrize(("module", "name"), PUBLIC, ids=lambda value: value if isinstance(value, str) else "")
def test_every_public_name_is_documented(module, name):
    text = inspect.getdoc(getattr(module, name)) or ""
    assert len(text) > 30
    assert text.splitlines()[0].endswith((".", ":"))


WITH_EXAMPLES = [row for row in PUBLIC if inspect.isfunction(getattr(*row)) and row[1] not in FURTHER]


@pytest.mark.parametrize(("module", "name"), WITH_EXAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_public_function_has_an_example_that_runs(module, name):
    text = inspect.getdoc(getattr(module, name)) or ""
    assert "Examples\n--------\n" in text, "no section `Examples`"
    names = {"autodiff": autodiff, **{n: getattr(module, n) for n in module.__all__}}
    examples = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    assert examples.examples
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    results = doctest.DocTestRunner(verbose=False, optionflags=flags).run(examples)
    assert results.failed == 0


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_documented(name):
    function = getattr(autodiff, name)
    text = inspect.getdoc(function)
    if "The same as" in text:
        return
    for parameter in inspect.signature(function).parameters.values():
        stars = "*" * (parameter.kind is parameter.VAR_POSITIONAL)
        assert f"\n{stars}{parameter.name} : " in text
    assert isinstance(function, type) or "\nReturns\n-------\n" in text


def test_modules_are_documented_and_read_in_an_evening():
    folder = Path(autodiff.__file__).parent
    for path in folder.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        assert source.startswith('"""'), path.name
        assert source.count("\n") <= 400, path.name
    assert (folder / "py.typed").exists()


def test_the_order_of_reading_names_files_that_exist():
    folder = Path(autodiff.__file__).parent
    order = autodiff.__doc__.partition("in this order:")[2].replace("\n", " ").split("`")[1::2]
    assert len(order) > 10
    assert [name for name in order if not (folder / f"{name}.py").exists()] == []


def test_importing_is_light(python):
    code = """if True:
        import sys
        before = set(sys.modules)
        import autodiff
        loaded = set(sys.modules) - before
        for name in ("numpy", "scipy", "pluggy", "importlib.metadata", "autodiff_numpy", "autodiff.extend"):
            assert name not in loaded, name
        from autodiff import plugins
        assert plugins._state == "new"
    """
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_importing_the_extension_names_scans_nothing(python):
    code = """if True:
        import sys
        import importlib.metadata
        def scan(**_):
            raise AssertionError("scanned")
        importlib.metadata.entry_points = scan
        import autodiff.extend
        assert "numpy" not in sys.modules
        from autodiff.extend import defvjp, primitive, elementwise
        square = primitive(lambda x: x * x)
        defvjp(square, lambda ans, x: lambda g: 2 * x * g)
        try:
            autodiff.grad(square)(1.0)
        except AssertionError as error:
            assert str(error) == "scanned"
        else:
            raise SystemExit("the first transform must look for plugins")
    """
    done = python("-c", code)
    assert done.returncode == 0, done.stderr


def test_errors_are_reached_from_the_package():
    assert autodiff.errors is errors
