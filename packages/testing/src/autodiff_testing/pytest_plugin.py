"""The pytest plugin: the fixture `check_grads`, and what sets its options for a test, a project or a run.

pytest loads this module at the start of every run, whatever is tested: it imports nothing but pytest and this
package, which fetches its contents when they are used.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import pytest

import autodiff_testing

Options: TypeAlias = dict[str, Any]

_MARKER = (
    "autodiff(order=2, modes=('fwd', 'rev'), rtol=0.0, full=False): options of the fixture check_grads in this test; "
    "see check_grads of autodiff_testing."
)
_MODES = ("fwd", "rev")
_POSITIONAL = ("modes", "order")  # the options of check_grads that may be given by position


@dataclass
class _State:
    """What is known in a run."""

    seed: int
    full: bool
    from_ini: Options
    running: pytest.Item | None = None


_STATE = pytest.StashKey[_State]()
_USED = pytest.StashKey[bool]()  # of a test: whether it used the fixture


# Options --------------------------------------------------------------------------------------------------------------


def _order(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or int(value) < 1:
        raise ValueError("it must be a whole number, at least 1")
    return int(value)


def _modes(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not value or not set(value) <= set(_MODES):
        raise ValueError("it must be a sequence of 'fwd' and 'rev', or one of them")
    return tuple(value)


def _rtol(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= float(value) < 1:
        raise ValueError("it must be a number from 0 to 1")
    return float(value)


def _full(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("it must be True or False")
    return value


_CHECKED: Mapping[str, Callable[[Any], Any]] = {"order": _order, "modes": _modes, "rtol": _rtol, "full": _full}


def _checked(name: str, value: Any, where: str) -> Any:
    """Return the value of an option, or say what is wrong with it."""
    try:
        return _CHECKED[name](value)
    except (TypeError, ValueError) as error:
        reason = str(error) if str(error).startswith("it must") else "it must be a number"
        raise pytest.UsageError(f"{where} is {value!r}, but {reason}") from None


def _seed(text: str) -> int | str:
    if text == "random":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected an integer or `random`, got {text!r}") from None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the command-line options and the ini options."""
    group = parser.getgroup("autodiff", "checks of derivatives")
    group.addoption(
        "--autodiff-seed",
        type=_seed,
        default=0,
        metavar="SEED",
        help="seed of the random directions in which check_grads looks: an integer, or `random` for another one in "
        "each run (default: 0)",
    )
    group.addoption(
        "--autodiff-full",
        action="store_true",
        help="let check_grads compare every entry of each derivative, and not only its effect along random directions",
    )
    parser.addini("autodiff_modes", "which modes check_grads checks (default: fwd rev)", type="args", default=None)
    order, rtol = "up to which order check_grads looks (default: 2)", "relative error that it tolerates (default: 0)"
    if pytest.version_tuple >= (8, 4):
        parser.addini("autodiff_order", order, type="int", default=None)
        parser.addini("autodiff_rtol", rtol, type="float", default=None)
    else:  # all values are texts
        parser.addini("autodiff_order", order, default=None)
        parser.addini("autodiff_rtol", rtol, default=None)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, read the ini options, and draw the seed if it is to be random."""
    config.addinivalue_line("markers", _MARKER)
    seed = config.getoption("autodiff_seed")
    if _is_worker(config):
        seed = vars(config)["workerinput"]["autodiff_seed"]
    elif seed == "random":
        seed = random.SystemRandom().randrange(2**32)  # other plugins seed the usual generator
    config.stash[_STATE] = _State(seed, config.getoption("autodiff_full"), _from_ini(config))


def _is_worker(config: pytest.Config) -> bool:
    """Whether this is a process of pytest-xdist that runs tests for another one."""
    return hasattr(config, "workerinput")


def _from_ini(config: pytest.Config) -> Options:
    options = {}
    for name in ("order", "modes", "rtol"):
        key = f"autodiff_{name}"
        try:
            value = config.getini(key)
        except (TypeError, ValueError, pytest.UsageError) as error:  # pytest's own words; they do not name the option
            raise pytest.UsageError(f"{key} in the configuration of pytest: {error}") from None
        if value not in (None, "", []):  # older pytest has its own values for what is not set
            options[name] = _checked(name, value, f"{key} in the configuration of pytest")
    return options


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist the seed, which must be the same in all of them."""
    node.workerinput["autodiff_seed"] = node.config.stash[_STATE].seed


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say how derivatives are checked, when it is not as always or pytest is to be verbose."""
    state = config.stash[_STATE]
    if state.seed == 0 and not state.full and config.getoption("verbose") <= 0:
        return None
    return f"autodiff: seed {state.seed}, {'full' if state.full else 'fast'} mode"


# Markers --------------------------------------------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: Iterable[pytest.Item]) -> None:
    """Look at all markers before the first test runs."""
    if not _is_worker(config):
        for item in items:
            _from_markers(item)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look at the markers of a test in a worker of pytest-xdist, which cannot report an error before."""
    if _is_worker(item.config):
        try:
            _from_markers(item)
        except pytest.UsageError as error:
            pytest.fail(str(error), pytrace=False)


def _from_markers(item: pytest.Item) -> Options:
    """Return the options in the markers of a test; one on the test beats one on its class or module."""
    options: Options = {}
    for marker in reversed(list(item.iter_markers("autodiff"))):
        where = f"the marker autodiff of {item.nodeid}"
        if marker.args:
            raise pytest.UsageError(f"{where} has arguments without a name; write autodiff(order=...)")
        for name, value in marker.kwargs.items():
            if name not in _CHECKED:
                raise pytest.UsageError(f"{where} has an unknown argument `{name}`; it takes {', '.join(_CHECKED)}")
            options[name] = _checked(name, value, f"`{name}` in {where}")
    return options


# The fixture ----------------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Remember which test is running."""
    state = item.config.stash[_STATE]
    state.running = item
    try:
        return (yield)
    finally:
        state.running = None


@pytest.fixture(scope="session")
def check_grads(pytestconfig: pytest.Config) -> Callable[..., Callable[..., None]]:
    """Check derivatives: `autodiff_testing.check_grads`, with options from marker, ini file and command line.

    What a call says itself goes before all of them.
    """
    # The scope is the session's, and the options are looked up at each call: fixtures of any scope may use this one,
    # and so may tests by Hypothesis, which wants no fixtures that are made anew for each test.
    state = pytestconfig.stash[_STATE]

    def check_grads(fun: Callable[..., Any], *args: Any, **options: Any) -> Callable[..., None]:
        __tracebackhide__ = True
        said = {*_POSITIONAL[: len(args)], *options}
        defaults = {name: value for name, value in _defaults(state).items() if name not in said}
        check = autodiff_testing.check_grads(fun, *args, **(defaults | options))
        return check if pytestconfig.getoption("fulltrace") else _without_frames(check)

    return check_grads


def _defaults(state: _State) -> Options:
    """Return the options for the test that is running: the ini file's, the marker's, the command line's."""
    options = {**state.from_ini, "seed": state.seed}
    if state.running is not None:
        state.running.stash[_USED] = True
        options |= _from_markers(state.running)
    if state.full:
        options["full"] = True
    return options


def _without_frames(check: Callable[..., None]) -> Callable[..., None]:
    """Return the check with errors whose traceback ends at the call: the report says the rest."""

    def run(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        try:
            check(*args, **kwargs)
        except autodiff_testing.CheckError as error:
            raise error.with_traceback(None) from error.__cause__

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say below a failure with which seed it happened."""
    report = yield
    state = item.config.stash[_STATE]
    if report.failed and item.stash.get(_USED, False):
        report.sections.append(("autodiff", f"seed {state.seed}; --autodiff-seed={state.seed} repeats it"))
    return report
