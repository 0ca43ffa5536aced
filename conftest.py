"""The code blocks of the Markdown files are tests. The blocks of one file share their variables and run in order."""

from collections.abc import Generator

import pytest
from sybil import Sybil
from sybil.integration.pytest import SybilItem
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser
from xdist.scheduler import LoadScopeScheduling
from xdist.scheduler.protocol import Scheduling

pytest_collect_file = Sybil(parsers=[PythonCodeBlockParser(), SkipParser()], patterns=["*.md"]).pytest()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Put the blocks, which pytest-randomly shuffled, back in order."""
    yield
    blocks = [item for item in items if isinstance(item, SybilItem)]
    in_order = iter(sorted(blocks, key=lambda block: (block.path, block.example.start)))
    items[:] = [next(in_order) if isinstance(item, SybilItem) else item for item in items]


class _DocumentsWhole(LoadScopeScheduling):
    """Send a document to one process, other tests one by one to any.

    The mark ``xdist_group`` would say the same, but pytest 9.2 ignores it (pytest-xdist 3.8, its issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return path if path.endswith(".md") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Answer pytest-xdist's question how to distribute the tests."""
    return _DocumentsWhole(config, log)
