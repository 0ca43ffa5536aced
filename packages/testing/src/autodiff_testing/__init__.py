"""Check derivatives: does a rule, or a whole program, have the gradient that it claims to have?

>>> import numpy as np
>>> from autodiff_testing import check_grads
>>> check_grads(lambda x: np.sum(np.sin(x)))(np.array([0.3, 1.1]))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodiff_testing.audit import assert_plugin_ok
    from autodiff_testing.cases import Case, case
    from autodiff_testing.checks import check_grads, check_jvp, check_vjp, combo_check
    from autodiff_testing.report import CheckError

__all__ = ["Case", "CheckError", "assert_plugin_ok", "case", "check_grads", "check_jvp", "check_vjp", "combo_check"]

# pytest imports this package in every run where it is installed, for the plugin. So the names are fetched when they
# are used: until then neither NumPy nor autodiff is imported.
_HOMES = {
    "Case": "autodiff_testing.cases",
    "CheckError": "autodiff_testing.report",
    "assert_plugin_ok": "autodiff_testing.audit",
    "case": "autodiff_testing.cases",
    "check_grads": "autodiff_testing.checks",
    "check_jvp": "autodiff_testing.checks",
    "check_vjp": "autodiff_testing.checks",
    "combo_check": "autodiff_testing.checks",
}

if not TYPE_CHECKING:  # type checkers would take it to mean that there is every name

    def __getattr__(name):
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
