"""Digests of removed entries: made from the entries, or read from the published tree after a lost state."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from aggregator.store.dialects import among
from aggregator.store.schema import entry, removal, sighting
from aggregator.store.table import FromRow, TableQueries


@dataclass(frozen=True, slots=True)
class RemovalRow(FromRow):
    """`number`: the same for all digests of one removed entry; `entry_id`: None where only the tree knows the entry;
    `kind`, `digest`, `length`: see dedup.removal.RemovalDigest; `made_of`: removal.Trait.key, "" if of the tree."""

    table: ClassVar[Table] = removal
    number: int
    entry_id: int | None
    kind: str
    digest: str
    length: int = 0
    made_of: str = ""


@dataclass(frozen=True, slots=True)
class RemovedSighting:
    """The columns that digests are made from."""

    id: int
    entry_id: int
    public_id: str
    source_id: str
    upstream_id: str
    canonical: str
    path: str
    title: str
    body: str


ALL = select(*RemovalRow.columns()).order_by(removal.c.number, removal.c.id)
ADD = insert(removal)
HIGHEST = select(func.max(removal.c.number))
BIND = update(removal).where(removal.c.number == bindparam("number_")).values(entry_id=bindparam("entry_id_"))
FORGET = delete(removal).where(among(removal.c.entry_id))
OF_REMOVED = (
    select(
        sighting.c.id,
        sighting.c.entry_id,
        entry.c.public_id,
        sighting.c.source_id,
        sighting.c.upstream_id,
        sighting.c.canonical,
        sighting.c.path,
        sighting.c.title,
        sighting.c.body,
    )
    .select_from(entry)
    .join(sighting, sighting.c.entry_id == entry.c.id)
    .where(entry.c.kept_back == "removed")
    .order_by(entry.c.id, sighting.c.id)
)


class Removals(TableQueries):
    def all(self) -> list[RemovalRow]:
        return [RemovalRow(*row) for row in self._connection.execute(ALL)]

    def sightings(self) -> list[RemovedSighting]:
        """Every sighting of a removed entry, ordered by entry."""
        return [RemovedSighting(*row) for row in self._connection.execute(OF_REMOVED)]

    def next_number(self) -> int:
        return (self._connection.execute(HIGHEST).scalar() or 0) + 1

    def add(self, rows: Iterable[RemovalRow]) -> None:
        self._execute_all(ADD, (row.values() for row in rows))

    def bind(self, number: int, entry_id: int) -> None:
        """Assigns digests of the tree to an entry."""
        self._connection.execute(BIND, {"number_": number, "entry_id_": entry_id})

    def forget(self, entry_ids: Iterable[int]) -> None:
        """Deletes the digests of entries that were restored."""
        self._change_each(FORGET, entry_ids)
