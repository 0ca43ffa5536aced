"""Pictures of the gallery: what matplotlib draws, animations as films that every browser shows without a script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.animation import Animation, PillowWriter
from sphinx_gallery.scrapers import figure_rst, matplotlib_scraper


def scrape(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Return reStructuredText with the figures that are open after a block; sphinx-gallery calls this."""
    films = ""
    for animation in _open_animations(block_vars["example_globals"]):
        path = Path(next(block_vars["image_path_iterator"])).with_suffix(".gif")
        interval: float = animation.event_source.interval
        animation.save(path, writer=PillowWriter(fps=round(1000 / interval)), dpi=100)
        films += figure_rst([path], gallery_conf["src_dir"], _title(animation))
        plt.close(animation._fig)
    return films + matplotlib_scraper(block, block_vars, gallery_conf)


def _open_animations(variables: dict[str, Any]) -> list[Any]:
    figures = [plt.figure(number) for number in plt.get_fignums()]
    return [value for value in variables.values() if isinstance(value, Animation) and value._fig in figures]


def _title(animation: Any) -> str:
    return next((axes.get_title() for axes in animation._fig.axes if axes.get_title()), "film")
