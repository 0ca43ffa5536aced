"""Core works where NumPy is not installed, and says how to get it."""

import importlib.util

from autodiff import grad

assert importlib.util.find_spec("numpy") is None, "NumPy is installed here: the environment proves nothing"
assert grad(lambda x: x**3)(2.0) == 12.0
print("core differentiates without NumPy")
