"""Plugins: found by entry point; a broken one is reported by name and harms no other one.

Each test makes a folder of installed distributions, which is all that Python's metadata needs, and starts a process.
"""

import json
import os
import textwrap

import pytest

from autodiff import grad
from autodiff.plugins import installed_plugins

GOOD = """
import math
from autodiff.extend import elementwise, hookimpl, primitive

sin, cos = primitive(math.sin), primitive(math.cos)

class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

@hookimpl
def autodiff_describe():
    return "sines and pairs"

@hookimpl
def autodiff_rules():
    return [elementwise(sin, lambda y, x: cos(x)), elementwise(cos, lambda y, x: -sin(x))]

@hookimpl
def autodiff_containers():
    from autodiff.extend import ContainerEntry
    return [ContainerEntry(Pair, lambda p: ((p.a, p.b), None), lambda _, children: Pair(*children))]
"""

USE_GOOD = """
import math
import good
from autodiff import grad, deriv
assert grad(good.sin)(0.3) == deriv(good.sin)(0.3) == math.cos(0.3)
assert grad(lambda p: p.a * good.sin(p.b))(good.Pair(2.0, 0.3)).a == math.sin(0.3)
assert grad(lambda x: x**3)(2.0) == 12.0
"""


@pytest.fixture
def installed(tmp_path, python):
    """Return a function that runs code where plugins, ``name=source``, are installed; and what was warned."""

    def run(code, /, *arguments, variables=None, **plugins):
        for name, source in plugins.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
            info = tmp_path / f"{name}_dist-1.5.dist-info"
            info.mkdir(exist_ok=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.5\n")
            (info / "entry_points.txt").write_text(f"[autodiff]\n{name} = {name}\n")
        path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(os.pathsep)
        start = ["-c", textwrap.dedent(code)] if code else ["-m", "autodiff"]
        return python(
            *start, *arguments, PYTHONPATH=path, **{"AUTODIFF_PLUGINS": ",".join(plugins), **(variables or {})}
        )

    return run


def test_a_working_plugin(installed):
    done = installed(USE_GOOD, good=GOOD)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


# source of a plugin: what the report must contain
BROKEN = {
    "fails on import": ("import does_not_exist", ["ModuleNotFoundError", "does_not_exist"]),
    "syntax error": ("def (", ["SyntaxError"]),
    "misspelt hook": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rulse(): return []",
        ["autodiff_rulse"],
    ),
    "hook with arguments": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rules(config): return []",
        ["config"],
    ),
    "hook that raises": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rules(): raise KeyError('lost key')",
        ["KeyError", "lost key"],
    ),
    "hook that raises half-way": (
        """
        import good
        from autodiff.extend import elementwise, hookimpl, primitive
        half = primitive(lambda x: x)
        @hookimpl
        def autodiff_rules():
            yield elementwise(half, 1)
            raise KeyError("lost key")
        """,
        ["KeyError", "lost key"],
    ),
    "hook that returns nothing": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rules(): pass",
        ["autodiff_rules", "None"],
    ),
    "rule that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rules(): return ['text']",
        ["autodiff_rules", "'text'", "not a rule"],
    ),
    "box entry that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_boxes(): return [(int, str)]",
        ["autodiff_boxes"],
    ),
    "space entry that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_vspaces(): return ['text']",
        ["autodiff_vspaces"],
    ),
    "container entry that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_containers(): return [(int, str)]",
        ["autodiff_containers"],
    ),
    "primitive that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_primitives(): return [[]]",
        ["autodiff_primitives"],
    ),
    "entries of wrong things": (
        """
        from autodiff.extend import ContainerEntry, hookimpl
        @hookimpl
        def autodiff_containers(): return [ContainerEntry(int, None, None)]
        """,
        ["autodiff_containers", "flatten=None"],
    ),
    "one entry, not a list": (
        """
        from autodiff.extend import BoxEntry, OperatorBox, hookimpl
        @hookimpl
        def autodiff_boxes(): return BoxEntry(OperatorBox, (set,))
        """,
        ["autodiff_boxes", "list"],
    ),
    "description that is none": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_describe(): return 5",
        ["autodiff_describe", "5", "not a text"],
    ),
    "neither printable nor hashable": (
        """
        from autodiff.extend import hookimpl
        class Rude:
            def __call__(self): pass
            def __hash__(self): raise ArithmeticError(self)
            def __repr__(self): raise ArithmeticError(self)
        @hookimpl
        def autodiff_primitives(): return [Rude()]
        """,
        ["autodiff_primitives", "ArithmeticError"],
    ),
    "exits": ("raise SystemExit('leaving')", ["SystemExit", "leaving"]),
    "exits in a hook": (
        "from autodiff.extend import hookimpl\n@hookimpl\ndef autodiff_rules(): raise SystemExit('leaving')",
        ["autodiff_rules", "SystemExit", "leaving"],
    ),
    "panics": ("raise BaseException('panic')", ["BaseException", "panic"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_reported_by_name_and_the_others_work(installed, name):
    source, words = BROKEN[name]
    plugins = {"broken": source, "good": GOOD, "zz_good": GOOD.replace("sines", "late sines")}
    done = installed(USE_GOOD, **plugins)
    assert done.returncode == 0, done.stderr
    assert "PluginWarning" in done.stderr
    assert "'broken'" in done.stderr
    assert "broken-dist 1.5" in done.stderr
    listing = installed("", "plugins", "--json", **plugins)
    assert listing.returncode == 1
    states = {plugin["name"]: plugin for plugin in json.loads(listing.stdout) if plugin["name"] in plugins}
    assert {name: plugin["state"] for name, plugin in states.items()} == {
        "broken": "failed",
        "good": "loaded",
        "zz_good": "loaded",
    }
    assert states["good"]["problems"] == states["zz_good"]["problems"] == []
    (problem,) = states["broken"]["problems"]
    assert [word for word in words if word not in problem] == []


def test_a_hook_that_raises_half_way_leaves_nothing_behind(installed):
    source, _ = BROKEN["hook that raises half-way"]
    code = """
    from autodiff.plugins import installed_plugins
    installed_plugins()
    import broken
    from autodiff.extend import primitive_of
    assert primitive_of(broken.half).rule is None
    """
    done = installed(code, good=GOOD, broken=source)
    assert done.returncode == 0, done.stderr


def test_a_malformed_entry_leaves_nothing_behind(installed):
    source = SPACES.format(space="first") + textwrap.dedent("""
    from autodiff.extend import elementwise, primitive
    half = primitive(lambda x: x)
    @hookimpl
    def autodiff_rules(): return [elementwise(half, 1), None]
    """)
    code = """
    from autodiff.plugins import installed_plugins
    (plugin,) = [plugin for plugin in installed_plugins() if plugin.name == "broken"]
    import broken
    from autodiff.extend import primitive_of
    from autodiff.trace import BOX_TYPES
    from autodiff.vspace import SPACES
    assert plugin.state == "failed" and plugin.rules == 0
    assert primitive_of(broken.half).rule is None
    assert broken.Value not in BOX_TYPES and broken.Value not in SPACES
    """
    done = installed(code, broken=source)
    assert done.returncode == 0, done.stderr


def test_an_interrupted_loading_goes_on_at_the_next_transform(installed):
    source = """
    import builtins
    if not hasattr(builtins, "interrupted"):
        builtins.interrupted = True
        raise KeyboardInterrupt
    """ + GOOD.replace("\n", "\n    ")
    code = """
    from autodiff import grad
    try:
        grad(lambda x: x)(1.0)
    except KeyboardInterrupt:
        print("interrupted")
    """
    done = installed(
        textwrap.dedent(code) + USE_GOOD + "import zz_good; assert grad(zz_good.sin)(0.0) == 1.0",
        a_good=GOOD,
        good=source,
        zz_good=GOOD,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


def test_warnings_as_errors_do_not_keep_other_plugins_from_loading(installed):
    code = """
    import warnings
    warnings.simplefilter("error")
    from autodiff import grad
    from autodiff.errors import PluginWarning
    try:
        grad(lambda x: x)(1.0)
    except PluginWarning as warning:
        assert "'broken'" in str(warning)
    """
    done = installed(
        code + textwrap.dedent(USE_GOOD).replace("\n", "\n    "), broken="import does_not_exist", good=GOOD
    )
    assert done.returncode == 0, done.stderr


RIVAL = """
import good
from autodiff.extend import {imports}, hookimpl, primitive, zero
own = primitive(lambda x: x)

@hookimpl
def {hook}():
    return {entries}

@hookimpl
def autodiff_describe():
    return "rival"
"""
SPACES = """
from autodiff.extend import BoxEntry, OperatorBox, VSpace, VSpaceEntry, hookimpl
class Value: pass
class ValueBox(OperatorBox): __slots__ = ()

@hookimpl
def autodiff_boxes():
    return [BoxEntry(ValueBox, (Value,))]

@hookimpl
def autodiff_vspaces():
    return [VSpaceEntry(lambda value: {space!r}, (Value,), None)]
"""

ENTRY = "[ContainerEntry({}, lambda p: ((), None), lambda _, children: None)]"
CONFLICTS = {
    "rules": ("elementwise", "autodiff_rules", "[elementwise(good.sin, 100), elementwise(own, 5)]", "sin"),
    "containers": ("ContainerEntry", "autodiff_containers", ENTRY.format("good.Pair"), "good.Pair"),
    "a container of core": ("ContainerEntry", "autodiff_containers", ENTRY.format("list"), "list"),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_a_conflict_is_reported_and_names_both(installed, name):
    imports, hook, entries, what = CONFLICTS[name]
    plugins = {"good": GOOD, "rival": RIVAL.format(imports=imports, hook=hook, entries=entries)}
    own = "\nimport rival\nassert grad(lambda x: rival.own(x))(1.0) == 5.0" if name == "rules" else ""
    done = installed(USE_GOOD + own, **plugins)
    assert done.returncode == 0, done.stderr
    assert "PluginWarning" in done.stderr
    assert "'rival'" in done.stderr
    assert what in done.stderr
    assert ("autodiff itself" if "core" in name else "from good already") in done.stderr.partition("'rival'")[2]
    assert "is left out" in done.stderr
    listing = installed("", "plugins", **plugins)
    assert listing.returncode == 1
    assert "! " in listing.stdout
    silenced = installed(USE_GOOD, **plugins, variables={"AUTODIFF_DISABLE_PLUGINS": "rival"})
    assert (silenced.returncode, silenced.stderr) == (0, "")


ENTRIES = {
    "autodiff_boxes": "BoxEntry(OtherBox, (Value,))",
    "autodiff_vspaces": "VSpaceEntry(lambda value: 'second', (Value,), None)",
}


@pytest.mark.parametrize("hook", ENTRIES)
def test_two_boxes_or_spaces_for_one_type_are_a_conflict(installed, hook):
    first = SPACES.format(space="first")
    other = f"""
    from first import Value
    from autodiff.extend import BoxEntry, OperatorBox, VSpaceEntry, hookimpl
    class OtherBox(OperatorBox): __slots__ = ()

    @hookimpl
    def {hook}():
        return [{ENTRIES[hook]}]
    """
    code = """
    import warnings
    from autodiff.plugins import installed_plugins
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        installed_plugins()
    import first
    from autodiff.trace import BOX_TYPES
    from autodiff.extend import vspace
    assert BOX_TYPES[first.Value] is first.ValueBox
    assert vspace(first.Value()) == "first", "a space was replaced"
    (warning,) = caught
    for words in ("'second'", "first.Value", "from first already", "the one of second is left out"):
        assert words in str(warning.message), warning.message
    """
    done = installed(code, first=first, second=other)
    assert done.returncode == 0, done.stderr


def test_numbers_get_the_box_and_space_of_the_first_plugin_that_has_one(installed):
    source = """
    from autodiff.extend import BoxEntry, OperatorBox, VSpaceEntry, hookimpl
    class OwnBox(OperatorBox): __slots__ = ()
    class Own: pass

    @hookimpl
    def autodiff_boxes():
        return [BoxEntry(OwnBox, (float, Own), {{int: {convert}}})]

    @hookimpl
    def autodiff_vspaces():
        return [VSpaceEntry(lambda value: __name__, (float, Own), None)]
    """
    code = """
    import warnings
    from autodiff.plugins import installed_plugins
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        plugins = {plugin.name: plugin for plugin in installed_plugins()}
    import a, b
    from autodiff.extend import vspace
    from autodiff.trace import BOX_TYPES, OPERANDS
    assert BOX_TYPES[float] is a.OwnBox and BOX_TYPES[a.Own] is a.OwnBox
    assert vspace(1.0) == "a" and vspace(b.Own()) == "b" and BOX_TYPES[b.Own] is b.OwnBox
    assert OPERANDS[int] is float
    assert plugins["a"].problems == [] and plugins["b"].state == "loaded"
    space, box, operand = plugins["b"].problems
    for problem, what in (space, "float: there is a vector space"), (box, "float: there is a box"), (operand, "int: "):
        assert problem.startswith(what) and "from a already" in problem, problem
    assert len(caught) == 3
    """
    done = installed(code, a=source.format(convert="float"), b=source.format(convert="complex"))
    assert done.returncode == 0, done.stderr


def test_types_of_the_user_are_left_alone(installed):
    code = """
    import warnings
    warnings.simplefilter("ignore")
    import first
    from autodiff.extend import register_box, register_vspace
    from autodiff.plugins import installed_plugins
    from autodiff.vspace import SPACES
    register_box(first.OtherBox, first.Value)
    register_vspace(print, first.Value, same=None)
    (plugin,) = [plugin for plugin in installed_plugins() if plugin.name == "first"]
    assert SPACES[first.Value] is print
    assert ["from the user already" in problem for problem in plugin.problems] == [True, True]
    """
    done = installed(code, first=SPACES.format(space="x") + "\nclass OtherBox(ValueBox): __slots__ = ()\n")
    assert done.returncode == 0, done.stderr


def test_environment_switches(installed):
    code = """
    import json
    from autodiff.plugins import installed_plugins
    print(json.dumps({p.name: p.state for p in installed_plugins() if p.name in "abc"}))
    """
    plugins = dict.fromkeys("abc", GOOD.replace("math.sin)", "lambda x: x)"))

    def states(**variables):
        done = installed(code, **plugins, variables={"AUTODIFF_PLUGINS": "a,b,c", **variables})
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), done.stderr

    on, off = "loaded", "disabled"
    assert states() == ({"a": on, "b": on, "c": on}, "")
    assert states(AUTODIFF_PLUGINS=" a , b,") == ({"a": on, "b": on, "c": off}, "")
    assert states(AUTODIFF_PLUGINS="") == ({"a": off, "b": off, "c": off}, "")
    assert states(AUTODIFF_DISABLE_PLUGINS="b") == ({"a": on, "b": off, "c": on}, "")
    assert states(AUTODIFF_PLUGINS="a,b", AUTODIFF_DISABLE_PLUGINS="b") == ({"a": on, "b": off, "c": off}, "")
    for variable in ("AUTODIFF_PLUGINS", "AUTODIFF_DISABLE_PLUGINS"):
        found, warned = states(**{variable: "a,unknown"})
        assert found["a"] == (on if variable == "AUTODIFF_PLUGINS" else off)
        assert "PluginWarning" in warned
        assert variable in warned
        assert "'unknown'" in warned


def test_the_listing(installed):
    text = installed("", "plugins", good=GOOD)
    assert text.returncode == 0, text.stderr
    (line,) = [line for line in text.stdout.splitlines() if line.startswith("good ")]
    assert [word in line for word in ("loaded", "2 rules", "good-dist 1.5", "sines and pairs")] == [True] * 4
    data = json.loads(installed("", "plugins", "--json", good=GOOD).stdout)
    assert [plugin for plugin in data if plugin["name"] == "good"] == [
        {
            "name": "good",
            "distribution": "good-dist",
            "version": "1.5",
            "state": "loaded",
            "description": "sines and pairs",
            "rules": 2,
            "problems": [],
        }
    ]
    disabled = installed("", "plugins", good=GOOD, variables={"AUTODIFF_PLUGINS": ""})
    assert "disabled" in disabled.stdout
    assert disabled.returncode == 0


@pytest.mark.parametrize("variable", ["AUTODIFF_PLUGINS", "AUTODIFF_DISABLE_PLUGINS"])
def test_the_listing_shows_names_that_no_plugin_has(installed, variable):
    text = installed("", "plugins", good=GOOD, variables={variable: "good,unknown"})
    assert text.returncode == 1
    assert f"! {variable} names 'unknown'" in text.stdout
    data = installed("", "plugins", "--json", good=GOOD, variables={variable: "good,unknown"})
    assert data.returncode == 1
    assert "good" in [plugin["name"] for plugin in json.loads(data.stdout)]
    assert f"{variable} names 'unknown'" in data.stderr


def test_the_command_explains_itself(python):
    assert "plugins" in python("-m", "autodiff", "--help").stdout
    assert python("-m", "autodiff").returncode == 2
    assert python("-m", "autodiff", "unknown").returncode == 2


def test_a_plugin_may_differentiate_while_it_is_imported(installed):
    source = GOOD + "\nfrom autodiff import grad\nassert grad(lambda x: x * x)(3.0) == 6.0\n"
    done = installed(USE_GOOD, good=source)
    assert (done.returncode, done.stderr) == (0, "")


def test_plugins_load_once_and_not_before_the_first_transform(installed):
    source = GOOD + "\nprint('imported')\n"
    code = """
    from autodiff import grad, deriv, jacobian
    f = grad(lambda x: x)
    print("nothing yet")
    f(1.0), f(1.0), deriv(f)(1.0), jacobian(f)(1.0)
    print("done")
    """
    assert installed(code, good=source).stdout.split("\n")[:3] == ["nothing yet", "imported", "done"]


def test_hooks_are_called_once(installed):
    source = GOOD.replace('return "sines and pairs"', 'print("called"); return "x"')
    assert (
        installed("from autodiff import grad\nfor _ in range(3): grad(lambda x: x)(1.0)", good=source).stdout
        == "called\n"
    )


def test_the_plugins_of_this_environment_have_no_problems():
    assert grad(lambda x: x)(1.0) == 1.0
    assert [plugin for plugin in installed_plugins() if plugin.problems] == []
