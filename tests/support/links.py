"""Links within a tree: of its pages, feeds, lists of feeds and index."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from lxml import etree, html

HOST = "https://planet.example/"
ATTRIBUTES = "//@href | //@src | //@url | //@xmlUrl | //@htmlUrl"
NAMED = frozenset({"href", "url", "feed_url", "home_page_url", "next_url", "path"})  # keys of JSON


def dead_links(root: Path) -> list[tuple[str, str]]:
    """(file, address) of each link to a file that is not in the tree; its site is HOST."""
    files = (file for file in root.rglob("*") if file.is_file())
    return sorted((str(file.relative_to(root)), href) for file in files for href in _dead(root, file))


def _dead(root: Path, file: Path) -> list[str]:
    base = HOST if file.suffix == ".json" else HOST + str(file.relative_to(root))
    return [href for href in _links(file) if urljoin(base, href).startswith(HOST) and not _leads(root, base, href)]


def _leads(root: Path, base: str, href: str) -> bool:
    path = unquote(urldefrag(urljoin(base, href)).url.removeprefix(HOST))
    return (root / (f"{path}index.html" if not path or path.endswith("/") else path)).is_file()


def _links(file: Path) -> Iterator[str]:
    match file.suffix:
        case ".html":
            page: Any = html.document_fromstring(file.read_text())
            yield from page.xpath("//@href | //@src")
        case ".xml" | ".opml":
            document: Any = etree.parse(file)
            yield from document.xpath(ATTRIBUTES)
            yield from (text.strip() for text in document.xpath("//link/text()"))
        case ".json":
            yield from _named(json.loads(file.read_bytes()))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [one] if key in NAMED and isinstance(one, str) else _named(one)
    elif isinstance(value, list):
        for one in value:
            yield from _named(one)
