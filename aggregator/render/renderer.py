"""Renders feeds and indexes: the interface of this package."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from cachetools import LRUCache

from aggregator.dedup.removal import RemovalDigest
from aggregator.errors import AggregatorError
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed, Omission, River, SourceListing
from aggregator.model.rendered import RenderedDocument
from aggregator.model.status import PublicHealth
from aggregator.opml import Outline
from aggregator.render.atom import AtomFormat
from aggregator.render.chips import unplaced
from aggregator.render.entry_uris import feed_with_uris, site_with_uris, with_uris
from aggregator.render.index_json import index_json
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.opml import opml, sources_opml
from aggregator.render.page_links import NOTHING_NEARBY, Nearby
from aggregator.render.pages import PageFormat
from aggregator.render.plain_text import legal
from aggregator.render.removed_json import removed_json
from aggregator.render.rss import RssFormat

FILES = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json", "html": "index.html"}
CACHED_BYTES = 96 * 1024 * 1024

# What rendering an entry can raise: ValueError for illegal characters and naive dates, OverflowError for dates that
# leave the calendar in UTC, TypeError for values of another type, AggregatorError for the user's templates.
ENTRY_ERRORS = (ValueError, OverflowError, TypeError, AggregatorError)


@dataclass(frozen=True, slots=True)
class Rendered:
    """`entries`: how many the document contains; `omissions`: those left out; `problems`: these, and addresses left out
    (kind "render", where = feed id)."""

    document: RenderedDocument
    entries: int
    problems: tuple[Problem, ...] = ()
    omissions: tuple[Omission, ...] = ()

    @property
    def data(self) -> bytes:
        return self.document.data


class Format(Protocol):
    """Renders entries, which depend on the entry, the site and, in pages, their language, and documents from them."""

    def entry(self, entry: Entry) -> bytes: ...

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument: ...


class Renderer:
    """Equal input gives equal bytes; caches only save time. Not thread-safe.

    `formats`: those that are published; pages link to no others. Raises TemplateUseError.
    """

    def __init__(
        self, site: Site, *, templates: Path | None = None, formats: Sequence[str] = ("atom", "rss", "json")
    ) -> None:
        self._site = site_with_uris(replace(site, title=legal(site.title), rights=legal(site.rights)))
        self._pages = PageFormat(self._site, formats, templates)
        self._articles_are_ours = not (templates and (templates / "article.html").is_file())
        self._formats: dict[str, Format] = {
            "atom": AtomFormat(self._site),
            "rss": RssFormat(self._site),
            "json": JsonFormat(self._site),
            "html": self._pages,
        }
        self._cache = RenderCache(CACHED_BYTES)

    def feed(self, feed: Feed, format: str, nearby: Nearby = NOTHING_NEARBY) -> Rendered:  # noqa: A002
        """`format`: a key of FILES; `nearby`: for pages only. An entry that cannot be rendered is left out and
        reported."""
        pieces: list[bytes] = []
        problems: list[Problem] = []
        omissions: list[Omission] = []
        for entry in feed.entries:
            try:
                piece, left_out = self._rendered_entry(entry, format, feed.language)
                pieces.append(piece)
                problems += [Problem(feed.id, "render", f"{entry.id}: {one}") for one in left_out]
            except ENTRY_ERRORS as error:
                omission = Omission(feed.id, format, entry.id, str(error))
                omissions.append(omission)
                problems.append(Problem(feed.id, "render", omission.message))
        address = feed.home if format == "html" else feed.home + FILES[format]
        page = partial(self._pages.document, nearby=nearby)
        document = page if format == "html" else self._formats[format].document
        made = document(feed_with_uris(_legal(feed)), address, pieces)
        return Rendered(made, len(pieces), tuple(problems), tuple(omissions))

    def remember(self, entry: Entry, format: str, piece: bytes, language: str) -> None:  # noqa: A002
        """Caches `piece` as the rendered entry in feeds of this language. Links in an article of the user's template
        cannot be told from others, so it is rendered again."""
        if format != "html" or self._articles_are_ours:
            self._cache.put(_edition(format, language), entry, piece)

    def with_originals(self, document: RenderedDocument, format: str) -> RenderedDocument:  # noqa: A002
        """A document that was read from the tree, with its entries as every document has them."""
        return replace(document, originals=list(map(unplaced, document.entries))) if format == "html" else document

    def entry_page(self, entry: Entry) -> bytes:
        return self._pages.entry_page(with_uris(entry)[0])

    def health_page(self, feed: Feed, sources: Sequence[PublicHealth]) -> bytes:
        """`sources`: their current health; `feed`: their health events."""
        return self._pages.health(feed, sources)

    def index_html(
        self,
        listings: Sequence[FeedListing],
        sources: Sequence[SourceListing] = (),
        moved: Sequence[MovedFeed] = (),
        river: River | None = None,
    ) -> bytes:
        """`sources`: those that are published, in config order; `moved`: addresses that show another feed now;
        `river`: the entries of the front page, None where it is a list of feeds."""
        shown = replace(river, entries=tuple(with_uris(one)[0] for one in river.entries)) if river else None
        return self._pages.index(listings, sources, moved, shown)

    def feed_style(self) -> bytes:
        """The content of the file FEED_STYLE, which `styled` feeds link to."""
        return self._pages.feed_style()

    def page_style(self) -> bytes:
        """The content of the file PAGE_STYLE, which pages link to."""
        return self._pages.page_style()

    def not_found_page(self) -> bytes:
        return self._pages.not_found()

    def index_json(self, listings: Sequence[FeedListing], moved: Sequence[MovedFeed] = ()) -> bytes:
        return index_json(self._site, listings, moved)

    def removed_json(self, salt: str, groups: Iterable[Sequence[RemovalDigest]]) -> bytes:
        return removed_json(salt, groups)

    def opml(self, listings: Sequence[FeedListing]) -> bytes:
        return opml(self._site, listings)

    def sources_opml(self, outlines: Sequence[Outline], listings: Sequence[FeedListing]) -> bytes:
        return sources_opml(self._site, outlines, listings)

    def _rendered_entry(self, entry: Entry, format: str, language: str) -> tuple[bytes, list[str]]:  # noqa: A002
        """The entry, and a message for each address that is left out of it, where it is rendered for the first time."""
        edition = _edition(format, language)
        if piece := self._cache.get(edition, entry):
            return piece, []
        shown, left_out = with_uris(entry)
        is_page = format == "html"
        piece = self._pages.entry(shown, language) if is_page else self._formats[format].entry(shown)
        self._cache.put(edition, entry, piece)
        return piece, left_out


class RenderCache:
    """Rendered entries of at most `most` bytes together, by edition; the least recently used are dropped.

    An entry is found by its id and then compared whole, which is quick: unchanged entries are mostly the same object.
    """

    def __init__(self, most: int) -> None:
        self._entries: LRUCache[tuple[str, str], tuple[Entry, bytes]] = LRUCache(most, lambda kept: len(kept[1]))

    def get(self, edition: str, entry: Entry) -> bytes | None:
        kept = self._entries.get((edition, entry.id))
        return kept[1] if kept and (kept[0] is entry or kept[0] == entry) else None

    def put(self, edition: str, entry: Entry, piece: bytes) -> None:
        with suppress(ValueError):  # larger than the cache
            self._entries[edition, entry.id] = entry, piece


def _edition(format: str, language: str) -> str:  # noqa: A002
    """The key of rendered entries: those in pages have words of ours in the language of the page."""
    return f"html {language}" if format == "html" else format


def _legal(feed: Feed) -> Feed:
    """The feed without illegal characters in its names, which may come from outside and would make it invalid."""
    return replace(
        feed,
        title=legal(feed.title) or feed.id,
        description=legal(feed.description),
        category=None if feed.category is None else tuple(map(legal, feed.category)),
    )
