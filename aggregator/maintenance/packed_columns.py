"""Which record is packed in which column of the state, and a check that every value can be read."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from aggregator.codec import from_json, unpack
from aggregator.dedup.comparable import Comparable
from aggregator.dedup.sketch import TextSketch
from aggregator.errors import DamagedError
from aggregator.fetch import Answer
from aggregator.model.document import FeedInfo, RawEntry, ReadMarkup
from aggregator.model.entry import CleanEntry, Terms
from aggregator.model.poll_hints import PollHints
from aggregator.model.problems import PostNotes
from aggregator.model.published import FeedContents, FeedListing, SealedPage
from aggregator.polling.site_memory import SiteMemory
from aggregator.store import Transaction
from aggregator.store.reading_lists import ListedFeed
from aggregator.store.rows import Key
from aggregator.store.signatures import read_bands


@dataclass(frozen=True, slots=True)
class PackedColumn:
    """`read`: the function that reads a value; it raises DamagedError. `remedy`: what a repair does with a row whose
    value cannot be read."""

    table: str
    name: str
    read: Callable[[Any], Any]
    remedy: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A value that cannot be read, in the row of `column.table` with the primary key `key`."""

    column: PackedColumn
    key: Key
    fault: str

    def __str__(self) -> str:
        return f"{self.place} {self.fault}; `aggregator regenerate` repairs it: {self.column.remedy}"

    @property
    def place(self) -> str:
        row = ", ".join(map(str, self.key))
        return f"table {self.column.table}, row {row}: column {self.column.name} cannot be read:"


def _record(kind: Any) -> Callable[[Any], Any]:
    return lambda data: unpack(data, kind)


def _json(kind: Any) -> Callable[[Any], Any]:
    return lambda text: from_json(text, kind)


PULLED_AGAIN = "its source is pulled again"
DECIDED_AGAIN = "the categories of the entry are decided again"
COLUMNS = (
    PackedColumn("source", "about", _record(FeedInfo), "taken from the published tree"),
    PackedColumn("source", "pace", _record(PollHints), PULLED_AGAIN),
    PackedColumn("source", "boilerplate", _record(tuple[str, ...]), "it is computed again"),
    PackedColumn("source", "site_memory", _record(SiteMemory), "it is learned again"),
    PackedColumn("read_markup", "markup", _record(ReadMarkup), "the next document of its source is read whole"),
    PackedColumn("kept_answer", "answer", _record(Answer), PULLED_AGAIN),
    PackedColumn(
        "reading_list",
        "feeds",
        _record(tuple[ListedFeed, ...]),
        "made again from its sources, and the list is read again",
    ),
    PackedColumn("reading_list", "ids", _json(dict[str, str]), "taken from its sources"),
    PackedColumn("pull", "deleted", _json(list[str]), PULLED_AGAIN),
    PackedColumn(
        "arrival", "draft", _record(RawEntry), "made again from the clean entry, or its source is pulled again"
    ),
    PackedColumn("arrival", "clean", _record(CleanEntry), "made again from its draft, or its source is pulled again"),
    PackedColumn("arrival", "comparable", _record(Comparable), "made again from the clean entry"),
    PackedColumn("post_file", "notes", _record(PostNotes), "the file is read again"),
    PackedColumn("sighting", "draft", _record(RawEntry), "made again from the clean entry, or from the published tree"),
    PackedColumn("sighting", "clean", _record(CleanEntry), "made again from its draft, or from the published tree"),
    PackedColumn("sighting", "terms", _record(Terms), "taken from the clean entry"),
    PackedColumn("sighting", "sketch", _record(TextSketch), "made again from its text, where that is kept"),
    PackedColumn("entry", "placements", _json(list[tuple[str, list[str], list[str], str, str]]), DECIDED_AGAIN),
    PackedColumn("signature", "bands", read_bands, "it is made again"),
    PackedColumn("entry_category", "terms", _json(list[tuple[str, str | None]] | None), DECIDED_AGAIN),
    PackedColumn("feed", "listing", _record(FeedListing), "the feed is published again"),
    PackedColumn("feed", "contents", _record(FeedContents), "the feed is published again"),
    PackedColumn("rendered", "pieces", _record(dict[str, Any]), "the entry is rendered again"),
    PackedColumn(
        "archive_page", "page", _record(SealedPage), "taken from the published tree, or the archive is begun again"
    ),
)
BY_NAME = {(one.table, one.name): one for one in COLUMNS}


def find_damage(tx: Transaction) -> Iterator[Damage]:
    """Reads every packed value; changes nothing."""
    for column in COLUMNS:
        for key, (value,) in tx.rows.values(column.table, column.name):
            if value is not None and (fault := _fault(column, value)):
                yield Damage(column, key, fault)
    yield from _altered_bands(tx)
    yield from _altered_pages(tx)


def _fault(column: PackedColumn, value: Any) -> str:
    try:
        column.read(value)
    except DamagedError as error:
        return str(error).removeprefix("the state holds ")
    return ""


def _altered_bands(tx: Transaction) -> Iterator[Damage]:
    """Yields signatures whose bands differ from the rows of table band: packed bands have no checksum."""
    rows: dict[int, set[int]] = {}
    for (key, sighting_id), _ in tx.rows.values("band"):
        rows.setdefault(sighting_id, set()).add(key)
    column = BY_NAME["signature", "bands"]
    for key, (data,) in tx.rows.values("signature", "bands"):
        if not _fault(column, data) and set(read_bands(data)) != rows.get(key[0], set()):
            yield Damage(column, key, "its bands are not those of table band")


def _altered_pages(tx: Transaction) -> Iterator[Damage]:
    """Yields sealed pages whose bytes differ from those that were written to the tree."""
    column, files = BY_NAME["archive_page", "page"], tx.files.all()
    generations = {id_: row.generation for id_, row in tx.feeds.all().items()}
    for key, (data,) in tx.rows.values("archive_page", "page"):
        if _fault(column, data):
            continue
        folder = f"{key[0]}/archive/{generations.get(key[0], 0)}/{key[1]}/"
        for name, body in unpack(data, SealedPage).files:
            if files.get(folder + name) and files[folder + name] != hashlib.sha256(body).hexdigest():
                yield Damage(column, key, f"{name} is not what was published")
                break
