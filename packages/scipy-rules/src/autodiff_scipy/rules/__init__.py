"""The rules, one file for each part of SciPy's reference; each ends in one table, `RULES`."""

from autodiff_scipy.rules import special

TABLES = (special.RULES,)
