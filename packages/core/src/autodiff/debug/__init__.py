"""Looking inside: what a differentiated program does, what it keeps, what it costs, and where NaN comes from.

>>> from autodiff.debug import print_trace
>>> value = print_trace(lambda x: x * x)(3.0)
<lambda>(%0):
0: x -> float           # argument
1: mul %0, %0 -> float  # <doctest ...:1 in <lambda>
return %1

====================  ====================================================================
`print_trace`         the program as it was traced, line by line; `trace_of` returns it
`draw_graph`          the same as a picture
`debug_nans`          an error from the operation that first makes NaN
`saved_residuals`     what is kept for the backward pass, by lines of the program
`profile`             the time and memory that each operation takes
====================  ====================================================================

A differentiation that nobody looks at is not slowed down: see `watching`, which is also how they all work.
"""

from autodiff.debug.drawing import draw_graph
from autodiff.debug.listing import Equation, Listing, print_trace, trace_of
from autodiff.debug.nans import debug_nans
from autodiff.debug.profiling import Costs, Profile, profile
from autodiff.debug.residuals import SavedLine, SavedResiduals, saved_residuals

__all__ = [
    "Costs",
    "Equation",
    "Listing",
    "Profile",
    "SavedLine",
    "SavedResiduals",
    "debug_nans",
    "draw_graph",
    "print_trace",
    "profile",
    "saved_residuals",
    "trace_of",
]
