"""The functions of NumPy that are looked up most often, with a short cut for traced values; see `namespace.py`."""

from __future__ import annotations

import functools
from typing import Any

import numpy

from autodiff_numpy.box import ArrayBox
from autodiff_numpy.calling import DEFINITIONS, everywhere_defined
from autodiff_numpy.namespace import binary, everywhere, function, unary

absolute = unary(numpy.absolute)
arccos = unary(numpy.arccos)
arccosh = unary(numpy.arccosh)
arcsin = unary(numpy.arcsin)
arcsinh = unary(numpy.arcsinh)
arctan = unary(numpy.arctan)
arctanh = unary(numpy.arctanh)
cbrt = unary(numpy.cbrt)
ceil = unary(numpy.ceil)
conjugate = unary(numpy.conjugate)
cos = unary(numpy.cos)
cosh = unary(numpy.cosh)
deg2rad = unary(numpy.deg2rad)
degrees = unary(numpy.degrees)
exp = unary(numpy.exp)
exp2 = unary(numpy.exp2)
expm1 = unary(numpy.expm1)
fabs = unary(numpy.fabs)
floor = unary(numpy.floor)
isfinite = unary(numpy.isfinite)
isinf = unary(numpy.isinf)
isnan = unary(numpy.isnan)
log = unary(numpy.log)
log10 = unary(numpy.log10)
log1p = unary(numpy.log1p)
log2 = unary(numpy.log2)
logical_not = unary(numpy.logical_not)
negative = unary(numpy.negative)
positive = unary(numpy.positive)
rad2deg = unary(numpy.rad2deg)
radians = unary(numpy.radians)
reciprocal = unary(numpy.reciprocal)
rint = unary(numpy.rint)
sign = unary(numpy.sign)
signbit = unary(numpy.signbit)
sin = unary(numpy.sin)
sinh = unary(numpy.sinh)
sqrt = unary(numpy.sqrt)
square = unary(numpy.square)
tan = unary(numpy.tan)
tanh = unary(numpy.tanh)
trunc = unary(numpy.trunc)

add = binary(numpy.add)
arctan2 = binary(numpy.arctan2)
copysign = binary(numpy.copysign)
divide = binary(numpy.divide)
equal = binary(numpy.equal)
float_power = binary(numpy.float_power)
floor_divide = binary(numpy.floor_divide)
fmax = binary(numpy.fmax)
fmin = binary(numpy.fmin)
fmod = binary(numpy.fmod)
greater = binary(numpy.greater)
greater_equal = binary(numpy.greater_equal)
heaviside = binary(numpy.heaviside)
hypot = binary(numpy.hypot)
ldexp = binary(numpy.ldexp)
less = binary(numpy.less)
less_equal = binary(numpy.less_equal)
logaddexp = binary(numpy.logaddexp)
logaddexp2 = binary(numpy.logaddexp2)
logical_and = binary(numpy.logical_and)
logical_or = binary(numpy.logical_or)
logical_xor = binary(numpy.logical_xor)
matmul = binary(numpy.matmul)
maximum = binary(numpy.maximum)
minimum = binary(numpy.minimum)
multiply = binary(numpy.multiply)
not_equal = binary(numpy.not_equal)
power = binary(numpy.power)
remainder = binary(numpy.remainder)
subtract = binary(numpy.subtract)

corrcoef = everywhere(numpy.corrcoef)
cov = everywhere(numpy.cov)
interp = everywhere(numpy.interp)
kaiser = everywhere(numpy.kaiser)
nan_to_num = everywhere(numpy.nan_to_num)
pad = everywhere(numpy.pad)
piecewise = everywhere_defined(numpy.piecewise, DEFINITIONS[numpy.piecewise])
poly = everywhere(numpy.poly)
polyadd = everywhere(numpy.polyadd)
polyder = everywhere(numpy.polyder)
polydiv = everywhere(numpy.polydiv)
polyfit = everywhere(numpy.polyfit)
polyint = everywhere(numpy.polyint)
polymul = everywhere(numpy.polymul)
polysub = everywhere(numpy.polysub)
polyval = everywhere(numpy.polyval)
roots = everywhere(numpy.roots)
select = everywhere(numpy.select)

amax = function(numpy.amax)
amin = function(numpy.amin)
cumprod = function(numpy.cumprod)
cumsum = function(numpy.cumsum)
max = function(numpy.max)
mean = function(numpy.mean)
min = function(numpy.min)
nanmax = function(numpy.nanmax)
nanmin = function(numpy.nanmin)
nanprod = function(numpy.nanprod)
nansum = function(numpy.nansum)
prod = function(numpy.prod)
ravel = function(numpy.ravel)
std = function(numpy.std)
trace = function(numpy.trace)
transpose = function(numpy.transpose)
var = function(numpy.var)


_sum = function(numpy.sum)


@functools.wraps(numpy.sum, updated=())
def sum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, **options: Any) -> Any:
    """Sum entries. The end of nearly every loss, and so worth a way past NumPy's dispatch."""
    if type(a) is ArrayBox:
        return a.sum(axis, dtype, out, **options)
    if options or type(a) is not numpy.ndarray:
        return _sum(a, axis, dtype, out, **options)
    return numpy.sum(a, axis, dtype, out)


abs = absolute
acos = arccos
acosh = arccosh
asin = arcsin
asinh = arcsinh
atan = arctan
atan2 = arctan2
atanh = arctanh
conj = conjugate
mod = remainder
pow = power
true_divide = divide
