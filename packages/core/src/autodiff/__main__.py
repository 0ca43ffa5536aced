"""The command ``python -m autodiff plugins [--json]``: which plugins there are, and what became of them."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from dataclasses import asdict

from autodiff.errors import PluginWarning
from autodiff.plugins import Plugin, installed_plugins, unknown_names


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit status is 1 when there is a problem."""
    parser = argparse.ArgumentParser(prog="python -m autodiff", description="Look at an installation of autodiff.")
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("plugins", help="list the plugins: versions, rules, problems")
    listing.add_argument("--json", action="store_true", help="print JSON instead of text")
    options = parser.parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # the listing says the same
        plugins = installed_plugins()
    unknown = unknown_names()
    if options.json:
        print(json.dumps([asdict(plugin) for plugin in plugins], indent=2))
        for problem in unknown:
            print(problem, file=sys.stderr)
    else:
        print("\n".join([_text(plugins), *(f"! {problem}" for problem in unknown)]))
    return 1 if unknown or any(plugin.problems for plugin in plugins) else 0


def _text(plugins: list[Plugin]) -> str:
    if not plugins:
        return (
            "No plugins are installed. Python's own numbers can be differentiated; "
            "for NumPy: pip install autodiff-numpy"
        )
    lines = []
    for plugin in plugins:
        lines.append(
            f"{plugin.name:12} {plugin.state:9} {plugin.rules:5} rules   {plugin.distribution} {plugin.version}"
            + (f"   {plugin.description}" if plugin.description else "")
        )
        lines += [f"             ! {problem}" for problem in plugin.problems]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
