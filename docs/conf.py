"""Settings of Sphinx, for the site that `hatch run docs` builds from these pages.

Pages that are generated, those of the gallery, the reference and the changelog, go to `generated/`, which git ignores.
"""

from __future__ import annotations

import sys
import warnings
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "autodiff"
author = "the autodiff authors"
project_copyright = "the autodiff authors. MIT license"
version = release = installed_version("autodiff-core")

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    # ours, from _extensions
    "code_links",
    "executed",
    "from_outside",
    "mathematics",
    "reference",
]

# Pages -------------------------------------------------------------------------------------------------------------

root_doc = "index"
exclude_patterns = ["_extensions"]
nitpicky = True
suppress_warnings = ["config.cache"]  # there are functions among the settings of the gallery
default_role = "public"  # of docstrings, from code_links
highlight_language = "python"
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
executed_pages = ["index", "tutorial"]  # their blocks are run, and what they print and draw is shown

# Docstrings --------------------------------------------------------------------------------------------------------

autodoc_typehints = "none"  # the sections of the docstrings say it in words
autodoc_member_order = "bysource"
autosummary_generate = False
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

# Gallery -----------------------------------------------------------------------------------------------------------

warnings.filterwarnings("ignore", message=".*non-interactive, and thus cannot be shown", category=UserWarning)
sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "generated/gallery",
    "backreferences_dir": "generated/used_in",
    "doc_module": ("autodiff", "autodiff_numpy", "autodiff_optim", "autodiff_scipy", "autodiff_testing"),
    "filename_pattern": r"\.py$",
    "image_scrapers": ("films.scrape",),
    "image_srcset": ["2x"],
    "abort_on_example_error": True,
    "capture_repr": (),  # what programs print is shown, not what their last line returns
    "download_all_examples": False,
    "remove_config_comments": True,
    "show_signature": False,
    "within_subsection_order": "ExampleTitleSortKey",
    "min_reported_time": 1e9,  # times differ from build to build …
    "write_computation_times": False,  # … and their page asks the network for scripts
    "reference_url": {"autodiff": None},
}

# Look --------------------------------------------------------------------------------------------------------------

html_theme = "pydata_sphinx_theme"
html_title = "autodiff"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "logo": {"text": "autodiff"},
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_sidebars = {"index": [], "tutorial": [], "how-it-works": []}
