"""Print the versions that a test run is about."""

import platform
from importlib.metadata import version

print(f"Python {platform.python_version()}, NumPy {version('numpy')}, SciPy {version('scipy')}")
