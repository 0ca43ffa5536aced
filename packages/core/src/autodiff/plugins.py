"""Plugins: found by entry point, loaded at the first transform, one by one, so that a broken one harms no other.

A plugin is asked for everything that it offers before any of it is registered: it fails whole, or not at all. Of what
two plugins offer for the same function or type, the first stays, in the order of the plugins' names.

Environment switches, both comma-separated lists of entry-point names: ``AUTODIFF_PLUGINS`` loads these and no others,
``AUTODIFF_DISABLE_PLUGINS`` loads all but these. ``python -m autodiff plugins`` shows the outcome.
"""

from __future__ import annotations

import os
import reprlib
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autodiff.batching import Batching, set_batching
from autodiff.containers import register_container
from autodiff.errors import PluginError, PluginWarning
from autodiff.keeping import Keeper
from autodiff.numbers import NumberBox
from autodiff.primitive import CORE, USER, primitive_of
from autodiff.rule import Rule, register
from autodiff.trace import BOX_TYPES, OPERANDS, Box, register_box
from autodiff.vspace import SPACES, register_vspace

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from autodiff.hookspecs import BoxEntry, ContainerEntry, VSpaceEntry

GROUP = "autodiff"
SWITCHES = ("AUTODIFF_PLUGINS", "AUTODIFF_DISABLE_PLUGINS")


@dataclass
class Plugin:
    """What is known of one installed plugin."""

    name: str
    distribution: str
    version: str
    state: str = "loaded"  # or "disabled" or "failed"
    description: str = ""
    rules: int = 0
    problems: list[str] = field(default_factory=list)


_plugins: list[Plugin] = []
_rules: dict[str, list[Rule]] = {}  # name of a plugin -> the rules that are in use
_unknown: list[str] = []
_lock = threading.RLock()
_state = "new"  # then "loading", then "loaded"


def load_plugins() -> None:
    """Load all plugins, at the first call in the process."""
    if _state != "loaded":
        _load_once()


def installed_plugins() -> list[Plugin]:
    """Load the plugins if that has not happened, and return what became of them."""
    load_plugins()
    return list(_plugins)


def rules_of(plugin: str) -> tuple[Rule, ...]:
    """Load the plugins if that has not happened, and return the rules of the plugin of this name that are in use."""
    load_plugins()
    return tuple(_rules.get(plugin, ()))


def unknown_names() -> list[str]:
    """Load the plugins if that has not happened, and return what is wrong with the environment switches."""
    load_plugins()
    return list(_unknown)


def _load_once() -> None:
    global _state  # noqa: PLW0603  # the one thing that is per process
    with _lock:
        if _state != "new":  # another thread was faster; or a plugin differentiates while it is imported
            return
        _state = "loading"
        try:
            _load_all()
        except BaseException:  # Ctrl-C, say: the next transform goes on with the plugins that are left
            _state = "new"
            raise
        _state = "loaded"
    # Now that everything is in place: a filter may turn the first warning into an exception.
    for problem in _unknown:
        warnings.warn(problem, PluginWarning, stacklevel=2)
    for plugin in _plugins:
        for problem in plugin.problems:
            message = f"autodiff plugin {plugin.name!r} ({plugin.distribution} {plugin.version}): {problem}"
            warnings.warn(message, PluginWarning, stacklevel=2)


def _load_all() -> None:
    from importlib.metadata import entry_points  # noqa: PLC0415  # so that `import autodiff` stays fast

    only, disabled = map(_names, SWITCHES)
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    known = {entry.name for entry in found}
    _unknown[:] = [
        f"{switch} names {name!r}, but no such autodiff plugin is installed."
        for switch in SWITCHES
        for name in sorted((_names(switch) or set()) - known)
    ]
    done = {(plugin.name, plugin.distribution) for plugin in _plugins}
    for entry in found:
        plugin = Plugin(entry.name, *_origin(entry))
        if (plugin.name, plugin.distribution) in done:
            continue
        if entry.name in (disabled or ()) or (only is not None and entry.name not in only):
            plugin.state = "disabled"
        else:
            _load_one(entry, plugin)
        _plugins.append(plugin)


def _names(switch: str) -> set[str] | None:
    text = os.environ.get(switch)
    return None if text is None else {name.strip() for name in text.split(",") if name.strip()}


def _origin(entry: EntryPoint) -> tuple[str, str]:
    """Return distribution and version, as far as the metadata has them."""
    try:
        return (entry.dist.name or "?", entry.dist.version or "?") if entry.dist else ("?", "?")
    except Exception:  # noqa: BLE001  # metadata that is missing or broken; the plugin may well work
        return "?", "?"


def _load_one(entry: EntryPoint, plugin: Plugin) -> None:
    """Import a plugin and take over what it offers; note in `plugin` what goes wrong."""
    try:
        offers = _offers(entry)
    except PluginError as error:
        plugin.state = "failed"
        plugin.problems.append(f"could not be loaded, and nothing of it is in use: {error}")
        return
    plugin.description = " ".join(offers["autodiff_describe"])
    takers: dict[str, Callable[[Any, Plugin], object]] = {
        "autodiff_vspaces": _take_vspace,
        "autodiff_boxes": _take_box,
        "autodiff_containers": _take_container,
        "autodiff_primitives": lambda fun, _: primitive_of(fun, dispatches=True),
        "autodiff_rules": _take_rule,
        "autodiff_batching": _take_batching,
    }
    for hook, take in takers.items():
        for offer in offers[hook]:
            try:
                with _blaming(f"registering what {hook} returned"):
                    take(offer, plugin)
            except PluginError as error:
                plugin.problems.append(str(error))


# ---- What a plugin offers


def _offers(entry: EntryPoint) -> dict[str, list[Any]]:
    """Import a plugin and call its hooks; a PluginError says what is wrong with it."""
    import pluggy  # noqa: PLC0415  # so that `import autodiff` stays fast

    from autodiff import hookspecs  # noqa: PLC0415

    manager = pluggy.PluginManager(GROUP)  # one for each plugin, so that there is nothing to undo when it fails
    manager.add_hookspecs(hookspecs)
    with _blaming(f"importing {entry.value}"):
        module = entry.load()
    with _blaming(f"reading the hooks of {entry.value}"):
        manager.register(module, name=entry.name)
        manager.check_pending()  # finds misspelt hooks
    offers = {}
    for hook, (is_well_formed, complaint) in _ENTRIES.items():
        with _blaming(hook):
            answers = [answer for impl in getattr(manager.hook, hook).get_hookimpls() for answer in _call(impl)]
            malformed = [_shorten.repr(answer) for answer in answers if not is_well_formed(answer)]
        if malformed:
            raise PluginError(f"{hook} returned {malformed[0]}, which is {complaint}.")
        offers[hook] = answers
    return offers


def _call(impl: Any) -> Iterable[Any]:
    """Call a hook, and list what it returned; what is no list becomes its only entry, and is found malformed."""
    answer = impl.function()
    return list(answer) if isinstance(answer, Iterable) and not isinstance(answer, str) else [answer]


@contextmanager
def _blaming(what: str) -> Iterator[None]:
    """Turn whatever a stranger's code raises into a PluginError, which says what had been going on."""
    try:
        yield
    except (KeyboardInterrupt, _ConflictError):
        raise
    except BaseException as error:  # SystemExit, and panics of extension modules, are no Exception
        try:
            text = f"{type(error).__name__}: {error}"
        except Exception:  # noqa: BLE001  # errors that cannot be printed
            text = type(error).__name__
        raise PluginError(f"{what} raised {text}") from error


_shorten = reprlib.Repr()  # it also survives a broken __repr__
_shorten.maxother = _shorten.maxstring = 200


def _is_function(value: Any) -> bool:
    return callable(value) and isinstance(hash(value), int)


def _are_types(value: Any) -> bool:
    return isinstance(value, tuple) and all(isinstance(kind, type) for kind in value)


def _is_box_entry(entry: Any) -> bool:
    from autodiff.hookspecs import BoxEntry  # noqa: PLC0415

    if not isinstance(entry, BoxEntry):
        return False
    box, value_types, operands = list[Any](entry)
    return (
        (isinstance(box, type) and issubclass(box, Box))
        and _are_types(value_types)
        and (isinstance(operands, Mapping) and _are_types(tuple(operands)))
        and all(convert is None or callable(convert) for convert in operands.values())
    )


def _is_vspace_entry(entry: Any) -> bool:
    from autodiff.hookspecs import VSpaceEntry  # noqa: PLC0415

    if not isinstance(entry, VSpaceEntry):
        return False
    make, value_types, same, keeper = list[Any](entry)
    return (
        (callable(make) and _are_types(value_types))
        and (same is None or callable(same))
        and (keeper is None or isinstance(keeper, Keeper))
    )


def _is_container_entry(entry: Any) -> bool:
    from autodiff.hookspecs import ContainerEntry  # noqa: PLC0415

    if not isinstance(entry, ContainerEntry):
        return False
    kind, flatten, unflatten = list[Any](entry)
    return isinstance(kind, type) and callable(flatten) and callable(unflatten)


#: Hook -> whether an entry of what it returned is well formed, and what to say when it is not.
_ENTRIES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "autodiff_describe": (lambda text: isinstance(text, str), "not a text"),
    "autodiff_boxes": (
        _is_box_entry,
        "not a BoxEntry of a subclass of Box, a tuple of types, and a dict of types; it must return a list of them",
    ),
    "autodiff_vspaces": (
        _is_vspace_entry,
        "not a VSpaceEntry of a function, a tuple of types, and perhaps a function and a Keeper; it must return a list",
    ),
    "autodiff_containers": (
        _is_container_entry,
        "not a ContainerEntry of a class and two functions; it must return a list of them",
    ),
    "autodiff_primitives": (_is_function, "not a hashable function; it must return a list of them"),
    "autodiff_rules": (
        lambda rule: isinstance(rule, Rule) and _is_function(rule.fun),
        "not a rule of a function; it must return a list of them, made by `elementwise` and the like",
    ),
    "autodiff_batching": (lambda batching: isinstance(batching, Batching), "no Batching; it must return a list of one"),
}


# ---- Registering it, and conflicts

# (What, type) -> the plugin that gave this type its box, vector space, ...
_owners: dict[tuple[str, type], str] = {}

# What core itself has. The boxes and spaces of numbers are there to be replaced, by one plugin.
_CORE_BOXES = {kind: box for kind, box in BOX_TYPES.items() if box is NumberBox}
_CORE_SPACES = dict(SPACES)
_CORE_CONTAINERS = (list, tuple, dict, OrderedDict, type(None))


class _ConflictError(PluginError):
    """An entry is left out, because another plugin was first."""


def _claim(
    what: str, kinds: Iterable[type], plugin: Plugin, other_owner: Callable[[type], str | None]
) -> tuple[type, ...]:
    """Return the types that `plugin` may have; note a conflict about the others, which keep what they have."""
    free = []
    taken: dict[str, list[str]] = {}
    for kind in dict.fromkeys(kinds):
        owner = _owners.get((what, kind)) or other_owner(kind)
        if owner is None:
            _owners[what, kind] = plugin.name
            free.append(kind)
        else:
            name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            taken.setdefault(owner, []).append(name)
    for owner, names in taken.items():
        hint = "" if owner in (CORE, USER) else " Disable one of the two by AUTODIFF_DISABLE_PLUGINS."
        plugin.problems.append(
            f"{', '.join(names)}: there is a {what} from {owner} already; the one of {plugin.name} is left out.{hint}"
        )
    return tuple(free)


def _user_or_none(table: Mapping[type, Any], cores: Mapping[type, Any]) -> Callable[[type], str | None]:
    """Return a function that tells whether an entry that no plugin owns is a user's, not core's."""
    return lambda kind: USER if table.get(kind) is not cores.get(kind) else None


def _take_vspace(entry: VSpaceEntry, plugin: Plugin) -> None:
    kinds = _claim("vector space", entry.value_types, plugin, _user_or_none(SPACES, _CORE_SPACES))
    register_vspace(entry.make, *kinds, same=entry.same, keeper=entry.keeper)


def _take_box(entry: BoxEntry, plugin: Plugin) -> None:
    kinds = _claim("box", entry.value_types, plugin, _user_or_none(BOX_TYPES, _CORE_BOXES))
    register_box(entry.box, *kinds)

    def boxed_by_another(kind: type) -> str | None:
        owner = _owners.get(("box", kind))
        return None if owner == plugin.name else owner

    changes = [kind for kind, convert in entry.operands.items() if OPERANDS.get(kind, ...) is not convert]
    for kind in _claim("conversion of operands", changes, plugin, boxed_by_another):
        OPERANDS[kind] = entry.operands[kind]


def _take_container(entry: ContainerEntry, plugin: Plugin) -> None:
    for kind in _claim("container", [entry.kind], plugin, lambda kind: CORE if kind in _CORE_CONTAINERS else None):
        register_container(kind, entry.flatten, entry.unflatten)


def _take_batching(batching: Batching, plugin: Plugin) -> None:
    for _ in _claim("way of stacking", [Batching], plugin, lambda _: None):
        set_batching(batching)


def _take_rule(rule: Rule, plugin: Plugin) -> None:
    try:
        register(rule, plugin.name)
    except PluginError as error:
        raise _ConflictError(str(error)) from None
    _rules.setdefault(plugin.name, []).append(rule)
    plugin.rules += 1
