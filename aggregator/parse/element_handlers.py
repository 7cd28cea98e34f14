"""Handlers of elements, for feedparser's strict parser."""

import re
from dataclasses import dataclass, field
from typing import Any

from feedparser.mixin import _FeedParserMixin

from aggregator.errors import AggregatorError
from aggregator.model.document import Extension
from aggregator.parse.bases import BaseReader
from aggregator.parse.date_elements import DateElements
from aggregator.parse.entry_media import EntryMediaReader
from aggregator.parse.extensions import ExtensionRecorder
from aggregator.parse.inline_markup import Inline
from aggregator.parse.opt_out import OptOutReader
from aggregator.parse.poll_hints import PollHintsReader
from aggregator.parse.tombstones import TombstoneReader

# Exceptions of feedparser's handlers on odd input; they lose one element, not the document.
FAULTS = (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError)


_WINDOWS = re.compile("[\x80-\x9f]")


class _Text(str):
    """A text that is read letter by letter for characters of windows-1252 only where it has any, as few texts have."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        return super().translate(table) if _WINDOWS.search(self) else str(self)


class LimitError(AggregatorError):
    """There are more entries than we keep."""


@dataclass(slots=True)
class Frame:
    """What feedparser does not keep of an entry: base and language at its start, whether it ended (`closed`), whether
    it opts out, and elements of other vocabularies (`extras`)."""

    base: str
    language: str
    permalink: bool = False
    closed: bool = False
    faults: list[str] = field(default_factory=list)
    extras: list[Extension] = field(default_factory=list)
    opt_out: bool = False


class ElementHandlers(
    BaseReader, EntryMediaReader, Inline, PollHintsReader, OptOutReader, TombstoneReader, DateElements
):
    """Handlers are found by name: `_start_x`, `_end_x`. `push_content` … `pop_content` keep an element's text."""

    can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
    sanitize_html = False
    resolve_relative_uris = False
    contentparams: dict[str, str]

    def __init__(self, base: str, limit: int) -> None:
        super().__init__(base, None, "utf-8")
        self.limit = limit
        self.frames: list[Frame] = []
        self.sequence: list[str] = []
        self.recorder = ExtensionRecorder()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        try:
            super().unknown_starttag(tag, attrs)
        except FAULTS as error:
            self._report(tag, error)

    def unknown_endtag(self, tag: str) -> None:
        depth = self.depth
        try:
            super().unknown_endtag(tag)
        except FAULTS as error:
            self._report(tag, error)
            if self.depth == depth:
                super().unknown_endtag("")  # matches no handler: only ends the scope

    def push_content(self, tag: str, attrs_d: dict[str, str], default_content_type: str, expecting_text: int) -> None:
        super().push_content(tag, attrs_d, default_content_type, expecting_text)
        self.contentparams = dict(self.contentparams)  # read and copied much faster than feedparser's own class

    @staticmethod
    def decode_entities(_element: str, data: str) -> str:
        """The last hook before feedparser replaces characters of windows-1252; the result is a plain `str` again."""
        return _Text(data)

    def map_content_type(self, content_type: str) -> str:
        """The media type without parameters; an invalid one counts as HTML."""
        mapped: str = super().map_content_type(content_type.partition(";")[0].strip())
        return mapped if "/" in mapped else "text/html"

    def _report(self, tag: str, error: Exception) -> None:
        if self.inentry and self.frames and len(self.frames[-1].faults) < 3:
            self.frames[-1].faults.append(f"<{tag[:40]}> could not be read ({type(error).__name__})")

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        if len(self.entries) >= self.limit:
            raise LimitError
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

    def start(self: ElementHandlers, attrs_d: dict[str, str]) -> None:
        self.push_content(name, attrs_d, content_type, 1)

    def end(self: ElementHandlers) -> None:
        self.pop_content(name)

    setattr(ElementHandlers, f"_start_{name}", start)
    setattr(ElementHandlers, f"_end_{name}", end)


_keep_separate("media_description", "text/plain")
_keep_separate("itunes_summary", "text/plain")
_keep_separate("itunes_subtitle", "text/plain")
_keep_separate("dc_description", "text/html")
