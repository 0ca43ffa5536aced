"""NumPy, to be differentiated: ``import autodiff_numpy as np``."""

import numpy
from numpy import *  # noqa: F403  # replaced by the explicit list
from autodiff_numpy.namespace import unary
sin = unary(numpy.sin)
cos = unary(numpy.cos)
