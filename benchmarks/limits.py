"""The limits that a change to the library must not break, as data; ``--gate`` checks them.

They hold for ``import autodiff_numpy as np``. They are checked by hand and not in the tests: a test that
depends on how busy the machine is fails for the wrong reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from measure import REFERENCE, Row
from scaling import LONGEST, flatness

SUBJECT = "autodiff"
SCALING = "scaling"


@dataclass(frozen=True)
class Limit:
    """``workload`` may cost at most ``bound`` times what it costs ``reference``.

    The workload `SCALING` stands for the cost per operation, dearest by cheapest length: there the reference is itself.
    """

    workload: str
    bound: float
    reference: str = REFERENCE


LIMITS = (
    Limit("chain", 1.7),
    Limit("fan", 2.4),
    Limit("mlp", 1.1),
    Limit("rnn", 1.4),
    Limit("elementwise", 1.25),
    Limit("index-sum", 8.0),
    Limit("jacobian", 2.5),
    Limit("hessian-50", 4.0),
    Limit("hessian-200", 2.5),
    Limit("hvp", 3.5),
    Limit("chain-jvp", 1.4),
    Limit("rnn-jvp", 1.2),
    Limit("fourth", 12.0),
    Limit("adam-8", 1.5),
    Limit("adam-64", 1.5),
    Limit("adam-256", 1.5),
    Limit("add-memory", 1.1),
    Limit("tanh-memory", 1.1),
    Limit("chain", 1 / 4, reference="autograd"),
    Limit("fan", 1 / 4, reference="autograd"),
    Limit("logistic", 1 / 4, reference="autograd"),
    Limit(SCALING, 1.5, reference=SUBJECT),
)


@dataclass(frozen=True)
class Verdict:
    """A limit and what was measured; None stands for something that could not be, and does not pass."""

    limit: Limit
    measured: float | None

    @property
    def passed(self) -> bool:
        """Whether it was measured and is within the bound."""
        return self.measured is not None and self.measured <= self.limit.bound

    def __str__(self) -> str:
        mark = "ok  " if self.passed else "FAIL"
        measured = "not measured" if self.measured is None else f"{self.measured:.3g}"
        limit = self.limit
        return f"{mark} {limit.workload}, relative to {limit.reference}: {measured} (limit {limit.bound:.3g})"


def judge(rows: Mapping[str, Row], scaling: list[Row], selected: set[str]) -> list[Verdict]:
    """A verdict on every limit whose workload was selected."""
    verdicts = []
    for limit in LIMITS:
        if limit.workload not in selected:
            continue
        if limit.workload == SCALING:
            finished = any(row.name == f"chain-{LONGEST}" and SUBJECT in row.samples for row in scaling)
            measured = flatness(scaling, SUBJECT) if finished else None
        else:
            measured = rows[limit.workload].ratio(SUBJECT, limit.reference)
        verdicts.append(Verdict(limit, measured))
    return verdicts
