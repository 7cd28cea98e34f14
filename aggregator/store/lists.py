"""Reading lists: what each of them held when it was read last, and the ids that its feeds were given."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Table, delete, insert, select

from aggregator.store.part import FromRow, Part
from aggregator.store.schema import reading_list


@dataclass(frozen=True, slots=True)
class ListRow(FromRow):
    """`feeds`: lists.Listed of all its feeds, packed; `ids`: address → source id, also of feeds that left it."""

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


class Lists(Part):
    def all(self) -> dict[str, ListRow]:
        statement = select(*ListRow.columns()).order_by(reading_list.c.id)
        return {row.id: ListRow(*row) for row in self._connection.execute(statement)}

    def put(self, row: ListRow) -> None:
        self._connection.execute(delete(reading_list).where(reading_list.c.id == row.id))
        self._connection.execute(insert(reading_list).values(**row.values()))
