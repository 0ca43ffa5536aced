"""Check the site that was built: python check_site.py FOLDER. Nothing is fetched.

* No page asks the network for a script, a style, a font or a picture.
* Every link between pages leads to a page, and to a place on it.
* Every public name has an entry in the reference.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from public_names import names_of, public
from sphinx.util.inventory import InventoryFile

#: Where a tag names what the browser loads by itself.
LOADS = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "script": "src",
    "source": "src",
    "video": "src",
}
LOADED_LINKS = {"stylesheet", "preload", "prefetch", "icon", "shortcut", "modulepreload", "manifest"}


class Page(HTMLParser):
    """The places on a page, its links, and what it loads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.places: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.places |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and LOADED_LINKS & set(given.get("rel", "").split()):
            self.loads.append(given["href"])
        if given.get(LOADS.get(tag, "")):
            self.loads.append(given[LOADS[tag]])
        self.loads += [part.split()[0] for part in given.get("srcset", "").split(",") if part.strip()]


def problems(site: Path) -> Iterator[str]:
    """Yield everything that is wrong, as lines to print."""
    paths = (path for path in sorted(site.rglob("*.html")) if "_static" not in path.parts)  # there are templates
    pages = {path.resolve(): Page(path) for path in paths}
    for page in pages.values():
        name = page.path.relative_to(site)
        yield from (f"{name} loads {address}" for address in page.loads if _is_outside(address))
        yield from (f"{name} loads {address}, which is not there" for address in page.loads if _is_lost(page, address))
        yield from (
            f"{name} links to {link}, which is not there" for link in page.links if not _leads(page, link, pages)
        )
    for style in site.rglob("*.css"):
        for address in re.findall(r"""(?:url\(|@import)\s*["']?([^"')]+)""", style.read_text(encoding="utf-8")):
            if _is_outside(address):
                yield f"{style.relative_to(site)} loads {address}"
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.loads(file.read(), uri="").data
    known = {name for kind, entries in inventory.items() if kind.startswith("py:") for name in entries}
    yield from (f"no reference of {module}.{name}" for module, name in public() if f"{module}.{name}" not in known)
    table = (site / "generated" / "reference" / "autodiff_numpy.html").read_text(encoding="utf-8")
    yield from (f"no row of {name}" for name in names_of("autodiff_numpy") if f">{name}</span>" not in table)


def _is_outside(address: str) -> bool:
    return urlsplit(address).scheme in {"http", "https"} or address.startswith("//")


def _file(page: Page, address: str) -> Path:
    path = unquote(urlsplit(address).path)
    return (page.path.parent / path).resolve() if path else page.path.resolve()


def _is_lost(page: Page, address: str) -> bool:
    return not urlsplit(address).scheme and not address.startswith("//") and not _file(page, address).exists()


def _leads(page: Page, link: str, pages: dict[Path, Page]) -> bool:
    """Whether a link leads somewhere; those to other sites are not followed."""
    if urlsplit(link).scheme or link.startswith("//"):
        return True
    file, place = _file(page, link), unquote(urlsplit(link).fragment)
    if file not in pages:
        return file.is_file()
    return place in pages[file].places | {""}


def main() -> None:
    """Print what is wrong with the folder that is named on the command line, and fail if anything is."""
    site = Path(sys.argv[1])
    found = list(problems(site))
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"{site / 'index.html'}: {len(list(site.rglob('*.html')))} pages, {len(found)} problems\n")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
