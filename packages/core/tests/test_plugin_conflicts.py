"""What plugins offer is registered whole or not at all; of two for one function or type the first stays."""

import textwrap
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "plugin_sources"
GOOD, USE_GOOD = ((SOURCES / name).read_text() for name in ("good.py.txt", "use_good.py.txt"))


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
    "a rule of core": ("elementwise", "autodiff_rules", "[elementwise(__import__('operator').mul, 100, 1)]", "mul"),
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
