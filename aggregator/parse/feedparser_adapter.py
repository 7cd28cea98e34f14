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
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import unescape
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.exceptions import UndeclaredNamespace
from feedparser.mixin import _FeedParserMixin

from aggregator.model.document import Extension
from aggregator.parse.extensions import ExtensionRecorder
from aggregator.parse.inline_markup import Inline
from aggregator.parse.opt_out import OptOutReader
from aggregator.parse.poll_hints import PollHintsReader
from aggregator.parse.repair_xml import Page, escape_bare, expand
from aggregator.parse.tombstones import DELETED, Tombstone, TombstoneReader
from aggregator.parse.unknown_elements import UnknownElements

Raw = dict[str, Any]
_MOST = 200
_ENTRIES = frozenset({"item", "entry"})
_SIBLINGS = _ENTRIES | {DELETED}

# Exceptions of feedparser's handlers on odd input; they lose one element, not the document.
_FAULTS = (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError)
_CUT_OFF = frozenset({
    expat.errors.XML_ERROR_NO_ELEMENTS,
    expat.errors.XML_ERROR_UNCLOSED_TOKEN,
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    expat.errors.XML_ERROR_PARTIAL_CHAR,
})  # fmt: skip
# expat's errors for an unknown named reference, and for an `&` that begins no reference.
_REFERENCES = (expat.errors.XML_ERROR_UNDEFINED_ENTITY, expat.errors.XML_ERROR_INVALID_TOKEN)


class _LimitError(Exception):
    """There are more entries than we keep."""


@dataclass(slots=True)
class Frame:
    """What feedparser does not keep of an entry: base and language at its start, whether it ended (`closed`), whether
    it opts out, and elements of other vocabularies (`extras`, from the strict parser only)."""

    base: str
    language: str
    permalink: bool = False
    closed: bool = False
    faults: list[str] = field(default_factory=list)
    extras: list[Extension] = field(default_factory=list)
    opt_out: bool = False


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


class _Parser(Inline, PollHintsReader, OptOutReader, TombstoneReader):
    """Handlers are found by name: `_start_x`, `_end_x`. `push_content` … `pop_content` keep an element's text."""

    can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
    sanitize_html = False
    resolve_relative_uris = False

    def __init__(self, base: str, limit: int) -> None:
        super().__init__(base, None, "utf-8")
        self.limit = limit
        self.frames: list[Frame] = []
        self.sequence: list[str] = []
        self.recorder = ExtensionRecorder()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        try:
            super().unknown_starttag(tag, attrs)
        except _FAULTS as error:
            self._report(tag, error)

    def unknown_endtag(self, tag: str) -> None:
        depth = self.depth
        try:
            super().unknown_endtag(tag)
        except _FAULTS as error:
            self._report(tag, error)
            if self.depth == depth:
                super().unknown_endtag("")  # matches no handler: only ends the scope

    def map_content_type(self, content_type: str) -> str:
        """The media type without parameters; an invalid one counts as HTML."""
        mapped: str = super().map_content_type(content_type.partition(";")[0].strip())
        return mapped if "/" in mapped else "text/html"

    def _report(self, tag: str, error: Exception) -> None:
        if self.inentry and self.frames and len(self.frames[-1].faults) < 3:
            self.frames[-1].faults.append(f"<{tag[:40]}> could not be read ({type(error).__name__})")

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        if len(self.entries) >= self.limit:
            raise _LimitError
        self.frames.append(Frame(self.baseuri, self.lang or "", extras=self.recorder.begin()))
        super()._start_item(attrs_d)

    _start_entry = _start_item

    def _end_item(self) -> None:
        super()._end_item()
        if self.frames:
            self.frames[-1].closed = True

    _end_entry = _end_item

    def _start_rdf_li(self, attrs_d: dict[str, str]) -> None:
        if not self.inentry:
            self.sequence.append((attrs_d.get("rdf:resource") or attrs_d.get("resource", "")).strip())

    def _end_guid(self) -> None:
        """RSS only: Atom's `_end_id` stays feedparser's. The entry's `guidislink` does not help: it means "no link"."""
        super()._end_guid()
        if self.inentry and not self.insource:
            self.frames[-1].permalink = bool(self.guidislink)

    def _sync_author_detail(self, key: str = "author") -> None:
        """Keeps a person's whole line, because feedparser's pattern cuts long top-level domains."""
        persons = self._get_context().get(f"{key}s")
        if persons and not persons[-1] and not self.inauthor:
            persons[-1]["line"] = self._get_context().get(key, "")

    def _start_link(self, attrs_d: dict[str, str]) -> None:
        attrs_d["claimed type"] = attrs_d.get("type", "")  # feedparser sets a missing type to text/html
        super()._start_link(attrs_d)

    def _start_itunes_keywords(self, attrs_d: dict[str, str]) -> None:
        for term in attrs_d.get("text", "").split(","):
            self._add_tag(term.strip(), "http://www.itunes.com/" if term.strip() else None, None)
        self.push("itunes_keywords", 1)


def _keep_separate(name: str, content_type: str) -> None:
    """Keeps an element under its own name, where feedparser maps it to another."""

    def start(self: _Parser, attrs_d: dict[str, str]) -> None:
        self.push_content(name, attrs_d, content_type, 1)

    def end(self: _Parser) -> None:
        self.pop_content(name)

    setattr(_Parser, f"_start_{name}", start)
    setattr(_Parser, f"_end_{name}", end)


_keep_separate("media_description", "text/plain")
_keep_separate("itunes_summary", "text/plain")
_keep_separate("itunes_subtitle", "text/plain")
_keep_separate("dc_description", "text/html")


class _Strict(UnknownElements, _Parser, StrictFeedParser):  # type: ignore[misc]
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


class _Loose(_Parser, LooseFeedParser):  # type: ignore[misc]
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
    except _LimitError:
        return _parsed_feed(handler, limited=True)
    except xml.sax.SAXParseException as error:
        cut_off = error.getMessage() in _CUT_OFF
        return _parsed_feed(handler, fault=f"{error.getMessage()} (line {error.getLineNumber()})", cut_off=cut_off)
    except (xml.sax.SAXException, UndeclaredNamespace, *_FAULTS) as error:
        return _parsed_feed(handler, fault=str(error) or type(error).__name__)
    return _parsed_feed(handler)


def _read_loose(page: Page, base: str, limit: int, fault: str) -> ParsedFeed:
    handler = _Loose(base, limit)
    try:
        handler.feed(page.text)
    except _LimitError:
        return _parsed_feed(handler, limited=True)
    except _FAULTS as error:
        fault = f"{fault}; {type(error).__name__}"
    ended = re.search(rf"</(?:[\w.-]+:)?{page.root}\s*>", page.text[-2000:], re.IGNORECASE)
    return _parsed_feed(handler, fault=fault, cut_off=not ended)


def _parsed_feed(handler: _Parser, *, fault: str = "", cut_off: bool = False, limited: bool = False) -> ParsedFeed:
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
