"""The text of a feed to feedparser's dictionaries.

This module drives feedparser's two parsers itself, because `feedparser.parse` does not suffice: it resolves ids like
links, so that a plain guid changes with the address of the feed; takes `media:description` and `itunes:summary` for
content; loses every entry if the handler of one element raises; and has no limit of entries. Its sanitizer and its
resolving of addresses in markup are off: `clean` does both.
"""

import io
import re
import xml.sax
import xml.sax.expatreader
import xml.sax.xmlreader
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import unescape
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.exceptions import UndeclaredNamespace

from aggregator.parse.element_handlers import FAULTS, ElementHandlers, Frame, LimitError
from aggregator.parse.repair_xml import Page, escape_bare, expand
from aggregator.parse.tombstones import DELETED, Tombstone
from aggregator.parse.unknown_elements import UnknownElements

Raw = dict[str, Any]
_MOST = 200
_ENTRIES = frozenset({"item", "entry"})
_SIBLINGS = _ENTRIES | {DELETED}

_CUT_OFF = frozenset({
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    expat.errors.XML_ERROR_PARTIAL_CHAR,
})  # fmt: skip
# expat's errors for an unknown named reference, and for an `&` that begins no reference.
_REFERENCES = (expat.errors.XML_ERROR_UNDEFINED_ENTITY, expat.errors.XML_ERROR_INVALID_TOKEN)


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """`entries` and `frames` are pairs. `sequence`: ids in the order of RSS 1.0's `items`. `fault`: what is wrong with
    the document, "" if it is well-formed."""

    version: str
    about: Raw
    entries: list[Raw]
    frames: list[Frame]
    tombstones: list[Tombstone]
    hint_texts: dict[str, list[str]]
    sequence: list[str]
    fault: str = ""
    cut_off: bool = False
    limited: bool = False
    opt_out: str = ""


class _Strict(UnknownElements, ElementHandlers, StrictFeedParser):  # type: ignore[misc]
    """Limits attributes and namespaces: feedparser's work grows with the square of the attributes of an element, and
    per element with the namespaces of the document. No real feed reaches the limit."""

    def startPrefixMapping(self, prefix: str | None, uri: str) -> None:  # noqa: N802  # SAX's name
        if len(self.namespaces_in_use) < _MOST:
            super().startPrefixMapping(prefix, uri)

    def startElementNS(self, name: tuple[str, str], qname: str, attrs: AttributesNSImpl) -> None:  # noqa: N802
        few = attrs if len(attrs) <= _MOST else AttributesNSImpl({}, {})
        super().startElementNS(name, qname, few)
        if self.inentry:
            self.recorder.start(name, few.items())

    def characters(self, text: str) -> None:
        if self.inentry:
            self.recorder.text(text)
        self.handle_data(text)

    def endElementNS(self, name: tuple[str, str], qname: str) -> None:  # noqa: N802
        if self.inentry:
            self.recorder.end()
        super().endElementNS(name, qname)


class _Loose(ElementHandlers, LooseFeedParser):  # type: ignore[misc]
    """Ends unclosed elements: at the end of their entry, else they would swallow all that follow; unclosed texts at an
    element that cannot be part of a text.
    """

    siblings = frozenset({"guid", "id", "link", "pubdate", "published", "title", "updated"})

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if self.tombstone_depth and _local(tag) in _SIBLINGS:
            self.end_tombstone()
        self._close_what_is_open(tag)
        super().unknown_starttag(tag, attrs)

    def unknown_endtag(self, tag: str) -> None:
        if self.tombstone_depth and _local(tag) in _SIBLINGS:
            self.tombstone_depth = 1
        self._close_what_is_open(tag)
        super().unknown_endtag(tag)

    def decode_entities(self, element: str, data: str) -> str:
        """Outside markup a reference becomes its character, as in the strict parser: an id must not depend on whether
        its document is well-formed.
        """
        data = super().decode_entities(element, data)
        return data if self.contentparams.get("type") else unescape(data, {"&quot;": '"', "&apos;": "'"})

    def _close_what_is_open(self, tag: str) -> None:
        if _local(tag) not in _ENTRIES:
            return
        while self.elementstack and self.elementstack[-1][0] != "item":
            self.pop(self.elementstack[-1][0])
        self.contentparams.clear()
        self.incontent = self.insource = self.inauthor = self.incontributor = 0
        self.inimage = self.intextinput = self.inpublisher = 0


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


class _Expat(xml.sax.expatreader.ExpatParser):
    def reset(self) -> None:
        """Text comes in one call per run, instead of one per line and reference."""
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined]
        self._parser.buffer_size = 1 << 16  # type: ignore[attr-defined]


def read(page: Page, *, base: str, limit: int) -> ParsedFeed:
    """Reads with the strict parser, and with the loose one if that fails; never raises.

    `base` must not be empty, else feedparser lets an entry's xml:base leak into the next entry.
    """
    parsed = _read_strict(page.text, base, limit)
    if parsed.fault.startswith(_REFERENCES):
        page = _with_known_references(page)
        parsed = _read_strict(page.text, base, limit)
    if not parsed.fault or parsed.cut_off:
        return parsed
    if parsed.fault.startswith(expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT):
        return parsed
    return _read_loose(_with_known_references(page), base, limit, parsed.fault)


def _with_known_references(page: Page) -> Page:
    """The page with all references replaced that XML does not know."""
    return Page(page.root, escape_bare(expand(page)))


def _read_strict(text: str, base: str, limit: int) -> ParsedFeed:
    handler = _Strict(base, limit)
    sax = _Expat(namespaceHandling=1)
    sax.setContentHandler(handler)
    sax.setErrorHandler(handler)
    source = xml.sax.xmlreader.InputSource()
    source.setEncoding("utf-8")
    source.setByteStream(io.BytesIO(text.encode("utf-8", "replace")))
    try:
        sax.parse(source)
    except LimitError:
        return _parsed_feed(handler, limited=True)
    except xml.sax.SAXParseException as error:
        cut_off = error.getMessage() in _CUT_OFF
        return _parsed_feed(handler, fault=f"{error.getMessage()} (line {error.getLineNumber()})", cut_off=cut_off)
    except (xml.sax.SAXException, UndeclaredNamespace, *FAULTS) as error:
        return _parsed_feed(handler, fault=str(error) or type(error).__name__)
    return _parsed_feed(handler)


def _read_loose(page: Page, base: str, limit: int, fault: str) -> ParsedFeed:
    handler = _Loose(base, limit)
    try:
        handler.feed(page.text)
    except LimitError:
        return _parsed_feed(handler, limited=True)
    except FAULTS as error:
        fault = f"{fault}; {type(error).__name__}"
    ended = re.search(rf"</(?:[\w.-]+:)?{page.root}\s*>", page.text[-2000:], re.IGNORECASE)
    return _parsed_feed(handler, fault=fault, cut_off=not ended)


def _parsed_feed(
    handler: ElementHandlers, *, fault: str = "", cut_off: bool = False, limited: bool = False
) -> ParsedFeed:
    entries = [dict(entry) for entry in handler.entries]
    return ParsedFeed(
        handler.version,
        dict(handler.feeddata),
        entries,
        handler.frames,
        handler.tombstones,
        handler.hint_texts,
        handler.sequence,
        fault=fault,
        cut_off=cut_off,
        limited=limited,
        opt_out=handler.opt_out,
    )
