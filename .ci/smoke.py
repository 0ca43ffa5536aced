"""What must work right after the wheels are installed: every package imports from its wheel, gradients are right."""

import importlib
from pathlib import Path

import numpy as np

from autodiff import grad

PACKAGES = ["autodiff", "autodiff_numpy", "autodiff_scipy", "autodiff_testing", "autodiff_optim"]

for name in PACKAGES:
    folder = Path(importlib.import_module(name).__file__).parent
    assert "site-packages" in folder.parts, f"{name} comes from {folder}"
    assert (folder / "py.typed").is_file(), f"{name} is not marked as typed"

assert grad(lambda x: x**3)(2.0) == 12.0
x = np.linspace(0.0, 1.0, 5)
assert np.allclose(grad(lambda x: np.sum(np.sin(x) ** 2))(x), np.sin(2 * x))
print("smoke test passed:", ", ".join(PACKAGES))
