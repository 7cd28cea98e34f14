"""The words of what was published: what the index says of each feed, and what is remembered of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from aggregator.model.entry import CleanEntry


class Stamp(NamedTuple):
    """What stat(2) says of a file, by which a change of it is suspected: bytes, and nanoseconds since 1970."""

    size: int
    mtime: int


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One format of a feed as it was published: `href` below the output tree, `entries` in the document. `sha256` is ""
    for a folder of files."""

    href: str
    sha256: str
    entries: int


@dataclass(frozen=True, slots=True)
class FeedListing:
    """One row of the index: a feed and its editions by format (atom, rss, json, html, posts). `pages`: how many its
    archive has; `archive`: the folder of the newest, below the tree. `made`, `laid`: see reusing."""

    id: str
    title: str
    path: str
    updated: datetime
    entries: int
    category: tuple[str, ...] | None = None
    description: str = ""
    editions: tuple[tuple[str, PublishedFile], ...] = ()
    pages: int = 0
    archive: str = ""
    made: bytes = b""
    laid: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedContents:
    """What a feed held when it was published: its entries' numbers in order, and a digest of what it said of itself."""

    ids: tuple[int, ...]
    head: str


@dataclass(frozen=True, slots=True)
class MovedFeed:
    """An address that was a category's feed. `to`: the feed that it shows from here on, None where it was removed;
    `recorded_at`: when the address was given."""

    id: str
    category: tuple[str, ...]
    to: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A page of an archive as it was sealed: its files' names and bytes. `kept`: clean drafts of its entries that
    pruning took from their sightings, by the numbers of these."""

    files: tuple[tuple[str, bytes], ...]
    kept: tuple[tuple[int, CleanEntry], ...] = ()
