"""Plugins: found by entry point, loaded at the first transform, one by one, so that a broken one harms no other.

Environment switches, both comma-separated lists of entry-point names: ``AUTODIFF_PLUGINS`` loads these and no others,
``AUTODIFF_DISABLE_PLUGINS`` loads all but these. ``python -m autodiff plugins`` shows the outcome.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autodiff.containers import register_container
from autodiff.errors import PluginError, PluginWarning
from autodiff.numbers import NumberBox
from autodiff.primitive import primitive_of
from autodiff.rule import Rule, register
from autodiff.trace import BOX_TYPES, OPERANDS, register_box
from autodiff.vspace import register_vspace

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    import pluggy

GROUP = "autodiff"


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
_lock = threading.RLock()
_state = "new"  # then "loading", then "loaded"


def load_plugins() -> None:
    """Load all plugins, at the first call in the process."""
    if _state != "loaded":
        _load_once()


def _load_once() -> None:
    global _state  # noqa: PLW0603  # the one thing that is per process
    with _lock:
        if _state != "new":  # another thread was faster; or a plugin differentiates while it is imported
            return
        _state = "loading"
        try:
            _load_all()
        finally:
            _state = "loaded"


def installed_plugins() -> list[Plugin]:
    """Load the plugins if that has not happened, and return what became of them."""
    load_plugins()
    return list(_plugins)


def _load_all() -> None:
    # Imported here, so that `import autodiff` stays fast.
    import pluggy  # noqa: PLC0415
    from importlib.metadata import entry_points  # noqa: PLC0415

    from autodiff import hookspecs  # noqa: PLC0415

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    only, disabled = _names("AUTODIFF_PLUGINS"), _names("AUTODIFF_DISABLE_PLUGINS") or set()
    for name in sorted(((only or set()) | disabled) - {entry.name for entry in found}):
        warnings.warn(
            f"AUTODIFF_PLUGINS or AUTODIFF_DISABLE_PLUGINS names {name!r}, but no such plugin is installed.",
            PluginWarning,
            stacklevel=2,
        )
    for entry in found:
        plugin = Plugin(entry.name, entry.dist.name if entry.dist else "?", entry.dist.version if entry.dist else "?")
        _plugins.append(plugin)
        if entry.name in disabled or (only is not None and entry.name not in only):
            plugin.state = "disabled"
            continue
        _load_one(manager, entry, plugin)
        for problem in plugin.problems:
            warnings.warn(
                f"autodiff plugin {plugin.name!r} ({plugin.distribution} {plugin.version}): {problem}",
                PluginWarning,
                stacklevel=2,
            )


def _names(variable: str) -> set[str] | None:
    text = os.environ.get(variable)
    return None if text is None else {name.strip() for name in text.split(",") if name.strip()}


def _load_one(manager: pluggy.PluginManager, entry: EntryPoint, plugin: Plugin) -> None:
    """Import a plugin and take over what it offers; note in `plugin` what goes wrong."""
    module: Any = None
    try:
        module = entry.load()
        manager.register(module, name=entry.name)
        manager.check_pending()  # finds misspelt hooks
        offers = {
            hook: [result for impl in getattr(manager.hook, hook).get_hookimpls() if impl.plugin is module
                   for result in _listed(impl.function())]
            for hook in ("autodiff_describe", "autodiff_boxes", "autodiff_vspaces", "autodiff_containers",
                         "autodiff_primitives", "autodiff_rules")
        }
        _check(offers["autodiff_rules"])
    except Exception as error:  # noqa: BLE001  # whatever a stranger's code raises
        if module is not None and manager.is_registered(module):
            manager.unregister(module)
        plugin.state = "failed"
        plugin.problems.append(f"could not be loaded, {type(error).__name__}: {error}")
        return
    plugin.description = " ".join(offers["autodiff_describe"])
    for entries, take in (
        (offers["autodiff_vspaces"], _take_vspace),
        (offers["autodiff_boxes"], _take_box),
        (offers["autodiff_containers"], lambda entry, _: register_container(*entry)),
        (offers["autodiff_primitives"], lambda fun, _: primitive_of(fun, dispatches=True)),
        (offers["autodiff_rules"], _take_rule),
    ):
        _take_all(entries, take, plugin)


def _listed(result: Any) -> list[Any]:
    return [result] if isinstance(result, str) else list(result)


def _check(rules: list[Any]) -> None:
    for rule in rules:
        if not isinstance(rule, Rule):
            raise PluginError(f"autodiff_rules returned {rule!r}, which is not a rule. Make rows with `elementwise` and the like.")


def _take_all(entries: list[Any], take: Callable[[Any, Plugin], Any], plugin: Plugin) -> None:
    """Register entries one by one; one in conflict is left out, and the others stay."""
    for entry in entries:
        try:
            take(entry, plugin)
        except PluginError as error:
            plugin.problems.append(str(error))


def _take_rule(rule: Rule, plugin: Plugin) -> None:
    register(rule, plugin.name)
    plugin.rules += 1


def _take_box(entry: Any, plugin: Plugin) -> None:
    taken = [t.__name__ for t in entry.value_types if BOX_TYPES.get(t, NumberBox) is not NumberBox]
    if taken:
        raise PluginError(f"values of type {', '.join(taken)} have a box from another plugin already; they keep it.")
    register_box(entry.box, *entry.value_types)
    OPERANDS.update(entry.operands)


def _take_vspace(entry: Any, plugin: Plugin) -> None:
    register_vspace(entry.make, *entry.value_types, key=entry.key)
