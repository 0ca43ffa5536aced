"""What several test files need.

Tests of core must pass with NumPy and without it, so they compare values, not types.
"""

import os
import subprocess
import sys
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
