"""The outcome of an audit, as data and as a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

#: What may become of one form of a call.
OUTCOMES = ("passed", "failed", "refused", "skipped")

_REPORTS = 3  # how many reports of failures are shown in full
_WIDTH = 100


@dataclass(frozen=True)
class Form:
    """One form of a call of a function, with one type of numbers.

    Attributes
    ----------
    text : str
        Shapes, keywords and type.
    outcome : str
        "passed", "failed", "refused" by the rule with an error that names the argument, or "skipped" because the
        function itself refuses it or has no value there.
    message : str
        Why, unless it passed.
    seconds : float
        How long it took.
    """

    text: str
    outcome: str
    message: str = ""
    seconds: float = 0.0


@dataclass
class RuleAudit:
    """What an audit found out about one rule.

    Attributes
    ----------
    name : str
        Of the function, with its module.
    form : str
        Of the rule: "elementwise", "linear" and so on.
    covered : bool
        Whether a table has cases for it. Otherwise they were made from the function's signature.
    forms : list of Form
        All calls that were tried.
    """

    name: str
    form: str
    covered: bool
    forms: list[Form] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        """How many forms passed, failed, were refused or skipped."""
        return Counter(form.outcome for form in self.forms)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(form.seconds for form in self.forms)

    @property
    def status(self) -> str:
        """What became of it: "passed", "failed", "refused" in all calls that were made, or "unchecked" without one."""
        counts = self.counts
        return next((status for status in ("failed", "passed", "refused") if counts[status]), "unchecked")


@dataclass
class Audit:
    """What an audit found out about a plugin.

    Attributes
    ----------
    plugin, distribution, version : str
        Which plugin.
    order, seed : int
        How it was checked.
    rules : list of RuleAudit
        One for each rule.
    without_rule : mapping of str to tuple of str
        Modules of the library that the rules are for -> public functions without a rule.
    problems : list of str
        What `python -m autodiff plugins` says about the plugin.
    """

    plugin: str
    distribution: str
    version: str
    order: int
    seed: int
    rules: list[RuleAudit] = field(default_factory=list)
    without_rule: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether there are rules, no problem and no failure, and at least one form of each rule has been checked."""
        return bool(self.rules) and not self.problems and all(rule.status == "passed" for rule in self.rules)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(rule.seconds for rule in self.rules)

    def by_status(self, *statuses: str) -> list[RuleAudit]:
        """Return the rules with one of these statuses."""
        return [rule for rule in self.rules if rule.status in statuses]

    def as_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        rules = [{**asdict(rule), "status": rule.status, "seconds": rule.seconds} for rule in self.rules]
        return {**asdict(self), "ok": self.ok, "rules": rules}

    def __str__(self) -> str:
        return "\n".join([self._title(), "", *self._table(self.rules), "", *self._findings(), *self._lists()])

    def brief(self) -> str:
        """Return what is wrong, and the sums."""
        return "\n".join([self._title(), "", *self._findings()])

    def _title(self) -> str:
        return f"audit of {self.plugin} ({self.distribution} {self.version}), order {self.order}, seed {self.seed}"

    def _table(self, rules: list[RuleAudit]) -> list[str]:
        width = max([len(rule.name) for rule in rules], default=0) + 2
        lines = [f"{'rule':{width}}{'form':14}{'status':11}" + "".join(f"{outcome:>9}" for outcome in OUTCOMES)]
        lines[0] += f"{'ms':>9}"
        for rule in rules:
            counts = "".join(f"{rule.counts[outcome]:>9}" for outcome in OUTCOMES)
            mark = "" if rule.covered else "  no case"
            line = f"{rule.name:{width}}{rule.form:14}{rule.status:11}{counts}{1000 * rule.seconds:>9.1f}{mark}"
            lines.append(line)
        return lines

    def _findings(self) -> list[str]:
        """Say what is wrong, and how many forms were checked."""
        lines = [f"! {problem}" for problem in self.problems]
        if not self.rules:
            lines.append("! The plugin has no rules: nothing was checked.")
        lines += self._failures()
        for rule in self.by_status("refused", "unchecked"):
            lines.append(f"! {rule.name}: no form of a call could be checked. {why_unchecked(rule)}")
        counts = Counter(form.outcome for rule in self.rules for form in rule.forms)
        checked = counts["passed"] + counts["failed"]
        sums = ", ".join(f"{len(found)} {status}" for status in ("passed", "failed", "refused", "unchecked")
                         if (found := self.by_status(status)))  # fmt: skip
        lines.append(
            f"{len(self.rules)} rules: {sums or 'none'}. {checked} forms checked, {counts['refused']} refused, "
            f"{counts['skipped']} skipped, in {self.seconds:.1f} s"
            + (f" ({1000 * self.seconds / checked:.1f} ms each)." if checked else ".")
        )
        return lines

    def _failures(self) -> list[str]:
        failed = [(rule, form) for rule in self.rules for form in rule.forms if form.outcome == "failed"]
        lines = []
        for number, (rule, form) in enumerate(failed):
            lines.append(f"! {rule.name} of {form.text}: {first_line(form.message)}")
            if number < _REPORTS:
                lines += ["", *(f"    {line}".rstrip() for line in form.message.splitlines()), ""]
        if any(not rule.covered for rule, _ in failed):
            lines.append(
                "  What is marked `no case` was called as its signature allows. If these are no calls that its rule is "
                "for, give it cases."
            )
        return lines

    def _lists(self) -> list[str]:
        lines = []
        for rule in self.rules:
            refused = [form for form in rule.forms if form.outcome == "refused"]
            lines += [f"  {rule.name} of {form.text}: {first_line(form.message)}" for form in refused]
        if lines:
            lines = ["", f"Refused by the rule ({len(lines)}):", *lines]
        no_case = [rule.name for rule in self.rules if not rule.covered]
        if no_case:
            lines += ["", *_listing(f"Rules without a case in a table ({len(no_case)})", no_case)]
        for module, names in self.without_rule.items():
            lines += ["", *_listing(f"Functions of {module} without a rule ({len(names)})", names)]
        return lines


def first_line(text: str) -> str:
    """Return the first line of a text."""
    return next(iter(text.splitlines()), "")


def why_unchecked(rule: RuleAudit) -> str:
    """Say why no form of a rule could be checked: the commonest reason."""
    reasons = Counter(first_line(form.message) for form in rule.forms)
    if not reasons:
        return "It has no case, and none could be made from its signature."
    reason, times = reasons.most_common(1)[0]
    return f"Of {len(rule.forms)} that were tried, {times}: {reason}. Give it a case in a table."


def _listing(title: str, names: Any) -> list[str]:
    lines, line = [f"{title}:"], " "
    for name in names:
        if len(line) + len(name) + 1 > _WIDTH:
            lines.append(line)
            line = " "
        line += f" {name}"
    return [*lines, line]
