"""The door: a feed in, the bytes of one of its formats out."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from aggregator.dedup.removal import RemovalDigest
from aggregator.errors import AggregatorError
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed
from aggregator.model.rendered import RenderedDocument
from aggregator.model.status import PublicHealth
from aggregator.opml import Outline
from aggregator.render.atom import AtomFormat
from aggregator.render.index_json import index_json
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.opml import opml, sources_opml
from aggregator.render.page_links import NOTHING_NEARBY, Nearby
from aggregator.render.pages import PageFormat
from aggregator.render.plain_text import legal
from aggregator.render.removed_json import removed_json
from aggregator.render.rss import RssFormat
from aggregator.render.source_listing import SourceListing

FILES = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json", "html": "index.html"}
CACHED_BYTES = 96 * 1024 * 1024

# What one entry can raise: illegal characters and naive dates (ValueError, its UnicodeEncodeError among them),
# dates that leave the calendar in UTC (OverflowError), values of another type (TypeError), a template of the user's.
ENTRY_ERRORS = (ValueError, OverflowError, TypeError, AggregatorError)


@dataclass(frozen=True, slots=True)
class Rendered:
    """`entries` = how many the document holds; `problems`: those left out of it (kind "render", where = feed id)."""

    document: RenderedDocument
    entries: int
    problems: tuple[Problem, ...] = ()

    @property
    def data(self) -> bytes:
        return self.document.data


class Format(Protocol):
    """A document of its entries, each of which depends on the entry and the site alone."""

    def entry(self, entry: Entry) -> bytes: ...

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument: ...


class Renderer:
    """Equal input gives equal bytes. What it keeps between calls only saves time; not for use by several threads.

    `formats` = those that are published, so that pages link to no other. Raises TemplateUseError.
    """

    def __init__(
        self, site: Site, *, templates: Path | None = None, formats: Sequence[str] = ("atom", "rss", "json")
    ) -> None:
        self._site = replace(site, title=legal(site.title), rights=legal(site.rights))
        self._pages = PageFormat(self._site, formats, templates)
        self._formats: dict[str, Format] = {
            "atom": AtomFormat(self._site),
            "rss": RssFormat(self._site),
            "json": JsonFormat(self._site),
            "html": self._pages,
        }
        self._pieces = RenderCache(CACHED_BYTES)

    def feed(self, feed: Feed, format: str, nearby: Nearby = NOTHING_NEARBY) -> Rendered:  # noqa: A002
        """`format` is a key of FILES; `nearby` is for pages. An entry that cannot be rendered costs itself, not the
        feed."""
        pieces: list[bytes] = []
        problems: list[Problem] = []
        for entry in feed.entries:
            try:
                pieces.append(self._piece(entry, format))
            except ENTRY_ERRORS as fault:
                problems.append(Problem(feed.id, "render", f"{entry.id}: left out of {format}: {fault}"))
        address = feed.home if format == "html" else feed.home + FILES[format]
        around = partial(self._pages.document, nearby=nearby)
        document = around if format == "html" else self._formats[format].document
        return Rendered(document(_legal(feed), address, pieces), len(pieces), tuple(problems))

    def remember(self, entry: Entry, format: str, piece: bytes) -> None:  # noqa: A002
        """Caches `piece` as the rendered entry."""
        self._pieces.put(format, entry, piece)

    def entry_page(self, entry: Entry) -> bytes:
        return self._pages.entry_page(entry)

    def health_page(self, feed: Feed, sources: Sequence[PublicHealth]) -> bytes:
        """How the `sources` are, and what befell them: the entries of `feed`."""
        return self._pages.health(feed, sources)

    def index_html(
        self, listings: Sequence[FeedListing], sources: Sequence[SourceListing] = (), moved: Sequence[MovedFeed] = ()
    ) -> bytes:
        """`sources`: those that are published, in config order; `moved`: addresses that lead elsewhere by now."""
        return self._pages.index(listings, sources, moved)

    def feed_style(self) -> bytes:
        """The file FEED_STYLE of the tree, which `styled` feeds ask for."""
        return self._pages.feed_style()

    def index_json(self, listings: Sequence[FeedListing], moved: Sequence[MovedFeed] = ()) -> bytes:
        return index_json(self._site, listings, moved)

    def removed_json(self, salt: str, groups: Iterable[Sequence[RemovalDigest]]) -> bytes:
        return removed_json(salt, groups)

    def opml(self, listings: Sequence[FeedListing]) -> bytes:
        return opml(self._site, listings)

    def sources_opml(self, outlines: Sequence[Outline], listings: Sequence[FeedListing]) -> bytes:
        return sources_opml(self._site, outlines, listings)

    def _piece(self, entry: Entry, format: str) -> bytes:  # noqa: A002
        piece = self._pieces.get(format, entry)
        if piece is None:
            piece = self._formats[format].entry(entry)
            self._pieces.put(format, entry, piece)
        return piece


class RenderCache:
    """Entries as they were rendered last, the least recently used dropped beyond `most` bytes.

    Found by id and then compared whole, which is a matter of identity for all but the changed ones.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._kept: OrderedDict[tuple[str, str], tuple[Entry, bytes]] = OrderedDict()

    def get(self, format: str, entry: Entry) -> bytes | None:  # noqa: A002
        kept = self._kept.get((format, entry.id))
        if kept is None or not (kept[0] is entry or kept[0] == entry):
            return None
        self._kept.move_to_end((format, entry.id))
        return kept[1]

    def put(self, format: str, entry: Entry, piece: bytes) -> None:  # noqa: A002
        old = self._kept.pop((format, entry.id), None)
        self._size += len(piece) - (len(old[1]) if old else 0)
        self._kept[format, entry.id] = (entry, piece)
        while self._size > self._most:
            self._size -= len(self._kept.popitem(last=False)[1][1])


def _legal(feed: Feed) -> Feed:
    """Names may have come from outside; no character of theirs costs a whole feed."""
    return replace(
        feed,
        title=legal(feed.title) or feed.id,
        description=legal(feed.description),
        category=None if feed.category is None else tuple(map(legal, feed.category)),
    )
