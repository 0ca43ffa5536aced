"""The pytest plugin: which options a check gets, what is refused, what a failure looks like.

Each test writes a small project and runs pytest on it, with this plugin and no others but those it names.
"""

import re
import subprocess
import sys

import pytest

import autodiff_testing
from autodiff_testing import checks, report  # here, since pytester forgets what is imported during a test

pytest_plugins = ["pytester"]

PLUGIN = "autodiff_testing.pytest_plugin"


@pytest.fixture
def run(pytester, monkeypatch):
    """Run pytest on the project that `pytester` has made.

    It runs in this process, where nothing may be imported that cannot be imported twice, or in one of its own.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(*args, plugins=(), subprocess=False):
        named = [part for name in (PLUGIN, *plugins) for part in ("-p", name)]
        runpytest = pytester.runpytest_subprocess if subprocess else pytester.runpytest_inprocess
        return runpytest(*named, "-p", "no:cacheprovider", "--strict-markers", *args)

    return run


@pytest.fixture
def seen(monkeypatch):
    """Return a list of the options that `check_grads` is called with; it checks nothing."""
    options = []

    def check_grads(fun, modes=("fwd", "rev"), order=2, *, full=False, rtol=0.0, seed=0):
        options.append({"modes": modes, "order": order, "full": full, "rtol": rtol, "seed": seed})
        return lambda *args: None

    monkeypatch.setattr(autodiff_testing, "check_grads", check_grads)
    return options


@pytest.fixture
def options(pytester, run, seen):
    """Return the options that `check_grads` is called with in a test like this one."""

    def options(marker="", *args, call="check_grads(abs)(1.0)", ini=""):
        pytester.makeini(f"[pytest]\n{ini}")
        pytester.makepyfile(
            f"""
            import pytest

            {marker}
            def test(check_grads):
                {call}
            """
        )
        run(*args).assert_outcomes(passed=1)
        return seen.pop()

    return options


DEFAULTS = {"modes": ("fwd", "rev"), "order": 2, "full": False, "rtol": 0.0, "seed": 0}
INI = "autodiff_order = 3\nautodiff_modes = rev\nautodiff_rtol = 1e-4"
MARKER = '@pytest.mark.autodiff(order=1, modes=["fwd"], rtol=1e-3, full=True)'


# Options --------------------------------------------------------------------------------------------------------------


def test_defaults(options):
    assert options() == DEFAULTS


def test_options_from_the_ini_file(options):
    assert options(ini=INI) == DEFAULTS | {"order": 3, "modes": ("rev",), "rtol": 1e-4}
    assert options(ini="autodiff_modes = fwd rev") == DEFAULTS


def test_the_marker_goes_before_the_ini_file(options):
    assert options(MARKER, ini=INI) == DEFAULTS | {"order": 1, "modes": ("fwd",), "rtol": 1e-3, "full": True}
    assert options("@pytest.mark.autodiff(order=1)", ini=INI) == options(ini=INI) | {"order": 1}


def test_the_marker_of_a_test_goes_before_that_of_its_module(options):
    module = "pytestmark = pytest.mark.autodiff(order=4, rtol=0.5)\n\n            @pytest.mark.autodiff(order=1)"
    assert options(module) == DEFAULTS | {"order": 1, "rtol": 0.5}


def test_the_command_line_goes_before_the_marker(options):
    seen = options("@pytest.mark.autodiff(full=False)", "--autodiff-full", "--autodiff-seed=7")
    assert seen == DEFAULTS | {"full": True, "seed": 7}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("check_grads(abs, order=5, full=False, seed=1)(1.0)", {"order": 5, "full": False, "seed": 1}),
        ("check_grads(abs, ('rev',), 6)(1.0)", {"modes": ("rev",), "order": 6, "full": True, "seed": 7}),
    ],
)
def test_what_a_call_says_goes_before_everything(options, call, said):
    assert options(MARKER, "--autodiff-full", "--autodiff-seed=7", call=call, ini=INI) == {
        **DEFAULTS, "modes": ("fwd",), "order": 1, "rtol": 1e-3, **said,
    }  # fmt: skip


def test_numbers_in_a_toml_file(pytester, run, seen):
    lines = "[tool.pytest.ini_options]", "autodiff_order = 1", "autodiff_modes = ['rev']", "autodiff_rtol = 1e-5"
    pytester.makepyprojecttoml("\n".join(lines))
    pytester.makepyfile("def test(check_grads): check_grads(abs)(1.0)")
    run().assert_outcomes(passed=1)
    assert seen == [DEFAULTS | {"order": 1, "modes": ("rev",), "rtol": 1e-5}]


@pytest.mark.skipif(pytest.version_tuple < (9,), reason="this table is new in pytest 9")
def test_numbers_in_a_toml_file_with_types(pytester, run, seen):
    lines = "[tool.pytest]", "autodiff_order = 1", "autodiff_modes = ['rev']", "autodiff_rtol = 1e-5"
    pytester.makepyprojecttoml("\n".join(lines))
    pytester.makepyfile("def test(check_grads): check_grads(abs)(1.0)")
    run().assert_outcomes(passed=1)
    assert seen == [DEFAULTS | {"order": 1, "modes": ("rev",), "rtol": 1e-5}]


# Refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ini", "reason"),
    [
        ("autodiff_order = 0", "but it must be a whole number, at least 1"),
        ("autodiff_order = two", "'two'"),
        ("autodiff_modes = both", "is ['both'], but it must be a sequence of 'fwd' and 'rev'"),
        ("autodiff_modes = 'rev", "No closing quotation"),
        ("autodiff_rtol = -1", "but it must be a number from 0 to 1"),
        ("autodiff_rtol = small", "'small'"),
    ],
)
def test_bad_ini_values(pytester, run, ini, reason):
    pytester.makeini(f"[pytest]\n{ini}")
    pytester.makepyfile("def test(): pass")
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = result.stderr.str()
    assert text.startswith(f"ERROR: {ini.partition(' ')[0]} in the configuration of pytest")
    assert reason in text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("orders=1", "has an unknown argument `orders`; it takes order, modes, rtol, full"),
        ("1", "has arguments without a name; write autodiff(order=...)"),
        ("order=0", "is 0, but it must be a whole number, at least 1"),
        ("order=True", "is True, but it must be a whole number, at least 1"),
        ("order='x'", "is 'x', but it must be a number"),
        ("modes='rev'", "is 'rev', but it must be a sequence of 'fwd' and 'rev', or one of them"),
        ("modes=[]", "is [], but it must be a sequence of 'fwd' and 'rev', or one of them"),
        ("modes=3", "is 3, but it must be a number"),
        ("rtol=-1e-3", "is -0.001, but it must be a number from 0 to 1"),
        ("rtol=None", "is None, but it must be a number"),
        ("full=1", "is 1, but it must be True or False"),
    ],
)
def test_bad_markers(pytester, run, arguments, message):
    pytester.makepyfile(
        test_it=f"import pytest\n@pytest.mark.autodiff({arguments})\ndef test_one(): pass\ndef test_two(): pass\n"
    )
    result = run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    text = result.stderr.str() + result.stdout.str()
    assert "the marker autodiff of test_it.py::test_one" in text
    assert message in text
    assert "Traceback" not in text


def test_a_bad_seed(pytester, run):
    pytester.makepyfile("def test(): pass")
    result = run("--autodiff-seed=often")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*--autodiff-seed: expected an integer or `random`, got 'often'*")


# What is printed ------------------------------------------------------------------------------------------------------

WRONG = """
    import numpy as np
    from autodiff.extend import defvjp, primitive

    @primitive
    def softplus(x):
        return np.log1p(np.exp(x))

    defvjp(softplus, lambda y, x: lambda g: -g / (1 + np.exp(-x)))

    def test_softplus(check_grads):
        check_grads(softplus)(np.array([0.1, 1.0]))

    def test_right(check_grads):
        check_grads(np.exp)(np.array([0.1, 1.0]))

    def test_something_else():
        raise ValueError
"""


def test_the_header_speaks_only_of_what_is_unusual(pytester, run):
    pytester.makepyfile("def test(): pass")
    assert "autodiff:" not in run().stdout.str()
    assert "autodiff: seed 0, fast mode" in run("-v").stdout.lines
    assert "autodiff: seed 12, fast mode" in run("--autodiff-seed=12").stdout.lines
    assert "autodiff: seed 0, full mode" in run("--autodiff-full").stdout.lines


def test_marker_and_options_are_in_the_help(run):
    markers, text = run("--markers").stdout.str(), run("--help").stdout.str()
    assert "@pytest.mark.autodiff(order=2, modes=('fwd', 'rev'), rtol=0.0, full=False): options of the fix" in markers
    for name in ("--autodiff-seed=SEED", "--autodiff-full", "autodiff_order", "autodiff_modes", "autodiff_rtol"):
        assert name in text


def test_a_failure_shows_the_whole_report_and_nothing_of_the_checker(pytester, run):
    pytester.makepyfile(test_it=WRONG)
    result = run("--autodiff-seed=123", subprocess=True)
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            ">       check_grads(softplus)(np.array([[]0.1, 1.0[]]))",
            "E   *the derivative is wrong: softplus",
            "E * diagnosis *the sign is wrong*",
            "E *test_it.softplus*",
            "E *check_grads(fun, *seed=123)(np.array([[]0.1, 1.0[]]*",
            "test_it.py:11: CheckError",
            "*- autodiff -*",
            "seed 123; --autodiff-seed=123 repeats it",
        ]
    )
    text = result.stdout.str()
    assert text.count("--autodiff-seed=123 repeats it") == 1
    places = set(re.findall(r"^(\S+\.py):\d+: ", text, re.MULTILINE))
    assert places == {"test_it.py"}


def test_the_whole_traceback_on_request(pytester, run):
    pytester.makepyfile(test_it=WRONG)
    text = run("--full-trace", "-k", "softplus", subprocess=True).stdout.str()
    assert re.search(r"^\S*checks\.py:\d+: CheckError", text, re.MULTILINE)


def test_what_a_rule_raises_is_shown_with_the_line_of_the_rule(pytester, run):
    pytester.makepyfile(test_it=WRONG.replace("-g / (1 + np.exp(-x))", "1 // 0"))
    result = run("-k", "softplus", subprocess=True)
    result.stdout.fnmatch_lines(
        [">*defvjp(softplus, *1 // 0)", "E   ZeroDivisionError*", "test_it.py:8: ZeroDivisionError", "E   *softplus*"]
    )


# Other plugins --------------------------------------------------------------------------------------------------------


def test_a_random_seed_is_another_one_in_each_run(pytester, run, seen):
    pytester.makepyfile("def test(check_grads): check_grads(abs); check_grads(abs)")
    for _ in range(2):
        result = run("--autodiff-seed=random")
        assert f"autodiff: seed {seen[-1]['seed']}, fast mode" in result.stdout.lines
    first, second, third, fourth = (options["seed"] for options in seen)
    assert first == second != third == fourth


def test_a_random_seed_beside_pytest_randomly(pytester, run, seen):
    pytest.importorskip("pytest_randomly")
    pytester.makepyfile("def test(check_grads): check_grads(abs)")
    for _ in range(2):
        run("--autodiff-seed=random", "--randomly-seed=1", plugins=["pytest_randomly"]).assert_outcomes(passed=1)
    assert seen[0] != seen[1]


def test_a_random_seed_is_the_same_in_all_workers(pytester, run):
    pytest.importorskip("xdist")
    pytester.makepyfile(
        """
        import autodiff_testing
        import pytest

        autodiff_testing.check_grads = lambda fun, **options: print("SEED", options["seed"])

        @pytest.mark.parametrize("n", range(6))
        def test(check_grads, n):
            check_grads(abs)
        """
    )
    result = run("--autodiff-seed=random", "-n2", "-rP", plugins=["xdist.plugin"])
    result.assert_outcomes(passed=6)
    text = result.stdout.str()
    assert {"[gw0]", "[gw1]"} <= set(re.findall(r"\[gw\d\]", text))
    seeds = re.findall(r"SEED (\d+)", text)
    assert len(seeds) == 6
    assert f"autodiff: seed {seeds[0]}, fast mode" in result.stdout.lines
    assert len(set(seeds)) == 1


def test_a_bad_marker_in_a_worker(pytester, run):
    pytest.importorskip("xdist")
    pytester.makepyfile("import pytest\n@pytest.mark.autodiff(level=1)\ndef test(): pass")
    result = run("-n1", plugins=["xdist.plugin"])
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines("the marker autodiff of *::test has an unknown argument `level`; it takes order, *")


def test_in_tests_by_hypothesis_and_in_fixtures_of_a_module(pytester, run):
    pytest.importorskip("hypothesis")
    pytester.makepyfile(
        """
        import numpy as np
        import pytest
        from hypothesis import given, settings, strategies

        @pytest.fixture(scope="module")
        def check(check_grads):
            return check_grads(np.cos)

        @settings(max_examples=5, deadline=None, database=None)
        @given(x=strategies.floats(0.5, 2))
        def test_hypothesis(check_grads, x):
            check_grads(np.sin)(x)

        @pytest.mark.autodiff(order=1)
        def test_module(check):
            check(0.5)
        """
    )
    run(plugins=["_hypothesis_pytestplugin"], subprocess=True).assert_outcomes(passed=2)


# Loading --------------------------------------------------------------------------------------------------------------


def loaded_by(program):
    program += "\nprint(*(name for name in ('numpy', 'autodiff', 'hypothesis') if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_plugin_imports_nothing_heavy():
    assert loaded_by(f"import sys, {PLUGIN}") == []
    assert loaded_by("import sys, autodiff_testing; dir(autodiff_testing)") == []
    assert loaded_by("import sys; from autodiff_testing import CheckError") == ["numpy", "autodiff"]


def test_a_run_without_checks_imports_nothing_heavy(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile("import sys\ndef test(): assert not {'numpy', 'autodiff'} & set(sys.modules)")
    pytester.runpytest_subprocess("-p", PLUGIN, "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_names_of_the_package_are_fetched_when_used():
    assert autodiff_testing.check_grads is checks.check_grads
    assert autodiff_testing.CheckError is report.CheckError
    assert set(autodiff_testing.__all__) <= set(dir(autodiff_testing))
    assert autodiff_testing.__all__ == sorted(autodiff_testing.__all__)
    assert all(getattr(autodiff_testing, name) is not None for name in autodiff_testing.__all__)
    with pytest.raises(AttributeError, match="module 'autodiff_testing' has no attribute 'check_gards'"):
        autodiff_testing.check_gards
