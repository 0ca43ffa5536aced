"""The page about plugins shows the files of the template, whose tests CI runs on the built wheel (`.ci/wheels`)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "examples" / "plugin-template"
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
FILES = [path for path in sorted(TEMPLATE.rglob("*")) if path.suffix in {".py", ".toml", ".md"}]
BLOCKS = re.findall(r"```(?:python|toml)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_block_is_part_of_the_template(block: str) -> None:
    assert any(block in path.read_text(encoding="utf-8") for path in FILES)


def test_the_folder_is_as_shown() -> None:
    tree = PAGE.partition("```text\nautodiff-bottleneck/\n")[2].partition("```")[0]
    shown = set(re.findall(r"[\w.-]+\.(?:py|toml|md|typed)|LICENSE", tree))
    assert shown <= {path.name for path in TEMPLATE.rglob("*")}
    assert {path.name for path in TEMPLATE.rglob("*.py")} <= shown
