"""What a check may find, as data; `report.py` makes a text of it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autodiff_testing.point import Point


class Kind(Enum):
    """What is wrong."""

    RAISED = "the derivative raises an exception"
    NONDETERMINISTIC_FUNCTION = "the function is not deterministic"
    NONDETERMINISTIC = "the derivative is not deterministic"
    SPENT = "the pullback cannot be called twice"
    VALUE = "the value under differentiation is not that of the function"
    TYPE = "a derivative has the wrong type"
    MUTATED = "something is changed in place"
    ALIASED = "a derivative shares memory"
    NOT_LINEAR = "the derivative is not linear"
    MODES_DISAGREE = "forward and reverse mode disagree"
    WRONG = "the derivative is wrong"
    BATCHED = "a batch does not give what a loop over its examples gives"
    UNDECIDED = "finite differences cannot decide"
    NOT_FINITE = "there is no finite value to differentiate"


class Problem(Exception):  # noqa: N818  # a finding on its way up, and not an error of the program
    """The first thing that a check finds wrong.

    Attributes
    ----------
    kind : Kind
        What.
    mode : str
        "fwd", "rev", or "" when it has to do with no mode.
    text : str
        The details.
    point : Point or None
        The function that was differentiated, which in higher orders is a derivative itself.
    path : tuple of str
        The modes by which that function was made: ("rev",) for the vector-Jacobian product of the user's function.
    kink : bool
        Whether the function has a kink at the point.
    """

    def __init__(self, kind: Kind, mode: str, text: str, *, kink: bool = False) -> None:
        super().__init__(text)
        self.kind = kind
        self.mode = mode
        self.text = text
        self.kink = kink
        self.point: Point | None = None
        self.path: tuple[str, ...] = ()
