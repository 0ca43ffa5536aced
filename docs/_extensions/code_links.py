"""Names in code font that are public are links to the reference, in the pages and in the docstrings.

In a docstring, a name in single backquotes is code, as in NumPy's.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from public_names import public
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

#: Words of everyday language, and of Python, that are names as well.
AMBIGUOUS = {"case", "general", "linear", "zero", "times", "partials", "reduction", "bind"}

#: Modules whose names are links only if they are written in full; so are names that stand in two modules.
IN_FULL = {"autodiff_testing.draws", "autodiff_testing.strategies"}


class Public(SphinxRole):
    """The role of single backquotes: code."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the code."""
        return [nodes.literal(self.rawtext, self.text)], []


class CodeLinks(SphinxPostTransform):
    """Put a link around each literal that is a public name."""

    default_priority = 5  # before references are resolved

    def run(self, **kwargs: Any) -> None:
        """Change the page in place."""
        page = self.env.current_document.docname
        for literal in list(self.document.findall(nodes.literal)):
            target = _targets().get(literal.astext().removesuffix("()"))
            if target is None or _is_linked(literal):
                continue
            reference = addnodes.pending_xref(
                "", refdomain="py", reftype="obj", reftarget=target, refdoc=page, refexplicit=True, refwarn=True
            )
            literal.replace_self(reference)
            reference += literal


def _is_linked(node: nodes.Node) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, (nodes.reference, nodes.title, addnodes.pending_xref, addnodes.desc_signature)):
            return True
    return False


_found: dict[str, str] = {}


def _targets() -> dict[str, str]:
    """Return the full name of each text that can only mean one public name."""
    if not _found:
        short = [name for module, name in public() if module not in IN_FULL]
        for module, name in public():
            _found[f"{module}.{name}"] = f"{module}.{name}"
            if short.count(name) == 1 and name not in AMBIGUOUS and module not in IN_FULL:
                _found[name] = f"{module}.{name}"
    return _found


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role and the transform."""
    app.add_role("public", Public())
    app.add_post_transform(CodeLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
