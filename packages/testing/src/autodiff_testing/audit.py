"""The audit of a plugin: all its rules, in all forms that there are cases for or that their signatures suggest.

``python -m autodiff_testing audit PLUGIN`` prints one; `assert_plugin_ok` is one in a plugin's tests.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from autodiff.errors import InputError, OutputError, PluginWarning, UnsupportedArgumentError
from autodiff.extend import Primitive, Rule, primitive_of
from autodiff.plugins import Plugin, installed_plugins, rules_of
from autodiff_testing.audit_report import Audit, Form, RuleAudit
from autodiff_testing.case_tables import Cases, load_cases, shipped_cases
from autodiff_testing.cases import Case
from autodiff_testing.checks import check_order
from autodiff_testing.generated import drawn_cases
from autodiff_testing.library import without_rule
from autodiff_testing.problem import Kind
from autodiff_testing.report import CheckError

#: Told after each rule: how many are done, how many there are, and what became of this one.
Progress = Callable[[int, int, RuleAudit], object]

#: Findings that speak against a call that nobody has asked for, not against the rule.
_UNSUITABLE = {kind.value for kind in (Kind.UNDECIDED, Kind.NOT_FINITE, Kind.NONDETERMINISTIC_FUNCTION)}


def audit(
    plugin: str,
    cases: Cases | None = None,
    order: int = 2,
    seed: int = 0,
    progress: Progress | None = None,
    *,
    rules: Iterable[str] | None = None,
) -> Audit:
    """Check all rules of an installed plugin.

    Parameters
    ----------
    plugin : str
        The name of its entry point in the group ``autodiff``; `python -m autodiff plugins` lists them.
    cases : iterable of Case, module, str or Path, optional
        A table of cases, or where it is, see `autodiff_testing.case_tables.load_cases`. By default what the plugin's
        distribution names by an entry point in the group ``autodiff.cases`` with the name of the plugin.
    order : int
        Up to which order derivatives are checked, where a case does not ask for less.
    seed : int
        Of arguments and directions.
    progress : callable, optional
        Called after each rule: ``progress(done, total, rule)``.
    rules : iterable of str, optional
        Names of functions, with or without their modules: check the rules of these only.

    Returns
    -------
    Audit
        Its text is a table. `ok` says whether everything passed.

    Raises
    ------
    ValueError
        When there is no such plugin or rule, it cannot be loaded, or the cases are not for it.

    Notes
    -----
    For a rule without a case in the table, calls are made from the form of the rule and from the signature of its
    function: shapes, domains, keywords with values that suit their names. Which of them the function takes is found
    out by trying. A case of one's own for a rule replaces all of these.

    Warnings are ignored.

    Examples
    --------
    >>> result = audit("numpy", rules=["numpy.sin", "numpy.hypot"])
    >>> result.ok
    True
    >>> [rule.status for rule in result.rules]
    ['passed', 'passed']
    """
    check_order(order)
    known = _loaded(plugin)
    all_rules = rules_of(plugin)
    chosen = all_rules if rules is None else _chosen(all_rules, plugin, rules)
    table = _by_rule(shipped_cases(plugin) if cases is None else load_cases(cases), all_rules, plugin)
    result = Audit(plugin, known.distribution, known.version, order, seed, problems=list(known.problems))
    for number, rule in enumerate(chosen, 1):
        outcome = _audit_rule(rule, table.get(primitive_of(rule.fun), []), order, seed)
        result.rules.append(outcome)
        if progress is not None:
            progress(number, len(chosen), outcome)
    result.without_rule = without_rule(all_rules)
    return result


def assert_plugin_ok(plugin: str, cases: Cases | None = None, order: int = 2, seed: int = 0) -> None:
    """Raise unless all rules of an installed plugin are right: a plugin's whole test of its derivatives.

    Parameters
    ----------
    plugin, cases, order, seed
        As in `audit`.

    Raises
    ------
    AssertionError
        When a rule is wrong, or no form of a call could be checked; it has the reports of the first failures, and
        lists the rules that could not be checked.
    ValueError
        When there is no such plugin, it cannot be loaded, or the cases are not for it.

    Examples
    --------
    >>> assert_plugin_ok("mylibrary")  # doctest: +SKIP
    """
    __tracebackhide__ = True
    result = audit(plugin, cases, order, seed)
    if not result.ok:
        raise AssertionError(result.brief())


def _loaded(name: str) -> Plugin:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # the audit says the same
        plugins = installed_plugins()
    found = [plugin for plugin in plugins if plugin.name == name]
    if not found:
        known = ", ".join(sorted({plugin.name for plugin in plugins})) or "none"
        raise ValueError(f"no autodiff plugin named {name!r} is installed. Installed are: {known}.")
    usable = [plugin for plugin in found if plugin.state == "loaded"]
    if not usable:
        why = "; ".join(found[0].problems) or "see AUTODIFF_PLUGINS and AUTODIFF_DISABLE_PLUGINS"
        raise ValueError(f"the autodiff plugin {name!r} is {found[0].state}: {why}")
    return usable[0]


def _chosen(rules: Sequence[Rule], plugin: str, names: Iterable[str]) -> list[Rule]:
    wanted = list(names)
    full = [primitive_of(rule.fun).name for rule in rules]
    unknown = [name for name in wanted if not any(_is_named(each, name) for each in full)]
    if unknown:
        known = f"It has {len(full)} rules" + (f": {', '.join(full)}." if len(full) <= 20 else ".")
        raise ValueError(f"the autodiff plugin {plugin!r} has no rule for {', '.join(unknown)}. {known}")
    return [rule for rule, name in zip(rules, full, strict=True) if any(_is_named(name, each) for each in wanted)]


def _is_named(full: str, name: str) -> bool:
    return full == name or full.endswith(f".{name}")


def _by_rule(cases: Iterable[Case], rules: Sequence[Rule], plugin: str) -> dict[Primitive, list[Case]]:
    known = {primitive_of(rule.fun) for rule in rules}
    table: dict[Primitive, list[Case]] = {}
    for case in cases:
        primitive = primitive_of(case.fun)
        if primitive not in known:
            raise ValueError(
                f"the table has a case for {primitive.name}, for which the autodiff plugin {plugin!r} has no rule. "
                "A case names the function that has the rule first, then the call."
            )
        table.setdefault(primitive, []).append(case)
    return table


def _audit_rule(rule: Rule, table: list[Case], order: int, seed: int) -> RuleAudit:
    result = RuleAudit(primitive_of(rule.fun).name, type(rule).__name__.lower(), bool(table))
    cases = table
    if not table:
        start = time.perf_counter()
        cases, skipped = drawn_cases(rule, order, seed)
        spent = (time.perf_counter() - start) / max(len(skipped), 1)
        result.forms += [Form(text, "skipped", why, spent) for text, why in skipped]
    result.forms += [_audit_form(case, dtype, order, seed, bool(table)) for case in cases for dtype in case.dtypes]
    return result


def _audit_form(case: Case, dtype: str, order: int, seed: int, asked_for: bool) -> Form:
    text = case.form() if dtype == "float64" else f"{case.form()}, {dtype}"
    start = time.perf_counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        outcome, message = _check(case, dtype, order, seed, asked_for)
    return Form(text, outcome, message, time.perf_counter() - start)


def _check(case: Case, dtype: str, order: int, seed: int, asked_for: bool) -> tuple[str, str]:
    """Return the outcome and the reason. A call that nobody has asked for may be refused."""
    try:
        case.check(dtype, order, seed)
    except CheckError as error:
        return "skipped" if error.kind in _UNSUITABLE and not asked_for else "failed", str(error)
    except UnsupportedArgumentError as error:
        return "failed" if asked_for else "refused", _say(error)
    except (InputError, OutputError) as error:
        return "failed" if asked_for else "skipped", _say(error)
    except Exception as error:  # noqa: BLE001  # a rule may raise anything, and the others shall be audited as well
        return "failed", _say(error)
    return "passed", ""


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
