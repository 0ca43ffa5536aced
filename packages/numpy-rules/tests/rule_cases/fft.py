"""Cases for discrete Fourier transforms."""

from typing import Any

import numpy as np

from rule_cases import Case, case, complex_normal, normal

_fft = np.fft
_NORMS = ("backward", "ortho", "forward")


def _cases(fun: Any, draw: Any, shape: tuple[int, ...], *kwargs: dict[str, Any]) -> tuple[Case, ...]:
    """Make a case for each set of keywords."""
    return tuple(case(fun, lambda x, options=options: fun(x, **options), draw(*shape)) for options in kwargs)


_ONE_AXIS = (
    {},
    *({"norm": norm} for norm in _NORMS),
    {"axis": 0},
    {"axis": -2, "norm": "ortho"},
    *({"n": n, "norm": norm} for n, norm in zip((1, 2, 3, 4, 5, 7, 10, 11), _NORMS * 3, strict=False)),
    {"n": 3, "axis": 0},
    {"n": 9, "axis": 1},
)

_SEVERAL_AXES = (
    {},
    *({"norm": norm} for norm in _NORMS),
    {"axes": (0,)},
    {"axes": (1, 0)},
    {"axes": [-1, 0], "norm": "forward"},
    {"s": (3, 7), "axes": (0, 1)},
    {"s": (7, 3), "axes": (0, 1), "norm": "ortho"},
    {"s": (6, -1), "axes": (1, 0)},
    {"s": (2,), "axes": (2,), "norm": "forward"},
    {"s": (2, 3, 8), "axes": (2, 0, 1)},
)

CASES = (
    *(c for f in (_fft.fft, _fft.ifft) for c in _cases(f, complex_normal, (4, 5), *_ONE_AXIS)),
    *(c for f in (_fft.fft, _fft.ifft) for c in _cases(f, normal, (4, 5), {}, {"n": 3}, {"n": 7, "norm": "ortho"})),
    *(c for f in (_fft.rfft, _fft.ihfft) for c in _cases(f, normal, (4, 5), *_ONE_AXIS)),
    *(c for f in (_fft.rfft, _fft.ihfft) for c in _cases(f, normal, (6,), {}, {"norm": "forward"})),
    *(c for f in (_fft.irfft, _fft.hfft) for c in _cases(f, complex_normal, (4, 5), *_ONE_AXIS)),
    *(c for f in (_fft.irfft, _fft.hfft) for c in _cases(f, normal, (4, 5), {}, {"n": 3}, {"n": 7, "norm": "ortho"})),
    *(
        c
        for f in (_fft.fft2, _fft.ifft2, _fft.fftn, _fft.ifftn)
        for c in _cases(f, complex_normal, (3, 5, 4), *_SEVERAL_AXES)
    ),
    *(c for f in (_fft.rfft2, _fft.rfftn) for c in _cases(f, normal, (3, 5, 4), *_SEVERAL_AXES)),
    *(c for f in (_fft.irfft2, _fft.irfftn) for c in _cases(f, complex_normal, (3, 5, 4), *_SEVERAL_AXES)),
    *_cases(_fft.fft2, normal, (3, 4), {}),
    *_cases(_fft.irfftn, normal, (3, 4), {}),
    case(_fft.fft, lambda x: _fft.fft(x, 7, 0, "ortho"), normal(4, 2)),
    case(_fft.rfft, lambda x: _fft.rfft(x, 7, 0, "ortho"), normal(4, 2)),
    case(_fft.irfftn, lambda x: _fft.irfftn(x, (5, 4), (1, 0), "ortho"), complex_normal(4, 2)),
    *(
        c
        for f in (_fft.fftshift, _fft.ifftshift)
        for c in _cases(f, normal, (3, 4), {}, {"axes": 0}, {"axes": -1}, {"axes": (1, 0)})
    ),
    case(_fft.fftshift, lambda x: _fft.fftshift(x, 0), complex_normal(5, 2)),
)
