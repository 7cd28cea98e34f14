"""The text of a feed to feedparser's dictionaries.

This module drives feedparser's strict parser itself, because `feedparser.parse` does not suffice: it resolves ids like
links, so that a plain guid changes with the address of the feed; takes `media:description` and `itunes:summary` for
content; loses every entry if the handler of one element raises; and has no limit of entries. Its sanitizer and its
resolving of addresses in markup are off: `clean` does both.
"""

import io
import re
import xml.sax
import xml.sax.expatreader
import xml.sax.xmlreader
from dataclasses import dataclass, replace
from typing import Any
from xml.parsers import expat
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import StrictFeedParser
from feedparser.exceptions import UndeclaredNamespace

from aggregator.parse.bases import ATOM_ROOTS
from aggregator.parse.element_handlers import FAULTS, ElementHandlers, Frame, LimitError
from aggregator.parse.repair_xml import Page, escape_bare, expand
from aggregator.parse.tombstones import Tombstone
from aggregator.parse.unknown_elements import UnknownElements
from aggregator.parse.well_formed import has_open_section, well_formed

Raw = dict[str, Any]
_MOST = 200
_COMMENT = re.compile(r"<!--(?:[^-]++|-(?!->))*+-->")

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
            self.recorder.end(name)
        super().endElementNS(name, qname)


class _Expat(xml.sax.expatreader.ExpatParser):
    def reset(self) -> None:
        """Text comes in one call per run, instead of one per line and reference."""
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined]
        self._parser.buffer_size = 1 << 16  # type: ignore[attr-defined]


def read(page: Page, *, base: str, limit: int) -> ParsedFeed:
    """Reads with the strict parser, and again what is not well-formed, after it is repaired. Never raises.

    `base` must not be empty, else feedparser lets an entry's xml:base leak into the next entry.
    """
    parsed = _read_strict(page, base, limit)
    if parsed.fault.startswith(_REFERENCES):
        parsed = _read_strict(_known_references(page, page.text), base, limit)
    if parsed.limited or parsed.fault.startswith(expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT):
        return parsed
    if parsed.cut_off and not _has_end(page):
        return parsed
    if not parsed.fault and not has_open_section(page.text):
        return parsed
    text, repaired = well_formed(page.text)
    if not parsed.fault and not repaired:
        return parsed
    parsed = _read_strict(_known_references(page, text), base, limit)
    return replace(parsed, fault="; ".join(filter(None, (parsed.fault, repaired))))


def _has_end(page: Page) -> bool:
    """Whether the document ends in the end tag of its root; comments of a cache may follow."""
    tail = _COMMENT.sub("", page.text[-2000:]).rstrip()
    return bool(re.search(rf"</(?:[\w.-]{{1,30}}:)?{page.root}\s*+>\Z", tail, re.IGNORECASE))


def _known_references(page: Page, text: str) -> Page:
    """The page with this text, and all references replaced that XML does not know."""
    return replace(page, text=escape_bare(expand(replace(page, text=text))))


def _read_strict(page: Page, base: str, limit: int) -> ParsedFeed:
    handler = _Strict(base, limit)
    handler.document_base = "" if page.root in ATOM_ROOTS else base
    sax = _Expat(namespaceHandling=1)
    sax.setContentHandler(handler)
    sax.setErrorHandler(handler)
    source = xml.sax.xmlreader.InputSource()
    source.setEncoding("utf-8")
    source.setByteStream(io.BytesIO(page.text.encode("utf-8", "replace")))
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
