"""The command ``python -m autodiff_testing audit PLUGIN``: check all rules of an installed plugin.

The exit status is 0 when all is well, 1 when a rule is wrong or could not be checked, 2 when there is no such thing to
check.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import TextIO

from autodiff_testing.audit import Progress, audit
from autodiff_testing.audit_report import RuleAudit
from autodiff_testing.case_tables import load_cases
from autodiff_testing.cases import Case

_MARKS = {"passed": ".", "failed": "F", "refused": "R", "unchecked": "?"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command, and return the exit status."""
    parser, command = _parsers()
    options = parser.parse_args(arguments)
    progress = None if options.quiet else _Bar(sys.stderr)
    try:
        cases: list[Case] | None = None
        if options.cases:
            cases = [row for where in options.cases for row in load_cases(where)]
        told: Progress | None = progress
        result = audit(options.plugin, cases, options.order, options.seed, told, rules=options.rule)
    except ValueError as error:
        command.error(str(error))
    finally:
        if progress is not None:
            progress.close()
    if options.json:
        print(json.dumps(result.as_dict(), indent=2))
    else:
        print(result.brief() if options.quiet else result)
    return 0 if result.ok else 1


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog="python -m autodiff_testing", description="Check derivative rules.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("audit", help="check all rules of an installed plugin")
    command.add_argument("plugin", help="its name, as `python -m autodiff plugins` lists it")
    command.add_argument(
        "--cases",
        action="append",
        metavar="MODULE|PATH",
        help="a module, package, file or folder with tables CASES; may be repeated "
        "(default: what the plugin's distribution names in the entry-point group autodiff.cases)",
    )
    command.add_argument("--order", type=int, default=2, help="up to which order (default: 2)")
    command.add_argument("--seed", type=int, default=0, help="of arguments and directions (default: 0)")
    command.add_argument(
        "--rule", action="append", metavar="NAME", help="only the rule of this function; may be repeated"
    )
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.add_argument("--quiet", action="store_true", help="show no progress, and print only what is wrong")
    return parser, command


class _Bar:
    """Progress: a line that changes on a terminal, a mark for each rule elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._changing = stream.isatty()
        self._written = 0

    def __call__(self, done: int, total: int, rule: RuleAudit) -> None:
        text = _MARKS[rule.status]
        if self._changing:
            text = f"[{done}/{total}] {rule.name} {'' if rule.status == 'passed' else rule.status}"
            text = f"\r{text:<{self._written}}"
            self._written = max(self._written, len(text) - 1)
        self._stream.write(text)
        self._stream.flush()
        self._written = max(self._written, 1)

    def close(self) -> None:
        """Leave the line."""
        if self._written:
            self._stream.write("\n")


if __name__ == "__main__":
    sys.exit(main())
