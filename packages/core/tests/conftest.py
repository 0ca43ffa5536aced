"""What several test files need.

Tests of core must pass with NumPy and without it, so they compare values, not types.
"""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "wheels: builds wheels and installs them into an empty environment; slow")


@pytest.fixture
def python() -> Run:
    """Return a function that runs code in a Python process of its own, with further environment variables."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTODIFF_")}
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, check=False, env={**clean, **variables}
        )

    return run


@pytest.fixture
def installed(tmp_path, python):
    """Return a function that runs code where plugins, ``name=source``, are installed; and what was warned."""

    def run(code, /, *arguments, variables=None, **plugins):
        for name, source in plugins.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
            info = tmp_path / f"{name}_dist-1.5.dist-info"
            info.mkdir(exist_ok=True)
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.5\n")
            (info / "entry_points.txt").write_text(f"[autodiff]\n{name} = {name}\n")
        path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(os.pathsep)
        start = ["-c", textwrap.dedent(code)] if code else ["-m", "autodiff"]
        return python(
            *start, *arguments, PYTHONPATH=path, **{"AUTODIFF_PLUGINS": ",".join(plugins), **(variables or {})}
        )

    return run
