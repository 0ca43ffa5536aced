"""What autodiff asks of a plugin. This module is imported at the first derivative that is taken."""

from collections.abc import Iterable

import bottleneck

from autodiff.extend import Rule, hookimpl
from autodiff_bottleneck.rules import RULES


@hookimpl
def autodiff_describe() -> str:
    """Say which version of the library the rules are in use with."""
    return f"Bottleneck {bottleneck.__version__}"


@hookimpl
def autodiff_rules() -> Iterable[Rule]:
    """Return the table of rules."""
    return RULES
