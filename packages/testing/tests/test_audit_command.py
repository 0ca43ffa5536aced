"""The command `python -m autodiff_testing audit`: what it prints, and its exit status."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from autodiff.extend import elementwise
from autodiff_testing import __main__

TABLE = """
import numpy as np
from autodiff_testing import case
from autodiff_testing.draws import normal

CASES = [case(np.{name}, np.{name}, normal(3)), case(np.{name}, np.{name}, normal(2, 2))]
"""


def command(capsys, *arguments):
    status = __main__.main(["audit", *arguments])
    return status, capsys.readouterr()


def test_the_command_prints_a_table(capsys):
    status, out = command(capsys, "numpy", "--rule", "numpy.sin", "--rule", "hypot")
    assert status == 0
    assert "2 rules: 2 passed." in out.out
    assert "numpy.hypot" in out.out
    assert "Functions of numpy without a rule" in out.out
    assert out.err == "..\n"


def test_the_command_prints_json(capsys, tmp_path, monkeypatch):
    (tmp_path / "a_table_for_json.py").write_text(TABLE.format(name="sin"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    where = str(tmp_path / "a_table_for_json.py")
    status, out = command(capsys, "numpy", "--cases", where, "--rule", "sin", "--json", "--quiet", "--order", "1")
    assert status == 0
    assert out.err == ""
    found = json.loads(out.out)
    assert found["ok"] is True
    assert found["order"] == 1
    (rule,) = found["rules"]
    assert (rule["name"], rule["status"], rule["covered"]) == ("numpy.sin", "passed", True)
    assert [form["text"] for form in rule["forms"]] == ["(3,)", "(3,), float32", "(2, 2)", "(2, 2), float32"]


def test_the_command_fails_with_a_wrong_rule(capsys, plugin, primitive_like):
    cosine = primitive_like(np.cos)
    plugin(elementwise(cosine, lambda y, x: np.sin(x)))
    status, out = command(capsys, "numpy", "--quiet")
    assert status == 1
    assert out.err == ""
    assert "1 failed" in out.out
    status, out = command(capsys, "numpy")
    assert status == 1
    assert out.err == "F\n"


def test_progress_on_a_terminal_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    _, out = command(capsys, "numpy", "--rule", "sin", "--rule", "numpy.arctan2")
    first, second, rest = out.err.strip("\n").partition("\r")[2].partition("\r")
    assert first.startswith("[1/2]")
    assert second == "\r"
    assert rest.startswith("[2/2] numpy")


@pytest.mark.parametrize(
    "arguments",
    [["nobody"], ["numpy", "--rule", "sine"], ["numpy", "--cases", "no/such.py"], ["numpy", "--order", "0"]],
)
def test_the_command_refuses_nonsense(capsys, arguments):
    with pytest.raises(SystemExit) as info:
        __main__.main(["audit", *arguments])
    assert info.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_a_plugin_that_is_installed_ships_its_cases(tmp_path):
    """In a process of its own, since plugins are loaded once."""
    files = {
        "lib.py": """
            import math
            from autodiff.extend import elementwise, hookimpl, primitive
            cosh, sinh, tanh = map(primitive, (math.cosh, math.sinh, math.tanh))

            @hookimpl
            def autodiff_rules():
                return [elementwise(cosh, lambda y, x: sinh(x)), elementwise(sinh, lambda y, x: cosh(x)),
                        elementwise(tanh, lambda y, x: 1 + y * y)]
        """,
        "lib_cases.py": """
            from autodiff_testing import case
            from lib import cosh, tanh
            CASES = [case(cosh, cosh, 0.7, float32=False), case(tanh, tanh, 0.3, float32=False)]
        """,
        "lib-1.5.dist-info/METADATA": "Metadata-Version: 2.1\nName: lib-dist\nVersion: 1.5\n",
        "lib-1.5.dist-info/entry_points.txt": "[autodiff]\nlib = lib\n[autodiff.cases]\nlib = lib_cases\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(textwrap.dedent(text))
    path = os.pathsep.join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]).rstrip(os.pathsep)
    done = subprocess.run(
        [sys.executable, "-m", "autodiff_testing", "audit", "lib", "--quiet"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "audit of lib (lib-dist 1.5)" in done.stdout
    assert "math.tanh of number: the derivative is wrong" in done.stdout
    assert "3 rules: 2 passed, 1 failed." in done.stdout
