"""Reads the feed metadata of our own documents, and builds the index from it where index.json is lost.

A file may have been edited or truncated: everything before the damage is used.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from xml.parsers import expat

from aggregator.model.published import FeedListing, MovedFeed, PublishedFile
from aggregator.publish.archive_pages import feed_of
from aggregator.publish.output_tree import sha256
from aggregator.recover.index_json import PublishedIndex, is_feed_id
from aggregator.render import FILES
from aggregator.text.generator import FEEDS
from aggregator.text.json_values import or_empty
from aggregator.text.normalize import SINCE, one_line

NAMES = {file: name for name, file in FILES.items() if file in FEEDS}

_ATOM = "http://www.w3.org/2005/Atom "
_TITLES = {(f"{_ATOM}feed", f"{_ATOM}title"), ("rss", "channel", "title")}
_DATES = {(f"{_ATOM}feed", f"{_ATOM}updated"), ("rss", "channel", "lastBuildDate")}
_LINKS = {(f"{_ATOM}feed", f"{_ATOM}link"), ("rss", "channel", f"{_ATOM}link")}
_TERMS = {(f"{_ATOM}feed", f"{_ATOM}category"), ("rss", "channel", "category")}
_ENTRIES = {(f"{_ATOM}feed", f"{_ATOM}entry"), ("rss", "channel", "item")}
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Head:
    """The metadata of a document. `path`: of the file in the tree; `address`: the document's self link; `labels`: the
    levels of the feed's category."""

    path: str
    title: str
    updated: datetime
    labels: tuple[str, ...]
    address: str
    entries: int

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def feed_id(self) -> str:
        return feed_of(self.path) or self.folder


def index_of(root: Path, paths: Iterable[str], site_url: str) -> PublishedIndex:
    """The content of index.json, as far as feeds and sealed pages have it. `paths`: files of ours; `site_url`: used
    where the documents do not have it."""
    heads = [head for path in sorted(paths) if (head := _read(root, path)) and is_feed_id(head.feed_id)]
    site = _site(heads) or site_url
    by_feed: dict[str, list[Head]] = {}
    for head in heads:
        by_feed.setdefault(head.feed_id, []).append(head)
    bests = {id_: _best(some) for id_, some in by_feed.items()}
    moved = {id_: to for id_, head in bests.items() if (to := _feed_shown_at(head, site)) != id_}
    ended = {id_ for id_, head in bests.items() if head.labels and not head.entries}
    listings = [_listing(root, id_, head) for id_, head in bests.items() if id_ not in moved.keys() | ended]
    addresses = [_moved(id_, bests, moved.get(id_)) for id_ in sorted(moved.keys() | ended) if _can_move(id_)]
    return PublishedIndex(site, listings, addresses, [])


def _can_move(id_: str) -> bool:
    return id_ != "all" and not id_.startswith("source/")


def _best(heads: Sequence[Head]) -> Head:
    """The head with the most information: the feed's document before its newest sealed page, complete before cut."""

    def rank(head: Head) -> tuple[bool, int, float, int, int]:
        is_sealed = bool(feed_of(head.path))
        return is_sealed, -len(head.labels), -head.updated.timestamp(), -head.entries, list(NAMES).index(head.name)

    return min(heads, key=rank)


def _site(heads: Iterable[Head]) -> str:
    """The common start of the documents' addresses, without those of moved feeds."""
    sites = (head.address.removesuffix(head.path) for head in heads if head.address.endswith(f"/{head.path}"))
    return next(sites, "")


def _feed_shown_at(head: Head, site: str) -> str:
    """The id of the feed that is published at the address of this one."""
    place = head.address.removeprefix(site)
    if place == head.address or not place.endswith(f"/{head.name}"):
        return head.feed_id
    shown = feed_of(place) or place.removesuffix(f"/{head.name}")
    return shown if is_feed_id(shown) else head.feed_id


def _listing(root: Path, id_: str, head: Head) -> FeedListing:
    files = ((name, f"{id_}/{file}") for file, name in NAMES.items())
    editions = [
        (name, PublishedFile(path, sha256(data), head.entries)) for name, path in files if (data := _data(root, path))
    ]
    return FeedListing(id_, head.title, f"{id_}/", head.updated, head.entries, _labels(id_, head), "", tuple(editions))


def _labels(id_: str, head: Head) -> tuple[str, ...] | None:
    return head.labels if len(head.labels) == id_.count("/") + 1 and all(head.labels) else None


def _moved(id_: str, heads: Mapping[str, Head], to: str | None) -> MovedFeed:
    """The labels are taken from the feed and the one above it, else made from the slugs."""
    labels = heads[id_].labels if to is None else ()
    if len(labels) != id_.count("/") + 1:
        slugs = id_.split("/")
        above = heads.get("/".join(slugs[:-1]))
        known = above.labels if above and len(above.labels) == len(slugs) - 1 else ()
        labels = (*known, *(slug.replace("-", " ") for slug in slugs[len(known) :]))
    return MovedFeed(id_, labels, to, heads[id_].updated)


# one document


def _data(root: Path, path: str) -> bytes | None:
    """None for anything but a regular file: opening a pipe would block."""
    file = root / path
    with suppress(OSError):
        return file.read_bytes() if file.is_file() else None
    return None


def _read(root: Path, path: str) -> Head | None:
    """None for a file that is no feed, or whose head is missing."""
    name = path.rpartition("/")[2]
    data = _data(root, path) if name in NAMES else None
    if data is None:
        return None
    head = _json(data) if name.endswith(".json") else _xml(data)
    updated = _moment(head.updated) if head else None
    if head is None or updated is None:
        return None
    labels = tuple(one_line(label) for label in head.labels)
    return Head(path, one_line(head.title), updated, labels, head.address.strip(), head.entries)


@dataclass(slots=True)
class _HeadParser:
    """Collects the head of a document; its methods are handlers of expat."""

    title: str = ""
    updated: str = ""
    address: str = ""
    labels: list[str] = field(default_factory=list)
    entries: int = 0
    _open: list[str] = field(default_factory=list)
    _depth: int = 0
    _text: str = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._text = ""
        if self._depth > _DEEPEST:
            return
        self._open.append(name)
        place = tuple(self._open)
        self.entries += place in _ENTRIES
        if place in _LINKS and attributes.get("rel") == "self":
            self.address = attributes.get("href", "")
        if place in _TERMS and attributes.get("term"):
            self.labels.append(attributes["term"])

    def end(self, _name: str) -> None:
        if self._depth == len(self._open):
            place, text = tuple(self._open), self._text.strip()
            self.title = text if place in _TITLES else self.title
            self.updated = text if place in _DATES else self.updated
            self.labels += [text] if place in _TERMS and text else []
            self._open.pop()
        self._depth -= 1

    def text(self, text: str) -> None:
        if self._depth == len(self._open):
            self._text += text


def _xml(data: bytes) -> _HeadParser:
    head, parser = _HeadParser(), expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = head.start, head.end
    parser.CharacterDataHandler = head.text
    with suppress(expat.ExpatError, ValueError, LookupError):  # keep what was read before the damage
        parser.Parse(data, True)
    return head


def _json(data: bytes) -> _HeadParser | None:
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError):
        return None
    more = feed.get("_aggregator") if isinstance(feed, dict) else None
    if not isinstance(more, dict):
        return None
    labels = [label for label in or_empty(list, more.get("category")) if isinstance(label, str)]
    texts = feed.get("title"), more.get("updated"), feed.get("feed_url")
    title, updated, address = (or_empty(str, text) for text in texts)
    return _HeadParser(title, updated, address, labels, len(or_empty(list, feed.get("items"))))


def _moment(text: str) -> datetime | None:
    """RFC 3339 in Atom and JSON, RFC 822 in RSS."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        with suppress(ValueError, TypeError, OverflowError):
            moment = read(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment if moment >= SINCE else None
    return None
