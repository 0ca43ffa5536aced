"""Pages whose text stands outside of `docs/`: the changelog, by towncrier, and files of the repository.

Links to those files and to programs of the gallery, which are right on a code host, lead to the pages made of them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]

#: File, and page.
FILES = {"CONTRIBUTING.md": "contributing", "benchmarks/README.md": "how-it-is-measured"}


def write_pages(app: Sphinx) -> None:
    """Write the pages into `generated/`."""
    folder = Path(app.srcdir, "generated")
    folder.mkdir(exist_ok=True)
    folder.joinpath("whats-new.md").write_text(changes(), encoding="utf-8")
    for file, page in FILES.items():
        text = (ROOT / file).read_text(encoding="utf-8")
        folder.joinpath(f"{page}.md").write_text(
            text.replace("](docs/", "](../").replace("](../docs/", "](../"), "utf-8"
        )


def changes() -> str:
    """Return what the next release will bring, and the changelog below it."""
    command = [
        sys.executable,
        "-m",
        "towncrier",
        "build",
        "--draft",
        "--version",
        "Next release",
        "--date",
        "unreleased",
    ]
    draft = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    released = ROOT / "CHANGELOG.md"
    old = released.read_text(encoding="utf-8").partition("<!-- towncrier -->")[2] if released.exists() else ""
    return f"# Changelog\n\n{draft[draft.index('## ') :]}\n{old}"


def lead_inside(app: Sphinx, page: str, source: list[str]) -> None:
    """Turn links to the files into links to their pages."""
    for file, stem in FILES.items():
        source[0] = source[0].replace(f"](../{file})", f"](generated/{stem}.md)")
    source[0] = re.sub(r"\]\(\.\./examples/gallery/(\w+)\.py\)", r"](generated/gallery/\1.rst)", source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", lead_inside)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
