"""Links between the files of the repository lead to files that are there, for those who read them on a code host."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in (
        "*.md",
        "benchmarks/*.md",
        "changelog.d/*.md",
        "docs/*.md",
        "docs/decisions/*.md",
        "packages/*/*.md",
    )
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)}
    files = {target for target in targets if target and not target.startswith(("http:", "https:", "generated/"))}
    assert {file for file in files if not (page.parent / file).exists()} == set()


def test_pages_are_found() -> None:
    assert {"README.md", "tutorial.md", "0001-workspace.md"} <= {page.name for page in PAGES}
