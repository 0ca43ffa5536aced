"""Hypothesis strategies for arguments of array functions: what rules of derivatives stumble over.

The numbers are multiples of small fractions, between -8 and 8 unless said otherwise: neither so large nor so small that
finite differences mean nothing. Nothing is filtered out, and everything shrinks: to zeros, to identity matrices, to
small shapes.

>>> from hypothesis import given, settings
>>> import numpy as np
>>> from autodiff_testing import check_grads
>>> @settings(max_examples=10, deadline=None)  # the first gradient loads the rules
... @given(broadcastable_args(2))
... def test_multiply(args):
...     check_grads(np.multiply)(*args)
>>> test_multiply()
"""

try:
    from autodiff_testing.strategies.indexing import indices
    from autodiff_testing.strategies.matrices import well_conditioned_matrices
    from autodiff_testing.strategies.nested import containers
    from autodiff_testing.strategies.points import away_from_kinks, distinct_arrays
    from autodiff_testing.strategies.shapes import axis_arguments, broadcastable_args
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "hypothesis":
        raise
    raise ImportError(
        "autodiff_testing.strategies needs Hypothesis, which is not installed. "
        "Write `pip install autodiff-testing[hypothesis]`."
    ) from error

__all__ = [
    "away_from_kinks",
    "axis_arguments",
    "broadcastable_args",
    "containers",
    "distinct_arrays",
    "indices",
    "well_conditioned_matrices",
]
