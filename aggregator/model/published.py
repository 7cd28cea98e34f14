"""Records of published feeds: rows of the index, and what the store keeps of each feed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.model.entry import CleanEntry, Entry

SETTLED_AFTER = timedelta(days=1)  # since the first publishing of a feed; from then on its address stays


class Stamp(NamedTuple):
    """Size in bytes and modification time in nanoseconds since 1970 of a file: another stamp suggests a change."""

    size: int
    mtime: int


class FileRow(NamedTuple):
    """A file of the output tree. `sha256`: of the bytes last written, "" while they are being written; `stamp`: None
    while unknown."""

    sha256: str
    stamp: Stamp | None = None

    @classmethod
    def stored(cls, sha256: str, size: int | None, mtime: int | None) -> "FileRow":
        """Of the columns of its row."""
        return cls(sha256, None if size is None or mtime is None else Stamp(size, mtime))


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """One published format of a feed. `href`: below the output tree; `entries`: their number in the document; `sha256`:
    "" for a folder of files."""

    href: str
    sha256: str
    entries: int


@dataclass(frozen=True, slots=True)
class Omission:
    """What a format of a feed lacks. `entry`: the id of an entry that is left out; "" where the whole document is
    withheld, and the one published before stays."""

    feed: str
    format: str
    entry: str
    why: str

    @property
    def message(self) -> str:
        if self.entry:
            return f"{self.entry}: left out of {self.format}: {self.why}"
        return f"{self.format} is withheld, the version published before stays: {self.why}"


@dataclass(frozen=True, slots=True)
class FeedListing:
    """One row of the index: a feed and its files by format (atom, rss, json, html, posts). `pages`: number of archive
    pages; `archive`: the folder of the newest one, below the tree; `archive_formats`: those that it is written in.
    `made`: digest of what the entries of its documents were made of; `shown`: of all that its documents and page show;
    `omissions`: what its formats lack; `total`: number of entries in its documents and archive, 0 where it was not
    counted yet."""

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
    shown: str = ""
    omissions: tuple[Omission, ...] = ()
    total: int = 0
    archive_formats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedContents:
    """The contents of a feed when it was published: numbers of the entries of its documents in order, and a digest of
    its head. `page_ids`: those of its page, () where they are the same."""

    ids: tuple[int, ...]
    head: str
    page_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class MovedFeed:
    """An address where a category's feed was. `to`: the feed that is there now, None where it was removed;
    `recorded_at`: when the old feed got that address."""

    id: str
    category: tuple[str, ...]
    to: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SealedPage:
    """A sealed archive page: names and bytes of its files. `kept`: clean drafts of its entries that pruning removed
    from their sightings, by number of the sighting."""

    files: tuple[tuple[str, bytes], ...]
    kept: tuple[tuple[int, CleanEntry], ...] = ()


@dataclass(frozen=True, slots=True)
class SourceListing:
    """A published source, as the index lists it.

    `link`: the publisher's own page, "" if unknown; `state`: new, ok, failing, gone, silent or paused; `since`: when it
    began, None where it is well; `feed`: the address of the publisher's feed, "" where it may not be told; `page`: of
    the source in the tree, "" for none; `says`: what happened to it, "" where it is well. Nothing here changes at each
    poll, because the index is written whenever this changes.
    """

    id: str
    title: str
    link: str = ""
    state: str = "ok"
    since: datetime | None = None
    feed: str = ""
    page: str = ""
    says: str = ""


@dataclass(frozen=True, slots=True)
class River:
    """The front page's entries, newest first. `older`: the href of the page that goes on, "" for none."""

    entries: tuple[Entry, ...]
    older: str = ""
