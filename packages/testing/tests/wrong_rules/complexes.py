"""Rules that are wrong for complex numbers."""

import numpy as np

from autodiff.extend import elementwise, linear
from wrong_rules import Row, V, Z, form, row, vjp

ROWS: tuple[Row, ...] = (
    row("a conjugate too many", form(elementwise, lambda z: z * z, lambda y, z: 2 * np.conj(z)), Z, words="conjugate"),
    row("a conjugate missing", form(linear, np.conj, lambda g, z: 1.0 * g), Z, words="conjugate"),
    row("a conjugate missing of abs", vjp(np.abs, lambda y, z: lambda g: g * z / y), Z, words="conjugate"),
    row(
        "the imaginary part dropped",
        vjp(lambda z: 3 * z, lambda y, z: lambda g: (3 * g).real + 0j),
        Z,
        words="imaginary part",
    ),
    row(
        "the partial's imaginary part dropped",
        form(elementwise, lambda z: z * (2 + 3j), lambda y, z: 2.0 + 0j),
        Z,
        words="imaginary part",
    ),
    row("a factor i", form(elementwise, lambda z: 1j * z, lambda y, z: 1.0 + 0j), Z, words="i times"),
    row("a real argument", vjp(lambda x: np.exp(1j * x), lambda y, x: lambda g: (g * y).real), V, words="i times"),
    row("the sign of the imaginary part", vjp(np.imag, lambda y, z: lambda g: 1j * g), Z, words="sign"),
    row(
        "a product",
        vjp(np.multiply, lambda y, a, b: lambda g: g * np.conj(b), lambda y, a, b: lambda g: g * a),
        Z,
        Z + 1,
        words="conjugate",
    ),
    row("transposed with a conjugate", form(linear, np.fft.fft, lambda g, z: 3 * np.fft.ifft(g)), Z, words="conjugate"),
    row("not scaled back", form(linear, np.fft.fft, lambda g, z: np.fft.fft(g) / 3), Z, words=("1/3 times", "mean")),
    row("real where complex", vjp(lambda z: 3 * z, lambda y, z: lambda g: (3 * g).real), Z, words="imaginary part"),
    row("half of a real part", vjp(np.real, lambda y, z: lambda g: g / 2 + 0j), Z, words="1/2 times"),
    row("as if holomorphic", vjp(lambda z: abs(z) ** 2, lambda y, z: lambda g: g * np.conj(z)), Z, words="1/2 times"),
)
