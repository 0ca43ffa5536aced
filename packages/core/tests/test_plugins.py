"""Plugins: found by entry point; a broken one is reported by name and harms no other one.

Each test makes a folder of installed distributions, which is all that Python's metadata needs, and starts a process.
"""

import json
import textwrap
from pathlib import Path

import pytest

from autodiff import grad
from autodiff.plugins import installed_plugins

SOURCES = Path(__file__).parent / "plugin_sources"
GOOD, USE_GOOD = ((SOURCES / name).read_text() for name in ("good.py.txt", "use_good.py.txt"))


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
