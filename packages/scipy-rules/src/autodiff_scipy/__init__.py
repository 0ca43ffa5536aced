"""Derivative rules for SciPy, found by autodiff as a plugin: nothing needs to be imported from here.

>>> import numpy as np
>>> from scipy.special import expit
>>> from autodiff import grad
>>> grad(lambda x: np.sum(expit(x)))(np.array([0.0, 0.0]))
array([0.25, 0.25])

So far: universal functions of `scipy.special`, see `autodiff_scipy.rules.special`. Other functions of SciPy refuse
traced values with an error.
"""
