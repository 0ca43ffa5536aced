"""Functions of Bottleneck that can be differentiated.

>>> import numpy as np
>>> from autodiff import grad
>>> from autodiff_bottleneck import ss
>>> grad(ss)(np.array([1.0, 2.0, 3.0]))
array([2., 4., 6.])
"""

import bottleneck

from autodiff.extend import primitive

move_mean = primitive(bottleneck.move_mean)
move_sum = primitive(bottleneck.move_sum)
nanmean = primitive(bottleneck.nanmean)
nansum = primitive(bottleneck.nansum)
ss = primitive(bottleneck.ss)

__all__ = ["move_mean", "move_sum", "nanmean", "nansum", "ss"]
