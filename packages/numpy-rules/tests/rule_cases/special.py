"""Cases for the Bessel function I0 and the Kaiser window."""

import numpy as np

import autodiff_numpy as traced_numpy
from autodiff_numpy.bessel_derivatives import i0_derivative
from rule_cases import case, uniform

CASES = (
    case(np.i0, np.i0, uniform(-4, 4, 3, 4), order=3),
    case(np.i0, np.i0, uniform(10, 24, 5)),
    case(np.i0, np.i0, np.array([0.0, 1e-9, -7.9, 8.1, -15.9, 16.1]), float32=False),
    case(np.i0, np.i0, uniform(-1, 1)),
    case(np.i0, np.i0, 0.3, order=1),
    *(case(i0_derivative, lambda x, n=n: i0_derivative(x, n), uniform(-20, 20, 6)) for n in (1, 2, 5)),
    case(np.kaiser, lambda beta: traced_numpy.kaiser(6, beta), 3.2),
    case(np.kaiser, lambda beta: traced_numpy.kaiser(5, beta=beta), np.float64(14.0)),
    case(np.kaiser, lambda beta: traced_numpy.kaiser(2, beta), 0.0),
    case(np.kaiser, lambda beta: beta * traced_numpy.kaiser(1, beta), 2.0),
    case(np.kaiser, lambda beta: beta * np.sum(traced_numpy.kaiser(0, beta)), 2.0),
)
