"""The audit: what becomes of right, wrong, refused and uncovered rules; tables of cases; the command."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import elementwise, general, linear, primitive, reduction, register_rules, zero
from autodiff_testing import CheckError, __main__, assert_plugin_ok, case
from autodiff_testing.audit import audit
from autodiff_testing.audit_report import Audit
from autodiff_testing.case_tables import load_cases
from autodiff_testing.draws import complex_normal, normal, positive
from autodiff_testing.generated import drawn_cases


def primitive_like(fun):
    """Return a primitive of its own that does what a function of NumPy does."""

    def own(x):
        return fun(x)

    own.__name__ = own.__qualname__ = fun.__name__
    return primitive(own)


@pytest.fixture
def plugin(monkeypatch):
    """Return a function that puts rules in the place of those of the plugin `numpy`."""

    def put(*rules):
        register_rules(rules)
        monkeypatch.setattr(audit_module(), "rules_of", lambda name: rules)

    return put


def audit_module():
    return sys.modules["autodiff_testing.audit"]


# What becomes of rules


def test_right_rules_pass_with_their_cases(plugin):
    exp, total = primitive_like(np.exp), primitive_like(np.sum)
    plugin(elementwise(exp, lambda y, x: y), linear(total, lambda g, x: g * np.ones(x.shape)))
    result = audit("numpy", [case(exp, exp, normal(3), complex128=True), case(total, total, normal(2, 3))])
    assert result.ok
    assert [(rule.status, rule.covered, len(rule.forms)) for rule in result.rules] == [
        ("passed", True, 3),
        ("passed", True, 2),
    ]
    assert "2 rules: 2 passed. 5 forms checked, 0 refused, 0 skipped" in str(result)
    assert "no case" not in str(result)


def test_a_wrong_rule_fails_and_its_report_is_shown(plugin):
    exp, log = primitive_like(np.exp), primitive_like(np.log)
    plugin(elementwise(exp, lambda y, x: y), elementwise(log, lambda y, x: -1 / x))
    cases = [case(exp, exp, normal(3)), case(log, log, positive(3), float32=False)]
    result = audit("numpy", cases)
    assert not result.ok
    assert [rule.status for rule in result.rules] == ["passed", "failed"]
    text = str(result)
    assert "1 passed, 1 failed" in text
    assert "log of (3,): the derivative is wrong" in text
    assert "sign" in text
    with pytest.raises(AssertionError, match=r"(?s)audit of numpy.*the derivative is wrong.*1 failed"):
        assert_plugin_ok("numpy", cases)


def test_a_rule_that_refuses_what_its_table_asks_for_has_failed(plugin):
    def refuse(y, x):
        raise UnsupportedArgumentError("cube cannot be differentiated on Sundays.")

    cube = primitive_like(lambda x: x**3)
    plugin(general(cube, vjp=refuse))
    asked = audit("numpy", [case(cube, cube, normal(3))])
    assert asked.rules[0].status == "failed"
    nobody_asked = audit("numpy")
    assert nobody_asked.rules[0].status == "refused"
    assert not nobody_asked.ok
    assert "no form of a call could be checked" in str(nobody_asked)
    assert "on Sundays" in str(nobody_asked)


def test_a_rule_that_breaks_down_has_failed_and_the_others_are_audited(plugin):
    def broken(y, x):
        raise ZeroDivisionError

    exp, square = primitive_like(np.exp), primitive_like(np.square)
    plugin(elementwise(square, broken), elementwise(exp, lambda y, x: y))
    result = audit("numpy", [case(square, square, normal(3)), case(exp, exp, normal(3))])
    assert [rule.status for rule in result.rules] == ["failed", "passed"]
    assert "ZeroDivisionError" in str(result)


def test_a_plugin_without_rules_is_not_all_right(plugin):
    plugin()
    result = audit("numpy")
    assert not result.ok
    assert "nothing was checked" in str(result)


def test_the_order_is_an_upper_bound(plugin):
    # right at first order, and a second derivative that is wrong: the derivative of the partial is dropped
    @primitive
    def half(x):
        return 0.5 * x

    @primitive
    def slope(x):
        return x

    square = primitive_like(lambda x: 0.5 * x**2)
    register_rules([elementwise(half, 0.5), zero(slope)])
    plugin(elementwise(square, lambda y, x: slope(x)))
    row = case(square, square, normal(3))
    assert audit("numpy", [row], order=1).ok
    assert not audit("numpy", [row], order=2).ok
    assert audit("numpy", [case(square, square, normal(3), order=1)]).ok


def test_seeds_draw_other_arguments():
    row = case(np.sin, np.sin, normal(3))
    assert np.array_equal(row.draw(1)[0], row.draw(1)[0])
    assert not np.array_equal(row.draw(1)[0], row.draw(2)[0])


# Rules without a case


def right_rules():
    """Return rules of every form, all of them right, none with a case."""
    exp, log, mean, shift = map(primitive_like, (np.exp, np.log, np.mean, lambda x: x + 1))

    @primitive
    def total(x, axis=None, keepdims=False):
        return np.sum(x, axis=axis, keepdims=keepdims)

    @primitive
    def roll(x, shift, axis=None):
        return np.roll(x, shift, axis)

    @primitive
    def root(a):
        return np.linalg.cholesky(a)

    return [
        elementwise(exp, lambda y, x: y),
        elementwise(log, lambda y, x: 1 / x),
        elementwise(shift, 1),
        linear(mean, lambda g, x: g * np.ones(x.shape) / np.prod(x.shape)),
        reduction(total, lambda y, x: np.ones_like(x)),
        linear(roll, lambda g, x, shift, axis=None: np.roll(g, -shift, axis)),
    ], root


def test_rules_without_a_case_are_called_as_their_signature_allows():
    rules, _ = right_rules()
    register_rules(rules)
    for rule in rules:
        cases, _ = drawn_cases(rule)
        assert len(cases) >= 4, rule
        for row in cases[:6]:
            row.check()


def test_generated_calls_find_domain_and_keywords():
    rules, _ = right_rules()
    register_rules(rules)
    forms = {rule.fun.__name__: [row.form() for row in drawn_cases(rule).cases] for rule in rules}
    assert any("positive" in form for form in forms["log"])
    assert any("axis=-1" in form for form in forms["total"])
    assert any("keepdims=True" in form for form in forms["total"])
    assert any("axis" in form for form in forms["roll"])


def test_generated_calls_find_a_wrong_axis(plugin):
    @primitive
    def total(x, axis=None):
        return np.sum(x, axis=axis)

    def pull(g, x, axis=None):
        if axis == -1:
            axis = 0  # the mistake
        return np.broadcast_to(g if axis is None else np.expand_dims(g, axis), x.shape)

    plugin(linear(total, pull))
    result = audit("numpy")
    assert result.rules[0].status == "failed"
    assert not result.rules[0].covered
    failed = [form.text for form in result.rules[0].forms if form.outcome == "failed"]
    assert failed
    assert all("axis=-1" in text for text in failed)
    assert "no case" in str(result)


def test_a_derivative_of_zero_is_checked(plugin):
    wrong = primitive_like(np.sinh)
    plugin(zero(wrong))
    assert not audit("numpy").ok
    right = primitive_like(np.floor)
    plugin(zero(right))
    assert audit("numpy").ok


def test_a_function_that_nothing_is_known_of_is_unchecked(plugin):
    @primitive
    def strange(x):
        raise TypeError("nothing suits me")

    plugin(general(strange, vjp=lambda y, x: lambda g: g))
    result = audit("numpy")
    assert result.rules[0].status == "unchecked"
    assert not result.ok
    assert "nothing suits me" in str(result)


# Cases


def test_a_case_in_all_precisions():
    row = case(np.sin, np.sin, normal(3), complex128=True)
    assert row.dtypes == ("float64", "float32", "complex128")
    (single,) = row.draw(dtype="float32")
    (turned,) = row.draw(dtype="complex128")
    assert single.dtype == np.float32
    assert turned.dtype == np.complex128
    np.testing.assert_allclose(abs(turned), abs(row.draw()[0]))
    for dtype in row.dtypes:
        row.check(dtype)


def test_a_case_keeps_integers_and_containers():
    row = case(np.take, lambda xs, i: np.take(xs[0], i), [normal(4), complex_normal(2)], np.array([1, 1]))
    arrays, index = row.draw(dtype="float32")
    assert [array.dtype for array in arrays] == [np.float32, np.complex64]
    assert index.dtype.kind == "i"
    assert "list of (4,), complex (2,)" in row.form()


def test_a_case_describes_itself():
    def halves(x, axis):
        return np.sum(x, axis=axis) / 2

    text = str(case(np.sum, halves, normal(3, 4), kwargs={"axis": 1}, label="halved"))
    assert text.startswith("numpy.sum of (3, 4), axis=1, halved, test_audit.py:")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: case(np.sin, np.sin), "no arguments"),
        (lambda: case(np.sin, 3.0), "made of a function"),
        (lambda: case(3.0, np.sin, 1.0), "made of a function"),
        (lambda: case(np.sin, np.sin, 1.0, order=0), "at least 1"),
        (lambda: case(np.sin, np.sin, 1.0, order=True), "at least 1"),
        (lambda: load_cases([np.sin]), "nothing but cases"),
        (lambda: load_cases(3), "must be a sequence"),
        (lambda: load_cases("no_such_module"), "no module 'no_such_module'"),
        (lambda: load_cases("no/such/file.py"), "no file of cases"),
        (lambda: load_cases(json), "no variable CASES"),
        (lambda: audit("numpy", order=0), "order must be at least 1"),
        (lambda: audit("numpy", order=1.0), "order must be at least 1"),
        (lambda: audit("nobody"), "no autodiff plugin named 'nobody' is installed. Installed are: .*numpy"),
        (lambda: audit("numpy", rules=["sine"]), "no rule for sine"),
        (lambda: audit("numpy", [case(primitive(len), len, normal(3))]), "has a case for .*len"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_cases_of_a_wrong_rule_raise_the_report():
    wrong = primitive_like(np.cos)
    register_rules([elementwise(wrong, lambda y, x: np.sin(x))])
    with pytest.raises(CheckError, match="sign"):
        case(wrong, wrong, normal(3)).check()


TABLE = """
import numpy as np
from autodiff_testing import case
from autodiff_testing.draws import normal

CASES = [case(np.{name}, np.{name}, normal(3)), case(np.{name}, np.{name}, normal(2, 2))]
"""


def test_tables_are_files_folders_and_modules(tmp_path, monkeypatch):
    (tmp_path / "a_table_of_sines.py").write_text(TABLE.format(name="sin"))
    package = tmp_path / "a_package_of_tables"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "first.py").write_text(TABLE.format(name="cos"))
    (package / "inner" / "__init__.py").write_text(TABLE.format(name="tan"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    sines = load_cases(tmp_path / "a_table_of_sines.py")
    assert [row.name for row in sines] == ["numpy.sin"] * 2
    assert load_cases("a_table_of_sines") == sines  # its folder is on the path now
    assert load_cases(sys.modules["a_table_of_sines"]) == sines
    assert [row.name for row in load_cases(str(package) + os.sep)] == ["numpy.cos"] * 2 + ["numpy.tan"] * 2


# The command


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


def test_the_command_fails_with_a_wrong_rule(capsys, plugin):
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


def test_an_audit_of_nothing_prints():
    assert "The plugin has no rules" in str(Audit("lib", "lib-dist", "1.0", 2, 0))
