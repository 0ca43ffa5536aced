"""Every public function of NumPy, with a traced value in each place: no derivative is lost without an error.

The functions are found and the calls are made up, so that this covers what has no rule, and what newer versions of
NumPy add. What comes back must hold a traced value, or not depend on the argument, or there must be an error.
"""

from __future__ import annotations

import numpy as np
import pytest
from made_up_calls import STARTS, Call, is_lost, lost_in

import autodiff_numpy

MODULES = {
    "numpy": np, "numpy.linalg": np.linalg, "numpy.fft": np.fft, "autodiff_numpy": autodiff_numpy,
    "autodiff_numpy.linalg": autodiff_numpy.linalg, "autodiff_numpy.fft": autodiff_numpy.fft,
}  # fmt: skip

#: What reads or writes files, changes how NumPy works, or prints.
LEFT_OUT = {
    "from_dlpack", "fromfile", "genfromtxt", "get_include", "info", "load", "loadtxt", "save", "savetxt", "savez",
    "savez_compressed", "set_printoptions", "setbufsize", "seterr", "seterrcall", "show_config", "show_runtime", "test",
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("module", MODULES)
def test_no_derivative_is_lost(module: str) -> None:
    assert lost_in(MODULES[module], LEFT_OUT) == []


def test_what_is_lost_is_found() -> None:
    value, call = STARTS[0], Call(0, (STARTS[0],), {})
    assert is_lost(lambda x: [np.asarray(getattr(x, "value", x)) * 2.0], call, value)
    assert not is_lost(lambda x: np.sin(x), call, value)
    assert not is_lost(lambda x: np.argsort(x), call, value)
