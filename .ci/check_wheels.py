"""Every wheel is pure Python and holds its import package and nothing else: ``check_wheels.py FOLDER``."""

import sys
import zipfile
from pathlib import Path

EXPECTED = {
    "autodiff_core": "autodiff",
    "autodiff_numpy": "autodiff_numpy",
    "autodiff_scipy": "autodiff_scipy",
    "autodiff_testing": "autodiff_testing",
    "autodiff_optim": "autodiff_optim",
}

wheels = {wheel.name.split("-")[0]: wheel for wheel in Path(sys.argv[1]).glob("*.whl")}
assert wheels.keys() == EXPECTED.keys(), f"wheels: {sorted(wheels)}"
for distribution, wheel in wheels.items():
    assert wheel.name.endswith("-py3-none-any.whl"), f"{wheel.name} is not pure Python"
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {EXPECTED[distribution]}, f"{wheel.name} holds {sorted(tops)}"
    assert f"{EXPECTED[distribution]}/py.typed" in names, f"{wheel.name} has no py.typed"
    assert any(name.endswith("/licenses/LICENSE") for name in names), f"{wheel.name} has no licence"
    print(f"{wheel.name}: {len(names)} files")
