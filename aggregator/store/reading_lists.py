"""Reading lists: the feeds of each when it was read last, and the source ids that they were given."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, delete, insert, select

from aggregator.codec import unpack
from aggregator.opml import Path as CategoryPath
from aggregator.store.schema import reading_list
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """A feed of a list. `title`: the title in the list, "" where it is the feed's own."""

    url: str
    title: str = ""
    categories: tuple[CategoryPath, ...] = ()


@dataclass(frozen=True, slots=True)
class ListRow(FromRow):
    """`feeds`: a packed tuple of ListedFeed; `ids`: URL → source id, also of feeds that left the list."""

    table: ClassVar[Table] = reading_list
    id: str
    url: str
    feeds: bytes | None = None
    ids: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    body_digest: str = ""
    last_attempt_at: datetime | None = None
    last_success_at: datetime | None = None
    next_read_at: datetime | None = None
    failures: int = 0
    error_kind: str = ""
    error_message: str = ""


def listed_in(row: ListRow) -> Sequence[ListedFeed]:
    """Raises DamagedError."""
    return unpack(row.feeds, tuple[ListedFeed, ...]) if row.feeds is not None else ()


class ReadingLists(TableQueries):
    def all(self) -> dict[str, ListRow]:
        statement = select(*ListRow.columns()).order_by(reading_list.c.id)
        return {row.id: ListRow(*row) for row in self._connection.execute(statement)}

    def put(self, row: ListRow) -> None:
        self._connection.execute(delete(reading_list).where(reading_list.c.id == row.id))
        self._connection.execute(insert(reading_list).values(**row.values()))
