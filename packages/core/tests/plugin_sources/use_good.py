"""A program that needs the plugin `good`."""

import math

import good

from autodiff import deriv, grad

assert grad(good.sin)(0.3) == deriv(good.sin)(0.3) == math.cos(0.3)
assert grad(lambda p: p.a * good.sin(p.b))(good.Pair(2.0, 0.3)).a == math.sin(0.3)
assert grad(lambda x: x**3)(2.0) == 12.0
