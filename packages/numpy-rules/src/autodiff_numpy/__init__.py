"""NumPy, to be differentiated: ``import autodiff_numpy as np``.

>>> import autodiff_numpy as np
>>> from autodiff import grad
>>> grad(lambda x: np.sum(np.sin(x) ** 2))(np.array([0.0, 0.25 * np.pi]))
array([0., 1.])

The names are NumPy's and mean the same. Plain ``import numpy as np`` works as well, because traced arrays take part in
NumPy's protocols; this namespace is faster on small arrays, and it knows lists of traced values: ``np.array([x, y])``.
"""

from typing import Any

import numpy as _numpy

# isort: off
# fmt: off
from numpy import (
    False_, ScalarType, True_, all, allclose, angle, any, append, apply_along_axis, apply_over_axes, argmax, argmin,
    argpartition, argsort, argwhere, around, array2string, array_equal, array_equiv, array_repr, array_split,
    array_str, astype, atleast_1d, atleast_2d, atleast_3d, average, bartlett, base_repr, binary_repr, bincount,
    bitwise_and, bitwise_count, bitwise_invert, bitwise_left_shift, bitwise_not, bitwise_or, bitwise_right_shift,
    bitwise_xor, blackman, block, bool_, broadcast, broadcast_arrays, broadcast_shapes, broadcast_to, byte, bytes_,
    can_cast, cdouble, character, choose, clip, clongdouble, column_stack, common_type, complex128, complex64,
    complexfloating, compress, concat, concatenate, convolve, copyto, correlate, count_nonzero, cross, csingle,
    datetime64, delete, diag, diag_indices, diag_indices_from, diagflat, diagonal, diff, digitize, divmod, dot,
    double, dsplit, dstack, dtype, e, ediff1d, einsum, einsum_path, errstate, euler_gamma, expand_dims, extract,
    fill_diagonal, finfo, flatiter, flatnonzero, flexible, flip, fliplr, flipud, float16, float32, float64,
    floating, format_float_positional, format_float_scientific, frexp, frombuffer, fromfile, fromfunction, fromiter,
    frompyfunc, fromstring, gcd, generic, genfromtxt, geomspace, get_printoptions, geterr, geterrcall, gradient,
    half, hamming, hanning, histogram, histogram2d, histogram_bin_edges, histogramdd, hsplit, hstack, i0, iinfo,
    imag, index_exp, indices, inexact, inf, inner, insert, int16, int32, int64, int8, int_, intc, integer,
    intersect1d, intp, invert, isclose, iscomplex, iscomplexobj, isdtype, isfortran, isin, isnat, isneginf,
    isposinf, isreal, isrealobj, isscalar, issubdtype, iterable, ix_, kron, lcm, left_shift, lexsort, little_endian,
    load, loadtxt, logspace, long, longdouble, longlong, mask_indices, matrix_transpose, may_share_memory, median,
    meshgrid, mgrid, min_scalar_type, mintypecode, modf, moveaxis, nan, nanargmax, nanargmin, nancumprod, nancumsum,
    nanmean, nanmedian, nanpercentile, nanquantile, nanstd, nanvar, ndarray, ndenumerate, ndim, ndindex, nditer,
    newaxis, nextafter, nonzero, number, object_, ogrid, outer, partition, percentile, permute_dims, pi, place,
    poly1d, printoptions, promote_types, ptp, put, put_along_axis, putmask, quantile, ravel_multi_index, real,
    real_if_close, repeat, reshape, resize, result_type, right_shift, roll, rollaxis, rot90, round, s_, save,
    savetxt, savez, savez_compressed, searchsorted, set_printoptions, setdiff1d, seterr, seterrcall, setxor1d,
    shape, shares_memory, short, signedinteger, sinc, single, size, sort, sort_complex, spacing, split, squeeze,
    stack, str_, swapaxes, take, take_along_axis, tensordot, tile, timedelta64, trapezoid, tri, tril, tril_indices,
    tril_indices_from, trim_zeros, triu, triu_indices, triu_indices_from, typecodes, typename, ubyte, ufunc, uint,
    uint16, uint32, uint64, uint8, uintc, uintp, ulong, ulonglong, union1d, unique, unique_all, unique_counts,
    unique_inverse, unique_values, unravel_index, unsignedinteger, unwrap, ushort, vander, vdot, vecdot, vectorize,
    void, vsplit, vstack, where,
)

from numpy import fft, linalg
from autodiff_numpy import polynomial, random
from autodiff_numpy.array_making import (
    asarray_chkfinite, require,
)
from autodiff_numpy.concatenators import c_, r_
from autodiff_numpy.creating import (
    arange, array, asanyarray, asarray, ascontiguousarray, asfortranarray, copy, empty, empty_like, eye, full,
    full_like, identity, linspace, ones, ones_like, zeros, zeros_like,
)
from autodiff_numpy.functions import (
    abs, absolute, acos, acosh, add, amax, amin, arccos, arccosh, arcsin, arcsinh, arctan, arctan2, arctanh, asin,
    asinh, atan, atan2, atanh, cbrt, ceil, conj, conjugate, copysign, corrcoef, cos, cosh, cov, cumprod, cumsum,
    deg2rad, degrees, divide, equal, exp, exp2, expm1, fabs, float_power, floor, floor_divide, fmax, fmin, fmod,
    greater, greater_equal, heaviside, hypot, interp, isfinite, isinf, isnan, kaiser, ldexp, less, less_equal, log,
    log10, log1p, log2, logaddexp, logaddexp2, logical_and, logical_not, logical_or, logical_xor, matmul, max,
    maximum, mean, min, minimum, mod, multiply, nan_to_num, nanmax, nanmin, nanprod, nansum, negative, not_equal,
    pad, piecewise, poly, polyadd, polyder, polydiv, polyfit, polyint, polymul, polysub, polyval, positive, pow,
    power, prod, rad2deg, radians, ravel, reciprocal, remainder, rint, roots, select, sign, signbit, sin, sinh,
    sqrt, square, std, subtract, sum, tan, tanh, trace, transpose, true_divide, trunc, var,
)
# isort: on

__all__ = [
    "False_", "ScalarType", "True_", "abs", "absolute", "acos", "acosh", "add", "all", "allclose", "amax", "amin",
    "angle", "any", "append", "apply_along_axis", "apply_over_axes", "arange", "arccos", "arccosh", "arcsin",
    "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition", "argsort", "argwhere", "around",
    "array", "array2string", "array_equal", "array_equiv", "array_repr", "array_split", "array_str", "asanyarray",
    "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "asin", "asinh", "astype", "atan",
    "atan2", "atanh", "atleast_1d", "atleast_2d", "atleast_3d", "average", "bartlett", "base_repr", "binary_repr",
    "bincount", "bitwise_and", "bitwise_count", "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or",
    "bitwise_right_shift", "bitwise_xor", "blackman", "block", "bool_", "broadcast", "broadcast_arrays",
    "broadcast_shapes", "broadcast_to", "byte", "bytes_", "c_", "can_cast", "cbrt", "cdouble", "ceil", "character",
    "choose", "clip", "clongdouble", "column_stack", "common_type", "complex64", "complex128", "complexfloating",
    "compress", "concat", "concatenate", "conj", "conjugate", "convolve", "copy", "copysign", "copyto", "corrcoef",
    "correlate", "cos", "cosh", "count_nonzero", "cov", "cross", "csingle", "cumprod", "cumsum", "datetime64",
    "deg2rad", "degrees", "delete", "diag", "diag_indices", "diag_indices_from", "diagflat", "diagonal", "diff",
    "digitize", "divide", "divmod", "dot", "double", "dsplit", "dstack", "dtype", "e", "ediff1d", "einsum",
    "einsum_path", "empty", "empty_like", "equal", "errstate", "euler_gamma", "exp", "exp2", "expand_dims", "expm1",
    "extract", "eye", "fabs", "fft", "fill_diagonal", "finfo", "flatiter", "flatnonzero", "flexible", "flip",
    "fliplr", "flipud", "float16", "float32", "float64", "float_power", "floating", "floor", "floor_divide", "fmax",
    "fmin", "fmod", "format_float_positional", "format_float_scientific", "frexp", "frombuffer", "fromfile",
    "fromfunction", "fromiter", "frompyfunc", "fromstring", "full", "full_like", "gcd", "generic", "genfromtxt",
    "geomspace", "get_printoptions", "geterr", "geterrcall", "gradient", "greater", "greater_equal", "half",
    "hamming", "hanning", "heaviside", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd", "hsplit",
    "hstack", "hypot", "i0", "identity", "iinfo", "imag", "index_exp", "indices", "inexact", "inf", "inner",
    "insert", "int8", "int16", "int32", "int64", "int_", "intc", "integer", "interp", "intersect1d", "intp",
    "invert", "isclose", "iscomplex", "iscomplexobj", "isdtype", "isfinite", "isfortran", "isin", "isinf", "isnan",
    "isnat", "isneginf", "isposinf", "isreal", "isrealobj", "isscalar", "issubdtype", "iterable", "ix_", "kaiser",
    "kron", "lcm", "ldexp", "left_shift", "less", "less_equal", "lexsort", "linalg", "linspace", "little_endian",
    "load", "loadtxt", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2", "logical_and", "logical_not",
    "logical_or", "logical_xor", "logspace", "long", "longdouble", "longlong", "mask_indices", "matmul",
    "matrix_transpose", "max", "maximum", "may_share_memory", "mean", "median", "meshgrid", "mgrid", "min",
    "min_scalar_type", "minimum", "mintypecode", "mod", "modf", "moveaxis", "multiply", "nan", "nan_to_num",
    "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin",
    "nanpercentile", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar", "ndarray", "ndenumerate", "ndim",
    "ndindex", "nditer", "negative", "newaxis", "nextafter", "nonzero", "not_equal", "number", "object_", "ogrid",
    "ones", "ones_like", "outer", "pad", "partition", "percentile", "permute_dims", "pi", "piecewise", "place",
    "poly", "poly1d", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polynomial", "polysub",
    "polyval", "positive", "pow", "power", "printoptions", "prod", "promote_types", "ptp", "put", "put_along_axis",
    "putmask", "quantile", "r_", "rad2deg", "radians", "random", "ravel", "ravel_multi_index", "real",
    "real_if_close", "reciprocal", "remainder", "repeat", "require", "reshape", "resize", "result_type",
    "right_shift", "rint", "roll", "rollaxis", "roots", "rot90", "round", "s_", "save", "savetxt", "savez",
    "savez_compressed", "searchsorted", "select", "set_printoptions", "setdiff1d", "seterr", "seterrcall",
    "setxor1d", "shape", "shares_memory", "short", "sign", "signbit", "signedinteger", "sin", "sinc", "single",
    "sinh", "size", "sort", "sort_complex", "spacing", "split", "sqrt", "square", "squeeze", "stack", "std", "str_",
    "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "timedelta64",
    "trace", "transpose", "trapezoid", "tri", "tril", "tril_indices", "tril_indices_from", "trim_zeros", "triu",
    "triu_indices", "triu_indices_from", "true_divide", "trunc", "typecodes", "typename", "ubyte", "ufunc", "uint",
    "uint8", "uint16", "uint32", "uint64", "uintc", "uintp", "ulong", "ulonglong", "union1d", "unique",
    "unique_all", "unique_counts", "unique_inverse", "unique_values", "unravel_index", "unsignedinteger", "unwrap",
    "ushort", "vander", "var", "vdot", "vecdot", "vectorize", "void", "vsplit", "vstack", "where", "zeros",
    "zeros_like",
]
# fmt: on


def __getattr__(name: str) -> Any:
    """Hand on names of NumPy that this list lacks: newer ones, and those that concern no arrays."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_numpy, name)
