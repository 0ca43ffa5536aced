"""Cases for complex numbers."""

import numpy as np

from autodiff_numpy.operators import absolute
from rule_cases import apart, case, complex_normal, normal

CASES = (
    *(
        case(fun, fun, draw)
        for fun in (np.real, np.imag, np.conjugate, np.absolute, np.angle, np.sign, np.real_if_close)
        for draw in (complex_normal(3, 4), apart(3, 4))
    ),
    *(
        case(fun, fun, value, order=1)
        for fun in (np.real, np.imag, np.conjugate, np.absolute, np.angle, np.sign)
        for value in (0.3, 0.7 - 0.4j, np.complex128(0.7 - 0.4j))
    ),
    case(np.absolute, lambda z: np.absolute(z) ** 2, complex_normal(3)),
    *(case(absolute, abs, draw) for draw in (complex_normal(3, 4), apart(3, 4))),
    *(case(absolute, abs, value, order=1) for value in (-0.3, 0.7 - 0.4j)),
    case(np.angle, lambda z: np.angle(z, deg=True), complex_normal(3)),
    case(np.angle, lambda z: np.angle(z, True), complex_normal(3)),
    case(np.angle, lambda x: x * np.angle(x), np.array([0.3, -0.4])),
    case(np.real_if_close, lambda x: np.real_if_close(x + 1e-18j), normal(3)),
    case(np.conjugate, lambda z: z * np.conj(z), complex_normal(3)),
)
