"""Every program of the gallery runs, without a warning, and leaves a picture that can be read on a phone."""

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

GALLERY = Path(__file__).parents[1] / "gallery"
SCRIPTS = sorted(GALLERY.glob("*.py"))
PROMISED = {
    "bayesian_neural_net",
    "bayesian_optimisation",
    "computation_graph",
    "convolutional_net",
    "fixed_point",
    "fluid_simulation",
    "gaussian_mixture",
    "gaussian_process",
    "hamiltonian_monte_carlo",
    "hidden_markov_model",
    "logistic_regression",
    "lstm",
    "neural_net",
    "neural_turing_machine",
    "ode_fit",
    "own_gradient",
    "recurrent_net",
    "rosenbrock",
    "tanh",
    "taylor_sine",
    "variational_autoencoder",
}

pytestmark = pytest.mark.once

every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)


def test_nothing_is_lost() -> None:
    assert {script.stem for script in SCRIPTS} >= PROMISED


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Start and end without figures, with matplotlib's settings as they were; `show` has no window to open."""
    monkeypatch.setattr(plt, "show", lambda: None)
    plt.close("all")
    with mpl.rc_context():
        yield
    plt.close("all")


@pytest.mark.usefixtures("no_figures")
@every_script
def test_program(script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(script)])
    variables = runpy.run_path(str(script), run_name="__main__")
    assert not list(tmp_path.iterdir()), "a program of the gallery writes no files"
    figures = [plt.figure(number) for number in plt.get_fignums()]
    assert figures
    for figure in figures:
        figure.canvas.draw()
        check_picture(figure)
    variables.clear()  # only now: an animation must live until it has been drawn


def check_picture(figure: Figure) -> None:
    """Something is drawn, and letters are not small in comparison with the picture."""
    assert any(axes.has_data() for axes in figure.findobj(Axes))  # inset axes included
    assert figure.get_figwidth() <= 8
    letters = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text()]
    small = {text.get_text() for text in letters if float(text.get_fontsize()) < 10}
    assert not small


@every_script
def test_form(script: Path) -> None:
    """The form that sphinx-gallery turns into a page: a title, an introduction, cells; no options, no saved files."""
    source = script.read_text(encoding="utf-8")
    module = ast.parse(source)
    title, underline, empty, *introduction = (ast.get_docstring(module) or "").splitlines()
    assert underline == "=" * len(title)
    assert not empty
    assert introduction
    assert "\n# %%\n" in source
    assert any(isinstance(node, ast.Assert) for node in ast.walk(module))
    assert source.endswith("\nplt.show()\n")
    for unwanted in ("argparse", "savefig", "__main__", "__file__"):
        assert unwanted not in source
