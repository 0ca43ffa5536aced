"""Wheels of core and of three plugins of strangers, built and installed into an empty environment.

Slow, as it makes two environments; it needs a package index for hatchling and pluggy. Nothing is skipped: where a
tool is missing, the tests fail.
"""

import json
import os
import subprocess
import sys
import textwrap
import time
import venv
from pathlib import Path

import pytest

pytestmark = pytest.mark.wheels

CORE = Path(__file__).resolve().parents[1]

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "{version}"
requires-python = ">=3.11"
dependencies = ["autodiff-core"]

[project.entry-points.autodiff]
{plugin} = "{module}.plugin"

[tool.hatch.build.targets.wheel]
packages = ["{module}"]
"""

# Functions of Python's floats with their rules, and a container, as a stranger would publish them.
WORKING = {
    "__init__.py": """
        import math
        from autodiff.extend import primitive

        sin, cos, hypot = map(primitive, (math.sin, math.cos, math.hypot))

        class Interval:
            def __init__(self, low, high):
                self.low, self.high = low, high
    """,
    "plugin.py": """
        from autodiff.extend import ContainerEntry, elementwise, hookimpl
        from smooth_math import Interval, cos, hypot, sin

        RULES = (
            elementwise(sin, lambda y, x: cos(x)),
            elementwise(cos, lambda y, x: -sin(x)),
            elementwise(hypot, lambda y, a, b: a / y, lambda y, a, b: b / y),
        )

        @hookimpl
        def autodiff_describe():
            return "math of floats"

        @hookimpl
        def autodiff_rules():
            return RULES

        @hookimpl
        def autodiff_containers():
            return [ContainerEntry(Interval, lambda i: ((i.low, i.high), None), lambda _, ends: Interval(*ends))]
    """,
}
BROKEN = {"__init__.py": "", "plugin.py": "import a_module_that_nobody_has"}
RIVAL = {
    "__init__.py": "import math\nfrom autodiff.extend import primitive\ntan = primitive(math.tan)\n",
    "plugin.py": """
        from autodiff.extend import elementwise, hookimpl
        from rival_math import tan
        from smooth_math import sin

        @hookimpl
        def autodiff_rules():
            return (elementwise(sin, 1000), elementwise(tan, lambda y, x: 1 + y * y))
    """,
}
# name of the distribution, version, entry point, import package, sources
PLUGINS = [
    ("smooth-math", "1.2", "smooth", "smooth_math", WORKING),
    ("broken-math", "0.1", "broken", "broken_math", BROKEN),
    ("zz-rival-math", "3.0", "zz_rival", "rival_math", RIVAL),
]


def execute(*command, status=0, **variables):
    """Run a command outside of the tree and of this environment; fail loudly unless it ends with `status`."""
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "AUTODIFF_", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX"))
    }
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, env={**outside, **variables}
    )
    assert done.returncode == status, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def interpreter(folder):
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """Return the Python of an environment with the wheels and nothing else; several test processes share it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    work = shared / "wheels"
    result = work / "python.txt"  # empty: it failed
    try:
        work.mkdir()
    except FileExistsError:  # another process is at it
        deadline = time.monotonic() + 300
        while not result.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    else:
        path = ""
        try:
            path = str(build(work))
        finally:
            (work / "result").write_text(path)
            (work / "result").rename(result)
    assert result.read_text(), "the environment could not be made; another test has the reason"
    return Path(result.read_text())


def build(work):
    """Build the wheels, install them where nothing else is, and return that environment's Python."""
    builder, wheels = work / "builder", work / "dist"
    execute(sys.executable, "-m", "venv", builder)
    pip = [interpreter(builder), "-m", "pip", "--disable-pip-version-check"]
    execute(*pip, "install", "--quiet", "hatchling")
    execute(*pip, "download", "--quiet", "--only-binary=:all:", "--dest", wheels, "pluggy")
    sources = [CORE]
    for name, version, plugin, module, files in PLUGINS:
        source = work / name
        (source / module).mkdir(parents=True)
        sources.append(source)
        project = PROJECT.format(name=name, version=version, plugin=plugin, module=module)
        (source / "pyproject.toml").write_text(project)
        for file, text in files.items():
            (source / module / file).write_text(textwrap.dedent(text))
    for source in sources:
        execute(*pip, "wheel", "--quiet", "--no-build-isolation", "--no-deps", "--wheel-dir", wheels, source)
    assert len(list(wheels.glob("*.whl"))) == 5
    environment = work / "empty"
    venv.create(environment, with_pip=False)
    names = ["autodiff-core", *(name for name, *_ in PLUGINS)]
    execute(
        *pip, "--python", interpreter(environment), "install", "--quiet", "--no-index", "--find-links", wheels, *names
    )
    return interpreter(environment)


def test_nothing_else_is_there(empty):
    code = """if True:
        import importlib.metadata as metadata, autodiff, sys
        names = {d.name.lower().replace("_", "-") for d in metadata.distributions()}
        assert names == {"autodiff-core", "pluggy", "smooth-math", "broken-math", "zz-rival-math"}, names
        assert autodiff.__file__.startswith(sys.prefix), autodiff.__file__
        import pathlib
        assert (pathlib.Path(autodiff.__file__).parent / "py.typed").exists()
    """
    execute(empty, "-c", code)


USE = """
import math, warnings
from autodiff import deriv, grad, jacobian
from autodiff.errors import PluginWarning
import smooth_math

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    gradient = grad(smooth_math.sin)(0.3)
messages = [str(w.message) for w in caught]
assert all(w.category is PluginWarning for w in caught), caught
assert gradient == deriv(smooth_math.sin)(0.3) == math.cos(0.3)
assert grad(grad(smooth_math.sin))(0.3) == deriv(grad(smooth_math.sin))(0.3) == -math.sin(0.3)
assert grad(smooth_math.hypot, (0, 1))(3.0, 4.0) == (0.6, 0.8)
interval = grad(lambda i: smooth_math.sin(i.high) * i.low)(smooth_math.Interval(2.0, 0.3))
assert type(interval) is smooth_math.Interval
assert (interval.low, interval.high) == (math.sin(0.3), 2.0 * math.cos(0.3))
assert grad(lambda x: x**3)(2.0) == 12.0
"""


def test_the_working_plugin_works_and_the_others_are_reported_once(empty):
    code = (
        USE
        + """
broken, rival = messages
assert "'broken'" in broken and "broken-math 0.1" in broken and "a_module_that_nobody_has" in broken, broken
assert "'zz_rival'" in rival and "zz-rival-math 3.0" in rival and "sin" in rival and "smooth" in rival, rival
import rival_math
assert abs(grad(rival_math.tan)(0.3) - 1 / math.cos(0.3) ** 2) < 1e-15  # its other rule is in use
"""
    )
    execute(empty, "-c", code)


def test_the_listing_names_all_with_their_problems(empty):
    done = execute(empty, "-m", "autodiff", "plugins", status=1)
    assert done.stderr == ""
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if not line.startswith(" ")}
    assert list(lines) == ["broken", "smooth", "zz_rival"]
    assert "failed" in lines["broken"]
    assert "broken-math 0.1" in lines["broken"]
    for word in ("loaded", "3 rules", "smooth-math 1.2", "math of floats"):
        assert word in lines["smooth"]
    assert "1 rules" in lines["zz_rival"]
    problems = [line for line in done.stdout.splitlines() if line.lstrip().startswith("!")]
    assert "a_module_that_nobody_has" in problems[0]
    assert "sin" in problems[1]
    assert "smooth" in problems[1]
    assert "zz_rival" in problems[1]
    data = json.loads(execute(empty, "-m", "autodiff", "plugins", "--json", status=1).stdout)
    assert [(p["name"], p["state"], p["rules"], len(p["problems"])) for p in data] == [
        ("broken", "failed", 0, 1),
        ("smooth", "loaded", 3, 0),
        ("zz_rival", "loaded", 1, 1),
    ]


@pytest.mark.parametrize(
    "variables",
    [{"AUTODIFF_DISABLE_PLUGINS": "broken,zz_rival"}, {"AUTODIFF_PLUGINS": "smooth"}],
    ids=["disable", "only"],
)
def test_plugins_can_be_disabled(empty, variables):
    execute(empty, "-W", "error", "-c", USE + "\nassert messages == [], messages", **variables)
    done = execute(empty, "-m", "autodiff", "plugins", **variables)
    assert done.stdout.count("disabled") == 2
    assert "!" not in done.stdout


def test_without_its_plugin_a_function_has_no_rule_and_the_error_says_so(empty):
    code = """if True:
        import smooth_math
        from autodiff import grad
        from autodiff.errors import InputError, MissingRuleError
        try:
            grad(smooth_math.sin)(0.3)
        except MissingRuleError as error:
            assert "math.sin" in str(error) and "python -m autodiff plugins" in str(error)
        else:
            raise AssertionError
        try:
            grad(lambda i: i.low)(smooth_math.Interval(1.0, 2.0))
        except InputError as error:
            assert "smooth_math.Interval" in str(error)
        else:
            raise AssertionError
    """
    execute(empty, "-W", "error", "-c", code, AUTODIFF_PLUGINS="")
