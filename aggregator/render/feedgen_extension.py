"""Completes feedgen's trees through its extension mechanism, and serializes them in parts.

feedgen builds the skeleton of a feed and of an entry; a *completion* adds to the lxml tree what feedgen lacks. Feeds
are then joined from bytes: head, entries, end. So an entry is rendered once in each format, however many feeds contain
it, and namespaces are declared once, at the root.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from feedgen.ext.base import BaseEntryExtension
from lxml import etree

from aggregator.model.rendered import RenderedDocument
from aggregator.text.generator import GENERATOR

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
CREATIVE_COMMONS = "http://backend.userland.com/creativeCommonsRssModule"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"

Element = etree._Element  # noqa: SLF001 - the name that lxml gives its one element class
Completion = Callable[[Element], None]


class CompletingExtension(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """Passes feedgen's element, an entry or a whole document, to a completion."""

    def __init__(self, complete: Completion, namespaces: Mapping[str, str]) -> None:
        self._complete = complete
        self._namespaces = dict(namespaces)

    def extend_ns(self) -> dict[str, str]:
        return self._namespaces

    def extend_atom(self, feed: Element) -> Element:
        self._complete(feed)
        return feed

    extend_rss = extend_atom


def completed(target: Any, complete: Completion, namespaces: Mapping[str, str]) -> Any:
    """`target` (a FeedGenerator or FeedEntry) with the completion registered; feedgen makes the instance itself."""
    target.register_extension(GENERATOR, lambda: CompletingExtension(complete, namespaces))
    return target


class EntrySerializer:
    """Serializes elements as they are inside a root that declares `namespaces`."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        self._root = etree.Element("root", nsmap=dict(namespaces))
        empty = etree.tostring(self._root, encoding="UTF-8")
        self._start, self._end = len(empty) - len("/"), -len("</root>")

    def serialize(self, element: Element) -> bytes:
        self._root.append(element)
        try:
            return _without_controls(etree.tostring(self._root, encoding="UTF-8")[self._start : self._end])
        finally:
            self._root.clear()


def _without_controls(piece: bytes) -> bytes:
    """Removes control characters that XML allows. Those of C1 come from Windows-1252 that was read as Latin-1, and are
    replaced by what was meant, as browsers do with references to them."""
    if b"\xc2" in piece or b"\x7f" in piece or (b"\xef" in piece and b"\xef\xb7" in piece):  # in every match
        return _CONTROLS.sub(lambda found: _WINDOWS_1252.get(found[0], b""), piece)
    return piece


_CONTROLS = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xef\xb7[\x90-\xaf]")  # in UTF-8; the last are noncharacters
_WINDOWS_1252 = {chr(sign).encode(): bytes([sign]).decode("cp1252", "ignore").encode() for sign in range(0x80, 0xA0)}


def framed(head: bytes, end: bytes, entries: Sequence[bytes]) -> RenderedDocument:
    """The document `head`, which ends with the closing tags `end`, with the entries before these, one a line."""
    before, after = head[: head.rindex(end)].rstrip(), b"\n" + end + b"\n"
    return RenderedDocument(before + b"\n", entries, after=after) if entries else RenderedDocument(before + after)


def child(parent: Element, tag: str, content: str = "", /, **attributes: str) -> Element:
    """Appends a child; empty attributes are left out."""
    element = etree.SubElement(parent, tag, {name: value for name, value in attributes.items() if value})
    if content:
        element.text = content
    return element
