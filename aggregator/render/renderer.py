"""Renders feeds and indexes: the interface of this package."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from aggregator.dedup.removal import RemovalDigest
from aggregator.errors import AggregatorError
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed, Site
from aggregator.model.problems import Problem
from aggregator.model.published import FeedListing, MovedFeed, Omission, River, SourceListing
from aggregator.model.rendered import RenderedDocument, RenderedEntry
from aggregator.model.status import PublicHealth
from aggregator.opml import Outline
from aggregator.render.atom import AtomFormat
from aggregator.render.entry_uris import feed_with_uris, site_with_uris, with_uris
from aggregator.render.files import FILES
from aggregator.render.index_json import index_json
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.nearby import NOTHING_NEARBY, Nearby
from aggregator.render.opml import opml, sources_opml
from aggregator.render.pages import PageFormat
from aggregator.render.plain_text import legal
from aggregator.render.removed_json import removed_json
from aggregator.render.rss import RssFormat

ANOTHER = "another entry has its id"

# What rendering an entry can raise: ValueError for illegal characters and naive dates, OverflowError for dates that
# leave the calendar in UTC, TypeError for values of another type, AggregatorError for the user's templates.
ENTRY_ERRORS = (ValueError, OverflowError, TypeError, AggregatorError)


Check = Callable[[Entry, Any, str], str]  # why an entry, as it was built in a format, is left out; "" if it is valid


@dataclass(frozen=True, slots=True)
class Rendered:
    """`ids`: of the entries that the document contains; `omissions`: those left out; `problems`: these, and addresses
    left out of entries (kind "render", where = feed id)."""

    document: RenderedDocument
    ids: Sequence[str]
    problems: tuple[Problem, ...] = ()
    omissions: tuple[Omission, ...] = ()

    @property
    def data(self) -> bytes:
        return self.document.data

    @property
    def entries(self) -> int:
        return len(self.ids)


class Format(Protocol):
    """Renders entries, which depend on the entry, the site and, in pages, their language, and documents from rendered
    entries. What `build` returns is checked before it is written."""

    def build(self, entry: Entry) -> Any: ...

    def write(self, built: Any) -> bytes: ...

    def document(self, feed: Feed, address: str, entries: Sequence[bytes]) -> RenderedDocument: ...


class Renderer:
    """Equal input gives equal bytes. Not thread-safe.

    `formats`: those that are published; pages link to no others. `check`: of every entry. Raises TemplateUseError.
    """

    def __init__(
        self,
        site: Site,
        *,
        templates: Path | None = None,
        formats: Sequence[str] = ("atom", "rss", "json"),
        check: Check = lambda *_: "",
    ) -> None:
        self._site = site_with_uris(replace(site, title=legal(site.title), rights=legal(site.rights)))
        self._pages = PageFormat(self._site, formats, templates)
        self._check = check
        self._formats: dict[str, Format] = {
            "atom": AtomFormat(self._site),
            "rss": RssFormat(self._site),
            "json": JsonFormat(self._site),
            "html": self._pages,
        }

    def entry(self, entry: Entry, formats: Iterable[str], language: str = "") -> RenderedEntry:
        """`formats`: keys of FILES; `language`: of pages, "" for the site's. Where an entry cannot be rendered in a
        format, or is invalid there, the reason is in the place of its bytes."""
        try:
            shown, left_out = with_uris(entry)
        except ENTRY_ERRORS as error:
            return RenderedEntry(entry.id, entry.updated, dict.fromkeys(formats, str(error)))
        pieces = {one: self._piece(shown, one, language) for one in formats}
        return RenderedEntry(entry.id, entry.updated, pieces, left_out=tuple(left_out))

    def _piece(self, entry: Entry, format: str, language: str) -> bytes | str:  # noqa: A002
        try:
            is_page = format == "html"
            built = self._pages.build(entry, language) if is_page else self._formats[format].build(entry)
            return self._check(entry, built, format) or self._formats[format].write(built)
        except ENTRY_ERRORS as error:
            return str(error)

    def feed(self, feed: Feed, format: str, nearby: Nearby = NOTHING_NEARBY) -> Rendered:  # noqa: A002
        """`format`: a key of FILES; `nearby`: for pages only. Entries that are not rendered yet are rendered here. What
        lacks the format is left out and named, and so is a second entry with an id."""
        pieces: dict[str, bytes] = {}
        shown: list[Entry | RenderedEntry] = []
        problems: list[Problem] = []
        omissions: list[Omission] = []
        for entry in feed.entries:
            rendered = entry if isinstance(entry, RenderedEntry) else self.entry(entry, [format], feed.language)
            piece = ANOTHER if entry.id in pieces else rendered.pieces[format]
            if isinstance(piece, bytes):
                pieces[entry.id] = piece
                shown.append(entry)
                problems += (Problem(feed.id, "render", f"{entry.id}: {one}") for one in rendered.left_out)
            else:
                omissions.append(Omission(feed.id, format, entry.id, piece))
                problems.append(Problem(feed.id, "render", omissions[-1].message))
        address = feed.home if format == "html" else feed.home + FILES[format]
        page = partial(self._pages.document, nearby=nearby)
        document = page if format == "html" else self._formats[format].document
        made = document(feed_with_uris(_legal(replace(feed, entries=tuple(shown)))), address, list(pieces.values()))
        return Rendered(made, list(pieces), tuple(problems), tuple(omissions))

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


def _legal(feed: Feed) -> Feed:
    """The feed without illegal characters in its names, which may come from outside and would make it invalid."""
    return replace(
        feed,
        title=legal(feed.title) or feed.id,
        description=legal(feed.description),
        category=None if feed.category is None else tuple(map(legal, feed.category)),
    )
