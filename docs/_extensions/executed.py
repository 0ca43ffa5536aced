"""Run the code blocks of some pages, in order, and show below each block what it prints and draws.

The pages stay plain Markdown: the blocks are those that the tests run. Pictures are put into the page as SVG, in the
colours of the text, so that they are legible on light and on dark ground.
"""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import matplotlib as mpl
from docutils import nodes
from sphinx.application import Sphinx

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

INK = "#010203"  # stands for the colour of the text
STYLE = {
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.titlecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.figsize": (6.0, 3.8),
    "figure.constrained_layout.use": True,
    "font.size": 13.0,
    "lines.linewidth": 2.5,
    "svg.hashsalt": "autodiff",
    # middle tones, on both grounds
    "axes.prop_cycle": mpl.cycler(color=["#3b82f6", "#e8590c", "#2f9e44", "#ae3ec9", "#d6336c", "#0c8599"]),
}


def run_page(app: Sphinx, doctree: nodes.document) -> None:
    """Run the Python blocks of a page, if it is one of `executed_pages`."""
    page = app.env.current_document.docname
    if page not in app.config.executed_pages:
        return
    variables: dict[str, Any] = {"__name__": "__main__"}
    blocks = [node for node in doctree.findall(nodes.literal_block) if node.get("language") == "python"]
    with mpl.rc_context(STYLE):
        for block in blocks:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(block.astext(), f"<{page}, line {block.line}>", "exec"), variables)
            pictures = [plt.figure(number) for number in plt.get_fignums()]
            shown = [_output(printed.getvalue())] if printed.getvalue() else []
            shown += [_picture(figure) for figure in pictures]
            plt.close("all")
            block.parent[block.parent.index(block) + 1 : block.parent.index(block) + 1] = shown


def _output(text: str) -> nodes.Node:
    return nodes.literal_block(text, text, language="none", classes=["output"])


def _picture(figure: Figure) -> nodes.Node:
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    svg = file.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
    title = figure.get_suptitle() or next((axes.get_title() for axes in figure.axes if axes.get_title()), "a picture")
    return nodes.raw("", f'<div class="picture" role="img" aria-label="{title}">{svg}</div>', format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("executed_pages", [], "env")
    app.connect("doctree-read", run_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
