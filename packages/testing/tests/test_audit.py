"""The audit: what becomes of right, wrong, refused and uncovered rules; tables of cases; the command."""

import json
import os
import sys

import numpy as np
import pytest

from autodiff.errors import UnsupportedArgumentError
from autodiff.extend import elementwise, general, linear, primitive, reduction, register_rules, zero
from autodiff_testing import CheckError, assert_plugin_ok, case
from autodiff_testing.audit import audit
from autodiff_testing.audit_report import Audit
from autodiff_testing.case_tables import load_cases
from autodiff_testing.draws import complex_normal, normal, positive
from autodiff_testing.generated import drawn_cases

# What becomes of rules


def test_right_rules_pass_with_their_cases(plugin, primitive_like):
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


def test_a_wrong_rule_fails_and_its_report_is_shown(plugin, primitive_like):
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


def test_a_rule_that_refuses_what_its_table_asks_for_has_failed(plugin, primitive_like):
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


def test_a_rule_that_breaks_down_has_failed_and_the_others_are_audited(plugin, primitive_like):
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


def test_the_order_is_an_upper_bound(plugin, primitive_like):
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


@pytest.fixture
def right_rules(primitive_like):
    """Return rules of every form, all of them right, none with a case."""
    exp, log, mean, shift = map(primitive_like, (np.exp, np.log, np.mean, lambda x: x + 1))

    @primitive
    def total(x, axis=None, keepdims=False):
        return np.sum(x, axis=axis, keepdims=keepdims)

    @primitive
    def roll(x, shift, axis=None):
        return np.roll(x, shift, axis)

    rules = [
        elementwise(exp, lambda y, x: y),
        elementwise(log, lambda y, x: 1 / x),
        elementwise(shift, 1),
        linear(mean, lambda g, x: g * np.ones(x.shape) / np.prod(x.shape)),
        reduction(total, lambda y, x: np.ones_like(x)),
        linear(roll, lambda g, x, shift, axis=None: np.roll(g, -shift, axis)),
    ]
    register_rules(rules)
    return rules


def test_rules_without_a_case_are_called_as_their_signature_allows(right_rules):
    for rule in right_rules:
        cases, _ = drawn_cases(rule)
        assert len(cases) >= 4, rule
        for row in cases[:6]:
            row.check()


def test_generated_calls_find_domain_and_keywords(right_rules):
    forms = {rule.fun.__name__: [row.form() for row in drawn_cases(rule).cases] for rule in right_rules}
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


def test_a_derivative_of_zero_is_checked(plugin, primitive_like):
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


def test_cases_of_a_wrong_rule_raise_the_report(primitive_like):
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


def test_an_audit_of_nothing_prints():
    assert "The plugin has no rules" in str(Audit("lib", "lib-dist", "1.0", 2, 0))
