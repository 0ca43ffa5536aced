"""Check derivatives: does a rule, or a whole program, have the gradient that it claims to have?

>>> import numpy as np
>>> from autodiff_testing import check_grads
>>> check_grads(lambda x: np.sum(np.sin(x)))(np.array([0.3, 1.1]))
"""

from autodiff_testing.checks import check_grads, check_jvp, check_vjp, combo_check
from autodiff_testing.report import CheckError

__all__ = ["CheckError", "check_grads", "check_jvp", "check_vjp", "combo_check"]
