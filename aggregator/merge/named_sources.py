"""Resolves the feed that an entry names as its source (atom:source, RSS's source, `_aggregator.source` of a JSON Feed).

It may be a feed that we publish: then the entry is one of ours that came back. Or it is one of our sources: then the
entry is that source's own, republished by another planet.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property

from aggregator.app import App
from aggregator.codec import unpack_or
from aggregator.merge.public_ids import minting_prefix
from aggregator.model.document import FeedInfo
from aggregator.model.published import FeedListing
from aggregator.store import SourceRow, Transaction
from aggregator.text.masking import showable
from aggregator.text.uris import as_uri
from aggregator.text.urls import host_of, split

DOCUMENTS = frozenset({"atom.xml", "rss.xml", "feed.json", "index.html"})  # as render.FILES, which is slow to import


def plain_address(url: str) -> str:
    """An address without scheme, user name and password, so that it compares equal to its published form."""
    try:
        parts = split(url)
    except ValueError:
        return url
    return f"{parts.netloc.rpartition('@')[2].lower()}{parts.path}?{parts.query}"


def name_of(about: FeedInfo | None) -> str:
    """The feed's id and its address, on one line each; "" where the entry names neither."""
    if about is None or not (about.id or about.self_link):
        return ""
    return f"{about.id}\n{plain_address(about.self_link) if about.self_link else ''}"


class NamedSources:
    """Looks up named feeds among the sources of one config, and among our own feeds."""

    def __init__(self, app: App, sources: Mapping[str, SourceRow]) -> None:
        self._prefix = minting_prefix(app)
        self._site = app.config.site
        self._sources = sources
        own = (app.config.site.url, app.config.server.public_url)
        self._homes = tuple(plain_address(url).rstrip("?").rstrip("/") + "/" for url in own if url)
        self._host = host_of(app.config.site.url)
        self._feeds: dict[str, str] | None = None

    def source_of(self, name: str) -> str:
        """The id of the configured source with this `name_of`, "" where there is none."""
        if not name:
            return ""
        id_, _, address = name.partition("\n")
        minted = id_.removeprefix(f"{self._prefix}source/")
        if minted != id_ and minted in self._sources:
            return minted
        return self._by_id.get(id_, "") or self._by_address.get(address, "")

    @cached_property
    def _by_id(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row, about in self._known:
            for id_ in filter(None, (about.id, row.url, as_uri(row.url), row.moved_url, about.self_link)):
                found.setdefault(id_, row.id)
        return found

    @cached_property
    def _by_address(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for row, about in self._known:
            for url in filter(None, (row.url, row.moved_url, about.self_link)):
                for form in (url, showable(url), as_uri(showable(url))):  # another planet knows it as we publish it
                    found.setdefault(plain_address(form), row.id)
        return found

    @property
    def _known(self) -> Iterator[tuple[SourceRow, FeedInfo]]:
        for row in self._sources.values():
            if row.configured and row.kind == "feed":
                yield row, unpack_or(row.about, FeedInfo, FeedInfo())

    def is_ours(self, tx: Transaction, about: FeedInfo) -> bool:
        """Whether it names a feed that we publish, by id, by address or by the address of its page."""
        if about.id.startswith(f"{self._prefix}feed/"):
            return not self._is_neighbor(about.self_link)
        return any(self._feed_at(tx, place) is not None for place in _places(about))

    def may_be_ours(self, tx: Transaction, about: FeedInfo) -> bool:
        """Whether path and title are those of a feed of ours. Formats without ids name the address at which others
        fetch us, which we need not know. Another planet may have the same path and title, so more has to agree."""
        titles = self._titles(tx)
        return bool(about.title) and any(titles.get(id_) == about.title for id_ in map(_feed_in, _places(about)))

    def _is_neighbor(self, address: str) -> bool:
        """Whether it is another planet on our host: one that began on the same day shares our id prefix."""
        place = plain_address(address)
        return host_of(address) == self._host and not place.startswith(self._homes)

    def _feed_at(self, tx: Transaction, place: str) -> str | None:
        for home in self._homes:
            rest = place.removeprefix(home)
            if rest != place and (id_ := _folder(rest)) in self._titles(tx):
                return id_
        return None

    def _titles(self, tx: Transaction) -> Mapping[str, str]:
        """Titles of the feeds that we publish, by id."""
        if self._feeds is None:
            rows = tx.feeds.all().values()
            listings = ((row.id, unpack_or(row.listing, FeedListing, None)) for row in rows)
            self._feeds = {id_: listing.title if listing else "" for id_, listing in listings}
            self._feeds.setdefault("all", self._site.title)
        return self._feeds


def _places(about: FeedInfo) -> list[str]:
    return [plain_address(url).rstrip("?") for url in (about.self_link, about.id, about.link) if url]


def _folder(path: str) -> str:
    """The id of the feed that a path below the site belongs to, as a document, its page or its archive."""
    folder, _, name = path.rpartition("/")
    return folder.partition("/archive/")[0] if name in DOCUMENTS | {""} else ""


def _feed_in(place: str) -> str:
    """The id of a feed of ours by the path of an address on any host: `all` for `https://elsewhere.example/all/rss.xml`;
    the last level of a category alone is not enough."""
    folder, _, name = place.partition("?")[0].rpartition("/")
    _, _, path = folder.partition("/")
    return path if name in DOCUMENTS else ""
