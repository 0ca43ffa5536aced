"""The examples run, and say what they promise."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parents[1]


def run(name: str, *options: str, folder: Path) -> str:
    command = [sys.executable, EXAMPLES / name, *options]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def is_png(path: Path) -> bool:
    return path.read_bytes().startswith(b"\x89PNG") and path.stat().st_size > 10_000


def test_digits(tmp_path: Path) -> None:
    said = run("digits.py", folder=tmp_path)
    accuracy = re.search(r"accuracy (.*)%", said)
    assert accuracy is not None
    assert float(accuracy[1]) >= 96
    assert str(tmp_path / "digits.png") in said
    assert is_png(tmp_path / "digits.png")


def test_digits_again_is_the_same(tmp_path: Path) -> None:
    options = ("--epochs", "2", "--seed", "3", "--output", "figure.png")
    assert run("digits.py", *options, folder=tmp_path) == run("digits.py", *options, folder=tmp_path)
    assert is_png(tmp_path / "figure.png")
