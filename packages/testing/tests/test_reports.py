"""The report of a failed check: each of its parts is right, and the program in it fails in the same way."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from autodiff.extend import defjvp, defvjp, elementwise, primitive, register_rules
from autodiff_testing import CheckError, check_grads

X = np.array([0.7, -1.3, 2.1])


def report_of(fun: Callable[..., Any], *args: Any, options: dict[str, Any] | None = None, **kwargs: Any) -> CheckError:
    with pytest.raises(CheckError) as info:
        check_grads(fun, **(options or {}))(*args, **kwargs)
    return info.value


def fields(error: CheckError) -> dict[str, str]:
    """Return the fields of the heading, by their names."""
    found: dict[str, str] = {}
    name = ""
    for line in str(error).split("\n\n")[1].splitlines():
        name = line[:11].strip() or name
        found[name] = f"{found.get(name, '')} {line[11:]}".strip()
    return found


def program(error: CheckError) -> str:
    """Return the program that the report ends with."""
    _, _, text = str(error).partition("to see it again\n")
    return "\n".join(line.removeprefix("  ") for line in text.splitlines())


# A module of a user's, with a wrong rule. -----------------------------------------------------------------------------

MODULE = """
import numpy as np
from autodiff.extend import defvjp, elementwise, primitive, register_rules

@primitive
def scaled(x, factor=2.0):
    return factor * np.sin(x)

@primitive
def squared(x):
    return x * x

defvjp(scaled,
       lambda y, x, factor=2.0:
       lambda g: factor * g * np.sin(x))

register_rules([elementwise(squared, lambda y, x: 2 * x)])

def loss(weights, scale):
    return np.sum(squared(scaled(weights))) * scale
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    (tmp_path / "rules_of_a_user.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("rules_of_a_user")
    del sys.modules["rules_of_a_user"]


def test_heading(module: Any) -> None:
    error = report_of(module.loss, X, 3.0, options={"modes": ("rev",)})
    assert str(error).splitlines()[0] == "the derivative is wrong: loss"
    found = fields(error)
    assert found["argument"] == "0 (`weights`), float64 of shape (3,)"
    assert found["mode"] == "reverse mode, order 1: the derivative of the function"
    assert "numerically" in found["found"]
    assert found["diagnosis"].startswith(error.diagnosis[:40])
    assert (error.kind, error.mode, error.order, error.argument) == ("the derivative is wrong", "rev", 1, 0)


def test_worst_entries(module: Any) -> None:
    lines = str(report_of(module.scaled, X)).splitlines()
    top = next(i for i, line in enumerate(lines) if line.split()[:2] == ["entry", "analytic"])
    rows = [line.split() for line in lines[top + 1 : top + 4]]
    for row in rows:
        assert row[:4] == ["d", row[1], "/", "d"]
        index = int(row[1][2:-1])
        assert row[4] == f"x[{index}]"
        analytic, numeric, ratio, error = map(float, row[5:])
        assert analytic == pytest.approx(2 * np.sin(X[index]), rel=1e-8)
        assert numeric == pytest.approx(2 * np.cos(X[index]), rel=1e-8)
        assert ratio == pytest.approx(np.tan(X[index]), rel=1e-5)
        assert 0 < error < 1e-8
    assert lines[top + 4] == "  3 of 9 entries are wrong."


def test_worst_entries_stand_first_and_are_few() -> None:
    entries = np.linspace(1.0, 2.0, 30)
    error = report_of(with_rule(np.sin, lambda y, x: np.cos(x) * np.linspace(1.01, 1.3, 30)), entries)
    ratios = [float(line.split()[7]) for line in str(error).splitlines() if line.startswith("  d y")]
    assert len(ratios) == 5
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] == pytest.approx(1.3, rel=1e-5)
    assert "30 of 900 entries are wrong" in str(error)


def test_rule_and_line(module: Any, tmp_path: Path) -> None:
    text = str(report_of(module.loss, X, 3.0))
    _, _, rules = text.partition("rules that were applied\n")
    first, place = rules.splitlines()[:2]
    assert first == "  rules_of_a_user.scaled  (wrong by itself)"
    assert place.strip() == f"{tmp_path / 'rules_of_a_user.py'}:14"
    assert "rules_of_a_user.squared\n" in rules
    assert f"{tmp_path / 'rules_of_a_user.py'}:17" in rules


def test_paths_in_the_current_directory_are_short(module: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert "\n    rules_of_a_user.py:14\n" in str(report_of(module.loss, X, 3.0))


def test_the_program_fails_in_the_same_way_in_another_process(module: Any, tmp_path: Path) -> None:
    error = report_of(module.loss, X, 3.0, options={"order": 1, "seed": 7})
    assert "from rules_of_a_user import loss as fun" in program(error)
    assert "order=1, seed=7" in program(error)
    (tmp_path / "pasted.py").write_text(program(error))
    done = subprocess.run([sys.executable, "pasted.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert str(error).partition("rules that were applied")[0].strip() in done.stderr


# Programs, for arguments of all kinds. --------------------------------------------------------------------------------


class Pair(NamedTuple):
    left: Any
    right: Any


def _total(value: Any) -> Any:
    if isinstance(value, dict):
        return sum(_total(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return sum(_total(part) for part in value)
    return np.sum(np.real(value)) + np.sum(np.imag(value))


doubled = primitive(lambda x: 2.0 * x)
defvjp(doubled, lambda y, x: lambda g: 3.0 * g)


def wrong(value: Any, **kwargs: Any) -> Any:
    """Return twice the sum of everything, with a derivative of three times it."""
    return doubled(_total(value))


ARGUMENTS: dict[str, Any] = {
    "number": 0.1,
    "complex number": 1.5 - 2.0j,
    "NumPy number": np.float32(0.1),
    "array": X,
    "single precision": X.astype(np.float32),
    "complex": X * (1 + 2j),
    "no axes": np.array(0.7),
    "Fortran order": np.linspace(1, 2, 6).reshape(2, 3).T,
    "strided": np.linspace(1, 2, 8)[::2],
    "list": [X, (0.5,)],
    "dict": {"a": X, "b": {"c": 2.0}},
    "named tuple": Pair(X, [1.0]),
    "long": np.linspace(1, 2, 60),
}

KEYWORDS: dict[str, Any] = {
    "axis": (0, -1), "name": "text, with 'quotes' and  spaces", "dtype": np.float32, "kind": np.dtype(complex),
    "where": np.array([True, False]), "indices": np.array([2, 0]), "slices": (slice(1, None), ..., None),
    "function": np.sin, "limits": (float("nan"), -float("inf")), "nothing": np.zeros((0, 3)),
}  # fmt: skip


@pytest.mark.parametrize("name", ARGUMENTS)
def test_programs_fail_in_the_same_way(name: str) -> None:
    error = report_of(wrong, ARGUMENTS[name])
    with pytest.raises(CheckError) as again:
        exec(program(error), {})
    assert str(again.value) == str(error)


@pytest.mark.parametrize("name", KEYWORDS)
def test_programs_pass_keywords_on(name: str) -> None:
    error = report_of(wrong, X, **{name: KEYWORDS[name]})
    with pytest.raises(CheckError) as again:
        exec(program(error), {})
    assert str(again.value) == str(error)


def test_programs_name_what_cannot_be_written() -> None:
    local = with_rule(np.sin, lambda y, x: 2 * np.cos(x))
    text = program(report_of(local, np.linspace(1, 2, 100)))
    assert "fun = ...  # " in text
    assert "array_0 = ...  # float64 of shape (100,), too large to print" in text
    assert text.endswith("check_grads(fun, seed=0)(array_0)")


# Other parts ----------------------------------------------------------------------------------------------------------


def with_rule(fun: Callable[..., Any], *partials: Any) -> Callable[..., Any]:
    made = primitive(lambda *args: fun(*args))
    register_rules([elementwise(made, *partials)])
    return made


def test_an_argument_by_its_name() -> None:
    def product(first: Any, second: Any) -> Any:
        return own(first, second)

    own = with_rule(np.multiply, lambda y, a, b: b, lambda y, a, b: 2 * a)
    error = report_of(product, X, 2.0)
    assert fields(error)["argument"] == "1 (`second`), float"
    assert error.argument == 1
    assert "d y[0] / d x[1] " in str(error)


def test_a_part_of_a_container() -> None:
    own = with_rule(np.sin, lambda y, x: -np.cos(x))
    error = report_of(lambda p: {"right": np.cos(p["a"]), "wrong": own(p["b"])}, {"a": X, "b": X})
    assert fields(error)["argument"] == "0 (`p`), a dict with 2 leaves"
    assert error.diagnosis.startswith("only argument ['b'] is wrong: ")
    assert "the sign is wrong" in error.diagnosis
    assert "d y['wrong'][0] / d x['b'][0]" in str(error)


def test_parts_of_complex_numbers() -> None:
    text = str(report_of(with_rule(np.square, lambda y, z: 2 * np.conj(z)), X + 1j))
    assert "d imag y[0] / d real x[0]" in text
    assert "d real y[1] / d imag x[1]" in text


def test_second_order() -> None:
    made, cosine = primitive(lambda x: np.sin(x)), with_rule(np.cos, lambda y, x: np.sin(x))
    register_rules([elementwise(made, lambda y, x: cosine(x))])
    error = report_of(made, X)
    assert error.order == 2
    assert fields(error)["mode"] == (
        "forward mode, order 2: the derivative of the Jacobian-vector product of the function"
    )
    assert error.diagnosis.startswith("first order is right, order 2 is wrong: the sign is wrong")
    error = report_of(made, X, options={"modes": ("rev",)})
    assert "the derivative of the vector-Jacobian product of the function" in fields(error)["mode"]
    assert error.argument == 0  # and not 1, as of the product, where the cotangent stands first


def test_what_a_rule_raises_is_the_cause() -> None:
    own = primitive(lambda x: 2.0 * x)
    defvjp(own, lambda y, x: lambda g: g[::2, 0])
    error = report_of(own, X)
    assert isinstance(error.__cause__, IndexError)
    assert error.kind == "the derivative raises an exception"
    assert "IndexError: too many indices" in fields(error)["found"]


def test_a_problem_of_the_function_names_no_rules() -> None:
    rng = np.random.default_rng(0)
    error = report_of(lambda x: np.sin(x) + rng.normal(), X)
    assert fields(error)["mode"] == "order 1: the function itself"
    assert "rules that were applied" not in str(error)


def test_reports_are_short_and_narrow() -> None:
    big = {f"layer {i}": np.linspace(1, 2, 500).reshape(5, 100) for i in range(20)}
    own = with_rule(np.sin, lambda y, x: 1.0 + np.cos(x))
    functions = [np.sin, np.cos, np.tanh, np.exp, np.sqrt, np.log, np.cbrt, np.arctan, np.square, own]

    def deep(parameters: Any) -> Any:
        return sum(np.sum(function(part)) for part in parameters.values() for function in functions)

    text = str(report_of(deep, big, options={"order": 1}))
    assert len(text.splitlines()) < 80
    assert max(map(len, text.splitlines())) < 160


def test_a_report_in_spite_of_a_diagnosis_that_fails() -> None:
    """A rule that raises an exception after some calls does not hide what was found before."""
    calls: list[int] = []
    own = primitive(lambda x: 2.0 * x)

    def pull(g: Any) -> Any:
        calls.append(0)
        if len(calls) > 8:
            raise MemoryError("enough")
        return 3.0 * g

    defvjp(own, lambda y, x: pull)
    defjvp(own, lambda t, y, x: 2.0 * t)
    error = report_of(own, X)
    assert error.kind == "the derivative is wrong"
    assert "numerically" in str(error)
