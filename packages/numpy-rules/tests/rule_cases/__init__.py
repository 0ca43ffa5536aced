"""Cases for the rules, one file for each file of rules; see `autodiff_testing.case`."""

from autodiff_testing.cases import Case, case
from autodiff_testing.draws import (
    Draw,
    apart,
    complex_normal,
    normal,
    positive,
    positive_definite,
    uniform,
    well_conditioned,
)

__all__ = [
    "Case",
    "Draw",
    "apart",
    "case",
    "complex_normal",
    "normal",
    "positive",
    "positive_definite",
    "uniform",
    "well_conditioned",
]
